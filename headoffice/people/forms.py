"""The forms in which an administrator says who somebody is here."""

from typing import Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from headoffice.accounts.models import Role
from headoffice.structure.place_chooser import ListedGroup, tick_numbers

_HELP = {
    Role.ADMINISTRATOR: gettext_lazy("sees and changes everything"),
    Role.ANALYST: gettext_lazy("sees everything"),
    Role.MANAGER: gettext_lazy("sees the groups and locations that they look after"),
}


class PersonForm(forms.Form):
    """What someone does here; a manager looks after groups and single places."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, *args: Any, groups: tuple[ListedGroup, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        roles = list(reversed(Role))
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        # Below the list, since a phone cuts the choices of one.
        told = (f"{role.label}: {_HELP[role]}" for role in roles)
        self.fields["role"].help_text = "; ".join(told) + "."

    def clean(self) -> dict[str, Any]:
        """``groups`` and ``points``: what a manager looks after; others see the whole tree."""
        said = super().clean() or self.cleaned_data
        groups = tick_numbers(self.data, "group") & {each.group.pk for each in self._groups}
        known = {each.point.pk for listed in self._groups for each in listed.places}
        points = tick_numbers(self.data, "point") & known
        is_manager = said.get("role") == Role.MANAGER
        said["groups"], said["points"] = (groups, points) if is_manager else (set(), set())
        if is_manager and not groups | points:
            self.add_error("role", _("A manager needs at least one group or location."))
        return said


class NewPersonForm(PersonForm):
    """Someone new."""

    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
    )
    field_order = ("username", "role")
