"""What people say most: the options that they choose, question by question."""

from dataclasses import dataclass
from typing import NamedTuple

from headoffice.results import texts
from headoffice.results.catalogue import Catalogue, question_of
from headoffice.results.counts import word_counts
from headoffice.results.filters import Selection
from headoffice.results.kinds import Counts, count_answers, facts
from headoffice.results.ratings import enough
from headoffice.results.statistics import Index, share

MOST = 5


@dataclass(frozen=True)
class OptionShare:
    """One option of a question and how many chose it."""

    text: str
    count: int
    share: Index

    @property
    def percent(self) -> str:
        """Its share as text."""
        return f"{texts.number_text(self.share.value)} %"

    @property
    def width(self) -> str:
        """Its share as the width of a bar, in hundredths."""
        return f"{self.share.value:.2f}"


class TopOptions(NamedTuple):
    """One question with the options chosen most."""

    question: str
    n: int
    options: tuple[OptionShare, ...]

    @property
    def people(self) -> str:
        """How many answered, as text."""
        return texts.number_text(self.n)


def top_options(selection: Selection, catalogue: Catalogue, language: str) -> list[TopOptions]:
    """Per choice question the options chosen most, if enough answered it; most answered first."""
    found_choices = word_counts(selection, selection.period.span, catalogue.choices)
    by_question: dict[tuple[str, str], Counts] = {}
    for (version, question), values in found_choices.items():
        if version in catalogue.editions:
            sums = by_question.setdefault((catalogue.editions[version].name, question), {})
            for value, words in values.items():
                sums[value] = sums.get(value, 0) + words.n
    found = []
    for (name, question), counts in by_question.items():
        definition = question_of(catalogue.versions(name), question)
        options = () if definition is None else facts(definition).options
        if definition is None or not options or not enough(n := count_answers(definition, counts)):
            continue
        wordings = {option.id: texts.phrase(option.text, language) for option in options}
        shares = [
            OptionShare(wordings.get(option, option), count, part)
            for value, count in counts.items()
            if value.startswith("option:")
            and (option := value.removeprefix("option:"))
            and (part := share(count, n)) is not None
        ]
        shares.sort(key=lambda s: (-s.count, s.text))
        found.append(TopOptions(texts.phrase(definition.text, language), n, tuple(shares[:MOST])))
    return sorted(found, key=lambda top: -top.n)
