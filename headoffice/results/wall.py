"""The wall of a staff room: today's faces as they come, readable from across the room."""

from datetime import datetime
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from headoffice import clock
from headoffice.accounts.access import for_members
from headoffice.accounts.models import User
from headoffice.fleet.models import Kiosk
from headoffice.results import counts, formatting, scope, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Selection
from headoffice.results.live_parts import (
    Part,
    changes,
    mark_of,
    marks_seen,
    reload_page,
    render_part,
)
from headoffice.results.places import Directory
from headoffice.results.query import AbsentError, parse_filters
from headoffice.results.ratings import Faces, Rating, enough, face_of

NEWEST = 12
"""So many of the latest faces stand in a row."""
KIOSKS = 2 * NEWEST
"""The latest faces are looked for at so many kiosks: those that had an answer last."""


class LatestRating(NamedTuple):
    """One of the latest faces."""

    image: str
    name: str
    at: datetime
    text: str
    """When, by the clock of its place."""


@require_safe
@for_members
def wall(request: HttpRequest) -> HttpResponse:
    """The whole screen; what is on it renews itself through `wall_figures`."""
    shown = _wall_of(request)
    return render(request, "results/wall.html", shown.context(shown.now_address))


@require_safe
@for_members
def wall_figures(request: HttpRequest) -> HttpResponse:
    """What the screen does not show yet; 204 while there is nothing."""
    try:
        return _wall_of(request).news(request)
    except Http404:
        return reload_page(404)


def _wall_of(request: HttpRequest) -> "Wall":
    if not isinstance(request.user, User):
        raise TypeError("the wall is for members only")
    return Wall(Directory.of(request.user), request.GET)


class Wall:
    """What the wall shows; asked for every second, so the counts are read first and alone."""

    def __init__(self, directory: Directory, query: QueryDict) -> None:
        """Raises Http404 if the query names what is not in the directory."""
        self.directory, self.catalogue = directory, Catalogue.load()
        try:
            self.selection = parse_filters(query, self.directory, self.catalogue)
            self.address = self.selection.address()
        except AbsentError as error:
            raise Http404 from error
        self.selection = self.selection.in_period("today")
        self.faces = counts.faces(self.selection, self.catalogue, self.selection.period.span)
        days = [calendar.today for calendar in self.selection.calendars]
        self.counts = Part(
            "counts", SafeString(), mark_of(self.address, days, self.faces.tallies, get_language())
        )
        """What all the others follow from; it is read first, and alone while it is the same."""

    @property
    def title(self) -> str:
        """What it is about: places, or a tag."""
        return scope.place_names(self.selection) or self.selection.tag or _("All locations")

    @property
    def now_address(self) -> str:
        """Where somebody who is logged in asks for what is new."""
        return f"{reverse('wall-now')}{self.address}"

    def news(self, request: HttpRequest) -> HttpResponse:
        """The parts that the screen does not show yet; 204 while it shows them all."""
        if marks_seen(request)[1:2] == [self.counts.mark]:
            return HttpResponse(status=204)
        parts = self.parts()
        whole = {"place": "#wall", "template": "results/wall_content.html", "parts": parts}
        return changes(request, parts) or render(request, "results/live_whole.html", whole)

    def parts(self) -> list[Part]:
        """All that is on the screen, from the top."""
        faces = self.faces
        index = faces.happiness if enough(faces.n) else None
        limits = scope.limits(self.selection, self.catalogue)
        top = {
            "name": self.title,
            "day": " · ".join([scope.days_text(self.selection), *limits]),
        }
        rows = formatting.face_rows(faces) or formatting.face_rows(Faces.of({3: [0, 0, 0]}))
        latest = _latest(self.selection, self.catalogue, self.directory)
        line = SafeString(escape(warm_line(_happy(faces))))
        figure = {"figure": formatting.index_text(index)}
        return [
            Part("wall", SafeString(), mark_of("wall")),
            self.counts,
            render_part("top", "results/wall_top.html", top, look="wall-top"),
            Part("line", line, mark_of(line), "p", "warm"),
            render_part("faces", "results/wall_faces.html", {"rows": rows}, look="wall-faces"),
            render_part("latest", "results/wall_latest.html", {"latest": latest}),
            render_part("index", "results/wall_index.html", figure, tag="p", look="wall-index"),
        ]

    def context(self, now_address: str) -> dict[str, Any]:
        """What the pages draw, and where they ask for what is new."""
        return {
            "parts": self.parts(),
            "address": self.address,
            "name": self.title,
            "now_address": now_address,
        }


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


def _latest(selection: Selection, catalogue: Catalogue, directory: Directory) -> list[LatestRating]:
    """The latest ratings of today, newest first."""
    now_ms = clock.now_ms()
    since = now_ms - 26 * 3600 * 1000
    found: list[tuple[int, int, int, str]] = []
    for kiosk in _heard_last(selection, directory, since):
        rows = selection.last_words((since, now_ms)).filter(
            kiosk=kiosk, question__in=catalogue.rating_questions
        )
        found += rows.order_by("-happened_ms").values_list(
            "happened_ms", "point", "version", "value"
        )[:NEWEST]
    taps = []
    today = {point: c.today for c in selection.calendars for point in c.points}
    for ms, point, version, value in sorted(found, reverse=True):
        if point not in selection.points:
            continue
        at = clock.instant(ms).astimezone(directory.zone(point))
        _question, number = catalogue.ratings.get(version, ("", 0))
        face = face_of(value, number)
        if face is not None and at.date() == today[point]:
            rating = Rating(face, number)
            text = texts.with_zone(formats.date_format(at, "TIME_FORMAT"), at)
            taps.append(LatestRating(rating.image, rating.name, at, text))
    return taps[:NEWEST]


def _heard_last(selection: Selection, directory: Directory, since: int) -> list[int]:
    kiosks = selection.kiosks or directory.kiosks_at(selection.points)
    heard = Kiosk.objects.filter(last_answer_ms__gte=since).order_by("-last_answer_ms")
    return [kiosk for kiosk in heard.values_list("pk", flat=True) if kiosk in kiosks][:KIOSKS]
