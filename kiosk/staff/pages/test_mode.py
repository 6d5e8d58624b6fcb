"""Taps that do not count."""

from dataclasses import dataclass, replace
from typing import assert_never

from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.texts import duration
from kiosk.staff.views import Key, Line, StaffView


@dataclass(frozen=True)
class StartTest(Control):
    """From now on taps are tests."""


@dataclass(frozen=True)
class StopTest(Control):
    """From now on taps count."""


TestControl = StartTest | StopTest


@dataclass(frozen=True)
class TestPage(StaffPage[TestControl]):
    """The beginning and the end of the test mode."""

    name = "test"

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Test mode")

    @classmethod
    def is_marked(cls, state: StaffState, config: ActiveConfig) -> bool:
        return state.is_testing

    def press(self, control: TestControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case StartTest():
                until_ms = state.touched_ms + _test_ms(config)
                # Whoever starts it wants to tap now.
                return StaffStep(replace(state, test_until_ms=until_ms, page=None))
            case StopTest():
                return StaffStep(replace(state, test_until_ms=None))
            case _:
                assert_never(control)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if state.is_testing:
            line = Line(_("Test mode is on"), _("Answers are not counted."), "warn")
            key = Key(StopTest(), _("End testing"), strong=True)
            return self.frame(_, lines=(line,), buttons=(key,))
        line = Line(
            _("Try the kiosk; answers are not counted"),
            _(
                "Every answer is marked as a test and the screen says so. Time limit: {time}."
            ).format(time=duration(_test_ms(config), _)),
        )
        key = Key(StartTest(), _("Start testing"), strong=True)
        return self.frame(_, lines=(line,), buttons=(key,))


def _test_ms(config: ActiveConfig) -> int:
    return round(config.settings.staff.test * 1000)
