"""Numbers, times and days as people read them."""

from collections.abc import Callable

from config.settings import WEEKDAYS, Hours

Gettext = Callable[[str], str]

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def duration(ms: int, _: Gettext) -> str:
    """A time in its one or two largest units."""
    seconds = max(0, -(-ms // 1000))
    if seconds < 120:
        return _("{count} s").format(count=seconds)
    if seconds < 7200:
        return _("{count} minutes").format(count=round(seconds / 60))
    if seconds < 172_800:
        return _("{count} hours").format(count=round(seconds / 3600))
    return _("{count} days").format(count=round(seconds / 86_400))


def set_by_head_office(_: Gettext) -> str:
    """Why staff can't change a setting here."""
    return _("Set by the head office")


def number(value: float, _: Gettext, decimals: int = 0) -> str:
    """A number, 0 or larger, with thousands and decimals marked as the language does."""
    # Translators: 1234 and a half as your language writes it. Use a no-break space, not a space.
    sample = _("1,234.5")
    thousands, point = sample[1:-5], sample[-2]
    whole, _point, rest = f"{value:,.{decimals}f}".partition(".")
    return whole.replace(",", thousands) + (point + rest if rest else "")


def megabytes(size: int, _: Gettext) -> str:
    """A size in GB or MB."""
    if size >= 1e9:
        return _("{number} GB").format(number=number(size / 1e9, _, 1))
    return _("{number} MB").format(number=number(size / 1e6, _))


def weekday(day: int, _: Gettext) -> str:
    """A weekday's name; 0 is Monday."""
    names = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip
    return names[day]


def ranges_in_words(hours: Hours, day: int, _: Gettext) -> str:
    """The hours of a weekday."""
    ranges = getattr(hours, WEEKDAYS[day])
    if ranges is None:
        return _("Open all day")
    if not ranges:
        return _("Closed")
    return ", ".join(text.replace("-", "–") for text in ranges)


def corner_in_words(corner: str, _: Gettext) -> str:
    """Where staff hold a finger, within a sentence."""
    return {
        "top-left": _("top left corner"),
        "top-right": _("top right corner"),
        "bottom-left": _("bottom left corner"),
        "bottom-right": _("bottom right corner"),
    }[corner]
