"""The pages on which somebody takes data away."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, cast

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from headoffice import clock
from headoffice.accounts.access import for_members, sees_everything
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.export import parquet
from headoffice.export.counts import CountRows
from headoffice.export.download import TYPES, Source, stream
from headoffice.export.models import Export
from headoffice.export.reading import AnswerRows
from headoffice.export.selection import ExportSelection
from headoffice.export.slots import BusyError
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import AbsentError, Selection, parse_filters
from headoffice.results.places import Directory

EVERYTHING = "all"
"""The name of the period without limits, which only files can have."""
_KEEP_FOR = dt.timedelta(days=7)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to take away, with the filters of the page that one came from."""
    chosen = request.POST.copy() if request.method == "POST" else request.GET.copy()
    selection, _rows = _selections(chosen, _member(request))
    data, format_ = (
        _one_of(Export.Data, chosen.get("data", "answers")),
        _one_of(Export.Format, chosen.get("format", "csv")),
    )
    if request.method == "POST":
        if format_ == Export.Format.PARQUET and not parquet.available():
            raise Http404
        for name in ("csrfmiddlewaretoken", "data", "format", "bom"):
            chosen.pop(name, None)
        Export.objects.filter(created_at__lt=clock.now() - _KEEP_FOR).delete()
        export = Export.objects.create(
            user=_member(request),
            data=data,
            format=format_,
            bom=request.POST.get("bom") == "1",
            query=chosen.urlencode(),
        )
        record("export.made", request.user, export, data=data, format=format_)
        return redirect("export", export.pk)
    context = {
        "asked": selection,
        "everything": chosen.get("period") == EVERYTHING,
        "datas": Export.Data.choices,
        "formats": [f for f in Export.Format.choices if f[0] != "parquet" or parquet.available()],
        "data": data,
        "format": format_,
        "fields": [
            (name, value)
            for name, values in chosen.lists()
            for value in values
            if name not in ("data", "format", "bom", "period", "from", "to", "test", "misuse")
        ],
        "places": ", ".join(place.title for place in selection.places),
        "latest": Export.objects.filter(user=_member(request)).order_by("-created_at")[:5],
    }
    return render(request, "export/new.html", context)


@require_safe
@for_members
def show(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """How far a file is."""
    return render(request, "export/export.html", {"export": _own(request, export)})


@require_safe
@for_members
def progress(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """The part of the page that renews itself."""
    return render(request, "export/progress.html", {"export": _own(request, export)})


@require_POST
@for_members
def cancel(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """Stop it; what has been downloaded of it is not a whole file."""
    row = _own(request, export)
    going = (Export.State.WAITING, Export.State.RUNNING)
    Export.objects.filter(pk=row.pk, state__in=going).update(
        state=Export.State.CANCELLED, ended_at=clock.now()
    )
    return redirect("export", row.pk)


@require_safe
@for_members
def download(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """The file itself, made as it goes; once for each time that it was asked for."""
    row = _own(request, export)
    name = f"hymio-{row.data}-{row.created_at:%Y-%m-%d}"
    if request.method == "HEAD":
        # Who asks what it is has not taken it.
        return cast("HttpResponse", _file((), name, row.format))
    mine = Export.objects.filter(pk=row.pk)
    begun = {"state": Export.State.RUNNING, "noted_at": clock.now()}
    if not mine.filter(state=Export.State.WAITING).update(**begun):
        return redirect("export", row.pk)
    try:
        source = _source(row, _member(request))
        pieces = stream(source, row.format, row.get_data_display(), bom=row.bom, export=row)
    except BusyError:
        mine.filter(state=Export.State.RUNNING).update(state=Export.State.WAITING)
        response = render(request, "export/export.html", {"export": row, "busy": True}, status=503)
        response["Retry-After"] = "5"
        return response
    except Exception:
        # Also when it is about a place that its maker sees no more: nobody is making it.
        mine.filter(state=Export.State.RUNNING).update(
            state=Export.State.FAILED, ended_at=clock.now()
        )
        raise
    # For Django the two kinds of response have little in common; for the doors they do.
    return cast("HttpResponse", _file(pieces, name, row.format))


def _file(pieces: Iterable[bytes], name: str, format_: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=TYPES[format_])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    return response


def _source(export: Export, user: User) -> Source:
    _page, selection = _selections(QueryDict(export.query), user)
    if export.data == Export.Data.ANSWERS:
        return AnswerRows(selection, clock.now_ms())
    return CountRows(selection, hourly=export.data == Export.Data.HOURS)


def _selections(query: QueryDict, user: User) -> tuple[Selection, ExportSelection]:
    """What the query of a page of results asks for, within what this person may see."""
    everything = query.get("period") == EVERYTHING
    if everything:
        query = query.copy()
        for name in ("period", "from", "to"):
            query.pop(name, None)
    try:
        selection = parse_filters(query, Directory.of(user), Catalogue.load())
    except AbsentError as error:
        raise Http404 from error
    span = selection.period.span
    return selection, ExportSelection(
        points=selection.points,
        kiosks=selection.kiosks,
        versions=selection.versions,
        language=selection.language,
        first=None if everything else span.first,
        last=None if everything else span.last,
        test=selection.test,
        misuse=selection.misuse,
        personal=sees_everything(user),
        received_before_ms=clock.now_ms(),
    )


def _one_of(choices: Any, name: str) -> str:
    if name not in choices.values:
        raise Http404
    return name


def _own(request: HttpRequest, export: uuid.UUID) -> Export:
    return get_object_or_404(Export, pk=export, user=_member(request))


def _member(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("for members only")
    return request.user
