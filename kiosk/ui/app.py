"""The window: shows what the conductor says and tells it what was touched."""

from collections.abc import Callable
from importlib import resources
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.core.window import Window
from kivy.lang import Builder
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.floatlayout import FloatLayout

from config.settings import Brand, Screen, Sound
from kiosk.appearance import USUAL, Appearance
from kiosk.conductor import Conductor
from kiosk.foresight import after_the_rating
from kiosk.trace import NoTrace, Trace
from kiosk.ui.access_layer import AccessLayer
from kiosk.ui.forget import forget
from kiosk.ui.keys import Keys
from kiosk.ui.screens.invitation import InvitationScreen
from kiosk.ui.screens.out_of_order import OutOfOrderScreen
from kiosk.ui.screens.question import QuestionScreen
from kiosk.ui.screens.rating import RatingScreen
from kiosk.ui.screens.thanks import ThanksScreen
from kiosk.ui.sounds import Sounds
from kiosk.ui.theme import page_height, theme
from kiosk.ui.widgets.backdrop import BackdropPicture, brand_backdrop
from kiosk.ui.widgets.languages import LanguageMenu
from kiosk.ui.widgets.logo import Logo
from kiosk.ui.widgets.still_there import StillThereLayer
from kiosk.views import (
    InvitationView,
    OutOfOrderView,
    QuestionView,
    RatingView,
    StillThere,
    ThanksView,
    View,
)

_RULES = (
    "theme.kv",
    "widgets/buttons.kv",
    "widgets/accessibility.kv",
    "widgets/languages.kv",
    "screens/rating.kv",
    "screens/thanks.kv",
    "screens/out_of_order.kv",
)
_LATER_S = 1.0
"""After the first frame, when the screens that nobody needs yet are built."""
_AHEAD_S = 0.4
"""Between two things that are built ahead, each while nobody has touched anything for so long."""


class KioskApp(App):
    """Builds the screens once and swaps them; every method belongs to the UI thread."""

    theme = ObjectProperty(None)
    covered = NumericProperty(0)
    """So many pixels at the top of the window are covered, and no page reaches below that."""

    def __init__(
        self,
        conductor: Conductor,
        screen: Screen,
        trace: Trace,
        closable: bool,
        *,
        brand: Brand | None = None,
        sound: Sound | None = None,
        **properties: Any,
    ) -> None:
        super().__init__(**properties)
        self._brand = brand or Brand()
        self._backdrop = brand_backdrop(self._brand)
        self._picture: BackdropPicture | None = None
        self.sounds = Sounds(sound or Sound())
        self._conductor = conductor
        self._screen_settings = screen
        self._trace = trace
        self._closable = closable
        self._screens: dict[type, Any] = {}
        self._drawn: list[Callable[[], None]] = []
        self._wake: Any = None
        self._ahead: list[QuestionView] = []
        self._look_ahead = Clock.create_trigger(self._build_ahead, _AHEAD_S)
        self._shown: View | None = None
        self._is_over = False
        self._layer: StillThereLayer | None = None
        self._access: AccessLayer | None = None
        self._languages: LanguageMenu | None = None
        self._keys = Keys(self._keyed, self._go_back, self._always_there)

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
        self._root, self._page = FloatLayout(), AnchorLayout(size_hint_y=None)
        self._logo = Logo(size_hint_y=None)
        self._access = AccessLayer(round(self._conductor.rules.timing.language * 1000))
        self._access.bind(on_appearance=self._restyle)
        if self._backdrop is not None:
            self._picture = BackdropPicture(self._backdrop)
            self._root.add_widget(self._picture)
        for layer in (self._logo, self._page, self._access):
            self._root.add_widget(layer)
        Window.bind(on_request_close=self._close_requested, on_resize=self._resized)
        Window.bind(on_restore=self._redraw, on_focus=self._redraw)
        Window.bind(on_minimize=self._come_back, on_hide=self._come_back)
        Window.bind(on_touch_down=self._finger_down, on_key_down=self._key_down)
        Window.bind(on_textinput=self._text_typed)
        self._watch_frames()
        self._drawn.append(lambda: self._trace.note("first_frame"))
        self._make_screens()
        self._conductor.start(self)
        Clock.schedule_once(lambda *_args: self._make_more_screens(), _LATER_S)
        return self._root

    def on_stop(self) -> None:
        """A response that is cut off here ends in good order."""
        self._is_over = True
        self._conductor.stopped()

    # --- the conductor's stage ---

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        if self._is_over:
            return
        before, self._shown = self._shown, view
        self._follow(view)
        screen = self._screen_of(view)
        screen.render(view)
        if screen.parent is None:
            for other in self._page.children[:]:
                self._page.remove_widget(other)
                other.put_away()
            self._page.add_widget(screen)
        self._stand(screen)
        self._ask_whether_there(getattr(view, "still_there", None))
        if _thanks(view) and not _thanks(before):
            self.sounds.play("thanks")
        if _place(before) != _place(view):
            self._close_languages()
            self._keys.arrived()
            if isinstance(view, QuestionView) and view.thanks is None:
                self._fade_in(screen)
        self._drawn.append(lambda: self._note_shown(view, screen))
        self._look_ahead.cancel()
        if isinstance(view, RatingView) and view.touched is None:
            self._ahead = list(after_the_rating(self._conductor.rules, self._language))
            self._look_ahead()

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
        settings, chosen, size = self._screen_settings, self._appearance, tuple(Window.size)
        self._measured = size
        self.theme = theme(
            "high_contrast" if chosen.high_contrast else settings.theme,
            (size[0], page_height(size, settings.width_mm, low_reach=chosen.low_reach)),
            settings.width_mm,
            brand=self._brand.colours,
            grounds=self._backdrop.grounds if self._backdrop is not None else (),
            large_text=chosen.large_text,
            reduced_motion=chosen.reduced_motion,
        )
        Window.clearcolor = self.theme.colours.page

    def _make_screens(self) -> None:
        rating = RatingScreen()
        rating.bind(on_answer=self._rated, on_language=self._language_chosen)
        self._screens = {
            RatingView: rating,
            ThanksView: ThanksScreen(),
            OutOfOrderView: OutOfOrderScreen(),
        }

    def _make_more_screens(self) -> None:
        """What nobody sees on the first frame, so that it is there when it is needed."""
        if QuestionView in self._screens:
            return
        told = self._told
        question, invitation = QuestionScreen(), InvitationScreen()
        question.bind(
            on_answer=self._answered,
            on_draft=lambda _screen, *facts: self._conductor.drafted(*facts),
            on_skip=lambda _screen, question: told("skip", self._conductor.skipped, question),
            on_back=lambda _screen: told("back", self._conductor.back),
            on_leave=lambda _screen: told("leave", self._conductor.left),
            on_languages=lambda _screen: told("languages", self._open_languages),
            access_spot=lambda screen, _spot: self._stand(screen),
            least=lambda screen, _least: self._stand(screen),
        )
        invitation.bind(
            on_reply=self._invitation_answered,
            on_back=lambda _screen: told("back", self._conductor.back),
            on_languages=lambda _screen: told("languages", self._open_languages),
        )
        self._screens |= {QuestionView: question, InvitationView: invitation}

    def _build_ahead(self, *_args: object) -> None:
        if self._ahead and QuestionView in self._screens:
            self._screens[QuestionView].prepare(self._ahead.pop())
        if self._ahead:
            self._look_ahead()

    def _screen_of(self, view: View) -> Any:
        if type(view) not in self._screens:
            self._make_more_screens()
        return self._screens[type(view)]

    def _ask_whether_there(self, asked: StillThere | None) -> None:
        if asked is not None and self._layer is None:
            self._layer = StillThereLayer(size=self._root.size, pos=self._root.pos)
            self._layer.render(asked)
            self._root.add_widget(self._layer)
        elif asked is None and self._layer is not None:
            self._layer.rest()
            self._root.remove_widget(self._layer)
            self._layer = None

    def _open_languages(self) -> None:
        languages = getattr(self._shown, "languages", ())
        if languages and self._languages is None:
            self._languages = LanguageMenu(languages, size=self._root.size)
            self._languages.bind(
                on_language=self._language_chosen, on_close=lambda *_: self._close_languages()
            )
            self._root.add_widget(self._languages)
            self._keys.arrived()

    def _close_languages(self) -> bool:
        """Whether the menu was open."""
        menu, self._languages = self._languages, None
        if menu is None:
            return False
        self._root.remove_widget(menu)
        forget(menu)
        self._keys.arrived()
        return True

    def _fade_in(self, screen: Any) -> None:
        Animation.cancel_all(screen, "opacity")
        if self.theme.motion.fade:
            screen.opacity = 0.25
            Animation(opacity=1.0, duration=self.theme.motion.fade).start(screen)

    def on_covered(self, *_args: object) -> None:
        """The page gives way."""
        if self._shown is not None:
            self._follow(self._shown)
            self._stand(self._screen_of(self._shown))

    def _resized(self, *_args: object) -> None:
        if self._measured != tuple(Window.size):
            self._restyle()

    def _restyle(self, *_args: object) -> None:
        """Everything anew, for a window of another size or a shopper who sees it otherwise."""
        focus = self._keys.name
        self._measure()
        self._ask_whether_there(None)
        self._close_languages()
        for screen in self._page.children[:]:
            self._page.remove_widget(screen)
            screen.put_away()
        for screen in self._screens.values():
            forget(screen)
        self._make_screens()
        if self._access is not None:
            self._access.restyle()
        if self._shown is not None:
            self.show(self._shown)
        self._keys.return_to(focus)

    def _follow(self, view: View) -> None:
        """What a shopper chose to see better goes when the session does; the logo comes."""
        if self._access is None:
            return
        is_idle = isinstance(view, RatingView) and view.touched is None
        if self._picture is not None:
            self._picture.opacity = 1 if self.theme.grounds else 0
        self._access.follow(is_idle=is_idle, language=self._language)
        look, high = self.theme, Window.height - self.covered
        further = isinstance(view, QuestionView | InvitationView)
        branded = bool(self._brand.logo and look.logo) and not (further or self.covered)
        self._logo.opacity = 1 if branded else 0
        self._logo.height, self._logo.file = look.logo, self._brand.logo
        self._logo.pos_hint = {"top": (high - look.margin) / Window.height}
        self._page.height = min(look.height, high - (look.logo + look.margin if branded else 0))

    def _stand(self, screen: Any) -> None:
        """Gives this screen the height it needs, and the accessibility button its place there."""
        if self._access is not None and screen.parent is self._page:
            self._access.stand(getattr(screen, "access_spot", ()))
            if not self._logo.opacity:
                free = Window.height - self.covered
                # The keys of a small panel need all of it, even what is covered.
                most = Window.height if getattr(screen, "is_writing", False) else free
                needed = min(getattr(screen, "least", 0), most)
                self._page.height = max(min(self.theme.height, free), needed)

    @property
    def _language(self) -> str:
        phase: Any = self._conductor.state.phase
        language: str | None = getattr(getattr(phase, "visit", phase), "language", None)
        return language or self._conductor.rules.language

    @property
    def _appearance(self) -> Appearance:
        return USUAL if self._access is None else self._access.appearance

    @staticmethod
    def _register_fonts() -> None:
        fonts = resources.files("assets") / "fonts"
        LabelBase.register(
            "Figtree",
            fn_regular=str(fonts / "Figtree-Medium.ttf"),
            fn_bold=str(fonts / "Figtree-SemiBold.ttf"),
        )

    # --- events ---

    def _rated(self, _screen: object, question: str, value: int, held_ms: int) -> None:
        self._told(f"face-{value}", self._conductor.touched, question, value, held_ms)

    def _answered(self, _screen: object, question: str, value: Any, held_ms: int) -> None:
        self._told("answer", self._conductor.touched, question, value, held_ms)

    def _invitation_answered(self, _screen: object, accepted: bool) -> None:
        def tell() -> None:
            self._conductor.invitation_answered(accepted=accepted)

        self._told("accept" if accepted else "decline", tell)

    def _language_chosen(self, _screen: object, tag: str) -> None:
        self._close_languages()
        self._told(f"language-{tag}", self._conductor.language_chosen, tag)

    def _told(self, target: str, tell: Callable[..., None], *facts: object) -> None:
        self._trace.note("touched", target=target)
        self.sounds.play("touch")
        tell(*facts)

    def _finger_down(self, _window: object, touch: Any) -> bool:
        if touch.is_mouse_scrolling:
            return True
        asked = self._layer is not None
        self._keys.hide()
        self._conductor.stirred()
        self._drawn.append(lambda: self._trace.note("pressed"))
        # The touch that says "still here" hits nothing else.
        return asked

    def _key_down(
        self, _window: object, key: int, _code: int, _text: str, modifiers: list[str]
    ) -> bool:
        asked = self._layer is not None
        self._conductor.stirred()
        if not asked:
            self._keys.pressed(key, modifiers)
        return True

    def _keyed(self) -> Any:
        """What keys go to: the open menu, or the screen."""
        menu = None if self._access is None else self._access.menu
        return menu or self._languages or self._screens[type(self._shown)]

    def _always_there(self) -> dict[str, Any]:
        if self._access is None or self._languages is not None:
            return {}
        return {"access": self._access.button}

    def _go_back(self) -> None:
        if self._access is not None and self._access.close():
            return
        if not self._close_languages():
            self._conductor.back()

    def _text_typed(self, _window: object, text: str) -> bool:
        self._keys.written(text)
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
        if isinstance(self._trace, NoTrace):
            return
        touchable = screen.targets() | self._always_there()
        targets = {name: self._rectangle(widget) for name, widget in touchable.items()}
        question = getattr(view, "question_id", "")
        self._trace.note("shown", screen=_name(view), question=question, targets=targets)

    def _rectangle(self, widget: Any) -> list[int]:
        left, bottom = widget.to_window(widget.x, widget.y)
        top = Window.height - bottom - widget.height
        return [round(left), round(top), round(widget.width), round(widget.height)]


def _place(view: View | None) -> object:
    """Where a shopper is: another one means another screen or question."""
    return type(view), getattr(view, "question_id", None)


def _thanks(view: View | None) -> bool:
    return isinstance(view, ThanksView) or getattr(view, "thanks", None) is not None


def _name(view: View) -> str:  # noqa: PLR0911 - one per screen
    match view:
        case RatingView(touched=None):
            return "rating"
        case RatingView() | QuestionView(busy=True):
            return "storing"
        case QuestionView(still_there=StillThere()) | InvitationView(still_there=StillThere()):
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
