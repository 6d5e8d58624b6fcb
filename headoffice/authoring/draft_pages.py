"""The editor: each change is kept at once, can be taken back, and is checked by kiosks' rules."""

import copy
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from headoffice.accounts.access import for_administrators
from headoffice.accounts.models import User
from headoffice.authoring import documents, history, publication
from headoffice.authoring.documents import Document
from headoffice.authoring.editor_view import DraftView
from headoffice.authoring.forms import MOST_LANGUAGES, TitleForm, language_choices
from headoffice.authoring.kind_words import KIND_WORDS
from headoffice.authoring.models import Draft
from headoffice.authoring.question_fields import Fields, act, read_question
from headoffice.authoring.question_view import shape_of, state_of
from headoffice.results.texts import language


def person(request: HttpRequest) -> User:
    """Who is logged in; pages are for members alone."""
    return cast("User", request.user)


def reader_of(request: HttpRequest) -> str:
    """The language of whoever reads the page."""
    del request
    return (get_language() or "en").partition("-")[0]


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def edit(request: HttpRequest, draft: int) -> HttpResponse:
    """One question of a draft beside the list of all; a form sends the fields of that one."""
    row = get_object_or_404(Draft, pk=draft)
    key = request.GET.get("question", "")
    if request.method != "POST":
        return _editor(request, row, history.present(row), key)
    try:
        document, key = _save_question(request, row, key)
    except history.StaleChangeError:
        return _stale(request, row, key)
    action = request.POST.get("action", "")
    if "HX-Request" not in request.headers:
        return redirect(_address(row, key))
    template = "authoring/changed.html" if action else "authoring/saved.html"
    context = _context(request, row, document, key) | {"action": action}
    return render(request, template, context)


def _save_question(request: HttpRequest, row: Draft, key: str) -> tuple[Document, str]:
    """What the form says of a question, then what its button does; the document and its key."""
    fields = Fields(dict(request.POST.lists()))
    action = request.POST.get("action", "")
    renamed = key

    def is_meant(question: documents.Part) -> bool:
        """Whether it is as the page has it, or only lacks what the same person has just sent.

        The reply to that is lost with the page that somebody leaves.
        """
        if state_of(question) == fields.text("state"):
            return True
        return shape_of(question) == fields.text("shape") and history.is_last_change(
            row, person(request), key
        )

    def save(document: Document) -> Document:
        nonlocal renamed
        index = documents.position(document, key)
        if index is None or not is_meant(document["questions"][index]):
            raise history.StaleChangeError(key)
        question = read_question(document["questions"][index], fields, document["languages"])
        question = act(question, action)
        # Its fields are found by it: it is never empty, and no two have the same.
        others = documents.ids(one for i, one in enumerate(document["questions"]) if i != index)
        question["id"] = renamed = documents.next_id(question["id"] or key, others)
        return documents.with_question(document, index, question)

    document = history.change(row, person(request), save, key, alone=bool(action))
    return document, renamed


def _stale(request: HttpRequest, row: Draft, key: str) -> HttpResponse:
    text = _(
        "This question has been changed elsewhere in the meantime. Here is how it is now; what you "
        "wrote last is not in it."
    )
    messages.error(request, text)
    address = _address(row, key)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def basics(request: HttpRequest, draft: int) -> HttpResponse:
    """The title and the languages of a draft."""
    row = get_object_or_404(Draft, pk=draft)
    document = history.present(row)
    form = TitleForm(request.POST or None, initial={"title": document["title"]})
    if request.method == "POST" and form.is_valid():
        title, order = form.cleaned_data["title"], Fields(dict(request.POST.lists()))
        history.change(row, person(request), lambda old: _with_basics(old, title, order))
        return redirect("draft-basics", row.pk)
    return _editor(request, row, document, "", status=422 if form.errors else 200, form=form)


def _with_basics(document: Document, title: str, sent: Fields) -> Document:
    known = [tag for tag, _name in language_choices()]
    languages: list[str] = list(document["languages"])
    if (more := sent.text("add")) and more in known and len(languages) < MOST_LANGUAGES:
        languages += [] if more in languages else [more]
    if (gone := sent.text("remove")) in languages and len(languages) > 1:
        languages.remove(gone)
    if (first := sent.text("first")) in languages:
        languages.remove(first)
        languages.insert(0, first)
    changed = document if languages == document["languages"] else documents.with_languages(
        document, languages
    )  # fmt: skip
    return {**changed, "title": title}


@require_POST
@for_administrators
def arrange(request: HttpRequest, draft: int) -> HttpResponse:
    """Add, copy, move or remove a question; take a change back, or make it again."""
    row = get_object_or_404(Draft, pk=draft)
    sent = Fields(dict(request.POST.lists()))
    here = request.GET.get("question", "")
    for name, step in (("undo", -1), ("redo", 1)):
        if name in sent:
            history.go_to(row, step, person(request))
            return redirect(_address(row, here))
    shown = here

    def change(document: Document) -> Document:
        nonlocal shown
        changed, shown = _arranged(document, sent, here)
        return changed

    document = history.change(row, person(request), change)
    if "HX-Request" in request.headers:
        return render(request, "authoring/moved.html", _context(request, row, document, here))
    if "remove" in sent:
        messages.success(request, _("The question is removed. “Undo” brings it back."))
    return redirect(_address(row, shown))


def _arranged(document: Document, sent: Fields, here: str) -> tuple[Document, str]:
    """The document after a button of the list, and the question that is shown then."""
    if (kind := sent.text("add")) in KIND_WORDS and len(
        document["questions"]
    ) < documents.MOST_QUESTIONS:
        return _with_added(document, kind, sent)
    for name, function in _BUTTONS.items():
        key, _colon, to = sent.text(name).partition(":")
        index = documents.position(document, key)
        if name in sent and index is not None:
            return function(document, index, to, here)
    return document, here


def _with_added(document: Document, kind: str, sent: Fields) -> tuple[Document, str]:
    questions = document["questions"]
    question = documents.new_question(kind, document["languages"], questions)
    faces = [int(face) for face in sent.list("after") if face.isdecimal()]
    to = len(questions)
    if faces and questions:
        rating = questions[0]["id"]
        question["show_if"] = {"question": rating, "one_of": faces}
        to = 1 + documents.follow_up_count(document)
    return documents.with_new_question(document, to, question), question["id"]


def _moved(document: Document, index: int, to: str, here: str) -> tuple[Document, str]:
    if not to.isdecimal():
        return document, here
    least = 1 if index and document["questions"][0]["kind"] == "smiley" else 0
    return documents.with_question_at(document, index, max(least, int(to))), here


def _removed(document: Document, index: int, to: str, here: str) -> tuple[Document, str]:
    del to
    key = document["questions"][index]["id"]
    changed = documents.without_question(document, index)
    left = changed["questions"]
    near = left[min(index, len(left) - 1)]["id"] if left else ""
    return changed, near if here == key else here


def _copied(document: Document, index: int, to: str, here: str) -> tuple[Document, str]:
    del to, here
    question = copy.deepcopy(document["questions"][index])
    question["id"] = documents.next_id(question["kind"], documents.ids(document["questions"]))
    return documents.with_new_question(document, index + 1, question), question["id"]


_BUTTONS: dict[str, Callable[[Document, int, str, str], tuple[Document, str]]] = {
    "move": _moved,
    "remove": _removed,
    "copy": _copied,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def publish(request: HttpRequest, draft: int) -> HttpResponse:
    """Say what publishing means, and do it."""
    row = get_object_or_404(Draft, pk=draft)
    view = DraftView(history.present(row), reader_of(request))
    if view.remarks:
        messages.error(request, _("Not everything is ready yet: see the list of questions."))
        return redirect(_address(row, view.first_key))
    if request.method == "POST":
        made = publication.publish(row, person(request))
        messages.success(request, _("%(title)s is published.") % {"title": made.title})
        return redirect("version", made.version_id)
    return render(request, "authoring/publish.html", {"draft": row, "view": view})


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def remove(request: HttpRequest, draft: int) -> HttpResponse:
    """Throw a draft away; what was published of it stays."""
    row = get_object_or_404(Draft, pk=draft)
    if request.method == "POST":
        row.delete()
        messages.success(request, _("%(name)s has been removed.") % {"name": row.title})
        return redirect("questionnaires")
    return render(request, "authoring/remove.html", {"draft": row})


def _address(draft: Draft, key: str) -> str:
    query = f"?{urlencode({'question': key})}" if key else ""
    return f"{reverse('draft', args=[draft.pk])}{query}"


def _editor(
    request: HttpRequest, draft: Draft, document: Document, key: str, status: int = 200,
    **more: object,
) -> HttpResponse:  # fmt: skip
    if not key and "form" not in more and document["questions"]:
        key = document["questions"][0]["id"]
    if key and documents.position(document, key) is None:
        return redirect(_address(draft, ""))
    context = {**_context(request, draft, document, key), **more}
    return render(request, "authoring/editor.html", context, status=status)


def _context(request: HttpRequest, draft: Draft, document: Document, key: str) -> dict[str, object]:
    view = DraftView(document, reader_of(request), key)
    back, forth = history.reach(draft)
    used, gaps = frozenset(document["languages"]), documents.missing(document)
    return {
        "draft": draft,
        "document": document,
        "view": view,
        "question": view.current if view.index is not None else None,
        "here": key,
        "can_undo": back,
        "can_redo": forth,
        "kinds": KIND_WORDS.items(),
        "languages": [(tag, language(tag), gaps[tag]) for tag in document["languages"]],
        "more_languages": language_choices(used),
    }
