"""Reads from the address of a page what it is asked for: all of it stands there."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Calendar, Selection
from headoffice.results.places import Directory, Place
from headoffice.rollups import periods
from headoffice.rollups.periods import Period, Span
from headoffice.rollups.times_of_week import TimesOfWeek

MOST_PLACES = 200


class AbsentError(Exception):
    """The address names a place that is not there for this person."""


def parse_filters(query: QueryDict, directory: Directory, catalogue: Catalogue) -> Selection:
    """What an address asks for; AbsentError for a place that is not there for this person.

    What can't be followed otherwise is said in ``problems``, and the rest is followed.
    """
    problems: list[str] = []
    places = _places(query.getlist("place"), directory, problems)
    points, kiosks = directory.points, None
    if places:
        points = frozenset[int]().union(*(place.points for place in places))
        named = frozenset(place.kiosk for place in places if place.kiosk is not None)
        if named:
            # Beside a kiosk, all of those of the other places that were chosen.
            others = (place.points for place in places if place.kiosk is None)
            kiosks = named | directory.kiosks_at(frozenset[int]().union(*others))
    tag = _tag(query.get("tag", ""), directory, problems)
    if tag:
        points &= directory.tags[tag]
        if not points:
            problems.append(_("None of these locations has the tag “%(tag)s”.") % {"tag": tag})
    questionnaire, version, versions = _versions(query, catalogue, problems)
    times = _times(query, problems)
    calendars = _calendars(query, directory.todays(points), problems)
    return Selection(
        period=calendars[0].period,
        calendars=calendars,
        times=times,
        zones=tuple(directory.zones(points).items()) if times else (),
        points=points,
        places=places,
        areas=directory.areas,
        everywhere=directory.complete and not places and not tag,
        kiosks=kiosks,
        versions=versions,
        questionnaire=questionnaire,
        version=version,
        language=_language(query.get("language", ""), problems),
        tag=tag,
        against=_against(query, max(calendar.today for calendar in calendars), problems),
        test=query.get("test") == "1",
        misuse=query.get("misuse") == "1",
        problems=tuple(problems),
    )


def _places(keys: Iterable[str], directory: Directory, problems: list[str]) -> tuple[Place, ...]:
    named = [key for key in dict.fromkeys(keys) if key]
    if len(named) > MOST_PLACES:
        problems.append(
            _("More than %(n)d locations were chosen; the first ones are shown.")
            % {"n": MOST_PLACES}
        )
    known = [directory.find(key) for key in named]
    if None in known:
        raise AbsentError
    places = tuple(place for place in known[:MOST_PLACES] if place is not None)
    whole = tuple(place for place in places if place.kiosk is None)
    if whole and len(whole) < len(places):
        problems.append(_("Kiosks can't be mixed with locations; the kiosks are left out."))
        return whole
    return places


def _tag(tag: str, directory: Directory, problems: list[str]) -> str:
    if not tag or tag in directory.tags:
        return tag
    problems.append(_("No location has this tag; locations with any are shown."))
    return ""


def _language(tag: str, problems: list[str]) -> str:
    if not tag or re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?", tag):
        return tag
    problems.append(_("There is no such language; all of them are shown."))
    return ""


def _versions(
    query: Mapping[str, str], catalogue: Catalogue, problems: list[str]
) -> tuple[str, int | None, frozenset[int] | None]:
    name, text = query.get("questionnaire", ""), query.get("version", "")
    if not name:
        return "", None, None
    editions = {edition.pk for edition in catalogue.versions(name)}
    if not editions:
        problems.append(_("There is no questionnaire of this name; all of them are shown."))
        return "", None, None
    if text.isdecimal() and len(text) < 20 and int(text) in editions:
        return name, int(text), frozenset({int(text)})
    if text:
        problems.append(_("The questionnaire has no such version; all of them are shown."))
    return name, None, frozenset(editions)


def _against(query: Mapping[str, str], today: date, problems: list[str]) -> Span | None:
    since, until = query.get("since", ""), query.get("until", "")
    if not since and not until:
        return None
    try:
        return periods.period_between(
            date.fromisoformat(since), date.fromisoformat(until), today
        ).span
    except ValueError:
        problems.append(_("The comparison dates are invalid and were ignored."))
        return None


def _times(query: QueryDict, problems: list[str]) -> TimesOfWeek | None:
    weekdays, first, until = query.getlist("weekday"), query.get("from_hour"), query.get("to_hour")
    if not (any(weekdays) or first or until):
        return None
    try:
        days = frozenset(_number(day, 1, 7) for day in weekdays if day)
        found = TimesOfWeek(days, _number(first or "0", 0, 23), _number(until or "24", 1, 24))
    except ValueError:
        problems.append(
            _("Hours are numbers from 0 to 24, weekdays from 1 (Monday) to 7; all are shown.")
        )
        return None
    return None if found.every_hour and len(found.days) == 7 else found


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII) or not least <= int(text) <= most:
        raise ValueError(text)
    return int(text)


def _calendars(
    query: Mapping[str, str], todays: dict[date, frozenset[int]], problems: list[str]
) -> tuple[Calendar, ...]:
    """The days of the places, those that most of them have first."""
    often = Counter({day: len(points) for day, points in todays.items()})
    ordered = sorted(todays, key=lambda day: (-often[day], -day.toordinal()))
    latest = max(todays)
    asked = _period(query, latest, problems)
    # Two given days are the same everywhere, and so is a month by its name.
    same = asked._replace(partial=asked.span.last >= min(todays))
    return tuple(
        Calendar(
            day,
            todays[day],
            periods.period_by_name(asked.name, day) if asked.name in periods.NAMES else same,
        )
        for day in ordered
    )


def _period(query: Mapping[str, str], today: date, problems: list[str]) -> Period:
    name, first, last = (query.get(key, "") for key in ("period", "from", "to"))
    name = name or query.get("month", "")
    reasons = {
        "backwards": _("The first day lies after the last one; the last 28 days are shown."),
        "future": _("That period has not begun; the last 28 days are shown."),
        "long": _("Periods of up to three years can be shown; choose a shorter one."),
    }
    if name:
        unknown = _("There is no such period; the last 28 days are shown.")
        try:
            return periods.period_by_name(name, today)
        except (KeyError, ValueError) as error:
            problems.append(reasons.get(str(error), unknown))
    elif first or last:
        try:
            return periods.period_between(
                date.fromisoformat(first), date.fromisoformat(last), today
            )
        except ValueError as error:
            unreadable = _("Give both days like 2026-05-31; the last 28 days are shown.")
            problems.append(reasons.get(str(error), unreadable))
    return periods.period_by_name(periods.DEFAULT, today)
