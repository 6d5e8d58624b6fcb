"""Questionnaires in files: a kiosk's own TOML, and workbooks of the XLSForm convention."""

from pathlib import PurePath
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.errors import Mistake, UnreadableFileError
from config.loader import document_mistakes, parse_document
from config.mistakes import find_mistakes
from config.questionnaire import Questionnaire
from config.questionnaire_file import write_document
from headoffice.accounts.access import for_administrators, for_members
from headoffice.authoring import history, publication
from headoffice.authoring.comparison import compare
from headoffice.authoring.documents import Document
from headoffice.authoring.draft_pages import person, reader_of
from headoffice.authoring.forms import FileForm
from headoffice.authoring.identifiers import name_parts, short_name
from headoffice.authoring.kind_words import KIND_WORDS, words_of
from headoffice.authoring.models import Draft
from headoffice.authoring.xlsform import workbook
from headoffice.authoring.xlsform.reader import Finding, read_form
from headoffice.authoring.xlsform.writer import XLSX, write_form
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Version

_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".csv")
_FIRST = 50
"""So many mistakes of a file are listed."""


class _Reading(NamedTuple):
    """What became of a file."""

    document: Document | None
    findings: list[Finding]
    mistakes: list[Mistake]
    reason: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def import_file(request: HttpRequest) -> HttpResponse:
    """Take a file as a draft, and say what of it could not be reading."""
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "takes_workbooks": workbook.is_available()}
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        reading = _take(form.cleaned_data["file"])
        context |= reading._asdict()
        if reading.document is not None:
            context["draft"] = history.begin(reading.document, person(request))
        status = 200 if reading.document is not None else 422
    return render(request, "authoring/import.html", context, status=status)


def _take(file: Any) -> _Reading:
    name, data = PurePath(file.name or "").name[:100], file.read()
    if name.lower().endswith(_WORKBOOKS):
        if not workbook.is_available():
            reason = _("This head office reads no workbooks: the extra “xlsform” is not installed.")
            return _Reading(None, [], [], reason)
        return _take_workbook(name, data)
    try:
        document = parse_document(name, data)
    except UnreadableFileError as error:
        return _Reading(None, [], [], str(error))
    # What is missing can be written in the editor; what is no questionnaire can't.
    found = [*find_mistakes(document, Questionnaire)]
    found += [one for one in document_mistakes(document) if one.path.endswith(".id")]
    if found:
        return _Reading(None, [], list(dict.fromkeys(found))[:_FIRST])
    return _Reading(document, [], [])


def _take_workbook(name: str, data: bytes) -> _Reading:
    try:
        read = read_form(workbook.read_workbook(data, PurePath(name).stem))
    except workbook.UnreadableWorkbookError as error:
        return _Reading(None, [], [], str(error))
    if not read.carried:
        reason = _("It asks nothing that a kiosk can ask.")
        return _Reading(None, read.findings, [], reason)
    return _Reading(read.document, read.findings, [])


@require_safe
@for_members
def version_file(request: HttpRequest, version: int) -> HttpResponse:
    """A version as a file: ``?format=xlsx`` as a workbook."""
    row = get_object_or_404(Version, pk=version)
    form = parse_definition(row.definition or "")
    if form is None:
        raise Http404
    return _file(request, publication.document_of(form), form)


@require_safe
@for_administrators
def draft_file(request: HttpRequest, draft: int) -> HttpResponse:
    """A draft as far as it is written, as a file."""
    document = history.present(get_object_or_404(Draft, pk=draft))
    named = name_parts(document)
    whole = None if document_mistakes(named) else publication.questionnaire_of(named)
    return _file(request, named, whole)


def _file(request: HttpRequest, document: Document, whole: Questionnaire | None) -> HttpResponse:
    name = short_name(document["title"]) or "questionnaire"
    if request.GET.get("format") == "xlsx":
        if whole is None or not workbook.is_available():
            raise Http404
        response = HttpResponse(write_form(whole), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response
    response = HttpResponse(write_document(document), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response


@require_safe
@for_members
def compare_versions(request: HttpRequest) -> HttpResponse:
    """What is different between two versions."""
    rows = Version.objects.exclude(definition=None).order_by("-pk")[:200]
    known = {str(row.pk): row for row in rows}
    old, new = (known.get(request.GET.get(name, "")) for name in ("old", "new"))
    context: dict[str, object] = {"versions": known.values(), "old": old, "new": new}
    if old is not None and new is not None:
        forms = [parse_definition(row.definition or "") for row in (old, new)]
        documents = [publication.document_of(form) for form in forms if form is not None]
        if len(documents) == 2:
            reader = reader_of(request)
            context["changes"] = [
                (change, words_of(change.question, reader), KIND_WORDS[change.question["kind"]])
                for change in compare(*documents)
            ]
    return render(request, "authoring/compare.html", context)
