"""What people type into the page of settings, as changes; nothing is stored here."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.configuration.catalogue import SETTINGS, Form, KioskSetting
from headoffice.configuration.documents import QUESTIONNAIRE
from headoffice.configuration.rules import Change, Entry, Rules, Setting
from headoffice.configuration.words import NONE
from sync.configuration import MAX_SCHEDULE

COLOURS = ("background", "text", "accent")


class Submission(NamedTuple):
    """What was typed: the changes, and what could not be read, by field."""

    changes: tuple[Change, ...]
    mistakes: dict[str, str]


def read_submission(
    data: Mapping[str, str], scope: str, rules: Rules, zone: ZoneInfo
) -> Submission:
    """What a form asks to be said at this place."""
    changes, mistakes = [], {}
    for name in (*SETTINGS, QUESTIONNAIRE):
        before = rules.setting(scope, name)
        try:
            value = _value(SETTINGS[name], data) if name in SETTINGS else None
        except ValueError as error:
            mistakes[name] = str(error)
            continue
        locks = f"lock-{name}" in data
        after = Setting(value, locks) if value is not None or locks else None
        if before is not None and after is None and not before.locks and before.value is None:
            after = before
        changes.append(Change(scope, name, before, after))
    try:
        entries = tuple(_entries(data, zone))
    except ValueError as error:
        mistakes["schedule"] = str(error)
    else:
        known = rules.schedule(scope)
        changes.append(Change(scope, schedule_before=known, schedule_after=entries))
    return Submission(tuple(changes), mistakes)


def _value(setting: KioskSetting, data: Mapping[str, str]) -> Any:
    """None: as it is further up. ValueError for what can't be read."""
    text = data.get(f"value-{setting.name}", "").strip()
    if setting.form is Form.COLOURS:
        found = {key: data.get(f"value-{setting.name}-{key}", "").strip() for key in COLOURS}
        return found if any(found.values()) else None
    return _typed_value(setting, text) if text else None


def _typed_value(setting: KioskSetting, text: str) -> Any:
    match setting.form:
        case Form.SWITCH:
            return {"on": True, "off": False}.get(text)
        case Form.NUMBER:
            return _number(text, is_whole=setting.is_whole)
        case Form.LINES | Form.FONTS:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            return [] if lines == [NONE] else lines
        case Form.PICTURE:
            return "" if text == NONE else text
    return text


def _number(text: str, *, is_whole: bool) -> float:
    try:
        return int(text) if is_whole else float(text.replace(",", "."))
    except ValueError:
        raise ValueError(_("This is not a number.")) from None


def _entries(data: Mapping[str, str], zone: ZoneInfo) -> Iterator[Entry]:
    for line in range(MAX_SCHEDULE):
        version = data.get(f"schedule-{line}-version", "")
        if not version.isdecimal():
            continue
        begins = _instant(data.get(f"schedule-{line}-begins", ""), zone)
        ends = _instant(data.get(f"schedule-{line}-ends", ""), zone)
        if begins is not None and ends is not None and ends <= begins:
            raise ValueError(_("A questionnaire ends before it begins."))
        yield Entry(int(version), begins, ends)


def _instant(text: str, zone: ZoneInfo) -> int | None:
    if not text:
        return None
    try:
        local = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_("This is not a date and a time.")) from None
    return int(local.replace(tzinfo=zone).timestamp() * 1000)


def local_text(ms: int | None, zone: ZoneInfo) -> str:
    """An instant as a field for date and time has it."""
    if ms is None:
        return ""
    return clock.instant(ms).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
