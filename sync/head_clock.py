"""What a kiosk takes the head office's clock to show, and what it tells about it."""

from collections.abc import Sequence

from sync.clock import Clock
from sync.clock_trust import AGREE_WITHIN_MS, contradicts_belief, possible
from sync.failure_texts import CLOCK_CONTRADICTS, CLOCK_IMPOSSIBLE
from sync.messages import Moment, Sighting
from sync.outbox.protocol import ClockSightings


class HeadOfficeClock:
    """The sightings of an outbox, in the present boot."""

    def __init__(self, outbox: ClockSightings, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock

    def hear(self, sighting: Sighting | None) -> str:
        """Take in what a receipt told; what is wrong with it, in words, or empty."""
        if sighting is None:
            return CLOCK_IMPOSSIBLE
        now = self._clock.moment()
        here = sighting.boot == now.boot
        self._outbox.record_sighting(sighting, now.wall_ms - now.mono_ms if here else None)
        believed = self._believed(sighting.boot)
        doubted = believed is not None and contradicts_belief(sighting, believed)
        return CLOCK_CONTRADICTS if doubted else ""

    def offset_ms(self) -> int | None:
        """Head office minus kiosk; None while it isn't known."""
        now = self._clock.moment()
        believed = self._believed(now.boot)
        if believed is None or believed.error_ms > AGREE_WITHIN_MS:
            return None
        return believed.true_ms(now) - now.wall_ms

    def now_ms(self) -> int:
        """Now by the head office's clock, as far as that is believed; else by the kiosk's own."""
        now = self._clock.moment()
        believed = self._believed(now.boot)
        return now.wall_ms if believed is None else believed.estimate(now).ms

    def is_known(self) -> bool:
        """Whether anything is known of it in this boot."""
        return self._believed(self._clock.moment().boot) is not None

    def sightings(self, boots: Sequence[str], now: Moment) -> tuple[Sighting, ...]:
        """What is known of the clocks of these boots, be it only what is possible."""
        known = tuple(each for each in self._outbox.sightings(boots) if possible(each.head_ms))
        unknown = set(boots) - {sighting.boot for sighting in known}
        return known if not unknown else (*known, *self._outbox.bounds(tuple(unknown), now))

    def _believed(self, boot: str) -> Sighting | None:
        return next(iter(self._outbox.sightings((boot,))), None)
