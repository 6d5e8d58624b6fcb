"""Question by question: the figure and the chart that its kind calls for, and who left where."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.questionnaire import Question
from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue, Edition
from headoffice.results.charts import Bar, Chart
from headoffice.results.counts import WordCount
from headoffice.results.filters import Selection
from headoffice.results.kinds import Counts, Facts, FigureName, QuestionFigure, facts, figures
from headoffice.results.ratings import enough
from headoffice.results.statistics import share
from headoffice.rollups.write import LEFT_PREFIX, SKIP_WORD


class Measure(NamedTuple):
    """A figure of a question as texts, with its place on its scale in hundredths."""

    formula: FigureName
    name: str
    value: str
    interval: str
    n: str
    low: str
    width: str
    dot: str


class QuestionReport(NamedTuple):
    """One question with all that came of it."""

    id: str
    text: str
    kind: str
    measures: tuple[Measure, ...]
    chart: Chart | None
    n: int
    n_asked: str
    n_answered: str
    n_skipped: str
    n_left: str
    share_answered: str
    x_left: str
    few: bool
    is_text: bool = False
    """Its answers are read and not counted."""
    seconds: str = ""
    other_shape: bool = False
    """An older version asked it with another scale, which is not mixed in."""

    @property
    def size(self) -> str:
        """The height of its chart by its number of bars."""
        bars = len(self.chart.spec["labels"]) if self.chart else 0
        return "tall" if bars > 8 else "medium" if bars > 5 else "low"


@dataclass(frozen=True)
class EndingShare:
    """How responses ended."""

    name: str
    count: str
    share: str


class QuestionnaireReport(NamedTuple):
    """A questionnaire from its first question to its end."""

    name: str
    title: str
    questions: tuple[QuestionReport, ...]
    outcomes: tuple[EndingShare, ...]
    few: bool
    """Somebody was asked, and too few for any figure."""


VersionCounts = dict[tuple[int, str], dict[str, WordCount]]
"""All that was counted, by version and question; see tallies.questions."""


def questionnaire_of(selection: Selection, catalogue: Catalogue, found: VersionCounts) -> str:
    """The questionnaire asked for; else the one that was answered most, or the newest."""
    if selection.questionnaire:
        return selection.questionnaire
    often: Counter[str] = Counter()
    for edition in catalogue.editions.values():
        often[edition.name] += 0
    for (version, _question), words in found.items():
        if version in catalogue.editions:
            often[catalogue.editions[version].name] += sum(word.n for word in words.values())
    newest_first = list(often)[::-1]
    return max(newest_first, key=lambda name: often[name], default="")


class _Part(NamedTuple):
    """What was counted of the versions that are looked at."""

    counts: VersionCounts
    editions: list[Edition]
    ends: Counts


def questionnaire_report(
    selection: Selection, catalogue: Catalogue, found: VersionCounts, name: str, language: str
) -> QuestionnaireReport | None:
    """Everything about one questionnaire; None if it is not known."""
    editions = [
        e
        for e in catalogue.versions(name)
        if selection.versions is None or e.pk in selection.versions
    ]
    if not editions:
        return None
    ends = _summed(found, editions, "")
    part = _Part(found, editions, ends)
    asked = tuple(
        _question_report(question, part, language) for question in editions[-1].definition.questions
    )
    # Whom a later question was asked tells what they had answered before: of too few who were
    # asked the first one nothing is shown, not even the noughts.
    n = max((question.n for question in asked), default=0)
    few = n > 0 and not enough(n)
    outcomes = () if few else _outcomes(ends)
    title = editions[-1].definition.title
    return QuestionnaireReport(name, title, () if few else asked, outcomes, few)


def _summed(found: VersionCounts, editions: list[Edition], question: str) -> Counts:
    total: Counts = {}
    for edition in editions:
        for value, words in found.get((edition.pk, question), {}).items():
            total[value] = total.get(value, 0) + words.n
    return total


def _question_report(question: Question, part: _Part, language: str) -> QuestionReport:
    known = facts(question)
    alike = [e for e in part.editions if _has_shape(e, question.id, known)]
    words = _summed(part.counts, alike, question.id)
    skipped = words.get(SKIP_WORD, 0)
    answered, seconds = _answers(known, question.id, part.counts, alike)
    left = part.ends.get(LEFT_PREFIX + question.id, 0)
    asked = answered + skipped + left
    few = not enough(answered)
    answering = answered / asked if asked else 0.0
    # How the few that were asked went on is told by none of these, nor by what is left of others.
    thin = asked > 0 and not enough(asked)
    n_answered, n_skipped, n_left = (
        "–" if thin else texts.number_text(n) for n in (answered, skipped, left)
    )
    return QuestionReport(
        id=question.id,
        n=asked,
        text=texts.phrase(question.text, language),
        kind=known.title(),
        measures=tuple(map(_measure, figures(question, words))),
        chart=None if few else _chart(question, known, words, answered, language),
        n_asked=texts.number_text(asked),
        n_answered=n_answered,
        n_skipped=n_skipped,
        n_left=n_left,
        share_answered=f"{0 if thin else 100 * answering:.2f}",
        x_left=f"{100 * (answered + skipped) / asked if asked and not thin else 0:.2f}",
        few=few,
        is_text=known.is_text,
        seconds="" if few else texts.number_text(seconds, 1),
        other_shape=any(
            (e.pk, question.id) in part.counts and e not in alike for e in part.editions
        ),
    )


def _answers(
    known: Facts, question: str, found: VersionCounts, editions: list[Edition]
) -> tuple[int, float]:
    """How many answers there are, and how many seconds one took on average."""
    n = took_ms = 0
    for edition in editions:
        for word, counted in found.get((edition.pk, question), {}).items():
            if known.is_answer(word):
                n, took_ms = n + counted.n, took_ms + counted.took_ms
    return n, took_ms / 1000 / max(1, n)


def _has_shape(edition: Edition, question: str, known: Facts) -> bool:
    """Whether this version asks the question with the same scale."""
    try:
        return facts(edition.definition.question(question)).shape == known.shape
    except KeyError:
        return False


def _measure(figure: QuestionFigure) -> Measure:
    (formula, title, _compute, low, high, percent), index = figure
    # A share or an index in whole points; a mean of a short scale needs the hundredths.
    decimals = 0 if high - low >= 100 else 2
    unit = "\N{NO-BREAK SPACE}%" if percent else ""
    scale = 100 / (high - low)
    return Measure(
        formula,
        title(),
        f"{texts.number_text(index.value, decimals)}{unit}",
        f"{texts.interval(index, decimals)}{unit}",
        texts.number_text(index.n),
        f"{scale * (index.interval.low - low):.2f}",
        f"{scale * (index.interval.high - index.interval.low):.2f}",
        f"{scale * (index.value - low):.2f}",
    )


def _chart(question: Question, known: Facts, words: Counts, n: int, language: str) -> Chart | None:
    bars = []
    for value in known.values(language):
        count = words.get(value.word, 0)
        part = share(count, n)
        if part is not None:
            interval = texts.percent_text(texts.interval(part, 1))
            bars.append(Bar(value.label, count, part.value, interval, value.mood))
    if known.options:
        bars.sort(key=lambda bar: -bar.count)
    title = texts.phrase(question.text, language)
    return charts.distribution(f"q-{question.id}", title, bars) if bars else None


def _outcomes(ends: Counts) -> tuple[EndingShare, ...]:
    names = {
        "complete": _("Completed"),
        "partial": _("Ended early"),
        "timed_out": _("Abandoned"),
    }
    n = sum(ends.get(outcome, 0) for outcome in names)
    if not enough(n):
        return ()
    return tuple(
        EndingShare(
            name,
            texts.number_text(ends.get(outcome, 0)),
            texts.percent(100 * ends.get(outcome, 0) / n),
        )
        for outcome, name in names.items()
    )
