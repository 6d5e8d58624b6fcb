"""What concerns security, one line each, for who looks afterwards.

::

    2026-11-30 09:12:44 INFO hymio.security: event=login actor=person:3 object=person:3

People are named by their number (that of their address under *People*), so that no line holds a
name, an address or a secret, nor anything that a stranger has typed. Of each event that strangers
can cause, a process writes a few lines in a minute and then how many more there were: nobody can
fill a disk with them, or hide one line among thousands of others.
"""

import logging
import re
import threading
from collections import Counter

from django.db.models import Model

from headoffice import clock

NAME = "hymio.security"
LINES_PER_MINUTE = 10
MINUTE_S = 60.0
SHELL = "shell"
"""The actor, when a command was typed."""
_log = logging.getLogger(NAME)
_ABOUT_REQUESTS = ("django.security", "django.request", "headoffice.web", "headoffice.api")
_PLAIN = re.compile(r"[^A-Za-z0-9_.:,+-]")


def record(event: str, actor: object = None, about: object = None, **more: object) -> None:
    """Write one line; ``actor`` and ``about`` are people, other rows, or a plain word."""
    words = {"actor": _named(actor), "object": _named(about), **more}
    line = " ".join(f"{name}={_plain(value)}" for name, value in words.items())
    _log.info("event=%s %s", event, line)


def record_guess(event: str, about: object = None, **more: object) -> None:
    """Write a line for what strangers can cause, or count it if there are many."""
    if _limiter.admits(event):
        record(event, None, about, **more)


def _named(what: object) -> str:
    if isinstance(what, str):
        return what
    # Asked so, since who is logged in comes in a wrapping; nobody in particular has no number.
    number = getattr(what, "pk", None)
    if not isinstance(what, Model) or number is None:
        return "-"
    kind = what._meta.model_name  # noqa: SLF001 - Django's documented name
    return f"{'person' if kind == 'user' else kind}:{number}"


def _plain(value: object) -> str:
    return _PLAIN.sub("_", str(value)) or "-"


class LineLimiter:
    """Of each event so many lines in a minute; then one that says how many more there were."""

    def __init__(self, minute_s: float = MINUTE_S) -> None:
        self._minute_s = minute_s
        self._lock = threading.Lock()
        self._begun = 0.0
        self._lines: Counter[str] = Counter()
        self._timer: threading.Timer | None = None

    def admits(self, event: str) -> bool:
        """Whether this one is written."""
        with self._lock:
            if clock.mono() - self._begun >= self._minute_s:
                self._sum_up()
            self._lines[event] += 1
            if self._lines[event] <= LINES_PER_MINUTE:
                return True
            if self._timer is None:
                # Said at the end of the minute, also if nothing comes any more.
                self._timer = threading.Timer(self._minute_s, self.sum_up)
                self._timer.daemon = True
                self._timer.start()
            return False

    def sum_up(self) -> None:
        """Say how many were not written, and begin the next minute."""
        with self._lock:
            self._sum_up()

    def _sum_up(self) -> None:
        for event, count in sorted(self._lines.items()):
            if count > LINES_PER_MINUTE:
                record(event, more=count - LINES_PER_MINUTE)
        self._lines.clear()
        self._begun, timer, self._timer = clock.mono(), self._timer, None
        if timer is not None:
            timer.cancel()


class LimitedLines(logging.Filter):
    """The same for lines about requests: those that Django refused, and those that failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        return not record.name.startswith(_ABOUT_REQUESTS) or _limiter.admits(record.name)


_limiter = LineLimiter()
