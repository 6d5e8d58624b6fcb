"""The pages of settings: what is said where, what a change would do, and its release."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from headoffice.accounts.access import for_administrators, for_members, is_administrator
from headoffice.accounts.models import User
from headoffice.configuration import files, roll_outs
from headoffice.configuration.forms import read_submission
from headoffice.configuration.models import TITLE_LETTERS
from headoffice.configuration.place_words import ScopeNames
from headoffice.configuration.plan import Plan, make_plan
from headoffice.configuration.rules import Change, Entry, Rules
from headoffice.configuration.settings_view import SettingsView, version_name
from headoffice.configuration.words import LABELS, value_text
from headoffice.errors import HeadOfficeError

FIRSTS = ("all", "5%", "10%", "25%", "50%")
WATCHES = (0, 4, 24, 72)
SHOWN = 50
"""So many kiosks are listed in a preview."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def settings_page(request: HttpRequest, scope: str) -> HttpResponse:
    """What is said for a group, a location or a kiosk; sent in, it leads to the preview."""
    names = ScopeNames(request.user)
    place = names.place(scope)
    rules = Rules.load()
    if request.method != "POST" or not is_administrator(request.user):
        return _settings(request, SettingsView(names, place, rules))
    if isinstance(file := request.FILES.get("file"), UploadedFile):
        try:
            stored = files.store_file(file, _author(request))
        except HeadOfficeError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(name)s can be chosen now.") % {"name": stored.name})
        return redirect("settings", scope)
    data = {key: str(value) for key, value in request.POST.items()}
    said = read_submission(data, scope, rules, place.zone)
    if said.mistakes:
        return _settings(request, SettingsView(names, place, rules, said.mistakes, data))
    plan = make_plan(said.changes)
    if not plan.changes:
        messages.info(request, _("Nothing was changed."))
        return redirect("settings", scope)
    return _preview(request, names, plan, {"scope": scope})


@require_POST
@for_administrators
def release(request: HttpRequest) -> HttpResponse:
    """Roll out what the preview showed."""
    names = ScopeNames(request.user)
    try:
        changes = msgspec.json.decode(request.POST.get("changes", ""), type=tuple[Change, ...])
    except msgspec.MsgspecError:
        return redirect("roll-outs")
    plan = make_plan(changes)
    first, watch = request.POST.get("first", "all"), request.POST.get("watch", "0")
    named = "".join(request.POST.get("kiosks", "").split())
    mistake = ""
    if first == "named":
        if not named or not all(part.isdecimal() for part in named.split(",")):
            mistake = _("Name kiosks by their numbers, with commas between them.")
        first = named
    elif first not in FIRSTS:
        first = "all"
    hours = int(watch) if watch.isdecimal() and int(watch) in WATCHES else 0
    title = request.POST.get("title", "").strip()[:TITLE_LETTERS]
    if not title:
        mistake = _("Give it a name, by which others find it.")
    if not plan.is_possible or mistake:
        return _preview(request, names, plan, request.POST.dict(), mistake)
    row = roll_outs.release(plan, title, _author(request), first, hours)
    return redirect("roll-out", row.pk)


def _author(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _settings(request: HttpRequest, view: SettingsView) -> HttpResponse:
    context = {"view": view, "place": view.place, "administrator": is_administrator(request.user)}
    status = 422 if view.mistakes else 200
    return render(request, "configuration/settings.html", context, status=status)


# --- what a change would do ---------------------------------------------------------------


class ChangeRow(NamedTuple):
    """One change as people read it."""

    place: str
    label: str
    before: str
    after: str


def change_rows(changes: Iterable[Change], names: ScopeNames) -> list[ChangeRow]:
    """Changes for people."""
    return [
        ChangeRow(
            names.name(change.scope),
            str(LABELS[change.name]) if change.name in LABELS else change.name or _("Schedule"),
            _said(change, change.before, change.schedule_before),
            _said(change, change.after, change.schedule_after),
        )
        for change in changes
    ]


def _said(change: Change, setting: Any, entries: tuple[Entry, ...]) -> str:
    if not change.name:
        return ", ".join(version_name(entry.version) for entry in entries) or "–"
    if setting is None:
        return "–"
    text = value_text(change.name, setting.value) or "–"
    return text + " · " + _("locked") if setting.locks else text


def _preview(
    request: HttpRequest,
    names: ScopeNames,
    plan: Plan,
    typed: dict[str, Any],
    mistake: str = "",
) -> HttpResponse:
    kiosks = [(names.kiosk_name(e.place.kiosk), e.is_able, e.mistakes) for e in plan.effects]
    context = {
        "plan": plan,
        "changes": change_rows(plan.changes, names),
        "wire": msgspec.json.encode(plan.changes).decode(),
        "kiosks": kiosks[:SHOWN],
        "more": max(0, len(kiosks) - SHOWN),
        "refusals": [(name, why) for name, _able, why in kiosks if why],
        "unable": [name for name, is_able, _why in kiosks if not is_able],
        "firsts": [(first, _("all at once") if first == "all" else first) for first in FIRSTS],
        "watches": WATCHES,
        "typed": typed,
        "mistake": mistake,
        "back": plan.changes[0].scope if plan.changes else "",
    }
    status = 200 if plan.is_possible and not mistake else 422
    return render(request, "configuration/preview.html", context, status=status)
