"""Rows for any schema that the head office ever had, to see what becomes of them later."""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.db.migrations.graph import MigrationGraph
from django.db.models.fields import NOT_PROVIDED
from office import DEFINITION, DIGEST

from headoffice.rollups.local_time import local_hour

OURS = (
    "accounts",
    "fleet",
    "questionnaires",
    "ingest",
    "results",
    "export",
    "api",
    "timekeeping",
    "notes",
    "walls",
    "configuration",
)
ZONE = "Asia/Kolkata"
PLAIN = (
    "fleet.HeadOffice",
    "fleet.Group",
    "fleet.ExperiencePoint",
    "fleet.Kiosk",
    "fleet.Assignment",
    "fleet.Credential",
    "fleet.EnrolmentCode",
    "fleet.Alarm",
    "fleet.KioskChange",
    "fleet.KioskCommand",
    "accounts.User",
    "accounts.Responsibility",
    "accounts.Attempts",
    "accounts.KnownPlace",
    "questionnaires.Version",
    "ingest.Installation",
    "ingest.ContactKey",
    "ingest.Unstored",
    "ingest.Renumbered",
    "ingest.BootBounds",
    "ingest.Gap",
    "ingest.LateCheck",
    "ingest.Restamped",
    "export.ZoneOffset",
    "export.Export",
    "api.Token",
    "timekeeping.ClockRun",
    "timekeeping.KioskWord",
    "timekeeping.AcceptedClock",
    "notes.Note",
    "walls.WallLink",
    "questionnaires.Publication",
    "configuration.SettingValue",
    "configuration.ScheduleRow",
    "configuration.StoredFile",
    "configuration.KioskTarget",
    "configuration.KioskReport",
    "configuration.RollOut",
    "configuration.RollOutKiosk",
)
"""Tables whose rows stay as they are, those first that others refer to."""
COUNTED = (
    "ingest.StoredMessage",
    "results.LastWord",
    "results.Hourly",
    "results.Daily",
    "results.Monthly",
)
"""Tables whose rows follow from each other."""
MADE_ANEW = (
    "results.Area",
    "results.AreaDay",
    "results.AreaHour",
    "results.Horizon",
    "results.Late",
)
"""Tables that the head office fills from the others by itself; not written into here."""
READABLE = '{"type":"contact","consent":true,"name":"Ann","email":"ann@example.org"}'
REFUSED = '{"type":"contact","consent":false}'
CONTACT_WORDS = {READABLE: "consent", REFUSED: "declined"}
_HAPPENED_MS = 1_700_000_000_000
Row = dict[str, Any]


def first_of_all(graph: MigrationGraph) -> list[tuple[str, str]]:
    """The first schema that there ever was.

    Not the first one of each app: what came later may rest on schemas that are not the first of
    their own.
    """
    roots = {node for node in graph.root_nodes() if node[0] in OURS}
    return [
        node
        for node in sorted(roots)
        if all(on in roots or on[0] not in OURS for on in graph.forwards_plan(node))
    ]


class Written:
    """What was written so far, one kiosk's worth for each schema."""

    def __init__(self) -> None:
        self.times = 0
        self._groups = False
        self._rows: list[tuple[str, Row]] = []

    @transaction.atomic("old")
    def fill(self, apps: Any) -> None:
        """One more row in every table that this schema has, and what a kiosk said."""
        self.times += 1
        made: dict[str, Any] = {}
        for label in PLAIN:
            model = _model(apps, label)
            if model is None or (label == "fleet.HeadOffice" and self.times > 1):
                continue
            values = {
                field.attname: self._value(label, field, made)
                for field in model._meta.local_concrete_fields
                if not isinstance(field, models.CompositePrimaryKey | models.BigAutoField)
            }
            row = model.objects.using("old").create(**values)
            made[label] = row
            self._rows.append((label, _columns(row)))
        self._say(apps, made)

    def changed(self, apps: Any) -> list[str]:
        """What is missing in this schema, or has another value in a column that is still there."""
        found = []
        for label, before in self._rows:
            model = _model(apps, label)
            if model is None:
                found.append(f"{label} is gone")
                continue
            there = {field.attname for field in model._meta.local_concrete_fields}
            # What was not known may have been filled in.
            same = {k: value for k, value in before.items() if k in there and value is not None}
            if not model.objects.using("old").filter(**same).exists():
                found.append(f"{label} {before}")
        return found

    def _value(self, label: str, field: Any, made: dict[str, Any]) -> Any:
        n = self.times
        fixed = {
            "fleet.HeadOffice.id": 1,
            "fleet.ExperiencePoint.time_zone": ZONE,
            "fleet.Assignment.since_ms": 0,
            "fleet.Group.parent_id": None,
            # A group or a place.
            "accounts.Responsibility.point_id": None,
            # The first has no role yet and no group; both come with later schemas.
            "accounts.User.is_superuser": True,
            "accounts.User.role": "administrator",
            "questionnaires.Version.digest": DIGEST if n == 1 else f"{n:064x}",
            "questionnaires.Version.definition": DEFINITION.decode(),
            # A note is about a group or about a point.
            "notes.Note.point_id": None,
            # What is said of kiosks is said for a group, a point or a kiosk.
            "configuration.SettingValue.point_id": None,
            "configuration.SettingValue.kiosk_id": None,
            "configuration.ScheduleRow.point_id": None,
            "configuration.ScheduleRow.kiosk_id": None,
            "configuration.StoredFile.content": b"picture",
            # A later schema begins all comparisons anew.
            "ingest.LateCheck.installation": 0,
            "ingest.LateCheck.seq": 0,
        }
        name = f"{label}.{field.attname}"
        if name in fixed:
            return fixed[name]
        if name == "fleet.ExperiencePoint.group_id" and not self._groups:
            # Places were older than groups: the next schema plants them.
            self._groups = True
            return None
        if isinstance(field, models.ForeignKey):
            row = made.get(field.related_model._meta.label)
            return row.pk if row is not None else None
        if field.choices:
            return field.choices[0][0]
        if field.default is not NOT_PROVIDED and field.name not in ("uuid", "first", "last"):
            return field.get_default()
        return _any_value(field, n)

    def _say(self, apps: Any, made: dict[str, Any]) -> None:
        """An answer that was changed, one that stayed, a response that was left."""
        kiosk, point = made["fleet.Kiosk"].pk, made["fleet.ExperiencePoint"].pk
        hour_ms, day = local_hour(_HAPPENED_MS, ZONE)
        changed, stays, left, reach = (uuid.uuid4() for _ in range(4))
        # Later schemas have contact details sealed only.
        contact = REFUSED if _model(apps, "ingest.ContactKey") else READABLE
        for seq, response, kind, asked, value, counts in (
            (1, changed, 1, "mood", "0", False),
            (2, changed, 1, "mood", "2", True),
            (3, stays, 1, "mood", "1", True),
            (4, left, 3, "mood", "timed_out", True),
            (5, reach, 1, "who", contact, True),
        ):
            said = {
                "kiosk": kiosk, "installation": made["ingest.Installation"].pk, "seq": seq,
                "version": made["questionnaires.Version"].pk, "point": point, "language": "en",
                "test": False, "misuse": "", "fingerprint": bytes([seq]) * 16, "kind": kind,
                "response": response, "question": asked, "value": value,
                "took_ms": 900 if kind == 1 else 0, "wall_ms": _HAPPENED_MS, "boot": uuid.uuid4(),
                "mono_ms": 0, "happened_ms": _HAPPENED_MS, "certain": True,
                "received_ms": _HAPPENED_MS, "counts": counts, "hour_ms": hour_ms, "day": day,
                "month": day.replace(day=1),
            }  # fmt: skip
            _create(apps, "ingest.StoredMessage", said)
            if not counts:
                continue
            question = asked if kind == 1 else ""
            words = [CONTACT_WORDS.get(value, value)] + ["left:mood"] * (kind == 3)
            _create(apps, "results.LastWord", said | {"question": question, "words": words[0]})
            knows_where_left = _model(apps, "results.Daily") is not None
            for word in words if knows_where_left else words[:1]:
                count = said | {"question": question, "value": word, "count": 1}
                for label in COUNTED[2:]:
                    _create(apps, label, count)


def _any_value(field: Any, n: int) -> Any:
    match field:
        case models.UUIDField():
            return uuid.UUID(int=n)
        case models.BinaryField():
            return bytes([n]) * field.max_length
        case models.DateField():
            # A day, or an instant: the one is the other's base.
            at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=n)
            return at if isinstance(field, models.DateTimeField) else at.date()
        case models.BooleanField():
            return False
        case models.IntegerField():
            return n
        case _:
            return f"name {n}"


def _model(apps: Any, label: str) -> Any:
    try:
        return apps.get_model(label)
    except LookupError:
        return None


def _create(apps: Any, label: str, values: Row) -> None:
    """A row of the columns that the table has in this schema, if there is such a table."""
    model = _model(apps, label)
    if model is not None:
        there = {field.attname for field in model._meta.local_concrete_fields}
        model.objects.using("old").create(**{k: v for k, v in values.items() if k in there})


def _columns(row: Any) -> Row:
    return dict(_stored(row))


def _stored(row: Any) -> Iterator[tuple[str, Any]]:
    for field in row._meta.local_concrete_fields:
        if not isinstance(field, models.CompositePrimaryKey):
            yield field.attname, getattr(row, field.attname)
