"""The pages about the read API: its document, how to read it, and tokens."""

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from headoffice.accounts.access import for_administrators, for_members, for_public
from headoffice.accounts.issued_secrets import hold_secret, issued_secret
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.api import openapi
from headoffice.api.models import Scope, Token
from headoffice.api.tokens import DAYS, create_token, revoke_token


class TokenForm(forms.Form):
    """What a new token is for."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("For example “Warehouse, nightly”."),
        max_length=80,
    )
    days = forms.ChoiceField(
        label=gettext_lazy("How long it is good for"),
        choices=[
            ("30", gettext_lazy("30 days")),
            ("90", gettext_lazy("90 days")),
            (str(DAYS), gettext_lazy("A year")),
            ("0", gettext_lazy("Until it is revoked")),
        ],
        required=False,
        initial=str(DAYS),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Permissions"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )


@require_safe
@for_public
def openapi_document(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document; it says what there is, and nothing of what is stored."""
    del request
    body = msgspec.json.format(msgspec.json.encode(openapi.document()))
    return HttpResponse(body, content_type="application/json")


@require_safe
@for_members
def reading(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    whole = openapi.document()
    operations = [
        {"path": f"/api/v1{path}", **methods["get"]} for path, methods in whole["paths"].items()
    ]
    for operation in operations:
        summary = operation["summary"]
        # Translated here: the template's own tag does not find a text with a per cent sign.
        operation["title"] = _(summary)
    base = request.build_absolute_uri("/").rstrip("/")
    return render(request, "api/reading.html", {"operations": operations, "base_url": base})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def tokens(request: HttpRequest) -> HttpResponse:
    """All tokens and a form for the next one; a new one is shown for ten minutes."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not isinstance(request.user, User):
            raise TypeError("for administrators only")
        chosen = form.cleaned_data
        days = int(chosen["days"] or DAYS) or None
        secret = create_token(chosen["name"], chosen["scopes"], request.user, days)
        hold_secret(request, "token", secret)
        return redirect("tokens")
    context = {
        "form": form,
        "secret": issued_secret(request, "token"),
        "rows": Token.objects.select_related("created_by").order_by("revoked_at", "name", "pk"),
    }
    status = 422 if form.errors else 200
    return render(request, "api/tokens.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def revoke_page(request: HttpRequest, token: int) -> HttpResponse:
    """Ask, then shut a token out."""
    row = get_object_or_404(Token, pk=token)
    if request.method != "POST":
        return render(request, "api/revoke.html", {"token": row})
    revoke_token(row.pk)
    record("token.revoked", request.user, row)
    messages.success(request, _("Token “%(name)s” has been revoked.") % {"name": row.name})
    return redirect("tokens")
