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
from django.utils.formats import get_format
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from headoffice import clock
from headoffice.accounts.access import for_members, sees_everything
from headoffice.accounts.models import User
from headoffice.accounts.security_log import record
from headoffice.export import parquet
from headoffice.export.counts import CountRows
from headoffice.export.csv import CsvStyle
from headoffice.export.download import TYPES, Source, stream
from headoffice.export.models import Export
from headoffice.export.reading import AnswerRows
from headoffice.export.selection import ExportSelection
from headoffice.export.slots import BusyError
from headoffice.results import scope
from headoffice.results.catalogue import Catalogue
from headoffice.results.filters import Selection
from headoffice.results.places import Directory
from headoffice.results.query import AbsentError, parse_filters

EVERYTHING = "all"
"""The name of the period without limits, which only files can have."""
_FIELDS = ("data", "format", "separator", "bom", "named")
"""What is said of the file itself, besides the filters."""
_CHARACTERS = {Export.Separator.SEMICOLON: ";", Export.Separator.TAB: "\t"}
_SHOWN = (*_FIELDS, "period", "month", "from", "to", "test", "misuse")
"""The fields that the page itself has; the others of an address are sent along."""
LONGEST_NAME = 150
"""Before the days; file systems take 255 bytes."""
_KEEP_FOR = dt.timedelta(days=7)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to take away, with the filters of the page that one came from."""
    chosen = request.POST.copy() if request.method == "POST" else request.GET.copy()
    selection, _rows = _selections(chosen, _member(request))
    named = _named_period(chosen, _member(request))
    if named is not None:
        chosen, selection = named
    data, format_ = (
        _one_of(Export.Data, chosen.get("data", "answers")),
        _one_of(Export.Format, chosen.get("format", "csv")),
    )
    separator = _one_of(Export.Separator, chosen.get("separator", _usual_separator()))
    if request.method == "POST":
        if format_ == Export.Format.PARQUET and not parquet.available():
            raise Http404
        for name in ("csrfmiddlewaretoken", *_FIELDS):
            chosen.pop(name, None)
        Export.objects.filter(created_at__lt=clock.now() - _KEEP_FOR).delete()
        export = Export.objects.create(
            user=_member(request),
            data=data,
            format=format_,
            separator=separator,
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
        "separators": Export.Separator.choices,
        "separator": separator,
        "fields": [
            (name, value)
            for name, values in chosen.lists()
            for value in values
            if name not in _SHOWN
        ],
        "named": selection.period.name,
        "places": scope.place_names(selection),
        "limits": [*scope.limits(selection, Catalogue.load())],
        "days": scope.days_text(selection),
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
    if request.method == "HEAD":
        # Who asks what it is has not taken it.
        return cast("HttpResponse", _file((), _file_name(row, _member(request)), row.format))
    mine = Export.objects.filter(pk=row.pk)
    begun = {"state": Export.State.RUNNING, "noted_at": clock.now()}
    if not mine.filter(state=Export.State.WAITING).update(**begun):
        return redirect("export", row.pk)
    try:
        name = _file_name(row, _member(request))
        source = _source(row, _member(request))
        style = CsvStyle(_CHARACTERS.get(Export.Separator(row.separator), ","))
        title = row.get_data_display()
        pieces = stream(source, row.format, title, style=style, bom=row.bom, export=row)
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


def _named_period(chosen: QueryDict, user: User) -> tuple[QueryDict, Selection] | None:
    """The same with the named period of the page that one came from, unless its days were changed.

    Each place has days of its own for it, which two given days have not.
    """
    if not (name := chosen.get("named", "")) or chosen.get("period") == EVERYTHING:
        return None
    named = chosen.copy()
    named["period"] = name
    for field in ("from", "to"):
        named.pop(field, None)
    selection, _rows = _selections(named, user)
    days = tuple(day.isoformat() for day in selection.period.span)
    same = (chosen.get("from"), chosen.get("to")) == days and selection.period.name == name
    return (named, selection) if same else None


def _file_name(export: Export, user: User) -> str:
    """What it holds, from where and of which days: files lie side by side later."""
    query = QueryDict(export.query)
    selection, _rows = _selections(query, user)
    span = selection.period.span
    everything = query.get("period") == EVERYTHING
    days = ["all-days"] if everything else [f"{day}" for day in dict.fromkeys(span)]
    places = [slugify(place.title) or place.key for place in selection.places]
    if len(places) > scope.MOST_PLACE_NAMES:
        places = [f"{len(places)}-places"]
    times = selection.times
    parts = [
        f"hymio-{export.data}",
        *places,
        slugify(selection.tag),
        slugify(selection.questionnaire),
        f"version-{selection.version}" if selection.version else "",
        slugify(selection.language),
        "weekdays-" + "".join(map(str, times.days)) if times and times.weekdays else "",
        f"{times.first:02}-{times.until:02}h" if times and not times.every_hour else "",
        "with-test" if selection.test else "",
        "with-misuse" if selection.misuse else "",
    ]
    return "_".join([*filter(None, parts)])[:LONGEST_NAME] + "_" + "_".join(days)


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
    own = selection.own_spans(span)
    apart = len(own) > 1 and not everything
    return selection, ExportSelection(
        points=selection.points,
        kiosks=selection.kiosks,
        versions=selection.versions,
        language=selection.language,
        first=None if everything else span.first,
        last=None if everything else span.last,
        apart=tuple((at, days) for days, at in own.items()) if apart else (),
        times=selection.times,
        zones=selection.zones,
        test=selection.test,
        misuse=selection.misuse,
        personal=sees_everything(user),
        received_before_ms=clock.now_ms(),
    )


def _usual_separator() -> str:
    """What spreadsheets expect in the language of the page: where the comma is the decimal sign,
    it separates nothing."""
    decimal = get_format("DECIMAL_SEPARATOR")
    return str(Export.Separator.SEMICOLON if decimal == "," else Export.Separator.COMMA)


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
