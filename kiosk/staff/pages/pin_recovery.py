"""The PIN was forgotten: a challenge to tell the head office, and its answer.

No way leads back from here into the menu: only a right answer does, through a new PIN.
"""

from dataclasses import dataclass, replace
from typing import Self, assert_never

from config.pin_recovery import LENGTH, LETTERS, grouped
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Confirm, Control, Delete, Leave
from kiosk.staff.pages.choose_pin import ChoosePin
from kiosk.staff.results import RecoveryChallenge, RecoveryVerdict, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import BeginRecovery, CheckRecovery, Effect
from kiosk.staff.views import Key, Line, StaffView

_ROW = 6


@dataclass(frozen=True)
class TypeLetter(Control):
    """A letter or digit of the answer."""

    letter: str


RecoveryControl = TypeLetter | Delete | Confirm


@dataclass(frozen=True)
class PinRecoveryPage(StaffPage[RecoveryControl]):
    """Until the first result there is no challenge."""

    name = "pin_recovery"

    challenge: str | None = None
    """Empty: this kiosk has no head office."""
    answer: str = ""
    waiting: bool = True
    wrong: bool = False

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (BeginRecovery(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("PIN forgotten")

    def press(self, control: RecoveryControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case TypeLetter(letter=letter):
                typed = (self.answer + letter)[:LENGTH]
                return state.show(replace(self, answer=typed, wrong=False))
            case Delete():
                return state.show(replace(self, answer=self.answer[:-1], wrong=False))
            case Confirm():
                return state.show(replace(self, waiting=True), CheckRecovery(self.answer))
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case RecoveryChallenge(challenge=challenge):
                return state.show(replace(self, challenge=challenge, waiting=False))
            case RecoveryVerdict(is_right=True):
                return replace(state, touched_ms=at_ms).show(ChoosePin(first_run=True))
            case RecoveryVerdict(challenge=challenge):
                page = PinRecoveryPage(challenge, waiting=False, wrong=True)
                return state.show(page)
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        leave = Key(Leave(), _("Exit"))
        name, title = f"staff_{self.name}", self.title(_)
        if not self.challenge:
            return StaffView(name, title, leave=leave, lines=(self._line(_),))
        enabled = not self.waiting
        rows = [LETTERS[at : at + _ROW] for at in range(0, len(LETTERS), _ROW)]
        keys = [tuple(Key(TypeLetter(sign), sign, enabled) for sign in row) for row in rows]
        is_whole = len(self.answer) == LENGTH
        keys.append(
            (
                Key(Delete(), _("Delete"), enabled),
                Key(Confirm(), _("OK"), enabled and is_whole, strong=True),
            )
        )
        return StaffView(
            name,
            title,
            leave=leave,
            lines=(self._line(_),),
            entry=grouped(self.answer),
            keys=tuple(keys),
        )

    def _line(self, _: Gettext) -> Line:
        if self.challenge is None:
            return Line(_("One moment…"))
        if not self.challenge:
            advice = _("Choose a new one on the kiosk's command line: hymio-kiosk set-pin")
            return Line(_("This kiosk has no head office that could help"), advice, "warn")
        told = _("Tell the head office {challenge}").format(challenge=grouped(self.challenge))
        if self.wrong:
            return Line(told, _("Wrong answer. Try again"), "warn")
        return Line(told, _("Type the answer that it gives you."))
