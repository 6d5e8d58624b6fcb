"""Journeys through the real window: fingers, keys and time on every kind of question."""

import gc
import itertools
import os
import random
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from config.settings import QuestionRoute, Timing
from config.values import ChoiceValue, ContactDetails
from kiosk.session.state import Asking, Finishing, Idle, Inviting, Thanking
from kiosk.session.views import QuestionView
from kiosk.ui.theme import FACE_MM, GAP_MM, KEY_GAP_MM, KEY_MM, TARGET_MM
from sync.messages import AnswerBody, EndBody, SkipBody
from sync.outbox.sqlite import SqliteOutbox

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("unpainted")]

Open = Callable[..., Any]
WHOLE_WAY = QuestionRoute()
PATIENT = Timing(thanks=60, invitation=60, question=60, still_there=10)
SMALL = ((800, 480), 154.0)
MONKEY_EVENTS = int(os.environ.get("HYMIO_MONKEY_EVENTS", "10000"))
SIZES = [
    pytest.param(*SMALL, id="7 inch"),
    pytest.param((1080, 1920), 340.0, id="upright"),
]
TAB, ENTER, ESCAPE, SPACE, ERASE, DOWN, RIGHT = 9, 13, 27, 32, 8, 274, 275


@pytest.fixture
def window(open_window: Open) -> Any:
    return open_window("demonstration", *SMALL, timing=PATIENT, way=WHOLE_WAY)


def rate(window: Any, face: int) -> None:
    window.settle()
    window.tap(f"face-{face}")
    window.commit_all()
    window.settle()


def take(window: Any, *targets: str) -> None:
    for target in targets:
        window.tap(target)
    window.commit_all()
    window.settle()


def go_to(window: Any, question: str) -> None:
    """Happy, invited, everything before it skipped."""
    rate(window, 2)
    take(window, "skip")
    take(window, "accept")
    while window.session.state.phase.question != question:
        window.session.skip(window.session.state.phase.question)
        window.commit_all()
        window.settle()


def key(window: Any, code: int, *modifiers: str) -> None:
    window.kivy.dispatch("on_key_down", code, 0, "", list(modifiers))
    window.frames(1)


def write(window: Any, text: str) -> None:
    for letter in text:
        window.kivy.dispatch("on_key_down", ord(letter.lower()), 0, letter, [])
        window.kivy.dispatch("on_textinput", letter)


def given(window: Any) -> dict[str, object]:
    return {answer.question: answer.value for answer in window.answers()}


def bodies(window: Any) -> list[Any]:
    return [body for _ticket, job, _moment in window.submitted for body in job]


def test_sad_shopper_sends_a_reason_with_one_touch_below_the_thanks(window: Any) -> None:
    window.tap("face-0")
    window.frames(2)
    assert "thanks" not in window.shown()
    window.commit_all()
    assert "thanks" == window.shown()[-1]
    window.settle()
    take(window, "option-prices")
    assert ChoiceValue(("prices",)) == given(window)["better"]
    assert isinstance(window.session.state.phase, Inviting)
    assert "face-2" in window.screen.targets()
    take(window, "decline")
    assert "rating" == window.shown()[-1]


def test_next_shopper_finds_nothing_of_what_the_one_before_gave(window: Any) -> None:
    rate(window, 0)
    shown = window.screen._area
    take(window, "option-other", "key-X", "key-next")
    take(window, "decline")
    rate(window, 0)
    assert shown is window.screen._area  # kept, because building it takes long
    options = window.screen._area.targets()
    assert not any(option.is_selected for option in options.values())
    assert "Something else" == options["option-other"].text
    take(window, "option-other")
    assert "" == window.target("entry").text


def test_nothing_that_was_written_is_kept(window: Any) -> None:
    go_to(window, "contact")
    first = window.screen._area
    take(window, "entry-phone", "key-symbols", "key-1", "key-next", "consent", "done")
    window.pass_time(61)
    go_to(window, "contact")
    assert first is not window.screen._area
    assert "" == window.target("entry-phone").text


def test_question_is_there_before_the_shopper_comes(window: Any) -> None:
    window.app.stage._make_more_screens()
    cache = window.app.stage._screens[QuestionView]._areas
    window.until(lambda: len(cache.areas) == 2, "both follow-ups to be built")
    ready = cache.areas
    rate(window, 0)
    assert window.screen._area in ready


def test_second_tap_of_a_quick_finger_touches_nothing_below_the_thanks(window: Any) -> None:
    window.clock.stop()
    window.tap("face-0")
    window.commit_all()
    window.pass_moment()
    for target in ("option-queue", "option-prices", "face-2", "skip"):
        window.tap(target)
    window.frames(2)
    assert isinstance(window.session.state.phase, Asking)
    assert window.session.state.phase.draft is None
    assert {"rating": 0} == given(window)


def test_whole_demonstration_by_touch(window: Any) -> None:
    rate(window, 2)
    take(window, "option-quality")
    take(window, "accept")
    take(window, "no")
    take(window, "key-M", "key-i", "key-l", "key-x", "key-backspace", "key-k", "key-next")
    take(window, "number-4")
    take(window, "back")
    take(window, "number-5")
    take(window, "number-7")
    take(window, "number-1")
    window.tap("option-other")
    take(window, "key-C", "key-space", "key-symbols", "key-5", "key-next")
    take(window, "skip")
    take(window, "face-4")
    take(window, "face-3")
    take(window, "number-10")
    take(window, "key-hide")
    take(window, "skip")
    take(window, "entry-phone", "key-symbols", "key-1", "key-2", "key-next")
    take(window, "consent", "done")
    assert isinstance(window.session.state.phase, Thanking)
    assert {
        "rating": 2, "liked": ChoiceValue(("quality",)), "found": False, "missing": "Milk",
        "staff": 5, "range": 7, "effort": 1, "checkout": ChoiceValue((), "C 5"), "atmosphere": 4,
        "music": 3, "recommend": 10, "contact": ContactDetails(consent=True, phone="12"),
    } == given(window)  # fmt: skip
    assert [4, 5] == [a.value for a in window.answers() if a.question == "staff"]
    assert ["crowded", "comment"] == [b.question for b in bodies(window) if isinstance(b, SkipBody)]
    assert ["complete"] == [body.outcome for body in bodies(window) if isinstance(body, EndBody)]
    assert not any(answer.misuse for answer in window.answers())


def test_branch_that_is_left_is_taken_back(window: Any) -> None:
    go_to(window, "found")
    take(window, "no")
    take(window, "key-M", "key-next")
    take(window, "back")
    take(window, "key-hide", "back")
    assert window.target("no").is_selected
    take(window, "yes")
    assert ["missing"] == [b.question for b in bodies(window)[-1:] if isinstance(b, SkipBody)]
    assert "staff" == window.session.state.phase.question


@pytest.mark.parametrize("place", ["better", "invitation", "found", "missing", "contact"])
def test_walking_away_is_asked_about_and_ends(open_window: Open, place: str) -> None:
    timing = Timing(thanks=1, invitation=10, question=20, still_there=4)
    window = open_window("demonstration", *SMALL, timing=timing, way=WHOLE_WAY)
    window.clock.stop()
    if place == "better":
        rate(window, 0)
        take(window, "option-other", "key-X", "key-hide")
    elif place == "invitation":
        rate(window, 2)
        take(window, "option-quality")
        take(window, "back")
        take(window, "skip")
    else:
        go_to(window, "found")
        if place != "found":
            take(window, "no")
        while place == "contact" and window.session.state.phase.question != "contact":
            window.session.skip(window.session.state.phase.question)
            window.commit_all()
            window.settle()
    limit = 10 if place == "invitation" else 20
    window.pass_time(limit - 3)
    assert "still_there" == window.shown()[-1]
    control = next(iter(window.screen.targets().values()))
    before = (window.session.state.phase, len(window.submitted))
    touch_at(window, control)
    assert window.session.state.phase.is_warned is False
    assert (before[0].visit, before[1]) == (
        window.session.state.phase.visit,
        len(window.submitted),
    )
    assert window.app.stage._idle_prompt is None
    window.pass_time(limit - 3)
    window.pass_time(4)
    window.commit_all()
    if place != "invitation":
        assert "thanks" == window.shown()[-1]
        window.pass_time(2)
    assert isinstance(window.session.state.phase, Idle)
    assert "rating" == window.shown()[-1]
    assert "timed_out" == bodies(window)[-1].outcome


def test_every_question_asks_whether_someone_is_there_and_one_touch_goes_on(
    open_window: Open,
) -> None:
    timing = Timing(thanks=1, invitation=10, question=20, still_there=4)
    window = open_window("demonstration", *SMALL, timing=timing, way=WHOLE_WAY)
    window.clock.stop()
    rate(window, 2)
    take(window, "skip")
    take(window, "accept")
    asked = []
    while isinstance(phase := window.session.state.phase, Asking):
        window.pass_time(17)
        assert "still_there" == window.shown()[-1], phase.question
        touch_at(window, window.screen)
        assert phase.question == window.session.state.phase.question
        asked.append(phase.question)
        window.session.skip(phase.question)
        window.commit_all()
        window.settle()
    assert {"found", "staff", "checkout", "recommend", "comment", "contact"} <= set(asked)


def touch_at(window: Any, control: Any) -> None:
    """Through the window, where the layer that asks lies above the control."""
    x, y = control.to_window(*control.center)
    window.kivy.dispatch("on_mouse_down", x, window.kivy.height - y, "left", [])
    window.frames(1)
    window.kivy.dispatch("on_mouse_up", x, window.kivy.height - y, "left", [])
    window.frames(2)


def test_everything_by_keys_alone(window: Any) -> None:
    window.kivy.dispatch("on_key_down", ord("1"), 0, "1", [])
    window.commit_all()
    window.settle()
    assert {"rating": 0} == given(window)
    assert not focused(window)
    key(window, TAB)
    assert ["option-queue"] == focused(window)
    key(window, RIGHT)
    assert ["option-service"] == focused(window)
    window.clock.ahead_ms += 2000
    key(window, ENTER)
    assert "better" not in given(window)  # after so long it may be somebody else
    while focused(window) != ["done"]:
        key(window, TAB, "shift")
    key(window, ENTER)
    window.commit_all()
    assert ChoiceValue(("service",)) == given(window)["better"]
    window.settle()
    while focused(window) != ["accept"]:
        key(window, TAB)
    key(window, ENTER)
    window.settle()
    window.kivy.dispatch("on_key_down", ord("2"), 0, "2", [])
    window.commit_all()
    window.settle()
    assert given(window)["found"] is False
    write(window, "Grüße")
    key(window, ERASE)
    key(window, ENTER)
    window.commit_all()
    assert "Grüß" == given(window)["missing"]
    window.settle()
    key(window, ESCAPE)
    assert "missing" == window.session.state.phase.question
    window.settle()
    key(window, ESCAPE)
    assert "found" == window.session.state.phase.question


def test_finger_hides_the_focus(window: Any) -> None:
    key(window, TAB)
    assert 1 == len(focused(window))
    touch_at(window, window.screen.ids.question)
    assert [] == focused(window)


def focused(window: Any) -> list[str]:
    return [name for name, control in window.screen.targets().items() if control.has_focus]


@pytest.mark.parametrize("fingers", [2, 5, 10])
def test_many_fingers_on_a_question_are_one_answer(window: Any, fingers: int) -> None:
    go_to(window, "recommend")
    places = [window.finger(f"number-{n}") for n in range(fingers)]
    for finger in places:
        finger.touch_down()
    for finger in places:
        finger.touch_up()
    window.commit_all()
    assert 1 == len([a for a in window.answers() if a.question == "recommend"])
    assert "comment" == window.session.state.phase.question


@pytest.mark.parametrize(
    ("code", "modifiers"),
    [
        (282, []),
        (292, []),
        (285, ["alt"]),
        (ord("q"), ["ctrl"]),
        (ord("1"), ["alt"]),
        (13, ["meta"]),
    ],
)
def test_key_combinations_lead_nowhere(window: Any, code: int, modifiers: list[str]) -> None:
    window.kivy.dispatch("on_key_down", code, 0, "", modifiers)
    window.frames(2)
    assert not window.loop.quit
    assert ["rating"] == window.shown()
    assert [] == window.submitted


def test_long_press_is_stored_and_flagged(window: Any) -> None:
    finger = window.finger("face-1")
    finger.touch_down()
    window.target("face-1")._down_at -= 5
    finger.touch_up()
    # The test's finger comes down as soon as the window is open, which may be too fast as well.
    (answer,) = window.answers()
    assert "held" in answer.misuse


def test_slow_disk_goes_on_to_the_next_question_and_holds_up_the_end(window: Any) -> None:
    go_to(window, "comment")
    take(window, "key-hide")
    before = len(window.submitted)
    window.tap("skip")
    window.settle()
    assert "contact" == window.session.state.phase.question
    window.tap("skip")
    window.frames(2)
    assert isinstance(window.session.state.phase, Finishing)
    assert "storing" == window.shown()[-1]
    window.tap("skip")
    assert before + 1 == len(window.submitted)
    window.commit_all()
    assert isinstance(window.session.state.phase, Thanking)


def test_offer_that_nobody_touches_shows_a_ring_and_gives_way(open_window: Open) -> None:
    timing = Timing(thanks=1, invitation=4, question=20, still_there=10)
    window = open_window("demonstration", *SMALL, timing=timing, way=WHOLE_WAY)
    window.clock.stop()
    rate(window, 1)
    window.pass_time(2)
    assert "thanks" == window.shown()[-1]
    window.until(lambda: window.screen._thanks._ring.share > 0, "the ring to grow")
    window.pass_time(2)
    window.until(lambda: window.shown()[-1] == "rating", "the next shopper's question")


def test_invitation_may_be_left_back_to_the_follow_up(window: Any) -> None:
    rate(window, 0)
    take(window, "skip")
    assert isinstance(window.session.state.phase, Inviting)
    take(window, "back")
    assert "better" == window.session.state.phase.question


# --- room for everything ----------------------------------------------------------------------


@pytest.mark.parametrize(("size", "width_mm"), SIZES)
def test_every_kind_of_question_fits_and_suits_a_finger(
    open_window: Open, size: tuple[int, int], width_mm: float
) -> None:
    window = open_window("demonstration", size, width_mm, timing=PATIENT, way=WHOLE_WAY)
    rate(window, 0)
    check_room(window, size, size[0] / width_mm)
    take(window, "option-other")
    check_room(window, size, size[0] / width_mm)
    take(window, "key-next")
    check_room(window, size, size[0] / width_mm)
    take(window, "accept")
    while isinstance(window.session.state.phase, Asking):
        check_room(window, size, size[0] / width_mm)
        question = window.session.state.phase.question
        if question == "found":
            take(window, "no")
            continue
        if "key-hide" in window.screen.targets():
            take(window, "key-hide")
            check_room(window, size, size[0] / width_mm)
        if question == "contact":
            take(window, "entry-email")
            check_room(window, size, size[0] / width_mm)
        window.session.skip(question)
        window.commit_all()
        window.settle()


def check_room(window: Any, size: tuple[int, int], mm: float) -> None:
    window.frames(3)
    where = window.session.state.phase
    boxes = {name: box(control) for name, control in window.screen.targets().items()}
    for name, (left, bottom, right, top) in boxes.items():
        assert -1 <= left < right <= size[0] + 1, (name, where)
        assert -1 <= bottom < top <= size[1] + 1, (name, where)
        is_face = hasattr(window.screen.targets()[name], "face")
        least = FACE_MM if is_face else KEY_MM if is_key(name) else TARGET_MM
        assert min(right - left, top - bottom) >= least * mm - 1, (name, where)
    for one, other in combinations(boxes, 2):
        least = KEY_GAP_MM if is_key(one) and is_key(other) else GAP_MM
        assert distance(boxes[one], boxes[other]) >= least * mm - 1.5, (one, other, where)


def is_key(name: str) -> bool:
    return name.startswith("key-")


Box = tuple[float, float, float, float]


def box(widget: Any) -> Box:
    left, bottom = widget.to_window(widget.x, widget.y)
    return (left, bottom, left + widget.width, bottom + widget.height)


def distance(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2])
    along = max(one[1] - other[3], other[1] - one[3])
    return max(across, along)


# --- a monkey ---------------------------------------------------------------------------------


class Monkey:
    """Fingers anywhere and on controls, keys, time, and a disk that is slow or full."""

    def __init__(self, window: Any, outbox: SqliteOutbox, seed: int) -> None:
        self.window = window
        self.outbox = outbox
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.thanked: set[str] = set()
        self.events = 0
        """A finger down or up, a key, a letter, a tick or a report of the disk: one each."""

    def run(self, events: int) -> None:
        acts = [self.tap] * 8 + [self.anywhere, self.key, self.key, self.disk, self.disk, self.time]
        for number in itertools.count():
            self.rng.choice(acts)()
            self.notice_thanks()
            self.window.clock.ahead_ms += self.rng.choice((10, 200, 600))
            if number % 4 == 0:
                self.window.frames(1)
            if self.events >= events:
                return

    def tap(self) -> None:
        targets = list(self.window.screen.targets())
        if targets:
            count = self.rng.choice((1, 1, 1, 2, 10))
            fingers = [self.window.finger(self.rng.choice(targets)) for _ in range(count)]
            for finger in fingers:
                finger.touch_down()
            for finger in fingers:
                finger.touch_up()
            self.events += 2 * count

    def anywhere(self) -> None:
        x, y = self.rng.uniform(0, 800), self.rng.uniform(0, 480)
        self.window.kivy.dispatch("on_mouse_down", x, y, "left", [])
        self.window.kivy.dispatch("on_mouse_move", 480 - y, x, [])
        self.window.kivy.dispatch("on_mouse_up", 480 - y, x, "left", [])
        self.events += 3

    def key(self) -> None:
        code = self.rng.choice((TAB, ENTER, ESCAPE, SPACE, ERASE, DOWN, ord("1"), ord("3"), 282))
        modifiers = self.rng.choice(([], [], ["shift"], ["ctrl"]))
        self.window.kivy.dispatch("on_key_down", code, 0, "", modifiers)
        self.window.kivy.dispatch("on_textinput", self.rng.choice("aäß€ "))
        self.events += 2

    def disk(self) -> None:
        attempt = self.window.session.state.attempt
        if attempt is None:
            return
        self.events += 1
        if self.rng.random() < 0.95:
            self.outbox.append(attempt.load.bodies, attempt.load.moment)
            self.window.session.on_commit(attempt.ticket)
        else:
            self.window.session.on_store_failure(attempt.ticket)

    def notice_thanks(self) -> None:
        phase = self.window.session.state.phase
        if isinstance(phase, Thanking) or getattr(phase, "thanks", False):
            self.thanked.add(phase.visit.response)

    def time(self) -> None:
        self.window.clock.ahead_ms += self.rng.choice((1000, 7000, 35_000))
        self.window.session.tick()
        self.events += 1

    def rest(self) -> None:
        for _ in range(60):
            self.disk()
            self.window.pass_time(31)
            state = self.window.session.state
            if isinstance(state.phase, Idle) and state.is_safe:
                return


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(1000, id="few"),
        pytest.param(MONKEY_EVENTS, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
@pytest.mark.usefixtures("no_waiting")
def test_monkey_at_the_window(open_window: Open, outbox: SqliteOutbox, events: int) -> None:
    window = open_window("demonstration", *SMALL, timing=Timing(), way=WHOLE_WAY)
    monkey = Monkey(window, outbox, seed=3)
    monkey.run(events // 3)  # until every screen has been there and the caches are full
    monkey.rest()
    before = memory_mb(window)
    monkey.run(events)
    monkey.rest()
    assert isinstance(window.session.state.phase, Idle)
    assert "rating" == window.shown()[-1]
    assert not window.loop.quit
    safe = [message.body for message in outbox.next_batch(1_000_000, 1_000_000_000)]
    rated = {b.response for b in safe if isinstance(b, AnswerBody) and b.question == "rating"}
    ends = [body.response for body in safe if isinstance(body, EndBody)]
    assert events / 300 < len(monkey.thanked)
    assert monkey.thanked <= rated
    assert sorted(rated) == sorted(ends)
    if events >= 10_000:
        assert memory_mb(window) - before <= 5


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox.open(tmp_path) as opened:
        yield opened


def memory_mb(window: Any) -> float:
    """Of this process, without what the test itself has kept."""
    window.submitted.clear()
    window.trace.notes.clear()
    gc.collect()
    return resident_mb()


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
