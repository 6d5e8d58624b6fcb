"""The kiosk is handed on: everything of this shop goes, unless something undelivered would."""

from dataclasses import dataclass, replace
from typing import Self

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.results import ResetState, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Effect, ReadResetState, RequestReset, Restart
from kiosk.staff.texts import number
from kiosk.staff.views import Key, Line, StaffView
from sync.failure_texts import translate


@dataclass(frozen=True)
class EraseEverything(Control):
    """The first time it is only asked whether that is meant."""


@dataclass(frozen=True)
class ResetPage(StaffPage[EraseEverything]):
    """What would go, and a button that is pressed twice."""

    name = "reset"

    found: ResetState | None = None
    """None: not looked up yet."""
    is_asked: bool = False
    waiting: bool = False

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadResetState(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Factory reset")

    def press(self, control: EraseEverything, state: StaffState, config: ActiveConfig) -> StaffStep:
        if not self.is_asked:
            return state.show(replace(self, is_asked=True))
        return state.show(replace(self, waiting=True), RequestReset())

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case ResetState(is_requested=True):
                return StaffStep(state, (Restart(),))
            case ResetState():
                return state.show(ResetPage(result))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if self.found is None:
            return self.frame(_, lines=(Line(_("One moment…")),))
        if self.found.problem:
            problem = translate(self.found.problem, _)
            return self.frame(_, lines=(Line(_("The reset is not possible"), problem, "bad"),))
        if self.found.undelivered:
            count = number(self.found.undelivered, _)
            text = _("Not delivered yet: {count}").format(count=count)
            advice = _("They would be lost. See the status, and let them be sent first.")
            return self.frame(_, lines=(Line(text, advice, "bad"),))
        goes = _("Answers, registration, PIN and settings made here are erased.")
        line = Line(_("For handing this kiosk on"), goes, "warn" if self.is_asked else None)
        words = _("Yes, erase everything") if self.is_asked else _("Erase everything")
        key = Key(EraseEverything(), words, not self.waiting, strong=self.is_asked)
        return self.frame(_, lines=(line,), buttons=(key,))
