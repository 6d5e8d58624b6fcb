"""When a message was made, by the head office's clock."""

from collections.abc import Iterable
from typing import NamedTuple

from sync.messages import Moment, Sighting


class Happened(NamedTuple):
    """Unix time in ms, and whether it rests on our clock or is the kiosk's word."""

    ms: int
    certain: bool


class Timeline:
    """What one delivery tells about the kiosk's clocks."""

    def __init__(self, sent: Moment, sightings: Iterable[Sighting], received_ms: int) -> None:
        best: dict[str, Sighting] = {}
        for sighting in sightings:
            if sighting.boot not in best or sighting.error_ms < best[sighting.boot].error_ms:
                best[sighting.boot] = sighting
        self._sightings, self._sent, self._received_ms = best, sent, received_ms

    @property
    def boots(self) -> frozenset[str]:
        """The runs of the kiosk whose clock is known."""
        return frozenset(self._sightings) | {self._sent.boot}

    def true_ms(self, boot: str, mono_ms: int) -> int | None:
        """Unix time of an instant of a boot by our clock; None if nothing is known of the boot."""
        if sighting := self._sightings.get(boot):
            return sighting.head_ms + mono_ms - sighting.mono_ms
        if boot == self._sent.boot:
            return self._received_ms - (self._sent.mono_ms - mono_ms)
        return None

    def happened(self, moment: Moment) -> Happened:
        """When this was, never later than now and never before 1970."""
        ms = self.true_ms(moment.boot, moment.mono_ms)
        certain = ms is not None
        possible = max(0, min(moment.wall_ms if ms is None else ms, self._received_ms))
        return Happened(possible, certain)
