"""A definition may come after its answers: what does not fit counts nowhere, in either order."""

import itertools
import json
from typing import Any

import pytest
from django.test import Client
from office import DEFINITION, DIGEST, Device, answer, new_id
from questions_and_values import COUNTED, FORM, KINDS, VALUES

from config.questionnaire import canonical, digest
from headoffice.accounts.models import Role, User
from headoffice.errors import HeadOfficeError
from headoffice.ingest import late_check, misuse
from headoffice.messages.models import LateCheck, StoredMessage
from headoffice.questionnaires.models import Version
from headoffice.results.catalogue import Catalogue
from headoffice.rollups import verify
from headoffice.rollups.models import Daily

pytestmark = [pytest.mark.database, pytest.mark.django_db]
EVERY_KIND = canonical(FORM)


def counts() -> dict[tuple[str, str], int]:
    rows = Daily.objects.exclude(count=0).values_list("question", "value", "count")
    return {(question, value): count for question, value, count in rows}


def reading() -> Client:
    client = Client()
    client.force_login(User.objects.create(username="ann", role=Role.ANALYST))
    return client


def two_orders(definition: bytes, *messages: Any) -> None:
    """The counts are the same whether a definition or its answers come first."""
    first, second = Device.enrolled("First / One"), Device.enrolled("Second / Two")
    found = []
    for device, define_first in ((first, True), (second, False)):
        Version.objects.update(definition=None)
        if define_first:
            assert 204 == device.define(definition).status_code
        device.deliver(*messages)
        if not define_first:
            assert 204 == device.define(definition).status_code
        rows = Daily.objects.filter(kiosk=device.row.pk).exclude(count=0)
        found.append(set(rows.values_list("question", "value", "count")))
        assert [] == verify.check_kiosk(device.row.pk)
    assert found[0] == found[1]


def test_every_kind_of_value_counts_alike_in_both_orders() -> None:
    asked = [
        answer(seq, VALUES[value], question=kind, questionnaire=digest(EVERY_KIND))
        for seq, (kind, value) in enumerate(itertools.product(KINDS, VALUES), 1)
    ]
    asked.append(answer(len(asked) + 1, 1, question="nobody", questionnaire=digest(EVERY_KIND)))
    two_orders(EVERY_KIND, *asked)
    kept = StoredMessage.objects.filter(misuse="unfit")
    fitting = sum(len(values) for values in COUNTED.values())
    assert len(asked) - fitting == kept.count()
    assert not kept.filter(counts=True).exists()


def test_the_word_before_one_that_does_not_fit_counts_again() -> None:
    response = new_id()
    said = [answer(seq, value, response=response) for seq, value in enumerate((7, 1, 2, 9, 10), 1)]
    two_orders(DEFINITION, *said)
    rows = Daily.objects.exclude(count=0).values_list("value", "count")
    assert {("2", 1)} == set(rows), "once at each of the two kiosks"


def test_a_later_word_is_still_the_last_one(device: Device) -> None:
    response = new_id()
    device.deliver(answer(1, 0, response=response), answer(3, 10, response=response))
    device.define()
    device.deliver(answer(2, 1, response=response))
    assert {("mood", "1"): 1} == counts()
    device.deliver(answer(4, 2, response=response))
    assert {("mood", "2"): 1} == counts()
    assert [] == verify.check_kiosk(device.row.pk)


def test_what_is_set_aside_is_said_and_stays_so(device: Device) -> None:
    device.deliver(answer(1, 10), answer(2, 2))
    device.define()
    assert "does not fit its questionnaire" in reading().get("/").content.decode()
    misuse.mark_misuse(device.row, 0, 2**53, "children")
    misuse.mark_misuse(device.row, 0, 2**53, None)
    assert ["", "unfit"] == sorted(StoredMessage.objects.values_list("misuse", flat=True))
    assert {("mood", "2"): 1} == counts()
    with pytest.raises(HeadOfficeError, match="unfit"):
        misuse.mark_misuse(device.row, 0, 2**53, "unfit")


def test_a_long_backlog_is_compared_in_steps(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_check, "STEP", 10)
    monkeypatch.setattr(late_check, "_AFTER", late_check._AFTER.replace("2000", "10"))
    device.deliver(*(answer(seq, 10 if seq % 2 else 2) for seq in range(1, 96)))
    device.define()
    assert 5 == StoredMessage.objects.filter(misuse="unfit").count(), "one step with the request"
    assert not LateCheck.objects.get().over
    late_check.check_late_answers()
    assert 48 == StoredMessage.objects.filter(misuse="unfit").count()
    assert LateCheck.objects.get().over
    assert {("mood", "2"): 47} == counts()
    assert 48 == LateCheck.objects.get().unfit


def test_answers_that_came_while_the_definition_did_are_compared_too(device: Device) -> None:
    device.deliver(answer(5, 10))
    device.define()
    assert LateCheck.objects.get().over
    Version.objects.update(definition=None)
    device.deliver(answer(1, 10), answer(6, 10))
    Version.objects.update(definition=DEFINITION.decode())
    late_check.check_late_answers()
    assert 3 == StoredMessage.objects.filter(misuse="unfit").count()


@pytest.mark.parametrize("value", [3, 10, True, "text"])
def test_counts_from_before_break_no_page(device: Device, value: Any) -> None:
    device.define()
    device.deliver(answer(1, 2))
    stored = json.dumps(value)
    StoredMessage.objects.update(value=stored)
    Daily.objects.update(value=stored)
    client = reading()
    for address in ("/", "/live", "/wall", "/wall/now", "/results/", "/results/comments"):
        assert 200 == client.get(address).status_code
    assert DIGEST == Version.objects.get().digest
    assert Catalogue.load().ratings
