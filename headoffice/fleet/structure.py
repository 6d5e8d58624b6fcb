"""The pages of the tree: groups and places, by form and by CSV file."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from headoffice import clock
from headoffice.accounts.scope import (
    for_administrators,
    for_members,
    is_administrator,
    visible_groups,
    visible_points,
)
from headoffice.errors import HeadOfficeError
from headoffice.fleet import moving, overview, planting, tree_file
from headoffice.fleet.forms import FileForm, GroupForm, MoveForm, PlaceForm
from headoffice.fleet.models import ExperiencePoint, Group, Kiosk
from headoffice.fleet.tree import Tree


@require_GET
@for_members
def structure(request: HttpRequest) -> HttpResponse:
    """The tree that one may see, with what stands where."""
    groups, points = visible_groups(request.user), visible_points(request.user)
    standing: dict[int, list[int]] = {}
    for row in overview.all_kiosks(points):
        if row.kiosk.revoked_at is None:
            standing.setdefault(row.point.pk, []).append(row.kiosk.pk)
    branches = [
        {
            "group": branch.group,
            "depth": min(branch.depth, 6),
            "points": [(point, standing.get(point.pk, ())) for point in branch.points],
        }
        for branch in Tree.load().branches(groups)
    ]
    context = {"branches": branches, "may_change": is_administrator(request.user)}
    return render(request, "fleet/structure.html", context)


@require_http_methods(["GET", "POST"])
@for_administrators
def new_group(request: HttpRequest) -> HttpResponse:
    """A group more."""
    return _group_page(request, None, {"group": request.GET.get("in", "")})


@require_http_methods(["GET", "POST"])
@for_administrators
def edit_group(request: HttpRequest, group: int) -> HttpResponse:
    """Rename or move a group, or remove an empty one."""
    row = get_object_or_404(Group, pk=group)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, row, _("Only an empty group that no manager looks after can go."))
    return _group_page(request, row, {"name": row.name, "group": row.parent_id or ""})


def _group_page(
    request: HttpRequest, row: Group | None, initial: dict[str, object]
) -> HttpResponse:
    form = GroupForm(request.POST or None, initial=initial, group=row, tree=Tree.load())
    if request.method == "POST" and form.is_valid():
        group = row or Group()
        group.name, group.parent_id = form.cleaned_data["name"], form.cleaned_data["group"]
        if _saved(group, form):
            messages.success(request, _("%(name)s is in its place.") % {"name": group.name})
            return redirect("structure")
    title = row.name if row else _("New group")
    return _form_page(request, form, title, removable=row is not None)


@require_http_methods(["GET", "POST"])
@for_administrators
def new_place(request: HttpRequest) -> HttpResponse:
    """A place more."""
    zone = ExperiencePoint().time_zone
    return _place_page(request, None, {"group": request.GET.get("in", ""), "time_zone": zone})


@require_http_methods(["GET", "POST"])
@for_administrators
def edit_place(request: HttpRequest, point: int) -> HttpResponse:
    """Everything about a place, or remove one where no kiosk ever stood."""
    row = get_object_or_404(ExperiencePoint, pk=point)
    if request.method == "POST" and "remove" in request.POST:
        return _remove(request, row, _("A kiosk has stood here, so the place stays."))
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
        point.custom = said["custom"]
        if _saved(point, form):
            if point.time_zone != said["time_zone"]:
                moving.change_time_zone(point, said["time_zone"])
            messages.success(request, _("%(name)s is in its place.") % {"name": point.name})
            return redirect("structure")
    title = row.name if row else _("New place")
    return _form_page(request, form, title, removable=row is not None, zones=PlaceForm.zones())


def _saved(thing: Group | ExperiencePoint, form: Any) -> bool:
    try:
        thing.save()
    except IntegrityError:
        # Somebody else was quicker.
        form.add_error("name", _("Another one has got this name meanwhile."))
        return False
    return True


def _remove(request: HttpRequest, thing: Group | ExperiencePoint, why_not: str) -> HttpResponse:
    try:
        thing.delete()
    except ProtectedError:
        messages.error(request, why_not)
    else:
        messages.success(request, _("%(name)s is removed.") % {"name": thing.name})
    return redirect("structure")


@require_http_methods(["GET", "POST"])
@for_administrators
def move_kiosk(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Say where a kiosk stands now; what it heard before stays with the place before."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    at = overview.stays_now().get(row.pk)
    form = MoveForm(request.POST or None, tree=Tree.load())
    if request.method == "POST" and form.is_valid():
        point = form.points[form.cleaned_data["point"]]
        moved = moving.move(row, point, form.cleaned_data["since_ms"])
        text = _("Kiosk %(kiosk)d stands at %(place)s. Messages that moved with it: %(n)d.")
        messages.success(request, text % {"kiosk": row.pk, "place": point.name, "n": moved})
        return redirect("kiosks")
    stays = [
        (clock.instant(stay.since_ms), stay.point)
        for stay in row.assignments.select_related("point").order_by("-since_ms")
    ]
    title = _("Move kiosk %(n)d from %(place)s") % {
        "n": row.pk,
        "place": Tree.load().path_of(at.point) if at else "–",
    }
    return _form_page(request, form, title, back="kiosks", stays=stays)


def _form_page(request: HttpRequest, form: Any, title: str, **more: object) -> HttpResponse:
    context = {"form": form, "title": title, "back": "structure", **more}
    return render(request, "fleet/form.html", context, status=422 if form.errors else 200)


# --- CSV ----------------------------------------------------------------------------------


@require_GET
@for_members
def export(request: HttpRequest) -> HttpResponse:
    """The tree that one may see, as a file."""
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + tree_file.written(visible_groups(request.user))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="places.csv"'
    return response


@require_http_methods(["GET", "POST"])
@for_administrators
def preview(request: HttpRequest) -> HttpResponse:
    """Take a file and show what it would change."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _import_page(request, form)
    return _plan_page(request, form.cleaned_data["file"])


@require_POST
@for_administrators
def carry_out(request: HttpRequest) -> HttpResponse:
    """Change the tree as the preview said."""
    text = request.POST.get("text", "")
    if not text:
        return redirect("structure-import")
    # A form sends every line break as two characters.
    text = text.replace("\r\n", "\n")
    lines, mistakes = tree_file.read(text)
    if mistakes:
        return _plan_page(request, text)
    try:
        done = planting.carry_out(lines, request.POST.get("seal", ""))
    except HeadOfficeError as error:
        messages.error(request, str(error))
        return _plan_page(request, text)
    messages.success(request, _("Done: %(n)d groups and places.") % {"n": len(done.changes)})
    return redirect("structure")


def _plan_page(request: HttpRequest, text: str) -> HttpResponse:
    plan = planting.plan(*tree_file.read(text.replace("\r\n", "\n")))
    status = 422 if plan.mistakes else 200
    return _import_page(request, FileForm(), status=status, plan=plan, text=text)


def _import_page(
    request: HttpRequest, form: FileForm, status: int = 200, **more: object
) -> HttpResponse:
    context = {"form": form, **more}
    return render(request, "fleet/import.html", context, status=422 if form.errors else status)
