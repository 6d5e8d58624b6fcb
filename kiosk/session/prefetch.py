"""What a shopper may see next, so that it can be built while nobody waits for it."""

from collections.abc import Iterator

from kiosk.session.answers import next_offer
from kiosk.session.branching import upcoming_questions
from kiosk.session.state import Rules, State, Visit
from kiosk.session.views import QuestionView, view


def follow_up_views(rules: Rules, language: str) -> Iterator[QuestionView]:
    """The question below the thanks, for each face with one."""
    question = rules.questionnaire.rating
    for rating in range(question.faces):
        if upcoming_questions(rules.questions, {question.id: rating}):
            phase = next_offer(Visit("", language, rating), rules, 0)
            seen = view(State(phase), rules)
            if isinstance(seen, QuestionView):
                yield seen
