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

    def happened(self, moment: Moment) -> Happened:
        """When this was, never later than now and never before 1970."""
        if sighting := self._sightings.get(moment.boot):
            return Happened(self._possible(sighting.true_ms(moment)), certain=True)
        if moment.boot == self._sent.boot:
            ago = self._sent.mono_ms - moment.mono_ms
            return Happened(self._possible(self._received_ms - ago), certain=True)
        return Happened(self._possible(moment.wall_ms), certain=False)

    def _possible(self, ms: int) -> int:
        return max(0, min(ms, self._received_ms))
