"""Rows that no delivery makes, and that a database may hold all the same."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection, models
from hypothesis import strategies as st
from office import DIGEST

from headoffice.fleet.models import Alarm, Assignment, ExperiencePoint, Group, Kiosk
from headoffice.messages.models import Gap, Installation, StoredMessage
from headoffice.questionnaires.models import Version
from headoffice.rollups.models import Daily, Hourly, Late, Monthly

Draw = Callable[[st.SearchStrategy[Any]], Any]
NOW_MS = 1_796_000_000_000
NUMBERS = (-(2**63), -(2**53), -1, 0, 1, 2, 3, 7, 10, 11, 2**31, 2**53, 10**18, 2**63 - 1)
TIMES = (-(2**63), -62_135_596_800_000, -1, 0, 253_402_300_799_999, 2**53, 2**63 - 1)
DAYS = (dt.date.min, dt.date(1969, 12, 31), dt.date(9999, 12, 31))
WORDS = (
    "", " ", "0", "2", "3", "10", "-1", "1.5", "NaN", "1e999", "Infinity", "٣", "²", "00002",
    "true", "yes", "text", "answered", "option:bread", "option:", "left:mood", "left:", "consent",
    "{", "[",
    '"', '""', "null", "\x01\x1b\x7f\ufffe", "\u202e=cmd|' /C calc'!A0", "<script>",
    "%s%(a)s", "é" * 40,
        "complete", "skipped", "9" * 40,
)  # fmt: skip
VALUES = (
    *WORDS, "9" * 5000, '"\\ud800"', '"\\u0000"', '"a\\u0000b"', "[1, 2]", "1e999", "-5",
    "12345678901",
    '{"type":"chosen"}', '{"type":"chosen","options":3}', '{"type":"chosen","options":[{}]}',
    '{"type":"chosen","options":["bread","bread"],"other":""}', '{"type":"chosen","other":7}',
    '{"type":"chosen","options":["\\ud800"],"other":"\\udfff"}', '{"type":"what"}', "{}",
    '{"type":"contact","consent":true', '{"type":"contact","consent":true}', "[" * 3000,
    '{"type":"contact","consent":true,"key":1,"box":"!"}', '{"type":"contact","consent":7}',
    '{"type":"contact","consent":true,"key":99999999999999999999,"box":""}',
    '"' + "x" * 100_000 + '"',
    '{"type":"chosen","options":["' + "y" * 2000 + '"]}', '"\x01\x02"', '"a"b"', '"é',
)  # fmt: skip
_SMILEY = {"kind": "smiley", "id": "mood", "text": {"en": "How?"}}
FORMS: tuple[Any, ...] = (
    [_SMILEY | {"faces": 3}, {"kind": "text", "id": "why", "text": {}}],
    [_SMILEY | {"faces": 4, "text": {}}, {"kind": "nps", "id": "mood", "text": {}}],
    [_SMILEY | {"faces": 5}, _SMILEY | {"faces": 3}],
    [{"kind": "nps", "id": "mood", "text": {"en": "x"}}],
    [_SMILEY, {"kind": "scale", "id": "s", "text": {}, "low": 1, "high": 2,
               "ends": {"low": {}, "high": {}}}],
    [_SMILEY, {"kind": "multiple_choice", "id": "bread", "text": {"xx": "\x01"}, "other": True,
               "options": [{"id": "bread", "text": {}}, {"id": "bread", "text": {"en": "="}}]}],
    [_SMILEY, {"kind": "contact", "id": "who", "text": {}, "purpose": {}}],
    [_SMILEY | {"faces": 7}],
    [_SMILEY, {"kind": "tomorrow", "id": "new", "text": {}}],
    [],
)  # fmt: skip
DEFINITIONS = (
    None, "", "{", "null", "[]", "{}", "[" * 100_000, '{"id": "x"}', '"\\ud800"', "NaN",
    *(json.dumps({"id": "form", "title": "=T", "languages": ["en", "en"], "questions": form})
      for form in FORMS),
    json.dumps({"id": "form", "title": "T" * 301, "languages": [], "questions": FORMS[0]}),
)  # fmt: skip


class Planter:
    """Writes hostile rows straight into the tables, as drawn."""

    def __init__(self, draw: Draw, kiosk: Kiosk, point: ExperiencePoint) -> None:
        self._draw, self._kiosk, self._point = draw, kiosk, point
        self._number = 0

    def plant(self) -> None:
        """Some of every kind."""
        self._versions()
        self._kiosks()
        for _ in range(3):
            self._installation()
        for _ in range(10):
            self._message()
        for model, day in ((Hourly, "day"), (Daily, "day"), (Monthly, "month"), (Late, "day")):
            for _ in range(8):
                self._count(model, day)
        self._endless_sum()

    def pick(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def _save(self, model: type[models.Model], **cells: Any) -> None:
        for field in model._meta.concrete_fields:
            cell = cells.get(field.name)
            if isinstance(cell, str):
                cell = cell[: field.max_length or None]
                cells[field.name] = (
                    cell if connection.vendor == "sqlite" else cell.replace("\0", "")
                )
        model._default_manager.bulk_create([model(**cells)], ignore_conflicts=True)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _versions(self) -> None:
        self.versions = [0, 2**62, *Version.objects.values_list("pk", flat=True)]
        for _ in range(3):
            row = Version(
                digest=uuid.uuid4().hex * 2,
                definition=self.pick(*DEFINITIONS),
                name=self.pick("form", "", "x" * 40),
                title=self.pick("=T", "", "\x01" * 300),
                first_kiosk=self._kiosk,
            )
            row.save()
            self.versions.append(row.pk)

    def _kiosks(self) -> None:
        group = Group.objects.create(
            name=self.pick("=cmd", "\x01", "a / b", "%s", " "), parent=None
        )
        point = ExperiencePoint.objects.create(
            group=group,
            name=self.pick("@x", "\x0b", "\u202e", "p" * 120, "<b>"),
            time_zone=self.pick("UTC", "Pacific/Apia", "Mars/Phobos", ""),
            tags=self.pick([], ["\x01"], ["a", "a"]),
            custom=self.pick({}, {"=": "="}),
        )
        self.points = [self._point.pk, point.pk, 0, 2**62]
        self.kiosks = [self._kiosk.pk]
        for at in (self._point, point):
            kiosk = Kiosk.objects.create()
            self.kiosks.append(kiosk.pk)
            Assignment.objects.create(kiosk=kiosk, point=at, since_ms=self.pick(0, *TIMES))
        for pk in self.kiosks:
            beat = {
                name: self.pick(None, *NUMBERS)
                for name in (
                    "last_answer_ms", "waiting", "quarantined", "last_seq", "oldest_waiting_ms",
                    "free_disk_bytes", "clock_offset_ms",
                )
            }  # fmt: skip
            beat["state"] = self.pick("", "open", "what", "\x01")
            beat["version"] = self.pick("", "\x01<b>", "v" * 200)
            beat["questionnaire"] = self.pick("", "x", "0" * 64)
            beat["heartbeat_at"] = self.pick(
                None,
                *(dt.datetime(y, m, d, tzinfo=dt.UTC) for y, m, d in ((1, 1, 3), (9999, 12, 29))),
            )
            Kiosk.objects.filter(pk=pk).update(**beat)
        self._save(
            Alarm,
            kiosk_id=self._kiosk.pk,
            kind=self.pick("clone", "what"),
            installation=uuid.uuid4(),
            first_at=dt.datetime(1, 1, 3, tzinfo=dt.UTC),
            last_at=dt.datetime(9999, 12, 29, tzinfo=dt.UTC),
            count=self.pick(*NUMBERS),
            detail=self.pick("", "\x01<b>"),
        )

    def _installation(self) -> None:
        kiosk = self.pick(*self.kiosks)
        row = Installation.objects.create(
            kiosk_id=kiosk,
            uuid=uuid.uuid4(),
            stored_up_to=self.pick(*NUMBERS),
            highest=self.pick(*NUMBERS),
        )
        self._save(
            Gap,
            kiosk=kiosk,
            installation=row.pk,
            first=self.pick(*NUMBERS),
            last=self.pick(*NUMBERS),
            noticed_ms=self.pick(*TIMES),
        )

    def _message(self) -> None:
        self._save(
            StoredMessage,
            kiosk=self.pick(*self.kiosks),
            installation=self.pick(1, 2**62),
            seq=self._next(),
            fingerprint=b"0" * 16,
            kind=self.pick(1, 1, 1, 2, 3, 0, 99, -1),
            response=self.pick(*(uuid.UUID(int=n) for n in (0, 1, 2**128 - 1))),
            version=self.pick(*self.versions),
            point=self.pick(*self.points),
            question=self.pick("mood", "why", "bread", "who", "", "\x01"),
            value=self.pick(*VALUES),
            language=self.pick("en", "", "\x01", "zz-ZZ"),
            test=self.pick(False, False, True),
            misuse=self.pick("", "", "burst", "\x01", ",,"),
            took_ms=self.pick(*NUMBERS),
            wall_ms=self.pick(*TIMES),
            boot=uuid.UUID(int=0),
            mono_ms=self.pick(*NUMBERS),
            happened_ms=self.pick(NOW_MS, NOW_MS, 0, *TIMES),
            certain=self.pick(False, True),
            received_ms=self.pick(NOW_MS, 0, *TIMES),
            counts=self.pick(True, True, False),
        )

    def _endless_sum(self) -> None:
        """Counts that make more than 64 bits together."""
        for kiosk in self.kiosks:
            self._save(
                Daily,
                kiosk=kiosk,
                point=self._point.pk,
                version=Version.objects.get(digest=DIGEST).pk,
                question="mood",
                value="2",
                language="en",
                misuse="",
                test=False,
                count=2**63 - 1,
                took_ms=2**63 - 1,
                day=dt.datetime.now(dt.UTC).date(),
            )

    def _count(self, model: type[models.Model], day: str) -> None:
        today = dt.datetime.now(dt.UTC).date()
        cells = {
            "kiosk": self.pick(*self.kiosks, 2**62),
            "point": self.pick(*self.points),
            "version": self.pick(*self.versions),
            "question": self.pick("mood", "why", "bread", "who", "s", "", "\x01"),
            "value": self.pick(*WORDS),
            "language": self.pick("en", "", "\x01"),
            "misuse": self.pick("", "", "\x01"),
            "test": self.pick(False, True),
            "count": self.pick(*NUMBERS, 5, 50, -50),
            "took_ms": self.pick(*NUMBERS),
            day: self.pick(today, today, today, *DAYS),
        }
        if model in (Hourly, Late):
            cells["hour_ms"] = self.pick(NOW_MS, *TIMES)
        self._save(model, **cells)
