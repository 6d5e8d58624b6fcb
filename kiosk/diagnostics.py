"""The latest lines of this program's log, without what is nobody else's business.

::

    logging.getLogger().addHandler(LATEST)
    LATEST.text()
"""

import logging
import platform
import re
from collections import deque
from importlib import metadata

from sync.commands import MAX_DETAIL

_LINES = 400
_SECRETS = (
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), "[credential]"),
    (re.compile(r"(?i)(bearer|password|pin|secret|token)([ :=]+)\S+"), r"\1\2[secret]"),
    (re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b"), "[code]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[address]"),
    (re.compile(r"(?<=://)[^/\s@]+@"), "[login]@"),
    (re.compile(r"/(?:home|root|Users)/[^/\s]+"), "/home/[user]"),
)


def redacted(text: str) -> str:
    """A text without credentials, codes, e-mail addresses and names of accounts."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text.replace("\0", "")


class LatestLines(logging.Handler):
    """Keeps the last lines of the log in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        try:
            self._lines.append(self.format(record))
        except Exception:  # noqa: BLE001 - a log may not end what it tells about
            self.handleError(record)

    def text(self) -> str:
        """What is kept, the newest last, without secrets; of a size that a heartbeat may have."""
        head = f"hymio {metadata.version('hymio')}, Python {platform.python_version()}"
        head += f", {platform.platform()}\n"
        lines = redacted("\n".join(tuple(self._lines)))
        return head + lines[-(MAX_DETAIL - len(head)) :]


LATEST = LatestLines()
"""Of this process."""
