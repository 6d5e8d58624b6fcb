"""What each kiosk is meant to be: kept, so that a heartbeat asks for it with one statement.

A target is made anew when a roll-out comes to the kiosk, and when the kiosk stands elsewhere in
the tree. A kiosk that an unfinished roll-out has not come to is told what held before it.
"""

import gzip
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from headoffice import clock
from headoffice.configuration.documents import Builder, Document, Library, builder
from headoffice.configuration.models import KioskReport, KioskTarget, RollOut, RollOutKiosk
from headoffice.configuration.rules import Change, Rules
from headoffice.configuration.scopes import KioskPlace, kiosk_place, kiosk_places
from headoffice.db.queries import fetch_all
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from sync.configuration import ConfigurationReport

_TARGET = "SELECT digest, place FROM configuration_kiosktarget WHERE kiosk_id = %s"
OPEN_STATES = (RollOut.State.RUN, RollOut.State.STOP)


def target_digest(kiosk: Kiosk, point: int) -> str:
    """What this kiosk is meant to be, now that it stands at this point; within a transaction."""
    rows = fetch_all(_TARGET, kiosk.pk)
    if rows and rows[0][1].partition(" ")[0] == f"p{point}":
        return str(rows[0][0])
    # It has never been asked for, or the kiosk was moved since.
    return set_targets([kiosk_place(kiosk, point)], calls=False)[kiosk.pk]


def note_report(kiosk: Kiosk, report: ConfigurationReport) -> KioskReport:
    """Keep what a kiosk says of its configuration."""
    now = clock.now()
    before = KioskReport.objects.filter(kiosk=kiosk).first()
    is_same = before is not None and before.in_force == report.in_force
    row = KioskReport(
        kiosk=kiosk,
        in_force=report.in_force,
        state=report.state,
        refusal=report.refusal,
        reasons=list(report.reasons),
        is_fallback=report.is_fallback,
        staff=list(report.staff),
        panel=None if report.panel is None else msgspec.to_builtins(report.panel),
        at=now,
        since=before.since if before is not None and is_same else now,
    )
    row.save(force_insert=before is None, force_update=before is not None)
    return row


def set_targets(places: Iterable[KioskPlace], *, calls: bool = True) -> dict[int, str]:
    """Work out anew what these kiosks are meant to be; the digests by kiosk.

    ``calls``: the next answer of those that get another one brings a heartbeat, which may else be
    minutes away.
    """
    places = list(places)
    found = documents_for(places)
    with exclusive_write():
        other = store_targets(places, found)
        if calls:
            Kiosk.objects.filter(pk__in=other).update(is_called=True)
    return {kiosk: document.digest for kiosk, document in found.items()}


def documents_for(places: Iterable[KioskPlace]) -> dict[int, Document]:
    """What kiosks are to be told, by what is said and by how far roll-outs have come."""
    rules, library, now_ms = Rules.load(), Library(), clock.now_ms()
    ahead = _changes_ahead()
    builders: dict[tuple[int, ...], Builder] = {}
    found = {}
    for place in places:
        key = ahead.of(place.kiosk)
        if key not in builders:
            back = [change.reverse for number in key for change in reversed(ahead.changes[number])]
            builders[key] = builder(rules.after_changes(back), library, now_ms)
        found[place.kiosk] = builders[key](place)
    return found


def store_targets(places: Iterable[KioskPlace], documents: dict[int, Document]) -> list[int]:
    """Keep these as the targets of the kiosks; those that get another one. In a transaction."""
    places = list(places)
    known = {
        row.kiosk_id: row
        for row in KioskTarget.objects.filter(kiosk__in=documents).defer("body", "files")
    }
    new, other = [], []
    for place in places:
        document, row = documents[place.kiosk], known.get(place.kiosk)
        if row is not None and row.digest == document.digest:
            if row.place != place.place:
                KioskTarget.objects.filter(pk=row.pk).update(place=place.place)
            continue
        made = KioskTarget(
            kiosk_id=place.kiosk,
            digest=document.digest,
            # Without the time, so that equal documents are equal rows.
            body=gzip.compress(document.body, mtime=0) if document.body else b"",
            files=list(document.files),
            place=place.place,
        )
        other.append(place.kiosk)
        if row is None:
            new.append(made)
        else:
            made.save(force_update=True)
    KioskTarget.objects.bulk_create(new, batch_size=200)
    return other


def follow_moves() -> int:
    """Work out anew what kiosks are meant to be that stand elsewhere in the tree; how many."""
    places = kiosk_places()
    known = dict(KioskTarget.objects.values_list("kiosk", "place"))
    moved = [p for p in places.values() if p.kiosk in known and known[p.kiosk] != p.place]
    if moved:
        set_targets(moved)
    return len(moved)


class _Ahead:
    """Unfinished roll-outs that have not come to a kiosk, the newest first."""

    def __init__(self, changes: dict[int, tuple[Change, ...]], reach: set[tuple[int, int]]) -> None:
        self.changes = changes
        self._reach = reach

    def of(self, kiosk: int) -> tuple[int, ...]:
        return tuple(number for number in self.changes if (number, kiosk) not in self._reach)


def _changes_ahead() -> _Ahead:
    rows = RollOut.objects.filter(state__in=OPEN_STATES).order_by("-pk")
    waves = {row.pk: row.wave for row in rows}
    reach = set()
    members: dict[int, list[tuple[int, int]]] = defaultdict(list)
    told = RollOutKiosk.objects.filter(roll_out__in=waves)
    for number, kiosk, wave in told.values_list("roll_out", "kiosk", "wave"):
        members[number].append((kiosk, wave))
    for number, kiosks in members.items():
        reach |= {(number, kiosk) for kiosk, wave in kiosks if wave <= waves[number]}
    return _Ahead({row.pk: read_changes(row) for row in rows}, reach)


def read_changes(roll_out: RollOut) -> tuple[Change, ...]:
    """What a roll-out changes."""
    return msgspec.convert(roll_out.changes, tuple[Change, ...])
