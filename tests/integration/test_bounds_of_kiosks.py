"""What one kiosk may bring up: how much, how often, and what is believed of it."""

import json
from typing import Any

import msgspec
import pytest
from django.test import Client
from office import DEFINITION, DIGEST, QUESTIONNAIRE, Device, answer, moment, new_id

from config.questionnaire import canonical, digest
from headoffice.accounts.models import Role, User
from headoffice.ingest import delivery
from headoffice.messages.losses import MOST_NUMBERS, losses
from headoffice.messages.models import Gap, Installation, StoredMessage
from headoffice.questionnaires import definitions, registry, unused
from headoffice.questionnaires.definitions import DefinitionCache
from headoffice.questionnaires.models import Version
from headoffice.rollups import verify
from headoffice.rollups.models import Daily
from sync.messages import Heartbeat, OutboxReport

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SMILEY = {"kind": "smiley", "id": "mood", "text": {"en": "How?"}}
CHOICE = {"kind": "single_choice", "id": "c", "text": {"en": "c"}}
NO_ENDS = {"low": {}, "high": {}}
OPTIONS = [{"id": "a", "text": {"en": "a"}}, {"id": "a", "text": {"en": "b"}}]


def raw(*questions: Any, **more: Any) -> bytes:
    form = {"id": "x", "title": "X", "languages": ["en"], "questions": list(questions)} | more
    whole = msgspec.convert(form, definitions.Questionnaire)
    return canonical(whole)


def form(number: int) -> bytes:
    return canonical(msgspec.structs.replace(QUESTIONNAIRE, title=f"Form {number}"))


def refused(response: Any, status: int, kind: str) -> Any:
    problem = json.loads(response.content)
    assert (status, f"urn:hymio:problem:{kind}") == (response.status_code, problem["type"])
    return problem


@pytest.mark.parametrize(
    "body",
    [
        raw(SMILEY | {"text": {}}),
        raw(SMILEY, {"kind": "text", "id": "why", "text": {}}),
        raw(SMILEY, {"kind": "text", "id": "why", "text": {"fi": "miksi"}}),
        raw(SMILEY, languages=["en", "en"]),
        raw(SMILEY, languages=["en", "fi"]),
        raw(SMILEY | {"labels": [{"en": "sad"}]}),
        raw(SMILEY, SMILEY),
        raw(SMILEY | {"show_if": {"question": "mood", "one_of": [0]}}),
        raw(SMILEY, CHOICE | {"options": OPTIONS}),
        raw(SMILEY, {"kind": "nps", "id": "n", "text": {"en": "n"}, "ends": NO_ENDS}),
        raw(SMILEY, {"kind": "contact", "id": "w", "text": {"en": "w"}, "purpose": {}}),
    ],
)  # fmt: skip
def test_a_definition_that_breaks_the_kiosks_rules_is_refused(device: Device, body: bytes) -> None:
    device.deliver(answer(1, questionnaire=digest(body)))
    problem = refused(device.define(body), 422, "invalid")
    assert problem["errors"]
    assert 1 == StoredMessage.objects.count(), "its answers stay"
    assert Version.objects.get().definition is None


def test_all_mistakes_of_a_definition_are_told_within_a_bound(device: Device) -> None:
    two = raw(SMILEY | {"text": {}}, {"kind": "text", "id": "mood", "text": {}})
    paths = [error["path"] for error in refused(device.define(two), 422, "invalid")["errors"]]
    assert ["$.questions[0].text.en", "$.questions[1].id", "$.questions[1].text.en"] == paths
    many = raw(SMILEY, languages=["en"] * 40_000)
    assert 51 == len(refused(device.define(many), 422, "invalid")["errors"])


def test_definitions_are_bounded_in_size_and_number(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = canonical(msgspec.structs.replace(QUESTIONNAIRE, languages=("en",) * 60_000))
    refused(device.define(large), 413, "too_large")
    monkeypatch.setattr(registry, "MAX_DEFINITIONS", 3)
    for number in range(3):
        assert 204 == device.define(form(number)).status_code
    refused(device.define(form(3)), 409, "too_many")
    assert 204 == device.define(form(2)).status_code, "one that is known is no further one"
    assert 204 == Device.enrolled("Other").define(form(4)).status_code
    device.deliver(answer(1, questionnaire=digest(form(0))))
    assert 3 == unused.remove_unused()
    assert [digest(form(0))] == list(Version.objects.values_list("digest", flat=True))
    assert 204 == device.define(form(3)).status_code


def test_answers_to_endless_questionnaires_are_refused_one_by_one(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_NAMED", 3)
    said = [answer(seq, questionnaire=f"{seq:064x}") for seq in range(1, 6)]
    receipt = device.deliver(*said)
    assert ([4, 5], 5) == ([r.seq for r in receipt.refused], receipt.stored_up_to)
    assert 3 == Version.objects.count()
    assert 5 == device.beat(questionnaire="f" * 64, installation=device.installation).stored_up_to


def test_definitions_are_decoded_once_and_within_a_bound(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        device.define(form(number))
    known = list(Version.objects.values_list("pk", "digest"))
    asked: list[int] = []
    read = definitions._texts
    monkeypatch.setattr(definitions, "_texts", lambda pks: asked.extend(pks) or read(pks))
    cache, small = DefinitionCache(), DefinitionCache(most_bytes=len(form(0)) + 1)
    for _again in range(3):
        assert all(cache.read(known).values())
    assert 3 == len(asked)
    asked.clear()
    for _again in range(2):
        assert all(small.read(known).values())
    assert 5 == len(asked)


@pytest.mark.parametrize("oldest", [MOST_NUMBERS + 1, 2**53])
def test_numbers_that_no_kiosk_can_have_given_are_not_lost(device: Device, oldest: int) -> None:
    beat = Heartbeat(
        installation=device.installation,
        oldest=oldest,
        sent=moment(),
        version="1",
        questionnaire=DIGEST,
        outbox=OutboxReport(waiting=0, quarantined=0, last_seq=0),
    )
    refused(device.post("heartbeats", msgspec.json.encode(beat)), 422, "invalid")
    refused(device.post("batches", device.batch(answer(oldest), oldest=oldest)), 422, "invalid")
    assert not Gap.objects.exists()


def test_losses_that_are_stored_already_blind_nobody(device: Device) -> None:
    for number in range(1100):
        row = Installation.objects.create(kiosk=device.row, uuid=new_id())
        Gap.objects.create(
            kiosk=device.row.pk, installation=row.pk, first=1, last=2**53 - number, noticed_ms=0
        )
    Gap.objects.create(
        kiosk=device.row.pk, installation=row.pk, first=-(2**63), last=5, noticed_ms=0
    )
    Gap.objects.create(kiosk=device.row.pk, installation=row.pk, first=7, last=9, noticed_ms=0)
    assert (1102, 3, 1101) == losses()[device.row.pk]
    figures = Client().get("/metrics").content.decode()
    assert "hymio_database_up 1.0" in figures
    assert "hymio_messages_gone 3.0" in figures
    client = Client()
    client.force_login(User.objects.create(username="ann", role=Role.ANALYST))
    page = client.get("/").content.decode()
    assert "3 messages were lost" in page
    assert "no kiosk can have given" in page


def test_installations_are_bounded(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "MAX_INSTALLATIONS", 2)
    device.deliver(answer(1))
    device.deliver(answer(1), installation=new_id())
    body = device.batch(answer(1), installation=new_id())
    refused(device.post("batches", body), 409, "too_many")
    assert 2 == device.deliver(answer(2)).stored_up_to


def test_a_day_on_the_screen_is_the_longest(device: Device) -> None:
    device.define(DEFINITION)
    device.deliver(*(answer(seq, took_ms=2**40) for seq in range(1, 4)))
    assert [3 * 24 * 3600 * 1000] == list(Daily.objects.values_list("took_ms", flat=True))
    assert [] == verify.check_kiosk(device.row.pk)
