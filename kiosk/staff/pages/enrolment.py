"""A one-time code of the head office, typed on the screen."""

from dataclasses import dataclass, replace
from typing import Literal, Self, assert_never

from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control, Delete
from kiosk.staff.results import EnrolmentDone, EnrolmentFailure, Membership, Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import (
    CancelNetwork,
    ChangeOverrides,
    Effect,
    Enrol,
    ReadMembership,
    SaveOverrides,
)
from kiosk.staff.views import Key, Line, StaffView
from sync.failure_texts import translate

CODE_LENGTH = 8
"""Of a code without its dash."""
_GROUP = 4
_LONGEST_URL = 200
_URL_START = "https://"
_CODE_KEYS: tuple[str, ...] = ("ABCDEFGHI", "JKLMNOPQR", "STUVWXYZ2", "3456789")
_LETTER_KEYS: tuple[str, ...] = ("abcdefghi", "jklmnopqr", "stuvwxyz.", "-/:")
_SIGN_KEYS: tuple[str, ...] = ("123456789", "0._-~:/[]", "")


@dataclass(frozen=True)
class TypeSign(Control):
    """A key with a letter, a digit or a sign."""

    sign: str


@dataclass(frozen=True)
class TypeInto(Control):
    """What the keys go into from now on."""

    field: Literal["code", "url"]


@dataclass(frozen=True)
class SwitchKeys(Control):
    """From letters to digits and signs, and back."""


@dataclass(frozen=True)
class EnrolKiosk(Control):
    """With the code that was typed."""


@dataclass(frozen=True)
class CancelEnrolment(Control):
    """Nobody waits for the head office any more."""


EnrolmentControl = TypeSign | Delete | TypeInto | SwitchKeys | EnrolKiosk | CancelEnrolment


@dataclass(frozen=True)
class EnrolmentPage(StaffPage[EnrolmentControl]):
    """Where the kiosk belongs, and a code for another place."""

    name = "enrolment"

    url: str = ""
    known_url: str = ""
    """The address before anything was typed."""
    place: str | None = None
    code: str = ""
    field: Literal["code", "url"] = "code"
    has_signs: bool = False
    """Digits and signs are on the keys, instead of letters."""
    waiting: bool = True
    new_place: str = ""
    """The place that it is now."""
    problem: str = ""
    problem_detail: str = ""
    is_enrolling: bool = False

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadMembership(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Enrolment")

    @property
    def is_busy(self) -> bool:
        return self.waiting

    def on_close(self) -> tuple[Effect, ...]:
        """What was typed of an address stays for the next time, and for the connection test."""
        ended: tuple[Effect, ...] = (CancelNetwork(),) if self.is_enrolling else ()
        if self.url in (self.known_url, "", _URL_START):
            return ended
        change = ChangeOverrides(OverridesChange.of(address=self.url))
        return (*ended, change, SaveOverrides())

    def press(
        self, control: EnrolmentControl, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        match control:
            case TypeSign(sign=sign):
                return state.show(self._with_text(self._text + sign))
            case Delete():
                return state.show(self._with_text(self._text[:-1]))
            case SwitchKeys():
                return state.show(replace(self, has_signs=not self.has_signs))
            case TypeInto(field=field):
                return state.show(replace(self, field=field, has_signs=False))
            case EnrolKiosk():
                page = replace(self, waiting=True, is_enrolling=True, new_place="", problem="")
                return state.show(page, Enrol(self.code, self.url))
            case CancelEnrolment():
                page = replace(self, waiting=False, is_enrolling=False)
                return state.show(page, CancelNetwork())
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case Membership(url=url, place=place):
                page = replace(
                    self, url=url or _URL_START, known_url=url, place=place, waiting=False
                )
                return state.show(replace(page, field="code" if url else "url"))
            case EnrolmentDone(place=place):
                page = replace(
                    self,
                    waiting=False,
                    is_enrolling=False,
                    new_place=place,
                    place=place,
                    code="",
                    problem="",
                )
                return replace(state, touched_ms=at_ms).show(page)
            case EnrolmentFailure(reason=reason, detail=detail):
                page = replace(
                    self,
                    waiting=False,
                    is_enrolling=False,
                    problem=reason,
                    problem_detail=detail,
                )
                return replace(state, touched_ms=at_ms).show(page)
        return StaffStep(state)

    @property
    def _text(self) -> str:
        return self.code if self.field == "code" else self.url

    def _with_text(self, text: str) -> "EnrolmentPage":
        page = replace(self, new_place="", problem="")
        if self.field == "code":
            return replace(page, code=text[:CODE_LENGTH])
        return replace(page, url=text[:_LONGEST_URL])

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        enabled = not self.waiting
        if self.field == "code":
            layout, other = _CODE_KEYS, Key(TypeInto("url"), _("Address"), enabled)
        else:
            layout = _SIGN_KEYS if self.has_signs else _LETTER_KEYS
            other = Key(TypeInto("code"), _("Code"), enabled)
        keys = [[Key(TypeSign(sign), sign, enabled) for sign in row] for row in layout]
        if self.field == "url":
            keys[-1].append(Key(SwitchKeys(), "abc" if self.has_signs else "123", enabled))
        keys[-1].append(Key(Delete(), _("Delete"), enabled))
        can_enrol = enabled and len(self.code) == CODE_LENGTH
        cancel = (Key(CancelEnrolment(), _("Cancel")),) if self.is_enrolling else ()
        return self.frame(
            _,
            lines=(self._line(_),),
            entry=_grouped(self.code) if self.field == "code" else self.url,
            keys=tuple(map(tuple, keys)),
            buttons=(other, Key(EnrolKiosk(), _("Enrol"), can_enrol, strong=True), *cancel),
        )

    def _line(self, _: Gettext) -> Line:
        if self.new_place:
            text = _("Enrolled. Location: {place}").format(place=self.new_place)
            return Line(text, self.url, "good")
        if self.problem:
            words = translate(self.problem, _)
            return Line(_("Not enrolled"), f"{words}\n{self.problem_detail}".strip(), "bad")
        if self.waiting:
            return Line(_("One moment…"))
        if self.field == "url":
            return Line(_("Address of the head office"), _("Like https://feedback.example.com"))
        if self.place:
            return Line(
                _("Enrolled. Location: {place}").format(place=self.place),
                _("To move this kiosk, enter a new code."),
            )
        return Line(_("Enrolment code"), self.url)


def _grouped(code: str) -> str:
    """As it stands on the head office's page: ``KAJO-7342``."""
    head, tail = code[:_GROUP], code[_GROUP:]
    return f"{head}-{tail}" if tail else head
