"""The window: shows what the session says and tells it what was touched."""

from collections.abc import Callable
from enum import Enum
from importlib import resources
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import NumericProperty, ObjectProperty

from assets.letters import Fonts
from config.settings import Brand, Screen, SoundSettings
from kiosk.session.appearance import USUAL
from kiosk.session.controller import SessionController
from kiosk.session.views import (
    IdlePrompt,
    InvitationView,
    OutOfOrderView,
    QuestionView,
    RatingView,
    ThanksView,
    View,
    unheard,
)
from kiosk.trace import NoTrace, Trace
from kiosk.ui.actions import ShopperActions
from kiosk.ui.platform.frames import Frames
from kiosk.ui.platform.text_provider import install
from kiosk.ui.sounds import Sounds
from kiosk.ui.stage import Stage
from kiosk.ui.theme import page_height, real_width_mm, theme
from kiosk.ui.widgets.backdrop import brand_backdrop

_RULES = (
    "theme.kv",
    "widgets/buttons.kv",
    "widgets/accessibility.kv",
    "widgets/languages.kv",
    "screens/rating.kv",
    "screens/thanks.kv",
    "screens/out_of_order.kv",
)


class _Touch(Enum):
    """Which touches are heard."""

    PANEL = "those that are meant to be"
    DOUBTED = "perhaps none"
    WINDOW = "others, as was seen"


class KioskApp(App):
    """The shopper's window and the session's display; every method belongs to the UI thread."""

    theme = ObjectProperty(None)
    covered_height = NumericProperty(0)
    """So many pixels at the top of the window are covered, and no page reaches below that."""

    def __init__(
        self,
        session: SessionController,
        screen: Screen,
        trace: Trace,
        closable: bool,
        *,
        brand: Brand | None = None,
        sound: SoundSettings | None = None,
        panel_mm: tuple[int, int] | None = None,
        note_faces: Callable[[], None] = lambda: None,
        **properties: Any,
    ) -> None:
        """``panel_mm``: width and height that the panel says of itself; ``note_faces`` is told
        that the rating was drawn."""
        super().__init__(**properties)
        self._brand = brand or Brand()
        self._backdrop = brand_backdrop(self._brand)
        self.sounds = Sounds(sound or SoundSettings())
        self._session = session
        self._screen_settings = screen
        self._panel_mm = panel_mm
        self._trace = trace
        self._note_faces = note_faces
        self._closable = closable
        self._frames = Frames()
        self._stage: Stage | None = None
        self._view: View | None = None
        """What the session shows."""
        self._touch = _Touch.PANEL
        self._wake: Any = None
        self._is_over = False

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
        actions = ShopperActions(self._session, self._trace, self.sounds)
        self._stage = Stage(self._session, actions, self._brand, self._backdrop)
        self._stage.bind(on_appearance=self._restyle)
        Window.bind(on_request_close=self._close_requested, on_resize=self._resized)
        Window.bind(on_restore=self._redraw, on_focus=self._redraw)
        Window.bind(on_minimize=self._come_back, on_hide=self._come_back)
        Window.bind(on_touch_down=self._finger_down, on_key_down=self._key_down)
        Window.bind(on_textinput=self._text_typed)
        self._frames.watch()
        self._frames.after_next(lambda: self._trace.note("first_frame"))
        self._session.start(self)
        return self._stage

    def on_stop(self) -> None:
        """A response that is cut off here ends in good order."""
        self._is_over = True
        self._session.stop()

    # --- the session's display ---

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        if self._is_over:
            return
        self._view = view
        self._draw(view)

    def hear_panel(self, *, is_heard: bool) -> None:
        """Whether the touch panel of the settings is heard; without one nothing is said.

        Where it is not, nobody is asked anything before a touch has shown that others are heard.
        """
        if is_heard is (self._touch is _Touch.PANEL):
            return
        self._touch = _Touch.PANEL if is_heard else _Touch.DOUBTED
        self._show_again()

    def _show_again(self) -> None:
        if self._view is not None and not self._is_over:
            self._draw(self._view)

    def _draw(self, view: View) -> None:
        if self._touch is _Touch.DOUBTED and _is_at_rest(view):
            view = unheard(self._session.rules)
        before = self.stage.view
        self.stage.show(view)
        if _is_thanking(view) and not _is_thanking(before):
            self.sounds.play("thanks")
        screen = self.stage.screen
        self._frames.after_next(lambda: self._note_shown(view, screen))

    def wake_in(self, delay_ms: int | None) -> None:
        """Ticks the session after this time, instead of any earlier request."""
        if self._wake is not None:
            self._wake.cancel()
        if delay_ms is None:
            self._wake = None
        else:
            tick = self._session.tick
            self._wake = Clock.schedule_once(lambda *_args: tick(), delay_ms / 1000)

    # --- the look ---

    @property
    def stage(self) -> Stage:
        """The page of the shopper; RuntimeError before :meth:`build`."""
        if self._stage is None:
            raise RuntimeError("the window has not been built")
        return self._stage

    def _measure(self) -> None:
        settings, size = self._screen_settings, tuple(Window.size)
        appearance = USUAL if self._stage is None else self._stage.appearance
        self._measured = size
        width_mm = real_width_mm(settings.width_mm, self._panel_mm, size)
        self.theme = theme(
            "high_contrast" if appearance.high_contrast else settings.theme,
            (size[0], page_height(size, width_mm, low_reach=appearance.low_reach)),
            width_mm,
            window=size,
            brand=self._brand.colours,
            grounds=self._backdrop.grounds if self._backdrop is not None else (),
            large_text=appearance.large_text,
            reduced_motion=appearance.reduced_motion,
        )
        Window.clearcolor = self.theme.colours.page

    def on_covered_height(self, *_args: object) -> None:
        """The page gives way."""
        self.stage.make_room()

    def _resized(self, *_args: object) -> None:
        if self._measured != tuple(Window.size):
            self._restyle()

    def _restyle(self, *_args: object) -> None:
        """Everything anew, for a window of another size or a shopper who sees it otherwise."""
        focus = self.stage.keys.name
        self._measure()
        self.stage.rebuild()
        self._show_again()
        self.stage.keys.return_to(focus)

    def _register_fonts(self) -> None:
        fonts = resources.files("assets") / "fonts"
        LabelBase.register(
            "Figtree",
            fn_regular=str(fonts / "Figtree-Medium.ttf"),
            fn_bold=str(fonts / "Figtree-SemiBold.ttf"),
        )
        install(Fonts.of(self._screen_settings.fonts))

    # --- the window's events ---

    def _finger_down(self, _window: object, touch: Any) -> bool:
        if touch.is_mouse_scrolling:
            return True
        is_prompting = self.stage.is_prompting or self._believe_touch()
        self.stage.keys.hide()
        self._session.note_activity()
        self._frames.after_next(lambda: self._trace.note("pressed"))
        # The touch that says "still here" hits nothing else.
        return is_prompting

    def _believe_touch(self) -> bool:
        """Whether this touch, or this key, is the one that shows that it is heard."""
        if self._touch is not _Touch.DOUBTED:
            return False
        self._touch = _Touch.WINDOW
        self._show_again()
        return True

    def _key_down(
        self, _window: object, key: int, _code: int, _text: str, modifiers: list[str]
    ) -> bool:
        is_prompting = self.stage.is_prompting or self._believe_touch()
        self._session.note_activity()
        if not is_prompting:
            self.stage.keys.press(key, modifiers)
        return True

    def _text_typed(self, _window: object, text: str) -> bool:
        self.stage.keys.type_text(text)
        return True

    def _close_requested(self, *_args: object) -> bool:
        return not self._closable

    def _come_back(self, *_args: object) -> None:
        if not self._closable and not self._is_over:
            Window.restore()
            Window.show()
            Window.raise_window()

    def _redraw(self, *_args: object) -> None:
        # After a display came back the window may be blank.
        Window.canvas.ask_update()

    def _note_shown(self, view: View, screen: Any) -> None:
        if isinstance(view, RatingView):
            self._note_faces()
        if isinstance(self._trace, NoTrace):
            return
        touchable = screen.targets() | self.stage.constant_targets()
        targets = {name: self._rectangle(widget) for name, widget in touchable.items()}
        question = getattr(view, "question_id", "")
        self._trace.note("shown", screen=_name(view), question=question, targets=targets)

    def _rectangle(self, widget: Any) -> list[int]:
        left, bottom = widget.to_window(widget.x, widget.y)
        top = Window.height - bottom - widget.height
        return [round(left), round(top), round(widget.width), round(widget.height)]


def _is_at_rest(view: View) -> bool:
    return isinstance(view, RatingView) and view.pending_face is None


def _is_thanking(view: View | None) -> bool:
    return isinstance(view, ThanksView) or getattr(view, "thanks", None) is not None


def _name(view: View) -> str:  # noqa: PLR0911 - one per screen
    match view:
        case RatingView(pending_face=None):
            return "rating"
        case RatingView() | QuestionView(busy=True):
            return "storing"
        case QuestionView(idle_prompt=IdlePrompt()) | InvitationView(idle_prompt=IdlePrompt()):
            return "still_there"
        case ThanksView():
            return "thanks"
        case QuestionView(thanks=thanks) | InvitationView(thanks=thanks) if thanks is not None:
            return "thanks"
        case QuestionView():
            return "question"
        case InvitationView():
            return "invitation"
        case OutOfOrderView():
            return "out_of_order"
