"""The machine's own time zone: what ``date`` shows, by TZ or by /etc/localtime."""

import io
import os
import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

LOCALTIME = Path("/etc/localtime")
_RULES = re.compile(r"(<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})[+-]?\d[\w:,./<>+-]*")


def local_zone(environment: Mapping[str, str] = os.environ) -> tzinfo:
    """As the C library reads TZ: a name, a file or rules, empty is UTC; else /etc/localtime.

    UTC where neither says any.
    """
    told = environment.get("TZ")
    if told is None:
        return _by_file(LOCALTIME) or UTC
    text = told.removeprefix(":")
    if text.startswith("/"):
        return _by_file(Path(text)) or UTC
    return _by_text(text) or UTC


@lru_cache(8)
def _by_text(text: str) -> tzinfo | None:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # a folder, no name at all, an unknown one
        pass
    if not _RULES.fullmatch(text):
        return None
    try:
        return ZoneInfo.from_file(io.BytesIO(_file_of(text)), text)
    except ValueError:
        return None


def _by_file(file: Path) -> tzinfo | None:
    try:
        with file.open("rb") as content:
            return ZoneInfo.from_file(content)
    except (OSError, ValueError):
        return None


def _file_of(rules: str) -> bytes:
    """A zone's file (RFC 8536) with one type of time and these rules for all times."""
    # isutcnt, isstdcnt, leapcnt, timecnt, typecnt and charcnt; then UTC with the name "UTC".
    header = b"TZif2" + bytes(15) + b"".join(n.to_bytes(4, "big") for n in (0, 0, 0, 0, 1, 4))
    block = bytes(6) + b"UTC\0"
    return (header + block) * 2 + b"\n" + rules.encode() + b"\n"
