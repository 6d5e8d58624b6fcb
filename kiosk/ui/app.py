"""The window: shows what the conductor says and tells it what was touched."""

from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from typing import Any

from kivy.app import App
from kivy.clock import Clock, mainthread
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import ObjectProperty
from kivy.uix.anchorlayout import AnchorLayout

from config.settings import Screen
from kiosk.conductor import Conductor
from kiosk.trace import Trace
from kiosk.ui.screens.out_of_order import OutOfOrderScreen
from kiosk.ui.screens.rating import RatingScreen
from kiosk.ui.screens.thanks import ThanksScreen
from kiosk.ui.theme import theme
from kiosk.views import OutOfOrderView, RatingView, ThanksView, View

_RULES = ("theme.kv", "screens/rating.kv", "screens/thanks.kv", "screens/out_of_order.kv")


class KioskApp(App):
    """Builds the screens once and swaps them; every method belongs to the UI thread."""

    theme = ObjectProperty(None)

    def __init__(
        self, conductor: Conductor, screen: Screen, trace: Trace, closable: bool, **properties: Any
    ) -> None:
        super().__init__(**properties)
        self._conductor = conductor
        self._screen_settings = screen
        self._trace = trace
        self._closable = closable
        self._screens: dict[type, Any] = {}
        self._drawn: list[Callable[[], None]] = []
        self._wake: Any = None

    def load_kv(self, *_args: object, **_named: object) -> bool:
        """Nothing is loaded for the name of the app; :meth:`build` says what is."""
        return False

    def open_settings(self, *_args: object, **_named: object) -> bool:
        """F1 leads nowhere."""
        return False

    def build(self) -> Any:
        """The page, with the first screen on it."""
        self.title = "Hymio"
        self._register_fonts()
        self._measure()
        for rules in _RULES:
            name = f"hymio:{rules}"
            if name not in Builder.files:
                source = resources.files("kiosk.ui").joinpath(rules)
                Builder.load_string(source.read_text(encoding="utf-8"), filename=name)
        self._page = AnchorLayout()
        Window.bind(on_request_close=self._close_requested, on_resize=self._resized)
        Window.bind(on_restore=self._redraw, on_focus=self._redraw)
        self._watch_frames()
        self._drawn.append(lambda: self._trace.note("first_frame"))
        self._make_screens()
        self._conductor.start(self)
        return self._page

    # --- the conductor's stage ---

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        self._shown = view
        screen = self._screens[type(view)]
        screen.render(view)
        if screen.parent is None:
            self._page.clear_widgets()
            self._page.add_widget(screen)
        self._drawn.append(lambda: self._note_shown(view, screen))

    def wake_in(self, delay_ms: int | None) -> None:
        """Ticks the conductor after this time, instead of any earlier request."""
        if self._wake is not None:
            self._wake.cancel()
        if delay_ms is None:
            self._wake = None
        else:
            tick = self._conductor.tick
            self._wake = Clock.schedule_once(lambda *_args: tick(), delay_ms / 1000)

    # --- building ---

    def _measure(self) -> None:
        settings = self._screen_settings
        self.theme = theme(settings.theme, tuple(Window.size), settings.width_mm)
        Window.clearcolor = self.theme.colours.page

    def _make_screens(self) -> None:
        rating = RatingScreen()
        rating.bind(on_answer=self._answered, on_language=self._language_chosen)
        self._screens = {
            RatingView: rating,
            ThanksView: ThanksScreen(),
            OutOfOrderView: OutOfOrderScreen(),
        }

    def _resized(self, *_args: object) -> None:
        if (self.theme.width, self.theme.height) == tuple(Window.size):
            return
        self._measure()
        self._page.clear_widgets()
        self._make_screens()
        self.show(self._shown)

    @staticmethod
    def _register_fonts() -> None:
        fonts = resources.files("assets") / "fonts"
        LabelBase.register(
            "Figtree",
            fn_regular=str(fonts / "Figtree-Medium.ttf"),
            fn_bold=str(fonts / "Figtree-SemiBold.ttf"),
        )

    # --- events ---

    def _answered(self, _screen: object, question: str, value: int) -> None:
        self._trace.note("touched", target=f"face-{value}")
        self._conductor.touched(question, value)

    def _language_chosen(self, _screen: object, tag: str) -> None:
        self._trace.note("touched", target=f"language-{tag}")
        self._conductor.language_chosen(tag)

    def _close_requested(self, *_args: object) -> bool:
        return not self._closable

    def _redraw(self, *_args: object) -> None:
        # After a display came back the window may be blank.
        Window.canvas.ask_update()

    def _watch_frames(self) -> None:
        flip = Window.flip

        def flip_and_tell() -> None:
            flip()
            told, self._drawn = self._drawn, []
            for tell in told:
                tell()

        # Kivy's on_flip is dispatched before the frame is on the display.
        Window.flip = flip_and_tell

    def _note_shown(self, view: View, screen: Any) -> None:
        targets = {name: self._rectangle(widget) for name, widget in screen.targets().items()}
        self._trace.note("shown", screen=_name(view), targets=targets)

    def _rectangle(self, widget: Any) -> list[int]:
        left, bottom = widget.to_window(widget.x, widget.y)
        top = Window.height - bottom - widget.height
        return [round(left), round(top), round(widget.width), round(widget.height)]


def _name(view: View) -> str:
    match view:
        case RatingView(touched=None):
            return "rating"
        case RatingView():
            return "storing"
        case ThanksView():
            return "thanks"
        case OutOfOrderView():
            return "out_of_order"


class OtherThreads:
    """The one way from other threads to the UI thread."""

    def __init__(self, app: KioskApp, conductor: Conductor) -> None:
        self._app = app
        self._conductor = conductor

    @mainthread
    def stored(self, ticket: int) -> None:
        """See :meth:`Conductor.stored`."""
        self._conductor.stored(ticket)

    @mainthread
    def store_failed(self, ticket: int) -> None:
        """See :meth:`Conductor.store_failed`."""
        self._conductor.store_failed(ticket)

    @mainthread
    def storage_unavailable(self) -> None:
        """See :meth:`Conductor.storage_unavailable`."""
        self._conductor.storage_unavailable()

    @mainthread
    def stop(self) -> None:
        """Ends the app."""
        with suppress(Exception):
            self._app.stop()
