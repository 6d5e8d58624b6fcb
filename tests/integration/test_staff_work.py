"""Staff whose tasks are really done: PIN, questionnaires, settings, quarantine, joining."""

import queue
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from fakes import FakeClock, answer
from office import ServedOffice
from staff_stage import Staff

from config.loader import load_questionnaire
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import HeadOfficeSettings, Hours, Settings
from kiosk.cli import main
from kiosk.maintenance.backlight import Backlight
from kiosk.options import FAILED, OK, RunOptions
from kiosk.overrides import NAME, Overrides, OverridesStore, apply_overrides, load_overrides
from kiosk.staff.results import Result
from kiosk.staff.views import PausedView
from kiosk.staff.worker import StaffWorker, WorkerPorts
from kiosk.startup import LAST_GOOD, load_startup_config, save_last_good
from kiosk.troubles import TroubleBoard
from sync.clock import SystemClock
from sync.identity import load_identity
from sync.messages import Refusal
from sync.outbox.sqlite import SqliteOutbox

GOOD = """
id = "summer"
title = "Summer"
languages = ["en", "fi"]
[[questions]]
id = "rating"
kind = "smiley"
text = { en = "Warm enough?", fi = "Riittävän lämmintä?" }
"""


class Shop:
    """A kiosk's data folder and what belongs to it; ``come_in`` is a start of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.settings = Settings()
        self.outbox = SqliteOutbox.open(folder)
        self.light = folder / "backlight"
        self.board = TroubleBoard()
        self.hands = ThreadPoolExecutor(1)

    def start_store(self) -> OverridesStore:
        saved = load_overrides(self.folder)
        name = apply_overrides(self.settings, saved.overrides).questionnaire
        return OverridesStore(self.folder, self.settings, saved, load_questionnaire(name))

    def come_in(self) -> Staff:
        self.store = self.start_store()
        ports = WorkerPorts(
            store=self.store,
            folder=self.folder,
            config_folder=None,
            clock=self.clock,
            outbox=lambda: self.outbox,
            sync_status=lambda: None,
            save_last_good=lambda _definition: None,
            troubles=lambda: self.board.current,
            acknowledge_damage=lambda: self.board.report("outbox"),
            media_roots=(self.folder / "media",),
            backlight=Backlight(self.light),
        )
        stop = threading.Event()
        results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        worker = StaffWorker(ports, results.put, stop)
        staff = Staff(
            self.clock,
            store=self.store,
            run=lambda task: self.hands.submit(worker.do, task) and None,
        )
        staff.results = results
        return staff

    @property
    def asked(self) -> Questionnaire:
        return self.store.config.in_use.questionnaire

    @contextmanager
    def slow_worker(self) -> Iterator[None]:
        """Nothing is done in the background before this ends."""
        gate = threading.Event()
        self.hands.submit(gate.wait, 30)
        try:
            yield
        finally:
            gate.set()

    def wait_for_worker(self) -> None:
        """Until everything that was asked for is done; what comes of it is not told yet."""
        self.hands.submit(lambda: None).result(20)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "data")
    yield shop
    shop.hands.shutdown()
    shop.outbox.close()


def first_run(shop: Shop) -> Staff:
    staff = shop.come_in()
    staff.controller.corner_held()
    staff.until(lambda: staff.at() == "staff_choose_pin", "the choice of a PIN")
    for _ in range(2):
        staff.type_pin("2580")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")
    return staff


def at_the_door(shop: Shop) -> Staff:
    staff = shop.come_in()
    staff.controller.corner_held()
    staff.until(
        lambda: staff.controls()["digit:1"].enabled or "Too many" in staff.words(), "the door"
    )
    return staff


def test_pin_chosen_on_the_first_run_opens_the_next_time(shop: Shop) -> None:
    first_run(shop)
    staff = at_the_door(shop)
    staff.until(lambda: staff.controls()["digit:1"].enabled, "the keys")
    staff.type_pin("2580")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")


def test_wrong_pin_leads_to_a_lock_out_that_a_restart_does_not_end(shop: Shop) -> None:
    first_run(shop)
    staff = at_the_door(shop)
    for _ in range(3):
        staff.until(lambda: staff.controls()["digit:1"].enabled, "the keys")
        staff.type_pin("9999")
        staff.until(lambda: "One moment" not in staff.words(), "the verdict")
    assert "Locked for 30 s" in staff.words()
    staff.wait(10_000)
    again = at_the_door(shop)
    assert "Locked for 20 s" in again.words()
    assert not again.controls()["digit:2"].enabled
    again.wait(20_000)
    again.type_pin("2580")
    again.until(lambda: again.at() == "staff_menu", "the menu")


def test_pin_set_without_a_screen_ends_a_lock_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first_run(shop)
    (tmp_path / "kiosk.toml").write_text("")
    (tmp_path / "pin").write_text("864209\n")
    words = ["set-pin", "--data", str(shop.folder), "--config", str(tmp_path / "kiosk.toml")]
    with (tmp_path / "pin").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert OK == main(words)
    (tmp_path / "pin").write_text("1234\n")
    with (tmp_path / "pin").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert FAILED == main(words)
    staff = at_the_door(shop)
    staff.until(lambda: staff.controls()["digit:1"].enabled, "the keys")
    staff.type_pin("864209")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")


def test_what_staff_change_is_kept_beside_the_settings_and_survives(shop: Shop) -> None:
    staff = first_run(shop)
    staff.press(
        "open_page:hours", "open_pause", "pause_for:60", "open_day:0", "change_hours:usual", "leave"
    )
    staff.until(lambda: load_overrides(shop.folder).overrides.hours is not None, "the overrides")
    assert 0o600 == stat.S_IMODE((shop.folder / NAME).stat().st_mode)
    again = shop.come_in()
    assert isinstance(again.seen, PausedView)
    assert ("09:00-21:00",) == again.store.config.settings.hours.monday


def test_overlay_that_is_damaged_leaves_the_settings_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b'{"paused": "yes"}')
    saved = load_overrides(tmp_path)
    assert Overrides() == saved.overrides
    assert NAME in saved.trouble[0]
    bad_hours = Overrides(paused=True, hours=Hours(monday=("09:00-09:00",)))
    (tmp_path / NAME).write_bytes(msgspec.json.encode(bad_hours))
    saved = load_overrides(tmp_path)
    assert (True, None) == (saved.overrides.paused, saved.overrides.hours)
    assert "hours.monday" in saved.trouble[0]


def test_questionnaire_of_the_folder_is_checked_and_used(shop: Shop) -> None:
    file = shop.folder / "questionnaires" / "summer.toml"
    file.parent.mkdir()
    file.write_text(GOOD.replace('fi = "R', 'sv = "R'))
    staff = first_run(shop)
    staff.press("open_page:questionnaire")
    staff.until(lambda: f"choose_questionnaire:{file}" in staff.controls(), "the questionnaires")
    staff.press(f"choose_questionnaire:{file}")
    staff.until(lambda: "It has mistakes" in staff.words(), "the mistakes")
    assert "questions[0].text.fi" in staff.words()
    assert "questions[0].text.sv" in staff.words()
    assert "checkout" == shop.asked.id
    assert Overrides() == load_overrides(shop.folder).overrides
    file.write_text(GOOD)
    staff.press(f"choose_questionnaire:{file}")
    staff.until(lambda: f"choose_questionnaire:{file}" not in staff.controls(), "summer")
    definition = canonical(shop.asked)
    assert definition == shop.outbox.questionnaire(digest(definition))
    assert str(file) == load_overrides(shop.folder).overrides.questionnaire
    staff.press("choose_language:fi")
    staff.until(lambda: load_overrides(shop.folder).overrides.language == "fi", "the language")


# --- another questionnaire, and something else before its check has answered ---

DEMONSTRATION = "choose_questionnaire:demonstration"


def at_the_questionnaires(shop: Shop) -> Staff:
    staff = first_run(shop)
    staff.press("open_page:questionnaire")
    staff.until(lambda: DEMONSTRATION in staff.controls(), "the questionnaires")
    return staff


def go_back(staff: Staff) -> None:
    staff.press("back")


def leave(staff: Staff) -> None:
    staff.press("leave")


def time_out(staff: Staff) -> None:
    staff.wait(100_000)
    assert staff.seen is None


def come_to_the_pin_again(staff: Staff) -> None:
    staff.press("leave")
    staff.controller.corner_held()


def pause(staff: Staff) -> None:
    staff.press("back", "open_page:hours", "open_pause", "pause_for:60")


def assert_in_use(shop: Shop, staff: Staff, name: str) -> None:
    """The disk, the heartbeat, the session and a restart name the same questionnaire."""
    saved = load_overrides(shop.folder).overrides.questionnaire
    assert name == (saved or Settings().questionnaire)
    heartbeat = staff.store.config.in_use.digest
    assert digest(canonical(load_questionnaire(name))) == heartbeat
    assert heartbeat == staff.shopper.session.rules.digest
    assert name == shop.start_store().config.in_use.questionnaire.id


def settle(shop: Shop, staff: Staff) -> None:
    """Everything that was asked for is done and told."""
    shop.wait_for_worker()
    staff.until(lambda: True, "everything told")


@pytest.mark.parametrize("depart", [go_back, leave, time_out, come_to_the_pin_again, pause])
def test_choice_stands_once_it_was_checked_wherever_staff_went(
    shop: Shop, depart: Callable[[Staff], None]
) -> None:
    staff = at_the_questionnaires(shop)
    with shop.slow_worker():
        staff.press(DEMONSTRATION)
        depart(staff)
        assert_in_use(shop, staff, "checkout")
    settle(shop, staff)
    assert (depart is pause) == load_overrides(shop.folder).overrides.paused
    assert_in_use(shop, staff, "demonstration")


def test_later_changes_do_not_forget_the_choice(shop: Shop) -> None:
    staff = at_the_questionnaires(shop)
    with shop.slow_worker():
        staff.press(DEMONSTRATION, "back")
    shop.wait_for_worker()
    # What came of it has not been told to the screen yet.
    staff.press("open_page:hours", "open_pause", "pause_for:60")
    settle(shop, staff)
    assert load_overrides(shop.folder).overrides.paused
    assert_in_use(shop, staff, "demonstration")


def test_choice_that_fails_its_check_changes_nothing_wherever_staff_went(shop: Shop) -> None:
    file = shop.folder / "questionnaires" / "summer.toml"
    file.parent.mkdir()
    file.write_text("questions = 7")
    staff = at_the_questionnaires(shop)
    with shop.slow_worker():
        staff.press(
            f"choose_questionnaire:{file}", "back", "open_page:hours", "open_pause", "pause_for:60"
        )
    settle(shop, staff)
    assert load_overrides(shop.folder).overrides.paused
    assert_in_use(shop, staff, "checkout")


def test_restart_before_the_check_keeps_the_old_and_after_it_has_the_new(shop: Shop) -> None:
    staff = at_the_questionnaires(shop)
    with shop.slow_worker():
        staff.press(DEMONSTRATION)
        assert "checkout" == shop.start_store().config.in_use.questionnaire.id
    shop.wait_for_worker()
    # Nothing was told to the old screen, and it is gone.
    assert "demonstration" == shop.start_store().config.in_use.questionnaire.id


def test_second_choice_made_while_the_first_is_checked_is_the_last_word(shop: Shop) -> None:
    staff = at_the_questionnaires(shop)
    with shop.slow_worker():
        staff.press(DEMONSTRATION)
        assert not staff.controls()[DEMONSTRATION].enabled
        staff.press("back", "open_page:questionnaire")
        assert DEMONSTRATION not in staff.controls()
    staff.until(lambda: "choose_questionnaire:checkout" in staff.controls(), "both to choose from")
    staff.press("choose_questionnaire:checkout")
    settle(shop, staff)
    assert staff.controls()[DEMONSTRATION].enabled
    assert_in_use(shop, staff, "checkout")


def test_disk_that_fails_at_that_moment_changes_nothing_and_says_so(shop: Shop) -> None:
    staff = at_the_questionnaires(shop)
    obstacle = shop.folder / f"{NAME}.new"
    obstacle.mkdir()
    staff.press(DEMONSTRATION)
    settle(shop, staff)
    assert "The questionnaire before stays" in staff.words()
    assert_in_use(shop, staff, "checkout")
    obstacle.rmdir()
    staff.press(DEMONSTRATION)
    settle(shop, staff)
    assert DEMONSTRATION not in staff.controls()
    assert_in_use(shop, staff, "demonstration")


def test_change_that_could_not_be_saved_stays_in_force_and_goes_with_the_next(shop: Shop) -> None:
    staff = at_the_questionnaires(shop)
    obstacle = shop.folder / f"{NAME}.new"
    obstacle.mkdir()
    staff.press("back", "open_page:hours", "open_pause", "pause_for:60")
    settle(shop, staff)
    assert "could not be saved" in staff.words()
    assert "paused" == staff.controller.condition
    assert not load_overrides(shop.folder).overrides.paused
    obstacle.rmdir()
    staff.press("back", "open_page:questionnaire")
    settle(shop, staff)
    assert "could not be saved" in staff.words()
    staff.press(DEMONSTRATION)
    settle(shop, staff)
    assert "could not be saved" not in staff.words()
    assert load_overrides(shop.folder).overrides.paused
    assert_in_use(shop, staff, "demonstration")


def test_last_good_questionnaire_is_asked_when_the_chosen_one_breaks(tmp_path: Path) -> None:
    config, data = tmp_path / "kiosk.toml", tmp_path / "data"
    (tmp_path / "own.toml").write_text(GOOD)
    config.write_text('questionnaire = "own.toml"\n')
    before = load_startup_config(RunOptions(config=config, data=data))
    save_last_good(data, canonical(before.questionnaire))
    assert (data / LAST_GOOD).exists()
    (tmp_path / "own.toml").write_text("questions = 7\n")
    after = load_startup_config(RunOptions(config=config, data=data))
    assert before.questionnaire == after.questionnaire
    assert ["questionnaire"] == [each.kind for each in after.troubles]
    assert "own.toml" in after.troubles[0].detail


def test_refused_answer_is_sent_again_from_the_screen(shop: Shop) -> None:
    shop.outbox.append([answer(), answer()], shop.clock.moment())
    here = shop.outbox.position().installation
    shop.outbox.settle(here, 2, [Refusal(1, "invalid", "$.value: too high")], shop.clock.wall_ms)
    staff = first_run(shop)
    staff.press("open_page:status")
    staff.until(lambda: "show_quarantine" in staff.controls(), "the status")
    staff.press("show_quarantine")
    staff.until(lambda: "$.value: too high" in staff.words(), "the reason")
    staff.press("resend_all")
    staff.until(lambda: "has refused nothing" in staff.words(), "an empty quarantine")
    assert (1, 0) == (shop.outbox.counts().waiting, shop.outbox.counts().in_quarantine)


def test_brightness_is_set_where_there_is_a_backlight(shop: Shop) -> None:
    panel = shop.light / "panel"
    panel.mkdir(parents=True)
    (panel / "max_brightness").write_text("200\n")
    (panel / "brightness").write_text("140\n")
    staff = first_run(shop)
    staff.press("open_page:sound")
    staff.until(lambda: "70 %" in staff.words(), "the brightness")
    staff.press("lower_setting:brightness")
    staff.until(lambda: (panel / "brightness").read_text() == "120", "a darker panel")
    (panel / "max_brightness").unlink()
    staff.press("back", "open_page:sound")
    staff.until(lambda: "can't be set from here" in staff.words(), "honesty")


@pytest.mark.e2e
def test_connection_and_joining_with_a_real_head_office(shop: Shop, served: ServedOffice) -> None:
    shop.clock = SystemClock()  # type: ignore[assignment]
    shop.settings = Settings(head_office=HeadOfficeSettings(url=served.url))
    staff = shop.come_in()
    staff.controller.corner_held()
    staff.until(lambda: staff.at() == "staff_choose_pin", "the choice of a PIN")
    for _ in range(2):
        staff.type_pin("2580")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")
    staff.press("open_page:connection")
    staff.until(lambda: "not enrolled yet" in staff.words(), "what fails")
    assert "good Answer of the head office" in staff.words()
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    staff.press("back", "open_page:enrolment")
    staff.until(lambda: staff.controls()["type_sign:A"].enabled, "the keys")
    staff.press(*(f"type_sign:{letter}" for letter in "AAAAAAAA"), "enrol_kiosk")
    staff.until(lambda: "doesn't know this code" in staff.words(), "a refusal")
    staff.press(
        *["delete"] * 8, *(f"type_sign:{letter}" for letter in code.replace("-", "")), "enrol_kiosk"
    )
    staff.until(lambda: "Location: Till" in staff.words(), "the place")
    identity = load_identity(shop.folder)
    assert identity is not None
    staff.press("back", "open_page:connection")
    staff.until(lambda: staff.controls()["repeat_test"].enabled, "the end of the test", seconds=40)
    assert "good This kiosk's credential" in staff.words()
    assert "good Clock" in staff.words()
    served.run("revoke", identity.kiosk)
    staff.press("repeat_test")
    staff.until(lambda: "does not know this kiosk any more" in staff.words(), "the refusal")
