"""Every switch and stepper of the staff pages: its words, what it reads and what it changes.

A new one is an entry of :data:`SETTINGS`; if staff could not change its setting before, it also
is a field of :class:`kiosk.overrides.Overrides`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from kiosk.maintenance.results import Sign
from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control
from kiosk.staff.results import BrightnessLevel
from kiosk.staff.state import Gettext
from kiosk.staff.texts import set_by_head_office
from kiosk.staff.views import Key, Line

Text = Callable[[Gettext], str]


@dataclass(frozen=True)
class FlipSwitch(Control):
    """On if it was off, and the other way round."""

    field: str


@dataclass(frozen=True)
class RaiseSetting(Control):
    """A step up."""

    field: str


@dataclass(frozen=True)
class LowerSetting(Control):
    """A step down."""

    field: str


SettingControl = FlipSwitch | RaiseSetting | LowerSetting


@dataclass(frozen=True)
class SettingsContext:
    """What the entries are read from."""

    config: ActiveConfig
    brightness: BrightnessLevel | None = None
    """None: not read yet."""


@dataclass(frozen=True)
class Switch:
    """Something that is on or off."""

    field: str
    """Of the overrides."""
    page: str
    """The name of the page that shows it."""
    text: Text
    is_on: Callable[[ActiveConfig], bool]
    on_detail: Text
    """What stands below it while it is on."""
    off_detail: Text
    on_button: Text
    """The words of the button that switches it on."""
    off_button: Text
    sign: Sign | None = None
    """Beside it while it is on."""


@dataclass(frozen=True)
class Stepper:
    """Something that goes up and down by ten per cent."""

    field: str
    page: str
    text: Text
    percent: Callable[[SettingsContext], int | None]
    """None: it can't be set."""
    encode: Callable[[int], float]
    """As the overrides hold it."""
    is_shown: Callable[[ActiveConfig], bool] = lambda _config: True
    unset: Callable[[SettingsContext, Gettext], str] = lambda _context, _: ""
    """Why it can't be set."""


_STEP, _LEAST, _MOST = 10, 10, 100


def _why_no_brightness(context: SettingsContext, _: Gettext) -> str:
    if context.brightness is None:
        return _("One moment…")
    return _("This screen's brightness can't be set from here. Use the screen's own buttons.")


SETTINGS: tuple[Switch | Stepper, ...] = (
    Switch(
        field="sounds",
        page="sound",
        text=lambda _: _("Sounds"),
        is_on=lambda config: config.settings.sound.enabled,
        on_detail=lambda _: _("On"),
        off_detail=lambda _: _("Off"),
        on_button=lambda _: _("Switch on"),
        off_button=lambda _: _("Switch off"),
    ),
    Stepper(
        field="volume",
        page="sound",
        text=lambda _: _("Volume"),
        percent=lambda context: round(context.config.settings.sound.volume * 100),
        encode=lambda percent: percent / 100,
        is_shown=lambda config: config.settings.sound.enabled,
    ),
    Stepper(
        field="brightness",
        page="sound",
        text=lambda _: _("Brightness"),
        percent=lambda context: context.brightness.percent if context.brightness else None,
        encode=lambda percent: percent,
        unset=_why_no_brightness,
    ),
)


def setting_lines(page: str, context: SettingsContext, _: Gettext) -> tuple[Line, ...]:
    """What a page shows of the table."""
    return tuple(
        _line(setting, context, _)
        for setting in SETTINGS
        if setting.page == page
        and (isinstance(setting, Switch) or setting.is_shown(context.config))
    )


def setting_change(control: SettingControl, context: SettingsContext) -> OverridesChange:
    """What pressing a control changes."""
    setting = next(each for each in SETTINGS if each.field == control.field)
    if isinstance(setting, Switch):
        return OverridesChange.of(**{setting.field: not setting.is_on(context.config)})
    percent = setting.percent(context)
    if percent is None:
        raise ValueError(f"{setting.field} can't be set")
    percent += _STEP if isinstance(control, RaiseSetting) else -_STEP
    return OverridesChange.of(**{setting.field: setting.encode(min(max(percent, _LEAST), _MOST))})


def _present(setting: Switch | Stepper, context: SettingsContext, _: Gettext) -> str:
    """How it is, in words."""
    if isinstance(setting, Switch):
        is_on = setting.is_on(context.config)
        return setting.on_detail(_) if is_on else setting.off_detail(_)
    percent = setting.percent(context)
    return setting.unset(context, _) if percent is None else f"{percent} %"


def _line(setting: Switch | Stepper, context: SettingsContext, _: Gettext) -> Line:
    if setting.field in context.config.sleeping:
        return Line(setting.text(_), f"{_present(setting, context, _)}\n{set_by_head_office(_)}")
    match setting:
        case Switch(field=field):
            if setting.is_on(context.config):
                key = Key(FlipSwitch(field), setting.off_button(_))
                return Line(setting.text(_), setting.on_detail(_), setting.sign, (key,))
            key = Key(FlipSwitch(field), setting.on_button(_))
            return Line(setting.text(_), setting.off_detail(_), None, (key,))
        case Stepper(field=field):
            percent = setting.percent(context)
            if percent is None:
                return Line(setting.text(_), setting.unset(context, _))
            keys = (Key(LowerSetting(field), "−"), Key(RaiseSetting(field), "+"))
            return Line(setting.text(_), f"{percent} %", None, keys)
        case _:
            assert_never(setting)
