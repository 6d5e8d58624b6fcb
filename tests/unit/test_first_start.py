"""The first start leads from the corner through what has to be done."""

import pytest
from fakes import FakeClock
from staff_stage import Staff

from config.settings import Settings
from config.settings import Staff as StaffSettings
from kiosk.staff import tasks
from kiosk.staff.pin import PinRight
from kiosk.staff.results import EnrolmentDone, Membership, PinChecked, PinSaved, PinState


@pytest.fixture
def staff() -> Staff:
    return Staff(FakeClock(), Settings(), is_new=True)


def choose_pin(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=False))
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.tell(PinSaved())


def come_back(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    staff.tell(PinChecked(PinRight()))


def test_the_corner_is_shown_until_somebody_has_come_in(staff: Staff) -> None:
    assert "hold a finger here" in staff.notes.corner
    assert staff.seen is None, "shoppers may answer all the same"
    choose_pin(staff)
    staff.press("finish_setup")
    assert "" == staff.notes.corner
    assert staff.seen is None


def test_a_kiosk_that_was_set_up_shows_no_corner() -> None:
    assert "" == Staff(FakeClock(), Settings()).notes.corner


def test_every_step_leads_back_to_what_is_still_to_be_done(staff: Staff) -> None:
    choose_pin(staff)
    assert "staff_first_start" == staff.at()
    staff.tell(Membership("", None))
    assert "good PIN chosen" in staff.words()
    assert "Hold a finger in the top left corner for 3 seconds." in staff.words()
    staff.press("take_step:questionnaire", "back")
    assert "staff_first_start" == staff.at()
    staff.press("take_step:enrolment")
    staff.tell(Membership("https://feedback.example.com", None))
    staff.press(*(f"type_sign:{letter}" for letter in "FHKL2345"), "enrol_kiosk")
    staff.tell(EnrolmentDone("Till 2"))
    staff.press("back")
    assert tasks.ReadMembership() == staff.tasks[-1]
    staff.tell(Membership("https://feedback.example.com", "Till 2"))
    assert "good Head office Till 2" in staff.words()
    assert "take_step:enrolment" not in staff.controls()


def test_a_test_tap_ends_the_page_and_the_corner_leads_back(staff: Staff) -> None:
    choose_pin(staff)
    staff.press("take_step:test", "start_test")
    assert staff.seen is None
    assert staff.controller.is_testing
    come_back(staff)
    assert "staff_first_start" == staff.at()


def test_once_finished_it_does_not_come_again(staff: Staff) -> None:
    choose_pin(staff)
    staff.press("finish_setup")
    come_back(staff)
    assert "staff_menu" == staff.at()


def test_all_settings_are_a_press_away(staff: Staff) -> None:
    choose_pin(staff)
    staff.press("open_menu")
    assert "staff_menu" == staff.at()


def test_the_corner_is_named_as_the_settings_have_it() -> None:
    settings = Settings(staff=StaffSettings(corner="bottom-right", hold=2.5))
    staff = Staff(FakeClock(), settings, is_new=True)
    choose_pin(staff)
    assert "Hold a finger in the bottom right corner for 2.5 seconds." in staff.words()
