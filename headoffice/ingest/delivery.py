"""Stores a delivery in one transaction: messages, counts, numbers accounted for.

``deliver`` goes through these steps:

1. Before the turn to write, as others wait for it on SQLite: find the installation, the versions
   and where the kiosk stood; keep the first message of each number, and refuse others with that
   number that say something else; look which are no answer to their questionnaire; make the rows
   and what they add to the counts, as if all of it were new.
2. In the turn, in one transaction: lock the kiosk's row, so that its deliveries follow each other,
   and read the installation again.
3. Take out what can't be an answer (unless it is stored already), what is stored under this number
   (other content under it is refused), and what is stored under another number.
4. If anything was taken out, or the kiosk was moved meanwhile, make the rows again.
5. Compare with what is stored about the same questions: of two messages the later one counts. Take
   the other one's part out of the counts.
6. Time anew what rested on the kiosk's word, as far as this delivery tells more of its clock.
7. Insert the rows, write the counts, note where renumbered messages came from, and which rows
   have to be compared with a definition that is still unknown.
8. Account for every number: stored, refused, withheld by the kiosk, or gone; raise an alarm if two
   devices deliver as one.
9. After the commit: tell who counts deliveries, and give the receipt, which asks for definitions
   that are missing.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from config.values import ContactDetails, SealedContact
from headoffice import clock
from headoffice.db.queries import Finder, datetime_value, execute, fetch_all, uuid_value
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.history import note_silence
from headoffice.fleet.models import HeadOffice, Kiosk
from headoffice.ingest import decoding, gaps, late_check, times
from headoffice.ingest.correction import (
    Subject,
    apply_corrections,
    compare_with_stored,
    latest_by_subject,
    retime,
)
from headoffice.ingest.screening import (
    IncomingMessage,
    ScreeningResult,
    conflict_refusal,
    find_misfits,
    newest_stored,
    raise_clone_alarm,
    record_unstored,
    record_withheld,
    take_out_misfits,
    take_out_renumbered,
    take_out_stored,
)
from headoffice.ingest.signals import delivery_stored
from headoffice.ingest.times import Timeline
from headoffice.messages import contacts
from headoffice.messages.assignments import AssignmentHistory
from headoffice.messages.losses import MOST_NUMBERS
from headoffice.messages.models import UNSENT, Installation, Renumbered, Unstored
from headoffice.messages.rows import MessageRow, message_table
from headoffice.questionnaires import registry
from headoffice.questionnaires.models import Version
from headoffice.rollups.write import CountChanges, TimeZones
from headoffice.web.problems import RefusedError
from sync.messages import (
    AnswerBody,
    Batch,
    EndBody,
    FieldError,
    Receipt,
    Refusal,
    SkipBody,
    fingerprint,
)

MAX_INSTALLATIONS = 1000
"""A device begins a new one when its card is restored: so many are no device's."""
_value = msgspec.json.Encoder(order="deterministic")
_installations = Finder(Installation)
_LOCK = "SELECT revoked_at, last_answer_ms, successor_id FROM fleet_kiosk WHERE id = %s"
_HEARD = "UPDATE fleet_kiosk SET heartbeat_at = %s WHERE id = %s"
_LAST_ANSWER = "UPDATE fleet_kiosk SET last_answer_ms = %s WHERE id = %s"


class DeliveryContext(NamedTuple):
    """What the messages of one delivery have in common."""

    kiosk: Kiosk
    installation: Installation
    versions: dict[str, Version]
    timeline: Timeline
    history: AssignmentHistory
    received_ms: int


class DeliveryRows:
    """What some messages add; they are the last word but on subjects where they are superseded."""

    def __init__(
        self,
        context: DeliveryContext,
        incoming: Collection[IncomingMessage],
        superseded: Collection[Subject] = (),
    ) -> None:
        rows = list(_rows(context, incoming))
        self.latest = latest_by_subject(rows)
        for subject in superseded:
            del self.latest[subject]
        if len(self.latest) < len(rows):
            last = {row.order for row in self.latest.values()}
            rows = [row if row.order in last else row._replace(counts=False) for row in rows]
        self.rows = rows
        self.insert = message_table.insertion(rows)
        self.changes = CountChanges(TimeZones(context.history.zones))
        self.changes.add(*(row for row in rows if row.counts))
        counted = (r.happened_ms for r in rows if r.kind == 1 and not r.test and not r.misuse)
        self.last_answer_ms = max(counted, default=0)


def lock_kiosk(kiosk: Kiosk) -> None:
    """Lock the kiosk's row until the transaction ends; RefusedError if it was revoked.

    Deliveries of one kiosk are taken one after another, also from two devices that share an
    identity: the counts of a response are moved by reading and then writing. What deliveries
    change of the row is read anew.
    """
    # SQLite lets one transaction write at a time as it is.
    alone = " FOR NO KEY UPDATE" if connection.features.has_select_for_no_key_update else ""
    rows = fetch_all(_LOCK + alone, kiosk.pk)
    if not rows or rows[0][0] is not None:
        raise RefusedError("revoked", "Enrol this kiosk again with a new code.")
    _revoked_at, kiosk.last_answer_ms, kiosk.successor_id = rows[0]


def installation_of(kiosk: Kiosk, uuid: str) -> Installation:
    """The row of this installation, made on its first word; RefusedError if there are too many."""
    row = _installations.first("kiosk_id = %s AND uuid = %s", kiosk.pk, uuid_value(uuid))
    if row is not None:
        return row
    if Installation.objects.filter(kiosk=kiosk).count() >= MAX_INSTALLATIONS:
        raise RefusedError(
            "too_many",
            f"This kiosk has begun {MAX_INSTALLATIONS} installations, more than a device ever "
            "does. Its answers stay on it: revoke it here, and enrol it again with a new code.",
        )
    with exclusive_write():
        return Installation.objects.get_or_create(kiosk=kiosk, uuid=UUID(uuid))[0]


def check_oldest(oldest: int) -> None:
    """RefusedError for a number that no kiosk can have come to: all below would count as lost."""
    if oldest > MOST_NUMBERS:
        wrong = FieldError("$.oldest", f"No kiosk can have numbered more than {MOST_NUMBERS}")
        raise RefusedError("invalid", errors=[wrong])


def make_receipt(
    kiosk: Kiosk,
    installation: Installation,
    echo: str,
    wanted: tuple[str, ...],
    refused: tuple[Refusal, ...] = (),
    *,
    watermark: int | None = None,
) -> Receipt:
    """What the kiosk is told once the transaction is over.

    ``watermark``: up to where it believes that everything is stored; None: it did not say.
    """
    up_to = installation.stored_up_to
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
        newest=newest_stored(installation, up_to if watermark is None else min(up_to, watermark)),
    )


def deliver(
    kiosk: Kiosk,
    delivery: decoding.Delivery,
    echo: str,
    received_ms: int,
    *,
    is_present: bool = False,
) -> Receipt:
    """Store what is new, count it, and say what the kiosk may forget.

    ``is_present``: the kiosk itself brings it, which is a sign of life.
    """
    check_oldest(delivery.header.oldest)
    incoming = [IncomingMessage(place, m, fingerprint(m)) for place, m in delivery.messages]
    digests = {m.body.questionnaire for _place, m in delivery.messages}
    # On SQLite others wait for this one's turn: it is made ready before, as if all of it were new.
    installation = installation_of(kiosk, delivery.header.installation)
    timeline = Timeline(delivery.header.sent, delivery.header.sightings, received_ms)
    versions = registry.get_or_create_versions(kiosk, digests)
    context = DeliveryContext(
        kiosk, installation, versions, timeline, AssignmentHistory(kiosk.pk), received_ms
    )
    chosen, refused_here = _first_by_seq(incoming)
    wrong = find_misfits(chosen, versions)
    added = DeliveryRows(context, _of_known(chosen, versions, digests))
    with exclusive_write():
        lock_kiosk(kiosk)
        installation = installation_of(kiosk, delivery.header.installation)
        outcome = ScreeningResult(set(), refused_here, {})
        take_out_misfits(installation, chosen, wrong, outcome)
        take_out_stored(installation, chosen, outcome)
        take_out_renumbered(installation, chosen, outcome)
        history = AssignmentHistory(kiosk.pk)
        moved = history.all != context.history.all
        context = context._replace(installation=installation, history=history)
        if moved or len(chosen) < len(added.rows):
            added = DeliveryRows(context, chosen.values())
        _store(context, chosen, added)
        outcome.stored_seqs.update(chosen)
        times.record_bounds(kiosk.pk, timeline.bounds)
        for refusal in delivery.refusals:
            outcome.unstored_seqs[refusal.seq] = (Unstored.Reason.INVALID, refusal.detail)
        record_unstored(installation, outcome, received_ms)
        withheld = delivery.header.withheld
        record_withheld(installation, withheld, received_ms)
        refused = (*delivery.refusals, *outcome.refusals)
        seqs = [m.seq for _place, m in delivery.messages] + [r.seq for r in refused]
        seqs.extend(withheld)
        gaps.account_for(installation, delivery.header.oldest, seqs)
        raise_clone_alarm(kiosk, installation, refused, outcome.stored_seqs)
        if is_present:
            note_silence(kiosk, history.all[0].point, received_ms)
            execute(_HEARD, datetime_value(clock.now()), kiosk.pk)
    delivery_stored.send(
        Batch,
        messages=len(delivery.messages) + len(delivery.refusals),
        stored=len(outcome.stored_seqs),
        refused=len(refused),
    )
    return make_receipt(
        kiosk,
        installation,
        echo,
        registry.missing_definitions(kiosk, digests),
        refused,
        watermark=delivery.header.watermark,
    )


def _of_known(
    chosen: dict[int, IncomingMessage], versions: Collection[str], digests: Collection[str]
) -> Collection[IncomingMessage]:
    """Those whose version there is, or could be made: nearly always all."""
    if len(versions) == len(digests):
        return chosen.values()
    return [entry for entry in chosen.values() if entry.message.body.questionnaire in versions]


def _first_by_seq(
    incoming: Iterable[IncomingMessage],
) -> tuple[dict[int, IncomingMessage], list[Refusal]]:
    """The first message of each number; the refusals of others that say something else."""
    chosen: dict[int, IncomingMessage] = {}
    refused: list[Refusal] = []
    for entry in incoming:
        first = chosen.setdefault(entry.message.seq, entry)
        if first is not entry and first.fingerprint != entry.fingerprint:
            refused.append(conflict_refusal(entry))
    return chosen, refused


def _store(
    context: DeliveryContext, chosen: dict[int, IncomingMessage], added: DeliveryRows
) -> None:
    superseded, replaced = compare_with_stored(context.kiosk.pk, added.latest)
    if superseded:
        added = DeliveryRows(context, chosen.values(), superseded)
    changes = added.changes
    apply_corrections(((old, old._replace(counts=False)) for old in replaced), changes)
    retime(context.kiosk.pk, context.timeline, context.history, changes)
    added.insert()
    changes.write()
    late_check.note_unchecked(context.kiosk.pk, context.versions.values(), added.rows)
    _forget_unstored(context.installation, chosen)
    _remember_origins(context.kiosk, chosen)
    known_ms = context.kiosk.last_answer_ms or 0
    if added.last_answer_ms > known_ms or 0 < added.last_answer_ms < context.received_ms < known_ms:
        context.kiosk.last_answer_ms = added.last_answer_ms
        execute(_LAST_ANSWER, added.last_answer_ms, context.kiosk.pk)


def _rows(context: DeliveryContext, incoming: Iterable[IncomingMessage]) -> Iterator[MessageRow]:
    kiosk, installation = context.installation.kiosk_id, context.installation.pk
    versions = {digest: version.pk for digest, version in context.versions.items()}
    happened, stay_at, received_ms = (
        context.timeline.happened,
        context.history.at,
        context.received_ms,
    )
    latest = context.history.all[0]
    since_ms, here = latest.since_ms, latest.point
    for _place, message, print_ in incoming:
        body, moment = message.body, message.moment
        ms, certain = happened(moment)
        misuse, took_ms = "", 0
        match body:
            case AnswerBody(value=value_given):
                kind, question, took_ms = 1, body.question, body.took_ms
                if type(value_given) is int:
                    value = str(value_given)
                elif type(value_given) is ContactDetails:
                    value = contacts.seal_details(value_given)
                elif type(value_given) is SealedContact:
                    value = contacts.reseal_details(value_given)
                else:
                    value = _value.encode(value_given).decode()
                if body.misuse or body.unsent:
                    unsent = (UNSENT,) if body.unsent else ()
                    misuse = ",".join(sorted({*body.misuse, *unsent}))
            case SkipBody():
                kind, question, value, took_ms = 2, body.question, "", body.took_ms
            case EndBody():
                kind, question, value = 3, body.question or "", body.outcome
        yield MessageRow(
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


def _remember_origins(kiosk: Kiosk, stored: dict[int, IncomingMessage]) -> None:
    moved = [
        Renumbered(
            kiosk=kiosk.pk,
            origin=UUID(origin.installation),
            origin_seq=origin.seq,
            fingerprint=entry.fingerprint,
        )
        for entry in stored.values()
        if (origin := entry.message.origin) is not None
    ]
    if moved:
        Renumbered.objects.bulk_create(moved, ignore_conflicts=True)
