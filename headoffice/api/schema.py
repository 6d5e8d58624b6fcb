"""What the read API takes and gives, typed once: for decoding, for encoding and for OpenAPI."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from django.utils.translation import gettext_noop as _
from msgspec import Meta

from config import questionnaire as definitions
from headoffice.results.kinds import FigureName

Number = Annotated[int, Meta(ge=0, le=2**53)]
StoredNumber = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""Whatever a column may hold: in a cursor."""
Instant = Annotated[dt.datetime, Meta(tz=True)]
LanguageTag = Annotated[str, Meta(max_length=8)]
QuestionId = Annotated[str, Meta(max_length=40)]
Weekdays = Annotated[
    tuple[Annotated[int, Meta(ge=1, le=7)], ...],
    Meta(description=_("Only these days of the week, 1 to 7 from Monday.")),
]
FromHour = Annotated[
    int,
    Meta(ge=0, le=23, description=_("Only from this hour of the day on, by the clock there.")),
]
ToHour = Annotated[
    int,
    Meta(
        ge=1,
        le=24,
        description=_("Only until this hour of the day; before “from_hour”: over midnight."),
    ),
]


# --- what is asked for ----------------------------------------------------------------------


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A portion of a list."""

    limit: Annotated[int, Meta(ge=1, le=1000, description=_("How many at most."))] = 100
    cursor: Annotated[
        str | None,
        Meta(description=_("The “next” of the page before; other parameters stay the same.")),
    ] = None


class _Filters(Page, frozen=True, forbid_unknown_fields=True, kw_only=True):
    place: Annotated[tuple[Number, ...], Meta(description=_("Only these locations, by id."))] = ()
    kiosk: Annotated[tuple[Number, ...], Meta(description=_("Only these kiosks, by number."))] = ()
    questionnaire: Annotated[
        str | None, Meta(description=_("Only this questionnaire, all its versions."))
    ] = None
    language: Annotated[LanguageTag | None, Meta(description=_("Only this language."))] = None
    test: Annotated[bool, Meta(description=_("With test answers."))] = False
    misuse: Annotated[bool, Meta(description=_("With suspicious answers."))] = False
    weekday: Weekdays = ()
    from_hour: FromHour = 0
    to_hour: ToHour = 24


class AnswerFilters(_Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which answers."""

    question: Annotated[QuestionId | None, Meta(description=_("Only this question, by id."))] = None
    happened_from: Annotated[
        Instant | None, Meta(description=_("Made at this instant or later."))
    ] = None
    happened_before: Annotated[Instant | None, Meta(description=_("Made before it."))] = None
    received_from: Annotated[
        Instant | None,
        Meta(
            description=_(
                "Received at this instant or later; begin here with “complete_until” of "
                "an earlier time to get only what is new."
            ),
        ),
    ] = None


class ResponseFilters(_Filters, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which responses."""


class ResultFilters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which figures."""

    first: Annotated[
        dt.date | None, Meta(description=_("First day, local time. Leave out for all days."))
    ] = None
    last: Annotated[dt.date | None, Meta(description=_("Last local day."))] = None
    by: Annotated[
        Literal["place", "kiosk", "questionnaire", "all"], Meta(description=_("One row for each."))
    ] = "place"
    step: Annotated[
        Literal["day", "week", "month", "all"],
        Meta(description=_("One row for each; weeks begin on Monday.")),
    ] = "all"
    place: Annotated[tuple[Number, ...], Meta(description=_("Only these locations, by id."))] = ()
    questionnaire: Annotated[str | None, Meta(description=_("Only this questionnaire."))] = None
    language: Annotated[LanguageTag | None, Meta(description=_("Only this language."))] = None
    test: Annotated[bool, Meta(description=_("With test answers."))] = False
    misuse: Annotated[bool, Meta(description=_("With suspicious answers."))] = False
    weekday: Weekdays = ()
    from_hour: FromHour = 0
    to_hour: ToHour = 24
    limit: Annotated[
        int,
        Meta(ge=1, le=1000, description=_("How many locations, kiosks or questionnaires at most.")),
    ] = 100
    cursor: Annotated[str | None, Meta(description=_("The “next” of the page before."))] = None


# --- what is given --------------------------------------------------------------------------


class Place(msgspec.Struct, frozen=True):
    """An experience point."""

    id: int
    name: str
    group_path: tuple[str, ...]
    time_zone: str
    tags: tuple[str, ...]


class Kiosk(msgspec.Struct, frozen=True):
    """A kiosk and how it is."""

    id: int
    uuid: str
    place: int | None
    """Where it stands now."""
    state: str
    """As of its last heartbeat; empty before the first."""
    overdue: bool
    """Silent for more than five minutes in which its place was open."""
    place_open: bool | None
    """Whether its place is open now; null where its opening hours are not known."""
    revoked: bool
    heartbeat_at: dt.datetime | None
    last_answer_at: dt.datetime | None
    version: str
    waiting: int | None
    """Messages not delivered yet, as it said itself."""
    oldest_waiting_ms: int | None
    """Age of the oldest of them at that heartbeat."""
    quarantined: int | None
    free_disk_bytes: int | None
    clock_offset_ms: int | None
    """Head office minus kiosk."""
    gone: int
    """Messages that were lost on the kiosk."""
    alarms: int
    troubles: tuple[str, ...]
    """What it reports to be wrong with itself, in words of the protocol."""


class Question(msgspec.Struct, frozen=True):
    """A question of a questionnaire."""

    id: str
    kind: str
    text: dict[str, str]


class Questionnaire(msgspec.Struct, frozen=True):
    """A version of a questionnaire."""

    version: int
    digest: str
    name: str
    title: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    known: bool
    """Whether its definition has arrived; else only the digest is known."""


class Chosen(msgspec.Struct, frozen=True, tag="chosen", tag_field="type"):
    """The value of a choice: the ids of options, and one's own words."""

    options: tuple[str, ...] = ()
    other: str | None = None


class Consent(msgspec.Struct, frozen=True, tag="contact", tag_field="type"):
    """Of contact details only whether they were given; they themselves stay here."""

    consent: bool


class Answer(msgspec.Struct, frozen=True):
    """One stored message.

    `id` is made of what it says, and is the same however often it comes and under which numbers.
    The numbers are those of the present database.
    """

    id: str
    kiosk: int
    installation: int
    seq: int
    place: int
    response: str
    event: Literal["answer", "skip", "end"]
    questionnaire: str
    version: int
    question: str
    value: bool | int | str | Chosen | Consent | None
    """Of an answer its value, of an end how it ended."""
    happened_at: dt.datetime
    happened_local: str
    certain: bool
    received_at: dt.datetime
    language: str
    took_ms: int
    misuse: tuple[str, ...]
    test: bool
    last_word: bool


class Response(msgspec.Struct, frozen=True):
    """One shopper's pass: what counts of it."""

    id: str
    kiosk: int
    place: int
    questionnaire: str
    version: int
    begun_at: dt.datetime
    language: str
    rating: int | None
    outcome: str | None
    misuse: tuple[str, ...]
    test: bool
    answers: tuple[Answer, ...]


class Figure(msgspec.Struct, frozen=True):
    """A figure with the number of answers it rests on and its 95 % interval."""

    name: FigureName
    value: float
    n: int
    low: float
    high: float


class Result(msgspec.Struct, frozen=True):
    """What one question came to."""

    by: int | str | None
    """The place, the kiosk or the questionnaire."""
    begins: dt.date | None
    """The first day of the step."""
    questionnaire: str
    question: str
    kind: str
    counts: dict[str, int]
    """How often each value was given; see docs/api.md for the words."""
    figures: tuple[Figure, ...]
    """None where fewer answers were given than the privacy minimum."""


class Places(msgspec.Struct, frozen=True):
    """A page of places."""

    data: tuple[Place, ...]
    next: str | None


class Kiosks(msgspec.Struct, frozen=True):
    """A page of kiosks."""

    data: tuple[Kiosk, ...]
    next: str | None


class Questionnaires(msgspec.Struct, frozen=True):
    """A page of questionnaires."""

    data: tuple[Questionnaire, ...]
    next: str | None


class Answers(msgspec.Struct, frozen=True):
    """A page of answers, in the order in which they were received."""

    data: tuple[Answer, ...]
    next: str | None
    complete_until: dt.datetime
    """Everything received before this instant is in the pages of this reading, on each of which it
    is the same."""


class Responses(msgspec.Struct, frozen=True):
    """A page of responses, by kiosk and time."""

    data: tuple[Response, ...]
    next: str | None


class Results(msgspec.Struct, frozen=True):
    """A page of results."""

    data: tuple[Result, ...]
    next: str | None


class WholeQuestionnaire(msgspec.Struct, frozen=True):
    """A version of a questionnaire with its definition as the kiosks have it."""

    version: int
    digest: str
    definition: definitions.Questionnaire | None
