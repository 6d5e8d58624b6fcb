"""Stores a delivery in one transaction: messages, counts, numbers accounted for."""

from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction

from headoffice import clock
from headoffice.bulk import Table
from headoffice.fleet.models import Alarm, Assignment, HeadOffice, Kiosk
from headoffice.ingest import accounting, decoding
from headoffice.ingest.models import Installation, Renumbered, StoredMessage, Unstored
from headoffice.ingest.times import Happened, Timeline
from headoffice.problems import Refused
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from headoffice.results import counting, hours
from sync.messages import (
    Answered,
    Ended,
    Message,
    Receipt,
    Refusal,
    Skipped,
    fingerprint,
)

_messages = Table(
    "ingest_storedmessage",
    ("kiosk", "installation", "seq"),
    {
        "kiosk": "int",
        "installation": "int",
        "seq": "int",
        "fingerprint": "bytes",
        "kind": "small",
        "response": "uuid",
        "version": "int",
        "point": "int",
        "question": "text",
        "value": "text",
        "language": "text",
        "test": "bool",
        "misuse": "text",
        "took_ms": "int",
        "wall_ms": "int",
        "boot": "uuid",
        "mono_ms": "int",
        "happened_ms": "int",
        "certain": "bool",
        "received_ms": "int",
    },
)
_value = msgspec.json.Encoder(order="deterministic")


class _Letter(NamedTuple):
    """A message of the delivery with what has to be known about it first."""

    place: int
    message: Message
    fingerprint: bytes


class _Outcome(NamedTuple):
    stored: set[int]
    refused: list[Refusal]
    set_aside: dict[int, tuple[Unstored.Reason, str]]


def lock(kiosk: Kiosk) -> Kiosk:
    """The kiosk's row, ours alone until the transaction ends; Refused if it was revoked.

    Deliveries of one kiosk are taken one after another, also from two devices that share an
    identity: the counts of a response are moved by reading and then writing.
    """
    locked = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
    if locked.revoked_at is not None:
        raise Refused("revoked", "Enrol this kiosk again with a new code.")
    return locked


def installation_of(kiosk: Kiosk, uuid: str) -> Installation:
    """The row of this installation, made on its first word."""
    row, _made = Installation.objects.get_or_create(kiosk=kiosk, uuid=UUID(uuid))
    return row


def receipt(
    kiosk: Kiosk,
    installation: Installation,
    echo: str,
    wanted: tuple[str, ...],
    refused: tuple[Refusal, ...] = (),
) -> Receipt:
    """What we tell the kiosk once the transaction is over."""
    return Receipt(
        receipt="hymio",
        head_office=HeadOffice.identity(),
        kiosk=str(kiosk.uuid),
        installation=str(installation.uuid),
        stored_up_to=installation.stored_up_to,
        highest=installation.highest,
        now_ms=clock.now_ms(),
        echo=echo,
        refused=refused,
        wanted=wanted,
    )


def deliver(kiosk: Kiosk, delivery: decoding.Delivery, echo: str, received_ms: int) -> Receipt:
    """Store what is new, count it, and say what the kiosk may forget."""
    letters = [_Letter(place, m, fingerprint(m)) for place, m in delivery.messages]
    digests = {m.body.questionnaire for _place, m in delivery.messages}
    with transaction.atomic():
        kiosk = lock(kiosk)
        installation = installation_of(kiosk, delivery.header.installation)
        versions = registry.known(kiosk, digests)
        timeline = Timeline(delivery.header.sent, delivery.header.sightings, received_ms)
        outcome = _store(kiosk, installation, letters, versions, timeline, received_ms)
        for refusal in delivery.refused:
            outcome.set_aside[refusal.seq] = (Unstored.Reason.INVALID, refusal.detail)
        _set_aside(installation, outcome, received_ms)
        refused = (*delivery.refused, *outcome.refused)
        seqs = [m.seq for _place, m in delivery.messages] + [r.seq for r in refused]
        accounting.account(installation, delivery.header.oldest, seqs)
        _alarm(kiosk, installation, refused)
        wanted = registry.wanted_from(kiosk, digests)
        reply = receipt(kiosk, installation, echo, wanted, tuple(refused))
    return reply


def _store(
    kiosk: Kiosk,
    installation: Installation,
    letters: list[_Letter],
    versions: dict[str, Version],
    timeline: Timeline,
    received_ms: int,
) -> _Outcome:
    outcome = _Outcome(set(), [], {})
    chosen: dict[int, _Letter] = {}
    for letter in letters:
        first = chosen.setdefault(letter.message.seq, letter)
        if first.fingerprint != letter.fingerprint:
            outcome.refused.append(_conflict(letter))
    _take_out_misfits(installation, chosen, versions, outcome)
    _take_out_renumbered(installation, chosen, outcome)

    places = _Places(kiosk)
    rows, words = [], {}
    for letter in chosen.values():
        happened = timeline.happened(letter.message.moment)
        version = versions[letter.message.body.questionnaire].pk
        point, zone = places.at(happened.ms)
        row = _row(letter, installation, version, point, happened, received_ms)
        rows.append(row)
        words[letter.message.seq] = _word(
            letter.message, installation, version, point, zone, happened
        )
    outcome.stored.update(_messages.insert_new(rows, returning="seq"))
    known = _fingerprints(installation, chosen.keys() - outcome.stored)
    outcome.refused.extend(
        _conflict(chosen[seq]) for seq, print_ in known.items() if print_ != chosen[seq].fingerprint
    )
    counting.count(words[seq] for seq in outcome.stored)
    _remember_origins(kiosk, chosen, outcome.stored)
    _note_last_answer(kiosk, rows, outcome.stored)
    return outcome


def _take_out_misfits(
    installation: Installation,
    chosen: dict[int, _Letter],
    versions: dict[str, Version],
    outcome: _Outcome,
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
    stored = _fingerprints(installation, wrong)
    for seq in wrong.keys() - stored.keys():
        letter = chosen.pop(seq)
        refusal = decoding.invalid(seq, decoding.place_in_batch(letter.place, wrong[seq]))
        outcome.refused.append(refusal)
        outcome.set_aside[seq] = (Unstored.Reason.INVALID, refusal.detail)


def _take_out_renumbered(
    installation: Installation, chosen: dict[int, _Letter], outcome: _Outcome
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
    for seq in twins.keys() - _fingerprints(installation, twins).keys():
        del chosen[seq]
        outcome.set_aside[seq] = (Unstored.Reason.DUPLICATE, twins[seq])


def _origin_is_stored(installation: Installation, letter: _Letter) -> bool:
    origin = letter.message.origin
    if origin is None:
        return False
    before = Installation.objects.filter(
        kiosk=installation.kiosk_id, uuid=UUID(origin.installation)
    ).first()
    if before and _fingerprints(before, [origin.seq]).get(origin.seq) == letter.fingerprint:
        return True
    moved = Renumbered.objects.filter(
        kiosk=installation.kiosk_id, origin=UUID(origin.installation), origin_seq=origin.seq
    ).first()
    return moved is not None and bytes(moved.fingerprint) == letter.fingerprint


def _fingerprints(installation: Installation, seqs: object) -> dict[int, bytes]:
    wanted = list(seqs)  # type: ignore[call-overload]
    if not wanted:
        return {}
    found = StoredMessage.objects.filter(
        kiosk=installation.kiosk_id, installation=installation.pk, seq__in=wanted
    ).values_list("seq", "fingerprint")
    return {seq: bytes(print_) for seq, print_ in found}


def _conflict(letter: _Letter) -> Refusal:
    return Refusal(
        letter.message.seq,
        "conflict",
        f"$.messages[{letter.place}]: this number is taken by another message",
    )


def _row(
    letter: _Letter,
    installation: Installation,
    version: int,
    point: int,
    happened: Happened,
    received_ms: int,
) -> tuple[object, ...]:
    message = letter.message
    body, moment = message.body, message.moment
    misuse, took_ms = "", 0
    match body:
        case Answered():
            kind, question, value = 1, body.question, _value.encode(body.value).decode()
            misuse, took_ms = ",".join(sorted(set(body.misuse))), body.took_ms
        case Skipped():
            kind, question, value, took_ms = 2, body.question, "", body.took_ms
        case Ended():
            kind, question, value = 3, body.question or "", body.outcome
    return (
        installation.kiosk_id,
        installation.pk,
        message.seq,
        letter.fingerprint,
        kind,
        body.response,
        version,
        point,
        question,
        value,
        body.language,
        body.test,
        misuse,
        took_ms,
        moment.wall_ms,
        moment.boot,
        moment.mono_ms,
        happened.ms,
        happened.certain,
        received_ms,
    )


def _word(
    message: Message,
    installation: Installation,
    version: int,
    point: int,
    zone: str,
    happened: Happened,
) -> counting.Word:
    body = message.body
    hour_ms, day = hours.local_hour(happened.ms, zone)
    return counting.Word(
        kiosk=installation.kiosk_id,
        response=body.response,
        question="" if isinstance(body, Ended) else body.question,
        installation=installation.pk,
        seq=message.seq,
        hour_ms=hour_ms,
        day=day,
        point=point,
        version=version,
        words=counting.words_of(body),
        language=body.language,
        misuse=",".join(sorted(set(body.misuse))) if isinstance(body, Answered) else "",
        test=body.test,
    )


class _Places:
    """Where a kiosk stood when."""

    def __init__(self, kiosk: Kiosk) -> None:
        stays = Assignment.objects.filter(kiosk=kiosk).select_related("point").order_by("-since_ms")
        self._stays = [(a.since_ms, a.point_id, a.point.time_zone) for a in stays]

    def at(self, ms: int) -> tuple[int, str]:
        """The experience point and its time zone; before the first stay: the first one."""
        for since_ms, point, zone in self._stays:
            if since_ms <= ms:
                return point, zone
        _since, point, zone = self._stays[-1]
        return point, zone


def _remember_origins(kiosk: Kiosk, chosen: dict[int, _Letter], stored: set[int]) -> None:
    moved = [
        Renumbered(
            kiosk=kiosk.pk,
            origin=UUID(origin.installation),
            origin_seq=origin.seq,
            fingerprint=chosen[seq].fingerprint,
        )
        for seq in stored
        if (origin := chosen[seq].message.origin) is not None
    ]
    Renumbered.objects.bulk_create(moved, ignore_conflicts=True)


def _note_last_answer(kiosk: Kiosk, rows: list[tuple[object, ...]], stored: set[int]) -> None:
    names = list(_messages.columns)
    seq, kind, test, misuse, at = (
        names.index(n) for n in ("seq", "kind", "test", "misuse", "happened_ms")
    )
    counted = [
        int(str(r[at]))
        for r in rows
        if r[seq] in stored and r[kind] == 1 and not r[test] and not r[misuse]
    ]
    if counted and max(counted) > (kiosk.last_answer_ms or 0):
        kiosk.last_answer_ms = max(counted)
        kiosk.save(update_fields=["last_answer_ms"])


def _set_aside(installation: Installation, outcome: _Outcome, received_ms: int) -> None:
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


def _alarm(kiosk: Kiosk, installation: Installation, refused: tuple[Refusal, ...]) -> None:
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
