"""A head office whose clock may be wrong takes nothing in, dates nothing and erases nothing."""

import contextlib
import datetime as dt
import io
import logging
from collections.abc import Iterator

import msgspec
import pytest
from clocks import DAY, HOUR, MINUTE, SECOND, YEAR, MachineClock, stop_watching
from django.db import connection
from django.test import Client
from office import DIGEST, Device, answer, moment, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.cli import main
from headoffice.fleet import enrolment
from headoffice.fleet.models import Kiosk
from headoffice.messages.models import StoredMessage
from headoffice.server import jobs
from headoffice.timekeeping import guard
from headoffice.timekeeping.guard import GUARD
from headoffice.timekeeping.judgement import Reason
from headoffice.timekeeping.models import ClockRun, KioskWord
from sync.messages import EnrolmentRequest, Heartbeat, OutboxReport, Problem

pytestmark = [pytest.mark.database, pytest.mark.django_db]
OFF = {
    "a year ahead": YEAR,
    "a year back": -YEAR,
    "91 days ahead": 91 * DAY,
    "ten years back": -10 * YEAR,
    "in 1970": None,
}
each_error = pytest.mark.parametrize("off_ms", OFF.values(), ids=OFF.keys())


@pytest.fixture
def machine(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[MachineClock]:
    del db
    yield MachineClock(monkeypatch)
    stop_watching()


@pytest.fixture
def kiosks(machine: MachineClock) -> list[Device]:
    """Three, which the head office knows."""
    return enrolled(machine, 3)


def enrolled(machine: MachineClock, count: int) -> list[Device]:
    found = [Device.enrolled(f"Shop {n}") for n in range(count)]
    # The second time they have told that their clocks agree.
    for kiosk in (*found, *found):
        assert 200 == beat(kiosk, machine)
    machine.serve(MINUTE)
    return found


def beat(kiosk: Device, machine: MachineClock, off_ms: int = 0) -> int:
    """A heartbeat of a kiosk whose clock is off by this; the status of the reply."""
    wall_ms = machine.true_ms + off_ms
    told = Heartbeat(
        installation=kiosk.installation,
        oldest=1,
        sent=moment(1000, wall_ms),
        version="0.1",
        questionnaire=DIGEST,
        outbox=OutboxReport(waiting=0, quarantined=0, last_seq=0),
        clock_offset_ms=machine.wall_ms - wall_ms,
    )
    return int(kiosk.post("heartbeats", msgspec.json.encode(told)).status_code)


def run(*arguments: str) -> tuple[int, str]:
    """The code of a command, and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(arguments)
    return code, said.getvalue()


def set_wrong(machine: MachineClock, off_ms: int | None) -> None:
    machine.off_ms = -machine.true_ms if off_ms is None else off_ms


def reason() -> Reason | None:
    found = GUARD.objection()
    return None if found is None else found.reason


def deliver(kiosk: Device, seq: int) -> int:
    return int(kiosk.post("batches", kiosk.batch(answer(seq))).status_code)


# --- what is held up ----------------------------------------------------------------------


@each_error
def test_a_wrong_clock_takes_no_delivery_and_a_right_one_goes_on_by_itself(
    machine: MachineClock, kiosks: list[Device], off_ms: int | None
) -> None:
    for how in (machine.start_serve, machine.start_machine, lambda: None):
        seq = StoredMessage.objects.count() + 1
        set_wrong(machine, off_ms)
        how()
        reply = kiosks[0].post("batches", kiosks[0].batch(answer(seq)))
        assert (503, "30") == (reply.status_code, reply["Retry-After"])
        assert "urn:hymio:problem:clock" == msgspec.json.decode(reply.content, type=Problem).type
        assert 503 == beat(kiosks[0], machine)
        machine.off_ms = 0
        machine.wait(15 * SECOND)
        assert 200 == deliver(kiosks[0], seq)
        machine.serve(MINUTE)
    assert 3 == StoredMessage.objects.count()
    rows = StoredMessage.objects.values_list("happened_ms", "received_ms")
    assert all(machine.true_ms - HOUR < ms <= machine.true_ms for row in rows for ms in row)


@pytest.mark.parametrize("off_ms", [SECOND, -SECOND, 15 * MINUTE, -15 * MINUTE])
def test_a_small_difference_holds_up_nobody(
    machine: MachineClock, kiosks: list[Device], off_ms: int
) -> None:
    set_wrong(machine, off_ms)
    assert 200 == deliver(kiosks[0], 1)
    machine.start_machine()
    assert 200 == deliver(kiosks[0], 2)


def test_nobody_joins_by_a_wrong_clock_and_a_code_lasts_as_long_as_it_should(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    del kiosks
    asked = EnrolmentRequest(enrolment.create_code("Shop 9"), new_id(), "0.1")
    body = msgspec.json.encode(asked)

    def join() -> int:
        return int(
            Client()
            .post("/api/kiosk/v1/enrolment", body, content_type="application/json")
            .status_code
        )

    machine.off_ms = YEAR
    assert 503 == join()
    machine.off_ms = 0
    assert 200 == join()


def test_programs_are_asked_to_come_again(machine: MachineClock, kiosks: list[Device]) -> None:
    del kiosks
    boss = create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)
    bearer = {"Authorization": f"Bearer {tokens.create_token('x', list(Scope), boss)}"}
    machine.off_ms = 2 * YEAR
    reply = Client().get("/api/v1/answers", headers=bearer)
    assert (503, "30") == (reply.status_code, reply["Retry-After"])
    machine.off_ms = 0
    assert 200 == Client().get("/api/v1/answers", headers=bearer).status_code


def test_people_read_why_and_change_nothing(machine: MachineClock, kiosks: list[Device]) -> None:
    client = Client()
    client.force_login(create_user("boss", "long enough 17", role=Role.ADMINISTRATOR))
    machine.off_ms = 5 * DAY
    assert "clock is in doubt" in client.get("/").content.decode()
    refused = client.post(f"/kiosks/{kiosks[0].row.pk}/revoke")
    assert 503 == refused.status_code
    assert "clock is in doubt" in refused.content.decode()
    assert None is kiosks[0].row.revoked_at
    machine.off_ms = 0
    assert "clock is in doubt" not in client.get("/").content.decode()
    assert 302 == client.post(f"/kiosks/{kiosks[0].row.pk}/revoke").status_code


def test_monitoring_reads_it(machine: MachineClock, kiosks: list[Device]) -> None:
    del kiosks

    def gauge() -> str:
        text = Client().get("/metrics").content.decode()
        return next(line for line in text.splitlines() if line.startswith("hymio_clock_in_doubt "))

    assert "hymio_clock_in_doubt 0.0" == gauge()
    machine.off_ms = YEAR
    assert "hymio_clock_in_doubt 1.0" == gauge()


@pytest.mark.django_db(transaction=True)
def test_no_periodic_work_is_done_and_the_log_says_so_once(
    machine: MachineClock, kiosks: list[Device], caplog: pytest.LogCaptureFixture
) -> None:
    del kiosks
    done: list[str] = []
    work = (jobs.Job("by age", 0.0, lambda: done.append("by age")),)

    def look() -> None:
        jobs._run_due(dict.fromkeys(work, clock.mono()))

    with caplog.at_level(logging.WARNING, "headoffice.server"):
        look()
        machine.off_ms = YEAR
        for _ in range(3):
            look()
            machine.wait(MINUTE)
        machine.off_ms = 0
        look()
    assert 2 == len(done)
    said = [record.message for record in caplog.records]
    assert 2 == len(said)
    assert "in doubt" in said[0]
    assert "seems to be 365 days ahead" in said[0]
    assert "hymio-headoffice clock --accept" in said[0]
    assert "trusted" in said[1]


# --- what settles it ----------------------------------------------------------------------


def test_a_jump_is_seen_by_the_next_request_without_asking_the_database(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    assert None is reason()
    machine.wait(SECOND)
    with connection.execute_wrapper(lambda *_: pytest.fail("the database was asked")):
        assert None is reason()
    machine.off_ms = 3 * HOUR
    assert 503 == deliver(kiosks[0], 1)
    assert Reason.JUMPED is reason()


def test_after_200_days_several_kiosks_settle_it(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    machine.start_machine(rest_ms=200 * DAY)
    assert 503 == deliver(kiosks[0], 1)
    assert Reason.LONG_AFTER_LAST is reason()
    assert 503 == beat(kiosks[0], machine)
    machine.wait(10 * SECOND)
    assert 503 == beat(kiosks[0], machine), "one kiosk is not believed, however often it says it"
    assert 503 == beat(kiosks[1], machine)
    machine.wait(10 * SECOND)
    assert 200 == deliver(kiosks[0], 1)
    machine.start_serve()
    assert 200 == deliver(kiosks[0], 2)


def test_after_200_days_with_one_kiosk_a_word_settles_it(
    machine: MachineClock,
) -> None:
    (kiosk,) = enrolled(machine, 1)
    machine.start_machine(rest_ms=200 * DAY)
    for _ in range(30):
        assert 503 == beat(kiosk, machine)
        machine.wait(MINUTE)
    today = clock.now().date()
    wrong = today + dt.timedelta(days=200)
    code, said = run("clock", "--accept", wrong.isoformat())
    assert 1 == code
    assert "nothing was accepted" in said
    machine.wait(10 * SECOND)
    assert 503 == beat(kiosk, machine)
    assert 0 == run("clock", "--accept", today.isoformat())[0]
    machine.wait(10 * SECOND)
    assert 200 == beat(kiosk, machine)
    machine.off_ms = YEAR
    assert 503 == beat(kiosk, machine), "the word was about the clock as it was set then"


def test_a_head_office_that_rests_over_the_weekend_waits_ten_minutes_at_most(
    machine: MachineClock,
) -> None:
    (kiosk,) = enrolled(machine, 1)
    machine.start_machine(rest_ms=3 * DAY)
    assert 503 == beat(kiosk, machine)
    machine.wait(9 * MINUTE)
    assert 503 == beat(kiosk, machine)
    machine.wait(MINUTE)
    assert 200 == beat(kiosk, machine)
    assert 200 == deliver(kiosk, 1)


def test_one_that_serves_while_nobody_answers_is_never_in_doubt(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    machine.serve(3 * DAY)
    assert 200 == deliver(kiosks[0], 1)


def test_one_hostile_kiosk_neither_stops_nor_convinces(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    for _ in range(20):
        beat(kiosks[2], machine, YEAR)
        machine.wait(MINUTE)
        assert 200 == deliver(kiosks[0], StoredMessage.objects.count() + 1)
    machine.serve(MINUTE)
    machine.off_ms = YEAR
    machine.start_serve()
    for _ in range(20):
        assert 503 == beat(kiosks[2], machine, YEAR)
        assert 503 == beat(kiosks[0], machine)
        machine.wait(MINUTE)
    assert 503 == deliver(kiosks[0], 30)


def test_several_kiosks_stop_a_clock_that_the_rows_could_not_tell_to_be_wrong(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    machine.off_ms = 10 * HOUR
    machine.start_machine()
    assert 200 == beat(kiosks[0], machine)
    assert 200 == beat(kiosks[1], machine)
    machine.wait(SECOND)
    assert 503 == deliver(kiosks[0], 1)
    assert Reason.KIOSKS is reason()
    machine.off_ms = 0
    machine.wait(10 * SECOND)
    beat(kiosks[0], machine), beat(kiosks[1], machine)
    machine.wait(10 * SECOND)
    assert 200 == deliver(kiosks[0], 1)


def test_kiosks_whose_clocks_nobody_sets_say_nothing(machine: MachineClock) -> None:
    devices = [Device.enrolled(f"Shop {n}") for n in range(4)]
    for _ in range(3):
        for lag, kiosk in zip((5 * DAY, 5 * DAY, YEAR, machine.true_ms), devices, strict=True):
            assert 200 == beat(kiosk, machine, -lag)
        machine.serve(20 * MINUTE)
    assert None is reason()
    assert {False} == set(KioskWord.objects.values_list("may_object", flat=True))


def test_revoked_kiosks_have_no_say(machine: MachineClock, kiosks: list[Device]) -> None:
    for kiosk in kiosks[:2]:
        beat(kiosk, machine, YEAR)
    Kiosk.objects.filter(pk__in=[kiosk.row.pk for kiosk in kiosks[:2]]).update(
        revoked_at=clock.now()
    )
    machine.wait(MINUTE)
    assert 200 == deliver(kiosks[2], 1)


def test_a_database_of_an_earlier_version_is_compared_by_its_newest_rows(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    assert 200 == deliver(kiosks[0], 1)
    ClockRun.objects.all().delete()
    for off_ms in (YEAR, -20 * DAY):
        machine.off_ms = off_ms
        machine.start_machine()
        assert 503 == deliver(kiosks[0], 2)
    machine.off_ms = 0
    machine.start_machine()
    assert 200 == deliver(kiosks[0], 2)


def test_an_empty_head_office_begins_at_once(machine: MachineClock) -> None:
    assert None is reason()
    machine.serve(MINUTE)
    assert 1 == ClockRun.objects.count()


# --- how much time is known to have passed ------------------------------------------------


def test_what_passed_is_counted_and_a_wrong_clock_adds_nothing(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    before = guard.lived_ms()
    machine.serve(5 * HOUR)
    assert 5 * HOUR == guard.lived_ms() - before
    for off_ms in (YEAR, -YEAR, 3 * HOUR):
        machine.off_ms = off_ms
        machine.start_serve()
        machine.serve(5 * MINUTE)
        machine.off_ms = 0
        machine.serve(5 * MINUTE)
    assert 5 * HOUR + 30 * MINUTE == guard.lived_ms() - before
    machine.start_machine(rest_ms=2 * HOUR)
    machine.serve(MINUTE)
    assert 7 * HOUR + 31 * MINUTE == guard.lived_ms() - before
    assert 200 == deliver(kiosks[0], 1)


def test_a_long_rest_counts_as_a_day_unless_kiosks_tell_how_long_it_was(
    machine: MachineClock, kiosks: list[Device]
) -> None:
    before = guard.lived_ms()
    machine.start_machine(rest_ms=5 * DAY)
    machine.serve(40 * MINUTE)
    assert DAY <= guard.lived_ms() - before <= DAY + HOUR
    before = guard.lived_ms()
    machine.start_machine(rest_ms=50 * DAY)
    for kiosk in kiosks[:2]:
        beat(kiosk, machine)
    machine.serve(MINUTE)
    assert 50 * DAY <= guard.lived_ms() - before <= 50 * DAY + 20 * MINUTE


# --- the command --------------------------------------------------------------------------


def test_the_command_says_what_is_known(machine: MachineClock, kiosks: list[Device]) -> None:
    code, said = run("clock")
    assert 0 == code
    assert "The clock is trusted" in said
    assert "3 agree, 0 object" in said
    machine.off_ms = YEAR
    beat(kiosks[0], machine)
    code, said = run("clock")
    assert 1 == code
    assert "The clock is in doubt: it has jumped" in said
    assert "0 agree, 3 object" in said
