"""The live page of today."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from headoffice.accounts.access import (
    for_members,
    is_administrator,
    sees_everything,
)
from headoffice.fleet.visibility import visible_points
from headoffice.results.board import board
from headoffice.results.today import read_today
from headoffice.timekeeping.leftovers import count_leftovers
from headoffice.timekeeping.notice import ClockNotice


@require_safe
@for_members
def today_page(request: HttpRequest) -> HttpResponse:
    """The page; its figures renew themselves through `live`."""
    return render(request, "results/today.html", _context(request))


@require_safe
@for_members
def today_figures(request: HttpRequest) -> HttpResponse:
    """The figures alone; 204 while they are the ones that the page has."""
    context = _context(request)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "results/live.html", {**context, "announce": True})


def _context(request: HttpRequest) -> dict[str, object]:
    points = None if sees_everything(request.user) else visible_points(request.user)
    shown = board(read_today(points), request.GET.get("page", "1"))
    content = render_to_string(
        "results/board.html",
        {
            "board": shown,
            "administrator": is_administrator(request.user),
            "leftovers": _leftovers() if points is None else 0,
        },
    )
    seen = hashlib.sha256(content.encode()).hexdigest()[:32]
    return {"board": shown, "content": content, "seen": seen}


def _leftovers() -> int:
    """How many times a clock that was wrong left behind; 0 while it may be wrong now."""
    return 0 if ClockNotice().is_in_doubt else sum(count_leftovers())
