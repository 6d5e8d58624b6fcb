"""Sums the counts of areas, some days behind, without anybody waiting for it.

A page about a thousand places would read a thousand rows for each day and value. So what large
groups of the tree said is summed by day, and by hour. How a figure stays exact meanwhile:

1. The counts of kiosks are always whole (write.py). Sums are made of days before the horizon,
   which are over everywhere; pages add the counts of later days to them.
2. Whoever changes counts of a day before the horizon writes the change down as late as well, in
   the same transaction. Pages add what is late.
3. The horizon moves while nobody is writing to earlier days: they hold it, see ``behind`` in
   write.py. After that every change of the days to be summed is in the counts *and* late, so
   the sums of a day are its counts less what is late, read in one statement.
4. What is late is added to the sums and deleted in one transaction.
5. An area is a set of points and not a group: when the tree changes, the areas that it no longer
   has are read no more, and others are summed. No sum is ever wrong for the points it names.

The rows of the areas are locked by those who sum, so that only one at a time does, and never by
deliveries or pages.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min

from headoffice import clock
from headoffice.db.bulk import Table
from headoffice.db.sums import safe_sum
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.messages.rows import in_condition
from headoffice.rollups.areas import Cover, cover_points, summed_areas
from headoffice.rollups.models import Area, AreaDay, AreaHour, Daily, Horizon, Late
from headoffice.rollups.periods import Span
from headoffice.rollups.write import daily, hourly, late

LEAST_POINTS = 12
"""Groups with fewer points are read point by point."""
BEHIND = timedelta(hours=2)
"""A day is summed when it has been over for so long at every place: by then nearly all is there."""
STEP = timedelta(days=7)
"""So many days are summed in one transaction; on SQLite deliveries wait for it."""
UNUSED_LIFETIME = timedelta(hours=1)
_SAID = ("version", "question", "value", "language", "misuse", "test")
_TOTALS = {"count": "int", "took_ms": "int"}
_TEXTS = dict.fromkeys(("question", "value", "language", "misuse"), "text")
_KINDS = {"version": "int", **_TEXTS, "test": "bool"}
days = Table(
    "results_areaday",
    ("area", "day", *_SAID),
    {"area": "int", "day": "date", **_KINDS, **_TOTALS},
)
hours = Table(
    "results_areahour",
    ("area", "hour_ms", *_SAID),
    {"area": "int", "hour_ms": "int", **_KINDS, **_TOTALS},
)
Key = tuple[Any, ...]
"""The day or hour, and all that was said."""
Sums = dict[Key, list[int]]
"""How often, and how long it took together."""


def sum_areas(least: int = LEAST_POINTS) -> None:
    """Bring the sums of all areas up to the horizon, and the horizon up to today."""
    _plan_areas(least)
    for kiosk in list(Late.objects.values_list("kiosk", flat=True).distinct()):
        _add_late(kiosk)
    # The small ones first: larger ones are made of them.
    for area in sorted(Area.objects.filter(unused_since=None), key=lambda a: (len(a.points), a.pk)):
        while _sum_next_days(area.pk):
            pass


def discard_sums(points: Collection[int] | None = None) -> None:
    """Read the sums of these points, or all, no more: others are made from the counts.

    For those who change counts in another way than deliveries do.
    """
    with exclusive_write():
        # Held: whoever writes to earlier days waits.
        list(Horizon.objects.select_for_update())
        for area in Area.objects.select_for_update().filter(unused_since=None).order_by("pk"):
            if points is None or not set(area.points).isdisjoint(points):
                area.unused_since = clock.now()
                area.save()
        dropped = Late.objects.all() if points is None else Late.objects.filter(point__in=points)
        dropped.delete()


def reach_beyond(day: date) -> bool:
    """Whether days after this one are taken for over, as by a clock that was ahead."""
    return Horizon.objects.filter(before__gt=day).exists()


def begin_anew() -> None:
    """Make all sums again, of the days that are over by now."""
    with exclusive_write():
        list(Horizon.objects.select_for_update())
        Horizon.objects.update(before=None)
        discard_sums()


def differences() -> Iterator[str]:
    """What sums hold and the counts don't bear out."""
    for pk in list(Area.objects.filter(unused_since=None).values_list("pk", flat=True)):
        with exclusive_write():
            # Locked, so that nobody sums meanwhile.
            area = Area.objects.select_for_update().filter(pk=pk).first()
            if area is None or area.summed_before is None:
                continue
            asked = _CountRange(
                cover_points(frozenset(area.points), ()), date.min, area.summed_before
            )
            found = [(days, _stored(days, pk), _daily(asked))]
            found += [(hours, _stored(hours, pk), _hourly(asked))]
        for table, stored, said in found:
            wrong = [key for key in said.keys() | stored.keys() if said.get(key) != stored.get(key)]
            for key in sorted(wrong, key=repr):
                have, should = (sums.get(key, [0, 0]) for sums in (stored, said))
                yield (
                    f"{table.key[1]} {key[0]} of {len(area.points)} places, "
                    f"{key[2] or 'end'}={key[3]}: summed {have[0]} ({have[1]} ms), "
                    f"counts say {should[0]} ({should[1]} ms)"
                )


# --- which areas, and until when ----------------------------------------------------------


def _plan_areas(least: int) -> None:
    """Areas as the tree has them now; the horizon as today has it."""
    wanted = _large(least)
    if not wanted and not Area.objects.exists():
        return
    with exclusive_write():
        # The row is taken first: of two that plan one makes the areas, the other finds them.
        horizon, _made = Horizon.objects.select_for_update().get_or_create(id=1)
        for area in Area.objects.all():
            if area.unused_since is not None:
                _drop_in_time(area, area.unused_since)
            elif (points := frozenset(area.points)) in wanted:
                wanted.discard(points)
            else:
                area.unused_since = clock.now()
                area.save()
        for points in sorted(wanted, key=sorted):
            Area.objects.create(points=sorted(points))
        until = _begun_everywhere()
        if horizon.before is None or horizon.before < until:
            horizon.before = until
            horizon.save()


def _begun_everywhere() -> date:
    """The day that is going on where it is earliest, a little after its begin; UTC's at most."""
    at = clock.now() - BEHIND
    zones = ExperiencePoint.objects.values_list("time_zone", flat=True).distinct()
    return min([at.date(), *(at.astimezone(clock.zone_of(zone)).date() for zone in zones)])


def _large(least: int) -> set[frozenset[int]]:
    """The sets of points that groups of the tree stand for, if large enough."""
    tree = Tree.load()
    under: dict[int, set[int]] = {group: set() for group in tree.groups}
    for point, group in ExperiencePoint.objects.values_list("pk", "group"):
        at: int | None = group
        while at is not None:
            under[at].add(point)
            at = tree.groups[at].parent_id
    return {frozenset(points) for points in under.values() if len(points) >= least}


def _drop_in_time(area: Area, unused_since: datetime) -> None:
    if unused_since < clock.now() - UNUSED_LIFETIME:
        for model in (AreaDay, AreaHour):
            model.objects.filter(area=area.pk).delete()
        area.delete()


# --- adding -------------------------------------------------------------------------------


class _CountRange(NamedTuple):
    """Where to read the counts of some points, from the first day to before the last."""

    where: Cover
    first: date
    before: date

    @property
    def areas(self) -> list[int]:
        """The areas whose sums are added up; nobody changes them while its row is locked."""
        return [area.pk for area in self.where.areas]


def _sum_next_days(pk: int) -> bool:
    """Sum the next days of an area; whether there may be more."""
    with exclusive_write():
        area = Area.objects.select_for_update().filter(pk=pk).first()
        horizon = Horizon.objects.values_list("before", flat=True).first()
        if area is None or horizon is None:
            return False
        first = area.summed_before or _first_day(area.points)
        if first is None or first >= horizon:
            if area.summed_before is None:
                area.summed_before = horizon
                area.save()
            return False
        before = min(horizon, first + STEP)
        others = [
            a for a in summed_areas(frozenset(area.points)) if a.pk != pk and a.before >= before
        ]
        asked = _CountRange(cover_points(frozenset(area.points), others), first, before)
        for table, said in ((days, _daily(asked)), (hours, _hourly(asked))):
            _add(table, ((pk, *key, *total) for key, total in said.items()))
        area.summed_before = before
        area.save()
        return before < horizon


def _first_day(points: Sequence[int]) -> date | None:
    found = Daily.objects.filter(point__in=points).aggregate(first=Min("day"))["first"]
    return found if found is None or isinstance(found, date) else None


def _add_late(kiosk: int) -> None:
    """Add what is late of a kiosk to every area whose sums have come so far."""
    with exclusive_write():
        areas = list(Area.objects.select_for_update().order_by("pk"))
        columns = list(late.columns)
        with connection.cursor() as cursor:
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"DELETE FROM results_late WHERE kiosk = %s RETURNING {names}",  # noqa: S608 - constant names
                [kiosk],
            )
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        zones = _zones({row["point"] for row in rows})
        by_day: dict[Key, list[int]] = {}
        by_hour: dict[Key, list[int]] = {}
        for area in areas:
            points, summed_before = set(area.points), area.summed_before or date.min
            for row in rows:
                day = _as_date(row["day"])
                if row["point"] not in points or day >= summed_before:
                    continue
                said = tuple(bool(row[c]) if c == "test" else row[c] for c in _SAID)
                n, took_ms = row["count"], row["took_ms"]
                _grow(by_day, (area.pk, day, *said), n, took_ms)
                if _is_number(row["value"]):
                    at = _on_the_wall(row["hour_ms"], zones[row["point"]])
                    _grow(by_hour, (area.pk, at, *said), n, took_ms)
        for table, sums in ((days, by_day), (hours, by_hour)):
            _add(table, ((*key, *total) for key, total in sums.items() if any(total)))


def _add(table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows come as (area, day or hour, said …, totals), which is the order of both tables."""
    table.insert_or_add(list(rows), tuple(_TOTALS))


# --- what the counts say ------------------------------------------------------------------


def _daily(asked: _CountRange) -> Sums:
    """The counts of some days of an area, without what is late."""
    sums: Sums = {}
    summed = AreaDay.objects.filter(
        area__in=asked.areas, day__gte=asked.first, day__lt=asked.before
    )
    for *key, n, took_ms in summed.values_list("day", *_SAID, *_TOTALS).iterator():
        _grow(sums, tuple(key), n, took_ms)
    for day, *said, n, took_ms in _counted(daily, "day", asked, asked.where.rest):
        _grow(sums, (_as_date(day), *said), int(n), int(took_ms))
    return {key: total for key, total in sums.items() if any(total)}


def _hourly(asked: _CountRange) -> Sums:
    """The same by hour, of numbers alone."""
    by_zone: dict[str, list[int]] = {}
    for point, zone in _zones(asked.where.rest).items():
        by_zone.setdefault(zone.key, []).append(point)
    sums: Sums = {}
    within = Span(asked.first, asked.before - timedelta(days=1)).wall_ms
    summed = AreaHour.objects.filter(area__in=asked.areas, hour_ms__range=within)
    for *key, n, took_ms in summed.values_list("hour_ms", *_SAID, *_TOTALS).iterator():
        _grow(sums, tuple(key), n, took_ms)
    for name, points in by_zone.items():
        for hour_ms, *said, n, took_ms in _counted(
            hourly, "hour_ms", asked, points, "AND substr(value, 1, 1) BETWEEN '0' AND '9'"
        ):
            at = _on_the_wall(hour_ms, clock.zone_of(name))
            _grow(sums, (at, *said), int(n), int(took_ms))
    return {key: total for key, total in sums.items() if any(total)}


def _counted(
    table: Table, at: str, asked: _CountRange, points: Collection[int], more: str = ""
) -> list[Key]:
    """Counts less what is late, in one statement: one without the other would not be true."""
    if not points:
        return []
    condition, values = in_condition("point", points)
    said = ", ".join(f'"{column}"' for column in _SAID)
    sums = ", ".join(safe_sum(name, connection.vendor) for name in ("n", "took"))
    which = f"WHERE day >= %s AND day < %s AND {condition} {more}"
    # Only constant names are put into the text; values travel beside it. With the kiosk in it,
    # each machine of a distributed installation reads both at one instant.
    statement = f"""
    SELECT {at}, {said}, {sums} FROM (
        SELECT kiosk, {at}, {said}, count AS n, took_ms AS took FROM {table.name} {which}
        UNION ALL
        SELECT kiosk, {at}, {said}, -count, -took_ms FROM results_late {which}
    ) AS counted GROUP BY {at}, {said}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, 2 * [asked.first.isoformat(), asked.before.isoformat(), *values])
        test = 1 + _SAID.index("test")
        return [(*row[:test], bool(row[test]), *row[test + 1 :]) for row in cursor.fetchall()]


def _stored(table: Table, area: int) -> Sums:
    model = AreaDay if table is days else AreaHour
    rows = model.objects.filter(area=area).values_list(*table.key[1:], *_TOTALS)
    return {tuple(row[:-2]): [*row[-2:]] for row in rows.iterator() if row[-1] or row[-2]}


def _grow(sums: dict[Key, list[int]], key: Key, n: int, took_ms: int) -> None:
    total = sums.setdefault(key, [0, 0])
    total[0] += n
    total[1] += took_ms


def _is_number(value: str) -> bool:
    return value[:1].isdecimal()


def _zones(points: Iterable[int]) -> dict[int, ZoneInfo]:
    rows = ExperiencePoint.objects.filter(pk__in=list(points)).values_list("pk", "time_zone")
    return {pk: clock.zone_of(zone) for pk, zone in rows}


def _on_the_wall(hour_ms: int, zone: ZoneInfo) -> int:
    """What a clock there showed, as if it had been UTC."""
    local = clock.instant(hour_ms).astimezone(zone)
    return int(local.replace(tzinfo=UTC).timestamp()) * 1000


def _as_date(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)
