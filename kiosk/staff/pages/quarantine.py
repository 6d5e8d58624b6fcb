"""What the head office did not take, and sending it again."""

from dataclasses import dataclass
from typing import Self, assert_never

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.results import QuarantineEntry, QuarantineList, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Effect, ListQuarantine, Resend
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class ResendMessage(Control):
    """One message."""

    id: int


@dataclass(frozen=True)
class ResendAll(Control):
    """All of them, also those that are not on the page."""


QuarantineControl = ResendMessage | ResendAll


@dataclass(frozen=True)
class QuarantinePage(StaffPage[QuarantineControl]):
    """The refused messages with their reasons."""

    name = "quarantine"

    messages: QuarantineList | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ListQuarantine(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Refused answers")

    def press(
        self, control: QuarantineControl, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        match control:
            case ResendMessage(id=message):
                return StaffStep(state, (Resend((message,)),))
            case ResendAll():
                return StaffStep(state, (Resend(()),))
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, QuarantineList):
            return state.show(QuarantinePage(result))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if self.messages is None:
            return self.frame(_, lines=(Line(_("One moment…")),))
        if not self.messages.entries:
            line = Line(_("None"), _("The head office has refused nothing."), "good")
            return self.frame(_, lines=(line,))
        lines = tuple(_entry_line(entry, _) for entry in self.messages.entries)
        if len(lines) < self.messages.total:
            lines += (Line(_("{count} more").format(count=self.messages.total - len(lines))),)
        again = Key(ResendAll(), _("Send all of them again"), strong=True)
        return self.frame(_, lines=lines, buttons=(again,))


def _entry_line(entry: QuarantineEntry, _: Gettext) -> Line:
    reasons = {
        "invalid": _("It breaks the head office's rules"),
        "conflict": _("Another kiosk used this number"),
        "isolated": _("Blocked on the network"),
        "unreadable": _("This kiosk can't read it any more"),
    }
    keys = (Key(ResendMessage(entry.id), _("Send again")),) if entry.readable else ()
    detail = f"{reasons.get(entry.reason, entry.reason)}\n{entry.detail}".strip()
    return Line(_("Answer no. {number}").format(number=entry.seq), detail, "warn", keys)
