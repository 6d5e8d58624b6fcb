"""How often a kiosk may begin a new installation: enough for every mishap, not for a mad receipt.

A restored or copied card begins one, once. A head office that claims in every receipt to have more
than the card has would make a kiosk number what waits anew without end.
"""

import logging

from sync.clock import Clock
from sync.messages import Receipt, fingerprint
from sync.outbox.protocol import DeliveryQueue, Position

OTHER_CARD = "another card uses this kiosk's numbers"
_log = logging.getLogger(__name__)

AT_ONCE = 3
"""So many in a day need no pause."""
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


class Beginnings:
    """Begins new installations, and paces them: pauses that double, to an hour; some thirty a day.

    The caller sees to it that one thread at a time is in here.
    """

    def __init__(self, outbox: DeliveryQueue, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._begun_ms: list[int] = []
        """When, within the last day, by the monotonic clock."""
        self.due = ""
        """Why one has to begin as soon as it may; empty if none has."""

    def begin(self, reason: str) -> float:
        """Begin one, or note that it is due; seconds until it may, 0 if it has begun."""
        now_ms = self._clock.mono_ms()
        if pause_s := self._pause_s(now_ms):
            self.due = reason
            return pause_s
        self.due = ""
        self._begun_ms.append(now_ms)
        name = self._outbox.renew()
        _log.warning("installation %s begins: %s", name, reason)
        return 0.0

    def reason(self, receipt: Receipt, position: Position, last_seq: int) -> str:
        """Why, by a receipt for what was sent from ``position``, one has to begin; empty: none."""
        if self.is_contradicted(receipt, position):
            return OTHER_CARD
        return "the head office is ahead of this card" if receipt.highest > last_seq else ""

    def is_contradicted(self, receipt: Receipt, position: Position) -> bool:
        """Whether another card's message stands where one of this card had been delivered.

        It happens where the head office is put back, and a copied card is the first to fill the
        numbers anew. Two cards that have parted never number the same again, so one number tells.
        """
        newest = receipt.newest
        if newest is None or newest.seq > position.watermark:
            return False
        mine = self._outbox.message(position.installation, newest.seq)
        return mine is not None and fingerprint(mine).hex() != newest.fingerprint

    def _pause_s(self, now_ms: int) -> float:
        self._begun_ms = [ms for ms in self._begun_ms if now_ms - ms < _DAY_MS]
        beyond = len(self._begun_ms) - AT_ONCE
        if beyond < 0:
            return 0.0
        pause_ms = min(_FIRST_PAUSE_MS << min(beyond, 10), _LONGEST_PAUSE_MS)
        return max(self._begun_ms[-1] + pause_ms - now_ms, 0) / 1000
