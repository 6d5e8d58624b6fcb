"""Raw answers and responses, for programs."""

import datetime as dt
from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from headoffice import clock
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.hours import times_of_week, zones_of
from headoffice.api.models import Scope
from headoffice.fleet.models import ExperiencePoint
from headoffice.messages.models import StoredMessage
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Version
from headoffice.results.filters import Filters
from headoffice.web.problems import RefusedError
from sync.messages import FieldError
from sync.wire_types import UuidText

SETTLED_MS = 30_000
"""A delivery is stamped before it is committed: longer than any waits for its turn."""
_EVENTS: dict[int, Any] = {1: "answer", 2: "skip", 3: "end"}
FUTURE_MS = 20 * 60_000
"""What lies further ahead was told by a clock that was wrong."""
_Key = tuple[schema.StoredNumber, schema.StoredNumber, schema.StoredNumber, schema.StoredNumber]
_Place = tuple[schema.StoredNumber, _Key]
"""Until when the pages of a reading are complete, and the key of the last row."""
_Pair = tuple[schema.StoredNumber, UuidText]
FIELDS = (
    "kiosk", "installation", "seq", "kind", "response", "version", "point", "question", "value",
    "language", "test", "misuse", "took_ms", "happened_ms", "certain", "received_ms", "counts",
    "fingerprint",
)  # fmt: skip


@endpoint(
    "answers",
    Scope.ANSWERS,
    schema.AnswerFilters,
    schema.Answers,
    _("Raw answers, oldest received first."),
)
def answers(filters: schema.AnswerFilters) -> schema.Answers:
    """GET answers.

    The key of a page is (received, kiosk, installation, seq). It never changes and grows with
    time, so what comes in later lies behind every page that was read. What has just come in is
    held back until no delivery stamped before it can still be on its way into the database. Until
    when that is, is settled with the first page of a reading, and the cursor carries it on.
    """
    settled, after = _begin_or_go_on(filters)
    rows = _filtered(filters).filter(received_ms__lt=settled)
    if filters.question is not None:
        rows = rows.filter(question=filters.question)
    if filters.happened_from is not None:
        rows = rows.filter(happened_ms__gte=_ms(filters.happened_from))
    if filters.happened_before is not None:
        rows = rows.filter(happened_ms__lt=_ms(filters.happened_before))
    if filters.received_from is not None:
        rows = rows.filter(received_ms__gte=_ms(filters.received_from))
    found = page_after(rows, after, filters.limit + 1)
    shown = found[: filters.limit]
    last = (shown[-1]["received_ms"], *(shown[-1][n] for n in FIELDS[:3])) if shown else ()
    return schema.Answers(
        AnswerEncoder(shown).encode(),
        cursor_of((settled, last)) if len(found) > filters.limit else None,
        clock.instant(settled),
    )


def _begin_or_go_on(filters: schema.AnswerFilters) -> tuple[int, _Key | None]:
    """Until when this reading is complete, and behind which row it goes on.

    RefusedError for what was told by a clock that was ahead: until then nothing would be found.
    """
    now_ms = clock.now_ms()
    place: _Place | None = position(filters.cursor, _Place)
    settled, after = place if place is not None else (now_ms - SETTLED_MS, None)
    since = filters.received_from
    for name, ms in (("cursor", settled), ("received_from", _ms(since) if since else 0)):
        if ms > now_ms + FUTURE_MS:
            errors = [
                FieldError(f"$.{name}", "Lies in the future: begin again from an earlier time")
            ]
            raise RefusedError("future", errors=errors)
    return settled, after


def page_after(
    rows: "QuerySet[StoredMessage]", after: _Key | None, limit: int
) -> list[dict[str, Any]]:
    """The next rows in the order of receipt."""
    if after is not None:
        names = ("received_ms", "kiosk", "installation", "seq")
        columns = ", ".join(f'"ingest_storedmessage"."{name}"' for name in names)
        # The first term finds the place in the index; the second is the exact one.
        rows = rows.filter(received_ms__gte=after[0]).extra(  # noqa: S610 - constant names
            where=[f"({columns}) > (%s, %s, %s, %s)"], params=list(after)
        )
    ordered = rows.order_by("received_ms", "kiosk", "installation", "seq")
    return list(ordered.values(*FIELDS)[:limit])


@endpoint(
    "responses",
    Scope.ANSWERS,
    schema.ResponseFilters,
    schema.Responses,
    _("Responses with the answers that count, by kiosk and by the time they began."),
)
def responses(filters: schema.ResponseFilters) -> schema.Responses:
    """GET responses."""
    rows = _filtered(filters).filter(counts=True)
    after = position(filters.cursor, _Pair)
    if after is not None:
        low = after[1].replace("-", "") if connection.vendor == "sqlite" else after[1]
        columns = '("ingest_storedmessage"."kiosk", "ingest_storedmessage"."response")'
        rows = rows.extra(  # noqa: S610 - constant names
            where=[f"{columns} > (%s, %s)"], params=[after[0], low]
        )
    pairs = rows.order_by("kiosk", "response").values_list("kiosk", "response").distinct()
    found: list[tuple[int, UUID]] = list(pairs[: filters.limit + 1])
    shown = found[: filters.limit]
    more = len(found) > filters.limit
    return schema.Responses(
        _responses(shown), cursor_of([shown[-1][0], str(shown[-1][1])]) if more else None
    )


def _responses(keys: list[tuple[int, UUID]]) -> tuple[schema.Response, ...]:
    rows = StoredMessage.objects.filter(
        kiosk__in={kiosk for kiosk, _response in keys},
        response__in=[response for _kiosk, response in keys],
        counts=True,
    ).order_by("installation", "seq")
    encoder = AnswerEncoder(list(rows.values(*FIELDS)))
    parts: dict[tuple[int, UUID], list[schema.Answer]] = defaultdict(list)
    for answer in encoder.encode():
        parts[answer.kiosk, UUID(answer.response)].append(answer)
    return tuple(
        _response(parts[key], encoder.rating(parts[key][0].version)) for key in keys if key in parts
    )


def _response(answers: list[schema.Answer], rating: str | None) -> schema.Response:
    first = answers[0]
    return schema.Response(
        id=first.response,
        kiosk=first.kiosk,
        place=first.place,
        questionnaire=first.questionnaire,
        version=first.version,
        begun_at=min(a.happened_at for a in answers),
        language=first.language,
        rating=next(
            (
                a.value
                for a in answers
                if a.question == rating and a.event == "answer" and isinstance(a.value, int)
            ),
            None,
        ),
        outcome=next((str(a.value) for a in answers if a.event == "end"), None),
        misuse=tuple(sorted({reason for a in answers for reason in a.misuse})),
        test=any(a.test for a in answers),
        answers=tuple(a for a in answers if a.event != "end"),
    )


class AnswerEncoder:
    """Rows of the table as the answers of the API."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        points = {row["point"] for row in rows}
        zones = ExperiencePoint.objects.filter(pk__in=points).values_list("pk", "time_zone")
        self._zones = {pk: clock.zone_of(zone) for pk, zone in zones}
        versions = Version.objects.filter(pk__in={row["version"] for row in rows})
        self._versions = {version.pk: version for version in versions}

    def encode(self) -> tuple[schema.Answer, ...]:
        """Each of them in order, but for those of a kind that is not known here."""
        return tuple(self._answer(row) for row in self._rows if row["kind"] in _EVENTS)

    def rating(self, version: int) -> str | None:
        """The id of the first question of a version; None while it is not known."""
        known = self._versions.get(version)
        form = None if known is None else parse_definition(known.definition or "")
        return None if form is None else form.rating.id

    def _answer(self, row: dict[str, Any]) -> schema.Answer:
        happened = clock.instant(row["happened_ms"])
        local = happened.astimezone(self._zones.get(row["point"], dt.UTC))
        version = self._versions.get(row["version"])
        return schema.Answer(
            id=bytes(row["fingerprint"]).hex(),
            kiosk=row["kiosk"],
            installation=row["installation"],
            seq=row["seq"],
            place=row["point"],
            response=str(row["response"]),
            event=_EVENTS[row["kind"]],
            questionnaire="" if version is None else version.name,
            version=row["version"],
            question=row["question"],
            value=_value(row["kind"], row["value"]),
            happened_at=happened,
            happened_local=local.isoformat(timespec="milliseconds"),
            certain=row["certain"],
            received_at=clock.instant(row["received_ms"]),
            language=row["language"],
            took_ms=row["took_ms"],
            misuse=tuple(filter(None, row["misuse"].split(","))),
            test=row["test"],
            last_word=row["counts"],
        )


_AnswerValue = bool | int | str | schema.Chosen | schema.Consent
_decoder: "msgspec.json.Decoder[_AnswerValue]" = msgspec.json.Decoder(_AnswerValue)


def _value(kind: int, text: str) -> "_AnswerValue | None":
    match kind:
        case 1:
            try:
                return _decoder.decode(text)
            except (msgspec.MsgspecError, RecursionError, ValueError):
                # Damaged, or of a kind that is not known here: it is there, and says nothing.
                return None
        case 3:
            return text
        case _:
            return None


def _filtered(
    filters: schema.AnswerFilters | schema.ResponseFilters,
) -> "QuerySet[StoredMessage]":
    versions = None
    if filters.questionnaire is not None:
        named = Version.objects.filter(name=filters.questionnaire)
        versions = frozenset(named.values_list("pk", flat=True))
    times = times_of_week(filters)
    asked = Filters(
        points=frozenset(filters.place) or None,
        kiosks=frozenset(filters.kiosk) or None,
        versions=versions,
        language=filters.language or "",
        test=filters.test,
        misuse=filters.misuse,
        times=times,
        zones=zones_of(filters.place) if times else (),
    )
    return asked.narrow_times(asked.narrow(StoredMessage.objects.all()), "happened_ms")


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
