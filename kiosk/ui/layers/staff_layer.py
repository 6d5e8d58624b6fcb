"""The layer over the shopper's screens: staff pages, closed, paused, test; and the hidden hold."""

import itertools
from collections.abc import Callable
from importlib import resources
from typing import Any, ParamSpec

from kivy.app import App
from kivy.clock import Clock, mainthread
from kivy.core.window import Window
from kivy.graphics import PopMatrix, PushMatrix, Translate
from kivy.lang import Builder
from kivy.uix.floatlayout import FloatLayout

from config.settings import Screen, Staff
from kiosk.staff.controller import Cover, StaffController
from kiosk.staff.controls import Back, Confirm, Control, Delete, Digit, Leave, control_id
from kiosk.staff.views import ClosedView, PausedView, StaffView
from kiosk.trace import Trace
from kiosk.ui.disposal import dispose
from kiosk.ui.screens.staff_page import CornerSign, QuietPage, StaffPage, TestBand

_RULES = "screens/staff_page.kv"
_CORNER_MM = 20.0
_STRAY_MM = 12.0
"""How far a resting finger may slide."""
SHIFTS = ((0, 0), (2, 0), (2, 2), (0, 2), (-2, 2), (-2, 0), (-2, -2), (0, -2), (2, -2))
"""Where the picture goes, in pixels, one place after the other."""
_KEYS = {27: Back(), 8: Delete(), 13: Confirm(), 271: Confirm()}
Arguments = ParamSpec("Arguments")


class StaffLayer(FloatLayout):
    """A :class:`kiosk.staff.controller.CoverStage`; every method belongs to the UI thread."""

    def __init__(
        self, controller: StaffController, staff: Staff, screen: Screen, trace: Trace
    ) -> None:
        name = f"hymio:{_RULES}"
        if name not in Builder.files:
            source = resources.files("kiosk.ui").joinpath(_RULES)
            Builder.load_string(source.read_text(encoding="utf-8"), filename=name)
        super().__init__()
        self._controller = controller
        self._staff = staff
        self._screen = screen
        self._trace = trace
        self._view: Cover = None
        self._wake: Any = None
        self._hold: Any = None
        self._held: Any = None
        self._held_from = (0.0, 0.0)
        self._mover: Any = None
        self._make_pages()

    def open(self) -> None:
        """Lies over everything from now on."""
        Window.add_widget(self)
        self.size = Window.size
        Window.bind(
            on_touch_down=self._finger_down,
            on_touch_move=self._finger_moved,
            on_touch_up=self._finger_up,
            on_key_down=self._key,
            on_textinput=self._text,
        )
        self._app.bind(theme=self._themed)
        self._controller.start(self)
        if self._screen.pixel_shift:
            self._shift()

    def close(self) -> None:
        """Lets go of the window."""
        Window.remove_widget(self)
        Window.unbind(
            on_touch_down=self._finger_down,
            on_touch_move=self._finger_moved,
            on_touch_up=self._finger_up,
            on_key_down=self._key,
            on_textinput=self._text,
        )
        self._app.unbind(theme=self._themed)
        if self._mover is not None:
            self._mover.cancel()
        self.wake_in(None)
        self._let_go()

    # --- the controller's stage ---

    def cover(self, view: Cover) -> None:
        before, self._view = self._view, view
        wanted = self._widget(view)
        for widget in (self._page, self._quiet):
            if widget is not wanted and widget.parent is not None:
                self.remove_widget(widget)
        if wanted is not None and wanted.parent is None:
            self.add_widget(wanted)
        match view:
            case StaffView():
                self._page.size = self.size
                self._page.render(view)
            case ClosedView():
                self._quiet.render(None)
            case PausedView():
                self._quiet.render(view)
        if _name(before) != _name(view) or isinstance(view, StaffView):
            Clock.schedule_once(lambda *_args: self._note(view), 0)

    def mark_test(self, text: str) -> None:
        self._band.text = text
        if text and self._band.parent is None:
            self._band.pos_hint = {"top": 1}
            self._band.ink = self._app.theme.colours.page
            self.add_widget(self._band)
        elif not text and self._band.parent is not None:
            self.remove_widget(self._band)
        self._app.covered_height = self._band.height if text else 0

    def mark_corner(self, text: str) -> None:
        self._corner.text = text
        if text and self._corner.parent is None:
            high, side = self._staff.corner.split("-")
            self._corner.pos_hint = {
                "top" if high == "top" else "y": 1 if high == "top" else 0,
                "right" if side == "right" else "x": 1 if side == "right" else 0,
            }
            self.add_widget(self._corner)
        elif not text and self._corner.parent is not None:
            self.remove_widget(self._corner)

    def wake_in(self, delay_ms: int | None) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake = None
        if delay_ms is not None:
            self._wake = Clock.schedule_once(
                lambda *_args: self._controller.tick(), delay_ms / 1000
            )

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        return self._page.targets() if self._page.parent is not None else {}

    # --- fingers and keys ---

    def on_touch_down(self, touch: Any) -> bool:  # Kivy's own event
        return bool(super().on_touch_down(touch)) or self._covers

    def on_touch_move(self, touch: Any) -> bool:  # Kivy's own event
        return bool(super().on_touch_move(touch)) or self._covers

    def on_touch_up(self, touch: Any) -> bool:  # Kivy's own event
        return bool(super().on_touch_up(touch)) or self._covers

    @property
    def _covers(self) -> bool:
        return self._view is not None

    def _finger_down(self, _window: object, touch: Any) -> bool:
        # In the corner it is only looked at: what lies there can be touched as ever.
        if self._held is None and self._in_corner(touch) and not isinstance(self._view, StaffView):
            self._held, self._held_from = touch, (touch.x, touch.y)
            self._hold = Clock.schedule_once(self._hold_is_over, self._staff.hold)
        if self._covers:
            self.dispatch("on_touch_down", touch)
        return self._covers

    def _finger_moved(self, _window: object, touch: Any) -> None:
        if touch is self._held:
            x, y = self._held_from
            if max(abs(touch.x - x), abs(touch.y - y)) > _STRAY_MM * self._app.theme.mm:
                self._let_go()

    def _finger_up(self, _window: object, touch: Any) -> None:
        if touch is self._held:
            self._let_go()
        if self._covers:
            self._forget(touch)

    def _in_corner(self, touch: Any) -> bool:
        side = _CORNER_MM * self._app.theme.mm
        high, right = self._staff.corner.split("-")
        along = touch.x >= Window.width - side if right == "right" else touch.x <= side
        up = touch.y >= Window.height - side if high == "top" else touch.y <= side
        return bool(along and up)

    def _hold_is_over(self, *_args: object) -> None:
        held = self._held
        self._let_go()
        if held is not None:
            self._forget(held)
            self._controller.corner_held()

    def _let_go(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
        self._held = self._hold = None

    def _forget(self, touch: Any) -> None:
        """A finger that lies on a shopper's control must not answer when it is lifted."""
        for reference in list(touch.grab_list):
            widget = reference()
            if widget is None or not self._is_above(widget):
                touch.ungrab(widget)
                if widget is not None:
                    widget.is_pressed = False

    def _is_above(self, widget: Any) -> bool:
        while widget not in (None, self, Window):
            widget = widget.parent
        return widget is self

    def _key(self, _window: object, key: int, *_args: object) -> bool:
        if not self._covers:
            return False
        if isinstance(self._view, StaffView):
            targets = self.targets()
            control = _KEYS.get(key)
            if key in range(48, 58) or key in range(256, 266):
                control = Digit(chr(key) if key < 58 else str(key - 256))
            if control == Back() and control_id(control) not in targets:
                control = Leave()
            if control is not None and control_id(control) in targets:
                self._press(control)
        return True

    def _text(self, *_args: object) -> bool:
        return self._covers

    def _press(self, control: Control) -> None:
        # A trace is for developers, and no place for a PIN.
        target = "digit" if isinstance(control, Digit) else control_id(control)
        self._trace.note("touched", target=target)
        self._controller.press(control)

    # --- the picture ---

    @property
    def _app(self) -> Any:
        return App.get_running_app()

    def _widget(self, view: Cover) -> Any:
        match view:
            case StaffView():
                return self._page
            case ClosedView() | PausedView():
                return self._quiet
        return None

    def _make_pages(self) -> None:
        self._page = StaffPage()
        self._page.bind(on_control=lambda _page, control: self._press(control))
        self._page.bind(size=self._again)
        self._quiet = QuietPage()
        self._band = TestBand()
        self._corner = CornerSign()

    def _themed(self, *_args: object) -> None:
        """Everything anew: the window has another size, or the page other colours."""
        self.size = Window.size
        view, text, corner = self._view, self._band.text, self._corner.text
        for page in (self._page, self._quiet, self._band, self._corner):
            self.remove_widget(page)
            dispose(page)
        self._make_pages()
        self.cover(view)
        self.mark_test(text)
        self.mark_corner(corner)

    def _again(self, *_args: object) -> None:
        if isinstance(self._view, StaffView):
            self._page.render(self._view)

    def _shift(self) -> None:
        places = itertools.cycle(SHIFTS)
        moves = []
        for widget in (self._app.root, self):
            moves.append(Translate(0, 0, 0))
            widget.canvas.before.insert(0, moves[-1])
            widget.canvas.before.insert(0, PushMatrix())
            widget.canvas.after.add(PopMatrix())

        def move(*_args: object) -> None:
            place = next(places)
            for each in moves:
                each.xy = place

        self._mover = Clock.schedule_interval(move, self._screen.pixel_shift)

    def _note(self, view: Cover) -> None:
        if view is not self._view or view is None:
            return
        targets = {name: self._rectangle(widget) for name, widget in self.targets().items()}
        self._trace.note("shown", screen=_name(view), targets=targets)

    @staticmethod
    def _rectangle(widget: Any) -> list[int]:
        left, bottom = widget.to_window(widget.x, widget.y)
        top = Window.height - bottom - widget.height
        return [round(left), round(top), round(widget.width), round(widget.height)]


def _name(view: Cover) -> str:
    match view:
        case StaffView(name=name):
            return name
        case ClosedView():
            return "closed"
        case PausedView():
            return "paused"
    return ""


def on_ui_thread(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """The same function, to be called from any thread."""
    return mainthread(function)
