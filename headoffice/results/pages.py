"""The pages of results; each is one question in its address, answered on the server."""

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from headoffice.accounts.access import for_members, for_personal_data, sees_everything
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.messages import contacts
from headoffice.results import comparison, counts, formatting, heat, question_report, scope, texts
from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import LEAST_TO_RANK, compared_spans
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
from headoffice.results.comparison import RankedRow
from headoffice.results.filters import Selection
from headoffice.results.levels import candidates
from headoffice.results.overview import (
    OUTSTANDING,
    Headline,
    by_language,
    headline,
    standings,
)
from headoffice.results.place_list import find_places, place_rows
from headoffice.results.place_notes import annotate, notes_about
from headoffice.results.places import MOST_CHOICES, Directory, Place
from headoffice.results.query import AbsentError, parse_filters
from headoffice.results.ratings import Faces, Rating, enough
from headoffice.results.top_options import TopOptions, top_options
from headoffice.rollups import periods

Context = dict[str, Any]
MONTHS = 24
"""So many months can be chosen by name."""


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

    @functools.cached_property
    def chain(self) -> Selection:
        """The same question about everything that this person may see."""
        query = self.request.GET.copy()
        for field in ("place", "tag"):
            query.pop(field, None)
        return parse_filters(query, self.directory, self.catalogue)

    @property
    def partial(self) -> bool:
        """Whether there is more that this person may see."""
        return self.selection.points != self.directory.points

    def noted(self, found: Headline) -> Headline:
        """The headline with the notes about these places in its charts."""
        about = notes_about(self.selection, self.directory)
        return replace(found, charts=annotate(found.charts, self.selection, about))

    def reasons(self) -> list[TopOptions]:
        """What people say most, beside all places where this is a part of them."""
        chain = self.chain if self.partial else None
        return top_options(self.selection, self.catalogue, self.language, chain)

    def _months(self) -> list[tuple[str, str]]:
        """The months to choose from: two years of them, and the one that is shown."""
        named = periods.months_back(self.selection.calendars[0].today, MONTHS)
        name = self.selection.period.name
        if name and name not in (*periods.NAMES, *named):
            named.append(name)
        return [(month, texts.month(date.fromisoformat(f"{month}-01"))) for month in named]

    def _days(self) -> str:
        """Which answers the figures rest on."""
        found = [scope.days_text(self.selection)]
        if len(self.selection.places) > 1:
            found.append(scope.place_names(self.selection))
        return " · ".join([*found, *scope.limits(self.selection, self.catalogue)])

    def _chooser_query(self) -> str:
        """The address of this page as the page that chooses places takes it."""
        match = self.request.resolver_match
        query = self.request.GET.copy()
        query["to"] = str(match.url_name) if match else "overview"
        return "?" + query.urlencode()

    def render(self, name: str, title: str, **context: object) -> HttpResponse:
        """Fill a page's template; with the state of its filters."""
        selection, catalogue = self.selection, self.catalogue
        languages = {tag for e in catalogue.editions.values() for tag in e.definition.languages}
        filters: Context = {
            "place": scope.place_names(selection),
            "chooser": self._chooser_query(),
            "periods": texts.names_of_periods(),
            "months": self._months(),
            "hours": [(n, f"{n:02}:00") for n in range(24)],
            "ends": [(n, f"{n:02}:00") for n in range(1, 25)],
            "weekdays": [(day, *texts.weekday_text(day)) for day in texts.week()],
            "questionnaires": catalogue.names(),
            "versions": [(e.pk, e.pk) for e in catalogue.versions(selection.questionnaire)],
            "tags": [(tag, tag) for tag in self.directory.tags],
            "languages": [(tag, texts.language(tag)) for tag in sorted(languages)],
            "more": bool(
                not selection.period.name
                or selection.questionnaire
                or selection.language
                or selection.tag
                or selection.times
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
                "days": self._days(),
                "page_title": title,
                "minimum": settings.PRIVACY_MINIMUM,
                "waiting": counts.answers_waiting(selection, catalogue, selection.period.span),
                "address": selection.address(),
                **context,
            },
        )


_View = Callable[[HttpRequest], HttpResponse]


def results_page(view: Callable[[ResultsPage], HttpResponse]) -> _View:
    """A page for everybody who is logged in, within what they may see."""

    @require_safe
    @for_members
    @functools.wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        return view(ResultsPage(request))

    return page


@results_page
def overview(page: ResultsPage) -> HttpResponse:
    """The whole chain, or what somebody sees of it, for a manager with two minutes."""
    selection, catalogue, directory = page.selection, page.catalogue, page.directory
    places = candidates(selection, directory)
    found = page.noted(headline(selection, catalogue, directory))
    now = counts.faces_of(places, selection, catalogue, selection.period.span)
    ranked, silent = standings(selection, places, now, found.faces)
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
        moved=() if found.few else _movers(page, places, now),
        top_options=() if found.few else page.reasons(),
    )


def _places(page: ResultsPage) -> HttpResponse:
    """All places to choose from, or those that were chosen or are sought."""
    sought = page.request.GET.get("find", "")[:100].strip()
    everything = page.directory.groups_and_points
    if sought:
        listed = find_places(everything, sought)
    else:
        listed = list(page.selection.places) or page.directory.choices()
    flat = bool(sought or page.selection.places)
    return page.render(
        "places",
        _("Locations"),
        rows=place_rows(listed, page.selection, page.catalogue, flat=flat),
        sought=sought,
        more=len(listed) > MOST_CHOICES or not (flat or len(listed) == len(everything)),
        kept=page.selection.fields(),
        extra=[("find", sought)],
    )


def _movers(page: ResultsPage, places: list[Place], now: dict[str, Faces]) -> list[RankedRow]:
    before = compared_spans(page.selection)[:1]
    found = comparison.compare_places(
        page.selection, page.catalogue, places, chain=page.chain, now=now, spans=before
    )
    return comparison.movers(found)


@results_page
def place(page: ResultsPage) -> HttpResponse:
    """One group, experience point or kiosk; without one, all of them to choose from."""
    selection, catalogue, directory = page.selection, page.catalogue, page.directory
    if len(selection.places) != 1:
        return _places(page)
    here = selection.places[0]
    found = page.noted(headline(selection, catalogue, directory))
    return page.render(
        "place",
        here.title,
        here=here,
        above=[(p, selection.address(place=p.key)) for p in directory.above(here)],
        below=place_rows(directory.below(here), selection, catalogue),
        found=found,
        figure=formatting.index_text(found.index),
        faces=() if found.few else formatting.face_rows(found.faces),
        heat=None if found.few else heat.heat(selection, catalogue, directory),
        by_language=() if found.few else by_language(selection, catalogue),
        top_options=() if found.few else page.reasons(),
    )


@results_page
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
    draws = found is not None and any(question.chart for question in found.questions)
    return page.render(
        "questions",
        _("Questions"),
        course=found,
        chosen=name,
        others=others,
        draws=draws,
        reasons=[found for found in page.reasons() if found.questionnaire == name],
    )


def _parts_of_day(selection: Selection, more: Context) -> list[tuple[str, str, bool]]:
    """Hours that are often asked for, each with its address and whether it is asked for now."""
    named = (
        (_("All day"), 0, 24),
        (_("Morning"), 6, 12),
        (_("Afternoon"), 12, 17),
        (_("Evening"), 17, 24),
    )
    times = selection.times
    now = (times.first, times.until) if times and not times.every_hour else (0, 24)
    found = []
    for title, first, until in named:
        hours = (None, None) if (first, until) == (0, 24) else (first, until)
        address = selection.address(**more, from_hour=hours[0], to_hour=hours[1])
        found.append((title, address, now == (first, until)))
    return found


@results_page
def comments(page: ResultsPage) -> HttpResponse:
    """What people wrote."""
    selection, query = page.selection, page.request.GET
    search, rating = query.get("q", "")[:100].strip(), Rating.of(query.get("mood", ""))
    mood = rating.key if rating else ""
    rated = counts.faces(selection, page.catalogue, selection.period.span)
    responses = rated.n
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
        moods=formatting.rating_choices(rated, rating),
        parts_of_day=_parts_of_day(selection, more),
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
