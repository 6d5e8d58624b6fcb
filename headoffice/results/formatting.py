"""From figures to what the page draws: shares as widths, figures as texts."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.ratings import Faces, Rating, Tally
from headoffice.results.statistics import Index


class FaceCount(NamedTuple):
    """One face of a row with its count."""

    key: str
    """As it stands in an address."""
    image: str
    name: str
    number: int
    percent: str
    mood: str
    """Names its colour: the place on the scale from bad to good, in quarters."""
    x: str
    width: str
    """Where its part of the bar begins and how wide it is, in hundredths."""


class IndexText(NamedTuple):
    """An index as texts; all empty without answers."""

    value: str
    n: str
    interval: str
    low: str
    width: str
    dot: str


def face_rows(faces: Faces) -> tuple[tuple[FaceCount, ...], ...]:
    """One row of faces for each scale that was shown."""
    return tuple(_row(tally) for tally in faces.tallies)


def _row(tally: Tally) -> tuple[FaceCount, ...]:
    number, n = len(tally), sum(tally)
    row = []
    x = 0.0
    for face, count in enumerate(tally):
        width = 100 * count / n if n else 0.0
        rating = Rating(face, number)
        row.append(
            FaceCount(
                key=rating.key,
                image=rating.image,
                name=rating.name,
                number=count,
                percent=texts.percent(width) if n else "",
                mood=str(rating.mood),
                x=f"{x:.3f}",
                width=f"{width:.3f}",
            )
        )
        x += width
    return tuple(row)


def rating_choices(faces: Faces, chosen: Rating | None = None) -> list[tuple[str, str]]:
    """The faces that shoppers were shown, the happiest first, with their keys.

    The chosen one is among them, whoever was shown it.
    """
    scales = sorted({len(tally) for tally in faces.tallies} | ({chosen.faces} if chosen else set()))
    found = []
    for number in scales:
        for face in reversed(range(number)):
            rating = Rating(face, number)
            of = _("%(face)s, of %(n)d faces") % {"face": rating.name, "n": number}
            found.append((rating.key, of if len(scales) > 1 else rating.name))
    return found


def index_text(index: Index | None, scale: tuple[int, int] = (0, 100)) -> IndexText:
    """An index from 0 to 100 as texts and as a ruler, whose ends are those of the scale."""
    if index is None:
        return IndexText("", "0", "", "0", "0", "0")
    begin, end = scale
    low, value, high = (
        100 * (at - begin) / (end - begin)
        for at in (index.interval.low, index.value, index.interval.high)
    )
    return IndexText(
        value=texts.number_text(index.value),
        n=texts.number_text(index.n),
        interval=texts.interval(index),
        low=f"{low:.2f}",
        width=f"{high - low:.2f}",
        dot=f"{value:.2f}",
    )


def ruler_ends(indices: Iterable[Index]) -> tuple[int, int]:
    """The tens around all these intervals, so that what differs is seen to differ."""
    intervals = [index.interval for index in indices]
    if not intervals:
        return 0, 100
    low, high = min(i.low for i in intervals), max(i.high for i in intervals)
    return math.floor(low / 10) * 10, max(math.floor(low / 10) * 10 + 10, math.ceil(high / 10) * 10)
