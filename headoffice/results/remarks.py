"""What people wrote, with their rating, place and time; and the words that come up most."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import BooleanField, Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.ingest.models import CONSENTED, StoredMessage
from headoffice.ingest.sealing import Closed, StoredContact, opened
from headoffice.results.catalogue import Catalogue
from headoffice.results.directory import Directory
from headoffice.results.drawing import NAMES
from headoffice.results.hours import local_day
from headoffice.results.selection import Selection
from headoffice.results.stop_words import STOP_WORDS
from sync.messages import Chosen, ContactDetails

NEWEST = 5000
"""So many of the newest comments are searched and counted."""
PER_PAGE = 30
MOST_THEMES = 24
LEAST_FOR_A_THEME = 3
"""A word that fewer people used is no theme."""

_COLUMNS = (
    "kiosk",
    "response",
    "value",
    "language",
    "point",
    "version",
    "happened_ms",
)
_WRITTEN_ON_SQLITE = r"""
kind = 1 AND counts AND (value LIKE '"%%' ESCAPE '\' OR value LIKE '%%"other":%%' ESCAPE '\')
"""
"""Word for word, as SQLite uses such an index only for what it sees before it has the values."""
_REACHABLE_ON_SQLITE = rf"""
kind = 1 AND counts AND value LIKE '{CONSENTED}%%' ESCAPE '\'
"""
_value = msgspec.json.Decoder(Chosen | str)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\w)\+?\d(?:[\s()/.-]?\d){6,}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
HIDDEN = "▇▇▇"


Response = tuple[int, UUID]
"""The kiosk and the id of a response."""
_Said = tuple[int, UUID, str, str]
"""Kiosk, response, question and value of an answer."""


class Remark(NamedTuple):
    """One comment."""

    kiosk: int
    response: UUID
    text: str
    language: str
    point: int
    version: int
    ms: int
    face: str | None = None
    """What its writer had rated, if that was asked for and is known."""

    @property
    def of(self) -> Response:
        """Whose it is."""
        return self.kiosk, self.response


class Rating(NamedTuple):
    """One face of so many."""

    face: int
    faces: int

    @property
    def mood(self) -> int:
        """The rating on the scale of five."""
        return round(4 * self.face / (self.faces - 1))


class Shown(NamedTuple):
    """A comment as it stands on the page."""

    text: str
    language: str
    place: str
    at: datetime
    image: str
    face: str
    contact: str
    erasable: Response | None = None
    """Whose contact details these are, if they can be read."""


@dataclass(frozen=True)
class Theme:
    """A word and how many comments hold it."""

    word: str
    count: int


def remarks(
    selection: Selection, directory: Directory, catalogue: Catalogue, *, rated: bool = False
) -> list[Remark]:
    """The newest comments of a selection, newest first; on demand with what was rated."""
    written = _written(_answers(selection))
    found = _newest(written, selection, directory, catalogue, rated=rated)
    return [remark._replace(text=text) for remark in found if (text := _text(remark.text))]


def _newest(
    answers: "QuerySet[StoredMessage]",
    selection: Selection,
    directory: Directory,
    catalogue: Catalogue,
    *,
    rated: bool,
) -> list[Remark]:
    """The newest of some answers that are of the days of the selection, with their stored value."""
    columns: tuple[str, ...] = _COLUMNS
    if rated:
        answers, columns = _with_faces(answers, catalogue), (*_COLUMNS, "face")
    first, last = selection.period.span.first, selection.period.span.last
    newest = answers.order_by("-happened_ms").values_list(*columns)[:NEWEST]
    return [
        remark
        for remark in (Remark(*cells) for cells in newest)
        if first <= local_day(remark.ms, directory.zone(remark.point).key) <= last
    ]


def reachable(
    selection: Selection, directory: Directory, catalogue: Catalogue, *, rated: bool = False
) -> list[Remark]:
    """The newest who left contact details, with all that they wrote, if anything."""
    left = _left_contact(_answers(selection))
    found = _newest(left, selection, directory, catalogue, rated=rated)
    texts: dict[Response, list[str]] = {}
    for kiosk, response, _question, value in _said({remark.of for remark in found}):
        if value.startswith('"') or '"other":' in value:
            texts.setdefault((kiosk, response), []).append(_text(value))
    return [
        remark._replace(text=" · ".join(filter(None, texts.get(remark.of, ())))) for remark in found
    ]


def matching(found: list[Remark], search: str, mood: str, catalogue: Catalogue) -> list[Remark]:
    """Those that hold the searched words and have the rating asked for."""
    for word in search.casefold().split():
        found = [remark for remark in found if word in remark.text.casefold()]
    if not mood:
        return found
    return [
        remark
        for remark in found
        if (rating := _rating(remark, remark.face, catalogue)) and mood == str(rating.mood)
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


def shown(
    page: list[Remark], catalogue: Catalogue, directory: Directory, *, personal: bool
) -> list[Shown]:
    """Comments for the page; contact details only for those who may see personal data."""
    said = list(_said({remark.of for remark in page}))
    ratings = _ratings(page, catalogue, said)
    contacts = _contacts(said) if personal else {}
    found = []
    for remark in page:
        rating = ratings.get(remark.of)
        found.append(
            Shown(
                text=remark.text if personal else masked(remark.text),
                language=remark.language,
                place=directory.places[f"p{remark.point}"].title,
                at=clock.instant(remark.ms).astimezone(directory.zone(remark.point)),
                image=f"faces/face-{rating.face}-of-{rating.faces}.svg" if rating else "",
                face=str(NAMES[rating.faces][rating.face]) if rating else "",
                contact=in_words(contacts[remark.of]) if remark.of in contacts else "",
                erasable=remark.of if isinstance(contacts.get(remark.of), ContactDetails) else None,
            )
        )
    return found


def masked(text: str) -> str:
    """The text without e-mail addresses and telephone numbers."""
    return _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, text))


def _answers(selection: Selection) -> "QuerySet[StoredMessage]":
    """The answers of a selection that count, of its days and a little more at both ends."""
    rows = StoredMessage.objects.filter(
        happened_ms__range=selection.period.span.wide_ms,
        kind=StoredMessage.Kind.ANSWER,
        counts=True,
    )
    if not selection.everywhere:
        rows = rows.filter(point__among=selection.points)
    if selection.kiosks is not None:
        rows = rows.filter(kiosk__among=selection.kiosks)
    if selection.versions is not None:
        rows = rows.filter(version__in=selection.versions)
    if selection.language:
        rows = rows.filter(language=selection.language)
    if not selection.test:
        rows = rows.filter(test=False)
    if not selection.misuse:
        rows = rows.filter(misuse="")
    return rows


def _written(answers: "QuerySet[StoredMessage]") -> "QuerySet[StoredMessage]":
    """Those in which somebody wrote, as the indexes of written answers have it."""
    written = Q(value__startswith='"') | Q(value__contains='"other":')
    return _indexed(answers, written, _WRITTEN_ON_SQLITE)


def _left_contact(answers: "QuerySet[StoredMessage]") -> "QuerySet[StoredMessage]":
    """Those in which somebody left contact details, as their index has it."""
    return _indexed(answers, Q(value__startswith=CONSENTED), _REACHABLE_ON_SQLITE)


def _indexed(
    answers: "QuerySet[StoredMessage]", condition: Q, on_sqlite: str
) -> "QuerySet[StoredMessage]":
    """Narrowed by the condition of a partial index, in the words in which each engine knows it."""
    if connection.vendor == "sqlite":
        return answers.filter(RawSQL(on_sqlite, (), BooleanField()))  # noqa: S611 - our own text
    return answers.filter(condition)


def _with_faces(
    written: "QuerySet[StoredMessage]", catalogue: Catalogue
) -> "QuerySet[StoredMessage]":
    """With the rating of the same shopper; told by the engine, as there may be thousands."""
    asked = [
        When(version=version, then=Value(question))
        for version, (question, _faces) in catalogue.ratings.items()
    ]
    said = StoredMessage.objects.filter(
        kiosk=OuterRef("kiosk"),
        response=OuterRef("response"),
        question=OuterRef("asked"),
        kind=StoredMessage.Kind.ANSWER,
        counts=True,
    )
    return written.annotate(asked=Case(*asked, default=Value(""))).annotate(
        face=Subquery(said.values("value")[:1])
    )


def _text(value: str) -> str:
    match _value.decode(value):
        case str() as text:
            return text.strip()
        case Chosen(other=other):
            return (other or "").strip()
        case _:
            return ""


def _ratings(
    found: Iterable[Remark], catalogue: Catalogue, answers: Iterable[_Said]
) -> dict[Response, Rating]:
    """What the writers had rated before; nothing where that is not known."""
    questions = catalogue.rating_questions
    said = {
        (kiosk, response, question): value
        for kiosk, response, question, value in answers
        if question in questions
    }
    ratings = {}
    for remark in found:
        question, _faces = catalogue.ratings.get(remark.version, ("", 0))
        if rating := _rating(remark, said.get((*remark.of, question)), catalogue):
            ratings[remark.of] = rating
    return ratings


def _rating(remark: Remark, face: str | None, catalogue: Catalogue) -> Rating | None:
    _question, faces = catalogue.ratings.get(remark.version, ("", 0))
    return Rating(int(face), faces) if faces and face and face.isdecimal() else None


def _contacts(answers: Iterable[_Said]) -> dict[Response, ContactDetails | Closed]:
    """What people left to be reached by, with their consent."""
    found = {
        (kiosk, response): StoredContact.of(value)
        for kiosk, response, _question, value in answers
        if value.startswith(CONSENTED)
    }
    return opened(found)


def in_words(contact: ContactDetails | Closed) -> str:
    """What somebody left to be reached by, or why it can't be read."""
    match contact:
        case ContactDetails(name=name, email=email, phone=phone):
            return " · ".join(part for part in (name, email, phone) if part)
        case Closed.ERASED:
            return _("Contact details have been erased")
        case Closed.BROKEN:
            return _("Contact details can't be read: they arrived broken")
        case Closed.OTHER_SECRET_KEY:
            return _("Contact details can't be read: they belong to another secret key")


def _said(responses: set[Response]) -> Iterator[_Said]:
    """The answers of these responses that count."""
    if not responses:
        return
    pairs = ", ".join(["(%s, %s)"] * len(responses))
    # Not through the ORM, which would ask for every kiosk's responses one after another; and as a
    # join, since SQLite would compare every message with the list.
    statement = f"""
    WITH wanted (kiosk, response) AS (VALUES {pairs})
    SELECT m.kiosk, m.response, m.question, m.value
    FROM wanted AS w CROSS JOIN ingest_storedmessage AS m
    WHERE m.kiosk = w.kiosk AND m.response = w.response AND m.kind = 1 AND m.counts
    """  # noqa: S608 - placeholders
    postgresql = connection.vendor == "postgresql"
    values = [
        cell
        for kiosk, response in responses
        for cell in (kiosk, response if postgresql else response.hex)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for kiosk, response, question, value in cursor.fetchall():
            yield kiosk, response if postgresql else UUID(response), question, value
