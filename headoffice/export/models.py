"""What has been asked for as a file, and how far it is."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from headoffice import clock
from headoffice.accounts.models import User


class Export(models.Model):
    """One file, made while it is being downloaded; nothing of it is kept here."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("In progress")
        DONE = "done", _("Complete")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    class Data(models.TextChoices):
        ANSWERS = "answers", _("Individual answers")
        DAYS = "days", _("Counts per day")
        HOURS = "hours", _("Counts per hour")

    class Format(models.TextChoices):
        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel")
        PARQUET = "parquet", _("Parquet")

    class Separator(models.TextChoices):
        COMMA = "comma", _("Comma")
        SEMICOLON = "semicolon", _("Semicolon")
        TAB = "tab", _("Tab")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(User, models.CASCADE, related_name="exports")
    data = models.CharField(max_length=10, choices=Data.choices)
    format = models.CharField(max_length=10, choices=Format.choices)
    separator = models.CharField(max_length=10, choices=Separator.choices, default=Separator.COMMA)
    """Of the cells of a CSV."""
    bom = models.BooleanField(default=True)
    query = models.TextField()
    """What was asked for, as in the address of a page of results."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.BigIntegerField(null=True)
    """How many rows it will have; None until they are counted."""
    rows = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    noted_at = models.DateTimeField(null=True)
    """When the process that makes it last said how far it is."""
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.data}.{self.format} {self.state}"

    @property
    def percent(self) -> int | None:
        """How far it is; None while that is not known."""
        if self.state == self.State.DONE:
            return 100
        if self.total is None:
            return None
        return min(99, 100 * self.rows // self.total) if self.total else 0


class ZoneOffset(models.Model):
    """How far ahead of UTC the clocks of a zone are from an instant on, until the next row."""

    pk = models.CompositePrimaryKey("zone", "from_ms")
    zone = models.CharField(max_length=60)
    from_ms = models.BigIntegerField()
    offset_s = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.zone} {self.offset_s:+} s"
