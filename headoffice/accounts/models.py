"""People, and how often someone may guess."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone who may log in."""


class Attempts(models.Model):
    """Failed guesses from one source at one secret; see throttle.py."""

    source = models.BinaryField(primary_key=True, max_length=32)
    """A keyed hash: no address and no name is kept."""
    since_ms = models.BigIntegerField(db_index=True)
    failures = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.failures} failures"
