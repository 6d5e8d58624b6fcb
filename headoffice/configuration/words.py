"""Settings and roll-outs, as people read them."""

from typing import Any

from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from config.settings import WEEKDAYS as DAYS
from headoffice.configuration.catalogue import SETTINGS, Form
from headoffice.configuration.models import RollOut, RollOutKiosk

SECTIONS: dict[str, str | Promise] = {
    "": _("General"),
    "screen": _("Screen"),
    "brand": _("Look of the shop"),
    "sound": _("Sound"),
    "timing": _("Times, in seconds"),
    "way": _("Questions"),
    "misuse": _("Answers that were probably not meant"),
    "hours": _("Opening hours"),
    "staff": _("Staff"),
}
LABELS: dict[str, str | Promise] = {
    "language": _("Language shown first"),
    "log_level": _("Detail of the log"),
    "screen.max_fps": _("Pictures a second, at most"),
    "screen.theme": _("Theme"),
    "screen.fonts": _("Further fonts, one a line"),
    "screen.pixel_shift": _("Seconds between small moves of the picture"),
    "screen.brightness": _("Brightness, in per cent"),
    "brand.logo": _("Logo"),
    "brand.background": _("Picture in the background"),
    "brand.colours": _("Colours of background, text and accent"),
    "sound.enabled": _("Short sounds"),
    "sound.volume": _("Volume, 0 to 1"),
    "timing.thanks": _("The thanks"),
    "timing.moment": _("The first thanks alone"),
    "timing.invitation": _("What is offered below the thanks"),
    "timing.question": _("A question that nobody touches"),
    "timing.still_there": _("The ring that tells that time runs out"),
    "timing.language": _("A chosen language that nobody uses"),
    "way.follow_up": _("Ask the question that belongs to the rating"),
    "way.invite": _("Invite to further questions"),
    "way.happy_first": _("Happiest face first"),
    "misuse.enabled": _("Flag them"),
    "misuse.too_fast": _("Sooner than so many seconds"),
    "misuse.burst": _("So many ratings of one finger"),
    "misuse.burst_within": _("each within so many seconds"),
    "misuse.held": _("A finger that rests longer, in seconds"),
    "misuse.hammered": _("So many touches"),
    "misuse.hammered_within": _("within so many seconds"),
    "hours.time_zone": _("Time zone"),
    "hours.holidays": _("Holidays, one a line"),
    "staff.corner": _("Corner to hold a finger in"),
    "staff.hold": _("for so many seconds"),
    "staff.idle": _("Seconds until the staff’s pages leave by themselves"),
    "staff.test": _("Seconds until test mode ends by itself"),
    "questionnaire": _("Choice of the questionnaire"),
    **{f"hours.{day}": WEEKDAYS[number] for number, day in enumerate(DAYS)},
}
CHOICES: dict[str, str | Promise] = {
    "debug": _("everything, for a search"),
    "info": _("what happens"),
    "warning": _("warnings and errors"),
    "error": _("errors alone"),
    "light": _("light"),
    "dark": _("dark"),
    "high_contrast": _("high contrast"),
    "top-left": _("top left"),
    "top-right": _("top right"),
    "bottom-left": _("bottom left"),
    "bottom-right": _("bottom right"),
}
"""What can be chosen in settings, by what kiosks call it."""
NONE = "-"
"""What is typed for an empty list."""


def value_text(name: str, value: Any) -> str:
    """A value as people read it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    if isinstance(value, dict):
        return ", ".join(map(str, value.values()))
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or gettext("none")
    if isinstance(value, float) or SETTINGS[name].form is Form.NUMBER:
        return str(formats.number_format(value, use_l10n=True))
    return str(CHOICES.get(str(value), value)) or gettext("none")


def roll_out_state(row: RollOut) -> tuple[str, str]:
    """How a roll-out is, and the look of its pill."""
    return {
        RollOut.State.RUN: (pgettext("state of a roll-out", "Running"), "live"),
        RollOut.State.STOP: (pgettext("state of a roll-out", "Stopped"), "late"),
        RollOut.State.END: (pgettext("state of a roll-out", "Done"), "off"),
        RollOut.State.UNDO: (pgettext("state of a roll-out", "Taken back"), "off"),
    }[RollOut.State(row.state)]


def member_state(row: RollOutKiosk) -> tuple[str, str]:
    """How far a kiosk is, and the look of its pill."""
    state = RollOutKiosk.State
    return {
        state.WAIT: (gettext("Its turn comes later"), "off"),
        state.OFFER: (gettext("Told, not taken yet"), "off"),
        state.TRIAL: (gettext("Taken, on trial"), "live"),
        state.FACES: (gettext("Shown, no answer yet"), "live"),
        state.GOOD: (gettext("Shown, and answered"), "live"),
        state.REFUSAL: (gettext("Refused"), "late"),
        state.FALLBACK: (gettext("Went back to the last good one"), "late"),
        state.CRASH: (gettext("Failed to run with it"), "late"),
        state.FEW: (gettext("Far fewer answers than usual"), "late"),
    }[state(row.state)]
