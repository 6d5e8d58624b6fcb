"""Whether a figure differs clearly: from that of another time, and from all the rest."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from django.utils.translation import gettext as _

from headoffice.results import texts
from headoffice.results.counts import Coverage
from headoffice.results.filters import Selection
from headoffice.results.multiplicity import judge_together
from headoffice.results.ratings import Faces, enough
from headoffice.results.statistics import Difference, Index, difference
from headoffice.rollups.periods import Span

LEAST_TO_RANK = 30
"""Below so many answers a place is not ranked, unless the address says otherwise."""
LEAST_OF_DAYS, LEAST_OF_OTHER = 1 / 2, 3 / 4
SMALL, LARGE = 3, 10
"""A difference of less points of the index than the first is small, of the second or more large:
clear and large are two things, and of 16,000 answers a change of one point is clear."""
Size = Literal["small", "medium", "large"]


def size_of(found: Difference) -> Size:
    """How large a difference of the index is, as it is written: with one decimal."""
    points = abs(round(found.value, 1))
    return "small" if points < SMALL else "large" if points >= LARGE else "medium"


def mood_of(found: Difference | None) -> str:
    """``better``, ``worse``, ``same`` or ``none``, for its look; ``slight`` where it is small."""
    if found is None:
        return "none"
    if not found.clear:
        return "same"
    mood = "better" if found.value > 0 else "worse"
    return f"{mood} slight" if size_of(found) == "small" else mood


class Verdict(NamedTuple):
    """What a difference from the rest means, in words and for its look."""

    text: str
    mood: str
    size: str
    """Empty where it is neither clear nor small or large."""


class IndexChange(NamedTuple):
    """The index against that of another time."""

    title: str
    days: str
    difference: Difference | None
    """None where one of the two has too few answers."""
    before: Index | None
    coverages: tuple[Coverage, Coverage] | None = None
    """How much of the period, and of the other time, has answers; None where it was not looked."""

    @property
    def mood(self) -> str:
        """For its look."""
        return mood_of(self.difference)

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
            "none": _("Too few days to compare")
            if self.coverages and not comparable(*self.coverages)
            else _("Too few answers to compare"),
        }[self.mood.split()[0]]

    @property
    def coverage(self) -> str:
        """How much of the two times has answers, in words; empty where all of both has."""
        if self.coverages is None:
            return ""
        now, then = self.coverages
        return " · ".join(
            text % {"n": texts.number_text(part.answer_days), "days": texts.number_text(part.days)}
            for part, text in (
                (then, _("%(n)s of %(days)s days have answers")),
                (now, _("now %(n)s of %(days)s")),
            )
            if part.answer_days < part.days
        )

    @property
    def size(self) -> str:
        """Whether a clear one is small or large, in words; empty if neither."""
        if self.difference is None or not self.difference.clear:
            return ""
        return {"small": _("small change"), "medium": "", "large": _("large change")}[
            size_of(self.difference)
        ]

    @property
    def n(self) -> str:
        """How many answered then."""
        return "" if self.before is None else texts.number_text(self.before.n)


def compared_spans(selection: Selection) -> list[tuple[str, Span]]:
    """The times that a period is compared with, each once, and the days of one's own."""
    period = selection.period
    a_year_ago = (_("vs. a year ago"), period.year_ago)
    found = [(_("vs. previous period"), period.before), a_year_ago]
    if period.year_ago == period.before:
        found = [a_year_ago]
    if selection.against is not None:
        found.append((_("vs. custom range"), selection.against))
    return found


def comparable(now: Coverage, then: Coverage) -> bool:
    """Whether two times may be compared: a few days of one don't stand for all of the other.

    Each has answers on at least half of its days, and the one with fewer on at least three
    quarters as many as the other. docs/results.md has the simulation.
    """
    less, more = sorted(part.answer_days / max(1, part.days) for part in (now, then))
    return less >= LEAST_OF_DAYS and less >= LEAST_OF_OTHER * more


def index_change(
    now: Faces,
    before: Faces,
    title: str,
    span: Span,
    covered: tuple[Coverage, Coverage] | None = None,
) -> IndexChange:
    """The change between two ratings; nothing where one has too few, or of too few days."""
    new, old = now.happiness, before.happiness
    if new is None or old is None or not (enough(new.n) and enough(old.n)):
        return IndexChange(title, texts.days(span), None, None)
    if covered is not None and not comparable(*covered):
        return IndexChange(title, texts.days(span), None, None, covered)
    return IndexChange(title, texts.days(span), difference(new, old), old, covered)


def judge_changes(changes: Sequence[IndexChange]) -> list[IndexChange]:
    """The changes of many places from one time to another, clear as far as all together allow."""
    judged = judge_together([change.difference for change in changes])
    return [
        change._replace(difference=found) for change, found in zip(changes, judged, strict=True)
    ]


def differences_from_rest(parts: Sequence[Faces], whole: Faces) -> list[Difference | None]:
    """How much each part lies above all the rest, clear as far as all together allow.

    None where one of the two has too few answers.
    """
    return judge_together([_from_rest(part, whole) for part in parts])


def _from_rest(own: Faces, whole: Faces) -> Difference | None:
    rest = whole.minus(own).happiness
    index = own.happiness
    if index is None or rest is None or not (enough(index.n) and enough(rest.n)):
        return None
    return difference(index, rest)


def verdict_against_rest(found: Difference | None) -> Verdict:
    """Whether a part lies clearly above or below all the rest."""
    mood = mood_of(found)
    if found is None:
        return Verdict("", mood, "")
    if not found.clear:
        return Verdict(_("No clear difference from the others"), mood, "")
    text = _("Clearly above the others") if found.value > 0 else _("Clearly below the others")
    size = {"small": _("small difference"), "medium": "", "large": _("large difference")}
    return Verdict(text, mood, size[size_of(found)])
