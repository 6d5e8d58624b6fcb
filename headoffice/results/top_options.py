"""What people say most: the options that they choose, now, before, and everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from config.questionnaire import SingleChoice
from headoffice.results import texts
from headoffice.results.catalogue import Catalogue, question_of
from headoffice.results.counts import word_counts
from headoffice.results.filters import Selection
from headoffice.results.kinds import Counts, count_answers, facts
from headoffice.results.multiplicity import judge_together
from headoffice.results.ratings import enough
from headoffice.results.statistics import Difference, Index, difference, share
from headoffice.rollups.periods import Span

MOST = 5
_PREFIX = "option:"
_Question = tuple[str, str]
"""The name of a questionnaire, and the id of a question."""


@dataclass(frozen=True)
class OptionShare:
    """One option of a question, and who chose it now, before and everywhere."""

    text: str
    count: int
    share: Index | None
    """None where so few chose it that it could point at them."""
    before: Index | None
    everywhere: Index | None
    change: Difference | None
    """Of its share against the period before."""

    @property
    def percent(self) -> str:
        """Its share as text."""
        return _percent(self.share)

    @property
    def interval(self) -> str:
        """The 95 % interval of its share."""
        return _interval(self.share)

    @property
    def width(self) -> str:
        """Its share as the width of a bar, in hundredths."""
        return f"{self.share.value if self.share else 0:.2f}"

    @property
    def percent_before(self) -> str:
        """Its share in the period before."""
        return _percent(self.before)

    @property
    def interval_before(self) -> str:
        """The 95 % interval of that."""
        return _interval(self.before)

    @property
    def percent_everywhere(self) -> str:
        """Its share at all places."""
        return _percent(self.everywhere)

    @property
    def interval_everywhere(self) -> str:
        """The 95 % interval of that."""
        return _interval(self.everywhere)

    @property
    def verdict(self) -> str:
        """Whether it is said clearly more or less than before; empty if that is not clear."""
        if self.change is None or not self.change.clear:
            return ""
        return _("clearly more") if self.change.value > 0 else _("clearly less")


class TopOptions(NamedTuple):
    """One question with the options chosen most."""

    questionnaire: str
    """Its name."""
    id: str
    question: str
    n: int
    n_before: int
    n_everywhere: int
    options: tuple[OptionShare, ...]
    compared: bool
    """Whether enough answered in the period before."""
    alone: bool
    """Whether there is nothing else that this could be compared with."""
    hidden: str
    """What stands for a share of too few."""

    @property
    def people(self) -> str:
        """How many answered, as text."""
        return texts.number_text(self.n)

    @property
    def people_before(self) -> str:
        """How many answered in the period before."""
        return texts.number_text(self.n_before)

    @property
    def people_everywhere(self) -> str:
        """How many answered at all places."""
        return texts.number_text(self.n_everywhere)


def top_options(
    selection: Selection, catalogue: Catalogue, language: str, chain: Selection | None = None
) -> list[TopOptions]:
    """Per choice question the options chosen most, if enough answered it; most answered first.

    With ``chain``, the same question about all places, their shares stand beside. A share that
    one to four people make is left out, here and in what it is compared with; of a question
    with one choice a second one, too, as the others would tell it.
    """
    now = _by_question(selection, catalogue, selection.period.span)
    before = _by_question(selection, catalogue, selection.period.before)
    everywhere = _by_question(chain, catalogue, chain.period.span) if chain else {}
    found = []
    for (name, question), counts in now.items():
        definition = question_of(catalogue.versions(name), question)
        known = () if definition is None else facts(definition).options
        if definition is None or not known or not enough(n := count_answers(definition, counts)):
            continue
        wordings = {option.id: texts.phrase(option.text, language) for option in known}
        chosen = [value for value in counts if value.startswith(_PREFIX)]
        single = isinstance(definition, SingleChoice)
        of_before, of_all = (of.get((name, question), {}) for of in (before, everywhere))
        n_before, n_all = (count_answers(definition, of) for of in (of_before, of_all))
        shares = _shares(counts, n, single=single)
        earlier = _shares(of_before, n_before, single=single)
        others = {value: of_all.get(value, 0) - counts[value] for value in chosen}
        wide = _shares(of_all, n_all, single=single) if enough(n_all - n) else {}
        for value in chosen:
            if value not in of_before and (nobody := _zero(n_before)):
                earlier[value] = nobody
        changes = [_difference(shares.get(value), earlier.get(value)) for value in chosen]
        options = [
            OptionShare(
                wordings.get(value.removeprefix(_PREFIX), value.removeprefix(_PREFIX)),
                counts[value],
                shares.get(value),
                earlier.get(value),
                wide.get(value) if not others[value] or enough(others[value]) else None,
                change,
            )
            for value, change in zip(chosen, judge_together(changes), strict=True)
        ]
        options.sort(key=lambda s: (-s.count, s.text))
        found.append(
            TopOptions(
                name,
                question,
                texts.phrase(definition.text, language),
                n,
                n_before,
                n_all,
                tuple(options[:MOST]),
                enough(n_before),
                not wide,
                _("fewer than %(n)s") % {"n": texts.number_text(settings.PRIVACY_MINIMUM)},
            )
        )
    return sorted(found, key=lambda top: -top.n)


def _by_question(selection: Selection, catalogue: Catalogue, span: Span) -> dict[_Question, Counts]:
    found: dict[_Question, Counts] = {}
    for (version, question), values in word_counts(selection, span, catalogue.choices).items():
        if version in catalogue.editions:
            sums = found.setdefault((catalogue.editions[version].name, question), {})
            for value, words in values.items():
                sums[value] = sums.get(value, 0) + words.n
    return found


def _shares(counts: Counts, n: int, *, single: bool) -> dict[str, Index]:
    """The shares of the options that enough people chose."""
    if not enough(n):
        return {}
    chosen = sorted(
        ((count, value) for value, count in counts.items() if value.startswith(_PREFIX) and count)
    )
    few = [value for count, value in chosen if not enough(count)]
    if single and len(few) == 1:
        few = [value for _count, value in chosen[:2]]
    return _known((value, share(count, n)) for count, value in chosen if value not in few)


def _known(shares: Iterable[tuple[str, Index | None]]) -> dict[str, Index]:
    return {value: found for value, found in shares if found is not None}


def _zero(n: int) -> Index | None:
    """Nobody of so many; None where too few answered."""
    return share(0, n) if enough(n) else None


def _difference(now: Index | None, before: Index | None) -> Difference | None:
    return None if now is None or before is None else difference(now, before)


def _percent(found: Index | None) -> str:
    return "" if found is None else texts.percent(found.value)


def _interval(found: Index | None) -> str:
    return "" if found is None else texts.percent_text(texts.interval(found))
