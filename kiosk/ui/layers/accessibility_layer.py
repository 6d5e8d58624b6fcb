"""The accessibility button over every screen of the shopper, and what was chosen behind it."""

from collections.abc import Sequence
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.floatlayout import FloatLayout

from kiosk.session.appearance import (
    Appearance,
    AppearanceState,
    AppearanceView,
    Feature,
    appearance_view,
)
from kiosk.ui.widgets.accessibility import AccessibilityButton, AccessibilityMenu


class AccessibilityLayer(FloatLayout):
    """Keeps the appearance of this session; emits ``on_appearance`` when it changes.

    The rules are in :mod:`kiosk.session.appearance`; this only has the clock and the widgets.
    """

    __events__ = ("on_appearance",)

    def __init__(self, keep_ms: int, **properties: Any) -> None:
        super().__init__(**properties)
        self._keep_ms = keep_ms
        self._state = AppearanceState()
        self._is_idle = True
        self._language = "en"
        self._wake: Any = None
        self._button = self._make_button()
        self._menu: AccessibilityMenu | None = None
        self._spot: tuple[float, ...] = ()
        self.bind(size=self._place, pos=self._place)

    @property
    def appearance(self) -> Appearance:
        """What differs from the shop's settings just now."""
        return self._state.appearance

    @property
    def menu(self) -> AccessibilityMenu | None:
        """While it is open nothing else can be touched."""
        return self._menu

    @property
    def button(self) -> AccessibilityButton:
        """The button itself."""
        return self._button

    def follow(self, *, is_idle: bool, language: str) -> None:
        """Another screen is shown."""
        was_idle, self._is_idle = self._is_idle, is_idle
        self._language = language
        self._use(
            self._state.expire(
                was_idle=was_idle, is_idle=is_idle, at_ms=_now_ms(), keep_ms=self._keep_ms
            )
        )

    def stand(self, spot: Sequence[float]) -> None:
        """Where the button stands: its lower left corner; empty: that of the page."""
        self._spot = tuple(spot)
        self._place()

    def close(self) -> bool:
        """Closes the menu; whether it was open."""
        was_open = self._menu is not None
        if was_open:
            self._open_or_close()
        return was_open

    def render(self, view: AppearanceView) -> None:
        """Shows the button, and the menu if it is open."""
        self._button.active = view.is_changed
        if view.is_open and self._menu is None:
            self._menu = AccessibilityMenu()
            self._menu.bind(
                on_switch=lambda _menu, feature: self._switch(feature),
                on_close=lambda *_args: self._open_or_close(),
            )
            self.add_widget(self._menu, index=len(self.children))
        elif not view.is_open and self._menu is not None:
            self.remove_widget(self._menu)
            self._menu = None
        if self._menu is not None:
            self._menu.render(view)

    def restyle(self) -> None:
        """The theme is another one: everything is built anew."""
        if self._menu is not None:
            self.remove_widget(self._menu)
            self._menu = None
        self.remove_widget(self._button)
        self._button = self._make_button()
        self._place()
        self._render()

    def on_appearance(self) -> None:
        """Emitted when the screens have to look different."""

    def _make_button(self) -> AccessibilityButton:
        button = AccessibilityButton()
        button.bind(on_tap=lambda *_args: self._open_or_close())
        self.add_widget(button)
        return button

    def _open_or_close(self) -> None:
        self._use(self._state.toggle_menu(_now_ms()))

    def _switch(self, feature: Feature) -> None:
        self._use(self._state.toggle_feature(feature, _now_ms()))

    def _use(self, state: AppearanceState) -> None:
        before, self._state = self._state, state
        if before.appearance != state.appearance:
            self.dispatch("on_appearance")
        self._render()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        due = state.deadline(is_idle=self._is_idle, keep_ms=self._keep_ms)
        if due is not None:
            wait_s = max(0, due - _now_ms()) / 1000
            self._wake = Clock.schedule_once(lambda *_args: self._time_is_up(), wait_s)

    def _time_is_up(self) -> None:
        idle = self._is_idle
        self._use(
            self._state.expire(was_idle=idle, is_idle=idle, at_ms=_now_ms(), keep_ms=self._keep_ms)
        )

    def _render(self) -> None:
        self.render(appearance_view(self._state, self._language))

    def _place(self, *_args: object) -> None:
        edge = App.get_running_app().theme.margin
        self._button.pos = self._spot or (self.x + edge, self.y + edge)


def _now_ms() -> int:
    return round(Clock.get_boottime() * 1000)
