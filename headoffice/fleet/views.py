"""The pages on which a person shuts a kiosk out, and helps staff who forgot their PIN."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from headoffice.accounts.access import (
    for_administrators,
)
from headoffice.accounts.security_log import record
from headoffice.errors import HeadOfficeError
from headoffice.fleet.commands import issue_command
from headoffice.fleet.kiosks import all_kiosks, revoke_kiosk
from headoffice.fleet.models import Kiosk
from headoffice.fleet.pin_recovery import answer_challenge
from headoffice.fleet.succession import restore_kiosk


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def revoke(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask, then shut the kiosk out."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    if request.method == "POST":
        revoke_kiosk(row)
        record("kiosk.revoked", request.user, row)
        messages.success(request, _("Kiosk %(n)d is blocked. Its answers stay.") % {"n": row.pk})
        return redirect("kiosk", row.pk)
    return render(request, "fleet/revoke.html", {"kiosk": row, "place": _place_of(row)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def restore(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask, then let a kiosk in again that was blocked or replaced."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    if request.method == "POST":
        restore_kiosk(row)
        record("kiosk.restored", request.user, row)
        messages.success(request, _("Kiosk %(n)d may deliver again.") % {"n": row.pk})
        return redirect("kiosk", row.pk)
    return render(request, "fleet/restore.html", {"kiosk": row, "place": _place_of(row)})


@require_POST
@for_administrators
def command(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask a kiosk to do something once."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    name = request.POST.get("name", "")
    try:
        issue_command(row, name, request.user.get_username())
    except HeadOfficeError:
        messages.error(request, _("This kiosk can’t do that."))
    else:
        record("kiosk.asked", request.user, row, command=name)
        messages.success(request, _("The kiosk is told when it next reports."))
    return redirect("kiosk", row.pk)


class ChallengeForm(forms.Form):
    """What the kiosk shows."""

    challenge = forms.CharField(
        label=gettext_lazy("What the kiosk shows"),
        help_text=gettext_lazy(
            "On the kiosk: hold the corner, type any PIN, then “PIN forgotten”. It shows eight "
            "letters and digits."
        ),
        max_length=20,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def recover_pin(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Answer a kiosk whose staff have forgotten their PIN."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    form = ChallengeForm(request.POST or None)
    answer, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                answer = answer_challenge(row, form.cleaned_data["challenge"])
            except HeadOfficeError:
                form.add_error(
                    "challenge", _("This is not what a kiosk shows, or the kiosk is blocked.")
                )
            else:
                status = 200
                record("kiosk.pin_recovered", request.user, row)
    context = {"kiosk": row, "place": _place_of(row), "form": form, "answer": answer}
    return render(request, "fleet/recover_pin.html", context, status=status)


def _place_of(row: Kiosk) -> str:
    """The name of the location where a kiosk stands."""
    return next((each.place for each in all_kiosks() if each.kiosk.pk == row.pk), "")
