"""Stores a delivery in one transaction: messages, counts, numbers accounted for."""

from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction

from headoffice import clock
from headoffice.bulk import Table
from headoffice.fleet.models import Assignment, HeadOffice, Kiosk
from headoffice.ingest import accounting, decoding
from headoffice.ingest.models import Installation, Renumbered, Unstored
from headoffice.ingest.screening import (
    Letter,
    Outcome,
    alarm_clones,
    conflict,
    fingerprints,
    record_set_aside,
    record_withheld,
    take_out_misfits,
    take_out_renumbered,
)
from headoffice.ingest.times import Happened, Timeline
from headoffice.problems import RefusedError
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


class _Desk(NamedTuple):
    """What the messages of one delivery have in common."""

    kiosk: Kiosk
    installation: Installation
    versions: dict[str, Version]
    timeline: Timeline
    received_ms: int


def lock(kiosk: Kiosk) -> Kiosk:
    """The kiosk's row, ours alone until the transaction ends; RefusedError if it was revoked.

    Deliveries of one kiosk are taken one after another, also from two devices that share an
    identity: the counts of a response are moved by reading and then writing.
    """
    locked = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
    if locked.revoked_at is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
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
    letters = [Letter(place, m, fingerprint(m)) for place, m in delivery.messages]
    digests = {m.body.questionnaire for _place, m in delivery.messages}
    with transaction.atomic():
        kiosk = lock(kiosk)
        installation = installation_of(kiosk, delivery.header.installation)
        versions = registry.known(kiosk, digests)
        timeline = Timeline(delivery.header.sent, delivery.header.sightings, received_ms)
        desk = _Desk(kiosk, installation, versions, timeline, received_ms)
        outcome = _store(desk, letters)
        for refusal in delivery.refused:
            outcome.set_aside[refusal.seq] = (Unstored.Reason.INVALID, refusal.detail)
        record_set_aside(installation, outcome, received_ms)
        withheld = delivery.header.withheld
        record_withheld(installation, withheld, received_ms)
        refused = (*delivery.refused, *outcome.refused)
        seqs = [m.seq for _place, m in delivery.messages] + [r.seq for r in refused]
        seqs.extend(withheld)
        accounting.account(installation, delivery.header.oldest, seqs)
        alarm_clones(kiosk, installation, refused)
        wanted = registry.wanted_from(kiosk, digests)
        return receipt(kiosk, installation, echo, wanted, tuple(refused))


def _store(desk: _Desk, letters: list[Letter]) -> Outcome:
    kiosk, installation, versions = desk.kiosk, desk.installation, desk.versions
    outcome = Outcome(set(), [], {})
    chosen: dict[int, Letter] = {}
    for letter in letters:
        first = chosen.setdefault(letter.message.seq, letter)
        if first.fingerprint != letter.fingerprint:
            outcome.refused.append(conflict(letter))
    take_out_misfits(installation, chosen, versions, outcome)
    take_out_renumbered(installation, chosen, outcome)

    places = _Places(kiosk)
    rows, words = [], {}
    for letter in chosen.values():
        happened = desk.timeline.happened(letter.message.moment)
        stay = places.at(happened.ms)
        rows.append(_row(desk, letter, stay.point, happened))
        words[letter.message.seq] = _word(desk, letter.message, stay, happened.ms)
    outcome.stored.update(_messages.insert_new(rows, returning="seq"))
    known = fingerprints(installation, chosen.keys() - outcome.stored)
    outcome.refused.extend(
        conflict(chosen[seq]) for seq, print_ in known.items() if print_ != chosen[seq].fingerprint
    )
    counting.count(words[seq] for seq in outcome.stored)
    _remember_origins(kiosk, chosen, outcome.stored)
    _note_last_answer(kiosk, rows, outcome.stored)
    return outcome


def _row(desk: _Desk, letter: Letter, point: int, happened: Happened) -> tuple[object, ...]:
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
        desk.installation.kiosk_id,
        desk.installation.pk,
        message.seq,
        letter.fingerprint,
        kind,
        body.response,
        desk.versions[body.questionnaire].pk,
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
        desk.received_ms,
    )


class _Stay(NamedTuple):
    """A kiosk at an experience point, from an instant on."""

    since_ms: int
    point: int
    zone: str


def _word(desk: _Desk, message: Message, stay: _Stay, happened_ms: int) -> counting.Word:
    body = message.body
    hour_ms, day = hours.local_hour(happened_ms, stay.zone)
    return counting.Word(
        kiosk=desk.installation.kiosk_id,
        response=body.response,
        question="" if isinstance(body, Ended) else body.question,
        installation=desk.installation.pk,
        seq=message.seq,
        hour_ms=hour_ms,
        day=day,
        point=stay.point,
        version=desk.versions[body.questionnaire].pk,
        words=counting.words_of(body),
        language=body.language,
        misuse=",".join(sorted(set(body.misuse))) if isinstance(body, Answered) else "",
        test=body.test,
    )


class _Places:
    """Where a kiosk stood when."""

    def __init__(self, kiosk: Kiosk) -> None:
        stays = Assignment.objects.filter(kiosk=kiosk).select_related("point").order_by("-since_ms")
        self._stays = [_Stay(a.since_ms, a.point_id, a.point.time_zone) for a in stays]

    def at(self, ms: int) -> _Stay:
        """Where the kiosk stood; before the first stay: there."""
        return next((stay for stay in self._stays if stay.since_ms <= ms), self._stays[-1])


def _remember_origins(kiosk: Kiosk, chosen: dict[int, Letter], stored: set[int]) -> None:
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
