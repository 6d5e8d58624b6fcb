"""Every kind of question and every type of value: what answers what, at the kiosk's end."""

from contextlib import suppress
from typing import get_args

import pytest
from questions_and_values import COUNTED, FORM, GIVEN, KINDS, VALUES
from visitor import Visitor, rules

from config.kinds import is_answer, kind, possible_values, texts, value_mistake
from config.questionnaire import Question, Smiley
from kiosk.errors import IllegalEventError
from sync.messages import AnswerBody


def test_every_kind_is_in_the_table_under_its_own_name() -> None:
    assert {name: type(question) for name, question in KINDS.items()} == {
        each.__struct_config__.tag: each for each in get_args(Question)
    }
    assert list(KINDS) == [kind(question) for question in KINDS.values()]


@pytest.mark.parametrize("name", KINDS)
def test_values_that_the_controls_give_are_answers(name: str) -> None:
    assert GIVEN[name] == {
        label for label, value in VALUES.items() if is_answer(KINDS[name], value)
    }


@pytest.mark.parametrize("name", KINDS)
def test_values_that_can_be_counted_are_no_mistake(name: str) -> None:
    mistakes = {label: value_mistake(KINDS[name], value) for label, value in VALUES.items()}
    assert COUNTED[name] == {label for label, mistake in mistakes.items() if mistake is None}
    assert "" not in mistakes.values()


@pytest.mark.parametrize("name", [name for name, each in KINDS.items() if type(each) is not Smiley])
def test_kiosk_stores_what_answers_the_question_and_nothing_else(name: str) -> None:
    taken = set()
    for label, value in VALUES.items():
        visit = Visitor(rules(FORM)).rate(2).reply(accepted=True)
        while visit.question != name:
            visit.skip()
        before = len(visit.stored)
        with suppress(IllegalEventError):
            visit.answer(value)
        for body in visit.stored[before:]:
            if isinstance(body, AnswerBody):
                assert (name, value) == (body.question, body.value)
                taken.add(label)
    assert GIVEN[name] == taken


@pytest.mark.parametrize("name", KINDS)
def test_condition_may_name_what_an_answer_can_hold(name: str) -> None:
    for possible in possible_values(KINDS[name]):
        values = [VALUES[label] for label in GIVEN[name]]
        assert any(
            (type(possible) is type(value) and possible == value)
            or possible in getattr(value, "options", ())
            or (possible == "other" and getattr(value, "other", None) is not None)
            for value in values
        ), possible


@pytest.mark.parametrize("name", KINDS)
def test_every_text_of_a_question_is_found(name: str) -> None:
    paths = [path for path, _text in texts(KINDS[name])]
    expected = {
        "scale": ["text", "ends.low", "ends.high"],
        "single_choice": ["text", "options[0].text", "options[1].text"],
        "multiple_choice": ["text", "options[0].text", "options[1].text"],
        "contact": ["text", "purpose"],
    }
    assert expected.get(name, ["text"]) == paths
