"""Where staff can be: the state of the staff mode, and what every page has in common."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Self, TypeVar

from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Back, Control, Leave
from kiosk.staff.results import Result
from kiosk.staff.tasks import ChangeOverrides, Effect, SaveOverrides
from kiosk.staff.views import Key, Line, StaffView
from sync.failure_texts import translate

Gettext = Callable[[str], str]
PageControl = TypeVar("PageControl", bound=Control)


@dataclass(frozen=True)
class StaffState:
    """Where staff are; what they changed is with its owner."""

    page: "StaffPage[Any] | None" = None
    """None: nobody of the staff is here."""
    touched_ms: int = 0
    test_until_ms: int | None = None
    is_setting_up: bool = False
    """The kiosk is new: pages lead back to what is still to be done."""
    problem: str = ""
    """Why the last change is not on the disk."""

    @property
    def is_testing(self) -> bool:
        """Whether taps are tests."""
        return self.test_until_ms is not None

    def show(self, page: "StaffPage[Any]", *effects: Effect) -> "StaffStep":
        """Another page, or this one changed."""
        return StaffStep(replace(self, page=page), effects)

    def change(self, change: OverridesChange) -> "StaffStep":
        """Brings a change into force and has it saved."""
        return StaffStep(self, (ChangeOverrides(change), SaveOverrides()))

    def problem_lines(self, _: Gettext) -> tuple[Line, ...]:
        """That the last change is not on the disk; nothing if it is."""
        if not self.problem:
            return ()
        return (Line(_("The last change could not be saved"), translate(self.problem, _), "bad"),)


@dataclass(frozen=True)
class StaffStep:
    """The answer to an event."""

    state: StaffState
    effects: tuple[Effect, ...] = ()
    is_done: bool = False
    """The page has done what it is for: the one before it comes."""


@dataclass(frozen=True)
class StaffPage(Generic[PageControl]):
    """A page as a value: its fields are what it knows, its methods are pure.

    What is pressed comes to :meth:`press` only if :meth:`view` shows it enabled; ``Back`` and
    ``Leave`` never do.
    """

    name: ClassVar[str]
    children: ClassVar["tuple[type[StaffPage[Any]], ...]"] = ()
    """The pages that this one opens, and to which their ``Back`` leads."""
    picture: ClassVar[str] = ""
    """The sign on its tile of the menu."""

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        """The page as it begins, and what it needs to know."""
        return cls(), ()

    @staticmethod
    def title(_: Gettext) -> str:
        """Its heading, and the words on its tile of the menu."""
        raise NotImplementedError

    @classmethod
    def is_marked(cls, state: StaffState, config: ActiveConfig) -> bool:
        """Whether its tile shows that something is on."""
        return False

    @property
    def is_busy(self) -> bool:
        """Whether something runs that leaving by itself would take from the staff's eyes."""
        return False

    @property
    def due_ms(self) -> int | None:
        """When :meth:`on_due` is to be called, in monotonic milliseconds."""
        return None

    def on_due(self, state: StaffState, at_ms: int) -> StaffStep:
        """Looks again at what changes by itself."""
        return StaffStep(state)

    def on_close(self) -> tuple[Effect, ...]:
        """What has to be ended when the page is left."""
        return ()

    def press(self, control: PageControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        """What a control of this page does."""
        raise NotImplementedError

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        """What a result does; one that is not for this page does nothing."""
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        """The page in words."""
        raise NotImplementedError

    def frame(self, _: Gettext, *, title: str = "", **parts: Any) -> StaffView:
        """A view with a title, the page's own without another, and the ways back and out."""
        back, leave = Key(Back(), _("Back")), Key(Leave(), _("Exit"))
        title = title or self.title(_)
        return StaffView(f"staff_{self.name}", title, back=back, leave=leave, **parts)
