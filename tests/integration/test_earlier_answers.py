"""What earlier versions stored without comparing it is compared after an upgrade, in steps."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from office import DEFINITION, DIGEST, Device, answer, new_id
from questions_and_values import COUNTED, FORM, KINDS, VALUES

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.ingest import late_check
from headoffice.messages.losses import unfit_answers
from headoffice.messages.models import LateCheck, StoredMessage
from headoffice.questionnaires.models import Version
from headoffice.rollups import verify
from headoffice.rollups.models import Daily
from sync.messages import EndBody, Message, SkipBody

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
EVERY_KIND = canonical(FORM)
BEFORE, AFTER = ("ingest", "0012_restamped"), ("ingest", "0013_compare_earlier_answers")


def migrate(to: tuple[str, str]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([to])


@pytest.fixture
def stored_by_an_earlier_version() -> Iterator[Callable[..., Device]]:
    """Delivers to a head office that compared nothing, and upgrades it."""

    def store(definition: bytes, *messages: Message) -> Device:
        migrate(BEFORE)
        device = Device.enrolled("Main street")
        # Had the definition been there, this version would have compared them.
        device.deliver(*messages)
        version = Version.objects.filter(digest=digest(definition))
        version.update(definition=definition.decode(), name="old", title="Old")
        LateCheck.objects.all().delete()
        migrate(AFTER)
        return device

    yield store
    migrate(AFTER)


def counts(**more: Any) -> dict[tuple[str, str], int]:
    rows = Daily.objects.filter(**more).exclude(count=0)
    return {
        (question, value): count
        for question, value, count in rows.values_list("question", "value", "count")
    }


def unfit() -> set[tuple[str, int]]:
    found = StoredMessage.objects.filter(misuse__contains="unfit")
    assert not found.filter(counts=True).exists()
    return set(found.values_list("question", "seq"))


def end(seq: int, question: str | None, form: str) -> Message:
    body = EndBody(
        response=new_id(), questionnaire=form, language="en", outcome="timed_out", question=question
    )
    return Message(seq, answer(1).moment, body)


def skip(seq: int, question: str, form: str) -> Message:
    body = SkipBody(
        response=new_id(), questionnaire=form, language="en", question=question, took_ms=5
    )
    return Message(seq, answer(1).moment, body)


def test_values_of_every_kind_that_do_not_fit_count_nowhere_after_an_upgrade(
    stored_by_an_earlier_version: Callable[..., Device],
) -> None:
    form = digest(EVERY_KIND)
    asked = [(kind, value) for kind in KINDS for value in VALUES]
    said = [
        answer(seq, VALUES[value], question=kind, questionnaire=form)
        for seq, (kind, value) in enumerate(asked, 1)
    ]
    n = len(said)
    others = [
        answer(n + 1, 1, question="nobody", questionnaire=form),
        skip(n + 2, "nobody", form),
        skip(n + 3, "nps", form),
        end(n + 4, "nobody", form),
        end(n + 5, None, form),
        answer(n + 6, 10, question="smiley", questionnaire=form, misuse=("burst",)),
        answer(n + 7, 10, question="smiley", questionnaire=form, test=True),
    ]
    device = stored_by_an_earlier_version(EVERY_KIND, *said, *others)
    assert set() == unfit()
    late_check.check_late_answers()
    fitting = {(kind, value) for kind, values in COUNTED.items() for value in values}
    expected = {
        (kind, seq) for seq, (kind, value) in enumerate(asked, 1) if (kind, value) not in fitting
    }
    expected |= {("nobody", n + 1), ("nobody", n + 2), ("nobody", n + 4)}
    expected |= {("smiley", n + 6), ("smiley", n + 7)}
    assert expected == unfit()
    assert {device.row.pk: len(expected)} == unfit_answers()
    assert {"burst,unfit"} == set(
        StoredMessage.objects.filter(seq=n + 6).values_list("misuse", flat=True)
    )
    assert [] == verify.check_kiosk(device.row.pk)
    late_check.check_late_answers()
    assert {device.row.pk: len(expected)} == unfit_answers(), "compared once"


def test_the_word_before_counts_again_and_what_fits_stays(
    stored_by_an_earlier_version: Callable[..., Device],
) -> None:
    changed = new_id()
    device = stored_by_an_earlier_version(
        DEFINITION,
        answer(1, 1, response=changed),
        answer(2, 10, response=changed),
        answer(3, 2),
    )
    assert {("mood", "10"): 1, ("mood", "2"): 1} == counts()
    late_check.check_late_answers()
    assert {("mood", "1"): 1, ("mood", "2"): 1} == counts()
    assert [] == verify.check_kiosk(device.row.pk)


def test_what_has_no_definition_yet_is_compared_when_that_comes(
    stored_by_an_earlier_version: Callable[..., Device],
) -> None:
    device = stored_by_an_earlier_version(EVERY_KIND, answer(1, 10), answer(2, 2))
    late_check.check_late_answers()
    assert {("mood", "10"): 1, ("mood", "2"): 1} == counts()
    assert 204 == device.define().status_code
    assert {("mood", "2"): 1} == counts()
    assert {("mood", 1)} == unfit()
    assert DIGEST in set(Version.objects.values_list("digest", flat=True))


def test_a_long_past_is_compared_in_steps_between_which_others_have_their_turn(
    stored_by_an_earlier_version: Callable[..., Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_check, "_AFTER", late_check._AFTER.replace("2000", "10"))
    monkeypatch.setattr(late_check, "STEP", 10)
    device = stored_by_an_earlier_version(
        DEFINITION, *(answer(seq, 10 if seq % 2 else 2) for seq in range(1, 96))
    )
    # A clock by which each step takes half of the time that the job has at once.
    told = itertools.count()
    monkeypatch.setattr(clock, "mono", lambda: next(told) * late_check.RUN_S / 2)
    late_check.check_late_answers()
    assert 0 < len(unfit()) < 48
    assert not LateCheck.objects.get().over
    device.deliver(answer(96, 1))
    for _run in range(9):
        late_check.check_late_answers()
    monkeypatch.undo()
    assert 48 == len(unfit())
    assert LateCheck.objects.get().over
    assert {("mood", "1"): 1, ("mood", "2"): 47} == counts()
    assert [] == verify.check_kiosk(device.row.pk)
