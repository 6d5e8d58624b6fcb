"""The pages of roll-outs: all of them, and one with its kiosks, to be stopped or taken back."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from headoffice.accounts.access import (
    for_administrators,
    for_members,
    is_administrator,
    sees_everything,
)
from headoffice.accounts.models import User
from headoffice.configuration import roll_outs as actions
from headoffice.configuration.models import RollOut
from headoffice.configuration.pages import change_rows
from headoffice.configuration.place_words import ScopeNames
from headoffice.configuration.targets import read_changes
from headoffice.configuration.words import member_state, roll_out_state
from headoffice.errors import HeadOfficeError

PER_PAGE = 50


@require_safe
@for_members
def roll_outs(request: HttpRequest) -> HttpResponse:
    """All roll-outs that reach kiosks one may see, the newest first."""
    names = ScopeNames(request.user)
    everything = sees_everything(request.user)
    found = [
        row
        for row in RollOut.objects.order_by("-pk").prefetch_related("kiosks")
        if everything or any(names.may_see(m.kiosk_id) for m in row.kiosks.all())
    ]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    shown = [
        {
            "row": row,
            "state": roll_out_state(row),
            "good": sum(m.state == "good" for m in row.kiosks.all()),
            "all": row.kiosks.all().count(),
        }
        for row in page
    ]
    context = {"shown": shown, "rows": page, "page_address": "?page="}
    return render(request, "configuration/roll_outs.html", context)


@require_safe
@for_members
def roll_out(request: HttpRequest, roll_out: int) -> HttpResponse:
    """One roll-out: what it changes, and how far each kiosk is."""
    row = get_object_or_404(RollOut, pk=roll_out)
    names = ScopeNames(request.user)
    members = [m for m in row.kiosks.order_by("wave", "kiosk") if names.may_see(m.kiosk_id)]
    if not members and not sees_everything(request.user):
        raise Http404
    page = Paginator(members, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "state": roll_out_state(row),
        "changes": change_rows(read_changes(row), names),
        "rows": page,
        "kiosks": [(m, names.kiosk_name(m.kiosk_id), member_state(m)) for m in page],
        "page_address": "?page=",
        "administrator": is_administrator(request.user),
        "is_partial": row.state == RollOut.State.RUN
        and row.kiosks.filter(wave__gt=row.wave).exists(),
    }
    return render(request, "configuration/roll_out.html", context)


@require_POST
@for_administrators
def undo(request: HttpRequest, roll_out: int) -> HttpResponse:
    """Say again what was said before."""
    return _act(request, roll_out, lambda row: actions.undo(row, _author(request)))


@require_POST
@for_administrators
def resume(request: HttpRequest, roll_out: int) -> HttpResponse:
    """Go on without those that failed."""
    return _act(request, roll_out, actions.resume)


@require_POST
@for_administrators
def hasten(request: HttpRequest, roll_out: int) -> HttpResponse:
    """Tell the next kiosks now."""
    return _act(request, roll_out, actions.hasten)


def _act(request: HttpRequest, number: int, act: Callable[[RollOut], None]) -> HttpResponse:
    row = get_object_or_404(RollOut, pk=number)
    try:
        act(row)
    except HeadOfficeError as error:
        messages.error(request, str(error))
    return redirect("roll-out", row.pk)


def _author(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
