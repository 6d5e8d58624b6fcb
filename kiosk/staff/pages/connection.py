"""Step by step to the head office."""

from dataclasses import dataclass, field, replace
from typing import Self

from kiosk.maintenance.results import Finding, Findings
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.results import Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import CancelNetwork, Effect, TestConnection
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class RepeatTest(Control):
    """From the first step on."""


@dataclass(frozen=True)
class CancelTest(Control):
    """Nobody wants to know any more."""


@dataclass(frozen=True)
class ConnectionPage(StaffPage[RepeatTest | CancelTest]):
    """What was found so far."""

    name = "connection"

    findings: Findings = field(default_factory=lambda: Findings((), is_complete=False))

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (TestConnection(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Connection")

    @property
    def is_busy(self) -> bool:
        return not self.findings.is_complete

    def on_close(self) -> tuple[Effect, ...]:
        return (CancelNetwork(),) if self.is_busy else ()

    def press(
        self, control: RepeatTest | CancelTest, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        if isinstance(control, CancelTest):
            stopped = replace(self.findings, is_complete=True)
            return state.show(ConnectionPage(stopped), CancelNetwork())
        page, effects = self.open()
        return state.show(page, *effects)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, Findings):
            return replace(state, touched_ms=at_ms).show(ConnectionPage(result))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        lines = finding_lines(self.findings, _)
        if self.is_busy:
            lines += (Line(_("One moment…")),)
        again = Key(RepeatTest(), _("Test again"), not self.is_busy, strong=True)
        cancel = (Key(CancelTest(), _("Cancel")),) if self.is_busy else ()
        return self.frame(_, lines=lines, buttons=(again, *cancel))


def finding_lines(found: Findings, _: Gettext) -> tuple[Line, ...]:
    """The steps to the head office."""
    return tuple(_finding_line(finding, _) for finding in found.steps)


def _finding_line(finding: Finding, _: Gettext) -> Line:
    steps = {
        "network": _("Network"),
        "name": _("Name of the head office"),
        "connect": _("Connection"),
        "tls": _("Secure connection"),
        "answer": _("Answer of the head office"),
        "credential": _("This kiosk's credential"),
        "clock": _("Clock"),
    }
    words = words_of_fault(finding.fault, _) if finding.fault else ""
    detail = "\n".join(filter(None, (words, finding.detail)))
    return Line(steps[finding.step], detail, finding.sign)


def words_of_fault(fault: str, _: Gettext) -> str:
    """What fails on the way to the head office, and what to do."""
    return {
        "no_address": _("This kiosk does not know its head office. Enrol it."),
        "bad_address": _("The address of the head office can't be used."),
        "no_network": _("There is no network. Check the cable or the Wi-Fi."),
        "name": _("The name is not found. Check the address, and the network's DNS."),
        "refused": _("The head office's machine is there, but its program doesn't answer."),
        "timeout": _("No answer in time. The connection is slow or interrupted."),
        "unreachable": _("The machine can't be reached. A router or firewall may be in the way."),
        "tls": _("This address does not use a secure connection. Check it."),
        "cut": _("The connection was cut in the middle."),
        "proxy": _("The proxy doesn't let the kiosk through."),
        "certificate": _("The certificate can't be trusted. Somebody may be listening in."),
        "certificate_name": _("The certificate is for another name. Check the address."),
        "certificate_time": _("The certificate is not valid at this time. Is the clock right?"),
        "certificate_expired": _("The head office's certificate has expired."),
        "captive": _("A log-in page answers in place of the head office: log in to the Wi-Fi."),
        "not_hymio": _("There is no Hymio head office at this address."),
        "other_head_office": _(
            "Another head office answers at this address. Enrol this kiosk again."
        ),
        "not_enrolled": _("This kiosk is not enrolled yet."),
        "credential": _("The head office does not know this kiosk any more. Enrol it again."),
        "server": _("The head office has a problem of its own. Answers wait on this kiosk."),
        "clock": _("The clock is far off. Answers get their right time all the same."),
        "head_office_clock": _(
            "The head office's clock is wrong: it shows another time than before, or one that "
            "can't be. Set it there."
        ),
    }.get(fault, fault)
