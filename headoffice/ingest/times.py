"""When a message was made, by the head office's clock."""

from collections.abc import Iterable
from uuid import UUID

from headoffice.messages.models import BootBounds
from sync.messages import Moment, Sighting


class Timeline:
    """What one delivery tells about the kiosk's clocks."""

    def __init__(self, sent: Moment, sightings: Iterable[Sighting], received_ms: int) -> None:
        best: dict[str, Sighting] = {}
        for sighting in sightings:
            if sighting.boot not in best or sighting.error_ms < best[sighting.boot].error_ms:
                best[sighting.boot] = sighting
        self._sightings, self._sent, self._received_ms = best, sent, received_ms
        # What to add to the monotonic clock of a boot for the time here, where it is known.
        self._zeros = {sent.boot: received_ms - sent.mono_ms}
        for boot, sighting in best.items():
            if sighting.certain:
                self._zeros[boot] = sighting.head_ms - sighting.mono_ms
            else:
                self._zeros.pop(boot, None)

    @property
    def boots(self) -> frozenset[str]:
        """The runs of the kiosk of whose clock something is known."""
        return frozenset(self._sightings) | {self._sent.boot}

    def happened(self, moment: Moment) -> tuple[int, bool]:
        """When this was, in Unix ms, and whether that rests on this clock or is the kiosk's word.

        Never later than now and never before 1970. Of a boot that never heard from here only bounds
        may be known: then it is the kiosk's word, as far as that is possible.
        """
        zero = self._zeros.get(moment.boot)
        if zero is not None:
            ms = zero + moment.mono_ms
        elif sighting := self._sightings.get(moment.boot):
            ms = sighting.estimate(moment).ms
        else:
            ms = moment.wall_ms
        # Nearly always it is possible as it is: asked first, as this is done for every message.
        if not 0 <= ms <= self._received_ms:
            ms = max(0, min(ms, self._received_ms))
        return ms, zero is not None

    @property
    def bounds(self) -> tuple[Sighting, ...]:
        """What is known of boots that never heard from here."""
        return tuple(each for each in self._sightings.values() if not each.certain)


def record_bounds(kiosk: int, wide: Iterable[Sighting]) -> None:
    """Remember what is known of boots whose messages can't be timed, the narrowest of each."""
    for each in wide:
        zero = each.head_ms - each.mono_ms
        fresh = {"earliest_ms": zero - each.error_ms, "latest_ms": zero + each.error_ms}
        row, made = BootBounds.objects.get_or_create(
            kiosk=kiosk, boot=UUID(each.boot), defaults=fresh
        )
        if not made:
            earliest = max(row.earliest_ms, fresh["earliest_ms"])
            latest = min(row.latest_ms, fresh["latest_ms"])
            if (earliest, latest) != (row.earliest_ms, row.latest_ms) and earliest <= latest:
                row.earliest_ms, row.latest_ms = earliest, latest
                row.save(update_fields=["earliest_ms", "latest_ms"])
