"""Changing the opening hours of one weekday, half an hour at a time."""

from msgspec import structs

from config.settings import WEEKDAYS, Hours

STEP = 30
_DAY = 24 * 60
USUAL = "09:00-21:00"


def changed(hours: Hours, day: int, what: str) -> Hours:
    """The hours after a button of the day's page: a name of ``CHANGES``.

    A day has one range then, even if the settings file gave it several.
    """
    name = WEEKDAYS[day]
    ranges: tuple[str, ...] | None = getattr(hours, name)
    if what == "closed":
        return _with(hours, name, ())
    if what == "all_day":
        return _with(hours, name, None)
    if what == "usual":
        return _with(hours, name, (USUAL,))
    if what in ("to_weekdays", "to_all"):
        days = WEEKDAYS[:5] if what == "to_weekdays" else WEEKDAYS
        return structs.replace(hours, **dict.fromkeys(days, ranges))
    begin, end = (_minutes(part) for part in (ranges[0] if ranges else USUAL).split("-"))
    step = STEP if what.endswith("later") else -STEP
    if what.startswith("opens"):
        begin = _moved(begin, step, end, 0)
    else:
        end = _moved(end, step, begin, _DAY)
    return _with(hours, name, (f"{_text(begin)}-{_text(end)}",))


CHANGES = (
    "closed", "all_day", "usual", "to_weekdays", "to_all",
    "opens_earlier", "opens_later", "closes_earlier", "closes_later",
)  # fmt: skip


def _moved(minutes: int, step: int, other: int, midnight: int) -> int:
    """Half an hour on, round the clock, never onto the other end; ``midnight`` is 0 or 24 h."""
    while True:
        minutes = (minutes + step) % _DAY
        if minutes % _DAY != other % _DAY:
            break
    return midnight if minutes == 0 else minutes


def _with(hours: Hours, day: str, ranges: tuple[str, ...] | None) -> Hours:
    return structs.replace(hours, **{day: ranges})


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
