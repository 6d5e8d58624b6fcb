"""Sorts out what of a delivery is not stored: refused, or stored already under another number."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from headoffice import clock
from headoffice.db.queries import fetch_all, uuid_value
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.ingest import decoding
from headoffice.messages.models import Installation, Renumbered, StoredMessage, Unstored
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from sync.messages import FieldError, Message, Refusal, StoredNumber

_MOVED = """
SELECT origin_seq, fingerprint FROM ingest_renumbered
WHERE kiosk = %s AND origin = %s AND origin_seq BETWEEN %s AND %s
"""
_NEWER = (
    "SELECT id FROM ingest_installation WHERE kiosk_id = %s AND id > %s AND highest > 0 LIMIT 1"
)

_NEWEST = """
SELECT seq, fingerprint FROM ingest_storedmessage
WHERE kiosk = %s AND installation = %s AND seq <= %s ORDER BY seq DESC LIMIT 1
"""


class IncomingMessage(NamedTuple):
    """A message of the delivery with what has to be known about it first."""

    place: int
    message: Message
    fingerprint: bytes


class ScreeningResult(NamedTuple):
    """What became of a delivery."""

    stored_seqs: set[int]
    refusals: list[Refusal]
    unstored_seqs: dict[int, tuple[Unstored.Reason, str]]


def find_misfits(
    chosen: dict[int, IncomingMessage], versions: dict[str, Version]
) -> dict[int, FieldError]:
    """What is wrong with those that can't be an answer to their questionnaire."""
    misfit = registry.AnswerCheck(versions).misfit
    return {
        seq: mistake for seq, entry in chosen.items() if (mistake := misfit(entry.message.body))
    }


def take_out_misfits(
    installation: Installation,
    chosen: dict[int, IncomingMessage],
    wrong: dict[int, FieldError],
    outcome: ScreeningResult,
) -> None:
    """Refuse what can't be an answer to its questionnaire, unless it is stored already.

    It may be: as long as a definition was unknown, its answers were taken as they came.
    """
    stored = stored_fingerprints(installation, wrong)
    for seq in wrong.keys() - stored.keys():
        entry = chosen.pop(seq)
        refusal = decoding.invalid_refusal(seq, decoding.place_in_batch(entry.place, wrong[seq]))
        outcome.refusals.append(refusal)
        outcome.unstored_seqs[seq] = (Unstored.Reason.INVALID, refusal.detail)


def take_out_stored(
    installation: Installation, chosen: dict[int, IncomingMessage], outcome: ScreeningResult
) -> None:
    """Leave out what is stored already, and refuse what came again with other content."""
    # Above the highest number ever seen nothing can be stored.
    seen = [seq for seq in chosen if seq <= installation.highest]
    for seq, print_ in stored_fingerprints(installation, seen).items():
        entry = chosen.pop(seq)
        if entry.fingerprint != print_:
            outcome.refusals.append(conflict_refusal(entry))


def take_out_renumbered(
    installation: Installation, chosen: dict[int, IncomingMessage], outcome: ScreeningResult
) -> None:
    """Leave out what is stored under another number, in whichever order the two came."""
    twins: dict[int, str] = {}
    if chosen:
        uuid = uuid_value(str(installation.uuid))
        moved = fetch_all(_MOVED, installation.kiosk_id, uuid, min(chosen), max(chosen))
        for seq, print_ in moved:
            if seq in chosen and bytes(print_) == chosen[seq].fingerprint:
                twins[seq] = "Stored under the number it was given later"
    for seq in _stored_before(installation, chosen):
        twins[seq] = "Stored under the number it had before"
    for seq, why in twins.items():
        del chosen[seq]
        outcome.unstored_seqs[seq] = (Unstored.Reason.DUPLICATE, why)


def _stored_before(installation: Installation, chosen: dict[int, IncomingMessage]) -> set[int]:
    """Those with an origin whose content is stored: there, under a later number, or anywhere.

    By content and not by the origin's number alone, because a message can be numbered anew more
    than once, and a kiosk that had to salvage its outbox may not know the origin's installation.
    """
    moved = {seq: entry for seq, entry in chosen.items() if entry.message.origin is not None}
    if not moved:
        return set()
    kiosk = installation.kiosk_id
    prints = [entry.fingerprint for entry in moved.values()]
    stored = _prints(Renumbered.objects.filter(kiosk=kiosk, fingerprint__in=prints))
    found = {seq for seq, entry in moved.items() if entry.fingerprint in stored}
    homes: dict[str, dict[int, IncomingMessage]] = {}
    for seq in moved.keys() - found:
        if origin := moved[seq].message.origin:
            homes.setdefault(origin.installation, {})[seq] = moved[seq]
    for uuid, incoming in homes.items():
        found |= _stored_at_home(kiosk, UUID(uuid), incoming)
    return found


def _stored_at_home(kiosk: int, uuid: UUID, incoming: dict[int, IncomingMessage]) -> set[int]:
    before = Installation.objects.filter(kiosk=kiosk, uuid=uuid).first()
    if before is None:
        # No kiosk ever named this installation: its name was lost in a salvage. There is
        # no index by content, as it would cost every delivery for the sake of so rare a one.
        prints = [entry.fingerprint for entry in incoming.values()]
        there = _prints(StoredMessage.objects.filter(kiosk=kiosk, fingerprint__in=prints))
        return {seq for seq, entry in incoming.items() if entry.fingerprint in there}
    origins = {seq: o.seq for seq, entry in incoming.items() if (o := entry.message.origin)}
    known = stored_fingerprints(before, origins.values())
    return {seq for seq in incoming if known.get(origins[seq]) == incoming[seq].fingerprint}


def _prints(rows: "QuerySet[Renumbered] | QuerySet[StoredMessage]") -> set[bytes]:
    return {bytes(print_) for print_ in rows.values_list("fingerprint", flat=True)}


def stored_fingerprints(installation: Installation, seqs: Iterable[int]) -> dict[int, bytes]:
    """The stored fingerprints of those of these seqs that are stored."""
    wanted = list(seqs)
    if not wanted:
        return {}
    found = StoredMessage.objects.filter(
        kiosk=installation.kiosk_id, installation=installation.pk, seq__in=wanted
    ).values_list("seq", "fingerprint")
    return {seq: bytes(print_) for seq, print_ in found}


def newest_stored(installation: Installation, up_to: int) -> StoredNumber | None:
    """The highest number up to this one that has a message; None for none."""
    found = fetch_all(_NEWEST, installation.kiosk_id, installation.pk, up_to) if up_to else ()
    return next((StoredNumber(seq, bytes(print_).hex()) for seq, print_ in found), None)


def conflict_refusal(entry: IncomingMessage) -> Refusal:
    """The refusal of a message whose number is taken."""
    return Refusal(
        entry.message.seq,
        "conflict",
        f"$.messages[{entry.place}]: this number is taken by another message",
    )


def record_unstored(installation: Installation, outcome: ScreeningResult, received_ms: int) -> None:
    """Account for what is not stored."""
    if not outcome.unstored_seqs:
        return
    Unstored.objects.bulk_create(
        [
            Unstored(
                kiosk=installation.kiosk_id,
                installation=installation.pk,
                seq=seq,
                reason=reason,
                detail=detail,
                received_ms=received_ms,
            )
            for seq, (reason, detail) in outcome.unstored_seqs.items()
        ],
        ignore_conflicts=True,
    )


def record_withheld(installation: Installation, seqs: Collection[int], received_ms: int) -> None:
    """Account for numbers that the kiosk keeps in its quarantine, unless they did arrive."""
    if not seqs:
        return
    there = stored_fingerprints(installation, seqs)
    reason = (Unstored.Reason.WITHHELD, "The kiosk holds it in quarantine")
    outcome = ScreeningResult(set(), [], {seq: reason for seq in seqs if seq not in there})
    record_unstored(installation, outcome, received_ms)


def raise_clone_alarm(
    kiosk: Kiosk, installation: Installation, refused: tuple[Refusal, ...], stored: set[int]
) -> None:
    """Raise the alarm when two devices deliver as one kiosk.

    Either numbers come again with other content, or an installation grows while a newer one of
    the same kiosk is there: a single device never goes back to an earlier one.
    """
    conflicts = [r.seq for r in refused if r.reason == "conflict"]
    if conflicts:
        detail = f"Number {conflicts[-1]} came again with other content"
    elif stored and _is_outgrown(kiosk, installation):
        detail = f"Number {max(stored)} came although a newer installation had begun"
    else:
        return
    now = clock.now()
    alarm, _made = Alarm.objects.get_or_create(
        kiosk=kiosk,
        installation=installation.uuid,
        kind=Alarm.Kind.CLONE,
        defaults={"first_at": now, "last_at": now},
    )
    alarm.last_at, alarm.count = now, alarm.count + (len(conflicts) or len(stored))
    alarm.detail = detail
    alarm.save()


def _is_outgrown(kiosk: Kiosk, installation: Installation) -> bool:
    return bool(fetch_all(_NEWER, kiosk.pk, installation.pk))
