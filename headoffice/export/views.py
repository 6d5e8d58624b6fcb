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
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.accounts.scope import for_members, sees_everything
from headoffice.export import parquet, running
from headoffice.export.counts import CountRows
from headoffice.export.models import Export
from headoffice.export.reading import Answers
from headoffice.export.wanted import Wanted
from headoffice.results.catalogue import Catalogue
from headoffice.results.directory import Directory
from headoffice.results.selection import AbsentError, Selection, asked

EVERYTHING = "all"
"""The name of the period without limits, which only files can have."""
_KEPT = dt.timedelta(days=7)


@require_http_methods(["GET", "POST"])
@for_members
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to take away, with the filters of the page that one came from."""
    chosen = request.POST.copy() if request.method == "POST" else request.GET.copy()
    selection, _wanted_rows = _selected(chosen, _member(request))
    data, format_ = (
        _one_of(Export.Data, chosen.get("data", "answers")),
        _one_of(Export.Format, chosen.get("format", "csv")),
    )
    if request.method == "POST":
        if format_ == Export.Format.PARQUET and not parquet.available():
            raise Http404
        for name in ("csrfmiddlewaretoken", "data", "format", "bom"):
            chosen.pop(name, None)
        Export.objects.filter(created_at__lt=clock.now() - _KEPT).delete()
        export = Export.objects.create(
            user=_member(request),
            data=data,
            format=format_,
            bom=request.POST.get("bom") == "1",
            query=chosen.urlencode(),
        )
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


@require_GET
@for_members
def one(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """How far a file is."""
    return render(request, "export/one.html", {"export": _own(request, export)})


@require_GET
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


@require_GET
@for_members
def download(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """The file itself, made as it goes; once for each time that it was asked for."""
    row = _own(request, export)
    mine = Export.objects.filter(pk=row.pk)
    if not mine.filter(state=Export.State.WAITING).update(state=Export.State.RUNNING):
        return redirect("export", row.pk)
    try:
        source = _source(row, _member(request))
        pieces = running.stream(source, row.format, row.get_data_display(), bom=row.bom, export=row)
    except running.BusyError:
        mine.filter(state=Export.State.RUNNING).update(state=Export.State.WAITING)
        response = render(request, "export/one.html", {"export": row, "busy": True}, status=503)
        response["Retry-After"] = "5"
        return response
    # For Django the two kinds of response have little in common; for the doors they do.
    return cast(
        "HttpResponse",
        _file(pieces, f"hymio-{row.data}-{row.created_at:%Y-%m-%d}", row.format),
    )


def _file(pieces: Iterable[bytes], name: str, format_: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=running.TYPES[format_])
    response["Content-Disposition"] = f'attachment; filename="{name}.{format_}"'
    return response


def _source(export: Export, user: User) -> running.Source:
    _selection, wanted = _selected(QueryDict(export.query), user)
    if export.data == Export.Data.ANSWERS:
        return Answers(wanted, clock.now_ms())
    return CountRows(wanted, hourly=export.data == Export.Data.HOURS)


def _selected(query: QueryDict, user: User) -> tuple[Selection, Wanted]:
    """What the query of a page of results asks for, within what this person may see."""
    everything = query.get("period") == EVERYTHING
    if everything:
        query = query.copy()
        for name in ("period", "from", "to"):
            query.pop(name, None)
    try:
        selection = asked(query, Directory.of(user), Catalogue.load())
    except AbsentError as error:
        raise Http404 from error
    span = selection.period.span
    return selection, Wanted(
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
