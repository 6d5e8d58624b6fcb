"""What happened where and on which days, such as new tills or a strike."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.fleet.models import ExperiencePoint, Group

LONGEST = 200
"""Letters of a note at most."""


class Note(models.Model):
    """One event; without group and point it is about all places."""

    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="notes")
    point = models.ForeignKey(ExperiencePoint, models.CASCADE, null=True, related_name="notes")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    """Both by the calendar of the place, and included."""
    text = models.CharField(_("what happened"), max_length=LONGEST)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="notes")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(point=None), name="note_of_one_place"
            ),
            models.CheckConstraint(
                condition=models.Q(first__lte=models.F("last")), name="note_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def place_key(self) -> str:
        """Of its place as in an address; empty for all places."""
        if self.point_id is not None:
            return f"p{self.point_id}"
        return "" if self.group_id is None else f"g{self.group_id}"
