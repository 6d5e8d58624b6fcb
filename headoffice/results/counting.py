"""Keeps the hourly counts equal to the stored messages.

Of everything said about one question of one response the last word counts: the one with the
highest number of the newest installation. Messages may come late, twice and in any order; the
counts end up the same, because a word is only ever replaced by a later one.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from headoffice.bulk import Table
from headoffice.results.models import LastWord
from sync.messages import Answered, Body, Chosen, ContactDetails, Ended, Skipped

SKIPPED = "skipped"
_KEY = ("kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test")
_hourly = Table(
    "results_hourly",
    _KEY,
    {
        "kiosk": "int",
        "hour_ms": "int",
        "point": "int",
        "version": "int",
        "question": "text",
        "value": "text",
        "language": "text",
        "misuse": "text",
        "test": "bool",
        "day": "date",
        "count": "int",
    },
)
_last_word = Table(
    "results_lastword",
    ("kiosk", "response", "question"),
    {
        "kiosk": "int",
        "response": "uuid",
        "question": "text",
        "installation": "int",
        "seq": "int",
        "hour_ms": "int",
        "day": "date",
        "point": "int",
        "version": "int",
        "words": "text",
        "language": "text",
        "misuse": "text",
        "test": "bool",
    },
)


class Word(NamedTuple):
    """One stored message as the counts see it; the fields of LastWord in order."""

    kiosk: int
    response: str
    question: str
    installation: int
    seq: int
    hour_ms: int
    day: date
    point: int
    version: int
    words: str
    language: str
    misuse: str
    test: bool

    @property
    def order(self) -> tuple[int, int]:
        """Later words have a greater one."""
        return self.installation, self.seq


def words_of(body: Body) -> str:  # noqa: PLR0911 - one line per kind of message
    """What is counted of a message, with newlines between.

    A number as it is; yes or no; each chosen ``option:ID`` and ``other``, and ``answered`` once;
    text for a text; consent or declined for contact details; skipped; how a response ended.
    """
    match body:
        case Skipped():
            return SKIPPED
        case Ended(outcome=outcome):
            return outcome
        case Answered(value=bool() as yes):
            return "yes" if yes else "no"
        case Answered(value=int() as number):
            return str(number)
        case Answered(value=str()):
            return "text"
        case Answered(value=Chosen(options=options, other=other)):
            chosen = [f"option:{option}" for option in dict.fromkeys(options)]
            return "\n".join(["answered", *chosen, *(["other"] if other is not None else [])])
        case Answered(value=ContactDetails(consent=consent)):
            return "consent" if consent else "declined"
        case _:
            raise TypeError(f"nothing is counted of {body!r}")


def count(words: Iterable[Word]) -> None:
    """Count the words of newly stored messages of one kiosk; its row has to be locked."""
    latest: dict[tuple[str, str], Word] = {}
    for word in words:
        key = (word.response, word.question)
        if key not in latest or latest[key].order < word.order:
            latest[key] = word
    if not latest:
        return
    first_heard = set(_last_word.insert_new(list(latest.values()), returning="seq"))
    changes: Counter[tuple[object, ...]] = Counter()
    heard_before = []
    for word in latest.values():
        if word.seq in first_heard:
            _add(changes, word, 1)
        else:
            heard_before.append(word)
    _last_word.insert_or_replace(_replace(heard_before, changes))
    _hourly.insert_or_add([(*key, n) for key, n in changes.items() if n], counter="count")


def _replace(words: list[Word], changes: "Counter[tuple[object, ...]]") -> list[Word]:
    """Those words that come after the ones that count now, which are taken back."""
    if not words:
        return []
    stored = LastWord.objects.filter(
        kiosk=words[0].kiosk, response__in=[UUID(w.response) for w in words]
    ).values_list(*Word._fields)
    before = {(str(row[1]), row[2]): Word(*row) for row in stored}
    later = [w for w in words if before[w.response, w.question].order < w.order]
    for word in later:
        _add(changes, before[word.response, word.question], -1)
        _add(changes, word, 1)
    return later


def _add(changes: "Counter[tuple[object, ...]]", word: Word, n: int) -> None:
    for value in word.words.split("\n"):
        key = (
            word.kiosk,
            word.hour_ms,
            word.point,
            word.version,
            word.question,
            value,
            word.language,
            word.misuse,
            word.test,
            word.day,
        )
        changes[key] += n
