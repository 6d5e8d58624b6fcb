"""Links of walls."""

from django.db import models

from headoffice import clock


class WallLink(models.Model):
    """Opens one wall for whoever has it, until it is withdrawn; only its hash is known here."""

    hash = models.BinaryField(unique=True, max_length=32)
    title = models.CharField(max_length=300)
    """What the wall was called when the link was made."""
    query = models.CharField(max_length=2000)
    """The places and filters of the wall, as its address has them."""
    language = models.CharField(max_length=8)
    everything = models.BooleanField(default=False)
    """Whether its maker saw every place; else they saw these:"""
    groups = models.JSONField(default=list)
    """Ids of whole groups, with whatever will stand in them."""
    points = models.JSONField(default=list)
    """Ids of single places."""
    maker = models.CharField(max_length=150)
    """Who made it, by the name that they logged in with: it outlives their account."""
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)
    """To the hour, so that reading does not become writing."""

    def __str__(self) -> str:
        return self.title
