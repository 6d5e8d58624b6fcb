"""What a chart draws, and the table with the same numbers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.ratings import FACE_NAMES, Faces, Rating, enough
from headoffice.rollups.periods import ChartStep


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

    @property
    def data_id(self) -> str:
        """The id of the element that holds the spec."""
        return f"data-{self.key}"


class Point(NamedTuple):
    """One step of a trend with its ratings."""

    label: str
    step: ChartStep
    faces: Faces

    @property
    def n(self) -> int:
        """How many ratings; nought below the privacy minimum."""
        return self.faces.n if enough(self.faces.n) else 0


def step_name(point: Point) -> str:
    """The label of a step, with a mark while it is not whole."""
    return _("%(step)s (partial)") % {"step": point.label} if point.step.partial else point.label


def _few(faces: Faces) -> str:
    return "0" if faces.n == 0 else _("too few")


def trend_chart(points: Sequence[Point], size: str) -> Chart:
    """The index over time with its 95 % band; a gap where too few answered."""
    shown = [point.faces.happiness if point.n else None for point in points]
    known = [index for index in shown if index is not None]
    if known:
        summary = _("From %(first)s to %(last)s, between %(low)s and %(high)s.") % {
            "first": texts.number_text(known[0].value),
            "last": texts.number_text(known[-1].value),
            "low": texts.number_text(min(index.value for index in known)),
            "high": texts.number_text(max(index.value for index in known)),
        }
    else:
        summary = _("Too few answers for a line.")
    spec = {
        "kind": "trend",
        "labels": [point.label for point in points],
        "value": [None if i is None else round(i.value, 2) for i in shown],
        "low": [None if i is None else round(i.interval.low, 2) for i in shown],
        "high": [None if i is None else round(i.interval.high, 2) for i in shown],
        "n": [point.n for point in points],
        "partial": [point.step.partial for point in points],
    }
    rows = tuple(
        (step_name(p), texts.number_text(i.value, 1), texts.interval(i, 1), texts.number_text(i.n))
        if i is not None
        else (step_name(p), "–", "–", _few(p.faces))
        for p, i in zip(points, shown, strict=True)
    )
    header = (_step_name(size), _("Index"), _("95 % interval"), _("Answers"))
    note = _("The band is the 95 % interval. Gaps have too few answers to be shown.")
    if any(point.step.partial for point in points):
        note += " " + _("Hollow points are partial: cut by the period, or still going on.")
    return Chart("trend", _("Happiness index over time"), summary, spec, header, rows, note)


def volume_chart(points: Sequence[Point], size: str) -> Chart:
    """How many answered, step by step."""
    total = sum(point.n for point in points)
    spec = {
        "kind": "volume",
        "labels": [point.label for point in points],
        "value": [point.n for point in points],
        "partial": [point.step.partial for point in points],
    }
    rows = tuple((step_name(p), texts.number_text(p.n) if p.n else _few(p.faces)) for p in points)
    return Chart(
        "volume",
        _("Answers over time"),
        texts.answer_count(total),
        spec,
        (_step_name(size), _("Answers")),
        rows,
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
        (step_name(p), *(f"{texts.number_text(x, 1)} %" for x in s))
        if s is not None
        else (step_name(p), *("–" for _name in names))
        for p, s in zip(points, shares, strict=True)
    )
    return Chart(
        "moods",
        _("Faces over time"),
        ", ".join(names),
        spec,
        (_step_name(size), *names),
        rows,
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
        "text": [f"{texts.number_text(bar.share)} %" for bar in bars],
        "moods": [bar.mood for bar in bars],
    }
    rows = tuple(
        (
            bar.label,
            texts.number_text(bar.count),
            f"{texts.number_text(bar.share, 1)} %",
            bar.interval,
        )
        for bar in bars
    )
    header = (_("Answer"), _("How often"), _("Share"), _("95 % interval"))
    summary = ", ".join(f"{bar.label} {texts.number_text(bar.share)} %" for bar in bars)
    return Chart(key, title, summary, spec, header, rows)


def _step_name(size: str) -> str:
    return {"day": _("Day"), "week": _("Week from"), "month": _("Month")}[size]
