"""The counts behind the pages of results, as a table to take away."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from headoffice.export.columns import Column
from headoffice.export.wanted import Wanted, offset_s, offset_text
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.results.catalogue import Catalogue, phrase
from headoffice.results.models import Daily, Hourly

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

    def __init__(self, wanted: Wanted, *, hourly: bool) -> None:
        self._wanted, self._hourly = wanted, hourly
        self._model: type[Daily | Hourly] = Hourly if hourly else Daily
        when = (Column("hour_local", "local"), Column("hour_utc", "utc")) if hourly else ()
        self.columns = [Column("day", "code"), *when, *_COMMON]

    def total(self) -> int:
        """How many rows there are."""
        return self._rows().count()

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows, portion by portion, one kiosk after another."""
        points = {p.pk: p for p in ExperiencePoint.objects.filter(pk__in=self._wanted.points)}
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
        wanted = self._wanted
        rows = self._model.objects.filter(point__in=wanted.points).exclude(count=0)
        for name, chosen in (
            ("kiosk", wanted.kiosks),
            ("version", wanted.versions),
            ("question", wanted.questions),
        ):
            if chosen is not None:
                rows = rows.filter(**{f"{name}__in": chosen})
        if wanted.language:
            rows = rows.filter(language=wanted.language)
        if wanted.first is not None:
            rows = rows.filter(day__gte=wanted.first)
        if wanted.last is not None:
            rows = rows.filter(day__lte=wanted.last)
        if not wanted.test:
            rows = rows.filter(test=False)
        return rows if wanted.misuse else rows.filter(misuse="")


def _hour(ms: int, zone: str) -> tuple[str, str]:
    from headoffice.clock import instant

    offset = offset_s(ms, zone)
    local = instant(ms + offset * 1000).strftime("%Y-%m-%dT%H:%M:%S.000")
    return local + offset_text(offset), instant(ms).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _words(catalogue: Catalogue) -> dict[tuple[int, str], tuple[Any, ...]]:
    found: dict[tuple[int, str], tuple[Any, ...]] = {}
    for pk, edition in catalogue.editions.items():
        form = edition.definition
        found[pk, ""] = (form.id, pk, "", "")
        for question in form.questions:
            text = phrase(question.text, form.languages[0])
            found[pk, question.id] = (form.id, pk, question.id, text)
    return found
