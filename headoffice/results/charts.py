"""What a chart draws, and the table with the same numbers behind it."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.ratings import FACE_NAMES, Faces, Rating, enough
from headoffice.results.statistics import Index
from headoffice.rollups.periods import ChartStep, Span


def faces_within(by_day: Mapping[date, Faces], spans: Sequence[Span]) -> list[Faces]:
    """What was said in each of these spans, which come in their order and share no day."""
    firsts = [span.first for span in spans]
    parts: list[list[Faces]] = [[] for _ in spans]
    for day, part in by_day.items():
        at = bisect_right(firsts, day) - 1
        if at >= 0 and day <= spans[at].last:
            parts[at].append(part)
    return [Faces.total(said) for said in parts]


class Chart(NamedTuple):
    """A picture for charts.js, its description, and its table."""

    key: str
    title: str
    summary: str
    """What one would say about it to somebody who can't see it."""
    spec: dict[str, Any]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    marks: tuple[Any, ...] = ()
    """The notes about its days, as place_notes.py marks them."""
    links: tuple[str, ...] = ()
    """Of each row the query of the same page for the answers behind it."""

    @property
    def linked_rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """The rows, each after its link or an empty text."""
        links = self.links or ("",) * len(self.rows)
        return list(zip(links, self.rows, strict=True))

    @property
    def data_id(self) -> str:
        """The id of the element that holds the spec."""
        return f"data-{self.key}"


class Point(NamedTuple):
    """One step of a trend with its ratings."""

    label: str
    step: ChartStep
    faces: Faces
    link: str = ""
    """The query of the page that shows what is behind it."""

    @property
    def n(self) -> int:
        """How many ratings; nought below the privacy minimum."""
        return self.faces.n if enough(self.faces.n) else 0


class QuietLine(NamedTuple):
    """The index of another time, drawn behind the line step by step."""

    title: str
    days: str
    steps: tuple[Faces, ...]

    @property
    def indices(self) -> list[Index | None]:
        """None where too few answered."""
        return [faces.happiness if enough(faces.n) else None for faces in self.steps]

    @property
    def is_line(self) -> bool:
        """Whether two steps beside each other are known: one alone is no line to be seen."""
        return any(a is not None and b is not None for a, b in pairwise(self.indices))


def step_name(point: Point) -> str:
    """The label of a step, with a mark while it is not whole."""
    return _("%(step)s (partial)") % {"step": point.label} if point.step.partial else point.label


def _few(faces: Faces) -> str:
    return "0" if faces.n == 0 else _("too few")


def trend_chart(
    points: Sequence[Point],
    size: str,
    quiet: Sequence[QuietLine] = (),
) -> Chart:
    """The index over time with its 95 % band; a gap where too few answered."""
    shown = [point.faces.happiness if point.n else None for point in points]
    known = [index for index in shown if index is not None]
    lines = [line for line in quiet if any(line.indices)]
    drawn = [line for line in lines if line.is_line]
    axis = scale_of([i for line in drawn for i in line.indices if i is not None], known)
    spec = {
        "kind": "trend",
        "labels": [point.label for point in points],
        "value": [None if i is None else round(i.value, 2) for i in shown],
        "low": [None if i is None else round(i.interval.low, 2) for i in shown],
        "high": [None if i is None else round(i.interval.high, 2) for i in shown],
        "n": [point.n for point in points],
        "partial": [point.step.partial for point in points],
        "links": [point.link for point in points],
        "axis": axis,
        "quiet": [
            {
                "name": line.title,
                "value": [None if i is None else round(i.value, 2) for i in line.indices],
                "n": [0 if i is None else i.n for i in line.indices],
            }
            for line in drawn
        ],
    }
    rows = tuple(
        (*_trend_cells(point, index), *(_quiet_cell(line.indices[at]) for line in lines))
        for at, (point, index) in enumerate(zip(points, shown, strict=True))
    )
    header = (
        size_name(size),
        _("Index"),
        _("95% confidence interval"),
        _("Answers"),
        *(line.title for line in lines),
    )
    return Chart(
        "trend",
        _("Happiness index over time"),
        _trend_summary(points, shown),
        spec,
        header,
        rows,
        _trend_note(points, drawn, axis),
        links=tuple(point.link for point in points),
    )


def scale_of(values: Sequence[Index], banded: Sequence[Index] = ()) -> tuple[int, int]:
    """The tens around these values, and around the intervals of those that have a band."""
    ends = [i.value for i in values] + [end for i in banded for end in i.interval]
    if not ends:
        return 0, 100
    low, high = min(ends), max(ends)
    return max(0, math.floor((low - 3) / 10) * 10), min(100, math.ceil((high + 3) / 10) * 10)


def _trend_cells(point: Point, index: Index | None) -> tuple[str, ...]:
    if index is None:
        return step_name(point), "–", "–", _few(point.faces)
    value, interval = texts.number_text(index.value, 1), texts.interval(index, 1)
    return step_name(point), value, interval, texts.number_text(index.n)


def _quiet_cell(index: Index | None) -> str:
    return "–" if index is None else texts.number_text(index.value, 1)


def _trend_summary(points: Sequence[Point], shown: Sequence[Index | None]) -> str:
    pairs = [(p, i) for p, i in zip(points, shown, strict=True) if i is not None]
    # What is not whole says least of all how it ended.
    known = [i for p, i in pairs if not p.step.partial] or [i for _p, i in pairs]
    if not known:
        return _("Too few answers for a line.")
    return _("From %(first)s to %(last)s, between %(low)s and %(high)s.") % {
        "first": texts.number_text(known[0].value),
        "last": texts.number_text(known[-1].value),
        "low": texts.number_text(min(index.value for index in known)),
        "high": texts.number_text(max(index.value for index in known)),
    }


def scale_note(axis: tuple[int, int]) -> list[str]:
    """That a scale is cut, if it is."""
    if axis == (0, 100):
        return []
    text = _("The scale runs from %(low)s to %(high)s, not from 0 to 100.")
    return [text % {"low": texts.number_text(axis[0]), "high": texts.number_text(axis[1])}]


def partial_note(points: Sequence[Point]) -> list[str]:
    """How points that are not whole are drawn, if there are any."""
    if not any(point.step.partial for point in points):
        return []
    return [_("Hollow points are partial: cut by the period, or still going on.")]


def _trend_note(points: Sequence[Point], lines: Sequence[QuietLine], axis: tuple[int, int]) -> str:
    found = [_("The band is the 95% confidence interval. Gaps have too few answers to be shown.")]
    found += partial_note(points)
    found += scale_note(axis)
    looks = (_("Dashed: %(days)s."), _("Dotted: %(days)s."), _("Dashes and dots: %(days)s."))
    found += [look % {"days": line.days} for look, line in zip(looks, lines, strict=False)]
    return " ".join(found)


def volume_chart(points: Sequence[Point], size: str) -> Chart:
    """How many answered, step by step."""
    total = sum(point.n for point in points)
    spec = {
        "kind": "volume",
        "labels": [point.label for point in points],
        "value": [point.n for point in points],
        "partial": [point.step.partial for point in points],
        "links": [point.link for point in points],
    }
    rows = tuple((step_name(p), texts.number_text(p.n) if p.n else _few(p.faces)) for p in points)
    return Chart(
        "volume",
        _("Answers over time"),
        texts.answer_count(total),
        spec,
        (size_name(size), _("Answers")),
        rows,
        links=tuple(point.link for point in points),
    )


def mood_chart(points: Sequence[Point], size: str) -> Chart | None:
    """The share of every face over time; None without any."""
    scales = {len(tally) for point in points for tally in point.faces.tallies}
    if not scales:
        return None
    # Kiosks with 3 and with 5 faces side by side: the faces meet on the scale of five.
    scale = scales.pop() if len(scales) == 1 else 5
    shares = []
    for point in points:
        sums = [0] * scale
        for tally in point.faces.tallies:
            for face, count in enumerate(tally):
                sums[round(face * (scale - 1) / (len(tally) - 1))] += count
        shares.append([100 * s / point.n for s in sums] if point.n else None)
    names = [str(name) for name in FACE_NAMES[scale]]
    spec = {
        "kind": "moods",
        "labels": [point.label for point in points],
        "links": [point.link for point in points],
        "series": [
            {
                "name": name,
                "mood": Rating(face, scale).mood,
                "value": [None if s is None else round(s[face], 2) for s in shares],
            }
            for face, name in enumerate(names)
        ],
    }
    rows = tuple(
        (step_name(p), *(texts.percent(x, 1) for x in s))
        if s is not None
        else (step_name(p), *("–" for _name in names))
        for p, s in zip(points, shares, strict=True)
    )
    return Chart(
        "moods",
        _("Faces over time"),
        ", ".join(names),
        spec,
        (size_name(size), *names),
        rows,
        links=tuple(point.link for point in points),
    )


@dataclass(frozen=True)
class Bar:
    """One answer of a distribution."""

    label: str
    count: int
    share: float
    interval: str
    mood: int | None = None


def distribution(key: str, title: str, bars: Sequence[Bar]) -> Chart:
    """How the answers to one question spread, in per cent, each with its interval."""
    spec = {
        "kind": "distribution",
        "labels": [bar.label for bar in bars],
        "value": [round(bar.share, 2) for bar in bars],
        "text": [texts.percent(bar.share) for bar in bars],
        "moods": [bar.mood for bar in bars],
    }
    rows = tuple(
        (
            bar.label,
            texts.number_text(bar.count),
            texts.percent(bar.share, 1),
            bar.interval,
        )
        for bar in bars
    )
    header = (_("Answer"), _("How often"), _("Share"), _("95% confidence interval"))
    summary = ", ".join(f"{bar.label} {texts.percent(bar.share)}" for bar in bars)
    return Chart(key, title, summary, spec, header, rows)


def size_name(size: str) -> str:
    """What the steps of a chart are called."""
    return {
        "hour": _("Hour"),
        "day": _("Day"),
        "week": _("Week from"),
        "month": _("Month"),
    }[size]
