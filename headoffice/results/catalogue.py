"""Every questionnaire version that answers can be shown of, and what its questions are."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from config.questionnaire import Question, Questionnaire
from headoffice.questionnaires.definitions import known_definitions
from headoffice.questionnaires.models import Version
from headoffice.results.kinds import facts


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
        """Versions that answers name and whose definition has not arrived yet, or can't be read."""
        self.ratings = {
            pk: (edition.definition.rating.id, int(edition.definition.rating.faces))
            for pk, edition in self.editions.items()
        }
        """By version: the id of the rating question, and its number of faces."""

    @classmethod
    def load(cls) -> Self:
        """As it is stored now; definitions stay decoded in the process.

        One that can't be read is as if it had not arrived.
        """
        rows = list(Version.objects.order_by("pk").values_list("pk", "name"))
        forms = known_definitions()
        editions = [
            Edition(pk, name, form) for pk, name in rows if (form := forms.get(pk)) is not None
        ]
        return cls(editions, frozenset(pk for pk, _name in rows if forms.get(pk) is None))

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
            if facts(question).options
        )

    def names(self) -> dict[str, str]:
        """The title of each questionnaire by its name, the newest one's."""
        return {edition.name: edition.definition.title for edition in self.editions.values()}

    def versions(self, name: str) -> list[Edition]:
        """The versions of one questionnaire, oldest first."""
        return [edition for edition in self.editions.values() if edition.name == name]


def question_of(editions: Iterable[Edition], question: str) -> Question | None:
    """The newest wording of a question; None if no version asks it."""
    for edition in reversed(list(editions)):
        for candidate in edition.definition.questions:
            if candidate.id == question:
                return candidate
    return None
