"""POST /api/kiosk/v1/batches and heartbeats, PUT /api/kiosk/v1/questionnaires/<digest>."""

import hashlib
import re

import msgspec
from django.http import HttpRequest, HttpResponse
from msgspec import UNSET

from headoffice import clock
from headoffice.configuration import progress, targets
from headoffice.db.write_lock import exclusive_write, one_thread_at_a_time
from headoffice.fleet import commands, credentials, succession
from headoffice.fleet.history import note_changes, note_configuration, note_silence
from headoffice.fleet.pace import pace_s
from headoffice.fleet.shop_hours import hours_of
from headoffice.ingest import correction, decoding, delivery, gaps, late_check
from headoffice.ingest.screening import record_withheld
from headoffice.ingest.times import Timeline
from headoffice.messages import contacts
from headoffice.messages.assignments import AssignmentHistory
from headoffice.questionnaires import registry
from headoffice.rollups.write import CountChanges, TimeZones
from headoffice.timekeeping.guard import GUARD
from headoffice.web.kiosk_api import check_protocol, decode_body, kiosk_api, read_body
from headoffice.web.problems import RefusedError, clock_refusal
from sync.messages import Heartbeat, Receipt

_heartbeat = msgspec.json.Decoder(Heartbeat)


@kiosk_api("POST")
def batches(request: HttpRequest) -> HttpResponse:
    """Take messages in and answer with a receipt."""
    kiosk = credentials.caller(request)
    body = read_body(request)
    received_ms = clock.now_ms()
    with one_thread_at_a_time():
        batch = decoding.decode_delivery(body)
        receipt = delivery.deliver(kiosk, batch, _echo(body), received_ms, is_present=True)
        if kiosk.is_called:
            receipt = msgspec.structs.replace(receipt, pace_s=0)
        return _reply(receipt)


@kiosk_api("POST")
def heartbeats(request: HttpRequest) -> HttpResponse:
    """Note how the kiosk is and answer with a receipt."""
    kiosk = credentials.caller(request)
    body = read_body(request)
    beat = decode_body(body, _heartbeat)
    check_protocol(beat.protocol)
    delivery.check_oldest(beat.oldest)
    if GUARD.objection() is not None:
        with exclusive_write():
            GUARD.hear(kiosk, beat.sent.wall_ms)
        raise clock_refusal()
    with exclusive_write():
        delivery.lock_kiosk(kiosk)
        GUARD.hear(kiosk, beat.sent.wall_ms)
        installation = delivery.installation_of(kiosk, beat.installation)
        now_ms = clock.now_ms()
        timeline, history = Timeline(beat.sent, (), now_ms), AssignmentHistory(kiosk.pk)
        changes = CountChanges(TimeZones(history.zones))
        correction.retime(kiosk.pk, timeline, history, changes)
        changes.write()
        record_withheld(installation, beat.withheld, now_ms)
        gaps.account_for(installation, beat.oldest, beat.withheld)
        point = history.at(now_ms).point
        note_silence(kiosk, point, now_ms)
        told = {"state": beat.state, "version": beat.version, "questionnaire": beat.questionnaire}
        note_changes(kiosk, now_ms, told)
        kiosk.heartbeat_at = clock.now()
        kiosk.version, kiosk.questionnaire, kiosk.state = (
            beat.version,
            beat.questionnaire,
            beat.state,
        )
        kiosk.waiting, kiosk.quarantined = (
            _small(beat.outbox.waiting),
            _small(beat.outbox.quarantined),
        )
        kiosk.last_seq = _small(beat.outbox.last_seq)
        kiosk.oldest_waiting_ms = _small(beat.outbox.oldest_waiting_ms)
        kiosk.free_disk_bytes = _small(beat.free_disk_bytes)
        kiosk.clock_offset_ms = _small(beat.clock_offset_ms)
        kiosk.troubles = msgspec.to_builtins(beat.troubles)
        if beat.commands is not UNSET:
            commands.note_report(kiosk, beat.commands)
        asked = commands.waiting_commands(kiosk)
        # Whatever it was called for, this receipt says it.
        kiosk.is_called = False
        kiosk.save()
        succession.block_if_out_of_use(kiosk)
        registry.get_or_create_versions(kiosk, [beat.questionnaire])
        wanted = registry.missing_definitions(kiosk, [beat.questionnaire])
        if beat.configuration is not UNSET:
            targets.note_report(kiosk, beat.configuration)
            note_configuration(kiosk, now_ms, beat.configuration.in_force)
            progress.note_progress(kiosk)
        meant = targets.target_digest(kiosk, point)
        reply = delivery.make_receipt(kiosk, installation, _echo(body), wanted)
    reply = msgspec.structs.replace(
        reply,
        contact_key=contacts.kiosk_sealing_key(),
        configuration=meant,
        commands=asked,
        pace_s=pace_s(hours_of(point), beat.state, now_ms),
    )
    return _reply(reply)


@kiosk_api("PUT")
def definition(request: HttpRequest, digest: str) -> HttpResponse:
    """Take the definition behind a digest, and compare some of the answers that were first."""
    kiosk = credentials.caller(request)
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise RefusedError("not_found", "A digest has 64 hexadecimal digits.")
    body = read_body(request, registry.MAX_DEFINITION_BYTES)
    version = registry.store_definition(kiosk, digest, body)
    late_check.check_step(kiosk.pk, version.pk)
    return HttpResponse(status=204)


def _small(number: "int | msgspec.UnsetType | None") -> int | None:
    """What fits into the database; figures beyond 2^53 are nonsense, not a reason to fail."""
    if number is None or number is UNSET:
        return None
    return max(-(2**53), min(int(number), 2**53))


def _echo(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _reply(receipt: Receipt) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(receipt), content_type="application/json")
