"""How many responses kiosks got in some hours, and in the same hours of the weeks before."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Sum

from headoffice.configuration.answer_rate import WEEKS, Rate
from headoffice.fleet.kiosks import current_assignments
from headoffice.fleet.shop_hours import ShopHours
from headoffice.rollups.models import Hourly

HOUR_MS = 3_600_000
WEEK_MS = 7 * 24 * HOUR_MS
MOST_KIOSKS = 200
"""So many of a wave are looked at: they tell of the others."""
_ENDS = ("complete", "partial", "timed_out")
"""Each response ends once."""


def read_rates(kiosks: Sequence[int], since: dt.datetime, until: dt.datetime) -> list[Rate]:
    """The responses in the whole hours between two instants, and in those of earlier weeks.

    Only hours in which the place is open now, if its hours are known; only weeks since the first
    response. A place that moves its clock has its hours an hour off for eight weeks.
    """
    kiosks = kiosks[:MOST_KIOSKS]
    begin = -(-int(since.timestamp() * 1000) // HOUR_MS) * HOUR_MS
    end = int(until.timestamp() * 1000) // HOUR_MS * HOUR_MS
    hours = range(begin, end, HOUR_MS)
    if not hours or not kiosks:
        return []
    counts = _counts(kiosks, begin - WEEKS * WEEK_MS, end)
    places = _shop_hours(kiosks)
    rates = []
    for kiosk in kiosks:
        spans = places.get(kiosk, ShopHours())
        open_hours = [hour for hour in hours if spans.is_open(hour + HOUR_MS // 2)]
        own = counts.get(kiosk, {})
        first = min(own, default=end)
        weeks = tuple(
            sum(own.get(hour - week * WEEK_MS, 0) for hour in open_hours)
            for week in range(1, WEEKS + 1)
            if begin - week * WEEK_MS >= first - WEEK_MS
        )
        rates.append(Rate(kiosk, sum(own.get(hour, 0) for hour in open_hours), weeks))
    return rates


def _counts(kiosks: Sequence[int], first: int, end: int) -> dict[int, dict[int, int]]:
    rows = (
        Hourly.objects.filter(
            kiosk__in=kiosks, hour_ms__gte=first, hour_ms__lt=end, question="", value__in=_ENDS
        )
        .filter(test=False, misuse="")
        .values_list("kiosk", "hour_ms")
        .annotate(n=Sum("count"))
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for kiosk, hour, n in rows:
        # Zones with half hours begin theirs in between.
        whole = hour // HOUR_MS * HOUR_MS
        found[kiosk][whole] = found[kiosk].get(whole, 0) + n
    return found


def _shop_hours(kiosks: Sequence[int]) -> dict[int, ShopHours]:
    stays = current_assignments()
    return {
        kiosk: ShopHours(getattr(stay, "hours_json", ""), stay.point.time_zone)
        for kiosk in kiosks
        if (stay := stays.get(kiosk)) is not None
    }
