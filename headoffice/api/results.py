"""Figures and counts, for programs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext_noop as _

from config.kinds import kind
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.hours import times_of_week, zones_of
from headoffice.api.models import Scope
from headoffice.db.sums import SafeSum
from headoffice.fleet.models import ExperiencePoint
from headoffice.results.catalogue import Catalogue, question_of
from headoffice.results.counts import month_rows
from headoffice.results.filters import Filters, Rows
from headoffice.results.kinds import Counts, figures
from headoffice.rollups.models import Daily, Hourly
from headoffice.rollups.periods import Span

_Group = tuple[int | str | None, dt.date | None, int, str]
"""By what, the first day of the step, the version and the question."""


@endpoint(
    "results",
    Scope.RESULTS,
    schema.ResultFilters,
    schema.Results,
    _("Every question's counts and figures, each with n and its 95% confidence interval."),
)
def results(filters: schema.ResultFilters) -> schema.Results:
    """GET results."""
    catalogue = Catalogue.load()
    parts = _filtered(filters, catalogue)
    keys, after = _keys(filters, parts, catalogue)
    if filters.by in ("place", "kiosk"):
        parts = [part.filter(**{f"{_COLUMN[filters.by]}__in": keys}) for part in parts]
    elif filters.by == "questionnaire":
        versions = [e.pk for e in catalogue.editions.values() if e.name in keys]
        parts = [part.filter(version__in=versions) for part in parts]
    return schema.Results(tuple(_results(filters, parts, catalogue)), after)


_COLUMN = {"place": "point", "kiosk": "kiosk"}
_EVERY_DAY = Span(dt.date(1970, 1, 1), dt.date(9999, 11, 30))
"""Of whole months, so that no day is left over."""


def _keys(
    filters: schema.ResultFilters, parts: list[Rows], catalogue: Catalogue
) -> tuple[list[int | str], str | None]:
    """What this page is about, and the cursor of the next one."""
    if filters.by == "all":
        return [], None
    if filters.by == "questionnaire":
        names = sorted(catalogue.names())
        begun = position(filters.cursor, tuple[str])
        keys: list[int | str] = [n for n in names if begun is None or n > begun[0]]
    else:
        column = _COLUMN[filters.by]
        start = position(filters.cursor, tuple[schema.StoredNumber])
        found: set[int] = set()
        for part in parts:
            rest = part if start is None else part.filter(**{f"{column}__gt": start[0]})
            listed = rest.order_by(column).values_list(column, flat=True).distinct()
            found.update(listed[: filters.limit + 1])
        keys = list(sorted(found)[: filters.limit + 1])
    more = len(keys) > filters.limit
    shown = keys[: filters.limit]
    return shown, cursor_of([shown[-1]]) if more else None


def _filtered(filters: schema.ResultFilters, catalogue: Catalogue) -> list[Rows]:
    """The counts that are asked for, of whole months where their days are not told apart."""
    span = Span(
        _within_reach(filters.first or _EVERY_DAY.first),
        _within_reach(filters.last or _EVERY_DAY.last),
    )
    parts: list[Rows]
    times = times_of_week(filters)
    if times:
        parts = [Hourly.objects.filter(day__range=tuple(span)).annotate(begins=F("day"))]
    elif filters.step in ("month", "all"):
        parts = month_rows(span)
    else:
        parts = [Daily.objects.filter(day__range=tuple(span)).annotate(begins=F("day"))]
    # All places by name, if none is named: the counts are found by place, question and day.
    places = filters.place or ExperiencePoint.objects.values_list("pk", flat=True)
    named = filters.questionnaire
    editions = catalogue.editions.values() if named is None else catalogue.versions(named)
    counting = Filters(
        points=frozenset(places),
        versions=frozenset(edition.pk for edition in editions),
        questions=catalogue.questions,
        language=filters.language or "",
        test=filters.test,
        misuse=filters.misuse,
        times=times,
        zones=zones_of(filters.place) if times else (),
    )
    narrowed = [counting.narrow(part) for part in parts]
    return [counting.narrow_times(part, "hour_ms") for part in narrowed] if times else narrowed


def _within_reach(day: dt.date) -> dt.date:
    """The nearest day that has days around it; there are no counts of those beyond."""
    return min(max(day, _EVERY_DAY.first - dt.timedelta(days=1)), _EVERY_DAY.last)


def _results(
    filters: schema.ResultFilters, parts: list[Rows], catalogue: Catalogue
) -> Iterator[schema.Result]:
    by = _COLUMN.get(filters.by)
    columns = (*([by] if by else []), *(["begins"] if filters.step != "all" else []))
    groups: dict[_Group, Counts] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        counted = part.values(*columns, "version", "question", "value")
        for row in counted.annotate(total=SafeSum("count")).iterator(chunk_size=5000):
            version = row["version"]
            key = row[by] if by else None
            if filters.by == "questionnaire":
                key = catalogue.editions[version].name
            begins = _begins(row["begins"], filters.step) if filters.step != "all" else None
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
    question = question_of([edition], name)
    return schema.Result(
        by=key,
        begins=begins,
        questionnaire=edition.name,
        question=name,
        kind="" if question is None else kind(question),
        counts=counts,
        figures=tuple(
            schema.Figure(formula.name, index.value, index.n, *index.interval)
            for formula, index in (() if question is None else figures(question, counts))
        ),
    )
