"""What a shopper may see next, so that it can be built while nobody waits for it."""

from collections.abc import Iterator

from config.questionnaire import Question
from kiosk.session.answers import offer
from kiosk.session.branching import upcoming_questions
from kiosk.session.state import Rules, State, Visit
from kiosk.session.views import QuestionView, view


def follow_up_views(rules: Rules, language: str) -> Iterator[QuestionView]:
    """The question below the thanks, for each face with one; of a pool, each that may be drawn."""
    for rating in range(rules.questionnaire.rating.faces):
        for question in _first_questions(rules, rating):
            phase = offer(Visit("", language, rating), question, rules, 0)
            seen = view(State(phase), rules)
            if isinstance(seen, QuestionView):
                yield seen


def _first_questions(rules: Rules, rating: int) -> Iterator[Question]:
    said = {rules.questionnaire.rating.id: rating}
    for first in upcoming_questions(rules.questions, said)[:1]:
        if first.pool is None:
            yield first
            continue
        elsewhere = [question for question in rules.questions if question.pool != first.pool]
        at = rules.questions.index(first)
        for member in rules.questions[at:]:
            if member.pool == first.pool:
                alone = [*elsewhere[:at], member, *elsewhere[at:]]
                yield from (q for q in upcoming_questions(alone, said)[:1] if q is member)
