"""Every page that staff can see, and what lies over the shopper's screens, made up for pictures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from config.loader import load_questionnaire
from config.settings import Hours, Settings, SoundSettings
from kiosk.i18n import translator
from kiosk.maintenance.results import (
    ExportDone,
    ExportFailure,
    ExportProgress,
    Finding,
    Findings,
    Media,
    Medium,
)
from kiosk.overrides import SETTING_NAMES, ActiveConfig, Overrides, QuestionnaireInUse
from kiosk.staff.machine import staff_view
from kiosk.staff.pages.choose_pin import ChoosePin
from kiosk.staff.pages.connection import ConnectionPage
from kiosk.staff.pages.day import DayPage
from kiosk.staff.pages.enrolment import EnrolmentPage
from kiosk.staff.pages.enter_pin import EnterPin
from kiosk.staff.pages.export import ExportPage
from kiosk.staff.pages.first_start import FirstStart
from kiosk.staff.pages.holidays import HolidaysPage
from kiosk.staff.pages.hours import HoursPage
from kiosk.staff.pages.leave import LeavePage
from kiosk.staff.pages.menu import Menu
from kiosk.staff.pages.pause import PausePage
from kiosk.staff.pages.pin_recovery import PinRecoveryPage
from kiosk.staff.pages.quarantine import QuarantinePage
from kiosk.staff.pages.questionnaire import QuestionnairePage
from kiosk.staff.pages.reset import ResetPage
from kiosk.staff.pages.sound import SoundPage
from kiosk.staff.pages.status import StatusPage
from kiosk.staff.pages.test_mode import TestPage
from kiosk.staff.results import (
    BrightnessLevel,
    ConfigurationStatus,
    QuarantineEntry,
    QuarantineList,
    QuestionnaireChoice,
    QuestionnaireChoices,
    QuestionnaireFailure,
    ResetState,
    StatusReport,
)
from kiosk.staff.state import StaffPage, StaffState
from kiosk.staff.views import ClosedView, PausedView, StaffView
from sync.messages import Trouble

QUESTIONNAIRE = QuestionnaireInUse.of(load_questionnaire("checkout"))
DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS
HOURS = Hours(
    monday=("09:00-21:00",), friday=("09:00-12:00", "13:00-02:00"), sunday=(),
    holidays=("12-25", "2027-01-06", "12-24 09:00-13:00"),
)  # fmt: skip
WELL = StatusReport(
    "0.1.0", place="Hakaniemi, till 2", head_office="https://feedback.example.com",
    message_count=12345, waiting=0, last_contact_ms=42_000, clock_offset_ms=120,
    free_disk_bytes=50_000_000_000,
    configuration=ConfigurationStatus(True, True, "good", 20 * DAY_MS),
)  # fmt: skip
ILL = StatusReport(
    "0.1.0", place="Hakaniemi, till 2", head_office="https://feedback.example.com",
    message_count=12345, waiting=2345, oldest_waiting_ms=3 * DAY_MS, in_quarantine=2,
    last_contact_ms=42_000,
    clock_offset_ms=DAY_MS, free_disk_bytes=50_000_000, has_pin=False,
    troubles=(
        Trouble("outbox_damaged", "outbox.damaged-1.sqlite3", 12),
        Trouble("touch", "hidinput,/dev/input/by-id/usb-ILITEK_Multi-Touch-event"),
        Trouble("configuration", "schedule[0].questions[2].text.fi: found nothing"),
        Trouble("questionnaire", "/etc/hymio/own.toml has 1 mistake: questions[2].text.fi"),
    ),
    pause_reason="The head office refuses this kiosk's credential. Enrol it again.",
    configuration=ConfigurationStatus(True, True, "shown", 40_000, is_waiting=True),
)  # fmt: skip
CHOICES = QuestionnaireChoices(
    tuple(
        QuestionnaireChoice(name, name.title())
        for name in ("checkout", "demonstration", "summer.toml")
    ),
)  # fmt: skip
STICK = Medium(Path("/media/A"), "SANDISK 64", 62 * 10**9, writable=True)
LOCKED_STICK = Medium(Path("/media/B"), "Photos", 10**9, writable=False)
REFUSED = QuarantineList(
    tuple(QuarantineEntry(n, n, "invalid", "$.value", 0, readable=True) for n in range(1, 10)), 12
)
PAGES: dict[str, StaffPage[Any]] = {
    "pin": EnterPin(digits="25", waiting=False),
    "pin, wrong": EnterPin(waiting=False, note="wrong"),
    "pin, locked": EnterPin(waiting=False, note="wrong", locked_until_ms=NOW_MS + 30_000),
    "pin, forgotten": PinRecoveryPage("KLMQ7342", answer="FHKL23", waiting=False),
    "pin, forgotten, no head office": PinRecoveryPage("", waiting=False),
    "pin, choose": ChoosePin(first_run=True),
    "first start": FirstStart(),
    "first start, enrolled": FirstStart("Hakaniemi, till 2"),
    "menu": Menu(),
    "status": StatusPage(WELL, NOW_MS),
    "status, some wait": StatusPage(
        replace(WELL, waiting=7, oldest_waiting_ms=20 * 60_000, in_quarantine=2), NOW_MS
    ),
    "status, troubles": StatusPage(ILL, NOW_MS),
    "quarantine": QuarantinePage(REFUSED),
    "quarantine, empty": QuarantinePage(QuarantineList((), 0)),
    "test": TestPage(),
    "questionnaires": QuestionnairePage(CHOICES),
    "questionnaires, refused": QuestionnairePage(
        CHOICES, failure=QuestionnaireFailure("summer.toml", ("a: found b; allowed: c",) * 5)
    ),
    "hours": HoursPage(),
    "day": DayPage(0),
    "day, two ranges": DayPage(4),
    "holidays": HolidaysPage(date(2026, 12, 20), 7),
    "pause": PausePage(),
    "reset": ResetPage(ResetState()),
    "reset, asked": ResetPage(ResetState(), is_asked=True),
    "reset, refused": ResetPage(ResetState(1234)),
    "day, closed": DayPage(6),
    "sound": SoundPage(BrightnessLevel(70)),
    "sound, no light": SoundPage(BrightnessLevel(None)),
    "connection": ConnectionPage(
        Findings(
            (
                Finding("network", "good"), Finding("name", "good"), Finding("connect", "good"),
                Finding("tls", "good"), Finding("answer", "good"), Finding("credential", "good"),
                Finding("clock", "good"),
            ),
            is_complete=True,
        )
    ),
    "connection, fails": ConnectionPage(
        Findings(
            (
                Finding("network", "good"), Finding("name", "good"), Finding("connect", "good"),
                Finding("tls", "bad", "certificate", "self-signed certificate"),
            ),
            is_complete=True,
        )
    ),
    "enrolment, code": EnrolmentPage(
        url="https://feedback.example.com", code="FHKL23", waiting=False
    ),
    "enrolment, under way": EnrolmentPage(
        url="https://feedback.example.com", code="FHKL2345", waiting=True, is_enrolling=True
    ),
    "enrolment, address": EnrolmentPage(
        url="https://feedback.ex", field="url", waiting=False
    ),
    "enrolment, signs": EnrolmentPage(
        url="https://h", field="url", has_signs=True, waiting=False
    ),
    "enrolment, joined": EnrolmentPage(
        url="https://feedback.example.com", new_place="Hakaniemi, till 2", waiting=False
    ),
    "export, no stick": ExportPage(Media(()), NOW_MS),
    "export, sticks": ExportPage(Media((STICK, LOCKED_STICK)), NOW_MS),
    "export, writing": ExportPage(progress=ExportProgress(61_200, 100_000)),
    "export, done": ExportPage(result=ExportDone(Path("/media/A/hymio-till-2"), 100_000)),
    "export, pulled out": ExportPage(result=ExportFailure("gone")),
    "leave": LeavePage(),
}  # fmt: skip


def staff_page(
    page: StaffPage[Any], language: str, *, testing: bool = False, locked: bool = False
) -> StaffView:
    """A page in words; ``locked``: what staff could change is set by the head office."""
    settings = Settings(hours=HOURS, sound=SoundSettings(enabled=True), language=language)
    sleeping = frozenset(SETTING_NAMES) if locked else frozenset()
    config = ActiveConfig(settings, Overrides(), QUESTIONNAIRE, sleeping)
    until = NOW_MS + 600_000 if testing else None
    return staff_view(StaffState(page=page, test_until_ms=until), config, NOW_MS)


def covers(language: str) -> Iterator[tuple[str, StaffView | PausedView | ClosedView]]:
    """Names and views of everything that lies over the shopper's screens."""
    _ = translator(language)
    for name, page in PAGES.items():
        yield f"staff, {name}", staff_page(page, language)
    for name in ("questionnaires", "hours", "sound"):
        yield f"staff, {name} set far away", staff_page(PAGES[name], language, locked=True)
    yield "staff, test is on", staff_page(TestPage(), language, testing=True)
    yield "paused", PausedView(_("Back soon"), _("Feedback is paused for a moment."))
    yield "back in a moment", PausedView(_("Back in a moment"), _("We will be right back."))
    yield "closed", ClosedView()
