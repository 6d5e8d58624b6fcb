"""Calls a stretch of a kiosk's messages misuse, or takes that back."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Kiosk
from headoffice.ingest.correcting import judge
from headoffice.ingest.rows import found
from headoffice.ingest.stays import Stays
from headoffice.turns import writing

_REASON = re.compile("[a-z][a-z_]{1,39}")


def instant_ms(kiosk: Kiosk, text: str) -> int:
    """Unix ms of a local time where the kiosk stands, like ``2026-11-23T14:00``."""
    try:
        local = dt.datetime.fromisoformat(text)
    except ValueError:
        raise HeadOfficeError(f"{text} is not a time like 2026-11-23T14:00") from None
    if local.tzinfo is None:
        stays = Stays(kiosk.pk)
        for stay in stays.all:
            there = local.replace(tzinfo=ZoneInfo(stay.zone))
            if int(there.timestamp() * 1000) >= stay.since_ms or stay is stays.all[-1]:
                local = there
                break
    return int(local.timestamp() * 1000)


def judge_between(kiosk: Kiosk, since_ms: int, until_ms: int, reason: str | None) -> int:
    """Judge what a kiosk heard from one instant to before another; how many messages changed.

    None takes back what was judged here: what the kiosk itself said holds again.
    HeadOfficeError if the reason is not a word or the stretch is empty.
    """
    if reason is not None and not _REASON.fullmatch(reason):
        raise HeadOfficeError(f"{reason} is not a reason: write it in small letters, like children")
    if until_ms <= since_ms:
        raise HeadOfficeError("the stretch ends before it begins")
    with writing():
        Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
        rows = found(
            "kiosk = %s AND happened_ms >= %s AND happened_ms < %s",
            [kiosk.pk, since_ms, until_ms],
        )
        return judge(rows, reason)
