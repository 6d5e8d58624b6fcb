"""The pages about the read API: its document, how to read it, and tokens."""

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from headoffice.accounts.models import User
from headoffice.accounts.scope import for_administrators, for_anyone, for_members
from headoffice.api import openapi
from headoffice.api import tokens as doors
from headoffice.api.models import Scope, Token


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("For example “Warehouse, nightly”."),
        max_length=80,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it opens"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )


@require_GET
@for_anyone
def document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document; it says what there is, and nothing of what is stored."""
    del request
    body = msgspec.json.format(msgspec.json.encode(openapi.document()))
    return HttpResponse(body, content_type="application/json")


@require_GET
@for_members
def reading(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    whole = openapi.document()
    operations = [
        {"path": f"/api/v1{path}", **methods["get"]} for path, methods in whole["paths"].items()
    ]
    base = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/reading.html", {"operations": operations, "base_url": base})


@require_http_methods(["GET", "POST"])
@for_administrators
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens and a form for the next one; a new one is shown in this very reply, once."""
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        if not isinstance(request.user, User):
            raise TypeError("for administrators only")
        secret = doors.create(form.cleaned_data["name"], form.cleaned_data["scopes"], request.user)
        form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "rows": Token.objects.select_related("created_by").order_by("revoked_at", "name", "pk"),
    }
    status = 422 if form.errors else 200
    return render(request, "api/tokens.html", context, status=status)


@require_POST
@for_administrators
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """Shut a token out."""
    row = get_object_or_404(Token, pk=token)
    doors.revoke(row.pk)
    messages.success(
        request, _("The token “%(name)s” opens nothing any more.") % {"name": row.name}
    )
    return redirect("tokens")
