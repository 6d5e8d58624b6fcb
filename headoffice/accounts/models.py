"""People, and how often someone may guess."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What someone does here; access.py says what that opens."""

    ADMINISTRATOR = "administrator", _("Administrator")
    ANALYST = "analyst", _("Analyst")
    MANAGER = "manager", _("Manager")


class User(AbstractUser):
    """Someone who may log in."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.ANALYST)
    language = models.CharField(_("language"), max_length=8, blank=True)
    """Of the pages, once they have chosen one; before that their browser says."""
    must_change_password = models.BooleanField(default=False)
    """Someone else knows the password: it was given by an administrator."""


class Responsibility(models.Model):
    """A group, or a single place, that a manager looks after; for others without meaning."""

    user = models.ForeignKey(User, models.CASCADE, related_name="responsibilities")
    group = models.ForeignKey(
        "fleet.Group", models.PROTECT, null=True, related_name="responsibilities"
    )
    point = models.ForeignKey(
        "fleet.ExperiencePoint", models.PROTECT, null=True, related_name="responsibilities"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(group=None, point__isnull=False)
                | models.Q(group__isnull=False, point=None),
                name="a_group_or_a_place",
            ),
            models.UniqueConstraint(fields=["user", "group"], name="each_group_once"),
            models.UniqueConstraint(fields=["user", "point"], name="each_place_once"),
        )

    def __str__(self) -> str:
        return f"{self.user} looks after {self.group or self.point}"


class Attempts(models.Model):
    """Guesses from one source at one secret that were wrong, or are being looked at."""

    source = models.BinaryField(primary_key=True, max_length=32)
    """A keyed hash: no address and no name is kept."""
    since_ms = models.BigIntegerField(db_index=True)
    failures = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.failures} failures"


class KnownPlace(models.Model):
    """A network from which somebody has logged in; see known_places.py."""

    place = models.BinaryField(primary_key=True, max_length=32)
    """A keyed hash of the network and the account."""
    seen_ms = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"seen {self.seen_ms}"
