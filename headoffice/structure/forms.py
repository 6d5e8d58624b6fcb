"""Forms about groups, places and kiosks."""

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.opening_hours import StoredHours
from headoffice import clock
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.fleet.names import name_key
from headoffice.fleet.tree import Tree
from headoffice.structure import validation

FILE_AT_MOST = 900_000
_HOURS = "Mon-Fri 09:00-21:00; Sat 10:00-18:00"


def parse_field(parse: Any, text: Any) -> Any:
    """What a parser of validation.py makes of it; its ValueError as a form's error."""
    try:
        return parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


def group_choices(tree: Tree, leave_out: frozenset[int] = frozenset()) -> list[tuple[int, str]]:
    """Every group by its path."""
    paths = [(pk, tree.path(pk)) for pk in tree.groups if pk not in leave_out]
    return sorted(paths, key=lambda choice: choice[1].casefold())


def _goal_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Goal for the happiness index"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("From 0 to 100; empty: none."),
    )


def _choice(form: forms.Form, name: str) -> forms.TypedChoiceField:
    return cast("forms.TypedChoiceField", form.fields[name])


class _InGroup(forms.Form):
    """Something with a name, in a group."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=validation.LONGEST_NAME)
    group = forms.TypedChoiceField(label=gettext_lazy("Group"), coerce=int)

    def clean_name(self) -> str:
        return str(parse_field(validation.clean_name, self.cleaned_data["name"]))


class GroupForm(_InGroup):
    """A group's name and what it belongs to."""

    goal = _goal_field()
    field_order = ("name", "group", "goal")

    def __init__(self, *args: Any, group: Group | None, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._group = group
        inside = tree.under(group.pk) if group else frozenset()
        field = _choice(self, "group")
        field.required, field.empty_value = False, None
        field.choices = [("", _("At the top")), *group_choices(tree, inside)]

    def clean(self) -> dict[str, Any]:
        """Two groups of one name under one parent can't be told apart."""
        said = super().clean() or self.cleaned_data
        if "name" in said and "group" in said:
            beside = Group.objects.filter(parent=said["group"])
            same = [g for g in beside if name_key(g.name) == name_key(said["name"])]
            if any(group != self._group for group in same):
                self.add_error("name", _("There is a group of this name there already."))
        return said


class PlaceForm(_InGroup):
    """An experience point."""

    time_zone = forms.CharField(label=gettext_lazy("Time zone"), max_length=60)
    opening_hours = forms.CharField(
        label=gettext_lazy("Opening hours"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("With commas between."),
    )
    custom = forms.CharField(
        label=gettext_lazy("Custom fields"),
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, like “Floor: 2”."),
    )
    goal = _goal_field()

    def __init__(
        self, *args: Any, point: ExperiencePoint | None, tree: Tree, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._point = point
        _choice(self, "group").choices = group_choices(tree)
        self.fields["time_zone"].widget.attrs["list"] = "zones"
        example = validation.hours_text(validation.hours(_HOURS), validation.short_weekdays())
        self.fields["opening_hours"].help_text = _(
            "For example: %(hours)s. Days left out are closed."
        ) % {"hours": example}

    @staticmethod
    def of(point: ExperiencePoint) -> dict[str, object]:
        """A place as the form shows it."""
        return {
            "name": point.name,
            "group": point.group_id,
            "time_zone": point.time_zone,
            "opening_hours": validation.hours_text(
                point.opening_hours, validation.short_weekdays()
            ),
            "tags": ", ".join(point.tags),
            "custom": "\n".join(f"{name}: {text}" for name, text in point.custom.items()),
            "goal": point.goal,
        }

    @staticmethod
    def zones() -> list[str]:
        """Time zones to choose from: those named after a place."""
        return sorted(z for z in available_timezones() if "/" in z and not z.startswith("Etc/"))

    def clean_time_zone(self) -> str:
        return str(parse_field(validation.zone, self.cleaned_data["time_zone"]))

    def clean_opening_hours(self) -> StoredHours:
        hours: StoredHours = parse_field(validation.hours, self.cleaned_data["opening_hours"])
        return hours

    def clean_tags(self) -> list[str]:
        return list(parse_field(validation.tags, self.cleaned_data["tags"]))

    def clean_custom(self) -> dict[str, str]:
        return dict(parse_field(validation.custom_lines, self.cleaned_data["custom"]))

    def clean(self) -> dict[str, Any]:
        """Two places of one name in one group can't be told apart."""
        said = super().clean() or self.cleaned_data
        if "name" in said and "group" in said:
            beside = ExperiencePoint.objects.filter(group=said["group"])
            same = [p for p in beside if name_key(p.name) == name_key(said["name"])]
            if any(point != self._point for point in same):
                self.add_error("name", _("There is a location of this name in this group already."))
        return said


class MoveForm(forms.Form):
    """Where a kiosk stands now, and since when."""

    point = forms.TypedChoiceField(label=gettext_lazy("Current location"), coerce=int)
    since = forms.DateTimeField(
        label=gettext_lazy("Since"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=gettext_lazy("Local time of that location. Empty: from now on."),
    )

    def __init__(self, *args: Any, tree: Tree, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = {point.pk: point for point in ExperiencePoint.objects.all()}
        paths = [(pk, tree.path_of(point)) for pk, point in self.points.items()]
        paths.sort(key=lambda choice: choice[1].casefold())
        # A kiosk that stands nowhere has none before, and nobody moves it by a slip.
        nowhere = [] if self.initial.get("point") else [("", _("Choose a location"))]
        _choice(self, "point").choices = [*nowhere, *paths]

    def clean(self) -> dict[str, Any]:
        """The instant is told by the clock of the place; it can't lie ahead."""
        said = super().clean() or self.cleaned_data
        if "point" in said and "since" in said:
            ms = clock.now_ms()
            if said["since"] is not None:
                zone = clock.zone_of(self.points[said["point"]].time_zone)
                # The form read the clock of the head office; it was the place's that was meant.
                # Nothing was answered before 1970.
                ms = max(0, int(said["since"].replace(tzinfo=zone).timestamp() * 1000))
            if ms > clock.now_ms():
                self.add_error("since", _("That time is in the future."))
            said["since_ms"] = ms
        return said


class FileForm(forms.Form):
    """A CSV file of the tree."""

    file = forms.FileField(label=gettext_lazy("CSV file"))

    def clean_file(self) -> str:
        """The text of the file."""
        file = self.cleaned_data["file"]
        if file.size > FILE_AT_MOST:
            raise ValidationError(
                _("A file has at most %(n)d kB: split the structure into several.")
                % {"n": FILE_AT_MOST // 1000}
            )
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError(_("The text is not in UTF-8: save it as “CSV UTF-8”.")) from None
