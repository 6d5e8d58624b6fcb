"""What types can't say about opening hours."""

from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.errors import Mistake
from config.settings import WEEKDAYS, Hours


def hours_mistakes(hours: Hours) -> Iterator[Mistake]:
    """An unknown time zone; ranges of a day that are empty or overlap."""
    if hours.time_zone:
        try:
            ZoneInfo(hours.time_zone)
        except (OSError, ValueError, KeyError):  # a folder, no name at all, an unknown one
            yield Mistake("hours.time_zone", repr(hours.time_zone), "like 'Europe/Helsinki'")
    for day in WEEKDAYS:
        spans = sorted(_span(text) for text in getattr(hours, day) or ())
        if any(begin == end for begin, end in spans):
            yield Mistake(f"hours.{day}", "a range that ends as it begins", "it lasts a while")
        if any(begins < ends for (_, ends), (begins, _) in pairwise(spans)):
            yield Mistake(f"hours.{day}", "ranges that overlap", "one ends before the next begins")


def _span(text: str) -> tuple[int, int]:
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return begin, end + (24 * 60 if end < begin else 0)
