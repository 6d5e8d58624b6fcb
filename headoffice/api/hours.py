"""The hours of the week that programs ask for."""

from collections.abc import Iterable

from headoffice.api import schema
from headoffice.fleet.models import ExperiencePoint
from headoffice.results.filters import ZonePoints
from headoffice.rollups.times_of_week import TimesOfWeek


def times_of_week(
    filters: schema.AnswerFilters | schema.ResponseFilters | schema.ResultFilters,
) -> TimesOfWeek | None:
    """The hours that are asked for; None for all of them."""
    found = TimesOfWeek(frozenset(filters.weekday), filters.from_hour, filters.to_hour)
    return None if len(found.hours) == 168 else found


def zones_of(places: Iterable[int]) -> tuple[ZonePoints, ...]:
    """The time zones of these places, or of all of them if none is named."""
    rows = ExperiencePoint.objects.values_list("time_zone", "pk")
    named = list(places)
    found: dict[str, set[int]] = {}
    for zone, pk in rows.filter(pk__in=named) if named else rows:
        found.setdefault(zone, set()).add(pk)
    return tuple((zone, frozenset(points)) for zone, points in found.items())
