"""What kiosks report, as people read it."""

import datetime as dt
from typing import Any

import msgspec
from django.template.defaultfilters import filesizeformat
from django.utils import formats
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from headoffice.fleet.kiosks import KioskAt
from sync.messages import Trouble

_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LONGEST_S = 1000 * 365 * 86_400
"""A kiosk with a broken clock may report any number; the calendar ends."""


def number(value: int) -> str:
    """A count with the language's signs."""
    return str(formats.number_format(value, force_grouping=True))


def duration(ms: int) -> str:
    """How long, by its largest two units: ``3 days, 2 hours``."""
    seconds = min(ms // 1000, _LONGEST_S)
    if seconds < 60:
        return _("less than a minute")
    return timesince(_EPOCH, _EPOCH + dt.timedelta(seconds=seconds))


def size(value: int) -> str:
    """Bytes in the unit that suits them."""
    return filesizeformat(value)


def trouble(told: dict[str, Any]) -> tuple[str, str]:
    """What a kiosk reports to be wrong with itself: its kind, and words for it.

    A newer kiosk may know more kinds.
    """
    found = msgspec.convert(told, Trouble)
    count = "" if found.count is None else number(found.count)
    match found.kind:
        case "outbox_damaged" if found.count is None:
            text = _("Stored answers were damaged. How many are lost is not known.")
        case "outbox_damaged" if found.count == 0:
            text = _("Stored answers were damaged. None is lost.")
        case "outbox_damaged":
            text = _("Stored answers were damaged. Lost, at least: %(count)s.")
        case "settings":
            text = _("Its settings have mistakes, which are left aside: %(detail)s")
        case "overrides":
            text = _("What staff changed on it can’t be used: %(detail)s")
        case "questionnaire":
            text = _("Its questionnaire can’t be used: %(detail)s")
        case "touch":
            text = _("Its touch panel is missing: %(detail)s")
        case "untouched":
            text = _("Nobody has touched it for unusually long: %(count)s hours of opening.")
        case "configuration":
            text = _("It does not use the configuration that is meant for it: %(detail)s")
        case _:
            text = _("It reports that something is wrong: %(detail)s")
    return found.kind, text % {"count": count, "detail": found.detail or found.kind}


def state(row: KioskAt) -> tuple[str, str]:
    """How a kiosk is, in one or two words, and the look of their pill."""
    kiosk = row.kiosk
    if kiosk.revoked_at is not None:
        found = _("Blocked"), "off"
    elif kiosk.successor_id is not None:
        found = _("Replaced"), "off"
    elif kiosk.demonstration:
        found = _("Demo"), "off"
    elif kiosk.offline:
        found = _("By stick only"), "off"
    elif row.overdue:
        found = pgettext("state of a kiosk", "Offline"), "late"
    elif row.is_closed:
        found = _("Closed"), "off"
    elif kiosk.heartbeat_at is None:
        found = pgettext("state of a kiosk", "Never connected"), "off"
    elif kiosk.state in (said := _own_words()):
        found = said[kiosk.state], "late"
    elif row.is_silent:
        found = pgettext("state of a kiosk", "Switched off"), "off"
    else:
        found = pgettext("state of a kiosk", "Online"), "live"
    return found


def command(name: str) -> str:
    """What a kiosk can be asked to do; empty for what this version does not know."""
    match name:
        case "restart":
            return _("Restart the program")
        case "resend":
            return _("Send again what is in quarantine")
        case "diagnostics":
            return _("Send its log")
        case _:
            return ""


def change(kind: str) -> str:
    """What has changed, as the history of a kiosk names it."""
    match kind:
        case "version":
            return _("Version")
        case "questionnaire":
            return _("Questionnaire")
        case _:
            return _("Configuration")


def _own_words() -> dict[str, str]:
    return {
        "paused": _("Paused"),
        "test": _("Test mode"),
        "out_of_order": _("Out of order"),
    }
