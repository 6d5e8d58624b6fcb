"""Questionnaire versions by the digest of their content."""

from django.db import models

from headoffice.fleet.models import Kiosk


class Version(models.Model):
    """One version; its definition may arrive after the first answers to it."""

    digest = models.CharField(max_length=64, unique=True)
    definition = models.TextField(null=True)  # noqa: DJ001 - unknown is not the empty text
    name = models.CharField(max_length=40, default="")
    title = models.CharField(max_length=300, default="")
    first_kiosk = models.ForeignKey(Kiosk, models.CASCADE, related_name="+")
    """Who delivered answers to it first, and is asked for the definition."""

    def __str__(self) -> str:
        return self.title or self.digest[:12]
