"""What is checked of a copy that a database opens, whichever engine it is."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from headoffice import clock
from headoffice.copies.report import Report
from headoffice.db.contents import Contents
from headoffice.db.queries import fetch_all
from headoffice.fleet.models import HeadOffice
from headoffice.messages import contacts
from headoffice.messages.models import ContactKey, Installation
from headoffice.rollups import area_sums, verify

_SHOWN = 3
"""Differences that are told; their number is told too."""


class LiveOffice(NamedTuple):
    """What is known of the head office that the copy should be of."""

    identity: str
    contents: Contents | None
    """None: what is in it doesn't matter, since the copy is to take its place."""
    stored: dict[tuple[int, str], int]
    """Up to which number everything is accounted for, by kiosk and installation."""

    @classmethod
    def read(cls) -> "LiveOffice":
        """Of the database in use; may raise DatabaseError."""
        # No more is asked for than a database of an earlier version has.
        identity = HeadOffice.objects.values_list("uuid", flat=True).first()
        return cls(str(identity or ""), Contents.read(fetch_all), _stored())


def check_database(report: Report, live: LiveOffice | None, key: str | None) -> None:
    """Check the database that stands in the place of the live one; its schema is this program's."""
    checks: list[tuple[str, Callable[[], None]]] = [
        ("what is in it", lambda: _check_contents(report)),
        ("identity", lambda: _check_identity(report, live)),
        ("secret key", lambda: _check_key(report, key)),
        ("counts", lambda: _check_counts(report)),
    ]
    if live is not None and live.contents is not None:
        now = live.contents
        checks.append(("what the head office has", lambda: _check_progress(report, live, now)))
    for name, check in checks:
        try:
            # One transaction, in which nobody waits for turns at writing.
            with transaction.atomic():
                check()
        except Exception as error:  # noqa: BLE001 - what damaged rows lead to can be anything
            report.wrong.append(f"{name}: can't be read ({type(error).__name__}: {error})"[:500])


def _check_contents(report: Report) -> None:
    report.contents = contents = Contents.read(fetch_all)
    age = "" if contents.newest_ms is None else f", {_age(contents.newest_ms)}"
    report.right.append(f"it holds {contents}{age}")
    if not contents.messages:
        report.wrong.append(NOTHING_IN_IT)


NOTHING_IN_IT = (
    "there is nothing in it: no kiosk has ever delivered anything. Is this the right head office?"
)


def _age(ms: int) -> str:
    seconds = (clock.now_ms() - ms) // 1000
    if seconds < 0:
        return "which is in the future: look at this machine's clock"
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def _check_identity(report: Report, live: LiveOffice | None) -> None:
    found = list(HeadOffice.objects.values_list("uuid", flat=True))
    if len(found) != 1:
        report.wrong.append(f"it has {len(found)} identities of head offices instead of one")
    elif live is None:
        report.unchecked.append(f"whether {found[0]} is the right head office: none is here")
    elif str(found[0]) != live.identity:
        report.wrong.append(
            f"it is of another head office: its identity is {found[0]}, here it is {live.identity}"
        )
    else:
        report.right.append(f"it is of this head office, {live.identity}")


def _check_key(report: Report, key: str | None) -> None:
    if key is None:
        report.unchecked.append("whether its contact details can be opened: no secret-key is here")
        return
    known = HeadOffice.objects.get().key_fingerprint
    if known not in ("", key):
        report.wrong.append(f"it belongs to another secret-key ({known}) than is here ({key})")
        return
    keys = list(ContactKey.objects.order_by("pk").values_list("locked", flat=True))
    shut = sum(contacts.unlock(locked) is None for locked in keys)
    if shut:
        report.wrong.append(
            f"the secret-key here doesn't open {shut} of its {len(keys)} keys of contact details: "
            "they were locked with another one"
        )
    else:
        report.right.append("the secret-key here is the one that belongs to it")


def _check_counts(report: Report) -> None:
    kiosks = verify.kiosks_with_counts()
    texts = [str(found) for kiosk in kiosks for found in verify.examine_kiosk(kiosk)]
    texts += area_sums.differences()
    if texts:
        report.wrong.append(
            f"{len(texts)} counts are not what the messages say, like: "
            f"{'; '.join(texts[:_SHOWN])}. `rebuild-rollups` repairs the head office"
        )
    else:
        report.right.append(f"the counts of {len(kiosks)} kiosks are what their messages say")


def _stored() -> dict[tuple[int, str], int]:
    rows = Installation.objects.values_list("kiosk", "uuid", "stored_up_to")
    return {(kiosk, str(UUID(str(uuid)))): up_to for kiosk, uuid, up_to in rows}


def _check_progress(report: Report, live: LiveOffice, now: Contents) -> None:
    mine = _stored()
    ahead = [key for key, up_to in mine.items() if live.stored.get(key, up_to) < up_to]
    if ahead:
        kiosk, _installation = key = ahead[0]
        report.wrong.append(
            f"it has messages up to {mine[key]} of kiosk {kiosk}, and the head office here only up "
            f"to {live.stored[key]}: an older copy was put back since, or it is another's database"
        )
        return
    since = now.messages - (report.contents or now).messages
    behind = f"{since:,} messages came since" if since > 0 else "nothing came since"
    gone = len(mine.keys() - live.stored.keys())
    more = f"; {gone} installations of kiosks are gone from there" if gone else ""
    report.right.append(f"the head office here has all that is in it; {behind}{more}")
