"""The time zone that places get if nobody says another one: by HYMIO_TIME_ZONE, or the machine's.

The machine's is what ``date`` shows, by its IANA name. Where that is not told, or told wrongly, as
in a container that was given the clock of its host without the link, it is the zone whose clocks
show the same.
"""

import os
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from headoffice.errors import ConfigurationError

LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")
_FIRST_DAY, _DAYS = datetime(2024, 1, 1, 12, tzinfo=UTC), 366 * 10
_SEVERAL = 28
"""Days between those that are compared first."""
_POSIX = re.compile(r"(<[A-Za-z0-9+-]{3,}>|[A-Za-z]{3,})[+-]?\d")


class DefaultZone(NamedTuple):
    """A time zone, and what it was taken from."""

    name: str
    source: str
    """A variable of the environment or a file; empty where nothing says any."""

    @property
    def is_utc_by_machine(self) -> bool:
        """Whether it is UTC without anybody having said so for this head office."""
        return self.source != "HYMIO_TIME_ZONE" and _shows_the_same(load(self.name), UTC)


def default_zone(environment: Mapping[str, str] = os.environ) -> DefaultZone:
    """What new places get; ConfigurationError for a name that there is none of."""
    if name := environment.get("HYMIO_TIME_ZONE"):
        if not _is_known(name):
            raise _unknown("HYMIO_TIME_ZONE", name)
        return DefaultZone(name, "HYMIO_TIME_ZONE")
    if (given := environment.get("TZ")) is not None:
        return DefaultZone(_by_variable(given), "TZ")
    return DefaultZone(*_by_file(LOCALTIME))


def load(name: str) -> tzinfo:
    """A zone as the locked data has it, whatever lies under that name on this machine."""
    packaged = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    try:
        with packaged.open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, name)
    except OSError:
        return zoneinfo.ZoneInfo(name)


def _unknown(variable: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{variable} is {name!r}, and there is no such time zone: one is called Europe/Helsinki "
        "(`timedatectl list-timezones` lists all)"
    )


@cache
def _names() -> frozenset[str]:
    # It walks through folders each time, which is felt where many names are looked up.
    return frozenset(zoneinfo.available_timezones())


def _is_known(name: str) -> bool:
    return name in _names()


def _by_variable(given: str) -> str:
    """As the C library reads TZ: a name, a file, or rules; empty is UTC."""
    text = given.removeprefix(":")
    if not text:
        return "UTC"
    if _is_known(text):
        return text
    if text.startswith("/"):
        name, source = _by_file(Path(text))
        if source:
            return name
    elif _POSIX.match(text):
        for name in _candidates():
            if _rules_of(name) == text:
                return name
    raise _unknown("TZ", given)


def _by_file(file: Path) -> tuple[str, str]:
    try:
        with file.open("rb") as content:
            shown = zoneinfo.ZoneInfo.from_file(content)
    except (OSError, ValueError):
        # Of a machine without the rules of zones: what it is set to is known all the same.
        name = _name_of_link(file)
        return (name, str(file)) if _is_known(name) else ("UTC", "")
    hints = (_name_of_link(file), _name_in(TIMEZONE))
    # One after the other: as a rule the first is right, and to read every zone takes long.
    for name in chain(hints, _copies_of(file), _candidates()):
        if name and _is_known(name) and _shows_the_same(load(name), shown):
            return name, str(file)
    # Rules that the locked data doesn't know yet: then the link is to be believed.
    known = next((name for name in hints if name and _is_known(name)), "")
    return (known, str(file)) if known else ("UTC", "")


def _name_of_link(file: Path) -> str:
    """``/usr/share/zoneinfo/Europe/Helsinki`` says its name."""
    return str(file.resolve()).partition("/zoneinfo/")[2].removeprefix("posix/")


def _name_in(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, ValueError):
        return ""


def _copies_of(file: Path) -> Iterator[str]:
    """The zones whose files are the same to the last byte, the usual names first."""
    content = file.read_bytes()
    for name in _candidates():
        for folder in zoneinfo.TZPATH:
            found = Path(folder) / name
            if found.is_file() and found.read_bytes() == content:
                yield name


def _candidates() -> Iterator[str]:
    """All zones; those first that stand for a country, and UTC before all that show the same."""
    table = files("tzdata.zoneinfo").joinpath("zone1970.tab").read_text()
    usual = [line.split("\t")[2].strip() for line in table.splitlines() if line[0] != "#"]
    yield from dict.fromkeys(("Etc/UTC", *usual, *sorted(_names())))


def _shows_the_same(one: tzinfo, other: tzinfo) -> bool:
    """Whether clocks of both show the same in these years; asked roughly first."""
    return all(
        (at := _FIRST_DAY + timedelta(days=day)).astimezone(one).utcoffset()
        == at.astimezone(other).utcoffset()
        for step in (_SEVERAL, 1)
        for day in range(0, _DAYS, step)
    )


def _rules_of(name: str) -> str:
    """The last line of a zone's file: its rules from now on, as TZ may have them (RFC 8536)."""
    packaged = files("tzdata.zoneinfo").joinpath(*name.split("/"))
    try:
        return packaged.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[2].decode("ascii")
    except (OSError, ValueError):
        return ""
