"""Calls a stretch of a kiosk's messages misuse, or takes that back."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Kiosk
from headoffice.ingest.correction import set_misuse
from headoffice.messages.assignments import AssignmentHistory
from headoffice.messages.models import UNFIT, UNSENT
from headoffice.messages.rows import select_rows

_REASON = re.compile("[a-z][a-z_]{1,39}")


def instant_ms(kiosk: Kiosk, text: str) -> int:
    """Unix ms of a local time where the kiosk stands, like ``2026-11-23T14:00``."""
    try:
        local = dt.datetime.fromisoformat(text)
    except ValueError:
        raise HeadOfficeError(f"{text} is not a time like 2026-11-23T14:00") from None
    if local.tzinfo is None:
        history = AssignmentHistory(kiosk.pk)
        for stay in history.all:
            there = local.replace(tzinfo=ZoneInfo(stay.zone))
            if int(there.timestamp() * 1000) >= stay.since_ms or stay is history.all[-1]:
                local = there
                break
    return int(local.timestamp() * 1000)


def mark_misuse(kiosk: Kiosk, since_ms: int, until_ms: int, reason: str | None) -> int:
    """Judge what a kiosk heard from one instant to before another; how many messages changed.

    None takes back what was judged here: what the kiosk itself said holds again.
    HeadOfficeError if the reason is not a word or the stretch is empty.
    """
    if reason is not None and not _REASON.fullmatch(reason):
        raise HeadOfficeError(f"{reason} is not a reason: write it in small letters, like children")
    if reason == UNFIT:
        raise HeadOfficeError(f"{reason} is said of answers that don't fit their questionnaire")
    if reason == UNSENT:
        raise HeadOfficeError(f"{reason} is said of what was chosen and never handed over")
    if until_ms <= since_ms:
        raise HeadOfficeError("the stretch ends before it begins")
    with exclusive_write():
        Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
        rows = select_rows(
            "kiosk = %s AND happened_ms >= %s AND happened_ms < %s",
            [kiosk.pk, since_ms, until_ms],
        )
        return set_misuse(rows, reason)
