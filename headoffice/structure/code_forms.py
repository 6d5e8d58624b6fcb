"""The form that says at which places new kiosks will stand."""

import difflib
from collections import Counter
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from headoffice.errors import HeadOfficeError
from headoffice.fleet import places
from headoffice.fleet.kiosks import names_to_choose
from headoffice.fleet.models import ExperiencePoint
from headoffice.structure.place_chooser import ListedGroup, tick_numbers

AT_ONCE = 500
"""So many codes are made at once; a sheet of them has 63 pages."""
LIKE_AT_LEAST = 0.75
"""How alike two names are, from 0 to 1, so that one may be a slip for the other."""


class CodeForm(forms.Form):
    """Places that exist, one by one or by their group, or one by its name."""

    place = forms.CharField(
        label=gettext_lazy("Location"),
        required=False,
        help_text=gettext_lazy("For example “Main street, checkout”."),
        max_length=120,
    )
    new = forms.BooleanField(required=False)

    def __init__(self, *args: Any, groups: tuple[ListedGroup, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._groups = groups
        self.is_unknown_place = False
        """Whether a name was typed that no place has, and nobody has said that it is new."""

    def clean(self) -> dict[str, Any]:
        """Which places: ``points``, and ``place`` where one is typed."""
        said = super().clean() or self.cleaned_data
        points = self._points()
        name = said.get("place", "")
        if not points and not name and "place" not in self.errors:
            self.add_error("place", _("Choose at least one location, or type its name."))
        if len(points) > AT_ONCE:
            text = _("At most %(n)d codes are made at once: choose fewer locations.")
            self.add_error("place", text % {"n": AT_ONCE})
        if name and "place" not in self.errors:
            try:
                known = places.find_point(name)
            except HeadOfficeError as error:
                self.add_error("place", capfirst(str(error)))
            else:
                if known is None and not said.get("new"):
                    self.is_unknown_place = True
                    self.add_error("place", _unknown(name))
        said["points"] = points
        return said

    def _points(self) -> list[ExperiencePoint]:
        chosen: dict[int, ExperiencePoint] = {}
        groups, points = tick_numbers(self.data, "group"), tick_numbers(self.data, "point")
        for listed in self._groups:
            if listed.group.pk in groups:
                chosen |= {point.pk: point for point in listed.places_without_kiosk}
        for listed in self._groups:
            chosen |= {
                each.point.pk: each.point for each in listed.places if each.point.pk in points
            }
        return list(chosen.values())


def _unknown(name: str) -> str:
    names = Counter(names_to_choose())
    near = difflib.get_close_matches(name, names, n=3, cutoff=LIKE_AT_LEAST)
    text = _("There is no location “%(name)s” yet.") % {"name": name}
    if near:
        text += " " + _("Did you mean: %(names)s?") % {"names": "; ".join(near)}
    return text
