"""What is known of this head office's clock, and what kiosks say of it.

Times of a *boot* are those of the machine's monotonic clock; a *zero* is how far the wall clock is
ahead of it, which stays the same for as long as nobody sets the wall clock.
"""

from django.db import models


class ClockRun(models.Model):
    """A while in which the clock of one boot ran evenly and was trusted.

    In the order in which they were; the last one goes on for as long as the head office is up.
    """

    boot = models.UUIDField()
    zero_ms = models.BigIntegerField()
    first_ms = models.BigIntegerField()
    """Unix time by this clock when it was first trusted."""
    last_ms = models.BigIntegerField()
    """The same when it was looked at last: what was written last, to the minute."""
    mono_ms = models.BigIntegerField()
    """The monotonic clock at that last look."""
    lived_ms = models.BigIntegerField()
    """How much time is known to have passed up to then since the first run began."""

    def __str__(self) -> str:
        return f"{self.first_ms} to {self.last_ms}"


class KioskWord(models.Model):
    """What the last heartbeat of a kiosk said of the clock of the machine that took it."""

    kiosk = models.BigIntegerField(primary_key=True)
    boot = models.UUIDField()
    """Of that machine, as all that follows."""
    heard_mono_ms = models.BigIntegerField()
    zero_ms = models.BigIntegerField()
    """By the kiosk's wall clock."""
    may_object = models.BooleanField()
    """Whether the kiosk's wall clock agreed before; one that nobody sets objects to nothing."""

    def __str__(self) -> str:
        return f"kiosk {self.kiosk}: {self.zero_ms}"


class AcceptedClock(models.Model):
    """The word of a person that a machine's clock is right, until it is set or started anew."""

    boot = models.UUIDField(primary_key=True)
    zero_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.boot}: {self.zero_ms}"
