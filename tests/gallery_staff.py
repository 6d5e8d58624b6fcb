"""Every page that staff can see, and what lies over the shopper's screens, made up for pictures."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from config.settings import Hours, Sound
from kiosk import staff
from kiosk.i18n import translator
from kiosk.overlay import Overlay
from kiosk.staff_facts import (
    Choice,
    Choices,
    Exported,
    Exporting,
    Finding,
    Findings,
    Light,
    Media,
    Medium,
    NotExported,
    QuarantineEntry,
    QuarantineList,
    Report,
)
from kiosk.staff_pages import staff_view
from kiosk.staff_views import ClosedView, PausedView, StaffView

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS
HOURS = Hours(monday=("09:00-21:00",), friday=("09:00-12:00", "13:00-02:00"), sunday=())
WELL = Report(
    "0.1.0", place="Hakaniemi, till 2", head_office="https://feedback.example.com", stored=12345,
    waiting=0, last_contact_ms=42_000, clock_offset_ms=120, free_disk_bytes=50_000_000_000,
)  # fmt: skip
ILL = Report(
    "0.1.0", place="Hakaniemi, till 2", head_office="https://feedback.example.com", stored=12345,
    waiting=2345, oldest_waiting_ms=3 * DAY_MS, quarantined=2, last_contact_ms=42_000,
    clock_offset_ms=DAY_MS, free_disk_bytes=50_000_000, has_pin=False,
    trouble=("/etc/hymio/own.toml has 1 mistake: questions[2].text.fi: found nothing",),
    paused="The head office refuses this kiosk's credential. Enrol it again.",
)  # fmt: skip
CHOICES = Choices(
    tuple(Choice(name, name.title()) for name in ("checkout", "demonstration", "summer.toml")),
    "checkout", ("en", "fi", "sv", "de", "it", "hu", "pl"), "en",
)  # fmt: skip
STICK = Medium(Path("/media/A"), "SANDISK 64", 62 * 10**9, writable=True)
LOCKED_STICK = Medium(Path("/media/B"), "Photos", 10**9, writable=False)
REFUSED = QuarantineList(
    tuple(QuarantineEntry(n, n, "invalid", "$.value", 0, readable=True) for n in range(1, 10)), 12
)
PAGES: dict[str, staff.Page] = {
    "pin": staff.EnterPin(digits="25", waiting=False),
    "pin, wrong": staff.EnterPin(waiting=False, note="wrong"),
    "pin, locked": staff.EnterPin(waiting=False, note="wrong", locked_until_ms=NOW_MS + 30_000),
    "pin, choose": staff.ChoosePin(first_run=True),
    "menu": staff.Menu(),
    "status": staff.StatusPage(WELL, NOW_MS),
    "status, some wait": staff.StatusPage(
        replace(WELL, waiting=7, oldest_waiting_ms=20 * 60_000, quarantined=2), NOW_MS
    ),
    "status, troubles": staff.StatusPage(ILL, NOW_MS),
    "quarantine": staff.QuarantinePage(REFUSED),
    "quarantine, empty": staff.QuarantinePage(QuarantineList((), 0)),
    "test": staff.TestPage(),
    "questionnaires": staff.QuestionnairePage(CHOICES),
    "questionnaires, refused": staff.QuestionnairePage(
        CHOICES, refused="summer.toml", mistakes=("a: found b; allowed: c",) * 5
    ),
    "hours": staff.HoursPage(),
    "day": staff.DayPage(0),
    "day, closed": staff.DayPage(6),
    "sound": staff.SoundPage(Light(70)),
    "sound, no light": staff.SoundPage(Light(None)),
    "connection": staff.ConnectionPage(
        Findings(
            (
                Finding("network", "good"), Finding("name", "good"), Finding("connect", "good"),
                Finding("tls", "good"), Finding("answer", "good"), Finding("credential", "good"),
                Finding("clock", "good"),
            ),
            done=True,
        )
    ),
    "connection, fails": staff.ConnectionPage(
        Findings(
            (
                Finding("network", "good"), Finding("name", "good"), Finding("connect", "good"),
                Finding("tls", "bad", "certificate", "self-signed certificate"),
            ),
            done=True,
        )
    ),
    "enrolment, code": staff.EnrolmentPage(
        url="https://feedback.example.com", code="FHKL", waiting=False
    ),
    "enrolment, address": staff.EnrolmentPage(
        url="https://feedback.ex", typing="url", waiting=False
    ),
    "enrolment, signs": staff.EnrolmentPage(
        url="https://h", typing="url", signs=True, waiting=False
    ),
    "enrolment, joined": staff.EnrolmentPage(
        url="https://feedback.example.com", joined="Hakaniemi, till 2", waiting=False
    ),
    "export, no stick": staff.ExportPage(Media(()), NOW_MS),
    "export, sticks": staff.ExportPage(Media((STICK, LOCKED_STICK)), NOW_MS),
    "export, writing": staff.ExportPage(progress=Exporting(61_200, 100_000)),
    "export, done": staff.ExportPage(result=Exported(Path("/media/A/hymio-till-2"), 100_000)),
    "export, pulled out": staff.ExportPage(result=NotExported("gone")),
    "leave": staff.LeavePage(),
}  # fmt: skip


def staff_page(page: staff.Page, language: str, *, testing: bool = False) -> StaffView:
    """A page in words."""
    sound = Sound(enabled=True)
    rules = staff.Rules(HOURS, sound, language=language, idle_ms=90_000, test_ms=600_000)
    until = NOW_MS + 600_000 if testing else None
    state = staff.State(page=page, overlay=Overlay(), test_until_ms=until)
    return staff_view(state, NOW_MS, rules)


def covers(language: str) -> Iterator[tuple[str, StaffView | PausedView | ClosedView]]:
    """Names and views of everything that lies over the shopper's screens."""
    _ = translator(language)
    for name, page in PAGES.items():
        yield f"staff, {name}", staff_page(page, language)
    yield "staff, test is on", staff_page(staff.TestPage(), language, testing=True)
    yield "paused", PausedView(_("Back soon"), _("We are taking a short break."))
    yield "back in a moment", PausedView(_("Back in a moment"), _("We will be right back."))
    yield "closed", ClosedView()
