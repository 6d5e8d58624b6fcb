"""The pages of enrolment codes: made for many places at once, printed, listed, withdrawn."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from config.csv_guard import safe_text
from headoffice import clock
from headoffice.accounts.access import for_administrators
from headoffice.accounts.security_log import record
from headoffice.errors import HeadOfficeError
from headoffice.fleet import enrolment, places
from headoffice.fleet.enrolment import OpenCode, open_codes
from headoffice.fleet.kiosks import all_kiosks, names_to_choose
from headoffice.fleet.models import EnrolmentCode, ExperiencePoint
from headoffice.fleet.tree import Tree
from headoffice.structure.code_forms import CodeForm
from headoffice.structure.place_chooser import listed_groups, tick_numbers

_MADE_WITH_IT = timedelta(minutes=1)


class Card(NamedTuple):
    """One code as it is printed."""

    open: OpenCode
    path: str
    command: str
    """What makes a kiosk of a machine, as the square beside it says too."""
    square: str
    """A QR code (ISO/IEC 18004) as SVG."""
    ends: datetime
    """By the clock of its place."""
    is_new_place: bool


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def codes(request: HttpRequest) -> HttpResponse:
    """The open codes, and a form for more of them."""
    groups = listed_groups()
    form = CodeForm(request.POST if request.method == "POST" else None, groups=groups)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("code-sheet", _make(request, form).id)
        except HeadOfficeError as error:
            form.add_error("place", str(error))
    tree = Tree.load()
    context = {
        "form": form,
        "groups": groups,
        "chosen_groups": tick_numbers(request.POST, "group"),
        "chosen_points": tick_numbers(request.POST, "point"),
        "names": names_to_choose(),
        "rows": [(each, tree.path_of(each.row.point), _ends(each.row)) for each in open_codes()],
    }
    status = 422 if form.errors else 200
    return render(request, "fleet/codes.html", context, status=status)


def _make(request: HttpRequest, form: CodeForm) -> enrolment.Batch:
    points: list[ExperiencePoint] = form.cleaned_data["points"]
    if name := form.cleaned_data["place"]:
        points = [*points, places.get_or_create_point(name, settings.TIME_ZONE)]
    maker = request.user.get_username() if isinstance(request.user, AbstractBaseUser) else ""
    batch = enrolment.create_codes(points, maker)
    record("code.made", request.user, number=len(points))
    return batch


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def replace(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Ask, then make a code for a device that takes a kiosk's place."""
    rows = {row.kiosk.pk: row for row in all_kiosks()}
    at = rows.get(kiosk)
    if at is None or not at.can_speak or at.kiosk.successor_id is not None:
        raise Http404
    if request.method == "POST":
        maker = request.user.get_username() if isinstance(request.user, AbstractBaseUser) else ""
        batch = enrolment.create_codes([at.point], maker, predecessor=at.kiosk)
        record("code.made", request.user, at.kiosk, reason="replacement")
        return redirect("code-sheet", batch.id)
    return render(request, "fleet/replace.html", {"row": at, "kiosk": at.kiosk})


@require_safe
@for_administrators
def sheet(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The codes that were made at once and are open, to be printed or handed on."""
    context = {
        "cards": _cards(request, batch),
        "batch": batch,
        "base_url": _base_url(request),
        "hours": int(enrolment.LIFETIME.total_seconds() // 3600),
        "utc_by_machine": settings.DEFAULT_ZONE.is_utc_by_machine,
    }
    return render(request, "fleet/code_sheet.html", context)


@require_safe
@for_administrators
def csv(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The same as a table."""
    lines = ["place,code,valid_until,command"]
    for card in _cards(request, batch):
        cells = (card.path, card.open.code, card.ends.isoformat(timespec="minutes"), card.command)
        lines.append(",".join('"' + safe_text(cell).replace('"', '""') + '"' for cell in cells))
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + "\r\n".join(lines) + "\r\n"
    return _file(text, "text/csv", "enrolment-codes.csv")


@require_safe
@for_administrators
def setup_file(request: HttpRequest, batch: UUID) -> HttpResponse:
    """The same for a stick: `hymio-kiosk setup` takes the first code that no kiosk has taken."""
    codes_of = (
        f'    "{card.open.code}",  # {" ".join(card.path.split())}'
        for card in _cards(request, batch)
    )
    text = "\n".join((f'url = "{_base_url(request)}"', "codes = [", *codes_of, "]", ""))
    return _file(text, "application/toml", "hymio-setup.toml")


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask, then take codes back that no kiosk has used."""
    wanted = {h for h in request.GET.getlist("code") if len(h) == 64}
    rows = [each for each in open_codes() if each.hex in wanted]
    if request.method == "POST":
        gone = enrolment.withdraw_codes(bytes(each.row.hash) for each in rows)
        record("code.withdrawn", request.user, number=len(gone))
        text = ngettext("%(n)d code is withdrawn.", "%(n)d codes are withdrawn.", len(gone))
        messages.success(request, text % {"n": len(gone)})
        return redirect("new-code")
    if not rows:
        messages.error(request, _("Choose the codes to withdraw."))
        return redirect("new-code")
    tree = Tree.load()
    context = {"places": [tree.path_of(each.row.point) for each in rows], "number": len(rows)}
    return render(request, "fleet/withdraw.html", context)


def _cards(request: HttpRequest, batch: UUID) -> list[Card]:
    found = open_codes(batch)
    if not found and not EnrolmentCode.objects.filter(batch=batch).exists():
        raise Http404
    tree = Tree.load()
    cards = [_card(each, tree.path_of(each.row.point), _base_url(request)) for each in found]
    return sorted(cards, key=lambda card: card.path.casefold())


def _card(each: OpenCode, path: str, base_url: str) -> Card:
    row = each.row
    command = f"hymio-kiosk enrol {each.code} --url {base_url}"
    square = segno.make_qr(command, error="m").svg_inline(border=2, omitsize=True)
    is_new = abs(row.point.created_at - row.created_at) < _MADE_WITH_IT and not (
        EnrolmentCode.objects.filter(point=row.point, created_at__lt=row.created_at).exists()
    )
    return Card(each, path, command, square, _ends(row), is_new)


def _ends(row: EnrolmentCode) -> datetime:
    return row.expires_at.astimezone(clock.zone_of(row.point.time_zone))


def _base_url(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _file(text: str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
