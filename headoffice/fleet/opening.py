"""Opening hours as people write them: ``Mon-Fri 09:00-21:00; Sat 10:00-18:00``.

Stored by weekday as pairs of local times, ``{"mon": [["09:00", "21:00"]]}``. Days that are left
out are closed; without any day the hours are not known. A time may be 24:00 at the end of a day.
"""

import re
from collections.abc import Mapping

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Hours = dict[str, list[list[str]]]
_PART = re.compile(r"([a-z]{3})(?:\s*[-–]\s*([a-z]{3}))?\s+(\S.*)")
_SPAN = re.compile(r"(\d{1,2})[:.](\d\d)\s*[-–]\s*(\d{1,2})[:.](\d\d)")


def parse(text: str) -> Hours:
    """The hours that a text says; ValueError with what is wrong with it."""
    hours: Hours = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;\n]", text.lower()))):
        found = _PART.fullmatch(part)
        if not found or found[1] not in DAYS or (found[2] or "mon") not in DAYS:
            raise ValueError(f"“{part}” is not like “Mon-Fri 09:00-21:00”")
        first, last = DAYS.index(found[1]), DAYS.index(found[2] or found[1])
        if last < first:
            raise ValueError(f"“{part}” ends before it begins: write the days in order")
        spans = [_span(span.strip(), part) for span in found[3].split(",")]
        for day in DAYS[first : last + 1]:
            hours[day] = sorted([*hours.get(day, []), *spans])
            if any(a[1] > b[0] for a, b in zip(hours[day], hours[day][1:], strict=False)):
                raise ValueError(f"“{part}” overlaps other hours of the same day")
    return {day: hours[day] for day in DAYS if day in hours}


def _span(text: str, part: str) -> list[str]:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"“{part}” is not like “Mon-Fri 09:00-21:00”")
    times = [f"{int(found[i]):02}:{found[i + 1]}" for i in (1, 3)]
    if any(int(time[3:]) > 59 or time > "24:00" for time in times):
        raise ValueError(f"“{part}” holds a time that no clock shows")
    if times[0] >= times[1]:
        raise ValueError(f"“{part}” closes before it opens")
    return times


def text_of(hours: Mapping[str, list[list[str]]]) -> str:
    """The shortest text for these hours; parse() reads it back."""
    parts: list[tuple[list[str], str]] = []
    for day in DAYS:
        spans = ", ".join(f"{opens}-{closes}" for opens, closes in hours.get(day, []))
        if not spans:
            continue
        follows = parts and DAYS.index(parts[-1][0][-1]) == DAYS.index(day) - 1
        if follows and parts[-1][1] == spans:
            parts[-1][0].append(day)
        else:
            parts.append(([day], spans))
    return "; ".join(f"{_days(days)} {spans}" for days, spans in parts)


def _days(days: list[str]) -> str:
    first, last = days[0].capitalize(), days[-1].capitalize()
    return first if first == last else f"{first}-{last}"
