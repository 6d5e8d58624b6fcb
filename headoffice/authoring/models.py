"""Questionnaires that are being written, with the steps back."""

from django.db import models

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.questionnaires.models import Version


class Draft(models.Model):
    """A questionnaire as far as it is written; what is published of it never changes again."""

    title = models.CharField(max_length=300)
    """That of the present step, for lists."""
    step = models.IntegerField(default=1)
    """The number of the present step."""
    version = models.ForeignKey(Version, models.SET_NULL, null=True, related_name="+")
    """What was published of it last, or what it began with."""
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """Who changed it last."""
    changed_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.title


class DraftStep(models.Model):
    """A draft as it was after one change."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="steps")
    number = models.IntegerField()
    content = models.TextField()
    """JSON of the document: what a kiosk's file has, or a part of it."""
    subject = models.CharField(max_length=80, default="")
    """What was changed: further changes of the same belong to this step."""
    at_ms = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["draft", "number"], name="each_step_of_a_draft_once"),
        )

    def __str__(self) -> str:
        return f"step {self.number} of {self.draft_id}"
