"""Sorts out what of a delivery is not stored: refused, or stored already under another number."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from headoffice import clock
from headoffice.finding import asked, uuid_value
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.ingest import decoding
from headoffice.ingest.models import Installation, Renumbered, StoredMessage, Unstored
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from sync.messages import FieldError, Message, Refusal

_MOVED = """
SELECT origin_seq, fingerprint FROM ingest_renumbered
WHERE kiosk = %s AND origin = %s AND origin_seq BETWEEN %s AND %s
"""
_NEWER = (
    "SELECT id FROM ingest_installation WHERE kiosk_id = %s AND id > %s AND highest > 0 LIMIT 1"
)


class Letter(NamedTuple):
    """A message of the delivery with what has to be known about it first."""

    place: int
    message: Message
    fingerprint: bytes


class Outcome(NamedTuple):
    """What became of a delivery."""

    stored: set[int]
    refused: list[Refusal]
    set_aside: dict[int, tuple[Unstored.Reason, str]]


def misfits(chosen: dict[int, Letter], versions: dict[str, Version]) -> dict[int, FieldError]:
    """What is wrong with those that can't be an answer to their questionnaire."""
    misfit = registry.Fitting(versions).misfit
    return {
        seq: mistake for seq, letter in chosen.items() if (mistake := misfit(letter.message.body))
    }


def take_out_misfits(
    installation: Installation,
    chosen: dict[int, Letter],
    wrong: dict[int, FieldError],
    outcome: Outcome,
) -> None:
    """Refuse what can't be an answer to its questionnaire, unless it is stored already.

    It may be: as long as a definition was unknown, its answers were taken as they came.
    """
    stored = fingerprints(installation, wrong)
    for seq in wrong.keys() - stored.keys():
        letter = chosen.pop(seq)
        refusal = decoding.invalid(seq, decoding.place_in_batch(letter.place, wrong[seq]))
        outcome.refused.append(refusal)
        outcome.set_aside[seq] = (Unstored.Reason.INVALID, refusal.detail)


def take_out_stored(
    installation: Installation, chosen: dict[int, Letter], outcome: Outcome
) -> None:
    """Leave out what is stored already, and refuse what came again with other content."""
    # Above the highest number ever seen nothing can be stored.
    seen = [seq for seq in chosen if seq <= installation.highest]
    for seq, print_ in fingerprints(installation, seen).items():
        letter = chosen.pop(seq)
        if letter.fingerprint != print_:
            outcome.refused.append(conflict(letter))


def take_out_renumbered(
    installation: Installation, chosen: dict[int, Letter], outcome: Outcome
) -> None:
    """Leave out what is stored under another number, in whichever order the two came."""
    twins: dict[int, str] = {}
    if chosen:
        uuid = uuid_value(str(installation.uuid))
        moved = asked(_MOVED, installation.kiosk_id, uuid, min(chosen), max(chosen))
        for seq, print_ in moved:
            if seq in chosen and bytes(print_) == chosen[seq].fingerprint:
                twins[seq] = "Stored under the number it was given later"
    for seq in _stored_before(installation, chosen):
        twins[seq] = "Stored under the number it had before"
    for seq, why in twins.items():
        del chosen[seq]
        outcome.set_aside[seq] = (Unstored.Reason.DUPLICATE, why)


def _stored_before(installation: Installation, chosen: dict[int, Letter]) -> set[int]:
    """Those with an origin whose content is stored: there, under a later number, or anywhere.

    By content and not by the origin's number alone, because a message can be numbered anew more
    than once, and a kiosk that had to salvage its outbox may not know the origin's installation.
    """
    moved = {seq: letter for seq, letter in chosen.items() if letter.message.origin is not None}
    if not moved:
        return set()
    kiosk = installation.kiosk_id
    prints = [letter.fingerprint for letter in moved.values()]
    stored = _prints(Renumbered.objects.filter(kiosk=kiosk, fingerprint__in=prints))
    found = {seq for seq, letter in moved.items() if letter.fingerprint in stored}
    homes: dict[str, dict[int, Letter]] = {}
    for seq in moved.keys() - found:
        if origin := moved[seq].message.origin:
            homes.setdefault(origin.installation, {})[seq] = moved[seq]
    for uuid, letters in homes.items():
        found |= _stored_at_home(kiosk, UUID(uuid), letters)
    return found


def _stored_at_home(kiosk: int, uuid: UUID, letters: dict[int, Letter]) -> set[int]:
    before = Installation.objects.filter(kiosk=kiosk, uuid=uuid).first()
    if before is None:
        # No kiosk of ours ever named this installation: its name was lost in a salvage. There is
        # no index by content, as it would cost every delivery for the sake of so rare a one.
        prints = [letter.fingerprint for letter in letters.values()]
        there = _prints(StoredMessage.objects.filter(kiosk=kiosk, fingerprint__in=prints))
        return {seq for seq, letter in letters.items() if letter.fingerprint in there}
    origins = {seq: o.seq for seq, letter in letters.items() if (o := letter.message.origin)}
    known = fingerprints(before, origins.values())
    return {seq for seq in letters if known.get(origins[seq]) == letters[seq].fingerprint}


def _prints(rows: "QuerySet[Renumbered] | QuerySet[StoredMessage]") -> set[bytes]:
    return {bytes(print_) for print_ in rows.values_list("fingerprint", flat=True)}


def fingerprints(installation: Installation, seqs: Iterable[int]) -> dict[int, bytes]:
    """The stored fingerprints of those of these seqs that are stored."""
    wanted = list(seqs)
    if not wanted:
        return {}
    found = StoredMessage.objects.filter(
        kiosk=installation.kiosk_id, installation=installation.pk, seq__in=wanted
    ).values_list("seq", "fingerprint")
    return {seq: bytes(print_) for seq, print_ in found}


def conflict(letter: Letter) -> Refusal:
    """The refusal of a message whose number is taken."""
    return Refusal(
        letter.message.seq,
        "conflict",
        f"$.messages[{letter.place}]: this number is taken by another message",
    )


def record_set_aside(installation: Installation, outcome: Outcome, received_ms: int) -> None:
    """Account for what is not stored."""
    if not outcome.set_aside:
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
            for seq, (reason, detail) in outcome.set_aside.items()
        ],
        ignore_conflicts=True,
    )


def record_withheld(installation: Installation, seqs: Collection[int], received_ms: int) -> None:
    """Account for numbers that the kiosk keeps in its quarantine, unless they did arrive."""
    if not seqs:
        return
    there = fingerprints(installation, seqs)
    reason = (Unstored.Reason.WITHHELD, "The kiosk holds it in quarantine")
    outcome = Outcome(set(), [], {seq: reason for seq in seqs if seq not in there})
    record_set_aside(installation, outcome, received_ms)


def alarm_clones(
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
    return bool(asked(_NEWER, kiosk.pk, installation.pk))
