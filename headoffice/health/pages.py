"""The pages of kiosks: which of them need somebody, and everything about one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from headoffice import clock
from headoffice.accounts.access import for_members, is_administrator
from headoffice.configuration.divergence import wish_facts
from headoffice.fleet.kiosks import KioskAt
from headoffice.fleet.tree import Tree
from headoffice.fleet.visibility import visible_points
from headoffice.health import history, words
from headoffice.health.bulk_actions import ACTIONS
from headoffice.health.condition import (
    BACKLOG_MS,
    CLOCK_OFF_MS,
    LITTLE_DISK_BYTES,
    Condition,
    backlog_age_ms,
    read_conditions,
)
from headoffice.health.selection import LONGEST_SEARCH, VIEWS, search_conditions
from headoffice.health.words import duration, number, size
from headoffice.questionnaires.models import Version

PER_PAGE = 50
FEW = 10
"""So many kiosks are found without a search."""


class Choice(NamedTuple):
    """One way to look at the kiosks."""

    label: str
    number: int
    address: str
    is_current: bool


class Row(NamedTuple):
    """A kiosk as the list shows it."""

    condition: Condition
    state: tuple[str, str]
    heartbeat: datetime | None
    """By the clock of its place."""


class Fact(NamedTuple):
    """One thing that a kiosk last said."""

    label: str
    text: str
    wrong: bool = False


@require_safe
@for_members
def kiosks(request: HttpRequest) -> HttpResponse:
    """The kiosks that one may see: first, and by themselves, those that need somebody."""
    search = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    conditions = read_conditions(visible_points(request.user))
    wanted = request.GET.get("view", "")
    if wanted not in VIEWS:
        is_any = any(each.needs_attention for each in conditions)
        wanted = "attention" if is_any and not search else "all"
    found = search_conditions(conditions, search)
    rows = Paginator([each for each in found if VIEWS[wanted](each)], PER_PAGE)
    page = rows.get_page(request.GET.get("page"))
    filters = {"view": wanted, **({"q": search} if search else {})}
    context = {
        "rows": page,
        "shown": [_row(each) for each in page],
        "any": bool(conditions),
        "many": len(conditions) > FEW,
        "choices": _choices(found, wanted, search),
        "view": wanted,
        "search": search,
        "administrator": is_administrator(request.user),
        "actions": ACTIONS.items(),
        "page_address": f"?{urlencode(filters)}&page=",
    }
    return render(request, "fleet/kiosks.html", context)


def _choices(found: list[Condition], current: str, search: str) -> list[Choice]:
    labels = {
        "attention": _("Needs attention"),
        "all": _("All"),
        "offline": pgettext("state of a kiosk", "Offline"),
        "closed": _("Closed"),
    }
    query = {"q": search} if search else {}
    return [
        Choice(
            labels[name],
            sum(map(is_in, found)),
            f"?{urlencode({'view': name, **query})}",
            name == current,
        )
        for name, is_in in VIEWS.items()
    ]


def _row(condition: Condition) -> Row:
    return Row(
        condition, words.state(condition.at), _local(condition, condition.at.kiosk.heartbeat_at)
    )


def _local(condition: Condition, at: datetime | None) -> datetime | None:
    zone = clock.zone_of(condition.at.point.time_zone)
    return at.astimezone(zone) if at is not None else None


@require_safe
@for_members
def kiosk(request: HttpRequest, kiosk: int) -> HttpResponse:
    """Everything about one kiosk: what is wrong, what it last said, where it has stood."""
    conditions = read_conditions(visible_points(request.user))
    condition = next((each for each in conditions if each.at.kiosk.pk == kiosk), None)
    if condition is None:
        raise Http404
    row = condition.at
    tree = Tree.load()
    administrator = is_administrator(request.user)
    stays = row.kiosk.assignments.select_related("point").order_by("-since_ms")
    seen = visible_points(request.user)
    context = {
        "row": row,
        "condition": condition,
        "state": words.state(row),
        "path": tree.path(row.point.group_id),
        "zone": row.point.time_zone,
        "heard": _local(condition, row.kiosk.heartbeat_at),
        "answered": _local(condition, row.last_answer),
        "joined": _local(condition, row.kiosk.created_at),
        "facts": list(_facts(condition)),
        "strips": history.strips(row),
        **(_commands(row) if administrator else {}),
        "changes": [each._replace(kind=words.change(each.kind)) for each in history.changes(row)],
        "stays": [
            (
                tree.path_of(stay.point),
                clock.instant(stay.since_ms).astimezone(clock.zone_of(stay.point.time_zone)),
                stay.point.time_zone,
            )
            for stay in stays
            if stay.point_id in seen
        ],
        "credentials": [
            (_local(condition, each.created_at), each.unused)
            for each in row.kiosk.credentials.order_by("-created_at")
        ]
        if administrator
        else (),
        "administrator": administrator,
        "scope": f"k{kiosk}",
        "wish": wish_facts(row.kiosk, clock.zone_of(row.point.time_zone)),
    }
    return render(request, "fleet/kiosk.html", context)


def _commands(row: KioskAt) -> dict[str, Any]:
    """What the kiosk can be asked to do, and what it was asked."""
    kiosk = row.kiosk
    known = [(name, text) for name in kiosk.commands if (text := words.command(name))]
    zone = clock.zone_of(row.point.time_zone)
    orders = [
        (words.command(each.name) or each.name, each, each.at.astimezone(zone))
        for each in kiosk.orders.order_by("-at")[:10]
    ]
    return {"commands": known if row.can_speak else (), "orders": orders}


def _facts(condition: Condition) -> Iterator[Fact]:
    """The latest heartbeat, field by field; what it did not say is left out."""
    row = condition.at
    beat = row.kiosk
    yield Fact(_("Its location"), _hours_text(row))
    if beat.heartbeat_at is None:
        return
    if beat.waiting is not None:
        text = number(beat.waiting)
        if age := backlog_age_ms(row):
            text += " · " + _("Age of the oldest: %(age)s") % {"age": duration(age)}
        yield Fact(_("Messages that wait to be delivered"), text, wrong=age >= BACKLOG_MS)
    if beat.quarantined is not None:
        yield Fact(_("In quarantine"), number(beat.quarantined), wrong=beat.quarantined > 0)
    if beat.last_seq is not None:
        yield Fact(_("Messages so far"), number(beat.last_seq))
    if beat.free_disk_bytes is not None:
        free = beat.free_disk_bytes
        yield Fact(_("Free disk space"), size(free), wrong=free < LITTLE_DISK_BYTES)
    if beat.clock_offset_ms is not None:
        off = abs(beat.clock_offset_ms)
        text = _("none") if off < 1000 else duration(off)
        yield Fact(_("Clock difference"), text, wrong=off > CLOCK_OFF_MS)
    if beat.version:
        yield Fact(_("Version"), beat.version)
    version = Version.objects.filter(digest=beat.questionnaire).first()
    if version is not None:
        yield Fact(_("Questionnaire"), str(version))


def _hours_text(row: KioskAt) -> str:
    if not row.hours.are_known:
        return _("Opening hours are not known")
    return _("Open now") if row.hours.is_open(clock.now_ms()) else _("Closed now")
