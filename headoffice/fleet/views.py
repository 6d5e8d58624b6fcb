"""The page on which a person lets a kiosk join and shuts one out."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from headoffice.accounts.scope import (
    for_administrators,
    for_members,
    is_administrator,
    visible_points,
)
from headoffice.errors import HeadOfficeError
from headoffice.fleet import overview
from headoffice.fleet.enrolment import LIFETIME, create_code
from headoffice.fleet.models import Kiosk

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


@require_GET
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
        code = create_code(place)
    except HeadOfficeError as error:
        form.add_error("place", capfirst(str(error)))
        return _page(request, form, status=422)
    # Shown in this very reply, never stored: a reload would make another one.
    return _page(request, CodeForm(), code=code, place=place, hours=hours)


@require_http_methods(["GET", "POST"])
@for_administrators
def revoke(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask, then shut the kiosk out."""
    row = get_object_or_404(Kiosk, pk=kiosk)
    if request.method == "POST":
        overview.revoke(row)
        messages.success(request, _("Kiosk %(n)d is shut out. Its answers stay.") % {"n": row.pk})
        return redirect("kiosks")
    at = next((k for k in overview.all_kiosks() if k.kiosk.pk == row.pk), None)
    return render(request, "fleet/revoke.html", {"kiosk": row, "place": at.place if at else ""})


def _page(request: HttpRequest, form: CodeForm, status: int = 200, **more: object) -> HttpResponse:
    search, overdue = request.GET.get("q", "")[:100].strip(), request.GET.get("overdue") == "1"
    everyone = overview.all_kiosks(visible_points(request.user))
    found = overview.matching(everyone, search, overdue=overdue)
    administrator = is_administrator(request.user)
    context = {
        "form": form if administrator else None,
        "rows": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "any": bool(everyone),
        "many": len(everyone) > FEW,
        "search": search,
        "overdue": overdue,
        "kept": urlencode({"q": search, "overdue": "1"} if overdue else {"q": search}),
        "places": overview.names_to_choose() if administrator else (),
        "base_url": request.build_absolute_uri("/").rstrip("/"),
        **more,
    }
    return render(request, "fleet/kiosks.html", context, status=status)
