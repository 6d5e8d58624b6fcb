"""What the session decides about a rating and a disk, without a window, a clock or a disk."""

from dataclasses import replace

import pytest
from visitor import Visitor, moment, rules

from config.questionnaire import Questionnaire, Smiley
from config.values import Value
from kiosk.errors import IllegalEventError
from kiosk.session.deadlines import PATIENCE_MS, RETRY_MS, deadline
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    BackChosen,
    DraftChanged,
    Event,
    Ignore,
    InvitationAnswered,
    LanguageChosen,
    LeaveChosen,
    SkipChosen,
    StorageUnavailable,
    Store,
    StoreFailed,
    Tick,
)
from kiosk.session.machine import begin, step
from kiosk.session.state import Idle, OutOfOrder, State, StoringRating, Thanking
from sync.messages import AnswerBody, EndBody

RESPONSE = "01900000-0000-7000-8000-000000000001"
ANOTHER = "01900000-0000-7000-8000-000000000002"
FORM = Questionnaire(
    id="checkout",
    title="Checkout",
    languages=("en", "fi"),
    questions=(Smiley(id="rating", text={"en": "How was it?", "fi": "Miten meni?"}),),
)
RULES = rules(FORM)
ANSWER = AnswerBody(
    response=RESPONSE,
    questionnaire=RULES.digest,
    language="en",
    question="rating",
    value=2,
    took_ms=4000,
)
END = EndBody(
    response=RESPONSE, questionnaire=RULES.digest, language="en", outcome="complete", question=None
)


def touch(at_ms: int, value: Value = 2, response: str = RESPONSE) -> AnswerGiven:
    return AnswerGiven(moment(at_ms), "rating", value, response)


def rated() -> State:
    return step(begin(RULES, 0), touch(4000), RULES).state


def thanking() -> State:
    return step(rated(), AnswersStored(moment(4010), 1), RULES).state


def out_of_order() -> State:
    return step(rated(), StoreFailed(moment(4010), 1), RULES).state


def test_touch_is_stored_with_its_end_before_anyone_is_thanked() -> None:
    after = step(begin(RULES, 0), touch(4000), RULES)
    assert (Store(1, (ANSWER, END), moment(4000)),) == after.effects
    assert isinstance(after.state.phase, StoringRating)


def test_thanks_follow_the_commit_and_end_by_themselves() -> None:
    state = thanking()
    assert isinstance(state.phase, Thanking)
    assert 6510 == state.phase.until_ms == deadline(state, RULES)
    assert state == step(state, Tick(moment(6509)), RULES).state
    assert Idle("en", 6510, 6510) == step(state, Tick(moment(6510)), RULES).state.phase


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (rated(), "already_answered"),
        (thanking(), "thanking"),
        (out_of_order(), "out_of_order"),
    ],
)
@pytest.mark.parametrize(
    "event",
    [
        touch(4005, 0, ANOTHER),
        LanguageChosen(moment(4005), "fi"),
        BackChosen(moment(4005)),
        LeaveChosen(moment(4005)),
        InvitationAnswered(moment(4005), accepts=True),
        SkipChosen(moment(4005), "rating"),
    ],
)
def test_first_touch_wins_until_idle_again(state: State, reason: str, event: Event) -> None:
    after = step(state, event, RULES)
    assert (Ignore(reason),) == after.effects  # type: ignore[arg-type]
    assert state == after.state


@pytest.mark.parametrize(
    "event",
    [
        BackChosen(moment(400)),
        LeaveChosen(moment(400)),
        InvitationAnswered(moment(400), accepts=True),
        SkipChosen(moment(400), "rating"),
        DraftChanged(moment(400), "rating", 2),
    ],
)
def test_nothing_but_a_face_or_a_language_means_anything_when_idle(event: Event) -> None:
    after = step(begin(RULES, 0), event, RULES)
    assert (Ignore("not_here"),) == after.effects
    assert begin(RULES, 0) == after.state


@pytest.mark.parametrize("value", [-1, 3, True, "2", 1.0])
def test_value_that_no_face_has_is_illegal(value: Value) -> None:
    with pytest.raises(IllegalEventError, match="is no answer to 'rating'"):
        step(begin(RULES, 0), touch(10, value), RULES)


def test_unknown_question_is_illegal_in_every_phase() -> None:
    event = replace(touch(10), question="mood")
    for state in (begin(RULES, 0), rated(), thanking(), out_of_order()):
        with pytest.raises(IllegalEventError, match="no question 'mood'"):
            step(state, event, RULES)


def test_chosen_language_is_asked_and_stored_in() -> None:
    shopper = Visitor(RULES).choose("fi").rate(2)
    assert ["fi", "fi"] == [body.language for body in shopper.stored]


def test_chosen_language_returns_after_a_while_without_a_touch() -> None:
    state = step(begin(RULES, 0), LanguageChosen(moment(100), "fi"), RULES).state
    assert 20_100 == deadline(state, RULES)
    state = step(state, LanguageChosen(moment(10_000), "fi"), RULES).state
    assert 30_000 == deadline(state, RULES)
    back = step(state, Tick(moment(30_000)), RULES).state
    assert Idle("en", 0, 30_000) == back.phase
    assert deadline(back, RULES) is None


def test_choice_of_language_lasts_for_one_session() -> None:
    shopper = Visitor(RULES).choose("fi").rate(2).pass_s(3)
    assert isinstance(shopper.phase, Idle)
    assert "en" == shopper.phase.language


def test_language_that_the_questionnaire_lacks_is_illegal() -> None:
    with pytest.raises(IllegalEventError, match="no language 'sv'"):
        step(begin(RULES, 0), LanguageChosen(moment(100), "sv"), RULES)


def test_failed_store_closes_the_kiosk_and_is_tried_again_until_it_works() -> None:
    state = out_of_order()
    assert 4010 + RETRY_MS == deadline(state, RULES)
    again = step(state, Tick(moment(4010 + RETRY_MS)), RULES)
    assert (Store(2, (ANSWER, END), moment(4000)),) == again.effects
    assert deadline(again.state, RULES) is None
    failed = step(again.state, StoreFailed(moment(8000), 2), RULES).state
    assert 8000 + RETRY_MS == deadline(failed, RULES)
    again = step(failed, Tick(moment(8000 + RETRY_MS)), RULES)
    recovered = step(again.state, AnswersStored(moment(12_000), 3), RULES).state
    assert Idle("en", 12_000, 12_000) == recovered.phase


def test_disk_that_hangs_closes_the_kiosk_without_storing_twice() -> None:
    hanging = step(rated(), Tick(moment(4000 + PATIENCE_MS)), RULES)
    assert () == hanging.effects
    assert OutOfOrder(None) == hanging.state.phase
    late = step(hanging.state, AnswersStored(moment(60_000), 1), RULES).state
    assert isinstance(late.phase, Idle)
    assert late.is_safe


def test_outbox_that_does_not_open_closes_the_kiosk_before_anyone_touches_it() -> None:
    state = step(begin(RULES, 0), StorageUnavailable(moment(50)), RULES).state
    assert OutOfOrder(50 + RETRY_MS) == state.phase
    again = step(state, Tick(moment(50 + RETRY_MS)), RULES)
    assert (Store(1, (), moment(50 + RETRY_MS)),) == again.effects
    assert isinstance(step(again.state, AnswersStored(moment(4000), 1), RULES).state.phase, Idle)


@pytest.mark.parametrize("state", [rated(), thanking(), out_of_order()])
def test_unavailable_storage_says_nothing_new_after_a_touch(state: State) -> None:
    after = step(state, StorageUnavailable(moment(4020)), RULES)
    assert state is after.state
    assert isinstance(after.effects[0], Ignore)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (begin(RULES, 0), AnswersStored(moment(10), 1)),
        (begin(RULES, 0), StoreFailed(moment(10), 1)),
        (rated(), AnswersStored(moment(10), 2)),
        (rated(), StoreFailed(moment(10), 0)),
        (thanking(), AnswersStored(moment(10), 1)),
        (out_of_order(), AnswersStored(moment(10), 1)),
    ],
)
def test_report_that_nobody_waits_for_is_illegal(state: State, event: Event) -> None:
    with pytest.raises(IllegalEventError, match="nothing waits for ticket"):
        step(state, event, RULES)


def test_everything_of_test_mode_is_marked() -> None:
    shopper = Visitor(rules(FORM, test=True)).rate(0)
    assert [True, True] == [body.test for body in shopper.stored]
