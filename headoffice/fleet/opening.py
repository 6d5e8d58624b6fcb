"""Opening hours as people write them: ``Mon-Fri 09:00-21:00; Sat 10:00-18:00``.

Stored by weekday as pairs of local times, ``{"mon": [["09:00", "21:00"]]}``. Days that are left
out are closed; without any day the hours are not known. A time may be 24:00 at the end of a day.
Days are read in English, as files have them, and in the language of the page.
"""

import re
from collections.abc import Mapping

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = dict[str, list[list[str]]]
_PART = re.compile(r"([^\W\d_]+)\.?(?:\s*[-–]\s*([^\W\d_]+)\.?)?\s+(\S.*)")
_SPAN = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–]\s*(\d{1,2})[:.](\d\d)")


def parse(text: str) -> Hours:
    """The hours that a text says; ValueError with what is wrong with it."""
    hours: Hours = {}
    numbers = {name: number for names in (DAYS, here()) for number, name in enumerate(names)}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", text.lower()))):
        found = _PART.fullmatch(part)
        if not found or found[1] not in numbers or (found[2] or "mon") not in numbers:
            raise ValueError(_odd(part))
        first, last = numbers[found[1]], numbers[found[2] or found[1]]
        if last < first:
            raise ValueError(
                _("“%(part)s” ends before it begins: write the days in order.") % {"part": part}
            )
        spans = [_span(span.strip(), part) for span in found[3].split(",")]
        for day in DAYS[first : last + 1]:
            hours[day] = sorted([*hours.get(day, []), *spans])
            if any(a[1] > b[0] for a, b in zip(hours[day], hours[day][1:], strict=False)):
                raise ValueError(
                    _("“%(part)s” overlaps other hours of the same day.") % {"part": part}
                )
    return {day: hours[day] for day in DAYS if day in hours}


def _span(text: str, part: str) -> list[str]:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(_odd(part))
    times = [f"{int(found[i]):02}:{found[i + 1]}" for i in (1, 3)]
    if any(int(time[3:]) > 59 or time > "24:00" for time in times):
        raise ValueError(_("“%(part)s” holds a time that no clock shows.") % {"part": part})
    if times[0] >= times[1]:
        raise ValueError(_("“%(part)s” closes before it opens.") % {"part": part})
    return times


def _odd(part: str) -> str:
    example = f"{_days([0, 4], here())} 09:00-21:00"
    return _("“%(part)s” is not like “%(example)s”.") % {"part": part, "example": example}


def here() -> tuple[str, ...]:
    """The short names of the weekdays in the language of the page, from Monday."""
    return tuple(str(WEEKDAYS_ABBR[number]).lower().rstrip(".") for number in range(7))


def text_of(hours: Mapping[str, list[list[str]]], names: tuple[str, ...] = DAYS) -> str:
    """The shortest text for these hours, with these names of days; parse() reads it back."""
    parts: list[tuple[list[int], str]] = []
    for number, day in enumerate(DAYS):
        spans = ", ".join(f"{opens}-{closes}" for opens, closes in hours.get(day, []))
        if not spans:
            continue
        follows = parts and parts[-1][0][-1] == number - 1
        if follows and parts[-1][1] == spans:
            parts[-1][0].append(number)
        else:
            parts.append(([number], spans))
    return "; ".join(f"{_days(days, names)} {spans}" for days, spans in parts)


def _days(days: list[int], names: tuple[str, ...]) -> str:
    first, last = names[days[0]].capitalize(), names[days[-1]].capitalize()
    return first if first == last else f"{first}-{last}"
