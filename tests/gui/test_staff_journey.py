"""Staff at a real kiosk with a real mouse: in by the hidden corner and through the pages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journey import Finger, HeadOffice, Kiosk
from processes import wait_until

from config.settings import WEEKDAYS
from kiosk.options import STAFF_ENDED
from kiosk.overrides import load_overrides
from sync.outbox.sqlite import SqliteOutbox

pytestmark = [pytest.mark.gui, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
PATIENCE_S = 40
Come = Callable[[], "Keyholder"]


class Keyholder:
    """Somebody who knows the corner and the PIN."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.trace = kiosk.trace
        self.finger = Finger(kiosk)

    def screen(self) -> str:
        return str(self.trace.all("shown")[-1]["screen"])

    def sees(self, screen: str) -> None:
        wait_until(
            lambda: self.screen() == screen, screen, seconds=PATIENCE_S, watched=(self.kiosk,)
        )

    def hold(self, expected: str) -> None:
        self.finger._order(f"mousemove --window {self.finger.window} 8 8")
        self.finger._order("mousedown 1")
        self.sees(expected)
        self.finger._order("mouseup 1")

    def press(self, *controls: str) -> None:
        for control in controls:
            wait_until(
                lambda control=control: control in self.trace.all("shown")[-1]["targets"],
                control, seconds=PATIENCE_S, watched=(self.kiosk,),
            )  # fmt: skip
            mark = self.trace.mark()
            self.finger.point_at(control)
            self.finger.tap()
            self.trace.wait("touched", since=mark, seconds=PATIENCE_S)

    def type_pin(self, pin: str) -> None:
        self.press(*(f"digit:{digit}" for digit in pin), "confirm")

    def enter(self) -> None:
        self.hold("staff_pin")
        self.type_pin("2580")
        self.sees("staff_menu")


SETTINGS = "[staff]\nhold = 1.0\n[way]\nfollow_up = false\ninvite = false\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    with HeadOffice(tmp_path).start() as office:
        yield office


@pytest.fixture
def kiosk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kiosk]:
    settings = SETTINGS
    if "office" in request.fixturenames:
        settings += f'[head_office]\nurl = "{request.getfixturevalue("office").url}"\n'
    kiosk = Kiosk(tmp_path, os.environ["DISPLAY"], settings=settings, size="800x480")
    kiosk.start()
    yield kiosk
    kiosk.kill()


@pytest.fixture
def come(kiosk: Kiosk) -> Iterator[Callable[[], Keyholder]]:
    came: list[Keyholder] = []

    def one() -> Keyholder:
        came.append(Keyholder(kiosk))
        return came[-1]

    yield one
    for staff in came:
        staff.finger.lift()


def test_first_run_then_another_questionnaire_a_test_and_a_restart(
    kiosk: Kiosk, come: Come
) -> None:
    staff = come()
    staff.hold("staff_choose_pin")
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.press("open_menu")
    staff.press("open_page:questionnaire", "choose_questionnaire:demonstration")
    wait_until(
        lambda: "choose_questionnaire:checkout" in kiosk.trace.all("shown")[-1]["targets"],
        "the other questionnaire to be in use", seconds=PATIENCE_S, watched=(kiosk,),
    )  # fmt: skip
    staff.press("choose_language:fi", "leave")
    staff.enter()
    mark = kiosk.trace.mark()
    staff.press("open_page:test", "start_test")
    shown = kiosk.trace.all("shown", screen="rating")[-1]["targets"]
    staff.finger.point_at("face-2", shown)
    staff.finger.tap()
    assert 2 == kiosk.trace.wait("stored", since=mark, seconds=PATIENCE_S)["value"]
    staff.enter()
    process, mark = kiosk.pid, kiosk.trace.mark()
    staff.press("open_page:leave", "restart_program")
    kiosk.trace.wait("first_frame", since=mark, seconds=PATIENCE_S)
    assert process == kiosk.pid
    assert kiosk.is_running()
    assert 0 == kiosk.stop()
    with SqliteOutbox.look(kiosk.data) as outbox:
        bodies = [message.body for message in outbox.next_batch(10, 1_000_000)]
    assert bodies
    assert all(body.test and body.language == "fi" for body in bodies)
    assert kiosk.status()["has_pin"]


def test_every_other_page_does_its_work(office: HeadOffice, kiosk: Kiosk, come: Come) -> None:
    staff, trace = come(), kiosk.trace
    staff.hold("staff_choose_pin")
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.press("open_menu")
    staff.sees("staff_menu")
    staff.press("open_page:status")
    staff.sees("staff_status")
    staff.press("back", "open_page:sound", "flip_switch:sounds", "raise_setting:volume", "back")
    staff.press(
        "open_page:hours",
        "open_day:0",
        "change_hours:close",
        "change_hours:all_day",
        "change_hours:to_all",
        "back",
    )
    staff.sees("staff_hours")
    staff.press("open_pause", "pause_for:60", "leave")
    staff.sees("paused")
    staff.enter()
    staff.press("open_page:hours", "end_pause", "back", "open_page:connection")
    staff.sees("staff_connection")
    staff.press("back", "open_page:export")
    staff.sees("staff_export")
    staff.press("back", "open_page:choose_pin")
    staff.type_pin("1357")
    staff.type_pin("1357")
    code = office.enrolment_code("Till 1").replace("-", "")
    staff.press("open_page:enrolment", *(f"type_sign:{sign}" for sign in code), "enrol_kiosk")
    wait_until(
        lambda: kiosk.status()["enrolled"], "the kiosk to be enrolled",
        seconds=PATIENCE_S, watched=(kiosk, office),
    )  # fmt: skip
    # What is touched while the page changes may be touched on neither.
    wait_until(
        lambda: "cancel_enrolment" not in trace.all("shown")[-1]["targets"], "the end of it",
        seconds=PATIENCE_S, watched=(kiosk, office),
    )  # fmt: skip
    staff.press("back", "open_page:leave", "end_program")
    assert kiosk.process is not None
    assert STAFF_ENDED == kiosk.process.wait(PATIENCE_S)
    changed = load_overrides(kiosk.data).overrides
    assert changed.sounds is True
    assert not changed.paused
    assert changed.hours is not None
    assert [None] * 7 == [getattr(changed.hours, day) for day in WEEKDAYS]
    assert trace.all("shown", screen="paused")


def test_wrong_pin_locks_and_a_restart_of_the_program_unlocks_nothing(
    kiosk: Kiosk, come: Come
) -> None:
    staff = come()
    staff.hold("staff_choose_pin")
    staff.type_pin("2580")
    staff.type_pin("2580")
    staff.press("open_menu")
    staff.sees("staff_menu")
    staff.press("leave")
    staff.hold("staff_pin")
    for _ in range(3):
        mark = kiosk.trace.mark()
        staff.type_pin("9999")
        wait_until(
            # One page for each digit, one while it is judged, one with the verdict.
            lambda mark=mark: len(kiosk.trace.all("shown", since=mark)) >= 6,
            "the verdict", seconds=PATIENCE_S, watched=(kiosk,),
        )  # fmt: skip
    wait_until(
        lambda: "digit:1" not in kiosk.trace.all("shown")[-1]["targets"],
        "the lock-out", seconds=PATIENCE_S, watched=(kiosk,),
    )  # fmt: skip
    kiosk.kill()
    kiosk.start()
    again = come()
    again.hold("staff_pin")
    with pytest.raises(Exception, match="digit:2"):
        wait_until(
            lambda: "digit:2" in kiosk.trace.all("shown")[-1]["targets"], "digit:2", seconds=4
        )
