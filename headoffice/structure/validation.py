"""What may be said of a group or a place; the form and the CSV file ask here."""

import re
from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from config.opening_hours import (
    DAYS,
    HoursTextError,
    StoredHours,
    WeeklyHours,
    days_text,
    parse_hours,
)
from headoffice.fleet.names import name_key, plain_name
from headoffice.fleet.tree import SEPARATOR

LONGEST_NAME = 120
MOST_TAGS = 20
MOST_CUSTOM = 30


def clean_name(text: str) -> str:
    """A name without the spaces around it; ValueError if it can't be one."""
    plain = plain_name(text)
    if not plain:
        raise ValueError(_("A name is missing."))
    if len(plain) > LONGEST_NAME:
        raise ValueError(_("A name has at most %(n)d characters.") % {"n": LONGEST_NAME})
    if SEPARATOR in plain:
        raise ValueError(_("“ / ” stands between the names of a path, so no name may hold it."))
    if not plain.isprintable():
        raise ValueError(_("A name may hold no control characters."))
    return plain


def zone(text: str) -> str:
    """The name of a time zone; ValueError if there is none of this name."""
    plain = text.strip()
    if plain not in available_timezones():
        raise ValueError(
            _("Unknown time zone “%(zone)s”. Use a name such as Europe/Helsinki.") % {"zone": plain}
        )
    return plain


def hours(text: str) -> StoredHours:
    """Opening hours, with the days in English or in the page's language; ValueError if wrong."""
    try:
        return parse_hours(text, short_weekdays()).dump()
    except HoursTextError as error:
        example = f"{days_text(0, 4, short_weekdays())} 09:00-21:00"
        wrong = {
            "form": _("“%(part)s” is not like “%(example)s”."),
            "time": _("“%(part)s” contains a time that does not exist."),
            "empty": _("“%(part)s” closes before it opens."),
            "overlap": _("“%(part)s” overlaps other hours of the same day."),
        }
        raise ValueError(wrong[error.mistake] % {"part": error.part, "example": example}) from None


def hours_text(stored: StoredHours, days: Sequence[str] = DAYS) -> str:
    """Opening hours as people write them, with these names of the days."""
    return WeeklyHours.load(stored).text(days)


def short_weekdays() -> tuple[str, ...]:
    """The short names of the weekdays in the language of the page, from Monday."""
    return tuple(str(WEEKDAYS_ABBR[number]).lower().rstrip(".") for number in range(7))


def tags(text: str) -> list[str]:
    """Tags between commas, sorted, each once; ValueError if there are too many or too long."""
    written = filter(None, map(plain_name, re.split("[,\n]", text)))
    found = sorted({name_key(tag): tag for tag in written}.values())
    if len(found) > MOST_TAGS or any(len(tag) > 40 for tag in found):
        raise ValueError(_("At most %(n)d tags of at most 40 characters.") % {"n": MOST_TAGS})
    return found


def custom(fields: Mapping[str, str]) -> dict[str, str]:
    """Custom fields that say something, by name; ValueError if there are too many or too long."""
    found = {key.strip(): " ".join(value.split()) for key, value in sorted(fields.items())}
    found = {key: value for key, value in found.items() if key and value}
    too_long = any(len(key) > 40 or len(value) > 200 for key, value in found.items())
    if len(found) > MOST_CUSTOM or too_long:
        raise ValueError(
            _("At most %(n)d fields, names of at most 40 and texts of at most 200 characters.")
            % {"n": MOST_CUSTOM}
        )
    return found


def custom_lines(text: str) -> dict[str, str]:
    """Custom fields written one a line as ``Name: text``; ValueError for a line that is not."""
    fields: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        key, colon, value = line.partition(":")
        if not colon or not key.strip() or not value.strip():
            raise ValueError(_("“%(line)s” is not like “Floor: 2”.") % {"line": line})
        if key.strip() in fields:
            raise ValueError(_("There is more than one “%(name)s”.") % {"name": key.strip()})
        fields[key.strip()] = value
    return custom(fields)
