"""What holds for every staff page, and for every entry of the table of settings."""

from typing import Any

import pytest
from fakes import FakeClock
from gallery_staff import NOW_MS, PAGES, QUESTIONNAIRE
from msgspec import structs
from staff_stage import Staff

from config.settings import Settings
from kiosk.overrides import ActiveConfig, Overrides, OverridesChange, apply_overrides
from kiosk.staff.controls import Back, Control, Leave, control_id
from kiosk.staff.machine import ControlPressed, staff_view, step
from kiosk.staff.pages.menu import TILES
from kiosk.staff.results import BrightnessLevel
from kiosk.staff.settings_table import (
    SETTINGS,
    FlipSwitch,
    LowerSetting,
    RaiseSetting,
    SettingsContext,
    Stepper,
    Switch,
    setting_change,
    setting_lines,
)
from kiosk.staff.state import StaffPage, StaffState

CONFIG = ActiveConfig(Settings(), Overrides(), QUESTIONNAIRE)


def offered(page: StaffPage[Any]) -> dict[Control, bool]:
    view = staff_view(StaffState(page=page), CONFIG, NOW_MS)
    return {control: key.enabled for control, key in view.controls().items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_control_that_a_page_offers_is_taken_by_it(name: str) -> None:
    state = StaffState(page=PAGES[name])
    for control, enabled in offered(PAGES[name]).items():
        done = step(state, ControlPressed(NOW_MS, control), CONFIG)
        assert NOW_MS == done.state.touched_ms
        if not enabled:
            assert (PAGES[name], ()) == (done.state.page, done.effects)


@pytest.mark.parametrize("name", PAGES)
def test_no_two_controls_of_a_page_have_one_name(name: str) -> None:
    controls = offered(PAGES[name])
    assert len(controls) == len({control_id(control) for control in controls})


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_left(name: str) -> None:
    assert offered(PAGES[name])[Leave()]
    left = step(StaffState(page=PAGES[name]), ControlPressed(NOW_MS, Leave()), CONFIG)
    assert left.state.page is None


@pytest.mark.parametrize("parent", [page for page in TILES if page.children])
def test_back_leads_to_the_page_that_one_came_from(parent: type[StaffPage[Any]]) -> None:
    for child in parent.children:
        for page in PAGES.values():
            if type(page) is child:
                back = step(StaffState(page=page), ControlPressed(NOW_MS, Back()), CONFIG)
                assert type(back.state.page) is parent


# --- the table ---


def test_every_setting_is_a_field_of_the_overrides_and_on_a_page_that_shows_it() -> None:
    fields = {field.name for field in structs.fields(Overrides)}
    for setting in SETTINGS:
        assert setting.field in fields
        (page,) = (page for page in TILES if page.name == setting.page)
        context = SettingsContext(CONFIG, BrightnessLevel(50))
        texts = {line.text for line in setting_lines(page.name, context, str)}
        if isinstance(setting, Switch) or setting.is_shown(CONFIG):
            assert setting.text(str) in texts


@pytest.mark.parametrize("setting", [s for s in SETTINGS if isinstance(s, Switch)])
def test_switch_turns_on_and_off_again(setting: Switch) -> None:
    states = []
    overrides = Overrides()
    for _ in range(2):
        config = ActiveConfig(apply_overrides(Settings(), overrides), overrides, QUESTIONNAIRE)
        states.append(setting.is_on(config))
        change = setting_change(FlipSwitch(setting.field), SettingsContext(config))
        overrides = structs.replace(overrides, **change.fields)
    config = ActiveConfig(apply_overrides(Settings(), overrides), overrides, QUESTIONNAIRE)
    assert [states[0], not states[0]] == states
    assert states[0] == setting.is_on(config)


@pytest.mark.parametrize("setting", [s for s in SETTINGS if isinstance(s, Stepper)])
def test_stepper_goes_up_and_down_and_no_further_than_it_may(setting: Stepper) -> None:
    def stepped(percent: int, control: Any) -> object:
        overrides = Overrides(**{setting.field: setting.encode(percent)})
        config = ActiveConfig(apply_overrides(Settings(), overrides), overrides, QUESTIONNAIRE)
        context = SettingsContext(config, BrightnessLevel(percent))
        return setting_change(control(setting.field), context).fields[setting.field]

    assert setting.encode(60) == stepped(50, RaiseSetting)
    assert setting.encode(40) == stepped(50, LowerSetting)
    assert setting.encode(100) == stepped(95, RaiseSetting)
    assert setting.encode(10) == stepped(15, LowerSetting)


def test_pause_pressed_on_the_page_is_in_force_on_the_next_one() -> None:
    staff = Staff(FakeClock())
    staff.store.change(OverridesChange.of(paused=True))
    assert staff.store.config.overrides.paused
    assert "paused" == staff.controller.condition
