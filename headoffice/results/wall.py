"""The wall of a staff room: today's faces as they come, readable from across the room."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from headoffice import clock
from headoffice.accounts.access import for_members
from headoffice.accounts.models import User
from headoffice.fleet.models import Kiosk
from headoffice.results import counts, formatting, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import AbsentError, Selection, parse_filters
from headoffice.results.places import Directory
from headoffice.results.ratings import Faces, Rating, enough, face_of
from headoffice.rollups import periods

NEWEST = 12
"""So many of the latest faces stand in a row."""
KIOSKS = 2 * NEWEST
"""The latest faces are looked for at so many kiosks: those that had an answer last."""


class LatestRating(NamedTuple):
    """One of the latest faces."""

    image: str
    name: str
    at: datetime


@require_safe
@for_members
def wall(request: HttpRequest) -> HttpResponse:
    """The whole screen; what is on it renews itself through `wall_figures`."""
    shown = _Wall(request)
    return render(request, "results/wall.html", shown.context())


@require_safe
@for_members
def wall_figures(request: HttpRequest) -> HttpResponse:
    """What is on the screen; 204 while it is what the page has."""
    shown = _Wall(request)
    if request.GET.get("seen") == shown.mark:
        return HttpResponse(status=204)
    return render(request, "results/wall_now.html", shown.context())


class _Wall:
    """What the wall shows; asked for every second, so the counts are read first and alone."""

    def __init__(self, request: HttpRequest) -> None:
        if not isinstance(request.user, User):
            raise TypeError("the wall is for members only")
        self.directory, self.catalogue = Directory.of(request.user), Catalogue.load()
        try:
            self.selection = parse_filters(request.GET, self.directory, self.catalogue)
        except AbsentError as error:
            raise Http404 from error
        today = self.directory.today(self.selection.points)
        self.today = periods.period_by_name("today", today).span
        self.faces = counts.faces(self.selection, self.catalogue, self.today)
        shown = (self.selection.address(), self.today, self.faces.tallies, get_language())
        self.mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:32]

    def context(self) -> dict[str, Any]:
        """All that the templates draw."""
        places, faces = self.selection.places, self.faces
        index = faces.happiness if enough(faces.n) else None
        shown = {
            "name": places[0].title if len(places) == 1 else _("All places"),
            "day": texts.day(self.today.first),
            "rows": formatting.face_rows(faces) or formatting.face_rows(Faces.of({3: [0, 0, 0]})),
            "figure": formatting.index_text(index),
            "line": warm_line(_happy(faces)),
            "latest": _latest(self.selection, self.catalogue, self.directory, self.today),
        }
        content = render_to_string("results/wall_content.html", shown)
        return {"content": content, "seen": self.mark, "address": self.selection.address()}


def warm_line(happy: int) -> str:
    """A line for the people who made it happen."""
    if happy == 0:
        return _("The first smile of the day is on its way.")
    return ngettext(
        "%(n)s person left with a smile today. Thank you!",
        "%(n)s people left with a smile today. Thank you!",
        happy,
    ) % {"n": texts.number_text(happy)}


def _happy(faces: Faces) -> int:
    """Ratings above the middle of their scale."""
    return sum(
        count
        for tally in faces.tallies
        for face, count in enumerate(tally)
        if 2 * face > len(tally) - 1
    )


def _latest(
    selection: Selection, catalogue: Catalogue, directory: Directory, today: periods.Span
) -> list[LatestRating]:
    """The latest ratings of today, newest first."""
    now_ms = clock.now_ms()
    since = now_ms - 26 * 3600 * 1000
    found: list[tuple[int, int, int, str]] = []
    for kiosk in _heard_last(selection, directory, since):
        rows = selection.last_words().filter(
            kiosk=kiosk,
            happened_ms__range=(since, now_ms),
            question__in=catalogue.rating_questions,
        )
        found += rows.order_by("-happened_ms").values_list(
            "happened_ms", "point", "version", "value"
        )[:NEWEST]
    taps = []
    for ms, point, version, value in sorted(found, reverse=True):
        if point not in directory.points:
            continue
        at = clock.instant(ms).astimezone(directory.zone(point))
        _question, number = catalogue.ratings.get(version, ("", 0))
        face = face_of(value, number)
        if face is not None and at.date() == today.first:
            rating = Rating(face, number)
            taps.append(LatestRating(rating.image, rating.name, at))
    return taps[:NEWEST]


def _heard_last(selection: Selection, directory: Directory, since: int) -> list[int]:
    kiosks = selection.kiosks or directory.kiosks_at(selection.points)
    heard = Kiosk.objects.filter(last_answer_ms__gte=since).order_by("-last_answer_ms")
    return [kiosk for kiosk in heard.values_list("pk", flat=True) if kiosk in kiosks][:KIOSKS]
