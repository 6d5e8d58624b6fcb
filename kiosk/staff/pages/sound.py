"""Sound and brightness."""

from dataclasses import dataclass
from typing import Self

from kiosk.overrides import ActiveConfig
from kiosk.staff.results import BrightnessLevel, Result
from kiosk.staff.settings_table import (
    SettingControl,
    SettingsContext,
    setting_change,
    setting_lines,
)
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import Effect, ReadBrightness
from kiosk.staff.views import StaffView


@dataclass(frozen=True)
class SoundPage(StaffPage[SettingControl]):
    """What can be heard, and how bright the screen is."""

    name = "sound"

    brightness: BrightnessLevel | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadBrightness(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Sound and brightness")

    def press(self, control: SettingControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        change = setting_change(control, SettingsContext(config, self.brightness))
        step = state.change(change)
        match change.fields:
            case {"brightness": int(percent)}:
                return state.show(SoundPage(BrightnessLevel(percent)), *step.effects)
        return step

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, BrightnessLevel):
            return state.show(SoundPage(result))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        lines = setting_lines(self.name, SettingsContext(config, self.brightness), _)
        return self.frame(_, lines=(*state.problem_lines(_), *lines))
