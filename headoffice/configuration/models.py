"""What is said for groups, experience points and kiosks; what each kiosk is meant to be; roll-outs.

Rows of settings and schedules are changed by a roll-out alone, which keeps what they were before.
"""

from django.db import models

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.fleet.models import ExperiencePoint, Group, Kiosk
from headoffice.questionnaires.models import Version
from sync.configuration import MAX_CONFIGURATION_BYTES, MAX_FILE_BYTES

TITLE_LETTERS = 120


def _of_one_place(name: str) -> models.CheckConstraint:
    group, point, kiosk = (
        models.Q(**{f"{field}__isnull": False}) for field in ("group", "point", "kiosk")
    )
    return models.CheckConstraint(
        condition=(group & ~point & ~kiosk) | (~group & point & ~kiosk) | (~group & ~point & kiosk),
        name=name,
    )


class _Scoped(models.Model):
    """Said for a group, an experience point or a kiosk: one of the three."""

    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="+")
    point = models.ForeignKey(ExperiencePoint, models.CASCADE, null=True, related_name="+")
    kiosk = models.ForeignKey(Kiosk, models.CASCADE, null=True, related_name="+")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True

    @property
    def scope(self) -> str:
        """What it is said for, as in an address: ``g3``, ``p4`` or ``k5``."""
        if self.kiosk_id is not None:
            return f"k{self.kiosk_id}"
        return f"p{self.point_id}" if self.point_id is not None else f"g{self.group_id}"


class SettingValue(_Scoped):
    """One setting there; what is nearest to a kiosk counts."""

    name = models.CharField(max_length=80)
    """With its section, as on the wire: ``sound.volume``; ``questionnaire`` for a lock alone."""
    value = models.JSONField(null=True)
    """None: as it is further up, and this row only says whether it is locked."""
    locks = models.BooleanField(default=False)
    """Whether staff's word on it sleeps."""

    class Meta:
        constraints = (
            _of_one_place("setting_of_one_place"),
            models.UniqueConstraint(fields=["group", "name"], name="setting_of_group"),
            models.UniqueConstraint(fields=["point", "name"], name="setting_of_point"),
            models.UniqueConstraint(fields=["kiosk", "name"], name="setting_of_kiosk"),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.scope}"


class ScheduleRow(_Scoped):
    """A questionnaire that is asked there, from when to when."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    begins_ms = models.BigIntegerField(null=True)
    """Unix ms; None: at once."""
    ends_ms = models.BigIntegerField(null=True)
    """From then on no more; None: for ever."""
    position = models.SmallIntegerField(default=0)
    """Among those of the same place; the first whose time it is is asked."""

    class Meta:
        constraints = (_of_one_place("schedule_of_one_place"),)

    def __str__(self) -> str:
        return f"version {self.version_id} at {self.scope}"


class StoredFile(models.Model):
    """A picture or a font that settings name."""

    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of its bytes."""
    name = models.CharField(max_length=70, unique=True)
    """As settings name it: letters, digits and a part of the digest."""
    kind = models.CharField(max_length=10)
    """picture or font"""
    size = models.IntegerField()
    content = models.BinaryField(max_length=MAX_FILE_BYTES)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class KioskTarget(models.Model):
    """What a kiosk is meant to be now."""

    kiosk = models.OneToOneField(
        Kiosk, models.CASCADE, primary_key=True, related_name="configuration_target"
    )
    digest = models.CharField(max_length=64, default="")
    """Empty: nothing is said for it, and its own files hold."""
    body = models.BinaryField(max_length=MAX_CONFIGURATION_BYTES, default=b"")
    """The document, packed by gzip."""
    files = models.JSONField(default=list)
    """Digests of the files that it names."""
    place = models.TextField(default="")
    """The scopes above the kiosk that it was made for, as in scopes.py."""
    since = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.digest[:12] or 'nothing'} for {self.kiosk_id}"


class KioskReport(models.Model):
    """What a kiosk last said of its configuration; only those that take any say something."""

    kiosk = models.OneToOneField(
        Kiosk, models.CASCADE, primary_key=True, related_name="configuration_report"
    )
    in_force = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=10, default="good")
    """good, trial or shown"""
    refusal = models.CharField(max_length=64, default="")
    reasons = models.JSONField(default=list)
    is_fallback = models.BooleanField(default=False)
    staff = models.JSONField(default=list)
    panel = models.JSONField(null=True)
    at = models.DateTimeField(default=clock.now)
    since = models.DateTimeField(default=clock.now)
    """When what is in force was first told."""

    def __str__(self) -> str:
        return f"{self.in_force[:12] or 'files'} at {self.kiosk_id}"


class RollOut(models.Model):
    """Changes of settings and schedules on their way to kiosks."""

    class State(models.TextChoices):
        RUN = "run", "run"
        STOP = "stop", "stop"
        END = "end", "end"
        UNDO = "undo", "undo"

    title = models.CharField(max_length=TITLE_LETTERS)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    changes = models.JSONField(default=list)
    """As changes.py has them, each with what was before and what comes after."""
    first = models.TextField(default="all")
    """Which kiosks come first: ``all``, a share like ``10%``, or numbers like ``3,7``."""
    watch_hours = models.SmallIntegerField(default=0)
    """For so long the answers of the first wave are watched before it goes on."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUN)
    reason = models.TextField(default="")
    """Why it was stopped, for people; English, with what the kiosk itself said."""
    wave = models.SmallIntegerField(default=0)
    """The last one whose kiosks were told."""
    wave_at = models.DateTimeField(default=clock.now)
    check_hours = models.IntegerField(default=0)
    """At how many hours of the wave its answers were last compared with what is usual."""
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class RollOutKiosk(models.Model):
    """A kiosk that gets another document by a roll-out."""

    class State(models.TextChoices):
        WAIT = "wait", "wait"
        OFFER = "offer", "offer"
        TRIAL = "trial", "trial"
        FACES = "shown", "shown"
        GOOD = "good", "good"
        REFUSAL = "refusal", "refusal"
        FALLBACK = "fallback", "fallback"
        CRASH = "crash", "crash"
        FEW = "few", "few"

    roll_out = models.ForeignKey(RollOut, models.CASCADE, related_name="kiosks")
    kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="+")
    before = models.CharField(max_length=64, default="")
    """The digest that it was meant to have."""
    after = models.CharField(max_length=64, default="")
    wave = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAIT)
    detail = models.TextField(default="")
    is_apart = models.BooleanField(default=False)
    """It has failed, and somebody decided to go on without it."""
    at = models.DateTimeField(default=clock.now)
    """Of the last change of its state."""

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["roll_out", "kiosk"], name="kiosk_once_in_a_roll_out"),
        )

    def __str__(self) -> str:
        return f"{self.kiosk_id} in {self.roll_out_id}"
