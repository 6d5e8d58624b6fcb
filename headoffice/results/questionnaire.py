"""Question by question: the figure and the chart that its kind calls for, and who left where."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.questionnaire import (
    Ces,
    Contact,
    Csat,
    FreeText,
    MultipleChoice,
    Nps,
    Question,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
)
from headoffice.results import charts, texts
from headoffice.results.catalogue import Catalogue, Counts, Edition, phrase
from headoffice.results.charts import Bar, Chart
from headoffice.results.counting import LEFT, SKIPPED
from headoffice.results.drawing import NAMES
from headoffice.results.selection import Selection
from headoffice.results.statistics import (
    Index,
    at_least,
    average,
    happiness,
    nps,
    share,
)
from headoffice.results.tallies import Words, enough


class Measure(NamedTuple):
    """A figure of a question as texts, with its place on its scale in hundredths."""

    name: str
    value: str
    interval: str
    n: str
    low: str
    width: str
    dot: str


class Asked(NamedTuple):
    """One question with all that came of it."""

    id: str
    text: str
    kind: str
    measures: tuple[Measure, ...]
    chart: Chart | None
    asked: str
    answered: str
    skipped: str
    left: str
    share_answered: str
    x_left: str
    few: bool
    written: bool = False
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
class Outcome:
    """How responses ended."""

    name: str
    count: str
    share: str


class Course(NamedTuple):
    """A questionnaire from its first question to its end."""

    name: str
    title: str
    questions: tuple[Asked, ...]
    outcomes: tuple[Outcome, ...]
    ended: str


Found = dict[tuple[int, str], dict[str, Words]]
"""All that was counted, by version and question; see tallies.questions."""


def chosen(selection: Selection, catalogue: Catalogue, found: Found) -> str:
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

    counts: Found
    editions: list[Edition]
    ends: Counts


def course(
    selection: Selection, catalogue: Catalogue, found: Found, name: str, language: str
) -> Course | None:
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
        _asked(question, part, language) for question in editions[-1].definition.questions
    )
    return Course(name, editions[-1].definition.title, asked, *_outcomes(ends))


def _summed(found: Found, editions: list[Edition], question: str) -> Counts:
    total: Counts = {}
    for edition in editions:
        for value, words in found.get((edition.pk, question), {}).items():
            total[value] = total.get(value, 0) + words.n
    return total


def _asked(question: Question, part: _Part, language: str) -> Asked:
    alike = [e for e in part.editions if _has_shape(e, question)]
    words = _summed(part.counts, alike, question.id)
    skipped = words.get(SKIPPED, 0)
    answered = sum(words.values()) - skipped
    if isinstance(question, SingleChoice | MultipleChoice):
        answered = words.get("answered", 0)
    left = part.ends.get(LEFT + question.id, 0)
    asked = answered + skipped + left
    few = not enough(answered)
    answering = answered / asked if asked else 0.0
    return Asked(
        id=question.id,
        text=phrase(question.text, language),
        kind=_kind(question),
        measures=() if few else tuple(_measures(question, words)),
        chart=None if few else _chart(question, words, answered, language),
        asked=texts.number(asked),
        answered=texts.number(answered),
        skipped=texts.number(skipped),
        left=texts.number(left),
        share_answered=f"{100 * answering:.2f}",
        x_left=f"{100 * (answered + skipped) / asked if asked else 0:.2f}",
        few=few,
        written=isinstance(question, FreeText),
        seconds="" if few else texts.number(_seconds(question, part.counts, alike), 1),
        other_shape=any(
            (e.pk, question.id) in part.counts and e not in alike for e in part.editions
        ),
    )


def _seconds(question: Question, found: Found, editions: list[Edition]) -> float:
    """How long an answer took on average."""
    n = took_ms = 0
    for edition in editions:
        for value, words in found.get((edition.pk, question.id), {}).items():
            # The words of a choice carry the time of their answer once each.
            if value not in (SKIPPED, "other") and not value.startswith("option:"):
                n, took_ms = n + words.n, took_ms + words.took_ms
    return took_ms / 1000 / max(1, n)


def _has_shape(edition: Edition, question: Question) -> bool:
    """Whether this version asks the question with the same scale."""
    try:
        other = edition.definition.question(question.id)
    except KeyError:
        return False
    match question, other:
        case Smiley(faces=one), Smiley(faces=two):
            return one == two
        case Csat(steps=one), Csat(steps=two):
            return one == two
        case Scale(low=low, high=high), Scale(low=other_low, high=other_high):
            return (low, high) == (other_low, other_high)
        case _:
            return type(question) is type(other)


def _kind(question: Question) -> str:
    return {
        Smiley: _("Faces"),
        Nps: _("Recommendation"),
        Ces: _("Effort"),
        Csat: _("Satisfaction"),
        YesNo: _("Yes or no"),
        Scale: _("Scale"),
        SingleChoice: _("One choice"),
        MultipleChoice: _("Several choices"),
        FreeText: _("Free text"),
        Contact: _("Contact details"),
    }[type(question)]


def _numbers(words: Counts) -> dict[int, int]:
    return {int(value): count for value, count in words.items() if value.isdecimal()}


def _measures(  # noqa: PLR0911 - one line per kind of question
    question: Question, words: Counts
) -> list[Measure]:
    numbers = _numbers(words)
    match question:
        case Smiley(faces=faces):
            tally = [numbers.get(face, 0) for face in range(faces)]
            return _drawn(_("Happiness index"), happiness(tally), 0, 100)
        case Nps():
            return _drawn(_("Net Promoter Score"), nps(numbers), -100, 100)
        case Ces():
            easy = _drawn(_("Found it easy (5–7)"), at_least(numbers, 5), 0, 100, "%")
            return [*easy, *_drawn(_("Average"), average(numbers, 1, 7), 1, 7)]
        case Csat(steps=steps):
            name = _("Satisfied (%(low)s–%(high)s)") % {"low": steps - 1, "high": steps}
            satisfied = _drawn(name, at_least(numbers, steps - 1), 0, 100, "%")
            mean = _drawn(_("Average"), average(numbers, 1, steps), 1, steps)
            return [*satisfied, *mean]
        case YesNo():
            yes, no = words.get("yes", 0), words.get("no", 0)
            return _drawn(_("Yes"), share(yes, yes + no), 0, 100, "%")
        case Scale(low=low, high=high):
            return _drawn(_("Average"), average(numbers, low, high), low, high)
        case Contact():
            given, declined = words.get("consent", 0), words.get("declined", 0)
            return _drawn(_("Left contact details"), share(given, given + declined), 0, 100, "%")
        case _:
            return []


def _drawn(
    name: str, index: Index | None, low: float, high: float, unit: str = ""
) -> list[Measure]:
    # A share or an index in whole points; a mean of a short scale needs the hundredths.
    decimals = 0 if high - low >= 100 else 2
    if index is None:
        return []
    space = "\N{NO-BREAK SPACE}" if unit else ""
    scale = 100 / (high - low)
    return [
        Measure(
            name,
            f"{texts.number(index.value, decimals)}{space}{unit}",
            f"{texts.between(index, decimals)}{space}{unit}",
            texts.number(index.n),
            f"{scale * (index.interval.low - low):.2f}",
            f"{scale * (index.interval.high - index.interval.low):.2f}",
            f"{scale * (index.value - low):.2f}",
        )
    ]


def _chart(question: Question, words: Counts, n: int, language: str) -> Chart | None:
    values = _values(question, language)
    if not values:
        return None
    bars = []
    for value, label, mood in values:
        count = words.get(value, 0)
        part = share(count, n)
        if part is not None:
            interval = f"{texts.between(part, 1)} %"
            bars.append(Bar(label, count, part.value, interval, mood))
    if isinstance(question, SingleChoice | MultipleChoice):
        bars.sort(key=lambda bar: -bar.count)
    return charts.distribution(f"q-{question.id}", phrase(question.text, language), bars)


def _values(  # noqa: PLR0911 - one line per kind of question
    question: Question, language: str
) -> list[tuple[str, str, int | None]]:
    """The values that a question can have: as counted, in words, and with which mood."""
    match question:
        case Smiley(faces=faces):
            names = [str(name) for name in NAMES[int(faces)]]
            return [
                (str(face), names[face], round(4 * face / (faces - 1)))
                for face in reversed(range(faces))
            ]
        case Nps():
            return [(str(n), str(n), 4 if n >= 9 else 2 if n >= 7 else 0) for n in range(11)]
        case Ces():
            return [(str(n), str(n), None) for n in range(1, 8)]
        case Csat(steps=steps):
            return [(str(n), str(n), None) for n in range(1, steps + 1)]
        case Scale(low=low, high=high):
            return [(str(n), str(n), None) for n in range(low, high + 1)]
        case YesNo():
            return [("yes", _("Yes"), None), ("no", _("No"), None)]
        case SingleChoice() | MultipleChoice():
            options = [
                (f"option:{option.id}", phrase(option.text, language), None)
                for option in question.options
            ]
            return [*options, *([("other", _("In own words"), None)] if question.other else [])]
        case _:
            return []


def _outcomes(ends: Counts) -> tuple[tuple[Outcome, ...], str]:
    names = {
        "complete": _("Reached the end"),
        "partial": _("Left with a touch"),
        "timed_out": _("Walked away"),
    }
    n = sum(ends.get(outcome, 0) for outcome in names)
    if not enough(n):
        return (), texts.number(0)
    return (
        tuple(
            Outcome(
                name,
                texts.number(ends.get(outcome, 0)),
                f"{texts.number(100 * ends.get(outcome, 0) / n)} %",
            )
            for outcome, name in names.items()
        ),
        texts.number(n),
    )
