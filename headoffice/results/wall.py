"""The wall of a staff room: today's faces as they come, readable from across the room."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.accounts.scope import for_members
from headoffice.fleet.models import Kiosk
from headoffice.ingest.models import StoredMessage
from headoffice.results import drawing, periods, tallies, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.charts import responses
from headoffice.results.day import Faces
from headoffice.results.directory import Directory
from headoffice.results.selection import AbsentError, Selection, asked

NEWEST = 12
"""So many of the latest faces stand in a row."""
KIOSKS = 2 * NEWEST
"""The latest faces are looked for at so many kiosks: those that had an answer last."""


class Tap(NamedTuple):
    """One of the latest faces."""

    image: str
    name: str
    at: datetime


@require_GET
@for_members
def wall(request: HttpRequest) -> HttpResponse:
    """The whole screen; what is on it renews itself through `now`."""
    seen = _Seen(request)
    return render(request, "results/wall.html", seen.context())


@require_GET
@for_members
def now(request: HttpRequest) -> HttpResponse:
    """What is on the screen; 204 while it is what the page has."""
    seen = _Seen(request)
    if request.GET.get("seen") == seen.mark:
        return HttpResponse(status=204)
    return render(request, "results/wall_now.html", seen.context())


class _Seen:
    """What the wall shows; asked for every second, so the counts are read first and alone."""

    def __init__(self, request: HttpRequest) -> None:
        if not isinstance(request.user, User):
            raise TypeError("the wall is for members only")
        self.directory, self.catalogue = Directory.of(request.user), Catalogue.load()
        try:
            self.selection = asked(request.GET, self.directory, self.catalogue)
        except AbsentError as error:
            raise Http404 from error
        today = self.directory.today(self.selection.points)
        self.today = periods.named("today", today).span
        self.faces = tallies.faces(self.selection, self.catalogue, self.today)
        shown = (self.selection.address(), self.today, self.faces.tallies, get_language())
        self.mark = hashlib.sha256(repr(shown).encode()).hexdigest()[:32]

    def context(self) -> dict[str, Any]:
        """All that the templates draw."""
        places, faces = self.selection.places, self.faces
        index = faces.happiness if tallies.enough(responses(faces)) else None
        shown = {
            "name": places[0].title if len(places) == 1 else _("All places"),
            "day": texts.day(self.today.first),
            "rows": drawing.rows(faces) or drawing.rows(Faces.of({3: [0, 0, 0]})),
            "figure": drawing.figure(index),
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
    ) % {"n": texts.number(happy)}


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
) -> list[Tap]:
    """The latest ratings of today, newest first."""
    since = clock.now_ms() - 26 * 3600 * 1000
    found: list[tuple[int, int, int, str]] = []
    for kiosk in _heard_last(selection, directory, since):
        rows = StoredMessage.objects.filter(
            kiosk=kiosk,
            happened_ms__gte=since,
            kind=StoredMessage.Kind.ANSWER,
            question__in=catalogue.rating_questions,
            point__among=selection.points,
            counts=True,
            test=False,
            misuse="",
        ).order_by("-happened_ms")
        found += rows.values_list("happened_ms", "point", "version", "value")[:NEWEST]
    taps = []
    for ms, point, version, value in sorted(found, reverse=True):
        at = clock.instant(ms).astimezone(directory.zone(point))
        _question, number = catalogue.ratings.get(version, ("", 0))
        if number and at.date() == today.first and value.isdecimal():
            name = str(drawing.NAMES[number][int(value)])
            taps.append(Tap(f"faces/face-{value}-of-{number}.svg", name, at))
    return taps[:NEWEST]


def _heard_last(selection: Selection, directory: Directory, since: int) -> list[int]:
    kiosks = selection.kiosks or directory.kiosks_at(selection.points)
    heard = Kiosk.objects.filter(last_answer_ms__gte=since).order_by("-last_answer_ms")
    return [kiosk for kiosk in heard.values_list("pk", flat=True) if kiosk in kiosks][:KIOSKS]
