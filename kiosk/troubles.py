"""What is wrong with this kiosk and should be seen by a person: in the log, by staff, far away.

::

    board = TroubleBoard()
    board.report("touch", Trouble("touch", "hidinput,/dev/input/event0"))
    board.report("touch")          # it is well again
    board.current                  # what Status, `hymio-kiosk status` and the heartbeat tell
"""

import logging
import threading

from sync.messages import Trouble

log = logging.getLogger(__name__)

MAX_DETAIL = 300
"""Characters of a detail that the head office takes."""


def trouble(kind: str, detail: str = "", count: int | None = None) -> Trouble:
    """A trouble whose detail is cut to what the head office takes."""
    cut = detail if len(detail) <= MAX_DETAIL else f"{detail[: MAX_DETAIL - 1]}…"
    return Trouble(kind, cut, count)


class TroubleBoard:
    """What each part of the kiosk has to report; any thread may call it."""

    def __init__(self) -> None:
        self._by_source: dict[str, tuple[Trouble, ...]] = {}
        self._lock = threading.Lock()

    def report(self, source: str, *troubles: Trouble) -> None:
        """This and nothing else is wrong now, as far as ``source`` knows; the log hears of it."""
        with self._lock:
            before = self._by_source.get(source, ())
            self._by_source[source] = troubles
        for each in troubles:
            if (each.kind, each.detail) not in {(known.kind, known.detail) for known in before}:
                log.error("%s", describe_trouble(each))
        if before and not troubles:
            log.info("Well again: %s.", ", ".join(each.kind for each in before))

    @property
    def current(self) -> tuple[Trouble, ...]:
        """Everything that is wrong now."""
        with self._lock:
            return tuple(each for told in self._by_source.values() for each in told)


_WORDS = {
    "outbox_damaged": "Stored answers were damaged: {cost}; the damaged file is kept as {detail}",
    "settings": "Settings with mistakes are left aside: {detail}",
    "overrides": "What staff changed can't be used: {detail}",
    "configuration": "The head office's configuration is not in use: {detail}",
    "questionnaire": "The questionnaire can't be used: {detail}",
    "touch": "The touch panel is missing, the window's own touch is used: {detail}",
    "untouched": "Nobody has touched the screen for unusually long: {count} hours of opening",
}


def describe_trouble(told: Trouble) -> str:
    """A trouble in English, for the log and for commands."""
    words = _WORDS.get(told.kind, f"{told.kind}: {{detail}}")
    return words.format(cost=_cost(told.count), detail=told.detail, count=told.count)


def _cost(lost: int | None) -> str:
    if lost is None:
        return "nobody knows how many messages are lost"
    return f"at least {lost} messages are lost" if lost else "no message is lost"
