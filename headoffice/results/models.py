"""Counts, kept up to date in the transaction that stores the messages."""

from django.db import models


class Hourly(models.Model):
    """How often one value was the last word, per hour and everything one may ask by."""

    pk = models.CompositePrimaryKey(
        "kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test"
    )
    kiosk = models.BigIntegerField()
    hour_ms = models.BigIntegerField()
    """Unix time at which the local hour of the experience point began."""
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
    """The local day that the hour belongs to."""
    count = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["day", "point"], name="hourly_day_point"),)

    def __str__(self) -> str:
        return f"{self.count} x {self.question}={self.value}"


class LastWord(models.Model):
    """The answer that counts for one question of one response, and where it is counted."""

    pk = models.CompositePrimaryKey("kiosk", "response", "question")
    kiosk = models.BigIntegerField()
    response = models.UUIDField()
    question = models.CharField(max_length=40)
    installation = models.BigIntegerField()
    seq = models.BigIntegerField()
    hour_ms = models.BigIntegerField()
    day = models.DateField()
    point = models.BigIntegerField()
    version = models.BigIntegerField()
    words = models.TextField()
    """The counted words, with newlines between."""
    language = models.CharField(max_length=8)
    misuse = models.CharField(max_length=100)
    test = models.BooleanField()

    def __str__(self) -> str:
        return f"{self.response} {self.question}"
