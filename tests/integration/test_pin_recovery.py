"""A forgotten PIN: the kiosk and its head office agree, and nobody else can answer."""

import hashlib

import pytest
from fakes import FakeClock
from office import Device, new_id
from staff_stage import Staff

from config.pin_recovery import LENGTH, LETTERS, grouped, new_challenge, recovery_answer
from config.settings import Settings
from headoffice.errors import HeadOfficeError
from headoffice.fleet import credentials
from headoffice.fleet.kiosks import revoke_kiosk
from headoffice.fleet.pin_recovery import answer_challenge
from kiosk.staff import tasks
from kiosk.staff.pin import PinWrong
from kiosk.staff.recovery import OPEN_MS, TRIES, PinRecovery
from kiosk.staff.results import (
    PinChecked,
    PinSaved,
    PinState,
    RecoveryChallenge,
    RecoveryVerdict,
)
from sync.identity import Identity

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def identity_of(device: Device, previous: str = "") -> Identity:
    return Identity(
        kiosk=device.kiosk,
        credential=device.credential,
        previous=previous,
        place="Till",
        head_office=new_id(),
        url="https://feedback.example.com",
    )


@pytest.fixture
def recovery() -> PinRecovery:
    return PinRecovery(FakeClock())


def test_the_head_office_answers_what_the_kiosk_shows(
    device: Device, recovery: PinRecovery
) -> None:
    identity = identity_of(device)
    challenge = recovery.begin(identity)
    assert challenge == recovery.begin(identity)
    answer = answer_challenge(device.row, grouped(challenge).lower())
    assert f"{answer[:4]}-{answer[5:]}" == answer
    assert recovery.check(answer.lower(), identity)
    # It fits once.
    assert not recovery.check(answer, identity)
    assert challenge != recovery.begin(identity)


def test_it_goes_by_either_credential_while_one_is_replaced(
    device: Device, recovery: PinRecovery
) -> None:
    old, device.credential = device.credential, credentials.issue_next(device.row)
    identity = identity_of(device, previous=old)
    answer = answer_challenge(device.row, recovery.begin(identity))
    assert recovery.check(answer, identity)
    device.beat()  # with the new one: the old one ends
    answer = answer_challenge(device.row, recovery.begin(identity))
    assert recovery.check(answer, identity)


def test_no_other_answer_is_taken_and_tries_are_few(device: Device, recovery: PinRecovery) -> None:
    identity, other = identity_of(device), Device.enrolled("Elsewhere")
    challenge = recovery.begin(identity)
    for wrong in ("", answer_challenge(other.row, challenge), "2" * LENGTH):
        assert not recovery.check(wrong, identity)
    assert 3 == TRIES
    assert not recovery.check(answer_challenge(device.row, challenge), identity)
    assert challenge != recovery.begin(identity)


def test_a_challenge_does_not_stay_open(device: Device) -> None:
    clock = FakeClock()
    recovery, identity = PinRecovery(clock), identity_of(device)
    challenge = recovery.begin(identity)
    clock.advance(OPEN_MS)
    assert not recovery.check(answer_challenge(device.row, challenge), identity)
    assert challenge != recovery.begin(identity)


def test_a_kiosk_without_a_head_office_has_no_challenge(recovery: PinRecovery) -> None:
    assert "" == recovery.begin(None)
    assert not recovery.check("", None)


def test_a_kiosk_that_was_shut_out_and_half_a_challenge_get_no_answer(device: Device) -> None:
    with pytest.raises(HeadOfficeError, match="8 letters"):
        answer_challenge(device.row, "KLMQ")
    revoke_kiosk(device.row)
    with pytest.raises(HeadOfficeError, match="not let in"):
        answer_challenge(device.row, new_challenge())


def test_answers_use_every_letter_evenly() -> None:
    key = hashlib.sha256(b"credential").digest()
    letters = "".join(recovery_answer(key, new_challenge()) for _ in range(2000))
    assert set(LETTERS) == set(letters)
    assert max(map(letters.count, LETTERS)) < 1.3 * min(map(letters.count, LETTERS))


# --- on the screen ---


@pytest.fixture
def staff() -> Staff:
    staff = Staff(FakeClock(), Settings())
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    return staff


def at_recovery(staff: Staff) -> None:
    assert "forget_pin" not in staff.controls()
    staff.press(*(f"digit:{d}" for d in "1357"), "confirm")
    staff.tell(PinChecked(PinWrong(30_000)))
    staff.press("forget_pin")
    assert tasks.BeginRecovery() == staff.tasks[-1]


def test_a_right_answer_leads_to_a_new_pin_and_in(staff: Staff) -> None:
    at_recovery(staff)
    staff.tell(RecoveryChallenge("KLMQ7342"))
    assert "Tell the head office KLMQ-7342" in staff.words()
    assert {"leave"} == set(staff.controls()) - {
        *(f"type_letter:{letter}" for letter in LETTERS), "delete", "confirm",
    }  # fmt: skip
    staff.press(*(f"type_letter:{letter}" for letter in "FHKL234"))
    assert not staff.controls()["confirm"].enabled
    staff.press("type_letter:9", "confirm")
    assert tasks.CheckRecovery("FHKL2349") == staff.tasks[-1]
    staff.tell(RecoveryVerdict(is_right=False, challenge="QQQQ7342"))
    assert "Tell the head office QQQQ-7342" in staff.words()
    assert "Wrong answer" in staff.words()
    staff.press(*(f"type_letter:{letter}" for letter in "FHKL2349"), "confirm")
    staff.tell(RecoveryVerdict(is_right=True))
    assert "staff_choose_pin" == staff.at()
    assert "back" not in staff.controls()
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.tell(PinSaved())
    assert "staff_menu" == staff.at()


def test_without_a_head_office_the_command_line_is_named(staff: Staff) -> None:
    at_recovery(staff)
    staff.tell(RecoveryChallenge(""))
    assert "hymio-kiosk set-pin" in staff.words()
    assert {"leave"} == set(staff.controls())
