"""Everything by keys: digits, Tab, arrows, Enter, Space, Esc, and letters where one writes."""

from collections.abc import Callable
from typing import Any

from kiosk.session.keyboard import BACKSPACE

TAB, ENTER, KEYPAD_ENTER, ESCAPE, SPACE, ERASE = 9, 13, 271, 27, 32, 8
ARROWS = {273: (0, 1), 274: (0, -1), 275: (1, 0), 276: (-1, 0)}
_DIGITS = {48 + n: n for n in range(10)} | {256 + n: n for n in range(10)}
_WITH = {"ctrl", "alt", "meta"}


class KeyNavigation:
    """Turns keys into touches of the controls on the screen; all others lead nowhere.

    The focus is seen only once Tab or an arrow was used, and until a finger touches the screen.
    """

    def __init__(
        self,
        screen: Callable[[], Any],
        back: Callable[[], None],
        always: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._screen = screen
        self._back = back
        self._always = always
        self._focus: Any = None
        self._in_use = False

    def press(self, key: int, modifiers: list[str]) -> None:
        """A key went down."""
        screen = self._screen()
        writing = getattr(screen, "is_writing", False)
        if _WITH & set(modifiers):
            return
        if key == TAB:
            self._move(-1 if "shift" in modifiers else 1)
        elif key == ESCAPE:
            self._back()
        elif key in ARROWS:
            self._steer(ARROWS[key])
        elif writing and self._focused() is None:
            self._edit(screen, key)
        elif key in (ENTER, KEYPAD_ENTER, SPACE):
            self._touch(self._focused())
        elif key in _DIGITS and hasattr(screen, "digit"):
            self._touch(screen.digit(_DIGITS[key]))

    def type_text(self, text: str) -> None:
        """Letters, as the layout of the physical keyboard makes them."""
        screen = self._screen()
        if not getattr(screen, "is_writing", False) or (text == " " and self._focused()):
            return
        for letter in text:
            if letter.isprintable():
                self.hide()
                screen.type(letter)

    def hide(self) -> None:
        """A finger is used: no control has the focus."""
        if self._focus is not None:
            self._focus.has_focus = False
        self._focus, self._in_use = None, False

    def reset_focus(self) -> None:
        """Another screen or question: who uses keys finds its first control focused."""
        in_use = self._in_use
        self.hide()
        if in_use and not getattr(self._screen(), "is_writing", False):
            self._move(1)

    @property
    def name(self) -> str:
        """The name of the control that has the focus; empty: none has."""
        return next((name for name, c in self._named().items() if c is self._focus), "")

    def return_to(self, name: str) -> None:
        """Gives the focus back to a control that was built anew."""
        if name in self._named():
            self._set(self._named()[name])

    @staticmethod
    def _edit(screen: Any, key: int) -> None:
        if key == ERASE:
            screen.type(BACKSPACE)
        elif key in (ENTER, KEYPAD_ENTER):
            screen.go_on()

    @staticmethod
    def _touch(control: Any) -> None:
        if control is not None:
            control.touch()

    def _controls(self) -> list[Any]:
        return [control for control in self._named().values() if not control.off]

    def _named(self) -> dict[str, Any]:
        return self._screen().targets() | self._always()

    def _focused(self) -> Any:
        return self._focus if self._focus in self._controls() else None

    def _move(self, step: int) -> None:
        controls = self._controls()
        if not controls:
            return
        current = self._focused()
        if current is None:
            index = 0 if step > 0 else len(controls) - 1
        else:
            index = (controls.index(current) + step) % len(controls)
        self._set(controls[index])

    def _steer(self, direction: tuple[int, int]) -> None:
        """To the nearest control on that side; there the first one where none has the focus."""
        current = self._focused()
        if current is None:
            self._move(1)
            return
        x, y = current.to_window(*current.center)

        def distance(other: Any) -> float:
            across, up = (
                a - b for a, b in zip(other.to_window(*other.center), (x, y), strict=True)
            )
            along = across * direction[0] + up * direction[1]
            aside = abs(across * direction[1]) + abs(up * direction[0])
            return along + 3 * aside if along > 1 else float("inf")

        others = [control for control in self._controls() if control is not current]
        nearest = min(others, key=distance, default=None)
        if nearest is not None and distance(nearest) < float("inf"):
            self._set(nearest)

    def _set(self, control: Any) -> None:
        self.hide()
        self._focus, self._in_use = control, True
        control.has_focus = True
