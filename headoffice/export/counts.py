"""The counts behind the pages of results, as a table to take away."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from headoffice import clock
from headoffice.export.columns import Column
from headoffice.export.selection import ExportSelection, offset_s, offset_text
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.results.catalogue import Catalogue
from headoffice.results.texts import phrase
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
AT_ONCE = 5000


class CountRows:
    """Counts per local day or hour of each place; only what counts is in them."""

    def __init__(self, selection: ExportSelection, *, hourly: bool) -> None:
        self._selection, self._hourly = selection, hourly
        self._model: type[Daily | Hourly] = Hourly if hourly else Daily
        when = (Column("hour_local", "local"), Column("hour_utc", "utc")) if hourly else ()
        self.columns = [Column("day", "code"), *when, *_COMMON]

    def total(self) -> int:
        """How many rows there are."""
        return self._rows().count()

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
        at = "hour_ms" if self._hourly else "kiosk"
        rows = self._rows().filter(kiosk=kiosk).order_by("pk")
        cells = rows.values_list(
            "day",
            at,
            "point",
            "version",
            "question",
            "value",
            "language",
            "misuse",
            "test",
            "count",
        )
        start = 0
        while found := list(cells[start : start + AT_ONCE]):
            yield found
            start += AT_ONCE

    def _rows(self) -> "QuerySet[Any]":
        rows = self._selection.narrow(self._model.objects.exclude(count=0))
        if self._selection.first is not None:
            rows = rows.filter(day__gte=self._selection.first)
        if self._selection.last is not None:
            rows = rows.filter(day__lte=self._selection.last)
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
