"""What figures are limited to, in words: neither a print nor a file has filters to look at."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Selection
from headoffice.rollups.times_of_week import TimesOfWeek

MOST_PLACE_NAMES = 4
"""Of more places than these the number alone is told."""


def place_names(selection: Selection) -> str:
    """The places that were chosen; empty where none was, and all that are visible count."""
    n = len(selection.places)
    if n > MOST_PLACE_NAMES:
        return ngettext("%(n)s location", "%(n)s locations", n) % {"n": texts.number_text(n)}
    return texts.listed(place.title for place in selection.places)


def limits(selection: Selection, catalogue: Catalogue) -> Iterator[str]:
    """Everything that narrows the answers beside their places and days."""
    about = selection.questionnaire and catalogue.names()[selection.questionnaire]
    times = selection.times
    for title, value in (
        (_("Tag of the location"), selection.tag),
        (_("Questionnaire"), about),
        (_("Version"), selection.version),
        (_("Language of the shopper"), texts.language(selection.language)),
        (_("Weekdays"), weekdays_text(times) if times else ""),
        (_("Time of day"), hours_text(times) if times else ""),
    ):
        if value:
            yield f"{title}: {value}"


def weekdays_text(times: TimesOfWeek) -> str:
    """The days of the week in the order of the language; empty for all of them."""
    named = [texts.weekday_text(day)[1] for day in texts.week() if day in times.weekdays]
    return ", ".join(named)


def hours_text(times: TimesOfWeek) -> str:
    """From when to when; empty for whole days."""
    return "" if times.every_hour else f"{times.first:02}:00–{times.until:02}:00"


def days_text(selection: Selection) -> str:
    """The days of the period; where places have days of their own, those as well."""
    (_most, period), *others = [(c.points, c.period) for c in selection.calendars]
    text = texts.period(period)
    found = [
        ngettext("at %(n)s location: %(days)s", "at %(n)s locations: %(days)s", n)
        % {"n": texts.number_text(n), "days": texts.days(other.span)}
        for points, other in others
        if other.span != period.span and (n := len(points & selection.points))
    ]
    if not found:
        return text
    return " · ".join([text, *found, _("each location by its own calendar")])
