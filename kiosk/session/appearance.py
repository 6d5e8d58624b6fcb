"""How the screens look to this shopper: larger, higher in contrast, lower down, or calmer.

Chosen behind the one accessibility button, kept for one session and then dropped, so that the
next shopper finds the kiosk as the shop set it up.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from kiosk.i18n import translator

Feature = Literal["large_text", "high_contrast", "low_reach", "reduced_motion"]
FEATURES: tuple[Feature, ...] = get_args(Feature)


@dataclass(frozen=True)
class Appearance:
    """What differs from the shop's own settings."""

    large_text: bool = False
    high_contrast: bool = False
    low_reach: bool = False
    """Every control in the lower half of the screen."""
    reduced_motion: bool = False

    def has(self, feature: Feature) -> bool:
        """Whether this is switched on."""
        return bool(getattr(self, feature))

    def toggle(self, feature: Feature) -> "Appearance":
        """With this switched over."""
        changes: dict[str, bool] = {feature: not self.has(feature)}
        return replace(self, **changes)


USUAL = Appearance()


@dataclass(frozen=True)
class AppearanceState:
    """The appearance, and the menu in which it is chosen."""

    appearance: Appearance = USUAL
    is_open: bool = False
    touched_ms: int = 0
    """When it was last used, in monotonic milliseconds."""

    def toggle_menu(self, at_ms: int) -> "AppearanceState":
        """The accessibility button was touched, or something beside an open menu."""
        return replace(self, is_open=not self.is_open, touched_ms=at_ms)

    def toggle_feature(self, feature: Feature, at_ms: int) -> "AppearanceState":
        """One of the menu's switches was touched; the menu stays, for the next."""
        return replace(self, appearance=self.appearance.toggle(feature), touched_ms=at_ms)

    def expire(
        self, *, was_idle: bool, is_idle: bool, at_ms: int, keep_ms: int
    ) -> "AppearanceState":
        """What is left of it now; all is dropped when a session ends or nobody begins one.

        Nothing counts as a session before the rating was touched, so what was chosen by then
        stays for ``keep_ms`` after it was last used.
        """
        ended = is_idle and not was_idle
        due = self.deadline(is_idle=is_idle, keep_ms=keep_ms)
        return AppearanceState() if ended or (due is not None and at_ms >= due) else self

    def deadline(self, *, is_idle: bool, keep_ms: int) -> int | None:
        """When it is dropped if nothing happens, in monotonic milliseconds; None: it is not."""
        used = self.is_open or self.appearance != USUAL
        return self.touched_ms + keep_ms if is_idle and used else None


@dataclass(frozen=True)
class FeatureSwitch:
    """One feature to switch on or off."""

    feature: Feature
    label: str
    on: bool


@dataclass(frozen=True)
class AppearanceView:
    """What the accessibility button and its menu show."""

    appearance: Appearance
    is_open: bool
    title: str
    switches: tuple[FeatureSwitch, ...]
    close: str

    @property
    def is_changed(self) -> bool:
        """Whether anything is switched on, which the button itself tells."""
        return self.appearance != USUAL


def appearance_view(state: AppearanceState, language: str) -> AppearanceView:
    """The button and its menu in this language."""
    _ = translator(language)
    labels: dict[Feature, str] = {
        "large_text": _("Large text"),
        "high_contrast": _("High contrast"),
        "low_reach": _("Everything lower down"),
        "reduced_motion": _("Less motion"),
    }
    return AppearanceView(
        appearance=state.appearance,
        is_open=state.is_open,
        title=_("Accessibility"),
        switches=tuple(
            FeatureSwitch(feature, labels[feature], state.appearance.has(feature))
            for feature in FEATURES
        ),
        close=_("Done"),
    )
