"""What the manager of a shop sees first: this week against usual, on one screen of a phone."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import formatting, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import IndexChange, index_change
from headoffice.results.comments import (
    CommentRow,
    comment_rows,
    hide_personal,
    newest_comments,
)
from headoffice.results.counts import faces, faces_by, faces_by_weekday_and_hour
from headoffice.results.filters import Selection
from headoffice.results.formatting import IndexText
from headoffice.results.places import Directory
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import Index, difference
from headoffice.results.top_options import OptionShare, top_options
from headoffice.rollups.periods import Span

USUAL_WEEKS = 8
"""What is usual is what the same weekdays of so many weeks before were like, together."""
_WEEK = timedelta(days=7)
HOURS_DAYS = 28
WORST_HOURS = 3
NEWEST = 3
REASONS = 3


class WorstHour(NamedTuple):
    """An hour of a weekday at which people were clearly less happy than at others."""

    hour: str
    value: str
    n: str
    address: str
    """To the answers of that hour."""


class GoalText(NamedTuple):
    """How far the week is from its goal."""

    goal: int
    text: str
    mood: str
    """``better``, ``worse`` or ``same``, for its look."""


@dataclass(frozen=True)
class ShopWeek:
    """The page."""

    title: str
    """Which week it is."""
    days: str
    figure: IndexText
    few: bool
    n: str
    usual: IndexChange
    usual_figure: IndexText
    goal: GoalText | None
    worst: tuple[WorstHour, ...]
    reasons_of: str
    """The question that the reasons answer."""
    reasons: tuple[OptionShare, ...]
    comments: tuple[CommentRow, ...]


def shop_week(
    selection: Selection,
    catalogue: Catalogue,
    directory: Directory,
    *,
    goal: int | None,
    language: str,
    personal: bool,
) -> ShopWeek:
    """This week so far; the last one while too few have answered in this."""
    selection, title = selection.in_period("week"), _("This week")
    now = faces(selection, catalogue, selection.period.span)
    if not enough(now.n):
        earlier = selection.in_period("last-week")
        before = faces(earlier, catalogue, earlier.period.span)
        if enough(before.n):
            selection, title, now = earlier, _("Last week"), before
    span = selection.period.span
    few = not enough(now.n)
    usual = usual_faces(selection, catalogue, span)
    own = None if few else now.happiness
    usual_index = usual.happiness if enough(usual.n) else None
    recent = selection.in_period("28-days")
    written = faces(recent, catalogue, recent.period.span).n
    reasons = [] if few else top_options(recent, catalogue, language)
    return ShopWeek(
        title=title,
        days=texts.days(span),
        figure=formatting.index_text(own),
        few=few,
        n=texts.number_text(now.n),
        usual=index_change(now, usual, _("Usual"), span),
        usual_figure=formatting.index_text(usual_index),
        goal=None if goal is None or own is None else _goal_text(goal, own),
        worst=_worst_hours(recent, catalogue, directory),
        reasons_of=reasons[0].question if reasons else "",
        reasons=reasons[0].options[:REASONS] if reasons else (),
        comments=_newest(recent, catalogue, directory, personal=personal)
        if enough(written)
        else (),
    )


def usual_faces(selection: Selection, catalogue: Catalogue, span: Span) -> Faces:
    """What the same weekdays of the weeks before a span were like, each week as much as it had."""
    first = span.first - USUAL_WEEKS * _WEEK
    weekdays = {(span.first + timedelta(days=n)).weekday() for n in range(span.days)}
    before = Span(first, span.first - timedelta(days=1))
    by_day = faces_by(selection, catalogue, before, "day")
    return Faces.total(part for (day,), part in by_day.items() if day.weekday() in weekdays)


def _worst_hours(
    selection: Selection, catalogue: Catalogue, directory: Directory
) -> tuple[WorstHour, ...]:
    """Those that lie clearly below all the rest, the lowest first."""
    zones = directory.zones(selection.points)
    cells = faces_by_weekday_and_hour(selection, catalogue, zones, selection.period.span)
    whole = Faces.total(cells.values())
    found: list[tuple[Index, int, int]] = []
    for (day, hour), part in cells.items():
        own, rest = part.happiness, whole.minus(part).happiness
        if own is None or rest is None or not (enough(own.n) and enough(rest.n)):
            continue
        gap = difference(own, rest)
        if gap.clear and gap.value < 0:
            found.append((own, int(day), int(hour)))
    found.sort(key=lambda each: each[0].value)
    return tuple(
        WorstHour(
            hour=f"{texts.weekday_text(day)[0]} {hour:02}–{(hour + 1) % 24:02}",
            value=texts.number_text(index.value),
            n=texts.number_text(index.n),
            address=selection.address(weekday=day, from_hour=hour, to_hour=hour + 1),
        )
        for index, day, hour in found[:WORST_HOURS]
    )


def _newest(
    selection: Selection, catalogue: Catalogue, directory: Directory, *, personal: bool
) -> tuple[CommentRow, ...]:
    found = newest_comments(selection, directory, catalogue)[:NEWEST]
    if not personal:
        found = hide_personal(found)
    return tuple(comment_rows(found, catalogue, directory, personal=False))


def _goal_text(goal: int, index: Index) -> GoalText:
    low, high = index.interval
    gap = round(index.value) - goal
    if low >= goal:
        return GoalText(goal, _("Goal reached"), "better")
    if high < goal:
        text = _("%(n)s below the goal") % {"n": texts.number_text(-gap)}
        return GoalText(goal, text, "worse")
    return GoalText(goal, _("About at the goal"), "same")
