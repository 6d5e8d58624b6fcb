"""A wall behind a link of its own, and the page of such links."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from headoffice.accounts.access import for_members, for_public
from headoffice.accounts.issued_secrets import hold_secret, issued_secret
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record, record_guess
from headoffice.results.live_parts import reload_page
from headoffice.results.places import Directory
from headoffice.results.wall import Wall
from headoffice.walls import links
from headoffice.walls.models import WallLink

_ISSUED = "wall"


@require_safe
@for_public
def linked_wall(request: HttpRequest, secret: str) -> HttpResponse:
    """The wall that this link opens, and no way to anywhere else."""

    def draw(wall: Wall) -> HttpResponse:
        now = reverse("linked-wall-now", args=[secret])
        return render(request, "results/linked_wall.html", wall.context(now))

    return _show(request, secret, draw)


@require_safe
@for_public
def linked_figures(request: HttpRequest, secret: str) -> HttpResponse:
    """What the screen does not show yet; 204 while there is nothing."""
    try:
        return _show(request, secret, lambda wall: wall.news(request))
    except Http404:
        # The screen would go on showing what it had.
        return reload_page(404)


def _show(request: HttpRequest, secret: str, draw: Callable[[Wall], HttpResponse]) -> HttpResponse:
    link = links.find_link(secret)
    if link is None:
        record_guess("wall.refused")
        raise Http404
    with translation.override(link.language):
        response = draw(Wall(links.directory_of(link), QueryDict(link.query)))
    if request.method == "GET":
        links.note_use(link)
    response["Cache-Control"] = "no-store"
    # The address is the secret: it goes to no other page, log of a search engine or proxy.
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
@for_members
def walls(request: HttpRequest) -> HttpResponse:
    """The links that one may withdraw, and the one that was made a moment ago."""
    secret = issued_secret(request, _ISSUED)
    address = request.build_absolute_uri(reverse("linked-wall", args=[secret])) if secret else ""
    context = {"rows": links.visible_links(_member(request)), "made": address}
    return render(request, "results/walls.html", context)


@require_POST
@for_members
def make(request: HttpRequest) -> HttpResponse:
    """A link to the wall that somebody looks at."""
    user = _member(request)
    query = request.POST.get("query", "").lstrip("?")[:2000]
    wall = Wall(Directory.of(user), QueryDict(query))
    language = translation.get_language() or "en"
    secret = links.create_link(user, wall.title, wall.address.lstrip("?"), language)
    hold_secret(request, _ISSUED, secret)
    return redirect("walls")


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def withdraw(request: HttpRequest, link: int) -> HttpResponse:
    """Ask, then end a link; what shows it goes dark within a second."""
    row: WallLink = get_object_or_404(links.visible_links(_member(request)), pk=link)
    if request.method == "POST":
        record("wall.link_withdrawn", request.user, row)
        row.delete()
        messages.success(request, _("The link is withdrawn."))
        return redirect("walls")
    return render(request, "results/withdraw_wall.html", {"link": row})


def _member(request: HttpRequest) -> User:
    user: Any = request.user
    if not isinstance(user, User):
        raise TypeError("for members only")
    return user
