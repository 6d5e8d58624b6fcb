"""The pages of results; each is one question in its address, answered on the server."""

import functools
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from headoffice.accounts.models import User
from headoffice.accounts.scope import for_members, for_personal_data, sees_everything
from headoffice.ingest import sealing
from headoffice.results import (
    charts,
    comparison,
    drawing,
    heat,
    questionnaire,
    remarks,
    sayings,
    tallies,
    texts,
)
from headoffice.results import overview as headlines
from headoffice.results.catalogue import Catalogue
from headoffice.results.directory import Directory
from headoffice.results.selection import AbsentError, Selection, asked

Context = dict[str, Any]
MOST_NAMED = 4
"""Of more places than these a headline tells the number alone."""


class Asked:
    """Who asks what."""

    def __init__(self, request: HttpRequest) -> None:
        if not isinstance(request.user, User):
            raise TypeError("the pages of results are for members only")
        self.user = request.user
        self.request = request
        self.directory = Directory.of(request.user)
        self.catalogue = Catalogue.load()
        try:
            self.selection: Selection = asked(request.GET, self.directory, self.catalogue)
        except AbsentError as error:
            # The same for a place that never was and for one that somebody else looks after.
            raise Http404 from error

    @property
    def language(self) -> str:
        """The language of the page."""
        return (get_language() or "en").split("-")[0]

    def _narrowed(self) -> Iterator[str]:
        """What else the figures are limited to: a print has no filters to be looked at."""
        selection = self.selection
        if 1 < len(selection.places) <= MOST_NAMED:
            yield ", ".join(place.title for place in selection.places)
        elif selection.places[1:]:
            n = len(selection.places)
            yield ngettext("%(n)s place", "%(n)s places", n) % {"n": texts.number(n)}
        about = selection.questionnaire and self.catalogue.names()[selection.questionnaire]
        for title, value in (
            (_("Tag of the place"), selection.tag),
            (_("Questionnaire"), about),
            (_("Version"), selection.version),
            (_("Language of the shopper"), texts.language(selection.language)),
        ):
            if value:
                yield f"{title}: {value}"

    def page(self, name: str, title: str, **context: object) -> HttpResponse:
        """Fill a page's template; with the state of its filters."""
        selection, catalogue = self.selection, self.catalogue
        languages = {tag for e in catalogue.editions.values() for tag in e.definition.languages}
        filters: Context = {
            "places": self.directory.offered(selection.places),
            "chosen": {place.key for place in selection.places},
            "periods": texts.names_of_periods(),
            "questionnaires": catalogue.names(),
            "versions": catalogue.versions(selection.questionnaire),
            "languages": [(tag, texts.language(tag)) for tag in sorted(languages)],
            "more": bool(
                not selection.period.name
                or selection.questionnaire
                or selection.language
                or selection.tag
                or selection.test
                or selection.misuse
            ),
        }
        return render(
            self.request,
            f"results/{name}.html",
            {
                "asked": selection,
                "filters": filters,
                "directory": self.directory,
                "days": " · ".join([texts.period(selection.period), *self._narrowed()]),
                "page_title": title,
                "minimum": settings.PRIVACY_MINIMUM,
                "waiting": tallies.waiting(selection, catalogue, selection.period.span),
                "address": selection.address(),
                **context,
            },
        )


_Page = Callable[[HttpRequest], HttpResponse]


def _results(view: Callable[[Asked], HttpResponse]) -> _Page:
    """A page for everybody who is logged in, within what they may see."""

    @require_GET
    @for_members
    @functools.wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        return view(Asked(request))

    return page


@_results
def overview(asked: Asked) -> HttpResponse:
    """The whole chain, or what somebody sees of it, for a manager with two minutes."""
    selection, catalogue, directory = asked.selection, asked.catalogue, asked.directory
    places = comparison.candidates(selection, directory)
    found = headlines.headline(selection, catalogue, directory)
    ranked, silent = headlines.standings(selection, catalogue, places, found.faces)
    most = headlines.OUTSTANDING
    best = ranked[: min(most, (len(ranked) + 1) // 2)]
    return asked.page(
        "overview",
        _("Overview"),
        found=found,
        figure=drawing.figure(found.index),
        faces=() if found.few else drawing.rows(found.faces),
        best=[(s, drawing.figure(s.index)) for s in best],
        worst=[(s, drawing.figure(s.index)) for s in ranked[len(best) :][-most:][::-1]],
        ranked=len(ranked),
        silent=len(silent),
        least=headlines.LEAST_TO_RANK,
        sayings=() if found.few else sayings.said_most(selection, catalogue, asked.language),
    )


@_results
def place(asked: Asked) -> HttpResponse:
    """One group, experience point or kiosk; without one, all of them to choose from."""
    selection, catalogue, directory = asked.selection, asked.catalogue, asked.directory
    if len(selection.places) != 1:
        links = [(p, selection.address(place=p.key)) for p in directory.offered()]
        return asked.page("places", _("Places"), links=links)
    here = selection.places[0]
    found = headlines.headline(selection, catalogue, directory)
    return asked.page(
        "place",
        here.title,
        here=here,
        above=[(p, selection.address(place=p.key)) for p in directory.above(here)],
        below=[(p, selection.address(place=p.key)) for p in directory.below(here)],
        found=found,
        figure=drawing.figure(found.index),
        faces=() if found.few else drawing.rows(found.faces),
        heat=None if found.few else heat.heat(selection, catalogue, directory),
        by_language=() if found.few else headlines.by_language(selection, catalogue),
        sayings=() if found.few else sayings.said_most(selection, catalogue, asked.language),
    )


@_results
def compare(asked: Asked) -> HttpResponse:
    """Places side by side."""
    selection = asked.selection
    least = asked.request.GET.get("least", "")
    smallest = int(least) if least.isdecimal() and len(least) < 7 else headlines.LEAST_TO_RANK
    places = comparison.candidates(selection, asked.directory)
    return asked.page(
        "compare",
        _("Compare"),
        found=comparison.compare(selection, asked.catalogue, places, smallest),
        questionnaires=comparison.of_questionnaires(selection, asked.catalogue, smallest),
        compared={place.key for place in places},
        choices=asked.directory.offered([*selection.places, *places]),
        kept=selection.fields(place=None),
        extra=[("least", str(smallest))],
        leasts=sorted({*comparison.LEASTS, smallest}),
    )


@_results
def questions(asked: Asked) -> HttpResponse:
    """One questionnaire, question by question."""
    selection, catalogue = asked.selection, asked.catalogue
    everything = {*catalogue.questions, ""}
    counts = tallies.questions(selection, selection.period.span, everything)
    name = questionnaire.chosen(selection, catalogue, counts)
    found = questionnaire.course(selection, catalogue, counts, name, asked.language)
    others = [
        (other, title, selection.address(questionnaire=other, version=None))
        for other, title in catalogue.names().items()
    ]
    return asked.page("questions", _("Questions"), course=found, chosen=name, others=others)


@_results
def comments(asked: Asked) -> HttpResponse:
    """What people wrote."""
    selection, query = asked.selection, asked.request.GET
    search, mood = query.get("q", "")[:100].strip(), query.get("mood", "")[:1]
    responses = charts.responses(tallies.faces(selection, asked.catalogue, selection.period.span))
    personal = sees_everything(asked.user)
    # Who asks to be reached may be known by what they said, however few answered.
    to_reach = personal and query.get("reach") == "1"
    few = not tallies.enough(responses) and not to_reach
    find = remarks.reachable if to_reach else remarks.remarks
    everything = [] if few else find(selection, asked.directory, asked.catalogue, rated=bool(mood))
    matching = remarks.matching(everything, search, mood, asked.catalogue)
    pages = Paginator(matching, remarks.PER_PAGE)
    page = pages.get_page(query.get("page"))
    more = {"q": search, "mood": mood, "reach": "1" if to_reach else None}
    return asked.page(
        "comments",
        _("Comments"),
        few=few and responses > 0,
        search=search,
        mood=mood,
        moods=list(enumerate(drawing.NAMES[5]))[::-1],
        total=texts.number(len(matching)),
        cut=len(everything) == remarks.NEWEST,
        newest=texts.number(remarks.NEWEST),
        shown=remarks.shown(list(page), asked.catalogue, asked.directory, personal=personal),
        personal=personal,
        to_reach=to_reach,
        kept=selection.fields(),
        extra=[("q", search), ("mood", mood), ("reach", "1" if to_reach else "")],
        themes=[
            (theme, selection.address(**more | {"q": theme.word}))
            for theme in remarks.themes(matching)
        ],
        page=page,
        earlier=selection.address(**more, page=page.next_page_number()) if page.has_next() else "",
        later=selection.address(**more, page=page.previous_page_number())
        if page.has_previous()
        else "",
        everything=selection.address(),
    )


@require_http_methods(["GET", "POST"])
@for_personal_data
def erase_contact(request: HttpRequest, kiosk: int, response: UUID) -> HttpResponse:
    """Ask, then erase what one shopper left to be reached by."""
    held = sealing.left(kiosk, response).order_by("-seq").values_list("value", flat=True).first()
    if held is None:
        raise Http404
    if request.method == "GET":
        contact = sealing.opened({0: sealing.StoredContact.of(held)})[0]
        return render(request, "results/erase.html", {"contact": remarks.in_words(contact)})
    sealing.forget(kiosk, response)
    messages.success(request, _("The contact details are erased."))
    return redirect(f"{reverse('comments')}?reach=1")
