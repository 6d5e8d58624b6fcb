"""What we learn later about stored messages: when they were made, where, and whether they count.

What the kiosk said is never changed; what we make of it (time, place, misuse) may be. The counts
move along in the same transaction. Every function here wants the kiosk's row to be locked.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from headoffice.finding import asked, uuid_value
from headoffice.ingest.rows import Row, found, one_of
from headoffice.ingest.stays import Stays
from headoffice.ingest.times import Timeline
from headoffice.results.counting import Changes, Zones
from sync.messages import Moment

Subject = tuple[str, str]
Pair = tuple[Row, Row]
"""A message before and after."""

_UPDATE = """
UPDATE ingest_storedmessage
SET point = %s, happened_ms = %s, certain = %s, misuse = %s, reported_misuse = %s, counts = %s
WHERE kiosk = %s AND installation = %s AND seq = %s
"""

_BETWEEN = """
SELECT seq FROM ingest_storedmessage WHERE kiosk = %s AND response BETWEEN %s AND %s LIMIT 1
"""
_FEW = 20


def last_words(rows: Iterable[Row]) -> dict[Subject, Row]:
    """Of new messages the last one on each subject."""
    latest: dict[Subject, Row] = {}
    for row in rows:
        before = latest.setdefault(row.subject, row)
        if before is not row and before.order < row.order:
            latest[row.subject] = row
    return latest


def settle(kiosk: int, latest: Mapping[Subject, Row]) -> tuple[set[Subject], list[Row]]:
    """On which subjects what is stored is newer than these; and what they replace of it."""
    outdone: set[Subject] = set()
    replaced: list[Row] = []
    for old in _counting(kiosk, {response for response, _question in latest}):
        new = latest.get(old.subject)
        if new is not None and new.order > old.order:
            replaced.append(old)
        elif new is not None:
            outdone.add(old.subject)
    return outdone, replaced


def _counting(kiosk: int, responses: Collection[str]) -> Iterable[Row]:
    """What is stored of these responses and counts."""
    if len(responses) > _FEW:
        # Ids of responses grow with time: usually a backlog lies past everything stored, and one
        # look tells.
        ends = (uuid_value(min(responses)), uuid_value(max(responses)))
        if not asked(_BETWEEN, kiosk, *ends):
            return ()
    condition, values = one_of("response", responses, uuids=True)
    return found(f"kiosk = %s AND counts AND {condition}", [kiosk, *values])


def apply(pairs: Iterable[Pair], changes: Changes) -> int:
    """Store messages as they are now and gather what that does to the counts; how many differ."""
    rows = []
    for old, new in pairs:
        if old == new:
            continue
        if old.counts:
            changes.take(old)
        if new.counts:
            changes.add(new)
        rows.append(
            (
                *(new.point, new.happened_ms, new.certain, new.misuse, new.reported_misuse),
                *(new.counts, new.kiosk, new.installation, new.seq),
            )
        )
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPDATE, rows)
    return len(rows)


def retime(kiosk: int, timeline: Timeline, stays: Stays, changes: Changes) -> int:
    """Time anew what rested on the kiosk's word, where more is known by now; how many."""
    condition, values = one_of("boot", timeline.boots, uuids=True)
    uncertain = found(f"kiosk = %s AND NOT certain AND {condition}", [kiosk, *values])
    return apply(((row, _timed(row, timeline, stays)) for row in uncertain), changes)


def _timed(row: Row, timeline: Timeline, stays: Stays) -> Row:
    ms, certain = timeline.happened(Moment(row.wall_ms, row.boot, row.mono_ms))
    ms = min(ms, row.received_ms)
    return row._replace(happened_ms=ms, certain=certain, point=stays.at(ms).point)


def replace_stays(kiosk: int, since_ms: int) -> int:
    """Bring messages made since an instant to where the kiosk really stood; how many moved."""
    stays = Stays(kiosk)
    changes = Changes(Zones(stays.zones))
    if since_ms == stays.all[-1].since_ms:
        # What was made before the first stay counts there too.
        since_ms = 0
    rows = found("kiosk = %s AND happened_ms >= %s", [kiosk, since_ms])
    moved = apply(
        ((row, row._replace(point=stays.at(row.happened_ms).point)) for row in rows), changes
    )
    changes.write()
    return moved


def judge(rows: Iterable[Row], reason: str | None) -> int:
    """Call messages misuse for a reason of our own, or with None what the kiosk called them.

    Returns how many changed. A reason is added to those that the kiosk gave.
    """
    changes = Changes()
    changed = apply(((row, _judged(row, reason)) for row in rows), changes)
    changes.write()
    return changed


def _judged(row: Row, reason: str | None) -> Row:
    said = row.misuse if row.reported_misuse is None else row.reported_misuse
    if reason is None:
        return row._replace(misuse=said, reported_misuse=None)
    reasons = sorted({*filter(None, said.split(",")), reason})
    return row._replace(misuse=",".join(reasons), reported_misuse=said)
