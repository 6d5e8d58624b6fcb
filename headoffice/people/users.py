"""The pages on which an administrator lets people in, and shuts them out."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from headoffice.accounts.access import for_administrators
from headoffice.accounts.creation import create_user, set_password
from headoffice.accounts.models import Role, User
from headoffice.accounts.security_log import record
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Group
from headoffice.fleet.tree import Tree
from headoffice.structure.forms import group_choices

_HELP = {
    Role.ADMINISTRATOR: gettext_lazy("sees and changes everything"),
    Role.ANALYST: gettext_lazy("sees everything"),
    Role.MANAGER: gettext_lazy("sees one part of the tree"),
}


class PersonForm(forms.Form):
    """What someone does here."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    group = forms.TypedChoiceField(
        label=gettext_lazy("Part of the tree"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=gettext_lazy("For a manager: what they look after."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.value, f"{role.label}: {_HELP[role]}") for role in reversed(Role)]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        groups = [("", "–"), *group_choices(Tree.load())]
        self.fields["group"].choices = groups  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A manager looks after something; for others the whole tree is open anyway."""
        said = super().clean() or self.cleaned_data
        if said.get("role") == Role.MANAGER and not said.get("group"):
            self.add_error("group", _("A manager needs a part of the tree."))
        elif said.get("role") != Role.MANAGER:
            said["group"] = None
        return said


class NewPersonForm(PersonForm):
    """Someone new."""

    username = forms.CharField(
        label=gettext_lazy("Name to log in with"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
    )
    field_order = ("username", "role", "group")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def people(request: HttpRequest) -> HttpResponse:
    """Everybody who may log in, and a form for one more."""
    form = NewPersonForm(request.POST or None, initial={"role": Role.ANALYST})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        password = secrets.token_urlsafe(12)
        group = Group.objects.get(pk=said["group"]) if said["group"] else None
        try:
            user = create_user(
                said["username"], password, role=Role(said["role"]), group=group, temporary=True
            )
        except HeadOfficeError as error:
            form.add_error("username", capfirst(str(error)))
        else:
            record("account.made", request.user, user, role=user.role)
            # Shown in this very reply, never stored and never shown again.
            return _page(request, NewPersonForm(), person=user, password=password)
    return _page(request, form, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def person(request: HttpRequest, person: int) -> HttpResponse:
    """Change someone's role, give a new password, shut out or let in again."""
    user = get_object_or_404(User, pk=person)
    form = PersonForm(
        request.POST if "role" in request.POST else None,
        initial={"role": user.role, "group": user.group_id or ""},
    )
    if request.method == "POST":
        if "password" in request.POST:
            password = secrets.token_urlsafe(12)
            set_password(user, password, temporary=True)
            record("account.password_given", request.user, user)
            return _page(request, NewPersonForm(), person=user, password=password)
        if user == request.user:
            messages.error(request, _("Another administrator has to do that for you."))
            return redirect("people")
        if "active" in request.POST:
            # Who is not active is nobody from the next request on, also in an open session.
            user.is_active = request.POST["active"] == "1"
            user.save(update_fields=["is_active"])
            event = "account.let_in" if user.is_active else "account.shut_out"
            record(event, request.user, user)
            text = _("%(name)s may log in.") if user.is_active else _("%(name)s is shut out.")
            messages.success(request, text % {"name": user.username})
            return redirect("people")
        if form.is_valid():
            user.role, user.group_id = form.cleaned_data["role"], form.cleaned_data["group"]
            user.save(update_fields=["role", "group"])
            record("account.changed", request.user, user, role=user.role)
            messages.success(request, _("%(name)s is changed.") % {"name": user.username})
            return redirect("people")
    context = {"form": form, "person": user, "myself": user == request.user}
    return render(request, "accounts/person.html", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, form: NewPersonForm, status: int = 200, **more: object
) -> HttpResponse:
    everybody = User.objects.select_related("group").order_by("-is_active", "username")
    tree = Tree.load()
    rows = [(u, tree.path(u.group_id) if u.role == Role.MANAGER else "") for u in everybody]
    context = {"form": form, "rows": rows, **more}
    return render(request, "accounts/people.html", context, status=status)
