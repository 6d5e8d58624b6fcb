"""Whether a figure differs clearly: from that of another time, and from all the rest."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.filters import Selection
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import Difference, Index, difference
from headoffice.rollups.periods import Span

LEAST_TO_RANK = 30
"""Below so many answers a place is not ranked, unless the address says otherwise."""


class IndexChange(NamedTuple):
    """The index against that of another time."""

    title: str
    days: str
    difference: Difference | None
    """None where one of the two has too few answers."""
    before: Index | None

    @property
    def mood(self) -> str:
        """``better``, ``worse``, ``same`` or ``none``, for its look."""
        if self.difference is None:
            return "none"
        if not self.difference.clear:
            return "same"
        return "better" if self.difference.value > 0 else "worse"

    @property
    def figure(self) -> str:
        """The change in points of the index."""
        return "" if self.difference is None else texts.signed(self.difference.value)

    @property
    def interval(self) -> str:
        """Its 95 % interval."""
        return "" if self.difference is None else texts.difference_text(self.difference)

    @property
    def verdict(self) -> str:
        """What it means, in a word or two."""
        return {
            "better": _("Clearly better"),
            "worse": _("Clearly worse"),
            "same": _("No clear change"),
            "none": _("Too few answers to compare"),
        }[self.mood]

    @property
    def n(self) -> str:
        """How many answered then."""
        return "" if self.before is None else texts.number_text(self.before.n)


def compared_spans(selection: Selection) -> list[tuple[str, Span]]:
    """The times that a period is compared with, each once, and the days of one's own."""
    period = selection.period
    a_year_ago = (_("Against a year ago"), period.year_ago)
    found = [(_("Against the period before"), period.before), a_year_ago]
    if period.year_ago == period.before:
        found = [a_year_ago]
    if selection.against is not None:
        found.append((_("Against your own days"), selection.against))
    return found


def index_change(now: Faces, before: Faces, title: str, span: Span) -> IndexChange:
    """The change between two ratings; nothing where one has too few."""
    new, old = now.happiness, before.happiness
    if new is None or old is None or not (enough(new.n) and enough(old.n)):
        return IndexChange(title, texts.days(span), None, None)
    return IndexChange(title, texts.days(span), difference(new, old), old)


def verdict_against_rest(own: Faces, whole: Faces) -> tuple[str, str]:
    """Whether a part lies clearly above or below all the rest: in words, and for its look."""
    rest = whole.minus(own).happiness
    if own.happiness is None or rest is None or not enough(rest.n):
        return "", "none"
    found = difference(own.happiness, rest)
    if not found.clear:
        return _("No clear difference from the rest"), "same"
    if found.value > 0:
        return _("Clearly above the rest"), "better"
    return _("Clearly below the rest"), "worse"
