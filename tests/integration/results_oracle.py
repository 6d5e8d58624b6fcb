"""Every figure worked out again in plain Python, from what the shoppers did.

Nothing of the head office is used here: other code, other formulas for the same definitions,
calendars straight from the time zones.
"""

import calendar
import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist, pvariance
from typing import Any
from zoneinfo import ZoneInfo

from results_data import FIVE, Chain, Said

from config.questionnaire import canonical, digest
from config.values import ChoiceValue, ContactDetails

Z = 1.959963984540054
MINIMUM = 5
FACES = {"mood": 3, "face": 5}
"""How many faces each rating question has."""
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    value: float
    n: int
    low: float
    high: float
    worth: float
    """So many answers at the two ends of the scale would be as precise."""


@dataclass(frozen=True)
class Days:
    first: dt.date
    last: dt.date
    at: Mapping[int, "Days"] = field(default_factory=dict, hash=False)
    """What the same days are at points where it may be another day now."""

    @property
    def whole(self) -> "Days":
        """From the first of the days that any of the points has to the last one."""
        own = [*self.at.values()] or [self]
        return Days(min(days.first for days in own), max(days.last for days in own))

    @property
    def common(self) -> "Days":
        """Those that all of them have."""
        own = [*self.at.values()] or [self]
        return Days(max(days.first for days in own), min(days.last for days in own))

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Question:
    """What is asked of the chain."""

    points: frozenset[int]
    days: Days
    language: str = ""
    test: bool = False
    misuse: bool = False
    digests: frozenset[str] | None = None
    kiosks: frozenset[int] | None = None
    hours: frozenset[tuple[int, int]] | None = None
    """ISO weekdays with hours on the wall."""


def counts(said: Said, asked: Question) -> bool:
    """Whether what was said counts: the one place of the tests that says so."""
    return (
        said.point in asked.points
        and local(said).date() in asked.days.at.get(said.point, asked.days)
        and (asked.kiosks is None or said.kiosk in asked.kiosks)
        and (not asked.language or said.language == asked.language)
        and (asked.hours is None or (local(said).isoweekday(), local(said).hour) in asked.hours)
        and (asked.test or not said.test)
        and (asked.misuse or not said.misuse)
        and (asked.digests is None or said.questionnaire in asked.digests)
    )


def score_interval(p: float, n: float) -> tuple[float, float]:
    """The two shares whose test statistic against p is exactly Z: roots of a quadratic."""
    a, b, c = 1 + Z * Z / n, -(2 * p + Z * Z / n), p * p
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def mean(values: list[float], low: float, high: float) -> Figure | None:
    if not values:
        return None
    n, value = len(values), math.fsum(values) / len(values)
    p = (value - low) / (high - low)
    seen = pvariance(values, value) / (high - low) ** 2
    # Four more answers, spread as widely as answers of this mean can be.
    worth = n * (n + 4) * p * (1 - p) / (n * seen + 4 * p * (1 - p)) if 0 < p < 1 else n
    a, b = score_interval(p, worth)
    return Figure(value, n, low + (high - low) * a, low + (high - low) * b, worth)


def gap(one: Figure, other: Figure) -> tuple[float, float, float]:
    """Newcombe's square-and-add interval of a difference."""
    d = one.value - other.value
    down = math.sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    up = math.sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return d, d - down, d + up


def chance(one: Figure, other: Figure) -> float:
    """The larger p-value of two tests of two indices, on Student's distribution."""
    d, low, high = gap(one, other)
    if low <= 0 <= high:
        return 1.0
    middle = (one.value * one.worth + other.value * other.worth) / (one.worth + other.worth)
    error = math.sqrt(middle * (100 - middle) * (1 / one.worth + 1 / other.worth))
    points = min(abs(d) / error, Z * abs(d) / (d - low if d > 0 else high - d))
    df = max(1, min(one.n, other.n) - 1)
    normal = math.sqrt(df * math.log(1 + points**2 / df)) * (8 * df + 1) / (8 * df + 3)
    return 2 * (1 - NormalDist().cdf(normal))


def clear(pairs: list[tuple[Figure, Figure]]) -> list[bool]:
    """Which differences are clear among all of these: Benjamini and Hochberg, at 5 %."""
    chances = [chance(one, other) for one, other in pairs]
    m = len(chances)
    passing = [p for k, p in enumerate(sorted(chances), start=1) if p <= 0.05 * k / m]
    return [p <= min(0.05, max(passing, default=-1.0)) for p in chances]


def local(said: Said) -> dt.datetime:
    return dt.datetime.fromtimestamp(said.at_ms / 1000, ZoneInfo(said.zone))


def time_there(said: Said, office: str) -> str:
    """The time on the wall there, with its zone where the clock of the head office differs."""
    at = local(said)
    same = at.utcoffset() == at.astimezone(ZoneInfo(office)).utcoffset()
    return f"{at:%H:%M}" if same else f"{at:%H:%M %Z}"


class Oracle:
    """Answers questions about a chain."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.last_words = chain.counting()

    def asked(self, question: Question) -> list[Said]:
        return [s for s in self.last_words if counts(s, question)]

    def ratings(self, question: Question) -> list[Said]:
        return [s for s in self.asked(question) if s.question in FACES]

    def index(self, question: Question) -> Figure | None:
        return index(self.ratings(question))

    def comparable(self, asked: Question, days: Days) -> bool:
        """Whether the days asked about may be compared with others, by docs/results.md."""
        parts = []
        for when in (asked.days, days):
            ratings = self.ratings(Question(**{**vars(asked), "days": when}))
            seen, length = {local(s).date() for s in ratings}, (when.last - when.first).days + 1
            parts.append(min(len(seen), length) / length)
        return min(parts) >= 0.5 and min(parts) >= 0.75 * max(parts)

    def by(self, question: Question, key: Callable[[Said], Any]) -> dict[Any, list[Said]]:
        found: dict[Any, list[Said]] = {}
        for said in self.ratings(question):
            found.setdefault(key(said), []).append(said)
        return found


def index(ratings: Iterable[Said]) -> Figure | None:
    worth = [100 * s.value / (FACES[s.question] - 1) for s in ratings]
    return mean(worth, 0, 100)


def step_size(days: int, n: int) -> str:
    """Of twenty answers a step or more, if four steps are left; by the words of docs/results.md."""
    sizes = {"day": 1, "week": 7, "month": 30}
    first = "day" if days <= 62 else "week" if days <= 400 else "month"
    longer = [size for size in sizes if sizes[size] >= sizes[first]]
    possible = [size for size in longer if size == first or days / sizes[size] >= 4]
    full = [size for size in possible if n * sizes[size] / days >= 20]
    return full[0] if full else possible[-1]


def enough(figure: Figure | None) -> bool:
    return figure is not None and figure.n >= MINIMUM


def drawn(parts: Mapping[Any, int], least: int = MINIMUM) -> set[Any]:
    """Parts that may stand beside their whole: what they leave of it is nobody, or enough."""
    found = {key for key, n in parts.items() if n >= least}
    while found and 0 < sum(n for key, n in parts.items() if key not in found) < MINIMUM:
        found.remove(min(found, key=lambda key: parts[key]))
    return found


# --- periods, from their description in docs/results.md -------------------------------------


def period(name: str, today: dt.date) -> tuple[Days, Days, Days]:
    """The days of a period, of the one before, and a year ago."""
    rolling = {"today": 1, "7-days": 7, "28-days": 28, "12-weeks": 84}
    if name in rolling:
        days = Days(today - DAY * (rolling[name] - 1), today)
        return days, shifted(days, -rolling[name]), year_ago(days)
    if name == "month":
        days = Days(today.replace(day=1), today)
        end = days.first - DAY
        start = end.replace(day=1)
        return days, Days(start, min(end, start + DAY * (today.day - 1))), year_ago_dates(days)
    if name == "last-month":
        end = today.replace(day=1) - DAY
        before = end.replace(day=1) - DAY
        days = Days(end.replace(day=1), end)
        start = dt.date(end.year - 1, end.month, 1)
        length = calendar.monthrange(start.year, start.month)[1]
        return days, Days(before.replace(day=1), before), Days(start, start.replace(day=length))
    if name == "year":
        days = Days(dt.date(today.year, 1, 1), today)
        return days, year_ago_dates(days), year_ago_dates(days)
    raise AssertionError(name)


def period_at(name: str, todays: Mapping[int, dt.date]) -> tuple[Days, ...]:
    """The same of points where it may be another day now: those of most of them, and of each."""
    own = {point: period(name, today) for point, today in todays.items()}
    ((most, _n),) = Counter(own.values()).most_common(1)
    return tuple(
        replace(days, at={point: times[n] for point, times in own.items()})
        for n, days in enumerate(most)
    )


def days_of(name: str, today: dt.date) -> Days:
    """The days of a period by its name, counted one by one."""

    def quarter(day: dt.date) -> tuple[int, int]:
        return day.year, (day.month + 2) // 3

    monday = today - DAY * today.weekday()
    alike: dict[str, Callable[[dt.date], bool]] = {
        "yesterday": lambda day: day == today - DAY,
        "week": lambda day: monday <= day,
        "last-week": lambda day: monday - DAY * 7 <= day < monday,
        "quarter": lambda day: quarter(day) == quarter(today),
        "last-quarter": lambda day: (
            4 * day.year + quarter(day)[1] == 4 * today.year + quarter(today)[1] - 1
        ),
        "last-year": lambda day: day.year == today.year - 1,
    }
    if name not in alike:
        return period(name, today)[0]
    held = [day for ago in range(800) if alike[name](day := today - DAY * ago)]
    return Days(held[-1], held[0])


def own_days(days: Days) -> tuple[Days, Days, Days]:
    return days, shifted(days, -((days.last - days.first).days + 1)), year_ago(days)


def shifted(days: Days, by: int) -> Days:
    return Days(days.first + DAY * by, days.last + DAY * by)


def year_ago(days: Days) -> Days:
    if ((days.last - days.first).days + 1) % 7 == 0:
        return shifted(days, -364)
    return year_ago_dates(days)


def year_ago_dates(days: Days) -> Days:
    def earlier(day: dt.date) -> dt.date:
        length = calendar.monthrange(day.year - 1, day.month)[1]
        return dt.date(day.year - 1, day.month, min(day.day, length))

    return Days(earlier(days.first), earlier(days.last))


# --- questions ------------------------------------------------------------------------------


@dataclass
class OfQuestion:
    """What came of one question."""

    answered: int
    skipped: int
    left: int
    seconds: float
    measures: list[Figure]
    shares: dict[str, float]


def counted_words(said: Said) -> list[str]:  # noqa: PLR0911 - one line per value
    """What is counted of a message, by the words of docs/api.md."""
    if said.kind == "skip":
        return ["skipped"]
    if said.kind == "end":
        outcome, question = said.value
        return [outcome, *([f"left:{question}"] if question else [])]
    match said.value:
        case bool() as value:
            return ["yes" if value else "no"]
        case ChoiceValue(options=options, other=other):
            own = [] if other is None else ["other"]
            return ["answered", *(f"option:{option}" for option in options), *own]
        case ContactDetails(consent=consent):
            return ["consent" if consent else "declined"]
        case str():
            return ["text"]
        case number:
            return [str(number)]


def of_question(
    oracle: Oracle, asked: Question, name: str, digests: frozenset[str], steps: int = 7
) -> OfQuestion:
    """``digests``: the versions that ask it with the same scale; ``steps`` of satisfaction."""
    everything = oracle.asked(asked)
    own = [s for s in everything if s.question == name and s.questionnaire in digests]
    answers = [s for s in own if s.kind == "answer"]
    left = sum(s.kind == "end" and s.value[1] == name for s in everything)
    values = [s.value for s in answers]
    counts: Counter[str] = Counter()
    for value in values:
        counts.update(labels(value))
    return OfQuestion(
        answered=len(answers),
        skipped=len(own) - len(answers),
        left=left,
        seconds=math.fsum(s.took_ms for s in answers) / 1000 / max(1, len(answers)),
        measures=[m for m in measures(name, values, steps) if m is not None],
        shares={label: 100 * n / len(answers) for label, n in counts.items()},
    )


def labels(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, ChoiceValue):
        return [*value.options, *(["other"] if value.other is not None else [])]
    if isinstance(value, ContactDetails | str):
        return []
    return [str(value)]


def measures(  # noqa: PLR0911 - one line per question
    name: str, values: list[Any], steps: int
) -> list[Figure | None]:
    def percent(true: Callable[[Any], bool]) -> Figure | None:
        return mean([100.0 * true(v) for v in values], 0, 100)

    match name:
        case "mood" | "face":
            return [mean([100 * v / (FACES[name] - 1) for v in values], 0, 100)]
        case "friend":
            return [mean([100.0 * ((v > 8) - (v < 7)) for v in values], -100, 100)]
        case "easy":
            return [percent(lambda v: v > 4), mean(values, 1, 7)]
        case "service":
            return [percent(lambda v: v > steps - 2), mean(values, 1, steps)]
        case "again":
            return [percent(bool)]
        case "clean":
            return [mean(values, 0, 10)]
        case "reach":
            return [percent(lambda v: v.consent)]
        case _:
            return []


def comments(oracle: Oracle, asked: Question) -> list[tuple[Said, str, int | None]]:
    """Newest first: what was written, and the rating of the same response."""
    ratings = {s.response: s.value for s in oracle.last_words if s.question in FACES}
    found = []
    for said in oracle.asked(asked):
        text = said.value if isinstance(said.value, str) else None
        if isinstance(said.value, ChoiceValue):
            text = said.value.other
        if said.kind == "answer" and text:
            found.append((said, text, ratings.get(said.response)))
    return sorted(found, key=lambda row: (-row[0].at_ms, row[0].question))


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", text.casefold()))


TILL = digest(canonical(FIVE))
