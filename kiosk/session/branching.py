"""The route through a questionnaire: what is asked, and in which order.

Pure functions of the questions and of what has been answered so far. A skipped question is in the
answers as None: it was passed, and it matches no condition.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from config.questionnaire import Condition, Question, Questionnaire
from config.values import ChoiceValue, Value
from kiosk.session.kinds import facts

Answers = Mapping[str, Value | None]
"""What was said to each question so far, in the order it was asked; None: skipped."""


def follow_ups(questionnaire: Questionnaire) -> tuple[Question, ...]:
    """The questions that stand directly behind the rating and are shown for some ratings only."""
    rating = questionnaire.rating.id

    return tuple(takewhile(lambda each: each.depends_on(rating), questionnaire.questions[1:]))


def enabled_questions(
    questionnaire: Questionnaire, *, follow_up: bool = True, invite: bool = True
) -> tuple[Question, ...]:
    """The questions that a kiosk asks, the rating first."""
    behind = follow_ups(questionnaire)
    rest = questionnaire.questions[1 + len(behind) :]
    return (
        questionnaire.rating,
        *(behind if follow_up else ()),
        *(rest if invite else ()),
    )


def drawn_questions(questions: Sequence[Question], response: str) -> tuple[Question, ...]:
    """The same questions, those of each pool in the order of this response's draw.

    By a hash of the response's id, so each order is as likely as any other, nothing has to be
    remembered, and going back leads to the same question.
    """

    def place(at: int) -> tuple[int, str]:
        question = questions[at]
        if question.pool is None:
            return at, ""
        text = f"{response} {question.id}".encode()
        return begins[question.pool], hashlib.sha256(text).hexdigest()

    begins: dict[str, int] = {}
    for at, question in enumerate(questions):
        if question.pool is not None:
            begins.setdefault(question.pool, at)
    return tuple(questions[at] for at in sorted(range(len(questions)), key=place))


def reachable_questions(questions: Sequence[Question], answers: Answers) -> Iterator[Question]:
    """Those that are asked after these answers, in order.

    A condition on a question that is itself not reached never matches, so whole branches fall
    away at once. One on a question that is not answered yet does not match yet. Of a pool only the
    first that is reached is asked.
    """
    reachable: set[str] = set()

    def holds(condition: Condition) -> bool:
        asked = condition.question
        return asked in reachable and _matches(condition, answers.get(asked))

    pools: set[str] = set()
    for question in questions:
        if question.pool not in pools and question.is_shown(holds):
            reachable.add(question.id)
            if question.pool is not None:
                pools.add(question.pool)
            yield question


def upcoming_questions(
    questions: Sequence[Question], answers: Answers, after: str | None = None
) -> tuple[Question, ...]:
    """What is still to come after this question; without one, after the rating."""
    order = [question.id for question in questions]
    start = order.index(after) + 1 if after is not None else 1
    behind = set(order[start:])
    return tuple(
        question for question in reachable_questions(questions, answers) if question.id in behind
    )


def unreachable_answers(questions: Sequence[Question], answers: Answers) -> tuple[str, ...]:
    """Answered questions that these answers no longer lead to."""
    reachable = {question.id for question in reachable_questions(questions, answers)}
    return tuple(
        question
        for question, value in answers.items()
        if value is not None and question not in reachable
    )


def estimated_seconds(questions: Sequence[Question]) -> int:
    """About how long these take a person, in whole tens of seconds and at least ten."""
    took = sum(facts(question).seconds for question in questions)
    return max(10, 10 * round(took / 10))


def _matches(condition: Condition, value: Value | None) -> bool:
    match value:
        case None:
            return False
        case ChoiceValue(options=options, other=other):
            chosen = (*options, *(() if other is None else ("other",)))
            return any(option in condition.one_of for option in chosen)
        case _:
            # True == 1 in Python; a condition on a number must not match yes.
            return any(type(one) is type(value) and one == value for one in condition.one_of)
