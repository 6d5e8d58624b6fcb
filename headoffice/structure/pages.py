"""The pages of the tree: groups and places, by form and by CSV file."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from headoffice import clock
from headoffice.accounts.access import (
    for_administrators,
    for_members,
)
from headoffice.errors import HeadOfficeError
from headoffice.fleet import kiosks
from headoffice.fleet.models import ExperiencePoint, Group, Kiosk
from headoffice.fleet.tree import Tree
from headoffice.fleet.visibility import single_points, visible_groups
from headoffice.structure import csv_file, csv_import, relocation
from headoffice.structure.forms import FileForm, GroupForm, MoveForm, PlaceForm

FEW = 60
"""More locations than these are folded away below their groups."""


@require_safe
@for_members
def structure(request: HttpRequest) -> HttpResponse:
    """The tree that one may see, with what stands where."""
    tree = Tree.load()
    groups, single = visible_groups(request.user, tree), single_points(request.user)
    visible = list(tree.branches(groups, single))
    points = frozenset(point.pk for branch in visible for point in branch.points)
    standing: dict[int, list[int]] = {}
    for row in kiosks.all_kiosks(points):
        if row.kiosk.revoked_at is None:
            standing.setdefault(row.point.pk, []).append(row.kiosk.pk)
    branches = [
        {
            "group": branch.group,
            "depth": min(branch.depth, 6),
            "scope": f"g{branch.group.pk}" if branch.is_whole else "",
            "points": [(point, standing.get(point.pk, ())) for point in branch.points],
        }
        for branch in visible
    ]
    many = len(points) > FEW and len(branches) > 1
    context = {
        "branches": branches,
        "many": many,
        "point_settings": reverse("settings", args=["p"]),
    }
    return render(request, "fleet/structure.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def new_group(request: HttpRequest) -> HttpResponse:
    """A group more."""
    return _group_page(request, None, {"group": request.GET.get("in", "")})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def edit_group(request: HttpRequest, group: int) -> HttpResponse:
    """Rename or move a group, or remove an empty one."""
    row = get_object_or_404(Group, pk=group)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, row, _("Only an empty group without a manager can be deleted."))
    return _group_page(
        request, row, {"name": row.name, "group": row.parent_id or "", "goal": row.goal}
    )


def _group_page(
    request: HttpRequest, row: Group | None, initial: dict[str, object]
) -> HttpResponse:
    form = GroupForm(request.POST or None, initial=initial, group=row, tree=Tree.load())
    if request.method == "POST" and form.is_valid():
        group = row or Group()
        group.name, group.parent_id = form.cleaned_data["name"], form.cleaned_data["group"]
        group.goal = form.cleaned_data["goal"]
        if _saved(group, form):
            messages.success(request, _("%(name)s has been saved.") % {"name": group.name})
            return redirect("structure")
    title = row.name if row else _("New group")
    return _form_page(request, form, title, removable=row is not None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def new_place(request: HttpRequest) -> HttpResponse:
    """A place more."""
    zone = ExperiencePoint().time_zone
    return _place_page(request, None, {"group": request.GET.get("in", ""), "time_zone": zone})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def edit_place(request: HttpRequest, point: int) -> HttpResponse:
    """Everything about a place, or remove one where no kiosk ever stood."""
    row = get_object_or_404(ExperiencePoint, pk=point)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(
            request,
            row,
            _("Only a location where no kiosk stood and that no manager looks after can go."),
        )
    return _place_page(request, row, PlaceForm.of(row))


def _place_page(
    request: HttpRequest, row: ExperiencePoint | None, initial: dict[str, object]
) -> HttpResponse:
    form = PlaceForm(request.POST or None, initial=initial, point=row, tree=Tree.load())
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        point = row or ExperiencePoint(time_zone=said["time_zone"])
        point.name, point.group_id = said["name"], said["group"]
        point.opening_hours, point.tags = said["opening_hours"], said["tags"]
        point.custom, point.goal = said["custom"], said["goal"]
        if _saved(point, form):
            if point.time_zone != said["time_zone"]:
                relocation.change_time_zone(point, said["time_zone"])
            messages.success(request, _("%(name)s has been saved.") % {"name": point.name})
            return redirect("structure")
    title = row.name if row else _("New location")
    return _form_page(request, form, title, removable=row is not None, zones=PlaceForm.zones())


def _saved(thing: Group | ExperiencePoint, form: Any) -> bool:
    try:
        thing.save()
    except IntegrityError:
        # Somebody else was quicker.
        form.add_error("name", _("This name has just been taken."))
        return False
    return True


def _remove(request: HttpRequest, thing: Group | ExperiencePoint, why_not: str) -> HttpResponse:
    if request.POST["remove"] != "sure":
        return render(request, "fleet/remove.html", {"thing": thing})
    try:
        thing.delete()
    except ProtectedError:
        messages.error(request, why_not)
    else:
        messages.success(request, _("%(name)s has been removed.") % {"name": thing.name})
    return redirect("structure")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def move_kiosk(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Say where a kiosk stands now; what it heard before stays with the place before."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    at = kiosks.current_assignments().get(row.pk)
    initial = {"point": at.point_id} if at else {}
    tree = Tree.load()
    form = MoveForm(request.POST or None, initial=initial, tree=tree)
    if request.method == "POST" and form.is_valid():
        point = form.points[form.cleaned_data["point"]]
        moved = relocation.move_kiosk(row, point, form.cleaned_data["since_ms"])
        text = _("Kiosk %(kiosk)d stands at %(place)s. Messages that moved with it: %(n)d.")
        place = tree.path_of(point)
        messages.success(request, text % {"kiosk": row.pk, "place": place, "n": moved})
        return redirect("kiosks")
    stays = [
        (
            clock.instant(stay.since_ms).astimezone(clock.zone_of(stay.point.time_zone)),
            tree.path_of(stay.point),
        )
        for stay in row.assignments.select_related("point").order_by("-since_ms")
    ]
    title = _("Move kiosk %(n)d from %(place)s") % {
        "n": row.pk,
        "place": tree.path_of(at.point) if at else "–",
    }
    return _form_page(request, form, title, back="kiosks", stays=stays)


def _form_page(request: HttpRequest, form: Any, title: str, **more: object) -> HttpResponse:
    context = {"form": form, "title": title, "back": "structure", **more}
    return render(request, "fleet/form.html", context, status=422 if form.errors else 200)


# --- CSV ----------------------------------------------------------------------------------


@require_safe
@for_members
def export_csv(request: HttpRequest) -> HttpResponse:
    """The tree that one may see, as a file; an example where there is none to see yet."""
    groups, single = visible_groups(request.user), single_points(request.user)
    text = (
        csv_file.write_tree(groups, single)
        if groups or single
        else csv_file.write_example(settings.DEFAULT_ZONE.name)
    )
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"
    response = HttpResponse(mark + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="places.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def preview(request: HttpRequest) -> HttpResponse:
    """Take a file and show what it would change."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _import_page(request, form)
    return _plan_page(request, form.cleaned_data["file"])


@require_POST
@for_administrators
def carry_out_import(request: HttpRequest) -> HttpResponse:
    """Change the tree as the preview said."""
    text = request.POST.get("text", "")
    if not text:
        return redirect("structure-import")
    # A form sends every line break as two characters.
    text = text.replace("\r\n", "\n")
    lines, mistakes = csv_file.read_lines(text)
    if mistakes:
        return _plan_page(request, text)
    try:
        seal, confirmed = request.POST.get("seal", ""), request.POST.get("groups") == "1"
        done = csv_import.carry_out(lines, seal, confirmed=confirmed)
    except HeadOfficeError as error:
        messages.error(request, str(error))
        return _plan_page(request, text)
    n = len(done.changes) + len(done.groups_without_line)
    messages.success(request, _("Done: %(n)d groups and locations.") % {"n": n})
    return redirect("structure")


def _plan_page(request: HttpRequest, text: str) -> HttpResponse:
    plan = csv_import.plan_import(*csv_file.read_lines(text.replace("\r\n", "\n")))
    status, zone = 422 if plan.mistakes else 200, settings.DEFAULT_ZONE
    by_machine = zone.is_utc_by_machine and plan.makes_places_in(zone.name)
    more = {"plan": plan, "text": text, "utc_zone": zone.name if by_machine else ""}
    return _import_page(request, FileForm(), status=status, **more)


def _import_page(
    request: HttpRequest, form: FileForm, status: int = 200, **more: object
) -> HttpResponse:
    context = {"form": form, "is_empty": not Group.objects.exists(), **more}
    return render(request, "fleet/import.html", context, status=422 if form.errors else status)
