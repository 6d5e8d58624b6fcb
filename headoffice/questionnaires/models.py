"""Questionnaire versions by the digest of their content."""

from django.db import models

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.fleet.models import Kiosk


class Version(models.Model):
    """One version; its definition may arrive after the first answers to it."""

    digest = models.CharField(max_length=64, unique=True)
    definition = models.TextField(null=True)  # noqa: DJ001 - unknown is not the empty text
    name = models.CharField(max_length=40, default="")
    title = models.CharField(max_length=300, default="")
    first_kiosk = models.ForeignKey(Kiosk, models.CASCADE, null=True, related_name="+")
    """Who delivered answers to it first, and is asked for the definition; None: it was written at
    the head office."""

    def __str__(self) -> str:
        return self.title or self.digest[:12]


class Publication(models.Model):
    """A version that people at the head office offer to kiosks; it never changes again."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="publication")
    title = models.CharField(max_length=300)
    """What people at the head office call it; the definition has the title of its own."""
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="publications")
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.title
