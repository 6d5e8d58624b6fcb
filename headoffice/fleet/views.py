"""The page on which a person lets a kiosk join and shuts one out."""

from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from headoffice.accounts.access import (
    for_administrators,
    for_members,
    is_administrator,
)
from headoffice.accounts.security_log import record
from headoffice.errors import HeadOfficeError
from headoffice.fleet.enrolment import LIFETIME, create_code_at
from headoffice.fleet.kiosks import all_kiosks, names_to_choose, revoke_kiosk, search_kiosks
from headoffice.fleet.models import Kiosk
from headoffice.fleet.pin_recovery import answer_challenge
from headoffice.fleet.visibility import visible_points

PER_PAGE = 100
FEW = 10
"""So many kiosks are found without a search."""


class CodeForm(forms.Form):
    """Where the new kiosk will stand."""

    place = forms.CharField(
        label=gettext_lazy("Place"),
        help_text=gettext_lazy(
            "For example “Main street, checkout”. A new name makes a new place."
        ),
        max_length=120,
    )


@require_safe
@for_members
def kiosks(request: HttpRequest) -> HttpResponse:
    """The kiosks that one may see; for administrators with a form for the next one."""
    return _page(request, CodeForm())


@require_POST
@for_administrators
def new_code(request: HttpRequest) -> HttpResponse:
    """Show a fresh enrolment code, once."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    place = form.cleaned_data["place"]
    hours = int(LIFETIME.total_seconds() // 3600)
    try:
        made = create_code_at(place)
    except HeadOfficeError as error:
        form.add_error("place", capfirst(str(error)))
        return _page(request, form, status=422)
    record("code.made", request.user)
    # Shown in this very reply, never stored: a reload would make another one.
    return _page(
        request,
        CodeForm(),
        code=made.code,
        place=place,
        hours=hours,
        new_point=made.point if made.is_new_place else None,
        utc_by_machine=settings.DEFAULT_ZONE.is_utc_by_machine,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def revoke(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask, then shut the kiosk out."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    if request.method == "POST":
        revoke_kiosk(row)
        record("kiosk.revoked", request.user, row)
        messages.success(request, _("Kiosk %(n)d is shut out. Its answers stay.") % {"n": row.pk})
        return redirect("kiosks")
    at = next((k for k in all_kiosks() if k.kiosk.pk == row.pk), None)
    return render(request, "fleet/revoke.html", {"kiosk": row, "place": at.place if at else ""})


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
                form.add_error("challenge", _("This is not what a kiosk shows, or it is shut out."))
            else:
                status = 200
                record("kiosk.pin_recovered", request.user, row)
    at = next((k for k in all_kiosks() if k.kiosk.pk == row.pk), None)
    context = {"kiosk": row, "place": at.place if at else "", "form": form, "answer": answer}
    return render(request, "fleet/recover_pin.html", context, status=status)


def _page(request: HttpRequest, form: CodeForm, status: int = 200, **more: object) -> HttpResponse:
    search, overdue = request.GET.get("q", "")[:100].strip(), request.GET.get("overdue") == "1"
    filters = {"q": search, "overdue": "1"} if overdue else {"q": search}
    everyone = all_kiosks(visible_points(request.user))
    found = search_kiosks(everyone, search, overdue=overdue)
    administrator = is_administrator(request.user)
    context = {
        "form": form if administrator else None,
        "rows": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "any": bool(everyone),
        "many": len(everyone) > FEW,
        "search": search,
        "overdue": overdue,
        "page_address": f"?{urlencode(filters)}&page=",
        "places": names_to_choose() if administrator else (),
        "base_url": request.build_absolute_uri("/").rstrip("/"),
        **more,
    }
    return render(request, "fleet/kiosks.html", context, status=status)
