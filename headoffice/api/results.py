"""Figures and counts, for programs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_noop as _

from config.questionnaire import Ces, Csat, Nps, Question, Scale, Smiley, YesNo
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.models import Scope
from headoffice.fleet.models import ExperiencePoint
from headoffice.results.catalogue import Catalogue, Counts
from headoffice.results.models import Daily
from headoffice.results.statistics import Index, at_least, average, happiness, nps, share

_Group = tuple[int | str | None, dt.date | None, int, str]
"""By what, the first day of the step, the version and the question."""


@endpoint(
    "results",
    Scope.RESULTS,
    schema.ResultFilters,
    schema.Results,
    _("Every question's counts and figures, each with n and its 95 % interval."),
)
def results(asked: schema.ResultFilters) -> schema.Results:
    """GET results."""
    catalogue = Catalogue.load()
    rows = _filtered(asked, catalogue)
    keys, after = _keys(asked, rows, catalogue)
    if asked.by in ("place", "kiosk"):
        rows = rows.filter(**{f"{_COLUMN[asked.by]}__in": keys})
    elif asked.by == "questionnaire":
        versions = [e.pk for e in catalogue.editions.values() if e.name in keys]
        rows = rows.filter(version__in=versions)
    return schema.Results(tuple(_written(asked, rows, catalogue)), after)


_COLUMN = {"place": "point", "kiosk": "kiosk"}


def _keys(
    asked: schema.ResultFilters, rows: "QuerySet[Daily]", catalogue: Catalogue
) -> tuple[list[int | str], str | None]:
    """What this page is about, and the cursor of the next one."""
    if asked.by == "all":
        return [], None
    if asked.by == "questionnaire":
        names = sorted(catalogue.names())
        begun = position(asked.cursor, tuple[str])
        keys: list[int | str] = [n for n in names if begun is None or n > begun[0]]
    else:
        column = _COLUMN[asked.by]
        start = position(asked.cursor, tuple[schema.Number])
        if start is not None:
            rows = rows.filter(**{f"{column}__gt": start[0]})
        found = rows.order_by(column).values_list(column, flat=True).distinct()
        keys = list(found[: asked.limit + 1])
    more = len(keys) > asked.limit
    shown = keys[: asked.limit]
    return shown, cursor_of([shown[-1]]) if more else None


def _filtered(asked: schema.ResultFilters, catalogue: Catalogue) -> "QuerySet[Daily]":
    known, versions = catalogue.questions, list(catalogue.editions)
    rows = Daily.objects.filter(question__in=known, version__in=versions)
    if asked.first is not None:
        rows = rows.filter(day__gte=asked.first)
    if asked.last is not None:
        rows = rows.filter(day__lte=asked.last)
    if asked.place:
        rows = rows.filter(point__in=asked.place)
    else:
        # All of them, by name: the counts are found by place, question and day.
        rows = rows.filter(point__among=list(ExperiencePoint.objects.values_list("pk", flat=True)))
    if asked.questionnaire is not None:
        rows = rows.filter(version__in=[e.pk for e in catalogue.versions(asked.questionnaire)])
    if asked.language is not None:
        rows = rows.filter(language=asked.language)
    if not asked.test:
        rows = rows.filter(test=False)
    return rows if asked.misuse else rows.filter(misuse="")


def _written(
    asked: schema.ResultFilters, rows: "QuerySet[Daily]", catalogue: Catalogue
) -> Iterator[schema.Result]:
    by = _COLUMN.get(asked.by)
    columns = (*([by] if by else []), *(["day"] if asked.step != "all" else []))
    counted = (
        rows.values(*columns, "version", "question", "value")
        .annotate(total=Sum("count"))
        .filter(~Q(total=0))
    )
    groups: dict[_Group, Counts] = defaultdict(lambda: defaultdict(int))
    for row in counted.iterator(chunk_size=5000):
        version = row["version"]
        key = row[by] if by else None
        if asked.by == "questionnaire":
            key = catalogue.editions[version].name
        begins = _begins(row["day"], asked.step) if asked.step != "all" else None
        groups[key, begins, version, row["question"]][row["value"]] += row["total"]
    for group in sorted(groups, key=_order):
        yield _result(group, dict(groups[group]), catalogue)


def _order(group: _Group) -> tuple[int, str, dt.date, int, str]:
    key, begins, version, question = group
    number, name = (key, "") if isinstance(key, int) else (0, key or "")
    return number, name, begins or dt.date.min, version, question


def _begins(day: dt.date, step: str) -> dt.date:
    match step:
        case "week":
            return day - dt.timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case _:
            return day


def _result(group: _Group, counts: Counts, catalogue: Catalogue) -> schema.Result:
    key, begins, version, name = group
    edition = catalogue.editions[version]
    question = next((q for q in edition.definition.questions if q.id == name), None)
    return schema.Result(
        by=key,
        begins=begins,
        questionnaire=edition.name,
        question=name,
        kind="" if question is None else str(question.__struct_config__.tag),
        counts=counts,
        figures=tuple(
            schema.Figure(title, index.value, index.n, *index.interval)
            for title, index in _figures(question, counts)
            if index is not None and index.n >= settings.PRIVACY_MINIMUM
        ),
    )


def _figures(  # noqa: PLR0911 - one line per kind of question
    question: Question | None, counts: Counts
) -> "list[tuple[schema.FigureName, Index | None]]":
    """What the kind of a question calls for."""
    numbers = {int(value): n for value, n in counts.items() if value.isdecimal()}
    match question:
        case Smiley(faces=faces):
            return [("happiness", happiness([numbers.get(face, 0) for face in range(faces)]))]
        case Nps():
            return [("nps", nps(numbers))]
        case Ces():
            return [("mean", average(numbers, 1, 7)), ("share_top", at_least(numbers, 5))]
        case Csat(steps=steps):
            top = at_least(numbers, steps - 1)
            return [("share_top", top), ("mean", average(numbers, 1, steps))]
        case Scale(low=low, high=high):
            return [("mean", average(numbers, low, high))]
        case YesNo():
            yes, no = counts.get("yes", 0), counts.get("no", 0)
            return [("share_yes", share(yes, yes + no))]
        case _:
            return []
