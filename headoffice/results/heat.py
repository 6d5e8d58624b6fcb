"""When people are happy: weekday by hour, each place by the clock on its own wall."""

from datetime import timedelta
from typing import NamedTuple

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import differences_from_rest
from headoffice.results.counts import faces_by_weekday_and_hour
from headoffice.results.filters import Selection
from headoffice.results.places import Directory
from headoffice.results.ratings import Faces, withhold
from headoffice.rollups.periods import Span

LONGEST_DAYS = 92
"""A map of longer periods would read every hour of them; the newest days are drawn."""
_SHADES = ((-15.0, "m3"), (-8.0, "m2"), (-3.0, "m1"), (3.0, "0"), (8.0, "p1"), (15.0, "p2"))


class Cell(NamedTuple):
    """One weekday and hour."""

    text: str
    n: int
    """Nought below the privacy minimum."""
    shade: str
    """How far from the average: m3 to p3, or none; paler where it may be chance."""
    address: str = ""
    """The query of the same page for these hours of this weekday."""

    @property
    def answers(self) -> str:
        """How many answered, as text."""
        return texts.number_text(self.n)


class Heat(NamedTuple):
    """The map, an hour a row."""

    days: str
    cut: bool
    """Whether the period is longer than what is drawn."""
    weekdays: tuple[tuple[str, str], ...]
    """Their names, long and short."""
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    average: str


def heat(selection: Selection, catalogue: Catalogue, directory: Directory) -> Heat | None:
    """The index for each weekday and hour with answers; None where too few answered."""
    span = selection.period.span
    cut = span.days > LONGEST_DAYS
    if cut:
        span = Span(span.last - timedelta(days=LONGEST_DAYS - 1), span.last)
    zones = directory.zones(selection.points)
    cells = faces_by_weekday_and_hour(selection, catalogue, zones, span)
    average = Faces.total(cells.values()).happiness
    hidden = withhold({key: faces.n for key, faces in cells.items()})
    if average is None or len(hidden) == len(cells):
        return None
    known = [(key, faces) for key, faces in cells.items() if key not in hidden]
    apart = differences_from_rest([faces for _key, faces in known], Faces.total(cells.values()))
    clear = {
        key
        for (key, _faces), gap in zip(known, apart, strict=True)
        if gap is not None and gap.clear
    }
    hours = sorted({hour for _day, hour in cells})
    week = texts.week()
    rows = tuple(
        (
            f"{hour:02}",
            tuple(
                _cell(
                    cells.get((day, hour)),
                    average.value,
                    drawn=(day, hour) not in hidden,
                    sure=(day, hour) in clear,
                    address=selection.address(weekday=[day], from_hour=hour, to_hour=hour + 1),
                )
                for day in week
            ),
        )
        for hour in range(hours[0], hours[-1] + 1)
    )
    names = tuple(texts.weekday_text(day) for day in week)
    return Heat(texts.days(span), cut, names, rows, texts.number_text(average.value))


def _cell(faces: Faces | None, average: float, *, drawn: bool, sure: bool, address: str) -> Cell:
    index = faces.happiness if faces is not None else None
    if index is None:
        return Cell("", 0, "none")
    if not drawn:
        return Cell("·", 0, "none")
    away = index.value - average
    shade = next((name for limit, name in _SHADES if away < limit), "p3")
    if shade != "0" and not sure:
        shade = f"{shade[0]}0"
    return Cell(texts.number_text(index.value), index.n, shade, address)
