"""Sorts out what of a delivery is not stored: refused, or stored already under another number."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from headoffice import clock
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.ingest import decoding
from headoffice.ingest.models import Installation, Renumbered, StoredMessage, Unstored
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from sync.messages import Message, Refusal


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


def take_out_misfits(
    installation: Installation,
    chosen: dict[int, Letter],
    versions: dict[str, Version],
    outcome: Outcome,
) -> None:
    """Refuse what can't be an answer to its questionnaire, unless it is stored already.

    It may be: as long as a definition was unknown, its answers were taken as they came.
    """
    wrong = {
        seq: mistake
        for seq, letter in chosen.items()
        if (
            mistake := registry.misfit(
                letter.message.body, versions[letter.message.body.questionnaire]
            )
        )
    }
    stored = fingerprints(installation, wrong)
    for seq in wrong.keys() - stored.keys():
        letter = chosen.pop(seq)
        refusal = decoding.invalid(seq, decoding.place_in_batch(letter.place, wrong[seq]))
        outcome.refused.append(refusal)
        outcome.set_aside[seq] = (Unstored.Reason.INVALID, refusal.detail)


def take_out_renumbered(
    installation: Installation, chosen: dict[int, Letter], outcome: Outcome
) -> None:
    """Leave out what is stored under another number, in whichever order the two came."""
    twins: dict[int, str] = {}
    if chosen:
        moved = Renumbered.objects.filter(
            kiosk=installation.kiosk_id,
            origin=installation.uuid,
            origin_seq__gte=min(chosen),
            origin_seq__lte=max(chosen),
        ).values_list("origin_seq", "fingerprint")
        for seq, print_ in moved:
            if seq in chosen and bytes(print_) == chosen[seq].fingerprint:
                twins[seq] = "Stored under the number it was given later"
    for seq, letter in chosen.items():
        if letter.message.origin is not None and _origin_is_stored(installation, letter):
            twins[seq] = "Stored under the number it had before"
    for seq in twins.keys() - fingerprints(installation, twins).keys():
        del chosen[seq]
        outcome.set_aside[seq] = (Unstored.Reason.DUPLICATE, twins[seq])


def _origin_is_stored(installation: Installation, letter: Letter) -> bool:
    origin = letter.message.origin
    if origin is None:
        return False
    before = Installation.objects.filter(
        kiosk=installation.kiosk_id, uuid=UUID(origin.installation)
    ).first()
    if before and fingerprints(before, [origin.seq]).get(origin.seq) == letter.fingerprint:
        return True
    moved = Renumbered.objects.filter(
        kiosk=installation.kiosk_id, origin=UUID(origin.installation), origin_seq=origin.seq
    ).first()
    return moved is not None and bytes(moved.fingerprint) == letter.fingerprint


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


def alarm_clones(kiosk: Kiosk, installation: Installation, refused: tuple[Refusal, ...]) -> None:
    """Raise the alarm for numbers that came again with other content."""
    conflicts = [r.seq for r in refused if r.reason == "conflict"]
    if not conflicts:
        return
    now = clock.now()
    alarm, _made = Alarm.objects.get_or_create(
        kiosk=kiosk,
        installation=installation.uuid,
        kind=Alarm.Kind.CLONE,
        defaults={"first_at": now, "last_at": now},
    )
    alarm.last_at, alarm.count = now, alarm.count + len(conflicts)
    alarm.detail = f"Number {conflicts[-1]} came again with other content"
    alarm.save()
