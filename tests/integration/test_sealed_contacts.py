"""Contact details: unreadable in the database, readable by who may, and erased in time."""

import logging
import re
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from office import BOOT, Device, answer, new_id
from test_export_files import DEFINITION, DIGEST

from config.values import ContactDetails, SealedContact
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.cli import main
from headoffice.fleet.models import Group
from headoffice.messages import contacts
from headoffice.messages.contacts import UnreadableReason
from headoffice.messages.models import ContactKey, StoredMessage
from headoffice.rollups.models import Daily
from headoffice.server import jobs
from headoffice.timekeeping.models import ClockRun
from sync import contact_sealing
from sync.messages import Message, SealingKey, Sighting

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ANN = ContactDetails(True, "Ann Õun", "ann@example.org", "+372 5555 1234")
COMMENTS = "/results/comments"
DAY_MS = 86_400_000
LIVED_MS = 5 * DAY_MS
"""How much time is known to have passed when tests begin."""


@pytest.fixture
def shopper(device: Device) -> Device:
    """Somebody who rated, wrote a comment and wants to be reached."""
    assert 204 == device.define(DEFINITION).status_code
    # Comments are shown where there are enough others.
    others = [answer(seq, 2, questionnaire=DIGEST) for seq in range(101, 105)]
    say(device, *told(ANN), *others)
    return device


def told(details: ContactDetails, first: int = 1) -> list[Message]:
    response = new_id()
    given = (("mood", 0), ("words", "The door was locked."), ("who", details))
    return [
        answer(first + place, value, question=question, response=response, questionnaire=DIGEST)
        for place, (question, value) in enumerate(given)
    ]


def say(device: Device, *messages: Message) -> None:
    now = clock.now_ms()
    device.deliver(*messages, sightings=(Sighting(BOOT, 1000, now, 5),))


def stored() -> list[str]:
    return list(
        StoredMessage.objects.filter(question="who").order_by("seq").values_list("value", flat=True)
    )


def comments(role: Role = Role.ANALYST, **asked: str) -> str:
    client = Client()
    group = Group.objects.get(name="Places") if role == Role.MANAGER else None
    name = f"{role}-{User.objects.count()}"
    client.force_login(create_user(name, "puolukka-77x", role=role, group=group))
    return client.get(COMMENTS, asked).content.decode()


def days_later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    now = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.mark.usefixtures("shopper")
def test_no_table_has_them_and_who_may_reads_them() -> None:
    (value,) = stored()
    assert "Ann" not in value
    assert "example" not in value
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the engine's own word
            text = repr([[_plain(cell) for cell in row] for row in cursor.fetchall()])
            assert "ann@example.org" not in text, table
    assert "Ann Õun · ann@example.org · +372 5555 1234" in comments()


def test_each_is_counted_as_consent_and_once(shopper: Device) -> None:
    again = told(ANN, 4)
    say(shopper, *again, *told(ContactDetails(False), 7))
    say(shopper, *again)
    counted = Daily.objects.filter(question="who").values_list("value", "count")
    assert {"consent": 2, "declined": 1} == dict(counted)
    assert 0 == main(["rebuild-rollups", "--check"])
    assert 1 == ContactKey.objects.count()


def test_the_same_details_are_never_sealed_alike(shopper: Device) -> None:
    say(shopper, *told(ANN, 4))
    one, two = stored()
    assert one != two


def test_without_consent_nothing_of_them_is_kept(shopper: Device) -> None:
    say(shopper, *told(ContactDetails(False, "Bob", "bob@example.org"), 4))
    assert '{"type":"contact","consent":false}' == stored()[1]


@pytest.mark.usefixtures("shopper")
def test_managers_do_not_see_them() -> None:
    text = comments(Role.MANAGER)
    assert "example.org" not in text


def erase_after(lived_days: float) -> int:
    """What is erased when so much time is known to have passed since the test began."""
    return contacts.erase_expired_keys(LIVED_MS + int(lived_days * DAY_MS))


def test_their_time_is_over_at_the_end_of_the_last_day(
    shopper: Device,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
) -> None:
    settings.CONTACT_DAYS = 30
    day = clock.now().date()
    assert 0 == erase_after(0)
    with monkeypatch.context() as patch:
        days_later(patch, 30)
        assert 0 == erase_after(30)
    assert "ann@example.org" in comments()
    with monkeypatch.context() as patch:
        days_later(patch, 31)
        say(shopper, *told(ContactDetails(True, email="eve@example.org"), 4))
        with caplog.at_level(logging.INFO, "hymio.security"):
            assert 1 == erase_after(31)
        assert f"event=contacts.keys_erased actor=job object=- days=1 of={day}" in caplog.messages
        assert 0 == erase_after(31)
    # That there was consent still counts; who came later can still be reached.
    text = comments(Role.ADMINISTRATOR)
    assert "ann@example.org" not in text
    assert "Contact details have been erased" in text
    assert "eve@example.org" in text
    counted = Daily.objects.filter(question="who", value="consent")
    assert 2 == sum(counted.values_list("count", flat=True))
    assert 0 == main(["rebuild-rollups", "--check"])


@pytest.mark.usefixtures("shopper")
@pytest.mark.parametrize("lived_days", [0, 1, 89])
def test_a_clock_that_is_a_year_ahead_erases_nothing_that_has_not_lived(
    monkeypatch: pytest.MonkeyPatch, lived_days: int
) -> None:
    assert 0 == erase_after(0)
    with monkeypatch.context() as patch:
        days_later(patch, 365)
        assert 0 == erase_after(lived_days)
    assert "ann@example.org" in comments()


def test_details_that_came_while_the_clock_was_back_are_kept_for_their_days(
    shopper: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        days_later(patch, -400)
        say(shopper, *told(ContactDetails(True, email="eve@example.org"), 4))
    for lived in (0, 1, 89):
        assert 0 == erase_after(lived)
    assert "eve@example.org" in comments()
    assert 1 == erase_after(90.1)


def test_details_that_came_while_the_clock_was_ahead_are_not_kept_for_longer(
    shopper: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        days_later(patch, 400)
        say(shopper, *told(ContactDetails(True, email="eve@example.org"), 4))
    assert 0 == erase_after(0)
    assert {clock.now().date()} == set(
        ContactKey.objects.exclude(day=None).values_list("day", flat=True)
    )
    days_later(monkeypatch, 91)
    assert 2 == erase_after(91)


@pytest.mark.usefixtures("shopper")
def test_erasure_lags_behind_the_calendar_while_less_time_is_known_to_have_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 0 == erase_after(0)
    days_later(monkeypatch, 120)
    assert 0 == erase_after(60)
    assert 1 == erase_after(90)


def test_keys_of_an_earlier_version_are_as_old_as_the_calendar_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = import_module("headoffice.messages.migrations.0011_lived_keys")
    today = clock.now().date()
    for age in (0, 50, 90, 91, -3):
        public, locked = contacts.new_key_pair()
        day = today - timedelta(days=age)
        ContactKey.objects.create(day=day, public=public, locked=locked)
    step.note_age(apps, SimpleNamespace(connection=connection))
    aged = ContactKey.objects.order_by("pk").values_list("lived_ms", flat=True)
    assert [0, -50 * DAY_MS, -90 * DAY_MS, -91 * DAY_MS, 0] == list(aged)
    assert 1 == contacts.erase_expired_keys(0)
    days_later(monkeypatch, 1)
    assert 1 == contacts.erase_expired_keys(DAY_MS)


@pytest.mark.usefixtures("shopper")
def test_the_periodic_work_erases_by_the_time_that_is_known_to_have_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (job,) = [job for job in jobs.JOBS if job.name == "erasure of contact keys"]
    run = ClockRun.objects.create(
        boot=clock.boot(), zero_ms=0, first_ms=0, last_ms=0, mono_ms=0, lived_ms=LIVED_MS
    )
    job.work()
    days_later(monkeypatch, 365)
    job.work()
    assert ContactKey.objects.exclude(day=None).exists()
    run.lived_ms += 91 * DAY_MS
    run.save()
    job.work()
    assert not ContactKey.objects.exclude(day=None).exists()


def test_without_the_secret_key_nobody_reads_them(shopper: Device, settings: Any) -> None:
    own = settings.SECRET_KEY
    settings.SECRET_KEY = "another one"
    text = comments()
    assert "ann@example.org" not in text
    assert "they belong to another secret key" in text
    # What comes now is sealed so that it can be opened now.
    say(shopper, *told(ContactDetails(True, email="eve@example.org"), 4))
    assert [UnreadableReason.OTHER_SECRET_KEY, "eve@example.org"] == read()
    settings.SECRET_KEY = own
    assert ["ann@example.org", UnreadableReason.OTHER_SECRET_KEY] == read()


def read() -> list[str | UnreadableReason | None]:
    found = dict(enumerate(map(contacts.StoredContact.of, stored())))
    opened = contacts.open_details(found)
    return [
        contact.email if isinstance(contact, ContactDetails) else contact
        for _place, contact in sorted(opened.items())
    ]


def _plain(cell: Any) -> Any:
    return bytes(cell) if isinstance(cell, memoryview) else cell


# --- who wants to be reached ----------------------------------------------------------------


def test_who_wrote_nothing_can_be_reached_too(device: Device) -> None:
    """However few have answered: they ask for it."""
    device.define(DEFINITION)
    silent = new_id()
    say(
        device,
        answer(1, 0, response=silent, questionnaire=DIGEST),
        answer(2, ANN, question="who", response=silent, questionnaire=DIGEST),
        *told(ContactDetails(True, email="eve@example.org"), 3),
        *told(ContactDetails(False), 6),
    )
    text = comments(reach="1")
    assert "Left contact details: 2" in text
    assert "Ann Õun · ann@example.org · +372 5555 1234" in text
    assert 1 == text.count("The door was locked.")
    # Their rating, and what they wrote, is searched as in all comments.
    assert "ann@example.org" in comments(reach="1", mood="0-of-3")
    assert "No contact details" in comments(reach="1", mood="2-of-3")
    found = comments(reach="1", q="locked")
    assert (False, True) == ("ann@example.org" in found, "eve@example.org" in found)


@pytest.mark.usefixtures("shopper")
def test_a_manager_asks_in_vain_who_can_be_reached() -> None:
    text = comments(Role.MANAGER, reach="1")
    assert "example.org" not in text
    assert "contact details:" not in text


# --- sealed on the kiosk already ------------------------------------------------------------


def named_key(device: Device) -> SealingKey:
    key = device.beat(questionnaire=DIGEST).contact_key
    assert key is not None
    return key


def who(seq: int, value: Any, response: str | None = None) -> Message:
    return answer(seq, value, question="who", response=response or new_id(), questionnaire=DIGEST)


def test_what_a_kiosk_has_sealed_is_read_counted_and_erased_likewise(
    shopper: Device, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    key = named_key(shopper)
    assert key == named_key(shopper)
    assert 0 == erase_after(0)
    eve = who(4, contact_sealing.seal(ContactDetails(True, email="eve@example.org"), key))
    say(shopper, eve)
    say(shopper, eve)
    assert ["ann@example.org", "eve@example.org"] == read()
    counted = Daily.objects.filter(question="who").values_list("value", "count")
    assert [("consent", 2)] == list(counted)
    with monkeypatch.context() as patch:
        days_later(patch, settings.CONTACT_DAYS + 1)
        # However long a kiosk was away: its own key is never erased, and what comes now is new.
        assert key == named_key(shopper)
        say(
            shopper,
            who(5, contact_sealing.seal(ContactDetails(True, email="ian@example.org"), key)),
        )
        assert 1 == erase_after(settings.CONTACT_DAYS + 1)
    assert [UnreadableReason.KEY_GONE, UnreadableReason.KEY_GONE, "ian@example.org"] == read()
    assert 0 == main(["rebuild-rollups", "--check"])


def test_with_another_secret_key_kiosks_hear_of_another_key(shopper: Device, settings: Any) -> None:
    before = named_key(shopper)
    settings.SECRET_KEY = "another one"
    now = named_key(shopper)
    assert before.number != now.number
    # The consent counts; the details come too late.
    say(shopper, who(4, contact_sealing.seal(ANN, before)), who(5, contact_sealing.seal(ANN, now)))
    assert [
        UnreadableReason.OTHER_SECRET_KEY,
        UnreadableReason.OTHER_SECRET_KEY,
        "ann@example.org",
    ] == read()


@pytest.mark.parametrize("box", ["", "AAAA", "no base64", "A" * 4000])
def test_a_box_that_is_none_is_counted_and_told(shopper: Device, box: str) -> None:
    key = named_key(shopper)
    say(shopper, who(4, SealedContact(key.number, box)), who(5, SealedContact(10**9, box)))
    assert ["ann@example.org", UnreadableReason.NO_BOX, UnreadableReason.KEY_GONE] == read()
    assert "they arrived broken" in comments(reach="1")


def test_a_box_without_consent_in_it_is_a_refusal(shopper: Device) -> None:
    key = named_key(shopper)
    say(shopper, who(4, contact_sealing.seal(ContactDetails(False, "Bob"), key)))
    assert '{"type":"contact","consent":false}' == stored()[1]


# --- who asks to be forgotten ---------------------------------------------------------------


def one_of(role: Role) -> Client:
    client = Client()
    group = Group.objects.get(name="Places") if role == Role.MANAGER else None
    client.force_login(create_user(f"one-{role}", "puolukka-77x", role=role, group=group))
    return client


def test_one_shoppers_details_are_erased_and_come_back_with_no_delivery(shopper: Device) -> None:
    eve = told(ContactDetails(True, email="eve@example.org"), 4)
    # Changed her mind about the number, too: every word of hers goes.
    again = answer(
        7,
        ContactDetails(True, email="eve@example.org", phone="+372 1"),
        question="who",
        response=eve[0].body.response,
        questionnaire=DIGEST,
    )
    say(shopper, *eve, again)
    client = one_of(Role.ANALYST)
    listed = client.get(COMMENTS, {"reach": "1"}).content.decode()
    (address,) = re.findall(rf'href="(/results/comments/\d+/{eve[0].body.response}/erase)"', listed)
    asked = client.get(address).content.decode()
    assert "eve@example.org · +372 1" in asked
    assert 3 == len([value for value in stored() if '"box"' in value])
    gone = client.post(address, follow=True).content.decode()
    assert "The contact details are erased." in gone
    assert "eve@example.org" not in gone
    assert "ann@example.org" in gone
    assert 1 == len([value for value in stored() if '"box"' in value])
    say(shopper, *eve, again)
    assert 1 == len([value for value in stored() if '"box"' in value])
    # The consent was given, and the comment stays.
    assert 2 == gone.count("The door was locked.")
    counted = Daily.objects.filter(question="who", value="consent")
    assert 2 == sum(counted.values_list("count", flat=True))
    assert 0 == main(["rebuild-rollups", "--check"])
    assert [404, 404] == [client.get(address).status_code, client.post(address).status_code]


def test_a_manager_erases_nothing(shopper: Device) -> None:
    response = str(StoredMessage.objects.filter(question="who").get().response)
    address = f"/results/comments/{shopper.row.pk}/{response}/erase"
    client = one_of(Role.MANAGER)
    assert [404, 404] == [client.get(address).status_code, client.post(address).status_code]
    assert ["ann@example.org"] == read()
