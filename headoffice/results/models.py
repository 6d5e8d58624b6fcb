"""Counts, kept up to date in the transaction that stores the messages."""

from django.db import models


class _Counts(models.Model):
    """How often one value was the last word, and everything one may ask by."""

    kiosk = models.BigIntegerField()
    point = models.BigIntegerField()
    version = models.BigIntegerField()
    question = models.CharField(max_length=40)
    """Empty: how the response ended."""
    value = models.CharField(max_length=60)
    """See counting.py for the words."""
    language = models.CharField(max_length=8)
    misuse = models.CharField(max_length=100)
    test = models.BooleanField()
    day = models.DateField()
    """The local day of the experience point."""
    count = models.BigIntegerField()
    took_ms = models.BigIntegerField(default=0)
    """How long, together, the questions had been on the screen."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.count} x {self.question}={self.value}"


class Hourly(_Counts):
    """Counts per local hour."""

    pk = models.CompositePrimaryKey(
        "kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test"
    )
    hour_ms = models.BigIntegerField()
    """Unix time at which the local hour of the experience point began."""

    class Meta:
        indexes = (models.Index(fields=["day", "point"], name="hourly_day_point"),)


class Daily(_Counts):
    """Counts per local day."""

    pk = models.CompositePrimaryKey(
        "kiosk", "day", "point", "version", "question", "value", "language", "misuse", "test"
    )

    class Meta:
        indexes = (models.Index(fields=["day", "point"], name="daily_day_point"),)
