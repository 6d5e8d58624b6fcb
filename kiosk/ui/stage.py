"""The page of the shopper: its screens, and what lies over them."""

from dataclasses import replace
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.floatlayout import FloatLayout

from config.backdrop import Backdrop
from config.settings import Brand
from config.values import Value
from kiosk.session.appearance import Appearance
from kiosk.session.controller import SessionController
from kiosk.session.prefetch import follow_up_views
from kiosk.session.touch import Touch
from kiosk.session.views import (
    IdlePrompt,
    InvitationView,
    OutOfOrderView,
    QuestionView,
    RatingView,
    ThanksView,
    View,
)
from kiosk.ui.actions import ShopperActions
from kiosk.ui.disposal import dispose
from kiosk.ui.key_navigation import KeyNavigation
from kiosk.ui.layers.accessibility_layer import AccessibilityLayer
from kiosk.ui.screens.invitation import InvitationScreen
from kiosk.ui.screens.out_of_order import OutOfOrderScreen
from kiosk.ui.screens.question import QuestionScreen
from kiosk.ui.screens.rating import RatingScreen
from kiosk.ui.screens.thanks import ThanksScreen
from kiosk.ui.widgets.backdrop import BackdropPicture
from kiosk.ui.widgets.face import Box, is_on_face
from kiosk.ui.widgets.fading import FadingLayer
from kiosk.ui.widgets.idle_prompt import IdlePromptLayer
from kiosk.ui.widgets.languages import LanguageMenu
from kiosk.ui.widgets.logo import Logo

_LATER_S = 1.0
"""After the first frame, when the screens that nobody needs yet are built."""
_AHEAD_S = 0.4
"""Between two things that are built ahead, each while nobody has touched anything for so long."""


class Stage(FloatLayout):
    """Builds the screens once and swaps them; emits ``on_appearance`` when all have to change."""

    __events__ = ("on_appearance",)

    def __init__(
        self,
        session: SessionController,
        actions: ShopperActions,
        brand: Brand,
        backdrop: Backdrop | None,
        **properties: Any,
    ) -> None:
        super().__init__(**properties)
        self.view: View | None = None
        """What is shown."""
        self.keys = KeyNavigation(self._key_target, self._escape, self.constant_targets)
        self._session = session
        self._actions = actions
        self._brand = brand
        self._screens: dict[type, Any] = {}
        self._ahead: list[QuestionView] = []
        self._look_ahead = Clock.create_trigger(self._build_ahead, _AHEAD_S)
        self._forget_languages = Clock.create_trigger(
            lambda *_args: self._close_languages(), session.rules.timing.language
        )
        self._idle_prompt: IdlePromptLayer | None = None
        self._languages: LanguageMenu | None = None
        self._page = AnchorLayout(size_hint_y=None)
        self._fading = FadingLayer(size_hint_y=None)
        self._former_faces: tuple[Box, ...] = ()
        """Where the faces stood that the shopper touched one of."""
        self._logo = Logo(size_hint_y=None)
        self._access = AccessibilityLayer(round(session.rules.timing.language * 1000))
        self._access.bind(on_appearance=lambda *_args: self.dispatch("on_appearance"))
        self._picture = BackdropPicture(backdrop) if backdrop is not None else None
        if self._picture is not None:
            self.add_widget(self._picture)
        for layer in (self._logo, self._fading, self._page, self._access):
            self.add_widget(layer)
        self._make_screens()
        Clock.schedule_once(lambda *_args: self._make_more_screens(), _LATER_S)

    def on_appearance(self) -> None:
        """Emitted when a shopper sees the screens otherwise."""

    @property
    def appearance(self) -> Appearance:
        """What differs from the shop's settings just now."""
        return self._access.appearance

    @property
    def is_prompting(self) -> bool:
        """Whether the shopper is being asked if someone is still there."""
        return self._idle_prompt is not None

    @property
    def screen(self) -> Any:
        """The screen of what is shown."""
        return self._screen_of(self.view)

    def constant_targets(self) -> dict[str, Any]:
        """What can be touched on every screen, by name."""
        return {} if self._languages is not None else {"access": self._access.button}

    # --- showing ---

    def show(self, view: View) -> None:
        """Draws this view from the next frame on."""
        before, self.view = self.view, view
        self._follow(view)
        screen = self._screen_of(view)
        self._hand_on_face(view, before)
        if screen.parent is self._fading:
            self._fading.clear()
        screen.render(view)
        if screen.parent is None:
            for other in self._page.children[:]:
                self._page.remove_widget(other)
                other.put_away()
                if isinstance(view, ThanksView) and isinstance(other, RatingScreen):
                    self._fading.take(other, view.face)
            self._page.add_widget(screen)
        self._place(screen)
        self._show_idle_prompt(getattr(view, "idle_prompt", None))
        if _place_of(before) != _place_of(view):
            self._close_languages()
            self.keys.reset_focus()
            if isinstance(view, QuestionView) and view.thanks is None:
                self._fade_in(screen)
            if isinstance(view, RatingView) and isinstance(before, ThanksView):
                self._fade_in(screen)
        self._look_ahead.cancel()
        if isinstance(view, RatingView) and view.pending_face is None:
            self._ahead = list(follow_up_views(self._session.rules, self._language))
            self._look_ahead()

    def make_room(self) -> None:
        """As much of the top is covered as the app says; the page gives way."""
        if self.view is not None:
            self._follow(self.view)
            self._place(self.screen)

    def rebuild(self) -> None:
        """Everything anew, for another theme; shows nothing yet."""
        self._show_idle_prompt(None)
        self._close_languages()
        for screen in self._page.children[:]:
            self._page.remove_widget(screen)
            screen.put_away()
        for screen in self._screens.values():
            dispose(screen)
        self._make_screens()
        self._access.restyle()

    # --- building ---

    def _make_screens(self) -> None:
        rating = RatingScreen()
        rating.bind(
            on_answer=self._actions.rate,
            on_language=self._choose_language,
            on_languages=self._languages_touched,
        )
        self._screens = {
            RatingView: rating,
            ThanksView: ThanksScreen(),
            OutOfOrderView: OutOfOrderScreen(),
        }

    def _make_more_screens(self) -> None:
        """What nobody sees on the first frame, so that it is there when it is needed."""
        if QuestionView in self._screens:
            return
        actions, question, invitation = self._actions, QuestionScreen(), InvitationScreen()
        question.bind(
            on_answer=self._answer,
            on_rate=actions.rate,
            on_draft=actions.draft,
            on_skip=actions.skip,
            on_back=actions.go_back,
            on_leave=actions.leave,
            on_languages=self._languages_touched,
            access_spot=lambda screen, _spot: self._place(screen),
            least=lambda screen, _least: self._place(screen),
        )
        invitation.bind(
            on_reply=actions.answer_invitation,
            on_rate=actions.rate,
            on_back=actions.go_back,
            on_languages=self._languages_touched,
        )
        self._screens |= {QuestionView: question, InvitationView: invitation}

    def _hand_on_face(self, view: View, before: View | None) -> None:
        """What shows the touched face next begins where it is seen now."""
        rating, thanks = self._screens[RatingView], self._screens[ThanksView]
        if isinstance(before, RatingView) and isinstance(view, ThanksView):
            boxes = rating.face_boxes()
            thanks.came_from = boxes.get(view.face)
            self._former_faces = tuple(boxes.values())
        elif isinstance(before, ThanksView) and getattr(view, "thanks", None) is not None:
            screen = self._screen_of(view)
            screen.thanks_line.came_from = thanks.face_box
            if isinstance(view, QuestionView) and self._former_faces:
                screen.floor = min(y for _x, y, _side in self._former_faces)
        elif isinstance(view, ThanksView) and getattr(before, "thanks", None) is not None:
            thanks.came_from = self._screen_of(before).thanks_line.face_box

    def _build_ahead(self, *_args: object) -> None:
        if self._ahead and QuestionView in self._screens:
            self._screens[QuestionView].prepare(self._ahead.pop())
        if self._ahead:
            self._look_ahead()

    def _screen_of(self, view: View | None) -> Any:
        if type(view) not in self._screens:
            self._make_more_screens()
        return self._screens[type(view)]

    # --- what lies over the screens ---

    def _show_idle_prompt(self, prompt: IdlePrompt | None) -> None:
        if prompt is not None and self._idle_prompt is None:
            self._idle_prompt = IdlePromptLayer(size=self.size, pos=self.pos)
            self._idle_prompt.render(prompt)
            self.add_widget(self._idle_prompt)
        elif prompt is None and self._idle_prompt is not None:
            self._idle_prompt.rest()
            self.remove_widget(self._idle_prompt)
            self._idle_prompt = None

    def _open_languages(self) -> None:
        languages = getattr(self.view, "languages", ())
        if languages and self._languages is None:
            self._languages = LanguageMenu(languages, size=self.size)
            self._languages.bind(
                on_language=self._choose_language, on_close=lambda *_: self._close_languages()
            )
            self.add_widget(self._languages)
            self.keys.reset_focus()
            # Nobody chose one, and nothing else will put it away on the first screen.
            self._forget_languages()

    def _close_languages(self) -> bool:
        """Whether the menu was open."""
        self._forget_languages.cancel()
        menu, self._languages = self._languages, None
        if menu is None:
            return False
        self.remove_widget(menu)
        dispose(menu)
        self.keys.reset_focus()
        return True

    def _fade_in(self, screen: Any) -> None:
        Animation.cancel_all(screen, "opacity")
        fade_s = App.get_running_app().theme.motion.fade
        if fade_s:
            screen.opacity = 0.25
            Animation(opacity=1.0, duration=fade_s).start(screen)

    # --- arranging ---

    def _follow(self, view: View) -> None:
        """What a shopper chose to see better goes when the session does; the logo comes."""
        app = App.get_running_app()
        is_idle = isinstance(view, RatingView) and view.pending_face is None
        if self._picture is not None:
            self._picture.opacity = 1 if app.theme.grounds else 0
        self._access.follow(is_idle=is_idle, language=self._language)
        look = app.theme  # which may be another one by now
        high = Window.height - app.covered_height
        further = isinstance(view, QuestionView | InvitationView)
        branded = bool(self._brand.logo and look.logo) and not (further or app.covered_height)
        self._logo.opacity = 1 if branded else 0
        self._logo.height, self._logo.file = look.logo, self._brand.logo
        self._logo.pos_hint = {"top": (high - look.margin) / Window.height}
        self._page.height = min(look.height, high - (look.logo + look.margin if branded else 0))

    def _place(self, screen: Any) -> None:
        """Gives this screen the height it needs, and the accessibility button its place there."""
        if screen.parent is self._page:
            self._access.stand(getattr(screen, "access_spot", ()))
            if not self._logo.opacity:
                app = App.get_running_app()
                free = Window.height - app.covered_height
                # The keys of a small panel need all of it, even what is covered.
                most = Window.height if getattr(screen, "is_writing", False) else free
                needed = min(getattr(screen, "least", 0), most)
                self._page.height = max(min(app.theme.height, free), needed)

    @property
    def _language(self) -> str:
        phase: Any = self._session.state.phase
        language: str | None = getattr(getattr(phase, "visit", phase), "language", None)
        return language or self._session.rules.language

    # --- events ---

    def _answer(self, screen: object, question: str, value: Value, touch: Touch) -> None:
        """An answer was given; below the thanks it is told whether a face had stood there."""
        if touch.spot is not None and getattr(self.view, "next_shopper", None) is not None:
            mm = App.get_running_app().theme.mm
            x, y = touch.spot.x_mm * mm, touch.spot.y_mm * mm
            was_face = any(is_on_face(box, x, y) for box in self._former_faces)
            touch = replace(touch, on_former_face=was_face)
        self._actions.answer(screen, question, value, touch)

    def _languages_touched(self, _screen: object) -> None:
        self._actions.note_touch("languages")
        self._open_languages()

    def _choose_language(self, menu_or_screen: object, tag: str) -> None:
        self._close_languages()
        self._actions.choose_language(menu_or_screen, tag)

    def _key_target(self) -> Any:
        """What keys go to: the open menu, or the screen."""
        return self._access.menu or self._languages or self._screens[type(self.view)]

    def _escape(self) -> None:
        if not self._access.close() and not self._close_languages():
            self._session.go_back()


def _place_of(view: View | None) -> object:
    """Where a shopper is: another one means another screen or question."""
    return type(view), getattr(view, "question_id", None)
