"""How the kiosk is, in words, each with a sign: good, look at it, act."""

from dataclasses import dataclass, replace
from typing import Self

from kiosk.maintenance.results import Sign
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.pages.quarantine import QuarantinePage
from kiosk.staff.results import Result, StatusReport
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import AcknowledgeDamage, Effect, ReadStatus
from kiosk.staff.texts import DAY, HOUR, MINUTE, duration, megabytes, number
from kiosk.staff.views import Key, Line, StaffView
from sync.failure_texts import translate
from sync.messages import Trouble

INTERVAL_MS = 5_000
"""How often the page looks again."""
LONG_WAIT_MS, TOO_LONG_MS = HOUR, DAY
SMALL_DISK, TINY_DISK = 500_000_000, 100_000_000
CLOCK_WARN_MS, CLOCK_BAD_MS = MINUTE, DAY


@dataclass(frozen=True)
class ShowQuarantine(Control):
    """What the head office did not take."""


@dataclass(frozen=True)
class ConfirmDamage(Control):
    """What damaged files of answers cost was seen."""


@dataclass(frozen=True)
class StatusPage(StaffPage[ShowQuarantine | ConfirmDamage]):
    """How the kiosk is."""

    name = "status"
    children = (QuarantinePage,)

    report: StatusReport | None = None
    read_ms: int = 0

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ReadStatus(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Status")

    @property
    def due_ms(self) -> int | None:
        return self.read_ms + INTERVAL_MS

    def on_due(self, state: StaffState, at_ms: int) -> StaffStep:
        return state.show(replace(self, read_ms=at_ms), ReadStatus())

    def press(
        self, control: ShowQuarantine | ConfirmDamage, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        if isinstance(control, ConfirmDamage):
            return state.show(self, AcknowledgeDamage())
        page, effects = QuarantinePage.open()
        return state.show(page, *effects)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        if isinstance(result, StatusReport):
            return state.show(StatusPage(result, at_ms))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if self.report is None:
            return self.frame(_, lines=(Line(_("One moment…")),))
        buttons: tuple[Key, ...] = ()
        if any(trouble.kind == "outbox_damaged" for trouble in self.report.troubles):
            buttons = (Key(ConfirmDamage(), _("I have seen the damage")),)
        if self.report.in_quarantine:
            buttons = (*buttons, Key(ShowQuarantine(), _("Show refused answers")))
        return self.frame(_, lines=report_lines(self.report, _), buttons=buttons)


def report_lines(report: StatusReport, _: Gettext) -> tuple[Line, ...]:
    """How the kiosk is, what matters most first."""
    lines = [trouble_line(trouble, _) for trouble in report.troubles]
    lines += [
        _connection(report, _),
        _waiting(report, _),
        _refused(report, _),
        _clock(report, _),
        _disk(report, _),
        *_configuration(report, _),
    ]
    if not report.has_pin:
        lines.append(
            Line(_("No PIN is chosen yet"), _("Until one is set, anyone can set it."), "warn")
        )
    stored = _("Stored so far: {count}").format(count=number(report.message_count, _))
    lines.append(Line(_("Version {version}").format(version=report.version), stored))
    return tuple(lines)


def trouble_line(trouble: Trouble, _: Gettext) -> Line:
    """What is wrong, always in red."""
    text, detail = _("Something is wrong"), trouble.detail
    match trouble.kind:
        case "outbox_damaged":
            text = _("Stored answers were damaged")
            kept = _("The damaged file is kept as {file}.").format(file=detail)
            detail = f"{_cost(trouble.count, _)}\n{kept}"
        case "settings":
            text = _("Settings with mistakes are left aside")
        case "overrides":
            text = _("Changes made here can’t be used")
        case "questionnaire":
            text = _("The questionnaire can’t be used")
        case "configuration":
            text = _("The head office’s configuration is not in use")
            detail += "\n" + _("The kiosk goes on with the one before.")
        case "touch":
            text = _("The touch panel is missing")
            detail += "\n" + _("The screen’s own touch is used until it is back.")
        case "untouched":
            time = duration((trouble.count or 0) * HOUR, _)
            text = _("Unusually long without a touch: {time}").format(time=time)
            detail = _("Try whether the screen feels your finger.")
    return Line(text, detail, "bad")


def _cost(lost: int | None, _: Gettext) -> str:
    if lost is None:
        return _("How many are lost is not known.")
    if not lost:
        return _("None is lost.")
    return _("Lost, at least: {count}").format(count=number(lost, _))


def _connection(report: StatusReport, _: Gettext) -> Line:
    if report.place is None:
        kept = _("Answers are kept on this kiosk. Enrol it to send them.")
        return Line(_("Not enrolled"), kept, "warn")
    to = _("Location: {place}. Server: {address}").format(
        place=report.place, address=report.head_office or ""
    )
    if report.pause_reason:
        return Line(
            _("Access denied by the head office"),
            f"{translate(report.pause_reason, _)}\n{to}",
            "bad",
        )
    failure = translate(report.failure, _)
    if report.last_contact_ms is None:
        if failure:
            return Line(_("No contact with the head office yet"), f"{failure}\n{to}", "bad")
        return Line(_("No contact with the head office yet"), to, "warn")
    ago = duration(report.last_contact_ms, _)
    text = _("Last contact {time} ago").format(time=ago)
    sign = _by_age(report.last_contact_ms)
    if failure and sign == "good":
        sign = "warn"
    return Line(text, f"{failure}\n{to}".strip(), sign)


def _configuration(report: StatusReport, _: Gettext) -> tuple[Line, ...]:
    """Whose word holds on this kiosk, where there is a head office."""
    known = report.configuration
    if known is None or report.place is None:
        return ()
    details = []
    if known.is_in_force:
        text = _("Set up by the head office")
        if known.in_force_ms is not None:
            time = duration(known.in_force_ms, _)
            details.append(_("In force for {time}.").format(time=time))
        if known.stage != "good":
            details.append(_("On trial until the first answer."))
    else:
        text = _("Set up by its own settings file")
        if known.is_supported is False:
            details.append(_("This head office has an older version, which sets up no kiosks."))
    if known.is_waiting:
        details.append(_("A change comes into force once nobody is here."))
    return (Line(text, "\n".join(details), "good" if known.stage == "good" else None),)


def _waiting(report: StatusReport, _: Gettext) -> Line:
    if not report.waiting:
        return Line(_("All sent"), "", "good")
    text = _("Waiting to be sent: {count}").format(count=number(report.waiting, _))
    if report.oldest_waiting_ms is None:
        return Line(text, "", "none")
    oldest = _("Longest wait: {time}").format(time=duration(report.oldest_waiting_ms, _))
    # A kiosk that belongs nowhere yet keeps its answers for as long as it takes.
    sign: Sign = _by_age(report.oldest_waiting_ms) if report.place else "warn"
    return Line(text, oldest, sign)


def _by_age(age_ms: int) -> Sign:
    if age_ms > TOO_LONG_MS:
        return "bad"
    return "warn" if age_ms > LONG_WAIT_MS else "good"


def _refused(report: StatusReport, _: Gettext) -> Line:
    if not report.in_quarantine:
        return Line(_("Nothing was refused"), "", "good")
    kept = _("They are kept with the reason and can be sent again.")
    text = _("Refused answers: {count}").format(count=number(report.in_quarantine, _))
    return Line(text, kept, "warn")


def _clock(report: StatusReport, _: Gettext) -> Line:
    offset = report.clock_offset_ms
    if offset is None:
        known = _("The head office has not told the time yet.")
        return Line(_("Clock not compared"), known, "none")
    if abs(offset) < CLOCK_WARN_MS:
        return Line(_("The clock is right"), "", "good")
    counted = _("Answers get their right time all the same.")
    sign: Sign = "bad" if abs(offset) >= CLOCK_BAD_MS else "warn"
    wrong = _("The clock is {time} slow") if offset > 0 else _("The clock is {time} fast")
    return Line(wrong.format(time=duration(abs(offset), _)), counted, sign)


def _disk(report: StatusReport, _: Gettext) -> Line:
    free = report.free_disk_bytes
    if free is None:
        return Line(_("The disk can't be checked"), "", "bad")
    text = _("{size} free on the disk").format(size=megabytes(free, _))
    if free < TINY_DISK:
        return Line(text, _("Soon no answer can be stored. Free some space."), "bad")
    return Line(text, "", "warn" if free < SMALL_DISK else "good")
