"""Actions on many kiosks at once: chosen in the list, shown before they are done, taken back."""

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from headoffice.accounts.access import for_administrators
from headoffice.accounts.security_log import record
from headoffice.fleet.kiosks import KioskAt, all_kiosks, revoke_kiosk
from headoffice.fleet.models import Kiosk
from headoffice.fleet.succession import restore_kiosk
from headoffice.health.condition import read_conditions
from headoffice.health.selection import VIEWS, search_conditions

_DONE = "bulk_action"
"""In the session: what was done last, so that it can be taken back."""
LISTED = 12
"""So many kiosks are named one by one."""


class Action(NamedTuple):
    """Something that is done to kiosks."""

    label: Promise
    consequence: Promise
    apply: Callable[[Kiosk], None]
    fits: Callable[[KioskAt], bool]
    event: str
    """For the security log."""
    reverse: str
    """The action that takes it back."""
    is_harmless: bool = False


ACTIONS = {
    "block": Action(
        gettext_lazy("Block"),
        gettext_lazy(
            "From their next request on they can’t deliver any more. Everything they delivered "
            "stays. They can be let in again."
        ),
        revoke_kiosk,
        lambda row: row.can_speak,
        "kiosk.revoked",
        "restore",
    ),
    "restore": Action(
        gettext_lazy("Let in again"),
        gettext_lazy("From their next request on they deliver again."),
        restore_kiosk,
        lambda row: row.kiosk.revoked_at is not None or row.kiosk.successor_id is not None,
        "kiosk.restored",
        "block",
        is_harmless=True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def bulk_action(request: HttpRequest) -> HttpResponse:
    """Show what would be done to which kiosks, then do it."""
    data = request.POST if request.method == "POST" else request.GET
    name = data.get("action", "")
    action = ACTIONS.get(name)
    if action is None:
        messages.error(request, _("Choose what to do."))
        return redirect("kiosks")
    chosen = _chosen(request)
    rows = [row for row in chosen if action.fits(row)]
    if not rows:
        text = _("None of the chosen kiosks needs this.") if chosen else _("Choose kiosks first.")
        messages.error(request, text)
        return redirect("kiosks")
    if request.method == "POST":
        for row in rows:
            action.apply(row.kiosk)
            record(action.event, request.user, row.kiosk)
        request.session[_DONE] = {"action": name, "kiosks": [row.kiosk.pk for row in rows]}
        return redirect("bulk-action-result")
    context = {
        "action": action,
        "name": name,
        "rows": rows[:LISTED],
        "number": len(rows),
        "more": len(rows) - LISTED,
        "left": len(chosen) - len(rows),
        "kiosks": ",".join(str(row.kiosk.pk) for row in rows),
    }
    return render(request, "fleet/bulk_action.html", context)


@require_safe
@for_administrators
def bulk_action_result(request: HttpRequest) -> HttpResponse:
    """What was done last to many kiosks, and the way back."""
    done = request.session.get(_DONE)
    if not isinstance(done, dict) or done.get("action") not in ACTIONS:
        return redirect("kiosks")
    action = ACTIONS[done["action"]]
    number = len(done["kiosks"])
    text = ngettext("Done for %(n)d kiosk.", "Done for %(n)d kiosks.", number) % {"n": number}
    context = {
        "action": action,
        "text": text,
        "reverse": ACTIONS[action.reverse],
        "reverse_name": action.reverse,
        "kiosks": ",".join(map(str, done["kiosks"])),
    }
    return render(request, "fleet/bulk_action_result.html", context)


def _chosen(request: HttpRequest) -> list[KioskAt]:
    """The kiosks that were ticked, or all that the list with these filters shows."""
    if request.method == "POST":
        return _numbered(request.POST.get("kiosks", "").split(","))
    if "all" not in request.GET:
        return _numbered(request.GET.getlist("kiosk"))
    is_in = VIEWS.get(request.GET.get("view", ""), VIEWS["all"])
    found = search_conditions(read_conditions(), request.GET.get("q", ""))
    return [each.at for each in found if is_in(each)]


def _numbered(texts: list[str]) -> list[KioskAt]:
    return [row for row in all_kiosks() if str(row.kiosk.pk) in texts]
