"""Every questionnaire version that answers can be shown of, and what its questions are."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from config.questionnaire import MultipleChoice, Question, Questionnaire, SingleChoice
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import parsed

Counts = dict[str, int]
"""How often each counted word of a question came; see counting.py for the words."""


class Edition(NamedTuple):
    """One version with its definition."""

    pk: int
    name: str
    definition: Questionnaire


class Catalogue:
    """The versions whose definition has arrived, newest last."""

    def __init__(self, editions: Iterable[Edition], unknown: frozenset[int]) -> None:
        self.editions = {edition.pk: edition for edition in editions}
        self.unknown = unknown
        """Versions that answers name and whose definition has not arrived yet."""
        self.ratings = {
            pk: (edition.definition.rating.id, int(edition.definition.rating.faces))
            for pk, edition in self.editions.items()
        }
        """By version: the id of the rating question, and its number of faces."""

    @classmethod
    def load(cls) -> Self:
        """As it is stored now; the definitions are parsed once per process."""
        rows = list(Version.objects.order_by("pk").values_list("pk", "name", "definition"))
        editions = [Edition(pk, name, parsed(text)) for pk, name, text in rows if text is not None]
        return cls(editions, frozenset(pk for pk, _name, text in rows if text is None))

    @property
    def rating_questions(self) -> frozenset[str]:
        """The ids that rating questions have."""
        return frozenset(question for question, _faces in self.ratings.values())

    @property
    def questions(self) -> frozenset[str]:
        """The ids that questions have; counts are found by them."""
        return frozenset(
            question.id
            for edition in self.editions.values()
            for question in edition.definition.questions
        )

    @property
    def choices(self) -> frozenset[str]:
        """The ids of questions that offer options."""
        return frozenset(
            question.id
            for edition in self.editions.values()
            for question in edition.definition.questions
            if isinstance(question, SingleChoice | MultipleChoice)
        )

    def names(self) -> dict[str, str]:
        """The title of each questionnaire by its name, the newest one's."""
        return {edition.name: edition.definition.title for edition in self.editions.values()}

    def versions(self, name: str) -> list[Edition]:
        """The versions of one questionnaire, oldest first."""
        return [edition for edition in self.editions.values() if edition.name == name]


def phrase(translations: dict[str, str], language: str) -> str:
    """The text in this language, in English, or in the first language that there is."""
    return (
        translations.get(language)
        or translations.get("en")
        or next(iter(translations.values()), "")
    )


def question_of(editions: Iterable[Edition], question: str) -> Question | None:
    """The newest wording of a question; None if no version asks it."""
    for edition in reversed(list(editions)):
        for candidate in edition.definition.questions:
            if candidate.id == question:
                return candidate
    return None
