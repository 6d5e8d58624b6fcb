"""The live page of today."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from headoffice.accounts.access import (
    for_members,
    is_administrator,
    sees_everything,
)
from headoffice.fleet.visibility import visible_points
from headoffice.results.board import Board, Card, board
from headoffice.results.live_parts import Part, changes, mark_of, render_part
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
    """The figures that the page does not have; 204 while it has them all."""
    context = _context(request)
    shown: Board = context["board"]
    changed = changes(request, context["in_order"], summary=shown.summary)
    if changed is not None:
        return changed
    whole = {"place": "#board", "template": "results/board.html", "summary": shown.summary}
    return render(request, "results/live_whole.html", context | whole)


def _context(request: HttpRequest) -> dict[str, Any]:
    points = None if sees_everything(request.user) else visible_points(request.user)
    search = request.GET.get("q", "")[:100].strip()
    today = read_today(points)
    shown = board(today, request.GET.get("page", "1"), search)
    leftovers = _leftovers() if points is None else 0
    administrator = is_administrator(request.user)
    named = tuple(card.name for card in shown.cards)
    pages = shown.page.paginator.num_pages
    parts = {
        "board": Part(
            "board",
            SafeString(),
            mark_of(
                named,
                shown.many,
                shown.urgent,
                shown.others,
                shown.page.number,
                pages,
                leftovers,
                administrator,
            ),
        )
    }
    cards = []
    if today.kiosks:
        figure = {"figure": shown.figure}
        parts["total"] = render_part("total", "results/index.html", figure)
        parts["tallies"] = render_part(
            "tallies", "results/board_tallies.html", {"board": shown}, look="tallies"
        )
        cards = [_card_part(card) for card in shown.cards]
    return {
        "board": shown,
        "parts": parts,
        "cards": cards,
        "urgent": cards[: shown.urgent],
        "others": cards[shown.urgent :],
        "search": search,
        "any": bool(today.kiosks),
        "page_address": f"{reverse('today')}?{urlencode({'q': search, 'page': ''})}",
        "in_order": [*parts.values(), *cards],
        "administrator": administrator,
        "leftovers": leftovers,
    }


def _card_part(card: Card) -> Part:
    return render_part(
        f"kiosk-{card.kiosk}",
        "results/board_card.html",
        {"card": card},
        tag="li",
        look="card kiosk",
    )


def _leftovers() -> int:
    """How many times a clock that was wrong left behind; 0 while it may be wrong now."""
    return 0 if ClockNotice().is_in_doubt else sum(count_leftovers())
