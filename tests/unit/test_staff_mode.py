"""Journeys of the staff through their pages, without a window, a disk or a network."""

import datetime as dt
from pathlib import Path
from typing import get_args

import pytest
from fakes import FakeClock, answer
from staff_stage import Staff

from config.settings import WEEKDAYS, Hours, Settings
from kiosk import staff_orders as orders
from kiosk.errors import IllegalEventError
from kiosk.i18n import translator
from kiosk.overlay import Overlay
from kiosk.pin import Right, Wrong
from kiosk.staff_facts import (
    Choice,
    Choices,
    Exported,
    Exporting,
    Finding,
    Findings,
    Joined,
    Kept,
    Light,
    Media,
    Medium,
    Membership,
    NotExported,
    NotJoined,
    NotUsed,
    PinJudged,
    PinKept,
    PinState,
    QuarantineEntry,
    QuarantineList,
    Report,
)
from kiosk.staff_views import ClosedView, PausedView
from kiosk.staff_words import report_lines
from sync.outcome import NetworkFailed, NetworkTrouble
from sync.words import words

IDLE_MS = 90_000
STICK = Media((Medium(Path("/media/STICK"), "STICK", 10**9, writable=True),))
CHOICES = Choices(
    (Choice("checkout", "Checkout"), Choice("mine.toml", "Mine")), "checkout", ("en", "fi"), "en"
)


@pytest.fixture
def staff() -> Staff:
    return Staff(FakeClock())


@pytest.fixture
def inside(staff: Staff) -> Staff:
    enter(staff)
    return staff


def enter(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    staff.tell(PinJudged(Right()))
    staff.asked.clear()


# --- getting in and out ---


def test_nothing_is_covered_until_somebody_holds_the_corner(staff: Staff) -> None:
    assert staff.seen is None
    staff.desk.held()
    assert "staff_pin" == staff.at()
    assert [orders.LookAtPin()] == staff.asked


def test_right_pin_opens_the_menu(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    assert orders.JudgePin("2580") == staff.asked[-1]
    assert "staff_pin" == staff.at()
    staff.tell(PinJudged(Right()))
    assert "staff_menu" == staff.at()


def test_pin_is_never_on_the_screen(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True))
    staff.press("digit:2", "digit:5")
    assert "••" == staff.page.typed


def test_no_key_counts_while_a_pin_is_being_judged(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("2580")
    staff.desk.pressed("done")
    staff.desk.pressed("digit:1")
    assert 1 == staff.asked.count(orders.JudgePin("2580"))


def test_lock_out_counts_down_and_ends(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True))
    staff.type_pin("9999")
    staff.tell(PinJudged(Wrong(30_000)))
    assert "Locked for 30 seconds" in staff.words()
    assert not staff.controls()["digit:1"].enabled
    staff.wait(29_000)
    assert "Locked for 1 seconds" in staff.words()
    staff.wait(1_000)
    staff.type_pin("2580")
    assert orders.JudgePin("2580") == staff.asked[-1]


def test_lock_out_from_before_is_met_at_the_door(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True, locked_ms=60_000))
    assert "Locked for 60 seconds" in staff.words()


def test_first_run_leads_nowhere_but_to_a_pin(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=False))
    assert "staff_choose_pin" == staff.at()
    assert "back" not in staff.controls()
    staff.type_pin("2580")
    staff.type_pin("2581")
    assert "The two were different" in staff.words()
    staff.type_pin("2580")
    staff.type_pin("2580")
    assert orders.KeepPin("2580") == staff.asked[-1]
    staff.tell(PinKept())
    assert "staff_menu" == staff.at()


@pytest.mark.parametrize(
    ("pin", "word"), [("123", "4 to 12"), ("1234", "Anyone"), ("7777", "Anyone")]
)
def test_unfit_pin_is_refused_at_once(staff: Staff, pin: str, word: str) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=False))
    staff.type_pin(pin)
    assert word in staff.words()
    assert not any(isinstance(work, orders.KeepPin) for work in staff.asked)


def test_pin_that_could_not_be_kept_is_said(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=False))
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.tell(PinKept("no space left"))
    assert "no space left" in staff.words()
    assert "staff_choose_pin" == staff.at()


def test_pin_file_that_can_not_be_read_lets_nobody_in(staff: Staff) -> None:
    staff.desk.held()
    staff.tell(PinState(is_set=True, problem="pin.json can't be used"))
    assert "hymio-kiosk set-pin" in staff.words()
    assert not any(staff.controls()[f"digit:{digit}"].enabled for digit in range(10))


@pytest.mark.parametrize(
    "page",
    ["status", "test", "questionnaire", "hours", "sound", "enrolment", "export", "pin", "leave"],
)
def test_every_page_leaves_by_itself_when_nobody_touches_it(inside: Staff, page: str) -> None:
    inside.press(f"open:{page}")
    inside.tell(Membership("https://h", None), Report("0.1"), STICK, CHOICES, Light(50))
    inside.wait(IDLE_MS - 1)
    assert inside.at() != "NoneType"
    inside.wait(10_000)
    assert inside.seen is None


def test_a_touch_starts_the_idle_time_anew(inside: Staff) -> None:
    inside.wait(IDLE_MS - 1)
    inside.press("open:hours")
    inside.wait(IDLE_MS - 1)
    assert "staff_hours" == inside.at()


def test_every_tile_opens_a_page_with_a_way_back(inside: Staff) -> None:
    for tile in [key.control for key in inside.page.tiles]:
        inside.press(tile)
        assert "staff_menu" != inside.at()
        inside.press("back")
        assert "staff_menu" == inside.at(), tile


def test_control_that_is_not_on_the_page_changes_nothing(inside: Staff) -> None:
    for control in ("restart", "use:checkout", "export:0", "open:door", "digit:1", ""):
        with pytest.raises(IllegalEventError):
            inside.desk.pressed(control)
    assert "staff_menu" == inside.at()


def test_facts_for_a_page_that_was_left_are_ignored(inside: Staff) -> None:
    inside.press("open:status", "leave")
    inside.tell(Report("0.1"), PinJudged(Right()), Joined("x"), Exporting(1, 2))
    assert inside.seen is None


# --- status ---


def test_status_speaks_in_words_with_signs_and_looks_again_by_itself(inside: Staff) -> None:
    inside.press("open:status")
    inside.tell(
        Report("0.1", place="Till", head_office="https://h", last_contact_ms=5_000, waiting=3,
               oldest_waiting_ms=2 * 86_400_000, clock_offset_ms=90_000, free_disk_bytes=10**12)
    )  # fmt: skip
    assert "good Last contact 5 seconds ago To Till at https://h" in inside.words()
    assert "bad Messages waiting to be sent: 3 The oldest for 48 hours" not in inside.words()
    assert "bad Messages waiting to be sent: 3 The oldest for 2 days" in inside.words()
    assert "warn The clock is 90 seconds slow" in inside.words()
    assert "good 1,000.0 GB free" in inside.words()
    inside.asked.clear()
    inside.wait(5_000)
    assert [orders.LookAtStatus()] == inside.asked


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (Report("0.1"), "warn Not enrolled"),
        (Report("0.1", place="T", paused="Enrol it again."), "bad The head office does not let"),
        (
            Report("0.1", place="T", failure="No DNS"),
            "bad No contact with the head office yet No DNS",
        ),
        (Report("0.1", free_disk_bytes=50_000_000), "bad 50 MB free"),
        (Report("0.1", free_disk_bytes=None), "bad The disk can't be looked at"),
        (Report("0.1", clock_offset_ms=-2 * 86_400_000), "bad The clock is 2 days fast"),
        (Report("0.1", quarantined=2), "warn Messages refused: 2"),
        (Report("0.1", trouble=("own.toml: wrong",)), "bad Something is wrong own.toml: wrong"),
        (Report("0.1", has_pin=False), "warn No PIN"),
    ],
)
def test_status_names_what_is_wrong(inside: Staff, report: Report, words: str) -> None:
    inside.press("open:status")
    inside.tell(report)
    assert words in inside.words()


def test_refused_answers_are_shown_with_the_reason_and_sent_again(inside: Staff) -> None:
    inside.press("open:status")
    inside.tell(Report("0.1", quarantined=2))
    inside.press("quarantine")
    entries = (
        QuarantineEntry(7, 21, "invalid", "$.value", 0, readable=True),
        QuarantineEntry(8, 22, "unreadable", "", 0, readable=False),
    )
    inside.tell(QuarantineList(entries, 2))
    assert "Message 21 It breaks the head office's rules\n$.value" in inside.words()
    assert "again:8" not in inside.controls()
    inside.press("again:7", "again_all")
    assert [orders.SendAgain((7,)), orders.SendAgain(())] == inside.asked[-2:]
    inside.tell(QuarantineList((), 0))
    assert "has refused nothing" in inside.words()


# --- test mode ---


def test_taps_of_test_mode_are_marked_until_it_ends_by_itself(inside: Staff) -> None:
    before = answer()
    assert not inside.desk.marked((before,))[0].test
    inside.press("open:test", "start")
    assert inside.seen is None
    assert "Test: taps are not counted" == inside.notes.test
    assert "test" == inside.desk.condition
    during = answer()
    assert inside.desk.marked((during,))[0].test
    inside.wait(600_000)
    assert "" == inside.notes.test
    assert "open" == inside.desk.condition
    # What began as a test stays one to its end.
    assert inside.desk.marked((during,))[0].test
    assert not inside.desk.marked((answer(),))[0].test


def test_staff_end_test_mode(inside: Staff) -> None:
    inside.press("open:test", "start")
    enter(inside)
    assert "" == inside.notes.test
    inside.press("open:test", "stop", "leave")
    assert "" == inside.notes.test
    assert "open" == inside.desk.condition


# --- questionnaire and language ---


def test_questionnaire_is_taken_only_after_it_was_checked(inside: Staff) -> None:
    inside.press("open:questionnaire")
    inside.tell(CHOICES)
    inside.press("use:mine.toml")
    assert orders.UseQuestionnaire(Overlay(questionnaire="mine.toml")) == inside.asked[-1]
    assert [] == inside.in_force
    inside.tell(Choices(CHOICES.questionnaires, "mine.toml", ("sv",), "sv"))
    assert "mine.toml" == inside.in_force[-1].questionnaire


def test_questionnaire_with_mistakes_shows_every_one_and_the_one_before_stays(
    inside: Staff,
) -> None:
    inside.press("open:questionnaire")
    inside.tell(CHOICES)
    inside.press("use:mine.toml")
    inside.tell(NotUsed("mine.toml", ("questions[0].text.fi: found nothing", "id: found 7")))
    assert "bad mine.toml It has mistakes. The questionnaire before stays." in inside.words()
    assert "questions[0].text.fi: found nothing" in inside.words()
    assert "id: found 7" in inside.words()
    assert [] == inside.in_force


def test_language_is_kept_and_in_force_at_once(inside: Staff) -> None:
    inside.press("open:questionnaire")
    inside.tell(CHOICES)
    inside.press("language:fi")
    assert orders.Keep(Overlay(language="fi")) == inside.asked[-1]
    assert "fi" == inside.in_force[-1].language
    assert inside.controls()["language:fi"].chosen


# --- hours and pause ---


def test_hours_of_a_day_move_by_half_an_hour(inside: Staff) -> None:
    inside.press("open:hours", "day:0", "hours:usual", "hours:opens_earlier", "hours:closes_later")
    assert ("08:30-21:30",) == inside.in_force[-1].hours.monday
    inside.press("hours:to_weekdays")
    assert ("08:30-21:30",) == inside.in_force[-1].hours.friday
    assert inside.in_force[-1].hours.sunday is None
    inside.press("hours:closed", "hours:to_all", "back")
    assert "staff_hours" == inside.at()
    assert all(() == getattr(inside.in_force[-1].hours, day) for day in WEEKDAYS)


def test_closing_time_goes_round_midnight_and_never_meets_the_opening(inside: Staff) -> None:
    inside.press("open:hours", "day:4", "hours:usual")
    for _ in range(6):
        inside.press("hours:closes_later")
    assert ("09:00-24:00",) == inside.in_force[-1].hours.friday
    for _ in range(18):
        inside.press("hours:closes_later")
    assert ("09:00-09:30",) == inside.in_force[-1].hours.friday
    inside.press("hours:closes_earlier")
    assert ("09:00-08:30",) == inside.in_force[-1].hours.friday


def test_closed_shop_is_dark_and_still_wakes_for_staff() -> None:
    closed = Settings(hours=Hours(**dict.fromkeys(WEEKDAYS, ())))
    staff = Staff(FakeClock(), closed)
    assert ClosedView() == staff.seen
    assert "closed" == staff.desk.condition
    staff.desk.held()
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
    staff.desk.tick()
    assert staff.seen is None
    staff.idle = True
    staff.wait(1_000)
    assert ClosedView() == staff.seen


def test_pause_says_back_soon_until_it_is_ended(inside: Staff) -> None:
    inside.press("open:hours", "pause")
    assert orders.Keep(Overlay(paused=True)) == inside.asked[-1]
    inside.press("leave")
    assert isinstance(inside.seen, PausedView)
    assert "paused" == inside.desk.condition
    enter(inside)
    inside.press("open:hours", "pause", "leave")
    assert inside.seen is None


def test_pause_survives_a_restart() -> None:
    assert isinstance(Staff(FakeClock(), overlay=Overlay(paused=True)).seen, PausedView)


def test_change_that_could_not_be_kept_is_said(inside: Staff) -> None:
    inside.press("open:hours", "pause")
    inside.tell(Kept("No space left on device"))
    assert "bad The last change could not be kept No space left on device" in inside.words()
    inside.tell(Kept())
    assert "could not be kept" not in inside.words()


# --- sound and brightness ---


def test_sound_and_brightness_change_step_by_step(inside: Staff) -> None:
    inside.press("open:sound")
    inside.tell(Light(70))
    inside.press("sounds", "louder", "darker")
    now = inside.in_force[-1]
    assert (True, 0.6, 60) == (now.sound.enabled, now.sound.volume, now.screen.brightness)
    for _ in range(9):
        inside.press("darker")
    assert 10 == inside.in_force[-1].screen.brightness


def test_panel_without_a_backlight_is_said_to_have_none(inside: Staff) -> None:
    inside.press("open:sound")
    inside.tell(Light(None))
    assert "can't be set from here" in inside.words()
    assert "darker" not in inside.controls()


# --- connection, enrolment ---


def test_connection_is_tried_at_once_and_shows_each_step(inside: Staff) -> None:
    inside.press("open:connection")
    assert [orders.TryConnection()] == inside.asked
    assert not inside.controls()["try"].enabled
    inside.tell(Findings((Finding("network", "good"),), done=False))
    inside.tell(Findings((Finding("network", "good"), Finding("name", "bad", "name")), done=True))
    assert "bad Name of the head office The name is not found." in inside.words()
    inside.press("try")
    assert 2 == inside.asked.count(orders.TryConnection())


def test_slow_connection_test_is_not_taken_for_nobody_there(inside: Staff) -> None:
    inside.press("open:connection")
    inside.wait(IDLE_MS * 3)
    assert "staff_connection" == inside.at()


def test_code_is_typed_and_the_kiosk_joins(inside: Staff) -> None:
    inside.press("open:enrolment")
    inside.tell(Membership("https://feedback.example.com", None))
    inside.press(*(f"key:{letter}" for letter in "FHKLX"), "delete", "key:2", "join")
    assert orders.Join("FHKL2", "https://feedback.example.com") == inside.asked[-1]
    inside.tell(NotJoined("This code has expired."))
    assert "bad Not enrolled This code has expired." in inside.words()
    inside.press("join")
    inside.tell(Joined("Hakaniemi, till 2"))
    assert "This kiosk now belongs to Hakaniemi, till 2" in inside.words()
    assert "" == inside.page.typed


def test_address_is_typed_where_none_is_known(inside: Staff) -> None:
    inside.press("open:enrolment")
    inside.tell(Membership("", None))
    inside.press("key:h", "key:q", "signs", "key:1", "type:code")
    inside.press(*(f"key:{letter}" for letter in "ABCD"), "join")
    assert orders.Join("ABCD", "https://hq1") == inside.asked[-1]


# --- export ---


def test_stick_is_found_when_it_is_put_in(inside: Staff) -> None:
    inside.press("open:export")
    inside.tell(Media(()))
    assert "Put a USB stick in" in inside.words()
    inside.asked.clear()
    inside.wait(2_000)
    assert [orders.LookForMedia()] == inside.asked
    inside.tell(STICK)
    inside.press("export:0")
    assert orders.Export(Path("/media/STICK")) == inside.asked[-1]


def test_export_shows_its_progress_and_never_leaves_in_the_middle(inside: Staff) -> None:
    inside.press("open:export")
    inside.tell(STICK)
    inside.press("export:0")
    inside.tell(Exporting(500, 1000))
    assert 0.5 == inside.page.progress
    inside.wait(IDLE_MS * 3)
    assert "staff_export" == inside.at()
    inside.tell(Exported(Path("/media/STICK/hymio-till"), 1000))
    assert "good Done. You can take the stick out Messages in hymio-till: 1,000" in inside.words()


def test_leaving_an_export_stops_it(inside: Staff) -> None:
    inside.press("open:export")
    inside.tell(STICK)
    inside.press("export:0", "back")
    assert orders.StopExport() == inside.asked[-1]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("full", "is full"),
        ("read_only", "only be read"),
        ("gone", "taken out"),
        ("stopped", "You stopped it"),
    ],
)
def test_export_that_failed_says_why_and_that_nothing_is_lost(
    inside: Staff, fault: str, words: str
) -> None:
    inside.press("open:export")
    inside.tell(STICK)
    inside.press("export:0")
    inside.tell(NotExported(fault))  # type: ignore[arg-type]
    assert words in inside.words()
    assert "No answer is lost" in inside.words()


def test_stick_that_can_only_be_read_can_not_be_chosen(inside: Staff) -> None:
    inside.press("open:export")
    inside.tell(Media((Medium(Path("/media/OLD"), "OLD", 1, writable=False),)))
    assert "export:0" not in inside.controls()


# --- restart, leave ---


def test_restart_and_end_are_asked_for(inside: Staff) -> None:
    inside.press("open:leave", "restart", "quit")
    assert ["restart", "quit"] == inside.ended


def test_pages_speak_the_language_of_the_shop(inside: Staff) -> None:
    inside.desk.speak("fi")
    inside.press("open:hours")
    assert "Maanantai" in inside.words()


@pytest.mark.parametrize("language", ["de", "fi", "hu", "it", "pl", "sv"])
@pytest.mark.parametrize("kind", get_args(NetworkTrouble))
def test_why_nothing_gets_home_is_told_in_the_language_of_the_screen(
    language: str, kind: NetworkTrouble
) -> None:
    said = words(NetworkFailed(kind, ""))
    lines = report_lines(Report("0.1", place="T", failure=said), translator(language))
    assert not any(said in line.detail for line in lines)
    assert any(translator(language)(said) in line.detail for line in lines)
