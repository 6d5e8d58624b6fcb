"""The live page of today."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from headoffice.accounts.views import member_required
from headoffice.results.day import today as figures_of_today
from headoffice.results.drawing import board


@require_GET
@member_required
def today(request: HttpRequest) -> HttpResponse:
    """The page; its figures renew themselves through `live`."""
    return render(request, "results/today.html", _context())


@require_GET
@member_required
def live(request: HttpRequest) -> HttpResponse:
    """The figures alone; 204 while they are the ones that the page has."""
    context = _context()
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "results/live.html", {**context, "announce": True})


def _context() -> dict[str, object]:
    shown = board(figures_of_today())
    content = render_to_string("results/board.html", {"board": shown})
    seen = hashlib.sha256(content.encode()).hexdigest()[:32]
    return {"board": shown, "content": content, "seen": seen}
