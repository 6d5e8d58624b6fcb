"""Staff at a desk whose work is really done: PIN, questionnaires, settings, quarantine, joining."""

import queue
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from fakes import FakeClock, answer
from office import ServedOffice
from staff_stage import Staff

from config.loader import load_questionnaire
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import HeadOffice, Hours, Settings
from kiosk import overlay as overlays
from kiosk.backlight import Backlight
from kiosk.cli import FAILED, OK, RunOptions, main
from kiosk.overlay import Overlay, load_overlay
from kiosk.plan import LAST_GOOD, keep_last_good, plan
from kiosk.staff_facts import Fact
from kiosk.staff_views import PausedView
from kiosk.staff_work import StaffWork, Workplace
from sync.clock import SystemClock
from sync.identity import load_identity
from sync.messages import Refusal
from sync.sqlite import SqliteOutbox

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
        self.asked: Questionnaire = load_questionnaire("checkout")
        self.outbox = SqliteOutbox.open(folder)
        self.light = folder / "backlight"
        self.hands = ThreadPoolExecutor(1)

    def come_in(self) -> Staff:
        overlay, _wrong = load_overlay(self.folder)
        place = Workplace(
            file=self.settings,
            folder=self.folder,
            config_folder=None,
            clock=self.clock,
            outbox=lambda: self.outbox,
            sync_status=lambda: None,
            asked=lambda: self.asked,
            use=self._use,
            trouble=lambda: (),
            media_roots=(self.folder / "media",),
            backlight=Backlight(self.light),
        )
        stop = threading.Event()
        facts: queue.SimpleQueue[Fact] = queue.SimpleQueue()
        worker = StaffWork(place, overlay, facts.put, stop)
        staff = Staff(
            self.clock,
            self.settings,
            overlay,
            work=lambda work: self.hands.submit(worker.do, work) and None,
        )
        staff.facts = facts
        return staff

    def _use(self, questionnaire: Questionnaire) -> None:
        self.asked = questionnaire


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path / "data")
    yield shop
    shop.hands.shutdown()
    shop.outbox.close()


def first_run(shop: Shop) -> Staff:
    staff = shop.come_in()
    staff.desk.held()
    staff.until(lambda: staff.at() == "staff_choose_pin", "the choice of a PIN")
    for _ in range(2):
        staff.type_pin("2580")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")
    return staff


def at_the_door(shop: Shop) -> Staff:
    staff = shop.come_in()
    staff.desk.held()
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
    assert "Locked for 30 seconds" in staff.words()
    staff.wait(10_000)
    again = at_the_door(shop)
    assert "Locked for 20 seconds" in again.words()
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
    staff.press("open:hours", "pause", "day:0", "hours:usual", "leave")
    staff.until(lambda: load_overlay(shop.folder)[0].hours is not None, "the overlay")
    assert 0o600 == stat.S_IMODE((shop.folder / overlays.NAME).stat().st_mode)
    again = shop.come_in()
    assert isinstance(again.seen, PausedView)
    assert ("09:00-21:00",) == again.desk.settings.hours.monday


def test_overlay_that_is_damaged_leaves_the_settings_alone(tmp_path: Path) -> None:
    (tmp_path / overlays.NAME).write_bytes(b'{"paused": "yes"}')
    overlay, wrong = load_overlay(tmp_path)
    assert Overlay() == overlay
    assert overlays.NAME in wrong
    bad_hours = Overlay(paused=True, hours=Hours(monday=("09:00-09:00",)))
    (tmp_path / overlays.NAME).write_bytes(msgspec.json.encode(bad_hours))
    overlay, wrong = load_overlay(tmp_path)
    assert (True, None) == (overlay.paused, overlay.hours)
    assert "hours.monday" in wrong


def test_questionnaire_of_the_folder_is_checked_and_used(shop: Shop) -> None:
    file = shop.folder / "questionnaires" / "summer.toml"
    file.parent.mkdir()
    file.write_text(GOOD.replace('fi = "R', 'sv = "R'))
    staff = first_run(shop)
    staff.press("open:questionnaire")
    staff.until(lambda: f"use:{file}" in staff.controls(), "the questionnaires")
    staff.press(f"use:{file}")
    staff.until(lambda: "It has mistakes" in staff.words(), "the mistakes")
    assert "questions[0].text.fi" in staff.words()
    assert "questions[0].text.sv" in staff.words()
    assert "checkout" == shop.asked.id
    assert Overlay() == load_overlay(shop.folder)[0]
    file.write_text(GOOD)
    staff.press(f"use:{file}")
    staff.until(lambda: f"use:{file}" not in staff.controls(), "summer")
    definition = canonical(shop.asked)
    assert definition == shop.outbox.questionnaire(digest(definition))
    assert str(file) == load_overlay(shop.folder)[0].questionnaire
    staff.press("language:fi")
    staff.until(lambda: load_overlay(shop.folder)[0].language == "fi", "the language")


def test_last_good_questionnaire_is_asked_when_the_chosen_one_breaks(tmp_path: Path) -> None:
    config, data = tmp_path / "kiosk.toml", tmp_path / "data"
    (tmp_path / "own.toml").write_text(GOOD)
    config.write_text('questionnaire = "own.toml"\n')
    before = plan(RunOptions(config=config, data=data))
    keep_last_good(data, before.definition)
    assert (data / LAST_GOOD).exists()
    (tmp_path / "own.toml").write_text("questions = 7\n")
    after = plan(RunOptions(config=config, data=data))
    assert before.questionnaire == after.questionnaire
    assert "own.toml" in after.trouble[0]


def test_refused_answer_is_sent_again_from_the_screen(shop: Shop) -> None:
    shop.outbox.append([answer(), answer()], shop.clock.moment())
    here = shop.outbox.position().installation
    shop.outbox.settle(here, 2, [Refusal(1, "invalid", "$.value: too high")], shop.clock.wall_ms)
    staff = first_run(shop)
    staff.press("open:status")
    staff.until(lambda: "quarantine" in staff.controls(), "the status")
    staff.press("quarantine")
    staff.until(lambda: "$.value: too high" in staff.words(), "the reason")
    staff.press("again_all")
    staff.until(lambda: "has refused nothing" in staff.words(), "an empty quarantine")
    assert (1, 0) == (shop.outbox.counts().waiting, shop.outbox.counts().quarantined)


def test_brightness_is_set_where_there_is_a_backlight(shop: Shop) -> None:
    panel = shop.light / "panel"
    panel.mkdir(parents=True)
    (panel / "max_brightness").write_text("200\n")
    (panel / "brightness").write_text("140\n")
    staff = first_run(shop)
    staff.press("open:sound")
    staff.until(lambda: "70 %" in staff.words(), "the brightness")
    staff.press("darker")
    staff.until(lambda: (panel / "brightness").read_text() == "120", "a darker panel")
    (panel / "max_brightness").unlink()
    staff.press("back", "open:sound")
    staff.until(lambda: "can't be set from here" in staff.words(), "honesty")


@pytest.mark.e2e
def test_connection_and_joining_with_a_real_head_office(shop: Shop, served: ServedOffice) -> None:
    shop.clock = SystemClock()  # type: ignore[assignment]
    shop.settings = Settings(head_office=HeadOffice(url=served.url))
    staff = shop.come_in()
    staff.desk.held()
    staff.until(lambda: staff.at() == "staff_choose_pin", "the choice of a PIN")
    for _ in range(2):
        staff.type_pin("2580")
    staff.until(lambda: staff.at() == "staff_menu", "the menu")
    staff.press("open:connection")
    staff.until(lambda: "not enrolled yet" in staff.words(), "what fails")
    assert "good Answer of the head office" in staff.words()
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    staff.press("back", "open:enrolment")
    staff.until(lambda: staff.controls()["key:A"].enabled, "the keys")
    staff.press(*(f"key:{letter}" for letter in "AAAA"), "join")
    staff.until(lambda: "doesn't know this code" in staff.words(), "a refusal")
    staff.press(*["delete"] * 4, *(f"key:{letter}" for letter in code.replace("-", "")), "join")
    staff.until(lambda: "now belongs to Till" in staff.words(), "the place")
    identity = load_identity(shop.folder)
    assert identity is not None
    staff.press("back", "open:connection")
    staff.until(lambda: staff.controls()["try"].enabled, "the end of the test", seconds=40)
    assert "good This kiosk's credential" in staff.words()
    assert "good Clock" in staff.words()
    served.run("revoke", identity.kiosk)
    staff.press("try")
    staff.until(lambda: "does not know this kiosk any more" in staff.words(), "the refusal")
