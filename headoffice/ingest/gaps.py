"""Which numbers of an installation are accounted for, and which are gone."""

from collections.abc import Iterable

from django.db import connection

from headoffice.clock import now_ms
from headoffice.db.queries import execute
from headoffice.messages.models import Gap, Installation

Range = tuple[int, int]

_ISLANDS = """
SELECT min(seq), max(seq) FROM (
    SELECT seq, seq - row_number() OVER (ORDER BY seq) AS island FROM (
        SELECT seq FROM ingest_storedmessage
        WHERE kiosk = %(kiosk)s AND installation = %(id)s AND seq BETWEEN %(low)s AND %(high)s
        UNION
        SELECT seq FROM ingest_unstored
        WHERE kiosk = %(kiosk)s AND installation = %(id)s AND seq BETWEEN %(low)s AND %(high)s
    ) AS present
) AS numbered GROUP BY island ORDER BY 1
"""

_MOVE = "UPDATE ingest_installation SET stored_up_to = %s, highest = %s WHERE id = %s"


def account_for(installation: Installation, oldest: int, seqs: Iterable[int]) -> None:
    """Move the installation's ``stored_up_to`` and ``highest`` after these seqs came in.

    Numbers below ``oldest`` that never came are gone: they become gaps, so that they hold
    nothing up and can be named. The kiosk's row has to be locked. Saves the installation.
    """
    fresh = set(seqs)
    was = (installation.stored_up_to, installation.highest)
    if late := {seq for seq in fresh if seq <= installation.stored_up_to}:
        _mend(installation, late)
    up_to = installation.stored_up_to
    while up_to + 1 in fresh:
        up_to += 1
    installation.highest = max(installation.highest, *fresh, 0)
    if up_to < installation.highest or up_to + 1 < oldest:
        # Something is missing or came out of order; in ordinary life this is never asked.
        up_to, gone = _past_gaps(installation, up_to, oldest)
        _record(installation, gone)
    installation.stored_up_to = up_to
    if was != (installation.stored_up_to, installation.highest):
        execute(_MOVE, installation.stored_up_to, installation.highest, installation.pk)


def _past_gaps(installation: Installation, up_to: int, oldest: int) -> tuple[int, list[Range]]:
    gone: list[Range] = []
    for first, last in _islands(installation, up_to + 1, installation.highest):
        if first > up_to + 1:
            end = min(first, oldest) - 1
            if end > up_to:
                gone.append((up_to + 1, end))
                up_to = end
            if up_to + 1 < first:
                return up_to, gone
        up_to = last
    if up_to + 1 < oldest:
        gone.append((up_to + 1, oldest - 1))
        up_to = oldest - 1
    return up_to, gone


def _islands(installation: Installation, low: int, high: int) -> list[Range]:
    values = {"kiosk": installation.kiosk_id, "id": installation.pk, "low": low, "high": high}
    with connection.cursor() as cursor:
        cursor.execute(_ISLANDS, values)
        return [(int(first), int(last)) for first, last in cursor.fetchall()]


def _record(installation: Installation, gone: list[Range]) -> None:
    now = now_ms()
    Gap.objects.bulk_create(
        [
            Gap(
                kiosk=installation.kiosk_id,
                installation=installation.pk,
                first=first,
                last=last,
                noticed_ms=now,
            )
            for first, last in gone
        ]
    )


def _mend(installation: Installation, late: set[int]) -> None:
    """What was thought gone has come after all: the gaps around it shrink."""
    gaps = Gap.objects.filter(
        kiosk=installation.kiosk_id,
        installation=installation.pk,
        first__lte=max(late),
        last__gte=min(late),
    )
    for gap in list(gaps):
        still: list[Range] = []
        begin = gap.first
        for first, last in _islands(installation, gap.first, gap.last):
            if begin < first:
                still.append((begin, first - 1))
            begin = last + 1
        if begin <= gap.last:
            still.append((begin, gap.last))
        Gap.objects.filter(pk=gap.pk).delete()
        _record(installation, still)
