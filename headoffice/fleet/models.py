"""The head office itself, places, kiosks, and what a kiosk proves itself with."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from headoffice import clock
from headoffice.db.queries import Finder


def _default_time_zone() -> str:
    return str(settings.TIME_ZONE)


class HeadOffice(models.Model):
    """One row: which head office this is. A new database is a new head office."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    uuid = models.UUIDField(default=uuid.uuid4)
    key_fingerprint = models.CharField(max_length=16, default="")
    """Of the secret key that its contact details and codes rest on; empty until it is known."""
    program = models.CharField(max_length=40, default="")
    """The version of Hymio that brought the tables up to date last."""

    def __str__(self) -> str:
        return str(self.uuid)

    @classmethod
    def identity(cls) -> str:
        """Its id; made on the first call in this database."""
        row = _identities.first("id = 1") or cls.objects.get_or_create(id=1)[0]
        return str(row.uuid)


_identities = Finder(HeadOffice)


class Group(models.Model):
    """A part of the tree above the experience points: company, country, region, store."""

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    name = models.CharField(_("name"), max_length=120)
    goal = models.SmallIntegerField(null=True)
    """What its happiness index should be, 0 to 100; None: nobody has said."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["parent", "name"], name="group_name_under_parent"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(parent=None), name="group_name_at_the_top"
            ),
        )

    def __str__(self) -> str:
        return self.name


DETAILS = ("opening_hours", "tags", "custom", "goal")
"""What lists of many places leave out."""


class ExperiencePoint(models.Model):
    """The place measured."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="points")
    name = models.CharField(_("location"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=60, default=_default_time_zone)
    opening_hours = models.JSONField(_("opening hours"), default=dict)
    """By weekday, like ``{"mon": [["09:00", "21:00"]]}``; empty: not known."""
    tags = models.JSONField(_("tags"), default=list)
    """Sorted short texts."""
    custom = models.JSONField(_("custom fields"), default=dict)
    """Texts by the name of the field."""
    goal = models.SmallIntegerField(null=True)
    """What its happiness index should be, 0 to 100; None: nobody has said."""
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["group", "name"], name="point_name_in_group"),
        )

    def __str__(self) -> str:
        return self.name


class Kiosk(models.Model):
    """An enrolled device; its latest heartbeat lives here."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4)
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True)
    demonstration = models.BooleanField(default=False)
    """Made up by `seed-demo`: there is no such device."""
    offline = models.BooleanField(default=False)
    """Its answers came by stick alone: nobody has enrolled it, and it can't be heard."""
    successor = models.OneToOneField("self", models.SET_NULL, null=True, related_name="predecessor")
    """The kiosk that joined in its place. It may go on delivering until nothing is left."""
    # Newest answer that counts, for the page; test taps and misuse left out.
    last_answer_ms = models.BigIntegerField(null=True)
    # --- the latest heartbeat
    heartbeat_at = models.DateTimeField(null=True)
    version = models.CharField(max_length=200, default="")
    questionnaire = models.CharField(max_length=64, default="")
    waiting = models.BigIntegerField(null=True)
    quarantined = models.BigIntegerField(null=True)
    last_seq = models.BigIntegerField(null=True)
    oldest_waiting_ms = models.BigIntegerField(null=True)
    free_disk_bytes = models.BigIntegerField(null=True)
    clock_offset_ms = models.BigIntegerField(null=True)
    state = models.CharField(max_length=20, default="")
    troubles = models.JSONField(default=list)
    """What it reports to be wrong with itself, as :class:`sync.messages.Trouble` has it."""

    commands = models.JSONField(default=list)
    """The names of the commands that it knows, as it said."""
    is_called = models.BooleanField(default=False)
    """Whether it is to send a heartbeat with its next request: there is something for it."""

    def __str__(self) -> str:
        return f"Kiosk {self.pk}"


class Assignment(models.Model):
    """A kiosk stands at an experience point from an instant on, until the next assignment."""

    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="assignments")
    point = models.ForeignKey(ExperiencePoint, models.PROTECT, related_name="assignments")
    since_ms = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kiosk", "since_ms"], name="one_place_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.kiosk} at {self.point}"


class KioskCommand(models.Model):
    """Something that a kiosk is to do once, and what came of it."""

    class State(models.TextChoices):
        WAIT = "wait", _("Waits for the kiosk")
        DONE = "done", _("Done")
        FAILURE = "failure", _("Failed")
        EXPIRY = "expiry", _("Too old: the kiosk did not ask in time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="orders")
    name = models.CharField(max_length=40)
    maker = models.CharField(max_length=150, default="")
    """Who asked for it, by the name they log in with."""
    at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAIT)
    detail = models.TextField(default="")
    result_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["kiosk", "at"], name="commands_of_kiosk"),)

    def __str__(self) -> str:
        return f"{self.name} for {self.kiosk}"


class KioskChange(models.Model):
    """A kiosk is otherwise than before, from an instant on: what heartbeats told, kept small."""

    class Kind(models.TextChoices):
        STATE = "state"
        VERSION = "version"
        QUESTIONNAIRE = "questionnaire"
        CONFIGURATION = "configuration"

    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="changes")
    at_ms = models.BigIntegerField()
    kind = models.CharField(max_length=13, choices=Kind.choices)
    value = models.CharField(max_length=200)
    """A state as heartbeats have it, or ``silent``; a version; a digest."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["kiosk", "at_ms", "kind"], name="one_change_of_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.value} of {self.kiosk}"


class Credential(models.Model):
    """What a kiosk proves itself with; only its hash is known here."""

    hash = models.BinaryField(primary_key=True, max_length=32)
    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="credentials")
    created_at = models.DateTimeField(default=clock.now)
    unused = models.BooleanField(default=False)
    """Told to the kiosk to replace another one, and never used by it so far."""

    def __str__(self) -> str:
        return f"credential of {self.kiosk}"


class EnrolmentCode(models.Model):
    """A one-time code for one kiosk at one place: its hash, and a box that the secret key opens."""

    hash = models.BinaryField(primary_key=True, max_length=32)
    point = models.ForeignKey(ExperiencePoint, models.CASCADE, related_name="codes")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    installation = models.UUIDField(null=True)
    """The one that used the code; only it may ask again if the reply was lost."""
    kiosk = models.OneToOneField(Kiosk, models.CASCADE, null=True, related_name="code")
    box = models.CharField(max_length=200, default="")
    """The code itself, locked (accounts/sealing.py), while it is open; empty after that."""
    maker = models.CharField(max_length=150, default="")
    """Who made it, by the name they log in with; empty: a command did."""
    batch = models.UUIDField(null=True, db_index=True)
    """What was made at once, and is printed on one sheet."""
    predecessor = models.ForeignKey(Kiosk, models.CASCADE, null=True, related_name="+")
    """The kiosk whose place the one that uses the code takes."""

    def __str__(self) -> str:
        return f"code for {self.point}"


class Alarm(models.Model):
    """Something about a kiosk that a person should look at."""

    class Kind(models.TextChoices):
        CLONE = "clone", _("Two devices seem to use this kiosk's identity")

    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="alarms")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    installation = models.UUIDField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.BigIntegerField(default=0)
    detail = models.CharField(max_length=300)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["kiosk", "installation", "kind"], name="one_alarm_per_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"
