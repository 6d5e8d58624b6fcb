"""Journeys of the staff through their pages, without a window, a disk or a network."""

import datetime as dt
import random
from pathlib import Path
from typing import get_args

import pytest
from fakes import FakeClock
from msgspec import structs
from staff_stage import FORM, Staff

from config.opening_hours import hours_mistakes
from config.settings import WEEKDAYS, Hours, Settings
from kiosk.errors import IllegalEventError
from kiosk.i18n import translator
from kiosk.maintenance.results import (
    ExportDone,
    ExportFailure,
    ExportProgress,
    Finding,
    Findings,
    Media,
    Medium,
)
from kiosk.overrides import Overrides, OverridesChange
from kiosk.staff import tasks
from kiosk.staff.controls import Back, Confirm, Digit, control_id
from kiosk.staff.pages.export import StartExport
from kiosk.staff.pages.leave import RestartProgram
from kiosk.staff.pages.menu import OpenPage
from kiosk.staff.pages.quarantine import QuarantinePage
from kiosk.staff.pages.questionnaire import ChooseQuestionnaire
from kiosk.staff.pages.status import report_lines
from kiosk.staff.pin import PinRight, PinWrong
from kiosk.staff.results import (
    BrightnessLevel,
    EnrolmentDone,
    EnrolmentFailure,
    Membership,
    OverridesSaved,
    PinChecked,
    PinSaved,
    PinState,
    QuarantineEntry,
    QuarantineList,
    QuestionnaireChoice,
    QuestionnaireChoices,
    QuestionnaireFailure,
    QuestionnaireUsed,
    StatusReport,
    Today,
)
from kiosk.staff.views import ClosedView, PausedView
from sync.failure_texts import failure_text
from sync.messages import Trouble
from sync.outcome import NetworkFailure, NetworkTrouble

IDLE_MS = 90_000
STICK = Media((Medium(Path("/media/STICK"), "STICK", 10**9, writable=True),))
CHOICES = QuestionnaireChoices(
    (QuestionnaireChoice("checkout", "Checkout"), QuestionnaireChoice("mine.toml", "Mine")),
)

MINE = structs.replace(FORM, id="mine", languages=("sv",))


@pytest.fixture
def staff() -> Staff:
    return Staff(FakeClock())


@pytest.fixture
def inside(staff: Staff) -> Staff:
    enter(staff)
    return staff


def enter(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    staff.tell(PinChecked(PinRight()))
    staff.tasks.clear()


# --- getting in and out ---


def test_nothing_is_covered_until_somebody_holds_the_corner(staff: Staff) -> None:
    assert staff.seen is None
    staff.controller.corner_held()
    assert "staff_pin" == staff.at()
    assert [tasks.ReadPinState()] == staff.tasks


def test_right_pin_opens_the_menu(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    assert tasks.CheckPin("2580") == staff.tasks[-1]
    assert "staff_pin" == staff.at()
    staff.tell(PinChecked(PinRight()))
    assert "staff_menu" == staff.at()


def test_pin_is_never_on_the_screen(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.press("digit:2", "digit:5")
    assert "••" == staff.page.entry


def test_no_key_counts_while_a_pin_is_being_judged(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    staff.controller.press(Confirm())
    staff.controller.press(Digit("1"))
    assert 1 == staff.tasks.count(tasks.CheckPin("2580"))


def test_lock_out_counts_down_and_ends(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("9999")
    staff.tell(PinChecked(PinWrong(30_000)))
    assert "Locked for 30 s" in staff.words()
    assert not staff.controls()["digit:1"].enabled
    staff.wait(29_000)
    assert "Locked for 1 s" in staff.words()
    staff.wait(1_000)
    staff.type_pin("2580")
    assert tasks.CheckPin("2580") == staff.tasks[-1]


def test_lock_out_from_before_is_met_at_the_door(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True, locked_ms=60_000))
    assert "Locked for 60 s" in staff.words()


def test_first_run_leads_nowhere_but_to_a_pin(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=False))
    assert "staff_choose_pin" == staff.at()
    assert "back" not in staff.controls()
    staff.type_pin("2580")
    staff.type_pin("2581")
    assert "The PINs don't match" in staff.words()
    staff.type_pin("2580")
    staff.type_pin("2580")
    assert tasks.SavePin("2580") == staff.tasks[-1]
    staff.tell(PinSaved())
    assert "staff_menu" == staff.at()


@pytest.mark.parametrize(
    ("pin", "word"), [("123", "4 to 12"), ("1234", "Too easy"), ("7777", "Too easy")]
)
def test_unfit_pin_is_refused_at_once(staff: Staff, pin: str, word: str) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=False))
    staff.type_pin(pin)
    assert word in staff.words()
    assert not any(isinstance(task, tasks.SavePin) for task in staff.tasks)


def test_pin_that_could_not_be_kept_is_said(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=False))
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.tell(PinSaved("no space left"))
    assert "no space left" in staff.words()
    assert "staff_choose_pin" == staff.at()


def test_pin_file_that_can_not_be_read_lets_nobody_in(staff: Staff) -> None:
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True, problem="pin.json can't be used"))
    assert "hymio-kiosk set-pin" in staff.words()
    assert not any(staff.controls()[f"digit:{digit}"].enabled for digit in range(10))


@pytest.mark.parametrize(
    "page",
    [
        "status",
        "test",
        "questionnaire",
        "hours",
        "sound",
        "enrolment",
        "export",
        "choose_pin",
        "leave",
    ],
)
def test_every_page_leaves_by_itself_when_nobody_touches_it(inside: Staff, page: str) -> None:
    inside.press(f"open_page:{page}")
    inside.tell(
        Membership("https://h", None), StatusReport("0.1"), STICK, CHOICES, BrightnessLevel(50)
    )
    inside.wait(IDLE_MS - 1)
    assert inside.at() != "NoneType"
    inside.wait(10_000)
    assert inside.seen is None


def test_a_touch_starts_the_idle_time_anew(inside: Staff) -> None:
    inside.wait(IDLE_MS - 1)
    inside.press("open_page:hours")
    inside.wait(IDLE_MS - 1)
    assert "staff_hours" == inside.at()


def test_every_tile_opens_a_page_with_a_way_back(inside: Staff) -> None:
    for tile in [control_id(key.control) for key in inside.page.tiles]:
        inside.press(tile)
        assert "staff_menu" != inside.at()
        inside.press("back")
        assert "staff_menu" == inside.at(), tile


def test_control_that_is_not_on_the_page_changes_nothing(inside: Staff) -> None:
    for control in (
        RestartProgram(), ChooseQuestionnaire("checkout"), StartExport(0), OpenPage(QuarantinePage),
        Digit("1"), Back(),
    ):  # fmt: skip
        with pytest.raises(IllegalEventError):
            inside.controller.press(control)
    assert "staff_menu" == inside.at()


def test_facts_for_a_page_that_was_left_are_ignored(inside: Staff) -> None:
    inside.press("open_page:status", "leave")
    inside.tell(
        StatusReport("0.1"), PinChecked(PinRight()), EnrolmentDone("x"), ExportProgress(1, 2)
    )
    assert inside.seen is None


# --- status ---


def test_status_speaks_in_words_with_signs_and_looks_again_by_itself(inside: Staff) -> None:
    inside.press("open_page:status")
    inside.tell(
        StatusReport("0.1", place="Till", head_office="https://h", last_contact_ms=5_000, waiting=3,
               oldest_waiting_ms=2 * 86_400_000, clock_offset_ms=90_000, free_disk_bytes=10**12)
    )  # fmt: skip
    assert "good Last contact 5 s ago Location: Till. Server: https://h" in inside.words()
    assert "bad Waiting to be sent: 3 Longest wait: 48 hours" not in inside.words()
    assert "bad Waiting to be sent: 3 Longest wait: 2 days" in inside.words()
    assert "warn The clock is 90 s slow" in inside.words()
    assert "good 1,000.0 GB free" in inside.words()
    inside.tasks.clear()
    inside.wait(5_000)
    assert [tasks.ReadStatus()] == inside.tasks


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (StatusReport("0.1"), "warn Not enrolled"),
        (
            StatusReport("0.1", place="T", pause_reason="Enrol it again."),
            "bad Access denied",
        ),
        (
            StatusReport("0.1", place="T", failure="No DNS"),
            "bad No contact with the head office yet No DNS",
        ),
        (StatusReport("0.1", free_disk_bytes=50_000_000), "bad 50 MB free"),
        (StatusReport("0.1", free_disk_bytes=None), "bad The disk can't be checked"),
        (StatusReport("0.1", clock_offset_ms=-2 * 86_400_000), "bad The clock is 2 days fast"),
        (StatusReport("0.1", in_quarantine=2), "warn Refused answers: 2"),
        (
            StatusReport("0.1", troubles=(Trouble("questionnaire", "own.toml: wrong"),)),
            "bad The questionnaire can’t be used own.toml: wrong",
        ),
        (StatusReport("0.1", has_pin=False), "warn No PIN"),
    ],
)
def test_status_names_what_is_wrong(inside: Staff, report: StatusReport, words: str) -> None:
    inside.press("open_page:status")
    inside.tell(report)
    assert words in inside.words()


def test_damage_is_in_red_until_staff_have_seen_it(inside: Staff) -> None:
    inside.press("open_page:status")
    inside.tell(StatusReport("0.1"))
    assert "confirm_damage" not in inside.controls()
    inside.tell(StatusReport("0.1", troubles=(Trouble("outbox_damaged", "a.sqlite3", 1234),)))
    damage = "bad Stored answers were damaged Lost, at least: 1,234"
    assert damage in inside.words()
    assert "kept as a.sqlite3" in inside.words()
    inside.press("confirm_damage")
    assert tasks.AcknowledgeDamage() == inside.tasks[-1]
    inside.tell(StatusReport("0.1"))
    assert "damaged" not in inside.words()


def test_refused_answers_are_shown_with_the_reason_and_sent_again(inside: Staff) -> None:
    inside.press("open_page:status")
    inside.tell(StatusReport("0.1", in_quarantine=2))
    inside.press("show_quarantine")
    entries = (
        QuarantineEntry(7, 21, "invalid", "$.value", 0, readable=True),
        QuarantineEntry(8, 22, "unreadable", "", 0, readable=False),
    )
    inside.tell(QuarantineList(entries, 2))
    assert "Answer no. 21 It breaks the head office's rules\n$.value" in inside.words()
    assert "resend_message:8" not in inside.controls()
    inside.press("resend_message:7", "resend_all")
    assert [tasks.Resend((7,)), tasks.Resend(())] == inside.tasks[-2:]
    inside.tell(QuarantineList((), 0))
    assert "has refused nothing" in inside.words()


# --- test mode ---


def test_taps_of_test_mode_are_marked_until_it_ends_by_itself(inside: Staff) -> None:
    shopper = inside.shopper
    assert not shopper.answer("rating", 0).test
    assert not shopper.leave().test
    inside.press("open_page:test", "start_test")
    assert inside.seen is None
    assert "Test: answers are not counted" == inside.notes.test
    assert "test" == inside.controller.condition
    assert shopper.answer("rating", 0).test
    inside.wait(600_000)
    assert "" == inside.notes.test
    assert "open" == inside.controller.condition
    # What began as a test stays one to its end.
    assert shopper.leave().test
    assert not shopper.answer("rating", 0).test


def test_response_that_began_before_test_mode_counts_to_its_end(inside: Staff) -> None:
    shopper = inside.shopper
    shopper.answer("rating", 0)
    inside.press("open_page:test", "start_test")
    assert not shopper.leave().test
    assert shopper.answer("rating", 0).test


def test_language_chosen_on_the_screen_outlives_the_end_of_test_mode(inside: Staff) -> None:
    inside.press("open_page:test", "start_test")
    inside.shopper.session.choose_language("fi")
    inside.wait(600_000)
    assert "fi" == inside.shopper.answer("rating", 0).language


def test_staff_end_test_mode(inside: Staff) -> None:
    inside.press("open_page:test", "start_test")
    enter(inside)
    assert "" == inside.notes.test
    inside.press("open_page:test", "stop_test", "leave")
    assert "" == inside.notes.test
    assert "open" == inside.controller.condition


# --- questionnaire and language ---


def test_questionnaire_is_taken_only_after_it_was_checked(inside: Staff) -> None:
    inside.press("open_page:questionnaire")
    inside.tell(CHOICES)
    inside.press("choose_questionnaire:mine.toml")
    assert tasks.UseQuestionnaire("mine.toml") == inside.tasks[-1]
    assert [] == inside.in_force
    inside.use_questionnaire("mine.toml", MINE)
    inside.tell(QuestionnaireUsed("mine.toml"))
    assert "mine.toml" == inside.in_force[-1].questionnaire


def test_questionnaire_with_mistakes_shows_every_one_and_the_one_before_stays(
    inside: Staff,
) -> None:
    inside.press("open_page:questionnaire")
    inside.tell(CHOICES)
    inside.press("choose_questionnaire:mine.toml")
    inside.tell(
        QuestionnaireFailure("mine.toml", ("questions[0].text.fi: found nothing", "id: found 7"))
    )
    assert "bad mine.toml It has mistakes. The questionnaire before stays." in inside.words()
    assert "questions[0].text.fi: found nothing" in inside.words()
    assert "id: found 7" in inside.words()
    assert [] == inside.in_force


def test_language_is_kept_and_in_force_at_once(inside: Staff) -> None:
    inside.press("open_page:questionnaire")
    inside.tell(CHOICES)
    inside.press("choose_language:fi")
    assert tasks.SaveOverrides() == inside.tasks[-1]
    assert Overrides(language="fi") == inside.store.config.overrides
    assert "fi" == inside.in_force[-1].language
    assert inside.controls()["choose_language:fi"].is_chosen


# --- hours and pause ---


def test_hours_of_a_day_move_by_half_an_hour(inside: Staff) -> None:
    inside.press(
        "open_page:hours",
        "open_day:0",
        "change_hours:usual",
        "move_opening:0:-30",
        "move_closing:0:30",
    )
    assert ("08:30-21:30",) == inside.in_force[-1].hours.monday
    inside.press("change_hours:to_weekdays")
    assert ("08:30-21:30",) == inside.in_force[-1].hours.friday
    assert inside.in_force[-1].hours.sunday is None
    inside.press("change_hours:close", "change_hours:to_all", "back")
    assert "staff_hours" == inside.at()
    assert all(() == getattr(inside.in_force[-1].hours, day) for day in WEEKDAYS)


def test_closing_time_goes_round_midnight_and_never_meets_the_opening(inside: Staff) -> None:
    inside.press("open_page:hours", "open_day:4", "change_hours:usual")
    for _ in range(6):
        inside.press("move_closing:0:30")
    assert ("09:00-24:00",) == inside.in_force[-1].hours.friday
    for _ in range(17):
        inside.press("move_closing:0:30")
    assert ("09:00-08:30",) == inside.in_force[-1].hours.friday
    assert not inside.controls()["move_closing:0:30"].enabled
    inside.press("move_closing:0:5", "move_closing:0:30")
    assert ("09:00-09:05",) == inside.in_force[-1].hours.friday
    assert not inside.controls()["move_closing:0:-5"].enabled


def test_a_day_with_two_ranges_keeps_both(inside: Staff) -> None:
    hours = Hours(friday=("09:00-12:00", "13:00-02:00"))
    inside.store.change(OverridesChange.of(hours=hours))
    inside.press("open_page:hours", "open_day:4", "move_opening:0:-5", "move_closing:1:5")
    assert ("08:55-12:00", "13:00-02:05") == inside.in_force[-1].hours.friday
    inside.press("move_closing:0:30", "move_closing:0:30")
    # They never meet: that would be one.
    assert not inside.controls()["move_closing:0:30"].enabled or (
        "08:55-13:00", "13:00-02:05"
    ) == inside.in_force[-1].hours.friday  # fmt: skip
    inside.press("remove_range:0")
    assert ("13:00-02:05",) == inside.in_force[-1].hours.friday
    assert "remove_range:0" not in inside.controls()


def test_a_day_without_ranges_has_no_break(inside: Staff) -> None:
    inside.press("open_page:hours", "open_day:0")
    assert "change_hours:add_break" not in inside.controls()
    inside.press("change_hours:close")
    assert "change_hours:add_break" not in inside.controls()


def test_a_break_parts_the_longest_range(inside: Staff) -> None:
    inside.press("open_page:hours", "open_day:0", "change_hours:usual", "change_hours:add_break")
    assert ("09:00-14:30", "15:30-21:00") == inside.in_force[-1].hours.monday
    for _ in range(20):
        if "change_hours:add_break" not in inside.controls():
            break
        inside.press("change_hours:add_break")
    assert 6 == len(inside.in_force[-1].hours.monday)
    assert "change_hours:add_break" not in inside.controls()


@pytest.mark.parametrize("day", range(7))
def test_whatever_is_pressed_leaves_hours_that_are_valid(inside: Staff, day: int) -> None:
    pressed = random.Random(day)  # noqa: S311 - no secret
    inside.press("open_page:hours", f"open_day:{day}")
    for _ in range(150):
        keys = [
            name
            for name, key in inside.controls().items()
            if key.enabled and name.partition(":")[0] not in ("back", "leave")
        ]
        inside.press(pressed.choice(keys))
        assert [] == list(hours_mistakes(inside.in_force[-1].hours))


def test_holidays_are_added_a_day_at_a_time_and_removed(inside: Staff) -> None:
    inside.store.change(OverridesChange.of(hours=Hours(holidays=("12-25", "2020-01-06"))))
    inside.press("open_page:hours", "open_holidays")
    assert tasks.ReadToday() == inside.tasks[-1]
    inside.tell(Today(dt.date(2026, 12, 20)))
    assert "12-25 (every year) Closed" in inside.words()
    assert "2020" not in inside.words()
    inside.press("move_day:7", "move_day:-1")
    assert "Saturday 2026-12-26" not in inside.words()
    assert "Sunday 2026-12-27" in inside.words()
    inside.press("move_day:-1", "close_day")
    assert "2026-12-26" in inside.in_force[-1].hours.holidays
    assert not inside.controls()["close_day"].enabled
    inside.press("remove_holiday:0")
    assert ("2020-01-06", "2026-12-26") == tuple(
        sorted(set(inside.in_force[-1].hours.holidays) - {"12-25"})
    )
    inside.press("back")
    assert "staff_hours" == inside.at()


def test_hours_go_back_to_what_the_file_says(inside: Staff) -> None:
    inside.press("open_page:hours")
    assert "reset_hours" not in inside.controls()
    inside.press("open_day:0", "change_hours:close", "back", "reset_hours")
    assert inside.store.config.overrides.hours is None
    assert inside.in_force[-1].hours == inside.store._file.hours
    assert "reset_hours" not in inside.controls()


def test_closed_shop_is_dark_and_still_wakes_for_staff() -> None:
    closed = Settings(hours=Hours(**dict.fromkeys(WEEKDAYS, ())))
    staff = Staff(FakeClock(), closed)
    assert ClosedView() == staff.seen
    assert "closed" == staff.controller.condition
    staff.controller.corner_held()
    assert "staff_pin" == staff.at()
    staff.press("leave")
    assert ClosedView() == staff.seen


def test_shop_closes_and_opens_by_itself_at_its_time() -> None:
    clock = FakeClock(
        wall_ms=int(dt.datetime(2026, 11, 23, 20, 50, tzinfo=dt.UTC).timestamp() * 1000)
    )
    staff = Staff(
        clock,
        Settings(hours=Hours(time_zone="UTC", monday=("09:00-21:00",), tuesday=("09:00-21:00",))),
    )
    assert staff.seen is None
    staff.wait(10 * 60_000 - 1)
    assert staff.seen is None
    staff.wait(1_000)
    assert ClosedView() == staff.seen
    staff.wait(12 * 3_600_000)
    assert staff.seen is None


def test_shopper_in_the_middle_is_not_cut_off_by_closing_time() -> None:
    staff = Staff(FakeClock(), Settings(hours=Hours(**dict.fromkeys(WEEKDAYS, ()))))
    staff.idle = False
    staff.controller.tick()
    assert staff.seen is None
    staff.idle = True
    staff.wait(1_000)
    assert ClosedView() == staff.seen


def test_pause_says_back_soon_until_it_is_ended(inside: Staff) -> None:
    inside.press("open_page:hours", "open_pause", "pause_for:30")
    assert tasks.SaveOverrides() == inside.tasks[-1]
    assert "staff_hours" == inside.at()
    ends_ms = inside.clock.moment().wall_ms + 30 * 60_000
    assert Overrides(paused=True, pause_ends_ms=ends_ms) == inside.store.config.overrides
    inside.press("leave")
    assert isinstance(inside.seen, PausedView)
    assert "paused" == inside.controller.condition
    enter(inside)
    inside.press("open_page:hours", "end_pause", "leave")
    assert inside.seen is None
    assert Overrides() == inside.store.config.overrides


def test_pause_ends_by_itself_and_is_not_kept(inside: Staff) -> None:
    inside.press("open_page:hours", "open_pause", "pause_for:15", "leave")
    inside.wait(15 * 60_000 - 1000)
    assert isinstance(inside.seen, PausedView)
    inside.wait(1000)
    assert inside.seen is None
    assert "open" == inside.controller.condition
    assert Overrides() == inside.store.config.overrides
    assert tasks.SaveOverrides() == inside.tasks[-1]


def test_pause_for_the_rest_of_the_day_ends_at_midnight_where_the_shop_is() -> None:
    clock = FakeClock(
        wall_ms=int(dt.datetime(2026, 11, 23, 20, 50, tzinfo=dt.UTC).timestamp() * 1000)
    )
    staff = Staff(clock, Settings(hours=Hours(time_zone="Europe/Helsinki")))
    enter(staff)
    staff.press("open_page:hours", "open_pause", "pause_for:None")
    assert "until 00:00" in staff.words()
    staff.press("leave")
    staff.wait(69 * 60_000)
    assert isinstance(staff.seen, PausedView)
    staff.wait(60_000)
    assert staff.seen is None


def test_pause_survives_a_restart_until_its_end() -> None:
    now = FakeClock().moment().wall_ms
    for ends_ms, paused in ((now + 60_000, True), (now - 1, False), (None, True)):
        begun = Overrides(paused=True, pause_ends_ms=ends_ms)
        staff = Staff(FakeClock(), overrides=begun)
        assert paused == isinstance(staff.seen, PausedView)
        assert paused == staff.store.config.overrides.paused


def test_pause_does_not_wait_for_a_clock_that_was_never_set() -> None:
    begun = Overrides(paused=True, pause_ends_ms=FakeClock().moment().wall_ms)
    assert Staff(FakeClock(wall_ms=5_000), overrides=begun).seen is None


def test_change_that_could_not_be_kept_is_said(inside: Staff) -> None:
    inside.press("open_page:hours", "open_pause", "pause_for:30")
    inside.tell(OverridesSaved("No space left on device"))
    assert "bad The last change could not be saved No space left on device" in inside.words()
    inside.tell(OverridesSaved())
    assert "could not be kept" not in inside.words()


# --- sound and brightness ---


def test_sound_and_brightness_change_step_by_step(inside: Staff) -> None:
    inside.press("open_page:sound")
    inside.tell(BrightnessLevel(70))
    inside.press("flip_switch:sounds", "raise_setting:volume", "lower_setting:brightness")
    now = inside.in_force[-1]
    assert (True, 0.6, 60) == (now.sound.enabled, now.sound.volume, now.screen.brightness)
    for _ in range(9):
        inside.press("lower_setting:brightness")
    assert 10 == inside.in_force[-1].screen.brightness


def test_panel_without_a_backlight_is_said_to_have_none(inside: Staff) -> None:
    inside.press("open_page:sound")
    inside.tell(BrightnessLevel(None))
    assert "can't be set from here" in inside.words()
    assert "lower_setting:brightness" not in inside.controls()


# --- connection, enrolment ---


def test_connection_is_tried_at_once_and_shows_each_step(inside: Staff) -> None:
    inside.press("open_page:connection")
    assert [tasks.TestConnection()] == inside.tasks
    assert not inside.controls()["repeat_test"].enabled
    inside.tell(Findings((Finding("network", "good"),), is_complete=False))
    inside.tell(
        Findings((Finding("network", "good"), Finding("name", "bad", "name")), is_complete=True)
    )
    assert "bad Name of the head office The name is not found." in inside.words()
    inside.press("repeat_test")
    assert 2 == inside.tasks.count(tasks.TestConnection())


def test_slow_connection_test_is_not_taken_for_nobody_there(inside: Staff) -> None:
    inside.press("open_page:connection")
    inside.wait(IDLE_MS * 3)
    assert "staff_connection" == inside.at()


def test_code_is_typed_and_the_kiosk_joins(inside: Staff) -> None:
    inside.press("open_page:enrolment")
    inside.tell(Membership("https://feedback.example.com", None))
    inside.press(*(f"type_sign:{letter}" for letter in "FHKL234X"), "delete")
    assert not inside.controls()["enrol_kiosk"].enabled, "7 signs are no code"
    inside.press("type_sign:5")
    assert "FHKL-2345" == inside.page.entry
    inside.press("type_sign:9", "enrol_kiosk")
    assert tasks.Enrol("FHKL2345", "https://feedback.example.com") == inside.tasks[-1]
    inside.tell(EnrolmentFailure("This code has expired."))
    assert "bad Not enrolled This code has expired." in inside.words()
    inside.press("enrol_kiosk")
    inside.tell(EnrolmentDone("Hakaniemi, till 2"))
    assert "Enrolled. Location: Hakaniemi, till 2" in inside.words()
    assert "" == inside.page.entry


def test_address_is_typed_where_none_is_known(inside: Staff) -> None:
    inside.press("open_page:enrolment")
    inside.tell(Membership("", None))
    inside.press("type_sign:h", "type_sign:q", "switch_keys", "type_sign:1", "type_into:code")
    inside.press(*(f"type_sign:{letter}" for letter in "ABCDEFGH"), "enrol_kiosk")
    assert tasks.Enrol("ABCDEFGH", "https://hq1") == inside.tasks[-1]


@pytest.mark.parametrize("way_out", ["back", "leave", "idle"])
def test_an_address_that_was_typed_stays(inside: Staff, way_out: str) -> None:
    inside.press("open_page:enrolment")
    inside.tell(Membership("", None))
    inside.press("type_sign:h", "type_sign:q")
    if way_out == "idle":
        inside.wait(IDLE_MS)
    else:
        inside.press(way_out)
    assert "https://hq" == inside.store.config.overrides.address
    assert tasks.SaveOverrides() in inside.tasks


def test_an_address_that_nobody_typed_is_not_kept(inside: Staff) -> None:
    for url in ("", "https://feedback.example.com"):
        inside.press("open_page:enrolment")
        inside.tell(Membership(url, None))
        inside.press("back")
        assert inside.store.config.overrides.address is None


def test_waiting_for_the_network_can_be_cancelled(inside: Staff) -> None:
    inside.press("open_page:enrolment")
    inside.tell(Membership("https://feedback.example.com", None))
    inside.press(*(f"type_sign:{letter}" for letter in "ABCDEFGH"), "enrol_kiosk")
    assert not inside.controls()["type_sign:A"].enabled
    inside.press("cancel_enrolment")
    assert tasks.CancelNetwork() == inside.tasks[-1]
    assert inside.controls()["enrol_kiosk"].enabled
    inside.press("enrol_kiosk", "back")
    assert tasks.CancelNetwork() == inside.tasks[-1]
    inside.press("open_page:connection", "cancel_test")
    assert tasks.CancelNetwork() == inside.tasks[-1]
    assert inside.controls()["repeat_test"].enabled
    inside.press("repeat_test", "leave")
    assert tasks.CancelNetwork() == inside.tasks[-1]


# --- export ---


def test_stick_is_found_when_it_is_put_in(inside: Staff) -> None:
    inside.press("open_page:export")
    inside.tell(Media(()))
    assert "Put a USB stick in" in inside.words()
    inside.tasks.clear()
    inside.wait(2_000)
    assert [tasks.ListMedia()] == inside.tasks
    inside.tell(STICK)
    inside.press("start_export:0")
    assert tasks.ExportAnswers(Path("/media/STICK")) == inside.tasks[-1]


def test_export_shows_its_progress_and_never_leaves_in_the_middle(inside: Staff) -> None:
    inside.press("open_page:export")
    inside.tell(STICK)
    inside.press("start_export:0")
    inside.tell(ExportProgress(500, 1000))
    assert 0.5 == inside.page.progress
    inside.wait(IDLE_MS * 3)
    assert "staff_export" == inside.at()
    inside.tell(ExportDone(Path("/media/STICK/hymio-till"), 1000))
    assert "good Done. You can take the stick out hymio-till: 1,000" in inside.words()


def test_leaving_an_export_stops_it(inside: Staff) -> None:
    inside.press("open_page:export")
    inside.tell(STICK)
    inside.press("start_export:0", "back")
    assert tasks.CancelExport() == inside.tasks[-1]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("full", "is full"),
        ("read_only", "only be read"),
        ("gone", "taken out"),
        ("stopped", "was cancelled"),
    ],
)
def test_export_that_failed_says_why_and_that_nothing_is_lost(
    inside: Staff, fault: str, words: str
) -> None:
    inside.press("open_page:export")
    inside.tell(STICK)
    inside.press("start_export:0")
    inside.tell(ExportFailure(fault))  # type: ignore[arg-type]
    assert words in inside.words()
    assert "No answer is lost" in inside.words()


def test_stick_that_can_only_be_read_can_not_be_chosen(inside: Staff) -> None:
    inside.press("open_page:export")
    inside.tell(Media((Medium(Path("/media/OLD"), "OLD", 1, writable=False),)))
    assert "start_export:0" not in inside.controls()


# --- restart, leave ---


def test_restart_and_end_are_asked_for(inside: Staff) -> None:
    inside.press("open_page:leave", "restart_program", "end_program")
    assert ["restart", "quit"] == inside.ended


def test_pages_speak_the_language_of_the_shop(inside: Staff) -> None:
    inside.store.change(OverridesChange.of(language="fi"))
    inside.press("open_page:hours")
    assert "Maanantai" in inside.words()


@pytest.mark.parametrize("language", ["de", "fi", "hu", "it", "pl", "sv"])
@pytest.mark.parametrize("kind", get_args(NetworkTrouble))
def test_why_nothing_gets_home_is_told_in_the_language_of_the_screen(
    language: str, kind: NetworkTrouble
) -> None:
    said = failure_text(NetworkFailure(kind, ""))
    lines = report_lines(StatusReport("0.1", place="T", failure=said), translator(language))
    assert not any(said in line.detail for line in lines)
    assert any(translator(language)(said) in line.detail for line in lines)
