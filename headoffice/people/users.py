"""The pages on which an administrator gives people accounts, and takes them away."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from headoffice.accounts.access import for_administrators
from headoffice.accounts.creation import create_user, set_password, set_responsibilities
from headoffice.accounts.issued_secrets import hold_secret, issued_secret
from headoffice.accounts.models import Responsibility, Role, User
from headoffice.accounts.passwords import readable_password
from headoffice.accounts.security_log import record
from headoffice.errors import HeadOfficeError
from headoffice.fleet.tree import Tree
from headoffice.people.forms import NewPersonForm, PersonForm
from headoffice.structure.place_chooser import listed_groups, tick_numbers


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who may log in, and a form for one more."""
    groups = listed_groups()
    data = request.POST if request.method == "POST" else None
    form = NewPersonForm(data, initial={"role": Role.ANALYST}, groups=groups)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        password = readable_password()
        try:
            user = create_user(
                said["username"],
                password,
                role=Role(said["role"]),
                groups=said["groups"],
                points=said["points"],
                temporary=True,
            )
        except HeadOfficeError as error:
            form.add_error("username", capfirst(str(error)))
        else:
            record("account.made", request.user, user, role=user.role)
            hold_secret(request, f"person:{user.pk}", password)
            return redirect("person", user.pk)
    duties = Responsibility.objects.select_related("point").order_by("pk")
    own = Prefetch("responsibilities", duties)
    everybody = User.objects.prefetch_related(own).order_by("-is_active", "username")
    tree = Tree.load()
    context = {
        "form": form,
        "groups": groups,
        **_ticks(request),
        "rows": [(user, list(_paths(user, tree))) for user in everybody],
    }
    return render(request, "accounts/people.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def person(request: HttpRequest, person: int) -> HttpResponse:
    """Change someone's role, give a new password, or let them in again."""
    user, myself = get_object_or_404(User, pk=person), request.user
    groups = listed_groups()
    form = PersonForm(
        request.POST if "role" in request.POST else None,
        initial={"role": user.role},
        groups=groups,
    )
    if request.method == "POST":
        if "password" in request.POST:
            password = readable_password()
            set_password(user, password, temporary=True)
            record("account.password_given", myself, user)
            hold_secret(request, f"person:{user.pk}", password)
            return redirect("person", user.pk)
        if user == myself:
            messages.error(request, _("Another administrator has to do that for you."))
            return redirect("people")
        if "active" in request.POST:
            _activate(request, user, is_active=True)
            return redirect("people")
        if form.is_valid():
            said = form.cleaned_data
            user.role = said["role"]
            user.save(update_fields=["role"])
            set_responsibilities(user, said["groups"], said["points"])
            record("account.changed", myself, user, role=user.role)
            messages.success(request, _("%(name)s has been changed.") % {"name": user.username})
            return redirect("people")
    ticks = _ticks(request)
    if request.method != "POST":
        own = user.responsibilities.values_list("group", "point")
        ticks = {
            "chosen_groups": {group for group, _point in own if group},
            "chosen_points": {point for _group, point in own if point},
        }
    context = {
        "form": form,
        "groups": groups,
        **ticks,
        "person": user,
        "myself": user == myself,
        "password": issued_secret(request, f"person:{user.pk}"),
    }
    return render(request, "accounts/person.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def deactivate(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then shut somebody out; their account and what they made stay."""
    user = get_object_or_404(User, pk=person)
    if user == request.user:
        messages.error(request, _("Another administrator has to do that for you."))
        return redirect("people")
    if request.method == "POST":
        _activate(request, user, is_active=False)
        return redirect("people")
    return render(request, "accounts/deactivate.html", {"person": user})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def remove(request: HttpRequest, person: int) -> HttpResponse:
    """Ask, then delete an account with its exports; tokens stay, and open nothing any more."""
    user = get_object_or_404(User, pk=person)
    if user == request.user:
        messages.error(request, _("Another administrator has to do that for you."))
        return redirect("people")
    if request.method == "POST":
        name = user.username
        record("account.removed", request.user, user)
        user.delete()
        messages.success(request, _("The account %(name)s is removed.") % {"name": name})
        return redirect("people")
    return render(request, "accounts/remove.html", {"person": user})


def _activate(request: HttpRequest, user: User, *, is_active: bool) -> None:
    # Who is not active is nobody from the next request on, also in an open session.
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    record("account.let_in" if is_active else "account.shut_out", request.user, user)
    text = _("%(name)s can log in again.") if is_active else _("%(name)s has been deactivated.")
    messages.success(request, text % {"name": user.username})


def _ticks(request: HttpRequest) -> dict[str, Any]:
    return {
        "chosen_groups": tick_numbers(request.POST, "group"),
        "chosen_points": tick_numbers(request.POST, "point"),
    }


def _paths(user: User, tree: Tree) -> Iterator[str]:
    """What a manager looks after."""
    if user.role != Role.MANAGER:
        return
    for own in user.responsibilities.all():
        yield tree.path_of(own.point) if own.point else tree.path(own.group_id)
