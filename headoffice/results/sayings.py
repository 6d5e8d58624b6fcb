"""What people say most: the options that they choose, question by question."""

from dataclasses import dataclass
from typing import NamedTuple

from config.questionnaire import MultipleChoice, SingleChoice
from headoffice.results import texts
from headoffice.results.catalogue import Catalogue, Counts, phrase, question_of
from headoffice.results.selection import Selection
from headoffice.results.statistics import Index, share
from headoffice.results.tallies import enough, questions

MOST = 5


@dataclass(frozen=True)
class Said:
    """One option of a question and how many chose it."""

    text: str
    count: int
    share: Index

    @property
    def percent(self) -> str:
        """Its share as text."""
        return f"{texts.number(self.share.value)} %"

    @property
    def width(self) -> str:
        """Its share as the width of a bar, in hundredths."""
        return f"{self.share.value:.2f}"


class Saying(NamedTuple):
    """One question with the options chosen most."""

    question: str
    n: int
    options: tuple[Said, ...]

    @property
    def people(self) -> str:
        """How many answered, as text."""
        return texts.number(self.n)


def said_most(selection: Selection, catalogue: Catalogue, language: str) -> list[Saying]:
    """Per choice question the options chosen most, if enough answered it; most answered first."""
    found_choices = questions(selection, selection.period.span, catalogue.choices)
    by_question: dict[tuple[str, str], Counts] = {}
    for (version, question), values in found_choices.items():
        if version in catalogue.editions:
            sums = by_question.setdefault((catalogue.editions[version].name, question), {})
            for value, words in values.items():
                sums[value] = sums.get(value, 0) + words.n
    found = []
    for (name, question), counts in by_question.items():
        asked = question_of(catalogue.versions(name), question)
        n = counts.get("answered", 0)
        if not isinstance(asked, SingleChoice | MultipleChoice) or not enough(n):
            continue
        wordings = {option.id: phrase(option.text, language) for option in asked.options}
        said = [
            Said(wordings.get(option, option), count, part)
            for value, count in counts.items()
            if value.startswith("option:")
            and (option := value.removeprefix("option:"))
            and (part := share(count, n)) is not None
        ]
        said.sort(key=lambda s: (-s.count, s.text))
        found.append(Saying(phrase(asked.text, language), n, tuple(said[:MOST])))
    return sorted(found, key=lambda saying: -saying.n)
