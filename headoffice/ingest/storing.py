"""Stores a delivery in one transaction: messages, counts, numbers accounted for."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from headoffice import clock
from headoffice.finding import Finder, asked, run, uuid_value
from headoffice.fleet.models import HeadOffice, Kiosk
from headoffice.ingest import accounting, decoding, sealing, times
from headoffice.ingest.correcting import Subject, apply, last_words, retime, settle
from headoffice.ingest.deliveries import delivered
from headoffice.ingest.models import Installation, Renumbered, Unstored
from headoffice.ingest.rows import Row, messages
from headoffice.ingest.screening import (
    Letter,
    Outcome,
    alarm_clones,
    conflict,
    misfits,
    record_set_aside,
    record_withheld,
    take_out_misfits,
    take_out_renumbered,
    take_out_stored,
)
from headoffice.ingest.stays import Stays
from headoffice.ingest.times import Timeline
from headoffice.problems import RefusedError
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from headoffice.results.counting import Changes, Zones
from headoffice.turns import writing
from sync.messages import (
    Answered,
    Batch,
    ContactDetails,
    Ended,
    Receipt,
    Refusal,
    SealedContact,
    Skipped,
    fingerprint,
)

_value = msgspec.json.Encoder(order="deterministic")
_installations = Finder(Installation)
_LOCK = "SELECT revoked_at, last_answer_ms FROM fleet_kiosk WHERE id = %s"
_LAST_ANSWER = "UPDATE fleet_kiosk SET last_answer_ms = %s WHERE id = %s"


class _Desk(NamedTuple):
    """What the messages of one delivery have in common."""

    kiosk: Kiosk
    installation: Installation
    versions: dict[str, Version]
    timeline: Timeline
    stays: Stays
    received_ms: int


class _Sheet:
    """What some messages add; they are the last word but on subjects where they are outdone."""

    def __init__(
        self, desk: _Desk, letters: Collection[Letter], outdone: Collection[Subject] = ()
    ) -> None:
        rows = list(_rows(desk, letters))
        self.latest = last_words(rows)
        for subject in outdone:
            del self.latest[subject]
        if len(self.latest) < len(rows):
            last = {row.order for row in self.latest.values()}
            rows = [row if row.order in last else row._replace(counts=False) for row in rows]
        self.rows = rows
        self.insert = messages.insertion(rows)
        self.changes = Changes(Zones(desk.stays.zones))
        self.changes.add(*(row for row in rows if row.counts))
        counted = (r.happened_ms for r in rows if r.kind == 1 and not r.test and not r.misuse)
        self.last_answer_ms = max(counted, default=0)


def lock(kiosk: Kiosk) -> None:
    """Make the kiosk's row ours alone until the transaction ends; RefusedError if it was revoked.

    Deliveries of one kiosk are taken one after another, also from two devices that share an
    identity: the counts of a response are moved by reading and then writing. What deliveries
    change of the row is read anew.
    """
    # SQLite lets one transaction write at a time as it is.
    alone = " FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else ""
    rows = asked(_LOCK + alone, kiosk.pk)
    if not rows or rows[0][0] is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
    kiosk.last_answer_ms = rows[0][1]


def installation_of(kiosk: Kiosk, uuid: str) -> Installation:
    """The row of this installation, made on its first word."""
    row = _installations.one("kiosk_id = %s AND uuid = %s", kiosk.pk, uuid_value(uuid))
    if row is not None:
        return row
    with writing():
        return Installation.objects.get_or_create(kiosk=kiosk, uuid=UUID(uuid))[0]


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
    # On SQLite others wait for this one's turn: it is made ready before, as if all of it were new.
    installation = installation_of(kiosk, delivery.header.installation)
    timeline = Timeline(delivery.header.sent, delivery.header.sightings, received_ms)
    versions = registry.known(kiosk, digests)
    desk = _Desk(kiosk, installation, versions, timeline, Stays(kiosk.pk), received_ms)
    chosen, refused_here = _chosen(letters)
    wrong = misfits(chosen, versions)
    sheet = _Sheet(desk, chosen.values())
    with writing():
        lock(kiosk)
        installation = installation_of(kiosk, delivery.header.installation)
        outcome = Outcome(set(), refused_here, {})
        take_out_misfits(installation, chosen, wrong, outcome)
        take_out_stored(installation, chosen, outcome)
        take_out_renumbered(installation, chosen, outcome)
        stays = Stays(kiosk.pk)
        moved = stays.all != desk.stays.all
        desk = desk._replace(installation=installation, stays=stays)
        if moved or len(chosen) < len(sheet.rows):
            sheet = _Sheet(desk, chosen.values())
        _store(desk, chosen, sheet)
        outcome.stored.update(chosen)
        times.record_bounds(kiosk.pk, timeline.bounds)
        for refusal in delivery.refused:
            outcome.set_aside[refusal.seq] = (Unstored.Reason.INVALID, refusal.detail)
        record_set_aside(installation, outcome, received_ms)
        withheld = delivery.header.withheld
        record_withheld(installation, withheld, received_ms)
        refused = (*delivery.refused, *outcome.refused)
        seqs = [m.seq for _place, m in delivery.messages] + [r.seq for r in refused]
        seqs.extend(withheld)
        accounting.account(installation, delivery.header.oldest, seqs)
        alarm_clones(kiosk, installation, refused, outcome.stored)
    delivered.send(
        Batch,
        messages=len(delivery.messages) + len(delivery.refused),
        stored=len(outcome.stored),
        refused=len(refused),
    )
    return receipt(kiosk, installation, echo, registry.wanted_from(kiosk, digests), refused)


def _chosen(letters: Iterable[Letter]) -> tuple[dict[int, Letter], list[Refusal]]:
    """The first message of each number; the refusals of others that say something else."""
    chosen: dict[int, Letter] = {}
    refused: list[Refusal] = []
    for letter in letters:
        first = chosen.setdefault(letter.message.seq, letter)
        if first is not letter and first.fingerprint != letter.fingerprint:
            refused.append(conflict(letter))
    return chosen, refused


def _store(desk: _Desk, chosen: dict[int, Letter], sheet: _Sheet) -> None:
    outdone, replaced = settle(desk.kiosk.pk, sheet.latest)
    if outdone:
        sheet = _Sheet(desk, chosen.values(), outdone)
    changes = sheet.changes
    apply(((old, old._replace(counts=False)) for old in replaced), changes)
    retime(desk.kiosk.pk, desk.timeline, desk.stays, changes)
    sheet.insert()
    changes.write()
    _forget_unstored(desk.installation, chosen)
    _remember_origins(desk.kiosk, chosen)
    if sheet.last_answer_ms > (desk.kiosk.last_answer_ms or 0):
        desk.kiosk.last_answer_ms = sheet.last_answer_ms
        run(_LAST_ANSWER, sheet.last_answer_ms, desk.kiosk.pk)


def _rows(desk: _Desk, letters: Iterable[Letter]) -> Iterator[Row]:
    kiosk, installation = desk.installation.kiosk_id, desk.installation.pk
    versions = {digest: version.pk for digest, version in desk.versions.items()}
    happened, stay_at, received_ms = desk.timeline.happened, desk.stays.at, desk.received_ms
    latest = desk.stays.all[0]
    since_ms, here = latest.since_ms, latest.point
    for _place, message, print_ in letters:
        body, moment = message.body, message.moment
        ms, certain = happened(moment)
        misuse, took_ms = "", 0
        match body:
            case Answered(value=value_given):
                kind, question, took_ms = 1, body.question, body.took_ms
                if type(value_given) is int:
                    value = str(value_given)
                elif type(value_given) is ContactDetails:
                    value = sealing.stored(value_given)
                elif type(value_given) is SealedContact:
                    value = sealing.stored_anew(value_given)
                else:
                    value = _value.encode(value_given).decode()
                misuse = ",".join(sorted(set(body.misuse))) if body.misuse else ""
            case Skipped():
                kind, question, value, took_ms = 2, body.question, "", body.took_ms
            case Ended():
                kind, question, value = 3, body.question or "", body.outcome
        yield Row(
            kiosk,
            installation,
            message.seq,
            print_,
            kind,
            body.response,
            versions[body.questionnaire],
            here if ms >= since_ms else stay_at(ms).point,
            question,
            value,
            body.language,
            body.test,
            misuse,
            took_ms,
            moment.wall_ms,
            moment.boot,
            moment.mono_ms,
            ms,
            certain,
            received_ms,
        )


def _forget_unstored(installation: Installation, stored: Collection[int]) -> None:
    """What was refused or withheld and has come after all is no longer without a row."""
    if stored and min(stored) <= installation.highest:
        Unstored.objects.filter(
            kiosk=installation.kiosk_id, installation=installation.pk, seq__in=stored
        ).delete()


def _remember_origins(kiosk: Kiosk, stored: dict[int, Letter]) -> None:
    moved = [
        Renumbered(
            kiosk=kiosk.pk,
            origin=UUID(origin.installation),
            origin_seq=origin.seq,
            fingerprint=letter.fingerprint,
        )
        for letter in stored.values()
        if (origin := letter.message.origin) is not None
    ]
    if moved:
        Renumbered.objects.bulk_create(moved, ignore_conflicts=True)
