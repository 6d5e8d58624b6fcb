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
from django.views.decorators.http import require_http_methods, require_safe

from headoffice.accounts.access import for_members, for_personal_data, sees_everything
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.messages import contacts
from headoffice.results import comparison, counts, formatting, heat, question_report, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import LEAST_TO_RANK
from headoffice.results.comments import (
    NEWEST,
    PER_PAGE,
    comment_rows,
    contact_text,
    hide_personal,
    newest_comments,
    newest_reachable,
    search_comments,
    themes,
)
from headoffice.results.filters import AbsentError, Selection, parse_filters
from headoffice.results.overview import OUTSTANDING, by_language, headline, standings
from headoffice.results.places import Directory
from headoffice.results.ratings import FACE_NAMES, enough
from headoffice.results.top_options import top_options

Context = dict[str, Any]
MOST_PLACE_NAMES = 4
"""Of more places than these a headline tells the number alone."""


class ResultsPage:
    """One page of results: who asks for it, and what its address selects."""

    def __init__(self, request: HttpRequest) -> None:
        if not isinstance(request.user, User):
            raise TypeError("the pages of results are for members only")
        self.user = request.user
        self.request = request
        self.directory = Directory.of(request.user)
        self.catalogue = Catalogue.load()
        try:
            self.selection: Selection = parse_filters(request.GET, self.directory, self.catalogue)
        except AbsentError as error:
            # The same for a place that never was and for one that somebody else looks after.
            raise Http404 from error

    @property
    def language(self) -> str:
        """The language of the page."""
        return (get_language() or "en").split("-")[0]

    def _limits(self) -> Iterator[str]:
        """What else the figures are limited to: a print has no filters to be looked at."""
        selection = self.selection
        if 1 < len(selection.places) <= MOST_PLACE_NAMES:
            yield ", ".join(place.title for place in selection.places)
        elif selection.places[1:]:
            n = len(selection.places)
            yield ngettext("%(n)s place", "%(n)s places", n) % {"n": texts.number_text(n)}
        about = selection.questionnaire and self.catalogue.names()[selection.questionnaire]
        for title, value in (
            (_("Tag of the place"), selection.tag),
            (_("Questionnaire"), about),
            (_("Version"), selection.version),
            (_("Language of the shopper"), texts.language(selection.language)),
        ):
            if value:
                yield f"{title}: {value}"

    def render(self, name: str, title: str, **context: object) -> HttpResponse:
        """Fill a page's template; with the state of its filters."""
        selection, catalogue = self.selection, self.catalogue
        languages = {tag for e in catalogue.editions.values() for tag in e.definition.languages}
        filters: Context = {
            "places": self.directory.choices(selection.places),
            "chosen": {place.key for place in selection.places},
            "periods": texts.names_of_periods(),
            "questionnaires": catalogue.names(),
            "versions": [(e.pk, e.pk) for e in catalogue.versions(selection.questionnaire)],
            "tags": [(tag, tag) for tag in self.directory.tags],
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
                "days": " · ".join([texts.period(selection.period), *self._limits()]),
                "page_title": title,
                "minimum": settings.PRIVACY_MINIMUM,
                "waiting": counts.answers_waiting(selection, catalogue, selection.period.span),
                "address": selection.address(),
                **context,
            },
        )


_View = Callable[[HttpRequest], HttpResponse]


def _results_page(view: Callable[[ResultsPage], HttpResponse]) -> _View:
    """A page for everybody who is logged in, within what they may see."""

    @require_safe
    @for_members
    @functools.wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        return view(ResultsPage(request))

    return page


@_results_page
def overview(page: ResultsPage) -> HttpResponse:
    """The whole chain, or what somebody sees of it, for a manager with two minutes."""
    selection, catalogue, directory = page.selection, page.catalogue, page.directory
    places = comparison.candidates(selection, directory)
    found = headline(selection, catalogue, directory)
    ranked, silent = standings(selection, catalogue, places, found.faces)
    best = ranked[: min(OUTSTANDING, (len(ranked) + 1) // 2)]
    worst = ranked[len(best) :][-OUTSTANDING:]
    return page.render(
        "overview",
        _("Overview"),
        found=found,
        figure=formatting.index_text(found.index),
        faces=() if found.few else formatting.face_rows(found.faces),
        best=[(s, formatting.index_text(s.index)) for s in best],
        worst=[(s, formatting.index_text(s.index)) for s in worst[::-1]],
        ranked=len(ranked),
        silent=len(silent),
        least=LEAST_TO_RANK,
        top_options=() if found.few else top_options(selection, catalogue, page.language),
    )


@_results_page
def place(page: ResultsPage) -> HttpResponse:
    """One group, experience point or kiosk; without one, all of them to choose from."""
    selection, catalogue, directory = page.selection, page.catalogue, page.directory
    if len(selection.places) != 1:
        links = [(p, selection.address(place=p.key)) for p in directory.choices()]
        return page.render("places", _("Places"), links=links)
    here = selection.places[0]
    found = headline(selection, catalogue, directory)
    return page.render(
        "place",
        here.title,
        here=here,
        above=[(p, selection.address(place=p.key)) for p in directory.above(here)],
        below=[(p, selection.address(place=p.key)) for p in directory.below(here)],
        found=found,
        figure=formatting.index_text(found.index),
        faces=() if found.few else formatting.face_rows(found.faces),
        heat=None if found.few else heat.heat(selection, catalogue, directory),
        by_language=() if found.few else by_language(selection, catalogue),
        top_options=() if found.few else top_options(selection, catalogue, page.language),
    )


@_results_page
def compare(page: ResultsPage) -> HttpResponse:
    """Places side by side."""
    selection = page.selection
    least = page.request.GET.get("least", "")
    smallest = int(least) if least.isdecimal() and len(least) < 7 else LEAST_TO_RANK
    places = comparison.candidates(selection, page.directory)
    return page.render(
        "compare",
        _("Compare"),
        found=comparison.compare_places(selection, page.catalogue, places, smallest),
        questionnaires=comparison.compare_questionnaires(selection, page.catalogue, smallest),
        compared={place.key for place in places},
        choices=page.directory.choices([*selection.places, *places]),
        kept=selection.fields(place=None),
        extra=[("least", str(smallest))],
        leasts=[(n, n) for n in sorted({*comparison.LEASTS, smallest})],
    )


@_results_page
def questions(page: ResultsPage) -> HttpResponse:
    """One questionnaire, question by question."""
    selection, catalogue = page.selection, page.catalogue
    everything = {*catalogue.questions, ""}
    words = counts.word_counts(selection, selection.period.span, everything)
    name = question_report.questionnaire_of(selection, catalogue, words)
    found = question_report.questionnaire_report(selection, catalogue, words, name, page.language)
    others = [
        (other, title, selection.address(questionnaire=other, version=None))
        for other, title in catalogue.names().items()
    ]
    return page.render("questions", _("Questions"), course=found, chosen=name, others=others)


@_results_page
def comments(page: ResultsPage) -> HttpResponse:
    """What people wrote."""
    selection, query = page.selection, page.request.GET
    search, mood = query.get("q", "")[:100].strip(), query.get("mood", "")[:1]
    responses = counts.faces(selection, page.catalogue, selection.period.span).n
    personal = sees_everything(page.user)
    # Who asks to be reached may be known by what they said, however few answered.
    to_reach = personal and query.get("reach") == "1"
    few = not enough(responses) and not to_reach
    find = newest_reachable if to_reach else newest_comments
    everything = [] if few else find(selection, page.directory, page.catalogue, rated=bool(mood))
    if not personal:
        everything = hide_personal(everything)
    matching = search_comments(everything, search, mood, page.catalogue)
    part = Paginator(matching, PER_PAGE).get_page(query.get("page"))
    shown = comment_rows(list(part), page.catalogue, page.directory, personal=personal)
    if read := sum(row.erasable is not None for row in shown):
        record("contacts.read", page.user, count=read)
    more = {"q": search, "mood": mood, "reach": "1" if to_reach else None}
    return page.render(
        "comments",
        _("Comments"),
        few=few and responses > 0,
        search=search,
        mood=mood,
        moods=[(str(n), name) for n, name in enumerate(FACE_NAMES[5])][::-1],
        total=texts.number_text(len(matching)),
        cut=len(everything) == NEWEST,
        newest=texts.number_text(NEWEST),
        shown=shown,
        personal=personal,
        to_reach=to_reach,
        kept=selection.fields(),
        extra=[("q", search), ("mood", mood), ("reach", "1" if to_reach else "")],
        themes=[
            (theme, selection.address(**more | {"q": theme.word})) for theme in themes(matching)
        ],
        page=part,
        page_address=f"{selection.address(**more)}&page=",
        everything=selection.address(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_personal_data
def erase_contact(request: HttpRequest, kiosk: int, response: UUID) -> HttpResponse:
    """Ask, then erase what one shopper left to be reached by."""
    held = (
        contacts.contact_answers(kiosk, response)
        .order_by("-seq")
        .values_list("value", flat=True)
        .first()
    )
    if held is None:
        raise Http404
    whose = f"response:{kiosk}:{response}"
    if request.method != "POST":
        record("contacts.read", request.user, whose, count=1)
        contact = contacts.open_details({0: contacts.StoredContact.of(held)})[0]
        return render(request, "results/erase.html", {"contact": contact_text(contact)})
    contacts.erase_response(kiosk, response)
    record("contacts.erased", request.user, whose)
    messages.success(request, _("The contact details are erased."))
    return redirect(f"{reverse('comments')}?reach=1")
