"""Changes what is made of stored messages: when they were made, where, and whether they count.

What the kiosk said is never changed. Every change goes the same way, with the kiosk's row locked:

1. Find the messages that it is about: of the same subjects as new ones (``compare_with_stored``),
   of boots whose clock is better known by now (``retime``), made since the kiosk stood elsewhere
   (``reassign_points``), or called misuse, or no longer (``set_misuse``).
2. Make of each what it is now. Whether it counts is decided by its subject, the question of a
   response: the message with the highest number of the newest installation does.
3. ``apply_corrections``: take what the old ones were worth out of the counts, add what the new ones
   are worth, and store those that differ.
4. Write the counts, in the same transaction.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from headoffice.db.queries import fetch_all, uuid_value
from headoffice.ingest.times import Timeline
from headoffice.messages.assignments import AssignmentHistory
from headoffice.messages.models import UNFIT
from headoffice.messages.rows import MessageRow, in_condition, select_rows
from headoffice.rollups.write import CountChanges, TimeZones
from sync.messages import Moment

Subject = tuple[str, str]
Correction = tuple[MessageRow, MessageRow]
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


def latest_by_subject(rows: Iterable[MessageRow]) -> dict[Subject, MessageRow]:
    """Of new messages that may count the last one on each subject."""
    latest: dict[Subject, MessageRow] = {}
    for row in rows:
        if row.is_set_aside:
            continue
        before = latest.setdefault(row.subject, row)
        if before is not row and before.order < row.order:
            latest[row.subject] = row
    return latest


def compare_with_stored(
    kiosk: int, latest: Mapping[Subject, MessageRow]
) -> tuple[set[Subject], list[MessageRow]]:
    """On which subjects what is stored is newer than these; and what they replace of it."""
    superseded: set[Subject] = set()
    replaced: list[MessageRow] = []
    for old in _counting(kiosk, {response for response, _question in latest}):
        new = latest.get(old.subject)
        if new is not None and new.order > old.order:
            replaced.append(old)
        elif new is not None:
            superseded.add(old.subject)
    return superseded, replaced


def _counting(kiosk: int, responses: Collection[str]) -> Iterable[MessageRow]:
    """What is stored of these responses and counts."""
    if len(responses) > _FEW:
        # Ids of responses grow with time: usually a backlog lies past everything stored, and one
        # look tells.
        ends = (uuid_value(min(responses)), uuid_value(max(responses)))
        if not fetch_all(_BETWEEN, kiosk, *ends):
            return ()
    condition, values = in_condition("response", responses, uuids=True)
    return select_rows(f"kiosk = %s AND counts AND {condition}", [kiosk, *values])


def apply_corrections(pairs: Iterable[Correction], changes: CountChanges) -> int:
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


def retime(
    kiosk: int, timeline: Timeline, history: AssignmentHistory, changes: CountChanges
) -> int:
    """Time anew what rested on the kiosk's word, where more is known by now; how many."""
    condition, values = in_condition("boot", timeline.boots, uuids=True)
    uncertain = select_rows(f"kiosk = %s AND NOT certain AND {condition}", [kiosk, *values])
    return apply_corrections(((row, _timed(row, timeline, history)) for row in uncertain), changes)


def _timed(row: MessageRow, timeline: Timeline, history: AssignmentHistory) -> MessageRow:
    ms, certain = timeline.happened(Moment(row.wall_ms, row.boot, row.mono_ms))
    ms = min(ms, row.received_ms)
    return row._replace(happened_ms=ms, certain=certain, point=history.at(ms).point)


def reassign_points(kiosk: int, since_ms: int) -> int:
    """Bring messages made since an instant to where the kiosk really stood; how many moved."""
    history = AssignmentHistory(kiosk)
    changes = CountChanges(TimeZones(history.zones))
    if since_ms == history.all[-1].since_ms:
        # What was made before the first stay counts there too.
        since_ms = 0
    rows = select_rows("kiosk = %s AND happened_ms >= %s", [kiosk, since_ms])
    moved = apply_corrections(
        ((row, row._replace(point=history.at(row.happened_ms).point)) for row in rows), changes
    )
    changes.write()
    return moved


def set_misuse(rows: Iterable[MessageRow], reason: str | None) -> int:
    """Call messages misuse for a reason found here, or with None what the kiosk called them.

    Returns how many changed. A reason is added to those that the kiosk gave.
    """
    changes = CountChanges()
    changed = apply_corrections(((row, _judged(row, reason)) for row in rows), changes)
    changes.write()
    return changed


def _judged(row: MessageRow, reason: str | None) -> MessageRow:
    said = row.misuse if row.reported_misuse is None else row.reported_misuse
    unfit = UNFIT in row.misuse.split(",")
    if reason is None and not unfit:
        return row._replace(misuse=said, reported_misuse=None)
    # What does not fit never does, whatever is thought of it.
    reasons = sorted(
        {*filter(None, said.split(",")), *([reason] if reason else []), *([UNFIT] * unfit)}
    )
    return row._replace(misuse=",".join(reasons), reported_misuse=said)
