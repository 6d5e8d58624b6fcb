"""What the head office knows of each kind of question: its figures, its values, its words.

Pages, API and exports ask here and nowhere else. A new kind is one more case of :func:`facts`,
and mypy says so where it was forgotten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, assert_never

from django.utils.translation import gettext as _

from config.kinds import ChoiceQuestion, NumberQuestion, numbers
from config.questionnaire import (
    Ces,
    Contact,
    Csat,
    FreeText,
    MultipleChoice,
    Nps,
    Option,
    Question,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
)
from headoffice.results.ratings import Rating, enough
from headoffice.results.statistics import Index, at_least, average, happiness, nps, share
from headoffice.results.texts import phrase

Counts = dict[str, int]
"""How often each counted word of a question came; rollups/write.py says which words there are."""
FigureName = Literal["happiness", "nps", "mean", "share_yes", "share_top", "share_consent"]
"""What programs know figures by."""


Title = Callable[[], str]
"""Words in the language of whoever reads them."""


class Formula(NamedTuple):
    """A figure that a kind of question calls for."""

    name: FigureName
    title: Title
    compute: Callable[[Counts], Index | None]
    low: float
    high: float
    """The ends of its scale."""
    percent: bool


class QuestionFigure(NamedTuple):
    """What a formula came to."""

    formula: Formula
    value: Index


class AnswerValue(NamedTuple):
    """A value that answers can have."""

    word: str
    """As it is counted."""
    label: str
    mood: int | None = None
    """Its place on the scale from bad to good, in quarters, where it has one."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that depends on the kind of a question."""

    title: Title
    """The kind in words."""
    shape: tuple[object, ...]
    """What versions of a question have to share for their answers to be one distribution."""
    formulas: tuple[Formula, ...]
    """The one that a reader looks for first is the first."""
    values: Callable[[str], tuple[AnswerValue, ...]]
    """What answers can be, in a language, in the order of a chart; none: nothing is drawn."""
    is_answer: Callable[[str], bool]
    """Whether a counted word stands for one answer: of a choice several may."""
    options: tuple[Option, ...]
    """What is offered to choose from; none: answers are no choice, and stand in their order."""
    option_columns: bool
    """Whether a table of answers has a column for each option, as several may be chosen."""
    is_text: bool
    """Whether answers are texts, which are read and not counted."""


def facts(question: Question) -> Facts:  # noqa: C901, PLR0911 - one for each kind
    """What is known of this question's kind."""
    match question:
        case Smiley(faces=faces):
            return _plain(
                lambda: _("Faces"),
                (Smiley, faces),
                _happiness(faces),
                values=_faces(faces),
                words=_words(question),
            )
        case Nps():
            return _plain(
                lambda: _("Recommendation"),
                (Nps,),
                Formula(
                    "nps",
                    lambda: _("Net Promoter Score"),
                    _of_numbers(nps, numbers(question)),
                    -100,
                    100,
                    percent=False,
                ),
                values=_numbers(question, lambda n: 4 if n >= 9 else 2 if n >= 7 else 0),
                words=_words(question),
            )
        case Ces():
            top = _top(lambda: _("Found it easy (5–7)"), question, 5)
            return _plain(
                lambda: _("Effort"),
                (Ces,),
                top,
                _mean(question),
                values=_numbers(question),
                words=_words(question),
            )
        case Csat(steps=steps):
            ends = {"low": steps - 1, "high": steps}
            return _plain(
                lambda: _("Satisfaction"),
                (Csat, steps),
                _top(lambda: _("Satisfied (%(low)s–%(high)s)") % ends, question, steps - 1),
                _mean(question),
                values=_numbers(question),
                words=_words(question),
            )
        case YesNo():
            return _plain(
                lambda: _("Yes or no"),
                (YesNo,),
                _one_of_two("share_yes", lambda: _("Yes"), "yes", "no"),
                values=lambda _language: (AnswerValue("yes", _("Yes")), AnswerValue("no", _("No"))),
                words=("yes", "no"),
            )
        case Scale(low=low, high=high):
            return _plain(
                lambda: _("Scale"),
                (Scale, low, high),
                _mean(question),
                values=_numbers(question),
                words=_words(question),
            )
        case SingleChoice():
            return _choice(lambda: _("One choice"), question, option_columns=False)
        case MultipleChoice():
            return _choice(lambda: _("Several choices"), question, option_columns=True)
        case FreeText():
            return _plain(
                lambda: _("Free text"),
                (FreeText,),
                values=_no_values,
                words=("text",),
                is_text=True,
            )
        case Contact():
            return _plain(
                lambda: _("Contact details"),
                (Contact,),
                _one_of_two(
                    "share_consent", lambda: _("Left contact details"), "consent", "declined"
                ),
                values=_no_values,
                words=("consent", "declined"),
            )
    assert_never(question)


def figures(question: Question, counts: Counts) -> tuple[QuestionFigure, ...]:
    """The figures of a question, for pages and programs alike; none from too few answers."""
    found = ((formula, formula.compute(counts)) for formula in facts(question).formulas)
    return tuple(
        QuestionFigure(formula, index)
        for formula, index in found
        if index is not None and enough(index.n)
    )


def count_answers(question: Question, counts: Counts) -> int:
    """How many answers were counted."""
    is_answer = facts(question).is_answer
    return sum(n for word, n in counts.items() if is_answer(word))


def _plain(
    title: Title,
    shape: tuple[object, ...],
    *formulas: Formula,
    values: Callable[[str], tuple[AnswerValue, ...]],
    words: tuple[str, ...],
    is_text: bool = False,
) -> Facts:
    """Facts of a kind whose answers are one of these words each."""
    return Facts(
        title=title,
        shape=shape,
        formulas=formulas,
        values=values,
        is_answer=lambda word: word in words,
        options=(),
        option_columns=False,
        is_text=is_text,
    )


def _choice(title: Title, question: ChoiceQuestion, *, option_columns: bool) -> Facts:
    def values(language: str) -> tuple[AnswerValue, ...]:
        offered = [
            AnswerValue(f"option:{o.id}", phrase(o.text, language)) for o in question.options
        ]
        return (*offered, *([AnswerValue("other", _("In own words"))] if question.other else []))

    return Facts(
        title=title,
        shape=(type(question),),
        formulas=(),
        values=values,
        is_answer=lambda word: word == "answered",
        options=question.options,
        option_columns=option_columns,
        is_text=False,
    )


def _no_values(_language: str) -> tuple[AnswerValue, ...]:
    return ()


def _faces(faces: int) -> Callable[[str], tuple[AnswerValue, ...]]:
    """The happiest first."""
    return lambda _language: tuple(
        AnswerValue(str(rating.face), rating.name, rating.mood)
        for rating in (Rating(face, faces) for face in reversed(range(faces)))
    )


def _numbers(
    question: NumberQuestion, mood: Callable[[int], int | None] = lambda _n: None
) -> Callable[[str], tuple[AnswerValue, ...]]:
    return lambda _language: tuple(AnswerValue(str(n), str(n), mood(n)) for n in numbers(question))


def _words(question: NumberQuestion) -> tuple[str, ...]:
    return tuple(map(str, numbers(question)))


def _of_numbers(
    formula: Callable[[Mapping[int, int]], Index | None], possible: range
) -> Callable[[Counts], Index | None]:
    """Of the numbers that can be given: counts may hold others, which are no answers."""
    return lambda counts: formula({n: counts.get(str(n), 0) for n in possible})


def _happiness(faces: int) -> Formula:
    def index(counts: Counts) -> Index | None:
        return happiness([counts.get(str(face), 0) for face in range(faces)])

    return Formula("happiness", lambda: _("Happiness index"), index, 0, 100, percent=False)


def _mean(question: NumberQuestion) -> Formula:
    low, *_between, high = numbers(question)
    index = _of_numbers(lambda counts: average(counts, low, high), numbers(question))
    return Formula("mean", lambda: _("Average"), index, low, high, percent=False)


def _top(title: Title, question: NumberQuestion, least: int) -> Formula:
    index = _of_numbers(lambda counts: at_least(counts, least), numbers(question))
    return Formula("share_top", title, index, 0, 100, percent=True)


def _one_of_two(name: FigureName, title: Title, hit: str, miss: str) -> Formula:
    def index(counts: Counts) -> Index | None:
        hits = counts.get(hit, 0)
        return share(hits, hits + counts.get(miss, 0))

    return Formula(name, title, index, 0, 100, percent=True)
