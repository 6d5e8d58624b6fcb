"""The counts behind the pages of results, as a table to take away."""

import functools
import operator
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from headoffice import clock
from headoffice.db.sums import SafeSum
from headoffice.export.columns import Column
from headoffice.export.selection import ExportSelection, offset_text
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.results.catalogue import Catalogue
from headoffice.results.texts import phrase
from headoffice.rollups.local_time import offset_s
from headoffice.rollups.models import Daily, Hourly

_COMMON = (
    Column("place", "text"),
    Column("group_path", "text"),
    Column("kiosk", "integer"),
    Column("questionnaire", "code"),
    Column("version", "integer"),
    Column("question", "text"),
    Column("question_text", "text"),
    Column("value", "text"),
    Column("language", "text"),
    Column("misuse", "text"),
    Column("test", "flag"),
    Column("count", "integer"),
)
_SAID = ("point", "version", "question", "value", "language", "misuse", "test")
_KEY = ("kiosk", "day", *_SAID)
AT_ONCE = 5000


class CountRows:
    """Counts per local day or hour of each place; only what counts is in them."""

    def __init__(self, selection: ExportSelection, *, hourly: bool) -> None:
        self._selection, self._hourly = selection, hourly
        # Counts per day don't know their hours, so those of some hours are added up.
        self._added = not hourly and selection.times is not None
        self._model: type[Daily | Hourly] = Hourly if hourly or self._added else Daily
        when = (Column("hour_local", "local"), Column("hour_utc", "utc")) if hourly else ()
        self.columns = [Column("day", "day"), *when, *_COMMON]

    def total(self) -> int:
        """How many rows there are."""
        rows = self._rows()
        return rows.values(*_KEY).distinct().count() if self._added else rows.count()

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, portion by portion, one kiosk after another."""
        points = {p.pk: p for p in ExperiencePoint.objects.filter(pk__in=self._selection.points)}
        tree = Tree.load()
        paths = {pk: tree.path(p.group_id) for pk, p in points.items()}
        words = _words(Catalogue.load())
        for kiosk in self._rows().order_by("kiosk").values_list("kiosk", flat=True).distinct():
            for found in self._of(kiosk):
                yield [
                    (
                        day.isoformat(),
                        *(_hour(at, points[point].time_zone) if self._hourly else ()),
                        points[point].name,
                        paths[point],
                        kiosk,
                        *words.get((version, question), ("", version, question, "")),
                        value,
                        language,
                        misuse,
                        "true" if test else "false",
                        count,
                    )
                    for day, at, point, version, question, value, language, misuse, test, count in (
                        found
                    )
                ]

    def _of(self, kiosk: int) -> Iterator[list[tuple[Any, ...]]]:
        rows, at = self._rows().filter(kiosk=kiosk), "hour_ms" if self._hourly else "kiosk"
        cells: QuerySet[Any, Any]
        if self._added:
            cells = rows.values_list("day", at, *_SAID).annotate(n=SafeSum("count"))
            cells = cells.order_by("day", *_SAID)
        else:
            cells = rows.order_by("pk").values_list("day", at, *_SAID, "count")
        start = 0
        while found := list(cells[start : start + AT_ONCE]):
            yield found
            start += AT_ONCE

    def _rows(self) -> "QuerySet[Any]":
        wanted = self._selection
        rows: QuerySet[Any, Any] = wanted.narrow(self._model.objects.exclude(count=0))
        if self._model is Hourly:
            rows = wanted.narrow_times(rows, "hour_ms")
        if wanted.apart:
            of_places = (Q(point__among=at, day__range=tuple(days)) for at, days in wanted.apart)
            return rows.filter(functools.reduce(operator.or_, of_places))
        if wanted.first is not None:
            rows = rows.filter(day__gte=wanted.first)
        if wanted.last is not None:
            rows = rows.filter(day__lte=wanted.last)
        return rows


def _hour(ms: int, zone: str) -> tuple[str, str]:
    offset = offset_s(ms, zone)
    local, utc = (_iso(at) for at in (ms + offset * 1000, ms))
    return f"{local}{offset_text(offset)}", f"{utc}Z"


def _iso(ms: int) -> str:
    # Not by strftime, which leaves out the noughts before early years.
    return clock.instant(ms).replace(tzinfo=None).isoformat(timespec="milliseconds")


def _words(catalogue: Catalogue) -> dict[tuple[int, str], tuple[Any, ...]]:
    found: dict[tuple[int, str], tuple[Any, ...]] = {}
    for pk, edition in catalogue.editions.items():
        form = edition.definition
        found[pk, ""] = (form.id, pk, "", "")
        for question in form.questions:
            text = phrase(question.text, form.languages[0])
            found[pk, question.id] = (form.id, pk, question.id, text)
    return found
