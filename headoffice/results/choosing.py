"""Choosing places: the tree that a page's script searches, and the page that does without one."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from headoffice.accounts.access import for_members
from headoffice.accounts.models import User
from headoffice.results.pages import ResultsPage, results_page
from headoffice.results.place_list import find_places
from headoffice.results.places import MOST_CHOICES, Directory, Place

TARGETS = ("overview", "place", "compare", "questions", "comments")
"""The pages for which places are chosen."""
_OWN_FIELDS = ("to", "find", "place", "page")
"""What an address of the page that chooses adds to those of the other pages, or replaces."""


@require_safe
@gzip_page
@for_members
def place_tree(request: HttpRequest) -> HttpResponse:
    """All that somebody sees, from top to bottom: key, name, depth, and how many points of each."""
    if not isinstance(request.user, User):
        raise TypeError("places are for members only")
    directory = Directory.of(request.user)
    found = {
        "places": [[p.key, p.name, p.depth, len(p.points)] for p in directory.groups_and_points],
        "tags": [[p.key, p.name, 0, len(p.points)] for p in directory.places_by_tag],
    }
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


class ChoiceRow(NamedTuple):
    """A place to tick, or to go to with it alone."""

    place: Place
    path: str
    """What is above it; empty where the list itself shows that."""
    address: str


@results_page
def choose(page: ResultsPage) -> HttpResponse:
    """A page of ticks and a search, for who has no script or opens the list in a window."""
    query, directory = page.request.GET, page.directory
    target = query.get("to", "overview")
    if target not in TARGETS:
        raise Http404
    sought = query.get("find", "")[:100].strip()
    kept = [(n, v) for n in query if n not in _OWN_FIELDS for v in query.getlist(n) if v]
    marked = page.selection.places
    pool = [*directory.groups_and_points, *directory.places_by_tag]
    matching = find_places(pool, sought) if sought else []
    listed = matching[:MOST_CHOICES] if sought else directory.choices(marked)
    keys = {place.key for place in marked}

    def row(place: Place, path: str) -> ChoiceRow:
        address = f"{reverse(target)}?{urlencode([*kept, ('place', place.key)])}"
        return ChoiceRow(place, path, address)

    return page.render(
        "choose",
        _("Choose locations"),
        target=target,
        action=reverse(target),
        everywhere=f"{reverse(target)}?{urlencode(kept)}",
        sought=sought,
        kept=kept,
        marked=[row(place, place.path) for place in marked],
        rows=[row(p, p.path if sought else "") for p in listed if p.key not in keys],
        tagged=[] if sought else [row(p, "") for p in directory.places_by_tag if p.key not in keys],
        cut=len(matching) > MOST_CHOICES or (not sought and len(listed) < len(pool)),
    )
