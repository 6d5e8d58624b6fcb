"""Which rows count, and what a page is asked for: all of it stands in its address."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from headoffice.messages.models import StoredMessage
from headoffice.results.catalogue import Catalogue
from headoffice.results.places import Directory, Place
from headoffice.rollups import periods
from headoffice.rollups.areas import SummedArea
from headoffice.rollups.periods import Period, Span

MOST_PLACES = 200
Rows = QuerySet[Any, Any]


class AbsentError(Exception):
    """The address names a place that is not there for this person."""


@dataclass(frozen=True)
class Filters:
    """Which rows count: of counts, of their sums and of stored messages alike.

    Said here and nowhere else: pages, wall, exports and API all narrow their rows by it.
    """

    points: frozenset[int] | None = None
    """Where. As of what follows, None stands for all of them."""
    kiosks: frozenset[int] | None = None
    versions: frozenset[int] | None = None
    questions: frozenset[str] | None = None
    language: str = ""
    """Empty: every language."""
    test: bool = False
    """Whether answers made in test mode count."""
    misuse: bool = False
    """Whether suspected misuse counts."""
    everywhere: bool = False
    """Whether the points are all that there are: messages need not be found by each of them."""

    def narrow(self, rows: Rows) -> Rows:
        """The counts, or messages, of kiosks that count."""
        if self.points is not None:
            rows = rows.filter(point__among=self.points)
        if self.kiosks is not None:
            rows = rows.filter(kiosk__among=self.kiosks)
        return self.narrow_sums(rows)

    def narrow_sums(self, rows: Rows) -> Rows:
        """The same of sums of areas, which know neither points nor kiosks."""
        for column, value in self._conditions():
            one_of_many = isinstance(value, frozenset)
            rows = rows.filter(**{f"{column}__in" if one_of_many else column: value})
        return rows

    def last_words(self) -> "QuerySet[StoredMessage]":
        """The answers that count: of everything said on a question of a response the last."""
        rows = StoredMessage.objects.filter(kind=StoredMessage.Kind.ANSWER, counts=True)
        return (replace(self, points=None) if self.everywhere else self).narrow(rows)

    def sql(self, messages: str) -> tuple[list[str], dict[str, str | int]]:
        """Terms on messages of this alias, and their parameters; without points and kiosks."""
        terms: list[str] = []
        values: dict[str, str | int] = {}
        for column, value in self._conditions():
            cell = f"{messages}.{column}"
            match value:
                case bool():
                    terms.append(cell if value else f"NOT {cell}")
                case str():
                    terms.append(f"{cell} = %({column})s")
                    values[column] = value
                case _:
                    names = {f"{column}_is_{n}": one for n, one in enumerate(sorted(value))}
                    inside = ", ".join(f"%({name})s" for name in names)
                    # Of no row; with a column, since Citus refuses a constant condition beside
                    # an outer join.
                    terms.append(f"{cell} IN ({inside})" if names else f"{messages}.seq < 0")
                    values |= names
        return terms, values

    def _conditions(self) -> Iterator[tuple[str, Any]]:
        """Columns of what was said, each with its value or with those that it may have."""
        if self.versions is not None:
            yield "version", self.versions
        if self.questions is not None:
            yield "question", self.questions
        if self.language:
            yield "language", self.language
        if not self.test:
            yield "test", False
        if not self.misuse:
            yield "misuse", ""


@dataclass(frozen=True, kw_only=True)
class Selection(Filters):
    """One question put to the counts."""

    period: Period
    points: frozenset[int]
    """Where to count: never more than the person may see."""
    places: tuple[Place, ...] = ()
    """What was chosen; empty: everything visible."""
    areas: tuple[SummedArea, ...] = ()
    """Whose counts are summed, the largest first; they may lie beyond the points."""
    questionnaire: str = ""
    version: int | None = None
    tag: str = ""
    """Only the points that have it are among ``points``."""
    against: Span | None = None
    """Days of one's own to compare with, beside those of the period."""
    problems: tuple[str, ...] = field(default=(), compare=False)
    """What about the address could not be followed, in words."""

    def within(self, points: frozenset[int]) -> "Selection":
        """The same question about some of its points."""
        within = self.points & points
        return replace(self, points=within, everywhere=self.everywhere and within == self.points)

    def fields(self, **changes: object) -> list[tuple[str, str]]:
        """The fields of an address that asks this, with some changed; None drops one."""
        pairs: dict[str, object] = {
            "period": self.period.name,
            "place": [place.key for place in self.places],
            "questionnaire": self.questionnaire,
            "version": self.version,
            "language": self.language,
            "tag": self.tag,
            "since": self.against.first.isoformat() if self.against else None,
            "until": self.against.last.isoformat() if self.against else None,
            "test": "1" if self.test else None,
            "misuse": "1" if self.misuse else None,
        }
        if not self.period.name:
            pairs |= {
                "from": self.period.span.first.isoformat(),
                "to": self.period.span.last.isoformat(),
            }
        if "period" in changes:
            pairs |= {"from": None, "to": None}
        found = []
        for name, value in (pairs | changes).items():
            values = value if isinstance(value, list) else [value]
            found += [(name, str(one)) for one in values if one not in (None, "")]
        return found

    def address(self, **changes: object) -> str:
        """The query of an address that asks this, with some fields changed; None drops one."""
        return "?" + urlencode(self.fields(**changes))


def parse_filters(query: QueryDict, directory: Directory, catalogue: Catalogue) -> Selection:
    """What an address asks for; AbsentError for a place that is not there for this person.

    What can't be followed otherwise is said in ``problems``, and the rest is followed.
    """
    problems: list[str] = []
    places = _places(query.getlist("place"), directory, problems)
    points, kiosks = directory.points, None
    if places:
        points = frozenset[int]().union(*(place.points for place in places))
        named = frozenset(place.kiosk for place in places if place.kiosk is not None)
        kiosks = named or None
    tag = _tag(query.get("tag", ""), directory, problems)
    if tag:
        points &= directory.tags[tag]
        if not points:
            problems.append(_("None of these places has the tag “%(tag)s”.") % {"tag": tag})
    questionnaire, version, versions = _versions(query, catalogue, problems)
    today = directory.today(points)
    return Selection(
        period=_period(query, today, problems),
        points=points,
        places=places,
        areas=directory.areas,
        everywhere=directory.complete and not places and not tag,
        kiosks=kiosks,
        versions=versions,
        questionnaire=questionnaire,
        version=version,
        language=_language(query.get("language", ""), problems),
        tag=tag,
        against=_against(query, today, problems),
        test=query.get("test") == "1",
        misuse=query.get("misuse") == "1",
        problems=tuple(problems),
    )


def _places(keys: Iterable[str], directory: Directory, problems: list[str]) -> tuple[Place, ...]:
    named = [key for key in dict.fromkeys(keys) if key]
    if len(named) > MOST_PLACES:
        problems.append(
            _("More than %(n)d places were chosen; the first ones are shown.") % {"n": MOST_PLACES}
        )
    if any(key not in directory.places for key in named):
        raise AbsentError
    places = tuple(directory.places[key] for key in named[:MOST_PLACES])
    whole = tuple(place for place in places if place.kiosk is None)
    if whole and len(whole) < len(places):
        problems.append(_("Kiosks can't be mixed with places; the kiosks are left out."))
        return whole
    return places


def _tag(tag: str, directory: Directory, problems: list[str]) -> str:
    if not tag or tag in directory.tags:
        return tag
    problems.append(_("No place has this tag; places with any are shown."))
    return ""


def _language(tag: str, problems: list[str]) -> str:
    if not tag or re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?", tag):
        return tag
    problems.append(_("There is no such language; all of them are shown."))
    return ""


def _versions(
    query: Mapping[str, str], catalogue: Catalogue, problems: list[str]
) -> tuple[str, int | None, frozenset[int] | None]:
    name, text = query.get("questionnaire", ""), query.get("version", "")
    if not name:
        return "", None, None
    editions = {edition.pk for edition in catalogue.versions(name)}
    if not editions:
        problems.append(_("There is no questionnaire of this name; all of them are shown."))
        return "", None, None
    if text.isdecimal() and len(text) < 20 and int(text) in editions:
        return name, int(text), frozenset({int(text)})
    if text:
        problems.append(_("The questionnaire has no such version; all of them are shown."))
    return name, None, frozenset(editions)


def _against(query: Mapping[str, str], today: date, problems: list[str]) -> Span | None:
    since, until = query.get("since", ""), query.get("until", "")
    if not since and not until:
        return None
    try:
        return periods.period_between(
            date.fromisoformat(since), date.fromisoformat(until), today
        ).span
    except ValueError:
        problems.append(_("The days to compare with are not two days in order; they are left out."))
        return None


def _period(query: Mapping[str, str], today: date, problems: list[str]) -> Period:
    name, first, last = (query.get(key, "") for key in ("period", "from", "to"))
    if name:
        try:
            return periods.period_by_name(name, today)
        except KeyError:
            problems.append(_("There is no such period; the last 28 days are shown."))
    elif first or last:
        reasons = {
            "backwards": _("The first day lies after the last one; the last 28 days are shown."),
            "future": _("That period has not begun; the last 28 days are shown."),
            "long": _("Periods of up to three years can be shown; choose a shorter one."),
        }
        try:
            return periods.period_between(
                date.fromisoformat(first), date.fromisoformat(last), today
            )
        except ValueError as error:
            unreadable = _("Give both days like 2026-05-31; the last 28 days are shown.")
            problems.append(reasons.get(str(error), unreadable))
    return periods.period_by_name(periods.DEFAULT, today)
