"""Which rows count, and what a page is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from headoffice.messages.models import StoredMessage
from headoffice.results.places import Place
from headoffice.rollups import periods
from headoffice.rollups.areas import SummedArea
from headoffice.rollups.periods import Period, Span
from headoffice.rollups.times_of_week import TimesOfWeek

Rows = QuerySet[Any, Any]
EVER_MS = (0, 2**63 - 1)
_DAY = timedelta(days=1)


ZonePoints = tuple[str, frozenset[int]]
"""A time zone with the points in it."""


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
    times: TimesOfWeek | None = None
    """At which hours of the week by the clock of each place."""
    zones: tuple[ZonePoints, ...] = ()
    """The points by their time zone; of no use without ``times``."""

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

    def narrow_times(
        self, rows: Rows, column: str, from_ms: int = EVER_MS[0], until_ms: int = EVER_MS[1]
    ) -> Rows:
        """Rows whose column, Unix ms, is of the hours of the week that count.

        The rows are of instants between two, both included.
        """
        if self.times is None:
            return rows
        if len(self.zones) == 1:
            return rows.filter(self.times.condition(column, self.zones[0][0], from_ms, until_ms))
        counting = Q()
        for zone, points in self.zones:
            here = self.times.condition(column, zone, from_ms, until_ms)
            counting |= here & Q(point__among=points)
        return rows.filter(counting) if self.zones else rows.none()

    def last_words(self, within_ms: tuple[int, int] = EVER_MS) -> "QuerySet[StoredMessage]":
        """The answers that count: of everything said on a question of a response the last.

        Those that were given between two instants, both included.
        """
        rows = StoredMessage.objects.filter(kind=StoredMessage.Kind.ANSWER, counts=True)
        if within_ms != EVER_MS:
            rows = rows.filter(happened_ms__range=within_ms)
        asked = replace(self, points=None) if self.everywhere else self
        return self.narrow_times(asked.narrow(rows), "happened_ms", *within_ms)

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


class Calendar(NamedTuple):
    """Places at which it is the same day now."""

    today: date
    points: frozenset[int]
    period: Period
    """What is asked for, as seen on that day."""


@dataclass(frozen=True, kw_only=True)
class Selection(Filters):
    """One question put to the counts."""

    period: Period
    """As most of the places have it; see ``calendars``."""
    calendars: tuple[Calendar, ...]
    """Far east it is tomorrow already: each place has the days of its own, wherever it is shown."""
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

    def own_spans(self, span: Span) -> dict[Span, frozenset[int]]:
        """The days that the places have for these of the period, or of a time that it is compared
        with, each with the points that have them; any other days are the same everywhere.
        """
        found: dict[Span, frozenset[int]] = {}
        names = ("span", "before", "year_ago")
        role = next((name for name in names if getattr(self.period, name) == span), None)
        for calendar in self.calendars:
            own = span if role is None else getattr(calendar.period, role)
            if here := calendar.points & self.points:
                found[own] = found.get(own, frozenset()) | here
        return found or {span: self.points}

    def parts(self, span: Span) -> list[tuple[frozenset[int], Span]]:
        """The same as points with days to count: the days that they have in common at once."""
        own, common = self.own_spans(span), self.common(span)
        if len(own) == 1 or common.first > common.last:
            return [(points, one) for one, points in own.items()]
        found = [(self.points, common)]
        for one, points in own.items():
            ends = Span(one.first, common.first - _DAY), Span(common.last + _DAY, one.last)
            found += [(points, end) for end in ends if end.first <= end.last]
        return found

    def whole(self, span: Span) -> Span:
        """From the first of the days that any place has for these to the last one."""
        own = self.own_spans(span)
        return Span(min(one.first for one in own), max(one.last for one in own))

    def common(self, span: Span) -> Span:
        """The days that all places have for these; backwards if there is none."""
        own = self.own_spans(span)
        return Span(max(one.first for one in own), min(one.last for one in own))

    def days(self, span: Span) -> int:
        """How many days of a span are asked about: some weekdays may not be."""
        if self.times is None:
            return span.days
        each = (span.first + n * _DAY for n in range(span.days))
        return sum(day.isoweekday() in self.times.days for day in each)

    @property
    def first_today(self) -> date:
        """The earliest of the days that the places have now: those before it are over."""
        return min(calendar.today for calendar in self.calendars)

    def in_period(self, name: str) -> "Selection":
        """The same question about another period, by its name."""
        calendars = tuple(
            calendar._replace(period=periods.period_by_name(name, calendar.today))
            for calendar in self.calendars
        )
        return replace(self, calendars=calendars, period=calendars[0].period)

    def fields(self, **changes: object) -> list[tuple[str, str]]:
        """The fields of an address that asks this, with some changed; None drops one."""
        pairs: dict[str, object] = {
            "period": self.period.name,
            "place": [place.key for place in self.places],
            "questionnaire": self.questionnaire,
            "version": self.version,
            "language": self.language,
            "tag": self.tag,
            "weekday": sorted(self.times.weekdays) if self.times else [],
            "from_hour": self.times.first if self.times and not self.times.every_hour else None,
            "to_hour": self.times.until if self.times and not self.times.every_hour else None,
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
