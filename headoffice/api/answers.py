"""Raw answers and responses, for programs."""

import datetime as dt
from collections import defaultdict
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from headoffice import clock
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.models import Scope
from headoffice.fleet.models import ExperiencePoint
from headoffice.ingest.models import StoredMessage
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import parsed
from sync.messages import UuidText

SETTLED_MS = 30_000
"""A delivery is stamped before it is committed: longer than any waits for its turn."""
_EVENTS: dict[int, Any] = {1: "answer", 2: "skip", 3: "end"}
_Key = tuple[schema.Number, schema.Number, schema.Number, schema.Number]
_Pair = tuple[schema.Number, UuidText]
FIELDS = (
    "kiosk", "installation", "seq", "kind", "response", "version", "point", "question", "value",
    "language", "test", "misuse", "took_ms", "happened_ms", "certain", "received_ms", "counts",
)  # fmt: skip


@endpoint(
    "answers",
    Scope.ANSWERS,
    schema.AnswerFilters,
    schema.Answers,
    _("Raw answers, oldest received first."),
)
def answers(asked: schema.AnswerFilters) -> schema.Answers:
    """GET answers.

    The key of a page is (received, kiosk, installation, seq). It never changes and grows with
    time, so what comes in later lies behind every page that was read. What has just come in is
    held back until no delivery stamped before it can still be on its way into the database.
    """
    settled = clock.now_ms() - SETTLED_MS
    rows = _filtered(asked).filter(received_ms__lt=settled)
    if asked.question is not None:
        rows = rows.filter(question=asked.question)
    if asked.happened_from is not None:
        rows = rows.filter(happened_ms__gte=_ms(asked.happened_from))
    if asked.happened_before is not None:
        rows = rows.filter(happened_ms__lt=_ms(asked.happened_before))
    if asked.received_from is not None:
        rows = rows.filter(received_ms__gte=_ms(asked.received_from))
    found = page_after(rows, position(asked.cursor, _Key), asked.limit + 1)
    shown = found[: asked.limit]
    last = (shown[-1]["received_ms"], *(shown[-1][n] for n in FIELDS[:3])) if shown else ()
    return schema.Answers(
        Written(shown).all(),
        cursor_of(last) if len(found) > asked.limit else None,
        clock.instant(settled),
    )


def page_after(
    rows: "QuerySet[StoredMessage]", after: _Key | None, limit: int
) -> list[dict[str, Any]]:
    """The next rows in the order of receipt."""
    if after is not None:
        names = ("received_ms", "kiosk", "installation", "seq")
        columns = ", ".join(f'"ingest_storedmessage"."{name}"' for name in names)
        # The first term finds the place in the index; the second is the exact one.
        rows = rows.filter(received_ms__gte=after[0]).extra(  # noqa: S610 - our own names
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
def responses(asked: schema.ResponseFilters) -> schema.Responses:
    """GET responses."""
    rows = _filtered(asked).filter(counts=True)
    after = position(asked.cursor, _Pair)
    if after is not None:
        low = after[1].replace("-", "") if connection.vendor == "sqlite" else after[1]
        columns = '("ingest_storedmessage"."kiosk", "ingest_storedmessage"."response")'
        rows = rows.extra(  # noqa: S610 - our own names
            where=[f"{columns} > (%s, %s)"], params=[after[0], low]
        )
    pairs = rows.order_by("kiosk", "response").values_list("kiosk", "response").distinct()
    found: list[tuple[int, UUID]] = list(pairs[: asked.limit + 1])
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return schema.Responses(
        _responses(shown), cursor_of([shown[-1][0], str(shown[-1][1])]) if more else None
    )


def _responses(keys: list[tuple[int, UUID]]) -> tuple[schema.Response, ...]:
    rows = StoredMessage.objects.filter(
        kiosk__in={kiosk for kiosk, _response in keys},
        response__in=[response for _kiosk, response in keys],
        counts=True,
    ).order_by("installation", "seq")
    parts: dict[tuple[int, UUID], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values(*FIELDS):
        parts[row["kiosk"], row["response"]].append(row)
    return tuple(_response(parts[key]) for key in keys if key in parts)


def _response(rows: list[dict[str, Any]]) -> schema.Response:
    written = Written(rows)
    answers = written.all()
    first = answers[0]
    rating = written.rating(first.version)
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


class Written:
    """Rows of the table as the answers of the API."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        points = {row["point"] for row in rows}
        zones = ExperiencePoint.objects.filter(pk__in=points).values_list("pk", "time_zone")
        self._zones = {pk: ZoneInfo(zone) for pk, zone in zones}
        versions = Version.objects.filter(pk__in={row["version"] for row in rows})
        self._versions = {version.pk: version for version in versions}

    def all(self) -> tuple[schema.Answer, ...]:
        """Each of them, in order."""
        return tuple(self._answer(row) for row in self._rows)

    def rating(self, version: int) -> str | None:
        """The id of the first question of a version; None while it is not known."""
        definition = self._versions[version].definition
        return None if definition is None else parsed(definition).rating.id

    def _answer(self, row: dict[str, Any]) -> schema.Answer:
        happened = clock.instant(row["happened_ms"])
        local = happened.astimezone(self._zones[row["point"]])
        return schema.Answer(
            kiosk=row["kiosk"],
            installation=row["installation"],
            seq=row["seq"],
            place=row["point"],
            response=str(row["response"]),
            event=_EVENTS[row["kind"]],
            questionnaire=self._versions[row["version"]].name,
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


_Given = bool | int | str | schema.Chosen | schema.Consent
_decoder: "msgspec.json.Decoder[_Given]" = msgspec.json.Decoder(_Given)


def _value(kind: int, text: str) -> "_Given | None":
    match kind:
        case 1:
            return _decoder.decode(text)
        case 3:
            return text
        case _:
            return None


def _filtered(
    asked: schema.AnswerFilters | schema.ResponseFilters,
) -> "QuerySet[StoredMessage]":
    rows = StoredMessage.objects.all()
    if asked.place:
        rows = rows.filter(point__in=asked.place)
    if asked.kiosk:
        rows = rows.filter(kiosk__in=asked.kiosk)
    if asked.questionnaire is not None:
        named = Version.objects.filter(name=asked.questionnaire)
        rows = rows.filter(version__in=list(named.values_list("pk", flat=True)))
    if asked.language is not None:
        rows = rows.filter(language=asked.language)
    if not asked.test:
        rows = rows.filter(test=False)
    return rows if asked.misuse else rows.filter(misuse="")


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
