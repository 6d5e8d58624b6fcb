"""Proves that the counts are what the stored messages say, and repairs them.

Kiosk by kiosk, each in a transaction of its own, so that deliveries go on meanwhile.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction

from headoffice.db.bulk import Table
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.messages.assignments import AssignmentHistory
from headoffice.messages.rows import MessageRow, select_rows
from headoffice.rollups import local_time
from headoffice.rollups.models import Daily, Hourly, Monthly
from headoffice.rollups.write import (
    CountChanges,
    TimeZones,
    by_day,
    by_month,
    counted_words,
    daily,
    hourly,
    monthly,
)

Key = tuple[Any, ...]
Content = tuple[Any, ...]
"""Of an hourly count the day, the count and the time taken; of the others without the day."""

_FLAGS = """
(installation, seq) IN (
    SELECT installation, seq FROM (
        SELECT installation, seq, counts, row_number() OVER (
            PARTITION BY response, CASE WHEN kind = 3 THEN '' ELSE question END
            ORDER BY set_aside, installation DESC, seq DESC
        ) AS place, set_aside
        FROM (
            SELECT *, CASE WHEN ',' || misuse || ',' LIKE '%%,unfit,%%'
                OR ',' || misuse || ',' LIKE '%%,unsent,%%' THEN 1 ELSE 0 END AS set_aside
            FROM ingest_storedmessage WHERE kiosk = %(kiosk)s
        ) AS told
    ) AS placed WHERE counts <> (place = 1 AND set_aside = 0)
) AND kiosk = %(kiosk)s
"""
_GROUPS = """
SELECT happened_ms / 900000, point, version, kind, question,
    CASE WHEN kind = 1 AND substr(value, 1, 1) = '"' THEN '""' ELSE value END,
    language, misuse, test, count(*),
    sum(CASE WHEN took_ms > 86400000 THEN 86400000 ELSE took_ms END)
FROM ingest_storedmessage WHERE kiosk = %s AND counts
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
_KEYED = "WHERE kiosk = %s AND installation = %s AND seq = %s"
_FLAG = f"UPDATE ingest_storedmessage SET counts = %s {_KEYED}"  # noqa: S608 - constant text
_PLACE = f"UPDATE ingest_storedmessage SET point = %s {_KEYED}"  # noqa: S608 - likewise


class CountDifference(NamedTuple):
    """Something about one kiosk that its messages don't bear out."""

    kiosk: int
    what: str

    def __str__(self) -> str:
        return f"Kiosk {self.kiosk}: {self.what}"


def kiosks_with_counts() -> list[int]:
    """Every kiosk that has messages or counts."""
    known = set(Kiosk.objects.values_list("pk", flat=True))
    for model in (Hourly, Daily, Monthly):
        # Kiosks that are gone should have left no counts behind.
        strays = model.objects.exclude(kiosk__in=known).values_list("kiosk", flat=True)
        known |= set(strays.distinct())
    return sorted(known)


def examine_kiosk(kiosk: int) -> list[CountDifference]:
    """What is wrong with the counts of one kiosk, where nobody writes and nothing may be written.

    The counts are compared with the messages as these stand, mistakes among them included.
    """
    texts = [_flag_text(row) for row in _wrong_flags(kiosk)]
    texts += [_place_text(*found) for found in _wrong_places(kiosk)]
    for table, said in _said(kiosk):
        stored = _stored(table, kiosk)
        texts += _different(table, stored, said).values()
    return [CountDifference(kiosk, text) for text in texts]


def check_kiosk(kiosk: int, *, repair: bool = False) -> list[CountDifference]:
    """What is wrong with the counts of one kiosk; with ``repair`` it no longer is afterwards."""
    with exclusive_write():
        Kiosk.objects.select_for_update(no_key=True).filter(pk=kiosk).first()
        differences = [CountDifference(kiosk, text) for text in _flags(kiosk)]
        differences += [CountDifference(kiosk, text) for text in _places(kiosk)]
        for table, said in _said(kiosk):
            wrong = _different(table, _stored(table, kiosk), said)
            differences += [CountDifference(kiosk, text) for text in wrong.values()]
            _replace(table, {key: said.get(key) for key in wrong})
        if not repair:
            # The repair was tried, since what is wrong with messages bears on the counts.
            transaction.set_rollback(True)
        return differences


def _flags(kiosk: int) -> Iterator[str]:
    rows = _wrong_flags(kiosk)
    if rows:
        _update(_FLAG, [(not row.counts, *row[:3]) for row in rows])
    yield from map(_flag_text, rows)


def _wrong_flags(kiosk: int) -> list[MessageRow]:
    return list(select_rows(_FLAGS, {"kiosk": kiosk}))


def _flag_text(row: MessageRow) -> str:
    name = "counts and is not" if row.counts else "does not count and is"
    return f"message {row.seq} of installation {row.installation} {name} the last word"


def _places(kiosk: int) -> Iterator[str]:
    wrong = _wrong_places(kiosk)
    if wrong:
        _update(_PLACE, [(point, *row[:3]) for point, row in wrong])
    for point, row in wrong:
        yield _place_text(point, row)


def _wrong_places(kiosk: int) -> list[tuple[int, MessageRow]]:
    """Messages that are put down elsewhere than where the kiosk stood, each after that place."""
    stays = AssignmentHistory(kiosk)
    wrong: list[tuple[int, MessageRow]] = []
    until = 2**63 - 1
    for i, stay in enumerate(stays.all):
        since = stay.since_ms if i + 1 < len(stays.all) else 0
        rows = select_rows(
            "kiosk = %s AND happened_ms >= %s AND happened_ms < %s AND point <> %s",
            [kiosk, since, until, stay.point],
        )
        wrong += [(stay.point, row) for row in rows]
        until = since
    return wrong


def _place_text(point: int, row: MessageRow) -> str:
    return f"message {row.seq} is put down at place {row.point}, the kiosk stood at {point}"


def _different(
    table: Table, stored: dict[Key, Content], said: dict[Key, Content]
) -> dict[Key, str]:
    """The keys whose counts differ, and how."""
    wrong = [key for key in said.keys() | stored.keys() if said.get(key) != stored.get(key)]
    return {
        key: _told(table.key, key, stored.get(key), said.get(key))
        for key in sorted(wrong, key=repr)
    }


def _update(statement: str, values: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _said(kiosk: int) -> Iterator[tuple[Table, dict[Key, Content]]]:
    """The counts of each table as the messages say."""
    by_hour = _hours_said(kiosk)
    yield hourly, by_hour
    days = by_day((*key, *content) for key, content in by_hour.items())
    for table, rows in ((daily, days), (monthly, by_month(days))):
        yield table, {(row[0], row[-3], *row[1:-3]): row[-2:] for row in rows}


def _hours_said(kiosk: int) -> dict[Key, Content]:
    """The hourly counts as the messages say."""
    changes = CountChanges(TimeZones())
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [kiosk])
        groups = cursor.fetchall()
    for quarter, point, version, kind, question, value, language, misuse, test, n, took in groups:
        hour_ms, day = local_time.local_hour(quarter * local_time.QUARTER_MS, changes.zones[point])
        asked = "" if kind == 3 else question
        for word in counted_words(kind, question, value):
            key = (kiosk, hour_ms, point, version, asked, word, language, misuse, bool(test), day)
            changes.amount(key, n, int(took))
    return {key[:-1]: (key[-1], *total) for key, total in changes.totals.items()}


def _stored(table: Table, kiosk: int) -> dict[Key, Content]:
    """Counts as they are kept; those that came down to nothing are as good as absent."""
    models = {hourly: Hourly, daily: Daily, monthly: Monthly}
    counts = models[table]._default_manager.filter(kiosk=kiosk)  # noqa: SLF001
    rest = ("day",) if table is hourly else ()
    rows = counts.values_list(*table.key, *rest, "count", "took_ms")
    size = len(table.key)
    return {tuple(r[:size]): tuple(r[size:]) for r in rows if r[-1] or r[-2]}


def _replace(table: Any, wanted: dict[Key, Content | None]) -> None:
    condition = " AND ".join(f'"{column}" = %s' for column in table.key)
    _update(f'DELETE FROM "{table.name}" WHERE {condition}', list(wanted))  # noqa: S608 - constant names
    columns = list(table.columns)
    rows = []
    for key, content in wanted.items():
        if content is not None:
            named = dict(zip(table.key, key, strict=True))
            named |= dict(zip(("day", "count", "took_ms")[-len(content) :], content, strict=True))
            rows.append(tuple(named[column] for column in columns))
    table.insert_or_add(rows, ("count", "took_ms"))


def _told(columns: tuple[str, ...], key: Key, stored: Content | None, said: Content | None) -> str:
    at = dict(zip(columns, key, strict=True))
    name = columns[1].removesuffix("_ms")
    when = f"{name} {at[columns[1]]}"
    have, should = (content[-2:] if content else (0, 0) for content in (stored, said))
    return (
        f"{when}, place {at['point']}, {at['question'] or 'end'}={at['value']}: "
        f"counted {have[0]} ({have[1]} ms), messages say {should[0]} ({should[1]} ms)"
    )
