"""Counts, kept up to date in the transaction that stores the messages; and sums of them.

The sums of areas follow behind: area_sums.py says how they and the counts stay one figure.
"""

from django.db import models

from headoffice.db.lookups import AmongLookup

models.BigIntegerField.register_lookup(AmongLookup)


class _Said(models.Model):
    """How often one value was the last word, and what one may ask by wherever it was said."""

    version = models.BigIntegerField()
    question = models.CharField(max_length=40)
    """Empty: how the response ended."""
    value = models.CharField(max_length=60)
    """One of the words of write.py."""
    language = models.CharField(max_length=8)
    misuse = models.CharField(max_length=100)
    test = models.BooleanField()
    count = models.BigIntegerField()
    took_ms = models.BigIntegerField(default=0)
    """How long, together, the questions had been on the screen."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.count} x {self.question}={self.value}"


class _SaidThere(_Said):
    """How often it was said at one kiosk while it stood at one place."""

    kiosk = models.BigIntegerField()
    point = models.BigIntegerField()

    class Meta:
        abstract = True


class _Counts(_SaidThere):
    """How often it was said there on one day."""

    day = models.DateField()
    """The local day of the experience point."""

    class Meta:
        abstract = True


class Hourly(_Counts):
    """Counts per local hour."""

    pk = models.CompositePrimaryKey(
        "kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test"
    )
    hour_ms = models.BigIntegerField()
    """Unix time at which the local hour of the experience point began."""

    class Meta:
        indexes = (models.Index(fields=["point", "question", "day"], name="hourly_place"),)


class Daily(_Counts):
    """Counts per local day."""

    pk = models.CompositePrimaryKey(
        "kiosk", "day", "point", "version", "question", "value", "language", "misuse", "test"
    )

    class Meta:
        indexes = (models.Index(fields=["point", "question", "day"], name="daily_place"),)


class Monthly(_SaidThere):
    """Counts per month, so that a year of some places is not read day by day."""

    pk = models.CompositePrimaryKey(
        "kiosk", "month", "point", "version", "question", "value", "language", "misuse", "test"
    )
    month = models.DateField()
    """The first of its local days."""

    class Meta:
        indexes = (models.Index(fields=["point", "question", "month"], name="monthly_place"),)


class Late(_Counts):
    """What came to the hourly counts, or left them, and is not yet in the sums of areas."""

    pk = models.CompositePrimaryKey(
        "kiosk", "hour_ms", "point", "version", "question", "value", "language", "misuse", "test"
    )
    hour_ms = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["point", "question", "day"], name="late_place"),)


class Horizon(models.Model):
    """One row. Whoever changes counts of earlier days writes the change down as late, too."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    before = models.DateField(null=True)
    """None: there are no sums."""

    def __str__(self) -> str:
        return f"before {self.before}"


class Area(models.Model):
    """Many experience points that are looked at as one, with sums of their own.

    What is summed is this very set of points: after the tree has changed, another area takes its
    place.
    """

    points = models.JSONField()
    """Sorted."""
    summed_before = models.DateField(null=True)
    """Earlier days are in the sums, later ones are not; never beyond the horizon."""
    unused_since = models.DateTimeField(null=True)
    """When the tree no longer had it. Pages that had begun may still read the sums."""

    def __str__(self) -> str:
        return f"{len(self.points)} points before {self.summed_before}"


class AreaDay(_Said):
    """Sums of an area per local day."""

    pk = models.CompositePrimaryKey(
        "area", "question", "day", "version", "value", "language", "misuse", "test"
    )
    area = models.BigIntegerField()
    day = models.DateField()


class AreaHour(_Said):
    """Sums of an area per local hour, of numbers alone: the map of hours draws only ratings."""

    pk = models.CompositePrimaryKey(
        "area", "question", "hour_ms", "version", "value", "language", "misuse", "test"
    )
    area = models.BigIntegerField()
    hour_ms = models.BigIntegerField()
    """What the clocks on the walls showed, as if it had been UTC."""
