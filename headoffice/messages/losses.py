"""What of kiosks counts nowhere: numbers that never arrived, and answers that don't fit."""

from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from headoffice.db.sums import SafeSum
from headoffice.messages.models import Gap, LateCheck

MOST_NUMBERS = 10**9
"""So many messages one installation can have numbered: one a second for thirty years."""
_BELIEVABLE = Q(first__gte=1, last__gte=F("first"), last__lte=MOST_NUMBERS)


class Loss(NamedTuple):
    """What one kiosk lost."""

    gaps: int
    """Ranges of numbers."""
    messages: int
    """Messages in those ranges that there can have been."""
    impossible: int
    """Ranges of numbers that no kiosk can have given; there are no messages in them."""


def losses() -> dict[int, Loss]:
    """What each kiosk lost, of those that lost anything."""
    rows = Gap.objects.values_list("kiosk").order_by()
    sums = rows.annotate(
        gaps=Count("first"),
        messages=Sum(F("last") - F("first") + 1, filter=_BELIEVABLE),
        possible=Count("first", filter=_BELIEVABLE),
    )
    return {
        kiosk: Loss(gaps, int(messages or 0), gaps - possible)
        for kiosk, gaps, messages, possible in sums
    }


def unfit_answers() -> dict[int, int]:
    """How many answers of each kiosk were set aside, as they don't fit their questionnaire."""
    rows = LateCheck.objects.filter(unfit__gt=0).values_list("kiosk").order_by()
    return {kiosk: int(n) for kiosk, n in rows.annotate(n=SafeSum("unfit"))}
