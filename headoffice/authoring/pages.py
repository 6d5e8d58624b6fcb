"""What questionnaires there are: drafts, versions, and where a new one begins."""

from typing import NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.loader import shipped_document
from headoffice.accounts.access import for_administrators, for_members
from headoffice.authoring import documents, history, publication
from headoffice.authoring.documents import Document
from headoffice.authoring.draft_pages import person, reader_of
from headoffice.authoring.editor_view import DraftView
from headoffice.authoring.forms import NewForm
from headoffice.authoring.models import Draft
from headoffice.authoring.xlsform import workbook
from headoffice.fleet.models import Kiosk
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Publication, Version
from headoffice.results.texts import language

BLANK = "blank"
TEMPLATES = (
    (BLANK, gettext_lazy("Only the faces"), gettext_lazy("One question, one tap.")),
    (
        "checkout",
        gettext_lazy("Checkout"),
        gettext_lazy("The faces, what could be better or was liked, and a few questions more."),
    ),
    (
        "demonstration",
        gettext_lazy("Every kind of question"),
        gettext_lazy("To try things out, and to throw away what you don't need."),
    ),
)
"""The name, what it is called, and what it is."""


class DraftRow(NamedTuple):
    """A draft in the list."""

    draft: Draft
    questions: int
    languages: str
    remarks: int
    is_published: bool
    """Whether it is just as it was published last."""


class VersionRow(NamedTuple):
    """A version in the list."""

    version: Version
    publication: Publication | None
    """None: kiosks have it from a file of their own."""
    questions: int
    languages: str
    kiosks: int
    """How many show it now."""


@require_safe
@for_members
def questionnaires(request: HttpRequest) -> HttpResponse:
    """Drafts and versions; where there are none yet, how to begin."""
    reader = reader_of(request)
    drafts = Draft.objects.select_related("version", "author").order_by("-changed_at")
    context = {
        "drafts": [_draft_row(row, reader) for row in drafts],
        "versions": _version_rows(),
        "templates": TEMPLATES,
    }
    return render(request, "authoring/questionnaires.html", context)


def _draft_row(row: Draft, reader: str) -> DraftRow:
    document = history.present(row)
    found = DraftView(document, reader).remarks
    return DraftRow(
        row,
        len(document["questions"]),
        _languages(document["languages"]),
        len(found),
        not found and publication.is_as_published(document, row.version),
    )


def _version_rows() -> list[VersionRow]:
    shown: dict[str, int] = {}
    for digest in Kiosk.objects.filter(revoked_at=None).values_list("questionnaire", flat=True):
        shown[digest] = shown.get(digest, 0) + 1
    rows = Version.objects.exclude(definition=None).select_related("publication__author")
    found = []
    for row in rows.order_by("-pk")[:200]:
        form = parse_definition(row.definition or "")
        if form is not None:
            published = getattr(row, "publication", None)
            found.append(
                VersionRow(
                    row,
                    published,
                    len(form.questions),
                    _languages(form.languages),
                    shown.get(row.digest, 0),
                )
            )
    return found


def _languages(tags: object) -> str:
    return ", ".join(language(str(tag)) for tag in tags)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def new(request: HttpRequest) -> HttpResponse:
    """Begin a questionnaire from a template."""
    reader = reader_of(request)
    initial = {"template": request.GET.get("template", BLANK), "languages": [reader]}
    choices = [(name, str(title)) for name, title, _purpose in TEMPLATES]
    form = NewForm(request.POST or None, initial=initial, templates=choices)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        document = _document_from(said["template"], said["title"], said["languages"])
        row = history.begin(document, person(request))
        return redirect("draft", row.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "templates": TEMPLATES}
    return render(request, "authoring/new.html", context, status=status)


def _document_from(template: str, title: str, languages: list[str]) -> Document:
    if template == BLANK:
        return documents.new_document(title, languages)
    shipped = documents.with_languages(shipped_document(template), languages)
    return {**shipped, "id": "", "title": title}


@require_safe
@for_members
def version(request: HttpRequest, version: int) -> HttpResponse:
    """A version: it never changes; what can be done with it."""
    row = get_object_or_404(Version.objects.select_related("publication__author"), pk=version)
    form = parse_definition(row.definition or "")
    if form is None:
        raise Http404
    view = DraftView(publication.document_of(form), reader_of(request))
    kiosks = Kiosk.objects.filter(questionnaire=row.digest, revoked_at=None).count()
    context = {
        "version": row,
        "publication": getattr(row, "publication", None),
        "view": view,
        "questions": [view.question(index) for index in range(len(form.questions))],
        "rows": list(view.rows()),
        "languages": _languages(form.languages),
        "kiosks": kiosks,
        "takes_workbooks": workbook.is_available(),
    }
    return render(request, "authoring/version.html", context)


@require_POST
@for_administrators
def begin_draft(request: HttpRequest, version: int) -> HttpResponse:
    """Go on from a version: a draft with its content."""
    row = get_object_or_404(Version, pk=version)
    form = parse_definition(row.definition or "")
    if form is None:
        raise Http404
    draft = history.begin(publication.document_of(form), person(request), row)
    messages.info(request, _("This is a draft: kiosks go on with the version it was made of."))
    return redirect("draft", draft.pk)
