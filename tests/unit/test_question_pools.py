"""Questions that take turns: each gets its share of responses, and each response one of them."""

from collections import Counter

import pytest
from visitor import Visitor, rules

from config.questionnaire import Condition, FreeText, Question, Questionnaire, Smiley, YesNo
from config.rules import questionnaire_mistakes
from kiosk.session.branching import drawn_questions, reachable_questions
from kiosk.session.prefetch import follow_up_views

LANGUAGES = ("en",)
SAD = Condition("rating", (0,))
TURNS = ("queue", "price", "choice")
RESPONSES = [f"0197a000-0000-7000-8000-{number:012x}" for number in range(6000)]


def text(words: str = "?") -> dict[str, str]:
    return {"en": words}


def question(name: str, pool: str | None = "turns", condition: Condition | None = None) -> YesNo:
    return YesNo(id=name, text=text(), pool=pool, show_if=condition)


RATING = Smiley(id="rating", text=text())
POOL = tuple(question(name) for name in TURNS)
LAST = FreeText(id="last", text=text())


def reached(questions: tuple[Question, ...], response: str, **answers: object) -> list[str]:
    drawn = drawn_questions(questions, response)
    return [each.id for each in reachable_questions(drawn, {"rating": 0, **answers})]  # type: ignore[arg-type]


def paths(*questions: Question | None) -> list[str]:
    return [mistake.path for mistake in questionnaire_mistakes(LANGUAGES, questions)]


@pytest.mark.parametrize("number", [2, 3, 7])
def test_each_question_of_a_pool_is_asked_as_often_as_the_others(number: int) -> None:
    pool = tuple(question(f"q{each}") for each in range(number))
    asked = Counter(
        name for response in RESPONSES for name in reached((RATING, *pool), response)[1:]
    )
    fair = len(RESPONSES) / number
    # Four standard errors of a fair draw; the responses are the same in each run.
    assert all(abs(often - fair) < 4 * (fair * (1 - 1 / number)) ** 0.5 for often in asked.values())
    assert sum(asked.values()) == len(RESPONSES)


def test_what_was_drawn_says_nothing_about_what_another_pool_draws() -> None:
    other = tuple(question(f"{name}_too", "others") for name in TURNS)
    pairs = Counter(tuple(reached((RATING, *POOL, *other), each)[1:]) for each in RESPONSES)
    assert 9 == len(pairs)
    assert max(pairs.values()) < 1.2 * min(pairs.values())


def test_questions_around_a_pool_keep_their_places() -> None:
    asked = reached((RATING, *POOL, LAST), RESPONSES[0])
    assert ["rating", "last"] == [asked[0], asked[-1]]
    assert 3 == len(asked)
    assert asked[1] in TURNS


def test_of_a_pool_one_is_drawn_that_fits_the_rating() -> None:
    happy = Condition("rating", (2,))
    pool = (question("a", condition=SAD), question("b", condition=happy), question("c"))
    asked = Counter(reached((RATING, *pool), response)[1] for response in RESPONSES[:900])
    assert {"a", "c"} == set(asked)
    assert 350 < asked["a"] < 550


def test_going_back_leads_to_the_question_that_was_drawn() -> None:
    form = Questionnaire(id="f", title="F", languages=LANGUAGES, questions=(RATING, *POOL, LAST))
    visitor = Visitor(rules(form)).rate(0).pass_moment().reply(accepted=True)
    drawn = visitor.question
    assert drawn in TURNS
    assert drawn == visitor.answer(value=True).back().question


def test_each_question_that_may_be_drawn_is_built_ahead() -> None:
    pool = tuple(question(name, condition=SAD) for name in TURNS)
    form = Questionnaire(id="f", title="F", languages=LANGUAGES, questions=(RATING, *pool, LAST))
    coming = follow_up_views(rules(form), "en")
    assert list(TURNS) == [view.question_id for view in coming]


@pytest.mark.parametrize(
    ("questions", "path"),
    [
        ((Smiley(id="rating", text=text(), pool="turns"), *POOL),
         "questions[0].pool"),
        ((RATING, question("alone"), LAST), "questions[1].pool"),
        ((RATING, question("a"), LAST, question("b")), "questions[3].pool"),
        ((RATING, question("a"), question("b", condition=Condition("a", (True,)))),
         "questions[2].show_if.question"),
    ],
)  # fmt: skip
def test_a_pool_that_could_not_take_turns_is_refused(
    questions: tuple[Question, ...], path: str
) -> None:
    assert path in paths(*questions)


def test_a_pool_beside_a_broken_question_is_not_blamed() -> None:
    assert [] == paths(RATING, question("a"), None)
    assert [] == paths(RATING, *POOL, LAST)
