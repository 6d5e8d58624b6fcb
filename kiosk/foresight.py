"""What a shopper may see next, so that it can be built while nobody waits for it."""

from collections.abc import Iterator

from kiosk.session_answers import after_rating
from kiosk.session_route import following
from kiosk.session_state import Rules, State, Visit
from kiosk.views import QuestionView, view


def after_the_rating(rules: Rules, language: str) -> Iterator[QuestionView]:
    """The question below the thanks, for each face with one."""
    question = rules.questionnaire.rating
    for rating in range(question.faces):
        if following(rules.questions, {question.id: rating}):
            phase = after_rating(Visit("", language, rating), rules, 0)
            seen = view(State(phase), rules)
            if isinstance(seen, QuestionView):
                yield seen
