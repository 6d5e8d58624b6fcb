"""The pages of notes: what happened, written by those who look after the places."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from headoffice.accounts.access import Person, for_roles, is_administrator
from headoffice.accounts.models import Role, User
from headoffice.notes.models import LONGEST, Note
from headoffice.results import texts
from headoffice.results.pages import ResultsPage, results_page
from headoffice.results.place_notes import PlacedNote, notes_within
from headoffice.results.places import Directory, Place

for_authors = for_roles(Role.ADMINISTRATOR, Role.MANAGER)
"""A page for those who may write notes; about which places, :func:`may_note` says."""


def may_note(user: Person, directory: Directory, place_key: str) -> bool:
    """Whether this person may write about the place with this key; empty: about all of them."""
    if is_administrator(user):
        return True
    if not isinstance(user, User) or user.role != Role.MANAGER:
        return False
    return directory.find(place_key) is not None


class NoteForm(forms.Form):
    """Days and a text; the places are those of the address."""

    first = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last day (may stay empty)"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    text = forms.CharField(label=gettext_lazy("What happened"), max_length=LONGEST)

    def clean(self) -> dict[str, Any]:
        """One day where no last one is given; the days in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and not last:
            cleaned["last"] = first
        elif first and last and last < first:
            self.add_error("last", _("The last day lies before the first one."))
        return cleaned


@results_page
def notes(page: ResultsPage) -> HttpResponse:
    """All notes of the period about what was chosen, and a form for another one."""
    return _list(page, NoteForm())


@require_POST
@for_authors
def add_note(request: HttpRequest) -> HttpResponse:
    """Write a note about each place of the address, or about all places."""
    page = ResultsPage(request)
    places = [place for place in page.selection.places if place.kind in ("group", "point")]
    if len(places) != len(page.selection.places) or not all(
        may_note(page.user, page.directory, place.key) for place in places
    ):
        raise Http404
    if not places and not may_note(page.user, page.directory, ""):
        messages.error(request, _("Choose a location first."))
        return redirect(f"{reverse('notes')}{page.selection.address()}")
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _list(page, form, status=422)
    for about in [_place_of(place) for place in places] or [{}]:
        Note.objects.create(**about, **form.cleaned_data, author=page.user)
    messages.success(request, _("The note is saved."))
    return redirect(f"{reverse('notes')}{page.selection.address()}")


@require_http_methods(["GET", "HEAD", "POST"])
@for_authors
def edit_note(request: HttpRequest, note: int) -> HttpResponse:
    """Change the days or the text of a note."""
    found = _own_note(request, note)
    form = NoteForm(
        request.POST or None,
        initial={"first": found.first, "last": found.last, "text": found.text},
    )
    if request.method == "POST" and form.is_valid():
        for name, value in form.cleaned_data.items():
            setattr(found, name, value)
        found.save()
        messages.success(request, _("The note is saved."))
        return redirect(_address_of(found))
    status = 422 if request.method == "POST" else 200
    return render(request, "results/note.html", {"form": form, "note": found}, status=status)


@require_POST
@for_authors
def remove_note(request: HttpRequest, note: int) -> HttpResponse:
    """Take a note away."""
    found = _own_note(request, note)
    address = _address_of(found)
    found.delete()
    messages.success(request, _("The note is removed."))
    return redirect(address)


def _own_note(request: HttpRequest, note: int) -> Note:
    if not isinstance(request.user, User):
        raise TypeError("notes are for members only")
    found = get_object_or_404(Note, pk=note)
    if not may_note(request.user, Directory.of(request.user), found.place_key):
        # The same as for a note that never was.
        raise Http404
    return found


def _address_of(note: Note) -> str:
    place = f"&place={note.place_key}" if note.place_key else ""
    return f"{reverse('notes')}?from={note.first}&to={note.last}{place}"


def _place_of(place: Place) -> dict[str, int]:
    return {"group_id" if place.kind == "group" else "point_id": int(place.key[1:])}


def _list(page: ResultsPage, form: NoteForm, status: int = 200) -> HttpResponse:
    selection, directory = page.selection, page.directory
    placed = notes_within(selection.whole(selection.period.span), directory)
    shown = [one for one in placed if one.points & selection.points]
    keys = [place.key for place in selection.places]
    response = page.render(
        "notes",
        _("Notes"),
        rows=[(one, _may_edit(page, one)) for one in reversed(shown)],
        form=form,
        may_add=all(may_note(page.user, directory, key) for key in keys or [""]),
        action=f"{reverse('add-note')}{selection.address()}",
        about=texts.listed(place.title for place in selection.places) or _("All locations"),
    )
    response.status_code = status
    return response


def _may_edit(page: ResultsPage, placed: PlacedNote) -> bool:
    return may_note(page.user, page.directory, placed.note.place_key)
