"""Numbers, days and figures as people of each language write them."""

import functools
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.conf import settings
from django.utils import formats
from django.utils.translation import get_language, get_language_info, ngettext, pgettext
from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.results.statistics import Difference, Index
from headoffice.rollups.periods import ChartStep, Period, Span


def number_text(value: float, decimals: int = 0) -> str:
    """A number with the language's signs; a minus that is as wide as a plus."""
    # No minus before a nought.
    return _number_text(round(value, decimals) + 0, decimals, get_language())


@functools.lru_cache(maxsize=4096, typed=True)
def _number_text(value: float, decimals: int, language: str | None) -> str:
    # A page has a thousand of them, mostly from 0 to 100: they are kept, by language.
    del language
    text = formats.number_format(value, decimals, force_grouping=True)
    return str(text).replace("-", "\N{MINUS SIGN}")


def listed(names: Iterable[str]) -> str:
    """Names beside each other; those that have a comma in themselves stay apart."""
    found = list(names)
    return ("; " if any("," in name for name in found) else ", ").join(found)


def percent(value: float, decimals: int = 0) -> str:
    """A share of 0 to 100 with its sign."""
    return percent_text(number_text(value, decimals))


def percent_text(number: str) -> str:
    """What is written as a number, with the sign of percent as the language sets it."""
    # Translators: with a no-break space between where the language wants one.
    return pgettext("share", "%(number)s%%") % {"number": number}


def signed(value: float, decimals: int = 1) -> str:
    """A number that always says which way."""
    text = number_text(value, decimals)
    return f"+{text}" if round(value, decimals) > 0 else text


def interval(index: Index, decimals: int = 0) -> str:
    """The interval of a figure."""
    low, high = index.interval
    if low >= 0:
        return f"{number_text(low, decimals)}–{number_text(high, decimals)}"
    # A dash beside a minus would be read as another one.
    return pgettext("interval", "%(low)s to %(high)s") % {
        "low": number_text(low, decimals),
        "high": number_text(high, decimals),
    }


def difference_text(found: Difference) -> str:
    """The interval of a difference."""
    return pgettext("interval", "%(low)s to %(high)s") % {
        "low": signed(found.interval.low),
        "high": signed(found.interval.high),
    }


def answer_count(n: int) -> str:
    """How many answers."""
    return ngettext("%(n)s answer", "%(n)s answers", n) % {"n": number_text(n)}


def _date(value: date, format_name: str) -> str:
    text = str(formats.date_format(value, format_name))
    # Django writes Italian months with capitals, Italians do not.
    return text.lower() if (get_language() or "").startswith("it") else text


def day(value: date) -> str:
    """A day with its year."""
    return _date(value, "DATE_FORMAT")


def days(span: Span) -> str:
    """A span of days."""
    if span.first == span.last:
        return day(span.first)
    first = "MONTH_DAY_FORMAT" if span.first.year == span.last.year else "DATE_FORMAT"
    if formats.get_format("DATE_FORMAT").lstrip("\\").startswith(("Y", "o")):
        first = "DATE_FORMAT"  # where the year stands first, the first day needs it too
    return f"{_date(span.first, first)} – {day(span.last)}"


def month(of: date) -> str:
    """A month with its year."""
    return _date(of, "YEAR_MONTH_FORMAT")


def step_label(size: str, at: ChartStep) -> str:
    """What a step of a trend is called below its point."""
    if size == "month":
        return month(at.span.first)
    return _date(at.span.first, "MONTH_DAY_FORMAT")


def with_zone(text: str, at: datetime) -> str:
    """A time, with the name of its zone where the head office's clock shows another one."""
    here = at.astimezone(clock.zone_of(settings.TIME_ZONE))
    return text if here.utcoffset() == at.utcoffset() else f"{text} {at:%Z}"


def names_of_periods() -> list[tuple[str, str]]:
    """The periods that one may choose by name."""
    return [
        ("today", _("Today")),
        ("yesterday", _("Yesterday")),
        ("week", _("This week")),
        ("last-week", _("Last week")),
        ("7-days", _("Last 7 days")),
        ("28-days", _("Last 28 days")),
        ("12-weeks", _("Last 12 weeks")),
        ("month", _("This month")),
        ("last-month", _("Last month")),
        ("quarter", _("This quarter")),
        ("last-quarter", _("Last quarter")),
        ("year", _("This year")),
        ("last-year", _("Last year")),
    ]


def period(of: Period) -> str:
    """The days of a period, marked while it is not over."""
    text = days(of.span)
    return _("%(days)s, so far") % {"days": text} if of.partial else text


def weekday_text(iso: int) -> tuple[str, str]:
    """The name of a weekday, 1 to 7 from Monday, long and short."""
    # The first week of 2024 begins on a Monday.
    at = date(2024, 1, iso)
    return str(formats.date_format(at, "l")), str(formats.date_format(at, "D"))


def week() -> list[int]:
    """The weekdays, 1 to 7 from Monday, in the language's order."""
    first = int(formats.get_format("FIRST_DAY_OF_WEEK")) or 7
    return [(first - 1 + i) % 7 + 1 for i in range(7)]


def language(tag: str) -> str:
    """A language by its own name; its tag if it is not known."""
    if own := dict(settings.LANGUAGES).get(tag):
        return own
    try:
        return str(get_language_info(tag)["name_local"])
    except KeyError:
        return tag


def phrase(translations: Mapping[str, str], language: str) -> str:
    """The text in this language, in English, or in the first language that there is."""
    return (
        translations.get(language)
        or translations.get("en")
        or next(iter(translations.values()), "")
    )
