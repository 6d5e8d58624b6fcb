"""Where a kiosk is not what it should be, and what it says of that."""

import datetime as dt
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from headoffice import clock
from headoffice.configuration.models import KioskReport, KioskTarget
from headoffice.configuration.words import LABELS
from headoffice.fleet.models import Kiosk
from sync.configuration import NONE

PATIENCE = dt.timedelta(hours=1)
"""So long a kiosk that is heard may take to get and use what is meant for it."""


class Wish(NamedTuple):
    """What is meant for a kiosk, since when, and what it last said that it uses."""

    digest: str
    since: dt.datetime
    in_force: str | None
    """None: it has never said anything of configurations."""
    refusal: str


class Divergence:
    """What is meant for all kiosks, and what they use: two statements."""

    def __init__(self, wishes: dict[int, Wish]) -> None:
        self._wishes = wishes

    @classmethod
    def load(cls) -> Self:
        """As it is stored."""
        reports = KioskReport.objects.values_list("kiosk", "in_force", "refusal")
        said = {kiosk: (in_force, refusal) for kiosk, in_force, refusal in reports}
        targets = KioskTarget.objects.values_list("kiosk", "digest", "since")
        return cls({k: Wish(d, since, *said.get(k, (None, ""))) for k, d, since in targets})

    def text(self, kiosk: int) -> str:
        """Why somebody should look at a kiosk; empty: there is no reason.

        What it refused itself it reports as a trouble.
        """
        wish = self._wishes.get(kiosk)
        if wish is None or clock.now() - wish.since < PATIENCE:
            return ""
        if wish.in_force is None:
            return _("Its version does not take settings from here.") if wish.digest else ""
        if wish.in_force == wish.digest or (wish.digest and wish.refusal == wish.digest):
            return ""
        return _("It does not have the settings yet that are meant for it.")


def wish_facts(kiosk: Kiosk, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What a kiosk should be and what it is, line by line; none where nothing is said for it."""
    target = KioskTarget.objects.filter(kiosk=kiosk).defer("body").first()
    report = KioskReport.objects.filter(kiosk=kiosk).first()
    if target is None or (target.digest == NONE and (report is None or report.in_force == NONE)):
        return []
    found = [(_("Meant for it"), f"{_name(target.digest)} · {_since(target.since, zone)}")]
    if report is None:
        return [*found, (_("In force"), _("It has said nothing of settings from here."))]
    found.append((_("In force"), f"{_name(report.in_force)} · {_since(report.since, zone)}"))
    states = {"trial": _("on trial"), "shown": _("shown, no answer yet"), "good": _("proven")}
    found.append((_("State"), states.get(report.state, report.state)))
    if report.refusal:
        found.append((_("Refused"), "; ".join([_name(report.refusal), *report.reasons])))
    if report.staff:
        names = (str(LABELS.get(name, name)) for name in report.staff)
        found.append((_("Changed by staff"), ", ".join(names)))
    return found


def _name(digest: str) -> str:
    return digest[:8] or _("the kiosk’s own file")


def _since(at: dt.datetime, zone: ZoneInfo) -> str:
    return date_format(at.astimezone(zone), "SHORT_DATETIME_FORMAT")
