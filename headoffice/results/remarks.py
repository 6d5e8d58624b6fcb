"""What people wrote, with their rating, place and time; and the words that come up most."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db.models import Q, QuerySet

from headoffice import clock
from headoffice.ingest.models import StoredMessage
from headoffice.results.catalogue import Catalogue
from headoffice.results.directory import Directory
from headoffice.results.drawing import NAMES
from headoffice.results.hours import local_day
from headoffice.results.selection import Selection
from headoffice.results.stop_words import STOP_WORDS
from sync.messages import Chosen, ContactDetails, Value

NEWEST = 5000
"""So many of the newest comments are searched and counted."""
PER_PAGE = 30
MOST_THEMES = 24
LEAST_FOR_A_THEME = 3
"""A word that fewer people used is no theme."""

_COLUMNS = (
    "kiosk",
    "response",
    "question",
    "value",
    "language",
    "point",
    "version",
    "happened_ms",
)
_value = msgspec.json.Decoder(Value)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\w)\+?\d(?:[\s()/.-]?\d){6,}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
HIDDEN = "▇▇▇"


class Remark(NamedTuple):
    """One comment."""

    kiosk: int
    response: UUID
    question: str
    text: str
    language: str
    point: int
    version: int
    ms: int
    face: int | None
    """The rating of the same response; None if it is not known."""
    faces: int

    @property
    def mood(self) -> int | None:
        """The rating on the scale of five."""
        return None if self.face is None else round(4 * self.face / (self.faces - 1))


class Shown(NamedTuple):
    """A comment as it stands on the page."""

    text: str
    language: str
    place: str
    at: datetime
    image: str
    face: str
    contact: str


@dataclass(frozen=True)
class Theme:
    """A word and how many comments hold it."""

    word: str
    count: int


def remarks(selection: Selection, catalogue: Catalogue, directory: Directory) -> list[Remark]:
    """The newest comments of a selection, newest first."""
    written = _answers(selection, directory).filter(
        Q(value__startswith='"') | Q(value__contains='"other":')
    )
    rows = list(written.order_by("-happened_ms").values_list(*_COLUMNS)[:NEWEST])
    ratings = _ratings({(row[0], row[1]) for row in rows}, catalogue)
    found = []
    for kiosk, response, question, value, language, point, version, ms in rows:
        day, text = local_day(ms, directory.zone(point).key), _text(value)
        if not text or not selection.period.span.first <= day <= selection.period.span.last:
            continue
        rating, faces = catalogue.ratings.get(version, ("", 3))
        said = ratings.get((kiosk, response, rating), "")
        face = int(said) if said.isdecimal() else None
        found.append(
            Remark(kiosk, response, question, text, language, point, version, ms, face, faces)
        )
    return found


def matching(found: Iterable[Remark], search: str, mood: str) -> list[Remark]:
    """Those that hold the searched words and have the rating asked for."""
    sought = search.casefold().split()
    return [
        remark
        for remark in found
        if all(word in remark.text.casefold() for word in sought) and mood in ("", str(remark.mood))
    ]


def themes(found: Iterable[Remark]) -> list[Theme]:
    """The words that most comments hold, without the small words of each one's language."""
    counts: Counter[str] = Counter()
    for remark in found:
        small = STOP_WORDS.get(remark.language.split("-")[0], frozenset())
        words = {word.casefold() for word in _WORD.findall(masked(remark.text))}
        counts.update(word for word in words if len(word) > 2 and word not in small)
    often = [Theme(word, n) for word, n in counts.items() if n >= LEAST_FOR_A_THEME]
    return sorted(often, key=lambda theme: (-theme.count, theme.word))[:MOST_THEMES]


def shown(page: list[Remark], directory: Directory, *, personal: bool) -> list[Shown]:
    """Comments for the page; contact details only for those who may see personal data."""
    contacts = _contacts(page) if personal else {}
    return [
        Shown(
            text=remark.text if personal else masked(remark.text),
            language=remark.language,
            place=directory.places[f"p{remark.point}"].title,
            at=clock.instant(remark.ms).astimezone(directory.zone(remark.point)),
            image="" if remark.face is None else f"faces/face-{remark.face}-of-{remark.faces}.svg",
            face="" if remark.face is None else str(NAMES[remark.faces][remark.face]),
            contact=contacts.get((remark.kiosk, remark.response), ""),
        )
        for remark in page
    ]


def masked(text: str) -> str:
    """The text without e-mail addresses and telephone numbers."""
    return _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, text))


def _answers(selection: Selection, directory: Directory) -> "QuerySet[StoredMessage]":
    """The answers of a selection that count, of its days and a little more at both ends."""
    rows = StoredMessage.objects.filter(
        kiosk__in=selection.kiosks or directory.kiosks_at(selection.points),
        point__in=selection.points,
        happened_ms__range=selection.period.span.wide_ms,
        kind=StoredMessage.Kind.ANSWER,
        counts=True,
    )
    if selection.versions is not None:
        rows = rows.filter(version__in=selection.versions)
    if selection.language:
        rows = rows.filter(language=selection.language)
    if not selection.test:
        rows = rows.filter(test=False)
    if not selection.misuse:
        rows = rows.filter(misuse="")
    return rows


def _text(value: str) -> str:
    match _value.decode(value):
        case str() as text:
            return text.strip()
        case Chosen(other=other):
            return (other or "").strip()
        case _:
            return ""


def _ratings(
    responses: set[tuple[int, UUID]], catalogue: Catalogue
) -> dict[tuple[int, UUID, str], str]:
    rows = _said(responses).filter(question__in=catalogue.rating_questions)
    found = rows.values_list("kiosk", "response", "question", "value")
    return {(kiosk, response, question): value for kiosk, response, question, value in found}


def _contacts(page: list[Remark]) -> dict[tuple[int, UUID], str]:
    """What people left to be reached by, with their consent."""
    rows = _said({(remark.kiosk, remark.response) for remark in page})
    found = {}
    for kiosk, response, value in rows.filter(value__startswith="{").values_list(
        "kiosk", "response", "value"
    ):
        details = _value.decode(value)
        if isinstance(details, ContactDetails) and details.consent:
            parts = (details.name, details.email, details.phone)
            found[kiosk, response] = " · ".join(part for part in parts if part)
    return found


def _said(responses: set[tuple[int, UUID]]) -> "QuerySet[StoredMessage]":
    """All that was said in these responses and counts."""
    by_kiosk: dict[int, list[UUID]] = defaultdict(list)
    for kiosk, response in responses:
        by_kiosk[kiosk].append(response)
    # Kiosk by kiosk: every pair of a kiosk and a response would be looked for otherwise.
    wanted = Q(pk__in=[])
    for kiosk, of_kiosk in by_kiosk.items():
        wanted |= Q(kiosk=kiosk, response__in=of_kiosk)
    return StoredMessage.objects.filter(wanted, kind=StoredMessage.Kind.ANSWER, counts=True)
