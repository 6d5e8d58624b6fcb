"""What the figures mean: a sentence where each stands, and a page with all of them."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from headoffice.accounts.access import for_members
from headoffice.results import texts
from headoffice.results.changes import LARGE, LEAST_TO_RANK, SMALL


@dataclass(frozen=True)
class Explanation:
    """What one word of the pages means."""

    key: str
    """Names its place on the page of all."""
    term: str
    sentence: str
    more: str = ""
    """How it is worked out, or what it doesn't say; on the page of all only."""


def explanations() -> list[Explanation]:
    """All of them, in the language of the page and in the order in which they build on each other.

    docs/results.md has the sources.
    """
    return [
        Explanation(
            "index",
            _("Happiness index"),
            _(
                "The average of all faces, from 0 (everybody chose the saddest) to 100 (everybody "
                "chose the happiest)."
            ),
            _(
                "Three faces are worth 0, 50 and 100; four 0, 33⅓, 66⅔ and 100; five 0, 25, 50, 75 "
                "and 100."
            ),
        ),
        Explanation("n", "n", _("The number of answers that the figure rests on.")),
        Explanation(
            "interval",
            _("95% confidence interval"),
            _(
                "If all your customers could be asked, the true figure would lie in this range in "
                "19 of 20 cases. A wide range means: too few answers to be precise."
            ),
            _(
                "It is Wilson's score interval, by the spread of the answers that came. Four times "
                "as many answers make it half as wide."
            ),
        ),
        Explanation(
            "minimum",
            _("Too few answers"),
            _("Results are hidden below %(n)s answers, to protect anonymity.")
            % {"n": texts.number_text(settings.PRIVACY_MINIMUM)},
        ),
        Explanation(
            "clear",
            f"{_('Clearly better')} · {_('No clear change')}",
            _(
                "A change is clear if chance is a poor explanation for it: its 95% confidence "
                "interval leaves out 0. Otherwise both may well be equally good."
            ),
            _(
                "Where many locations are compared at once, some would differ by chance alone. So "
                "fewer are called clear there: on average at most one in twenty of them is chance."
            ),
        ),
        Explanation(
            "size",
            _("Small and large changes"),
            _(
                "Clear and large are two things. Less than %(small)s points of the index is small, "
                "%(large)s points or more is large."
            )
            % {"small": texts.number_text(SMALL), "large": texts.number_text(LARGE)},
            _("A small change isn't shown in red or green, however clear it is."),
        ),
        Explanation(
            "rank",
            _("Rank"),
            _("A rank of 2–5 means the exact position can't be told from the answers."),
            _(
                "Locations with fewer than %(n)s answers are listed and not ranked, unless you ask "
                "for it."
            )
            % {"n": texts.number_text(LEAST_TO_RANK)},
        ),
        Explanation(
            "rest",
            _("vs. the others"),
            _("Each location is compared with all the others of the list together."),
        ),
        Explanation(
            "partial",
            _("Partial"),
            _(
                "A hollow point is not whole: its days are cut by the period, or are still going "
                "on."
            ),
        ),
        Explanation(
            "heat",
            _("Satisfaction by hour"),
            _(
                "The index by weekday and hour, by the clock of each location. The colour says how "
                "far it lies from the average, and is pale where that may be chance. A field leads "
                "to its answers."
            ),
        ),
        Explanation(
            "nps",
            _("Net Promoter Score"),
            _("The percentage of 9 and 10 minus the percentage of 0 to 6; from −100 to 100."),
        ),
        Explanation("mean", _("Average"), _("The mean of all answers, on the question's scale.")),
        Explanation(
            "share",
            _("Share"),
            _("The percentage of those who answered this question."),
            _("Where several options may be chosen, the shares may add up to more than 100%."),
        ),
        Explanation(
            "asked",
            _("Shown"),
            _(
                "Answered, skipped and dropped off together. Dropped off means: the customer went "
                "away with this question on the screen."
            ),
        ),
    ]


_GROUPS = {
    "figure": ("index", "n", "interval"),
    "change": ("clear", "size"),
    "ranking": ("rank", "rest", "clear", "size", "interval"),
    "standings": ("rest", "clear", "size", "interval"),
    "trend": ("interval", "partial"),
    "promoters": ("nps", "n", "interval"),
    "average": ("mean", "n", "interval"),
    "percentage": ("share", "n", "interval"),
}
"""What stands together on a page, by the name that templates use."""


def _groups() -> dict[str, list[Explanation]]:
    known = {found.key: found for found in explanations()}
    alone = {key: [found] for key, found in known.items()}
    return alone | {name: [known[key] for key in keys] for name, keys in _GROUPS.items()}


def explained(request: HttpRequest) -> dict[str, object]:
    """Context processor: what templates hand to parts/explain.html."""
    del request
    return {"explained": SimpleLazyObject(_groups)}


@require_safe
@for_members
def help_page(request: HttpRequest) -> HttpResponse:
    """All of them."""
    return render(request, "results/help.html", {"explanations": explanations()})
