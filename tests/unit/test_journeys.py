"""Journeys through the whole kiosk but its window: session, views and a real outbox."""

import gc
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import FakeClock

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import MisuseRules, QuestionRoute, Timing
from config.values import ChoiceValue, ContactDetails, Value
from kiosk.session.controller import SessionController
from kiosk.session.question_view import ContactForm, FaceRow, Numbers, Options, TextBox, YesOrNo
from kiosk.session.state import Idle, Rules, Thanking
from kiosk.session.touch import Spot, Touch
from kiosk.session.views import (
    InvitationView,
    OutOfOrderView,
    QuestionView,
    RatingView,
    ThanksView,
    View,
)
from sync.messages import AnswerBody, Body, EndBody, Moment
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox

FORM = load_questionnaire("demonstration")
TIMING = Timing(thanks=2.5, invitation=12, question=30, still_there=10, language=20)


class Kiosk:
    """A session whose display is a notebook, and a disk that is played by the test."""

    def __init__(self, outbox: Outbox, way: QuestionRoute | None = None) -> None:
        self.clock = FakeClock()
        self.outbox = outbox
        self.jobs: list[tuple[int, tuple[Body, ...], Moment]] = []
        self.views: list[View] = []
        self.thanked: list[str] = []
        self.due: int | None = None
        self._responses = iter(range(1, 10_000_000))
        self.session = SessionController(
            rules=Rules(
                FORM, digest(canonical(FORM)), "en", TIMING, way or QuestionRoute(), MisuseRules(),
            ),
            clock=self.clock,
            store=lambda *job: self.jobs.append(job),
            new_response=lambda: f"01900000-0000-7000-8000-{next(self._responses):012x}",
        )  # fmt: skip
        self.session.start(self)

    def show(self, view: View) -> None:
        self.views.append(view)
        del self.views[:-20]
        if isinstance(view, ThanksView) or getattr(view, "thanks", None) is not None:
            self.thanked.append(self.session.state.phase.visit.response)  # type: ignore[union-attr]

    def wake_in(self, delay_ms: int | None) -> None:
        self.due = None if delay_ms is None else self.clock.mono + delay_ms

    @property
    def view(self) -> View:
        return self.views[-1]

    @property
    def question(self) -> QuestionView:
        assert isinstance(self.view, QuestionView), self.view
        return self.view

    def wait(self, seconds: float) -> None:
        until = self.clock.mono + round(seconds * 1000)
        while self.due is not None and self.due <= until:
            self.clock.advance(max(0, self.due - self.clock.mono))
            self.session.tick()
        self.clock.advance(until - self.clock.mono)

    def disk(self, *, works: bool = True) -> None:
        while self.jobs:
            ticket, bodies, moment = self.jobs.pop(0)
            if works:
                self.outbox.append(bodies, moment)
                self.session.on_commit(ticket)
            else:
                self.session.on_store_failure(ticket)

    def answer(self, value: Value) -> None:
        self.wait(1)
        view = self.view
        assert isinstance(view, RatingView | QuestionView)
        self.session.answer(view.question_id, value, Touch(held_ms=90, hands_over=True))
        self.disk()
        self.pass_moment()

    def pass_moment(self) -> None:
        """The first thanks are looked at."""
        phase = self.session.state.phase
        if isinstance(phase, Thanking) and phase.goes_on:
            self.wait(TIMING.moment)

    def bodies(self) -> list[Body]:
        return [message.body for message in self.outbox.next_batch(1_000_000, 1_000_000_000)]

    def given(self) -> dict[str, object]:
        return {b.question: b.value for b in self.bodies() if isinstance(b, AnswerBody)}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    opened = SqliteOutbox.open(tmp_path, reserve_bytes=0)
    yield opened
    opened.close()


@pytest.fixture
def kiosk(outbox: SqliteOutbox) -> Kiosk:
    return Kiosk(outbox)


def test_straight_tap(kiosk: Kiosk) -> None:
    kiosk.answer(2)
    assert isinstance(kiosk.view, QuestionView)
    assert kiosk.view.thanks is not None
    assert "Thank you!" == kiosk.view.thanks.heading
    kiosk.wait(13)
    kiosk.disk()
    assert isinstance(kiosk.view, RatingView)
    assert ["AnswerBody", "EndBody"] == [type(body).__name__ for body in kiosk.bodies()]


def test_untouched_offer_runs_out_with_a_ring_and_without_a_question(kiosk: Kiosk) -> None:
    kiosk.answer(0)
    kiosk.wait(5.9)
    assert kiosk.question.thanks is not None
    assert kiosk.question.thanks.runs_out is None
    kiosk.wait(0.2)
    assert 6.0 == kiosk.question.thanks.runs_out
    assert kiosk.question.idle_prompt is None


def test_sad_shopper_ticks_what_could_be_better(kiosk: Kiosk) -> None:
    kiosk.answer(0)
    kiosk.wait(1)
    kiosk.session.draft("better", ChoiceValue(("queue",)))
    kiosk.session.draft("better", ChoiceValue(("queue", "prices")))
    assert isinstance(kiosk.question.area, Options)
    ticked = [choice.id for choice in kiosk.question.area.choices if choice.is_selected]
    assert ["queue", "prices"] == ticked
    assert kiosk.question.answer is not None
    kiosk.answer(kiosk.question.answer)
    assert isinstance(kiosk.view, InvitationView)
    assert "It takes about 1 min." == kiosk.view.line
    kiosk.wait(1)
    kiosk.session.answer_invitation(accepts=False)
    kiosk.disk()
    assert {"rating": 0, "better": ChoiceValue(("queue", "prices"))} == kiosk.given()
    assert isinstance(kiosk.view, RatingView)


def test_whole_demonstration_with_branch_back_change_and_skip(kiosk: Kiosk) -> None:
    kiosk.answer(2)
    kiosk.answer(ChoiceValue(("service",), "the smiles"))
    kiosk.wait(1)
    kiosk.session.answer_invitation(accepts=True)
    assert ("2 of 12", "found") == (progress(kiosk), kiosk.question.question_id)
    kiosk.answer(value=False)
    assert ("3 of 13", "missing") == (progress(kiosk), kiosk.question.question_id)
    kiosk.answer("Oat milk")
    kiosk.answer(4)
    kiosk.wait(1)
    kiosk.session.go_back()
    assert Numbers((1, 2, 3, 4, 5), "Not at all", "Very satisfied", 4) == kiosk.question.area
    assert "Next" == kiosk.question.submit
    kiosk.answer(5)
    kiosk.answer(7)
    kiosk.answer(6)
    kiosk.answer(ChoiceValue((), "barter"))
    kiosk.wait(1)
    kiosk.session.skip("crowded")
    kiosk.answer(4)
    kiosk.answer(3)
    kiosk.answer(10)
    kiosk.wait(1)
    kiosk.session.skip("comment")
    assert isinstance(kiosk.question.area, ContactForm)
    assert "Send" == kiosk.question.submit
    kiosk.answer(ContactDetails(consent=True, phone="+358 40 123"))
    assert isinstance(kiosk.view, ThanksView)
    kiosk.wait(3)
    assert isinstance(kiosk.view, RatingView)
    assert {
        "rating": 2, "liked": ChoiceValue(("service",), "the smiles"), "found": False,
        "missing": "Oat milk", "staff": 5, "range": 7, "effort": 6,
        "checkout": ChoiceValue((), "barter"), "atmosphere": 4, "music": 3, "recommend": 10,
        "contact": ContactDetails(consent=True, phone="+358 40 123"),
    } == kiosk.given()  # fmt: skip
    last = kiosk.bodies()[-1]
    assert isinstance(last, EndBody)
    assert "complete" == last.outcome


def test_language_changes_on_the_way(kiosk: Kiosk) -> None:
    kiosk.answer(2)
    kiosk.wait(1)
    kiosk.session.choose_language("de")
    assert "Was hat Ihnen am besten gefallen?" == kiosk.question.text
    kiosk.answer(ChoiceValue(("service",)))
    assert ["en", "de"] == [body.language for body in kiosk.bodies()]
    kiosk.wait(13)
    kiosk.disk()
    assert isinstance(kiosk.view, RatingView)
    assert "How was your visit today?" == kiosk.view.question


def test_hints_about_an_odd_address_block_nothing(kiosk: Kiosk) -> None:
    walk_to(kiosk, "contact")
    draft = ContactDetails(consent=True, email="ada@", phone="call me")
    kiosk.wait(1)
    kiosk.session.draft("contact", draft)
    area = kiosk.question.area
    assert isinstance(area, ContactForm)
    assert ["", "Check the address", "Check the number"] == [f.hint for f in area.fields]
    assert draft == kiosk.question.answer


def test_without_consent_only_the_refusal_is_handed_over(kiosk: Kiosk) -> None:
    walk_to(kiosk, "contact")
    kiosk.wait(1)
    kiosk.session.draft("contact", ContactDetails(consent=False, email="ada@example.com"))
    assert ContactDetails(consent=False) == kiosk.question.answer


def test_slow_disk_neither_thanks_nor_doubles(kiosk: Kiosk) -> None:
    kiosk.wait(1)
    kiosk.session.answer("rating", 1)
    for _ in range(4):
        kiosk.wait(0.5)
        kiosk.session.answer("rating", 0)
        assert isinstance(kiosk.view, RatingView)
        assert 1 == kiosk.view.pending_face
    kiosk.disk()
    assert {"rating": 1} == kiosk.given()
    assert isinstance(kiosk.view, ThanksView)
    kiosk.pass_moment()
    assert isinstance(kiosk.view, QuestionView)


def test_disk_that_refuses_closes_for_a_moment_and_recovers(kiosk: Kiosk) -> None:
    kiosk.wait(1)
    kiosk.session.answer("rating", 1)
    kiosk.disk(works=False)
    assert isinstance(kiosk.view, OutOfOrderView)
    assert [] == kiosk.thanked
    kiosk.wait(3.1)
    kiosk.disk()
    assert isinstance(kiosk.view, RatingView)
    assert {"rating": 1} == kiosk.given()


def test_other_rules_wait_for_the_shopper_to_leave(kiosk: Kiosk) -> None:
    kiosk.answer(0)
    other = Rules(
        FORM, kiosk.session.rules.digest, "fi", TIMING, QuestionRoute(follow_up=False), test=True
    )
    kiosk.session.change_rules(other)
    assert "en" == kiosk.session.rules.language
    kiosk.wait(13)
    kiosk.disk()
    assert isinstance(kiosk.view, RatingView)
    assert "Millainen käyntisi oli tänään?" == kiosk.view.question
    kiosk.answer(0)
    assert kiosk.bodies()[-1].test
    assert not kiosk.bodies()[0].test


def progress(kiosk: Kiosk) -> str:
    told = kiosk.question.progress
    return told.text if told is not None else ""


def walk_to(kiosk: Kiosk, question: str) -> None:
    kiosk.answer(2)
    kiosk.wait(1)
    kiosk.session.skip("liked")
    kiosk.disk()
    kiosk.wait(1)
    kiosk.session.answer_invitation(accepts=True)
    while kiosk.question.question_id != question:
        kiosk.wait(1)
        kiosk.session.skip(kiosk.question.question_id)
        kiosk.disk()


# --- a monkey -------------------------------------------------------------------------------


class Monkey:
    """Does at random what fingers, keys, time and a bad disk do."""

    def __init__(self, kiosk: Kiosk, seed: int) -> None:
        self.kiosk = kiosk
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.acts = (
            [self.touch] * 8 + [self.draft] * 3 + [self.disk] * 5 + [self.wait] * 2
            + [self.skip, self.back, self.invite, self.leave, self.language, self.stir]
        )  # fmt: skip

    def run(self, events: int) -> None:
        for _ in range(events):
            self.kiosk.clock.advance(self.rng.choice((1, 30, 200, 700)))
            self.rng.choice(self.acts)()

    def rest(self) -> None:
        """Everyone goes home, and the disk works again."""
        for _ in range(60):
            self.kiosk.disk()
            self.kiosk.wait(31)
            state = self.kiosk.session.state
            if isinstance(state.phase, Idle) and state.is_safe:
                return

    def touch(self) -> None:
        view = self.kiosk.view
        spot = self.rng.choice((None, Spot(40.0, 60.0, 46.0), Spot(90.0, 55.0, 46.0)))
        held = Touch(self.rng.choice((40, 90, 4000)), spot, self.rng.choice((1, 1, 2)))
        match view:
            case RatingView():
                self.kiosk.session.answer("rating", self.rng.randrange(3), held)
            case QuestionView():
                self.kiosk.session.answer(view.question_id, self.value(view), held)
            case _:
                # A finger on a screen that has just gone.
                self.kiosk.session.answer("rating", 0, held)

    def value(self, view: QuestionView) -> Value:
        if view.answer is not None and self.rng.random() < 0.5:
            return view.answer
        return self._value(view)

    def _value(self, view: QuestionView) -> Value:
        match view.area:
            case FaceRow(faces=faces):
                return self.rng.randrange(faces)
            case Numbers(numbers=numbers):
                return self.rng.choice(numbers)
            case YesOrNo():
                return self.rng.random() < 0.5
            case Options(choices=choices):
                option = self.rng.choice(choices).id
                return ChoiceValue((), "x") if option == "other" else ChoiceValue((option,))
            case TextBox():
                return self.rng.choice(("hm", "ä" * 300))
            case ContactForm():
                consent = self.rng.random() < 0.5
                return ContactDetails(consent, email="a@b.c" if consent else None)

    def draft(self) -> None:
        if isinstance(self.kiosk.view, QuestionView):
            draft = self.rng.choice((None, self._value(self.kiosk.view)))
            self.kiosk.session.draft(self.kiosk.view.question_id, draft)

    def skip(self) -> None:
        question = self.rng.choice(FORM.questions).id
        if isinstance(self.kiosk.view, QuestionView) and self.rng.random() < 0.8:
            question = self.kiosk.view.question_id
        self.kiosk.session.skip(question)

    def disk(self) -> None:
        self.kiosk.disk(works=self.rng.random() < 0.95)

    def wait(self) -> None:
        self.kiosk.wait(self.rng.choice((0.1, 1, 3, 11, 35)))

    def back(self) -> None:
        self.kiosk.session.go_back()

    def leave(self) -> None:
        if self.rng.random() < 0.2:
            self.kiosk.session.leave()

    def invite(self) -> None:
        self.kiosk.session.answer_invitation(accepts=self.rng.random() < 0.8)

    def language(self) -> None:
        self.kiosk.session.choose_language(self.rng.choice(FORM.languages))

    def stir(self) -> None:
        self.kiosk.session.note_activity()


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(2000, id="2000 events"),
        pytest.param(20_000, id="20000 events", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
def test_monkey_leaves_an_idle_kiosk_that_kept_every_promise(kiosk: Kiosk, events: int) -> None:
    Monkey(kiosk, seed=0).run(300)
    # What leaks grows each time; what other tests left behind is tidied up once.
    before = [resident_mb()]
    for seed in (1, 2, 3, 4):
        monkey = Monkey(kiosk, seed=seed)
        monkey.run(events // 4)
        monkey.rest()
        gc.collect()
        before.append(resident_mb())
    grown = [later - earlier for earlier, later in pairwise(before)]
    # What the outbox and the test itself remember of each answer is among it.
    assert min(grown) <= 5, grown
    assert isinstance(kiosk.view, RatingView)
    assert isinstance(kiosk.session.state.phase, Idle)
    bodies = kiosk.bodies()
    rated = {b.response for b in bodies if isinstance(b, AnswerBody) and b.question == "rating"}
    assert len(set(kiosk.thanked)) > events / 200
    assert set(kiosk.thanked) <= rated
    ends = [body.response for body in bodies if isinstance(body, EndBody)]
    assert len(ends) == len(set(ends))
    assert rated == set(ends)
