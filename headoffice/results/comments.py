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

from config.values import ChoiceValue, ContactDetails
from headoffice import clock
from headoffice.messages.contacts import StoredContact, UnreadableReason, open_details
from headoffice.messages.models import CONSENT_PREFIX, StoredMessage
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Selection
from headoffice.results.masking import mask_personal
from headoffice.results.places import Directory
from headoffice.results.ratings import Rating, face_of
from headoffice.results.stop_words import STOP_WORDS
from headoffice.rollups.local_time import local_day

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
kind = 1 AND counts AND value LIKE '{CONSENT_PREFIX}%%' ESCAPE '\'
"""
_value = msgspec.json.Decoder(ChoiceValue | str)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


Response = tuple[int, UUID]
"""The kiosk and the id of a response."""
_Answer = tuple[int, UUID, str, str]
"""Kiosk, response, question and value of an answer."""


class Comment(NamedTuple):
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


class CommentRow(NamedTuple):
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
class CommentTheme:
    """A word and how many comments hold it."""

    word: str
    count: int


def newest_comments(
    selection: Selection, directory: Directory, catalogue: Catalogue, *, rated: bool = False
) -> list[Comment]:
    """The newest comments of a selection, newest first; on demand with what was rated."""
    written = _written(_answers(selection))
    found = _newest_of(written, selection, directory, catalogue, rated=rated)
    return [comment._replace(text=text) for comment in found if (text := _text(comment.text))]


def _newest_of(
    answers: "QuerySet[StoredMessage]",
    selection: Selection,
    directory: Directory,
    catalogue: Catalogue,
    *,
    rated: bool,
) -> list[Comment]:
    """The newest of some answers that are of the days of the selection, with their stored value."""
    columns: tuple[str, ...] = _COLUMNS
    if rated:
        answers, columns = _with_faces(answers, catalogue), (*_COLUMNS, "face")
    days = {
        point: own
        for own, points in selection.own_spans(selection.period.span).items()
        for point in points
    }
    newest = answers.order_by("-happened_ms").values_list(*columns)[:NEWEST]
    return [
        comment
        for comment in (Comment(*cells) for cells in newest)
        if (own := days.get(comment.point)) is not None
        and own.first <= local_day(comment.ms, directory.zone(comment.point).key) <= own.last
    ]


def newest_reachable(
    selection: Selection, directory: Directory, catalogue: Catalogue, *, rated: bool = False
) -> list[Comment]:
    """The newest who left contact details, with all that they wrote, if anything."""
    left = _left_contact(_answers(selection))
    found = _newest_of(left, selection, directory, catalogue, rated=rated)
    texts: dict[Response, list[str]] = {}
    for kiosk, response, _question, value in _answers_of({comment.of for comment in found}):
        if value.startswith('"') or '"other":' in value:
            texts.setdefault((kiosk, response), []).append(_text(value))
    return [
        comment._replace(text=" · ".join(filter(None, texts.get(comment.of, ()))))
        for comment in found
    ]


def hide_personal(found: list[Comment]) -> list[Comment]:
    """The comments as those see them who may not see personal data.

    To be called before anything is searched, counted or sorted: otherwise the number of what is
    found tells, letter by letter, what is hidden.
    """
    return [comment._replace(text=mask_personal(comment.text)) for comment in found]


def search_comments(
    found: list[Comment], search: str, mood: str, catalogue: Catalogue
) -> list[Comment]:
    """Those that hold the searched words and have the rating asked for."""
    for word in search.casefold().split():
        found = [comment for comment in found if word in comment.text.casefold()]
    if not mood:
        return found
    return [
        comment
        for comment in found
        if (rating := _rating(comment, comment.face, catalogue)) and mood == rating.key
    ]


def themes(found: Iterable[Comment]) -> list[CommentTheme]:
    """The words that most comments hold, without the small words of each one's language."""
    counts: Counter[str] = Counter()
    for comment in found:
        small = STOP_WORDS.get(comment.language.split("-")[0], frozenset())
        words = {word.casefold() for word in _WORD.findall(mask_personal(comment.text))}
        counts.update(word for word in words if len(word) > 2 and word not in small)
    often = [CommentTheme(word, n) for word, n in counts.items() if n >= LEAST_FOR_A_THEME]
    return sorted(often, key=lambda theme: (-theme.count, theme.word))[:MOST_THEMES]


def comment_rows(
    page: list[Comment], catalogue: Catalogue, directory: Directory, *, personal: bool
) -> list[CommentRow]:
    """Comments for the page, with contact details only for those who may see personal data.

    Their texts are shown as they are given: see ``hide_personal``.
    """
    said = list(_answers_of({comment.of for comment in page}))
    ratings = _ratings(page, catalogue, said)
    contacts = _contacts(said) if personal else {}
    found = []
    for comment in page:
        rating, contact = ratings.get(comment.of), contacts.get(comment.of)
        found.append(
            CommentRow(
                text=comment.text,
                language=comment.language,
                place=directory.places[f"p{comment.point}"].title,
                at=clock.instant(comment.ms).astimezone(directory.zone(comment.point)),
                image=rating.image if rating else "",
                face=rating.name if rating else "",
                contact="" if contact is None else contact_text(contact),
                erasable=comment.of if isinstance(contact, ContactDetails) else None,
            )
        )
    return found


def _answers(selection: Selection) -> "QuerySet[StoredMessage]":
    """The answers of a selection that count, of its days and a little more at both ends."""
    return selection.last_words(selection.whole(selection.period.span).wide_ms)


def _written(answers: "QuerySet[StoredMessage]") -> "QuerySet[StoredMessage]":
    """Those in which somebody wrote, as the indexes of written answers have it."""
    written = Q(value__startswith='"') | Q(value__contains='"other":')
    return _indexed(answers, written, _WRITTEN_ON_SQLITE)


def _left_contact(answers: "QuerySet[StoredMessage]") -> "QuerySet[StoredMessage]":
    """Those in which somebody left contact details, as their index has it."""
    return _indexed(answers, Q(value__startswith=CONSENT_PREFIX), _REACHABLE_ON_SQLITE)


def _indexed(
    answers: "QuerySet[StoredMessage]", condition: Q, on_sqlite: str
) -> "QuerySet[StoredMessage]":
    """Narrowed by the condition of a partial index, in the words in which each engine knows it."""
    if connection.vendor == "sqlite":
        return answers.filter(RawSQL(on_sqlite, (), BooleanField()))  # noqa: S611 - constant text
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
    try:
        said = _value.decode(value)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return ""
    match said:
        case str() as text:
            return text.strip()
        case ChoiceValue(other=other):
            return (other or "").strip()
        case _:
            return ""


def _ratings(
    found: Iterable[Comment], catalogue: Catalogue, answers: Iterable[_Answer]
) -> dict[Response, Rating]:
    """What the writers had rated before; nothing where that is not known."""
    questions = catalogue.rating_questions
    said = {
        (kiosk, response, question): value
        for kiosk, response, question, value in answers
        if question in questions
    }
    ratings = {}
    for comment in found:
        question, _faces = catalogue.ratings.get(comment.version, ("", 0))
        if rating := _rating(comment, said.get((*comment.of, question)), catalogue):
            ratings[comment.of] = rating
    return ratings


def _rating(comment: Comment, value: str | None, catalogue: Catalogue) -> Rating | None:
    _question, faces = catalogue.ratings.get(comment.version, ("", 0))
    face = face_of(value, faces)
    return None if face is None else Rating(face, faces)


def _contacts(answers: Iterable[_Answer]) -> dict[Response, ContactDetails | UnreadableReason]:
    """What people left to be reached by, with their consent."""
    found = {
        (kiosk, response): StoredContact.of(value)
        for kiosk, response, _question, value in answers
        if value.startswith(CONSENT_PREFIX)
    }
    return open_details(found)


def contact_text(contact: ContactDetails | UnreadableReason) -> str:
    """What somebody left to be reached by, or why it can't be read."""
    match contact:
        case ContactDetails(name=name, email=email, phone=phone):
            return " · ".join(part for part in (name, email, phone) if part)
        case UnreadableReason.KEY_GONE:
            return _("Contact details have been erased")
        case UnreadableReason.NO_BOX:
            return _("Contact details can't be read: they arrived broken")
        case UnreadableReason.OTHER_SECRET_KEY:
            return _("Contact details can't be read: they belong to another secret key")


def _answers_of(responses: set[Response]) -> Iterator[_Answer]:
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
