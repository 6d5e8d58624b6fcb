"""Figures and counts, for programs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db.models import F, Sum
from django.utils.translation import gettext_noop as _

from config.questionnaire import Ces, Csat, Nps, Question, Scale, Smiley, YesNo
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.models import Scope
from headoffice.fleet.models import ExperiencePoint
from headoffice.results.catalogue import Catalogue, Counts
from headoffice.results.models import Daily
from headoffice.results.periods import Span
from headoffice.results.statistics import Index, at_least, average, happiness, nps, share
from headoffice.results.tallies import Rows, in_months

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
    parts = _filtered(asked, catalogue)
    keys, after = _keys(asked, parts, catalogue)
    if asked.by in ("place", "kiosk"):
        parts = [part.filter(**{f"{_COLUMN[asked.by]}__in": keys}) for part in parts]
    elif asked.by == "questionnaire":
        versions = [e.pk for e in catalogue.editions.values() if e.name in keys]
        parts = [part.filter(version__in=versions) for part in parts]
    return schema.Results(tuple(_written(asked, parts, catalogue)), after)


_COLUMN = {"place": "point", "kiosk": "kiosk"}
_EVERY_DAY = Span(dt.date(1970, 1, 1), dt.date(9999, 11, 30))
"""Of whole months, so that no day is left over."""


def _keys(
    asked: schema.ResultFilters, parts: list[Rows], catalogue: Catalogue
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
        found: set[int] = set()
        for part in parts:
            rest = part if start is None else part.filter(**{f"{column}__gt": start[0]})
            listed = rest.order_by(column).values_list(column, flat=True).distinct()
            found.update(listed[: asked.limit + 1])
        keys = list(sorted(found)[: asked.limit + 1])
    more = len(keys) > asked.limit
    shown = keys[: asked.limit]
    return shown, cursor_of([shown[-1]]) if more else None


def _filtered(asked: schema.ResultFilters, catalogue: Catalogue) -> list[Rows]:
    """The counts that are asked for, of whole months where their days are not told apart."""
    span = Span(asked.first or _EVERY_DAY.first, asked.last or _EVERY_DAY.last)
    parts: list[Rows]
    if asked.step in ("month", "all"):
        parts = in_months(span)
    else:
        parts = [Daily.objects.filter(day__range=tuple(span)).annotate(begins=F("day"))]
    return [_narrowed(part, asked, catalogue) for part in parts]


def _narrowed(rows: Rows, asked: schema.ResultFilters, catalogue: Catalogue) -> Rows:
    rows = rows.filter(question__in=catalogue.questions, version__in=list(catalogue.editions))
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
    asked: schema.ResultFilters, parts: list[Rows], catalogue: Catalogue
) -> Iterator[schema.Result]:
    by = _COLUMN.get(asked.by)
    columns = (*([by] if by else []), *(["begins"] if asked.step != "all" else []))
    groups: dict[_Group, Counts] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        counted = part.values(*columns, "version", "question", "value")
        for row in counted.annotate(total=Sum("count")).iterator(chunk_size=5000):
            version = row["version"]
            key = row[by] if by else None
            if asked.by == "questionnaire":
                key = catalogue.editions[version].name
            begins = _begins(row["begins"], asked.step) if asked.step != "all" else None
            groups[key, begins, version, row["question"]][row["value"]] += row["total"]
    for group in sorted(groups, key=_order):
        # What was counted and then changed leaves noughts.
        if counts := {value: n for value, n in sorted(groups[group].items()) if n}:
            yield _result(group, counts, catalogue)


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
