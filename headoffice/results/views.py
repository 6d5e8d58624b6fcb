"""The live page of today."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from headoffice.accounts.scope import for_members, is_administrator, sees_everything, visible_points
from headoffice.results.day import today as figures_of_today
from headoffice.results.drawing import board


@require_GET
@for_members
def today(request: HttpRequest) -> HttpResponse:
    """The page; its figures renew themselves through `live`."""
    return render(request, "results/today.html", _context(request))


@require_GET
@for_members
def live(request: HttpRequest) -> HttpResponse:
    """The figures alone; 204 while they are the ones that the page has."""
    context = _context(request)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "results/live.html", {**context, "announce": True})


def _context(request: HttpRequest) -> dict[str, object]:
    points = None if sees_everything(request.user) else visible_points(request.user)
    shown = board(figures_of_today(points), request.GET.get("page", "1"))
    content = render_to_string(
        "results/board.html",
        {"board": shown, "administrator": is_administrator(request.user)},
    )
    seen = hashlib.sha256(content.encode()).hexdigest()[:32]
    return {"board": shown, "content": content, "seen": seen}
