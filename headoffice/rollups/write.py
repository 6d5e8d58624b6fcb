"""Keeps the counts equal to the stored messages.

Of everything said about one question of one response the last word counts: the one with the
highest number of the newest installation (``counts`` in the table of messages). Messages may come
late, twice and in any order, and the head office may learn later when one was made, where its
kiosk stood or that it was misuse: whatever changes about a message, what it added is taken back
and what it is worth now is added.
"""

import functools
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from django.db import connection

from config.values import ChoiceValue
from headoffice import clock
from headoffice.db.bulk import Table
from headoffice.fleet.models import ExperiencePoint
from headoffice.messages.contacts import StoredContact
from headoffice.messages.models import CONSENT_PREFIX
from headoffice.messages.rows import MessageRow
from headoffice.rollups import local_time

SKIP_WORD = "skipped"
LONGEST_MS = 24 * 3600 * 1000
"""A question counts as having been on the screen for a day at most, whatever a kiosk says."""
UNREADABLE_WORD = "unreadable"
"""Of a stored value that is damaged: counted as itself, and an answer to no question."""
LEFT_PREFIX = "left:"
"""Before the id of the question that was on the screen when the shopper left."""
_ANSWER, _SKIP, _END = 1, 2, 3
_ANY_TEXT = '""'
_KEY = ("kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test")
_KINDS = {
    "kiosk": "int",
    "hour_ms": "int",
    "point": "int",
    "version": "int",
    "question": "text",
    "value": "text",
    "language": "text",
    "misuse": "text",
    "test": "bool",
    "day": "date",
    "count": "int",
    "took_ms": "int",
}
_COUNTERS = ("count", "took_ms")
hourly = Table("results_hourly", _KEY, _KINDS)
late = Table("results_late", _KEY, _KINDS)
daily = Table(
    "results_daily",
    tuple("day" if name == "hour_ms" else name for name in _KEY),
    {name: kind for name, kind in _KINDS.items() if name != "hour_ms"},
)
monthly = Table(
    "results_monthly",
    tuple("month" if name == "hour_ms" else name for name in _KEY),
    {"month" if name == "day" else name: kind for name, kind in daily.columns.items()},
)
CountKey = tuple[Any, ...]
"""The key of an hourly count, and the local day."""
_Alike = tuple[int, int, int, int, int, str, str, str, str, bool]
"""What messages that count alike have in common: their quarter of an hour and their columns."""
_DAY = len(_KEY)
_value = msgspec.json.Decoder(ChoiceValue | StoredContact)


def counted_words(kind: int, question: str, value: str) -> tuple[str, ...]:
    """What is counted of a message, by its stored columns.

    A number as it is; yes or no; each chosen ``option:ID`` and ``other``, and ``answered`` once;
    text for a text; consent or declined for contact details; skipped; how a response ended and,
    if a question was on the screen then, ``left:QUESTION``.
    """
    if kind == _ANSWER:
        # Every text counts alike, and no two of them are: they stay out of the cache.
        return ("text",) if value.startswith('"') else _answered(value)
    if kind == _SKIP:
        return (SKIP_WORD,)
    return (value, LEFT_PREFIX + question) if question else (value,)


@functools.lru_cache(maxsize=4096)
def _answered(value: str) -> tuple[str, ...]:
    if value in ("true", "false"):
        return ("yes" if value == "true" else "no",)
    if not value.startswith("{"):
        return (value,)
    try:
        said = _value.decode(value)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return (UNREADABLE_WORD,)
    if isinstance(said, StoredContact):
        return ("consent" if said.consent else "declined",)
    chosen = [f"option:{option}" for option in dict.fromkeys(said.options)]
    return ("answered", *chosen, *(["other"] if said.other is not None else []))


class TimeZones(dict[int, str]):
    """Time zones by experience point, looked up when first asked for."""

    def __missing__(self, point: int) -> str:
        self[point] = str(ExperiencePoint.objects.values_list("time_zone", flat=True).get(pk=point))
        return self[point]


class CountChanges:
    """What to add to the counts and to take from them, of kiosks whose rows are locked."""

    def __init__(self, zones: TimeZones | None = None) -> None:
        self.zones = TimeZones() if zones is None else zones
        self.totals: dict[CountKey, list[int]] = {}
        self._alike: dict[_Alike, list[int]] = {}

    def add(self, *rows: MessageRow) -> None:
        """Messages count from now on."""
        self._change(rows, 1)

    def take(self, *rows: MessageRow) -> None:
        """Messages that have been counting no longer do."""
        self._change(rows, -1)

    def _change(self, rows: Iterable[MessageRow], n: int) -> None:
        found, quarter_ms = self._alike, local_time.QUARTER_MS
        for row in rows:
            # Taken apart at once, which is quicker than asking for one name after the other.
            kiosk, kind, version, point = row[0], row[4], row[6], row[7]
            question, value, language, test, misuse, took_ms = row[8:14]
            took_ms = min(took_ms, LONGEST_MS)
            quarter = row[17] // quarter_ms
            first = value[:1]
            if first == '"':
                value = _ANY_TEXT
            elif first == "{" and value.startswith(CONSENT_PREFIX):
                # No two are sealed alike: they stay out of the cache too.
                value = CONSENT_PREFIX + "}"
            alike = (quarter, kiosk, point, version, kind, question, value, language, misuse, test)
            total = found.get(alike)
            if total is None:
                found[alike] = [n, n * took_ms]
            else:
                total[0] += n
                total[1] += n * took_ms

    def _sort_out(self) -> None:
        """Count in their hours and by their words what was alike."""
        for alike, (n, took_ms) in self._alike.items():
            quarter, kiosk, point, version, kind, question, value, *rest = alike
            hour_ms, day = local_time.local_hour(quarter * local_time.QUARTER_MS, self.zones[point])
            asked = "" if kind == _END else question
            for word in counted_words(kind, question, value):
                key = (kiosk, hour_ms, point, version, asked, word, *rest, day)
                self.amount(key, n, took_ms)
        self._alike.clear()

    def amount(self, key: CountKey, n: int, took_ms: int) -> None:
        """So many more, or fewer, of one count."""
        total = self.totals.get(key)
        if total is None:
            self.totals[key] = [n, took_ms]
        else:
            total[0] += n
            total[1] += took_ms

    def write(self) -> None:
        """Bring the counts up to date: a statement each for the hours, the days and the months.

        What changed before the horizon is written down once more, for area_sums.py.
        """
        self._sort_out()
        changed = [(*key, *total) for key, total in self.totals.items() if any(total)]
        hourly.insert_or_add(changed, _COUNTERS)
        days = by_day(changed)
        daily.insert_or_add(days, _COUNTERS)
        monthly.insert_or_add(by_month(days), _COUNTERS)
        late.insert_or_add(behind(changed), _COUNTERS)
        self.totals.clear()


def behind(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows of days before the horizon, which can't move until the transaction is over."""
    # The horizon passes today two hours after its end, at the soonest: no delivery takes so long.
    today = clock.now().date()
    old = [row for row in rows if row[_DAY] < today]
    if not old:
        return old
    with connection.cursor() as cursor:
        # Shared: those who deliver what is late don't wait for each other.
        lock = "FOR SHARE" if connection.vendor == "postgresql" else ""
        cursor.execute(f"SELECT before FROM results_horizon {lock}")  # noqa: S608 - constant text
        before = next(iter(cursor.fetchone() or ()), None)
    if before is None:
        return []
    horizon = before if isinstance(before, date) else date.fromisoformat(before)
    return [row for row in old if row[_DAY] < horizon]


def by_day(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Hourly rows added up to daily ones, in the order of the columns of ``daily``."""
    return _added((kiosk, *rest) for kiosk, _hour, *rest in rows)


def by_month(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Daily rows added up to monthly ones, in the order of the columns of ``monthly``."""
    return _added((*there, day.replace(day=1), n, took_ms) for *there, day, n, took_ms in rows)


def _added(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of one key as one; nothing that came to nothing."""
    totals: dict[tuple[Any, ...], list[int]] = {}
    for *key, n, took_ms in rows:
        total = totals.setdefault(tuple(key), [0, 0])
        total[0] += n
        total[1] += took_ms
    return [(*key, *total) for key, total in totals.items() if any(total)]
