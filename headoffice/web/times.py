"""Times on pages: none without the zone of the clock that shows it."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter(expects_localtime=True)
def zone_name(at: datetime) -> str:
    """What the zone is called then, like EET, also in the hour that comes twice in autumn."""
    # Django's format T says nothing in that very hour.
    return at.tzname() or ""
