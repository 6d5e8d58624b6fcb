"""How many bytes a worker keeps for its clients: bodies that come, replies that go.

One client can take little, but there are thousands of connections. Above the limit whoever is
slowest loses what is kept for them: it costs an attacker more to be quick than to be slow, and
among the quick nobody stays for long. Those who may send much, kiosks and members, lose it last.
"""

import threading
from typing import Protocol

from headoffice.server.limits import HELD_BYTES, PIECE_BYTES

_ENOUGH = 0.9
"""Of the limit: a little more is given back at once than has to be, as all are looked at for it."""


def quickness(passed: int, age_s: float) -> float:
    """Bytes a second, and who has just come counts as fairly quick.

    The first piece says nothing: the kernel takes as much of a reply for whoever reads none of it.
    """
    return max(passed, PIECE_BYTES) / (age_s + 1)


class Holder(Protocol):
    """A client for whom bytes are kept while they are on their way."""

    def importance(self) -> tuple[bool, float]:
        """The lowest loses first: whether it was admitted, and how quick it is."""

    def drop(self) -> None:
        """What was kept for it is not counted any more: forget it, and end."""


class MemoryBudget:
    """Of one worker; used by its event loop, but for ``give_back``."""

    def __init__(self, most: int = HELD_BYTES) -> None:
        self._most, self._lock = most, threading.Lock()
        self._on_the_way: dict[Holder, int] = {}
        self.held = 0
        """All bytes that are kept at the moment."""

    def take(self, holder: Holder, size: int) -> None:
        """So many bytes more are kept for a client, which may be the one that loses them."""
        self._on_the_way[holder] = self._on_the_way.get(holder, 0) + size
        with self._lock:
            self.held += size
        if self.held > self._most:
            self._make_room()

    def release(self, holder: Holder) -> None:
        """Nothing is kept for this client any more, if anything was."""
        self.give_back(self._on_the_way.pop(holder, 0))

    def hand_over(self, holder: Holder) -> int:
        """What is kept for this client is in use: nobody takes it away until it is given back."""
        return self._on_the_way.pop(holder, 0)

    def give_back(self, size: int) -> None:
        """So many bytes are not kept any more; from any thread."""
        with self._lock:
            self.held -= size

    def _make_room(self) -> None:
        for holder in sorted(self._on_the_way, key=lambda holder: holder.importance()):
            if self.held <= _ENOUGH * self._most:
                return
            self.release(holder)
            holder.drop()
