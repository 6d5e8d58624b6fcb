"""Every kind of question looks like something, takes its time and knows what a draft is worth."""

from typing import get_args

import pytest
from questions_and_values import FORM, GIVEN, KINDS, VALUES
from visitor import Visitor, rules

from config.questionnaire import Question
from config.values import ChoiceValue, Value
from kiosk.session.branching import estimated_seconds
from kiosk.session.kinds import Remainder, facts
from kiosk.session.question_view import Area, area
from kiosk.session.views import QuestionView, view

of_every_kind = pytest.mark.parametrize("question", KINDS.values(), ids=KINDS)


def given(question: Question) -> list[Value]:
    return [VALUES[name] for name in sorted(GIVEN[question.id])]


@of_every_kind
def test_every_kind_takes_some_seconds(question: Question) -> None:
    assert 1 <= facts(question).seconds <= 60
    assert estimated_seconds([question] * 60) >= 60


@of_every_kind
def test_every_kind_has_controls_that_forget_what_was_given(question: Question) -> None:
    empty = area(question, None, "en")
    assert isinstance(empty, get_args(Area))
    assert empty == empty.blank()
    for value in given(question):
        shown = area(question, value, "en")
        assert empty == shown.blank()
    assert any(area(question, value, "en") != empty for value in given(question))


@of_every_kind
def test_what_is_touched_at_once_is_the_answer_and_nothing_is_none(question: Question) -> None:
    kind = facts(question)
    assert kind.answer(None) is None
    for value in given(question):
        if not kind.needs_submit(value):
            assert value == kind.answer(value)


@of_every_kind
def test_answer_of_a_draft_stays_what_it_is(question: Question) -> None:
    kind = facts(question)
    for value in given(question):
        answer = kind.answer(value)
        assert answer == kind.answer(answer)


@of_every_kind
def test_only_choices_and_words_outlive_a_shopper_who_walks_away(question: Question) -> None:
    left = [facts(question).remainder(value) for value in [None, *given(question)]]
    match question.id:
        case "single_choice" | "multiple_choice":
            assert Remainder(ChoiceValue(("a",)), is_answer=False) in left
            kept = [
                each for each in left if each is not None and isinstance(each.value, ChoiceValue)
            ]
            assert all(each.is_answer == bool(each.value.other) for each in kept)
        case "text":
            assert all(each is None or each.is_answer for each in left)
            assert any(left)
        case _:
            assert {None} == set(left)


@pytest.mark.parametrize("question", list(KINDS.values())[1:], ids=list(KINDS)[1:])
def test_every_kind_can_be_answered_behind_the_rating(question: Question) -> None:
    for value in given(question):
        shopper = Visitor(rules(FORM)).rate(0).reply(accepted=True)
        while shopper.question != question.id:
            shopper.skip()
        assert isinstance(view(shopper.state, shopper.rules), QuestionView)
        assert (question.id, value) in shopper.answer(value).told()
