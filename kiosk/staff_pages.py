"""The staff pages in words: each page of :mod:`kiosk.staff` as a :class:`StaffView`."""

from collections.abc import Callable
from dataclasses import replace

from config.settings import WEEKDAYS, Hours, Sound
from kiosk import staff
from kiosk.i18n import native_name, translator
from kiosk.staff_facts import QuarantineEntry, Sign
from kiosk.staff_pages_home import connection, enrolment, export, titled
from kiosk.staff_views import Key, Line, StaffView
from kiosk.staff_words import (
    duration,
    ranges_in_words,
    report_lines,
    weekday,
)

Gettext = Callable[[str], str]


def staff_view(state: staff.State, now_ms: int, rules: staff.Rules) -> StaffView:
    """The page that staff see now."""
    _ = translator(rules.language)
    return replace(_view(state, now_ms, rules, _), more=_("More ({page} of {pages})"))


def _view(  # noqa: C901, PLR0911, PLR0912 - one line for each page
    state: staff.State, now_ms: int, rules: staff.Rules, _: Gettext
) -> StaffView:
    hours, sound = rules.hours, rules.sound
    match state.page:
        case staff.EnterPin() as page:
            return _enter_pin(page, now_ms, _)
        case staff.ChoosePin() as page:
            return _choose_pin(page, _)
        case staff.Menu():
            return _menu(state, _)
        case staff.StatusPage() as page:
            return _status(page, _)
        case staff.QuarantinePage() as page:
            return _quarantine(page, _)
        case staff.TestPage():
            return _test(state, rules, _)
        case staff.QuestionnairePage() as page:
            return _questionnaires(page, state.problem, _)
        case staff.HoursPage():
            return _hours(state, hours, _)
        case staff.DayPage(day=day):
            return _day(state, day, hours, _)
        case staff.SoundPage() as page:
            return _sound(page, state.problem, sound, _)
        case staff.ConnectionPage() as page:
            return connection(page, _)
        case staff.EnrolmentPage() as page:
            return enrolment(page, _)
        case staff.ExportPage() as page:
            return export(page, _)
        case staff.LeavePage():
            return _leave(_)
        case staff.Away():
            raise ValueError("nobody of the staff is here")


# --- the PIN ------------------------------------------------------------------------------


def _enter_pin(page: staff.EnterPin, now_ms: int, _: Gettext) -> StaffView:
    line = Line(_("Enter the PIN"))
    if page.note == "problem":
        line = Line(
            _("The PIN can't be read"),
            _("Choose a new one on the kiosk's command line: hymio-kiosk set-pin")
            + f"\n{page.detail}",
            "bad",
        )
    elif page.locked_until_ms is not None:
        line = Line(
            _("Too many wrong tries"),
            _("Locked for {time}").format(time=duration(page.locked_until_ms - now_ms, _)),
            "bad",
        )
    elif page.note == "wrong":
        line = Line(_("That was not the PIN"), _("Try again"), "warn")
    elif page.waiting and page.digits:
        line = Line(_("One moment …"))
    enabled = not page.waiting and page.locked_until_ms is None
    return StaffView(
        name="staff_pin",
        title=_("Staff"),
        leave=Key("leave", _("Leave")),
        lines=(line,),
        typed="•" * len(page.digits),
        keys=_pin_keys(enabled, len(page.digits) >= 4, _),
    )


def _choose_pin(page: staff.ChoosePin, _: Gettext) -> StaffView:
    line = Line(_("Choose a PIN"), _("4 to 12 digits. Whoever knows it can change this kiosk."))
    if page.first:
        line = Line(_("Enter it once more"), _("So that no slip of the finger locks you out."))
    match page.note:
        case "length":
            line = Line(_("A PIN has 4 to 12 digits"), _("Choose another one"), "warn")
        case "too_easy":
            line = Line(_("Anyone would try this one first"), _("Choose another one"), "warn")
        case "different":
            line = Line(_("The two were different"), _("Start again"), "warn")
        case "problem":
            line = Line(_("The PIN could not be kept"), page.detail, "bad")
    return StaffView(
        name="staff_choose_pin",
        title=_("Staff") if page.first_run else _("Change the PIN"),
        back=None if page.first_run else Key("back", _("Back")),
        leave=Key("leave", _("Leave")),
        lines=(line,),
        typed="•" * len(page.digits),
        keys=_pin_keys(not page.waiting, len(page.digits) >= 1, _),
    )


def _pin_keys(enabled: bool, complete: bool, _: Gettext) -> tuple[tuple[Key, ...], ...]:
    rows = [tuple(Key(f"digit:{d}", d, enabled) for d in row) for row in ("123", "456", "789")]
    last = (
        Key("delete", _("Delete"), enabled),
        Key("digit:0", "0", enabled),
        Key("done", _("OK"), enabled and complete, strong=True),
    )
    return (*rows, last)


# --- menu and status ----------------------------------------------------------------------


def _menu(state: staff.State, _: Gettext) -> StaffView:
    tiles = (
        Key("open:status", _("Status")),
        Key("open:test", _("Test mode"), chosen=state.test_until_ms is not None),
        Key("open:questionnaire", _("Questionnaire and language")),
        Key("open:hours", _("Opening hours and pause"), chosen=state.overlay.paused),
        Key("open:sound", _("Sound and brightness")),
        Key("open:connection", _("Connection")),
        Key("open:enrolment", _("Enrolment")),
        Key("open:export", _("Export to USB")),
        Key("open:pin", _("Change the PIN")),
        Key("open:leave", _("Restart or end")),
    )
    return StaffView("staff_menu", _("Staff"), leave=Key("leave", _("Leave")), tiles=tiles)


def _status(page: staff.StatusPage, _: Gettext) -> StaffView:
    if page.report is None:
        return titled("status", _("Status"), _, lines=(Line(_("One moment …")),))
    buttons: tuple[Key, ...] = ()
    if page.report.quarantined:
        buttons = (Key("quarantine", _("See what was refused")),)
    return titled("status", _("Status"), _, lines=report_lines(page.report, _), buttons=buttons)


def _quarantine(page: staff.QuarantinePage, _: Gettext) -> StaffView:
    title = _("Refused answers")
    if page.found is None:
        return titled("quarantine", title, _, lines=(Line(_("One moment …")),))
    if not page.found.entries:
        line = Line(_("None"), _("The head office has refused nothing."), "good")
        return titled("quarantine", title, _, lines=(line,))
    again = Key("again_all", _("Send all of them again"), strong=True)
    lines = tuple(_refused(entry, _) for entry in page.found.entries)
    if len(lines) < page.found.total:
        lines += (Line(_("{count} more").format(count=page.found.total - len(lines))),)
    return titled("quarantine", title, _, lines=lines, buttons=(again,))


def _refused(entry: QuarantineEntry, _: Gettext) -> Line:
    reasons = {
        "invalid": _("It breaks the head office's rules"),
        "conflict": _("Another kiosk used this number"),
        "isolated": _("The way to the head office does not let it through"),
        "unreadable": _("This kiosk can't read it any more"),
    }
    keys = (Key(f"again:{entry.id}", _("Send again")),) if entry.readable else ()
    detail = f"{reasons.get(entry.reason, entry.reason)}\n{entry.detail}".strip()
    return Line(_("Message {number}").format(number=entry.seq), detail, "warn", keys)


def _test(state: staff.State, rules: staff.Rules, _: Gettext) -> StaffView:
    minutes = max(1, round(rules.test_ms / 60_000))
    if state.test_until_ms is None:
        line = Line(
            _("Try the kiosk without being counted"),
            _(
                "Every tap is marked as a test and the screen says so. It ends by itself "
                "after {minutes} minutes."
            ).format(minutes=minutes),
        )
        key = Key("start", _("Start testing"), strong=True)
    else:
        line = Line(_("Test mode is on"), _("Taps are not counted."), "warn")
        key = Key("stop", _("End testing"), strong=True)
    return titled("test", _("Test mode"), _, lines=(line,), buttons=(key,))


# --- what the kiosk asks and when -----------------------------------------------------------


def _questionnaires(page: staff.QuestionnairePage, problem: str, _: Gettext) -> StaffView:
    title = _("Questionnaire and language")
    if page.choices is None:
        return titled("questionnaire", title, _, lines=(Line(_("One moment …")),))
    lines: list[Line] = _problem(problem, _)
    if page.refused:
        kept = _("It has mistakes. The questionnaire before stays.")
        lines.append(Line(page.refused, kept, "bad"))
        lines += [Line("", mistake) for mistake in page.mistakes]
    for choice in page.choices.questionnaires:
        if choice.name == page.choices.chosen:
            lines.append(Line(choice.title, choice.name, "good"))
            continue
        # One with mistakes can be tried as well: then it is said what is wrong.
        use = Key(f"use:{choice.name}", _("Use"), not page.asked_for)
        sign: Sign | None = "bad" if choice.mistakes else None
        lines.append(Line(choice.title, choice.name, sign, (use,)))
    languages = tuple(
        Key(f"language:{tag}", native_name(tag), chosen=tag == page.choices.language)
        for tag in page.choices.languages
    )
    return titled("questionnaire", title, _, lines=tuple(lines), buttons=languages)


def _hours(state: staff.State, hours: Hours, _: Gettext) -> StaffView:
    lines = _problem(state.problem, _)
    if state.overlay.paused:
        pause, sign = _("The screen says “Back soon” until you end the pause."), "warn"
        key = Key("pause", _("End the pause"))
    else:
        pause, sign = _("Shows “Back soon” instead of the question."), None
        key = Key("pause", _("Pause"))
    lines.append(Line(_("Pause"), pause, sign, (key,)))  # type: ignore[arg-type]
    lines += [
        Line(
            weekday(day, _), ranges_in_words(hours, day, _), None, (Key(f"day:{day}", _("Change")),)
        )
        for day in range(7)
    ]
    return titled("hours", _("Opening hours and pause"), _, lines=tuple(lines))


def _day(state: staff.State, day: int, hours: Hours, _: Gettext) -> StaffView:
    ranges = getattr(hours, WEEKDAYS[day])
    lines = [*_problem(state.problem, _), Line(ranges_in_words(hours, day, _))]
    if ranges:
        opens, closes = ranges[0].split("-")
        lines.append(_earlier_later("opens", _("Opens at {time}").format(time=opens), _))
        lines.append(_earlier_later("closes", _("Closes at {time}").format(time=closes), _))
    usual = Key("hours:usual", _("Set hours"))
    buttons = (
        *(() if ranges else (usual,)),
        Key("hours:closed", _("Closed"), chosen=ranges == ()),
        Key("hours:all_day", _("Open all day"), chosen=ranges is None),
        Key("hours:to_weekdays", _("Same Mon–Fri")),
        Key("hours:to_all", _("Same every day")),
    )
    return titled("day", weekday(day, _), _, lines=tuple(lines), buttons=buttons)


def _earlier_later(what: str, text: str, _: Gettext) -> Line:
    keys = (Key(f"hours:{what}_earlier", "−"), Key(f"hours:{what}_later", "+"))
    return Line(text, "", None, keys)


def _sound(page: staff.SoundPage, problem: str, sound: Sound, _: Gettext) -> StaffView:
    lines = _problem(problem, _)
    state = _("On") if sound.enabled else _("Off")
    switch = Key("sounds", _("Switch off") if sound.enabled else _("Switch on"))
    lines.append(Line(_("Sounds"), state, None, (switch,)))
    if sound.enabled:
        keys = (Key("quieter", "−"), Key("louder", "+"))
        lines.append(Line(_("Volume"), f"{round(sound.volume * 100)} %", None, keys))
    if page.light is None:
        lines.append(Line(_("Brightness"), _("One moment …")))
    elif page.light.percent is None:
        lines.append(
            Line(
                _("Brightness"),
                _("This screen's brightness can't be set from here. Use the screen's own buttons."),
            )
        )
    else:
        keys = (Key("darker", "−"), Key("brighter", "+"))
        lines.append(Line(_("Brightness"), f"{page.light.percent} %", None, keys))
    return titled("sound", _("Sound and brightness"), _, lines=tuple(lines))


def _problem(problem: str, _: Gettext) -> list[Line]:
    if not problem:
        return []
    return [Line(_("The last change could not be kept"), problem, "bad")]


def _leave(_: Gettext) -> StaffView:
    restart = Line(
        _("Restart"),
        _("Takes a few seconds. No answer is lost."),
        None,
        (Key("restart", _("Restart")),),
    )
    end = Line(
        _("End the program"),
        _("The kiosk asks nothing until it is started again."),
        None,
        (Key("quit", _("End")),),
    )
    return titled("leave", _("Restart or end"), _, lines=(restart, end))
