"""POST /api/kiosk/v1/batches and heartbeats."""

import hashlib

import msgspec
from django.http import HttpRequest, HttpResponse
from msgspec import UNSET

from headoffice import clock
from headoffice.fleet import credentials
from headoffice.ingest import accounting, correcting, decoding, sealing, storing
from headoffice.ingest.screening import record_withheld
from headoffice.ingest.stays import Stays
from headoffice.ingest.times import Timeline
from headoffice.kiosk_api import body_of, decoded, kiosk_api
from headoffice.questionnaires import registry
from headoffice.results.counting import Changes, Zones
from headoffice.turns import alone_at_the_desk, writing
from sync.messages import Heartbeat, Receipt

_heartbeat = msgspec.json.Decoder(Heartbeat)


@kiosk_api("POST")
def batches(request: HttpRequest) -> HttpResponse:
    """Take messages in and answer with a receipt."""
    kiosk = credentials.caller(request)
    body = body_of(request)
    received_ms = clock.now_ms()
    with alone_at_the_desk():
        delivery = decoding.delivery(body)
        return _reply(storing.deliver(kiosk, delivery, _echo(body), received_ms))


@kiosk_api("POST")
def heartbeats(request: HttpRequest) -> HttpResponse:
    """Note how the kiosk is and answer with a receipt."""
    kiosk = credentials.caller(request)
    body = body_of(request)
    beat = decoded(body, _heartbeat)
    decoding.check_protocol_of(beat.protocol, body)
    with writing():
        storing.lock(kiosk)
        installation = storing.installation_of(kiosk, beat.installation)
        now_ms = clock.now_ms()
        timeline, stays = Timeline(beat.sent, (), now_ms), Stays(kiosk.pk)
        changes = Changes(Zones(stays.zones))
        correcting.retime(kiosk.pk, timeline, stays, changes)
        changes.write()
        record_withheld(installation, beat.withheld, now_ms)
        accounting.account(installation, beat.oldest, beat.withheld)
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
        kiosk.save()
        registry.known(kiosk, [beat.questionnaire])
        wanted = registry.wanted_from(kiosk, [beat.questionnaire])
        reply = storing.receipt(kiosk, installation, _echo(body), wanted)
    return _reply(msgspec.structs.replace(reply, contact_key=sealing.for_kiosks()))


def _small(number: "int | msgspec.UnsetType | None") -> int | None:
    """What fits into the database; figures beyond 2^53 are nonsense, not a reason to fail."""
    if number is None or number is UNSET:
        return None
    return max(-(2**53), min(int(number), 2**53))


def _echo(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _reply(receipt: Receipt) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(receipt), content_type="application/json")
