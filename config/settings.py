"""The settings of one kiosk: which questionnaire, where the head office is, how it behaves.

Every setting has a default, so an empty file is a valid one.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from config.colours import Hex
from config.questionnaire import LanguageTag

Seconds = Annotated[float, Meta(gt=0, le=86_400)]
TimeRange = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
        extra_json_schema={"description": "a range of times of day like '09:00-21:00'"},
    ),
]
HolidayText = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
        r"( ([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00))*$",
        extra_json_schema={
            "description": "a day like '2026-12-24' or each year's '12-25', closed, or with the "
            "ranges in which it is open: '12-24 09:00-13:00'"
        },
    ),
]
Ranges = Annotated[tuple[TimeRange, ...], Meta(max_length=6)]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Strict and immutable."""


class HeadOfficeSettings(_Section, frozen=True):
    """Where answers go."""

    url: Annotated[str, Meta(pattern="^(https?://.+)?$", max_length=500)] = ""
    """Base address, like ``https://feedback.example.com``. Empty: the kiosk only collects."""
    ca_file: str = ""
    """A PEM file to trust instead of the system's store."""
    dangerously_allow_plain_http: bool = False
    """Allows http:// to other machines than this one: answers and credential travel readable."""


class Screen(_Section, frozen=True):
    """The panel and how it is drawn on."""

    fullscreen: bool = True
    width: Annotated[int, Meta(ge=480, le=7680)] = 1280
    """Window width in pixels; used when not full-screen."""
    height: Annotated[int, Meta(ge=480, le=4320)] = 800
    width_mm: Annotated[float, Meta(ge=80, le=3000)] | None = None
    """Width of the visible panel in mm; touch targets follow from it. Left out: as the panel says
    itself, else 217, which is a 10.1" panel."""
    max_fps: Annotated[int, Meta(ge=10, le=120)] = 30
    touch: str = ""
    """Kivy input provider, like ``hidinput,/dev/input/by-id/usb-…-event-ts``; empty: the window."""
    theme: Literal["light", "dark", "high_contrast"] = "light"
    fonts: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=8)
    ] = ()
    """TrueType or OpenType files (relative to the settings file) for letters that the bundled
    fonts lack."""
    pixel_shift: Annotated[float, Meta(ge=0, le=3600)] = 120.0
    """Seconds between moves of the picture by a few pixels, against burn-in; 0: never."""
    brightness: Annotated[int, Meta(ge=5, le=100)] | None = None
    """Of the panel's backlight, in per cent; left out: as the machine has it."""


class BrandColours(_Section, frozen=True):
    """The shop's own colours instead of the theme's; every other colour follows from them."""

    background: Hex
    text: Hex
    """At least 4.5:1 on the background."""
    accent: Hex
    """Behind what invites a touch; at least 3:1 on the background."""


class Brand(_Section, frozen=True):
    """What makes the screens the shop's own."""

    logo: Annotated[str, Meta(max_length=500)] = ""
    """A PNG or SVG file (relative to the settings file), shown small above the question."""
    background: Annotated[str, Meta(max_length=500)] = ""
    """A PNG or JPEG file (relative to the settings file), drawn behind every screen; it needs
    ``colours``, and as much of it shows as leaves texts a contrast of 7:1."""
    colours: BrandColours | None = None


class SoundSettings(_Section, frozen=True):
    """Short, soft sounds."""

    enabled: bool = False
    volume: Annotated[float, Meta(ge=0, le=1)] = 0.5


class Timing(_Section, frozen=True):
    """How long things stay, in seconds."""

    thanks: Seconds = 2.0
    """The thank-you screen, before the kiosk is idle again."""
    moment: Annotated[float, Meta(ge=0.5, le=1.5)] = 0.6
    """The first thanks alone, before anything is offered below them."""
    invitation: Seconds = 6.0
    """What is offered below the first thanks, before it gives way to the next shopper."""
    question: Seconds = 30.0
    """A question without a touch, before the session times out."""
    still_there: Seconds = 10.0
    """The last part of these two, in which a growing ring tells that the time runs out."""
    language: Seconds = 20.0
    """A chosen language without a touch, before the default one returns."""


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Hours(_Section, frozen=True):
    """When the shop is open; outside the screen is dark and quiet.

    A day left out is open all day, an empty list is closed all day. A range that ends earlier
    than it begins ends on the next day.
    """

    time_zone: Annotated[str, Meta(max_length=60)] = ""
    """Like ``Europe/Helsinki``; empty: that of the machine."""
    monday: Ranges | None = None
    tuesday: Ranges | None = None
    wednesday: Ranges | None = None
    thursday: Ranges | None = None
    friday: Ranges | None = None
    saturday: Ranges | None = None
    sunday: Ranges | None = None
    holidays: Annotated[tuple[HolidayText, ...], Meta(max_length=400)] = ()
    """Days that are otherwise than their weekday: ``12-25`` is closed every year."""


class Staff(_Section, frozen=True):
    """How staff get in, and when they are taken to be gone."""

    corner: Literal["top-left", "top-right", "bottom-left", "bottom-right"] = "top-left"
    """Where to hold a finger."""
    hold: Annotated[float, Meta(ge=1, le=30)] = 3.0
    """For how many seconds."""
    idle: Seconds = 90.0
    """Seconds without a touch before the staff screens leave by themselves."""
    test: Seconds = 600.0
    """Seconds before test mode ends by itself."""
    questionnaires: str = ""
    """A folder with more questionnaires to choose from; empty: ``questionnaires`` in the data
    folder."""


class QuestionRoute(_Section, frozen=True):
    """How far the questionnaire is followed on this kiosk."""

    follow_up: bool = True
    """Ask the question that belongs to the rating, below the thanks."""
    invite: bool = True
    """Invite to the questions behind it."""
    happy_first: bool = False
    """Faces from the most positive to the most negative."""


class MisuseRules(_Section, frozen=True):
    """What is kept but flagged as probably not meant; times in seconds."""

    enabled: bool = True
    too_fast: Seconds = 0.2
    """An answer sooner than this after its question appeared."""
    burst: Annotated[int, Meta(ge=2, le=50)] = 4
    """At least so many ratings of what looks like one finger: the last and those that follow,"""
    burst_within: Seconds = 1.5
    """each sooner than this after the faces could be touched, and on the same spot."""
    held: Seconds = 3.0
    """A finger that rested longer than this on a control."""
    hammered: Annotated[int, Meta(ge=3, le=50)] = 10
    """This many touches, wherever they fell,"""
    hammered_within: Seconds = 3.0
    """within this time before the answer."""


class Storage(_Section, frozen=True):
    """Where the kiosk keeps its answers."""

    folder: str = ""
    """Empty: ``$XDG_DATA_HOME/hymio`` or ``~/.local/share/hymio``."""
    keep_days: Annotated[int, Meta(ge=1, le=3650)] = 90
    """Delivered answers are kept for this many days that the kiosk has run."""
    keep_messages: Annotated[int, Meta(ge=1000, le=50_000_000)] = 1_000_000
    """At most this many delivered messages are kept."""
    reserve_mb: Annotated[int, Meta(ge=0, le=1000)] = 16
    """Space given up when the disk is full, so that answers still fit."""


class Sync(_Section, frozen=True):
    """How answers travel."""

    every: Seconds = 60.0
    """Seconds between two attempts when nothing happens; a new answer wakes the relay early."""
    batch_messages: Annotated[int, Meta(ge=1, le=1000)] = 500
    batch_bytes: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 500_000
    """Size of a batch before compression."""
    heartbeat: Seconds = 60.0
    """To a head office that names no pace; below 60 it always holds."""
    credential_days: Annotated[int, Meta(ge=0, le=3650)] = 90
    """Days after which the kiosk asks for a new credential; 0: only when told to."""
    connect_timeout: Seconds = 10.0
    read_timeout: Seconds = 30.0


class Settings(_Section, frozen=True):
    """All settings of one kiosk."""

    questionnaire: Annotated[str, Meta(min_length=1, max_length=500)] = "checkout"
    """The name of a shipped questionnaire, or the path of a TOML file."""
    language: LanguageTag | None = None
    """Language shown first; left out: the questionnaire's first one."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    head_office: HeadOfficeSettings = HeadOfficeSettings()
    screen: Screen = Screen()
    brand: Brand = Brand()
    sound: SoundSettings = SoundSettings()
    timing: Timing = Timing()
    way: QuestionRoute = QuestionRoute()
    misuse: MisuseRules = MisuseRules()
    hours: Hours = Hours()
    staff: Staff = Staff()
    storage: Storage = Storage()
    sync: Sync = Sync()
