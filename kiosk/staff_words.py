"""Facts for the staff in words, each with a sign: good, look at it, act."""

from collections.abc import Callable

from config.settings import WEEKDAYS, Hours
from kiosk.staff_facts import Finding, Findings, NotExported, Report, Sign
from kiosk.staff_views import Line

Gettext = Callable[[str], str]

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LONG_WAIT_MS, TOO_LONG_MS = HOUR, DAY
SMALL_DISK, TINY_DISK = 500_000_000, 100_000_000
CLOCK_WARN_MS, CLOCK_BAD_MS = MINUTE, DAY


def duration(ms: int, _: Gettext) -> str:
    """A time in its one or two largest units."""
    seconds = max(0, -(-ms // 1000))
    if seconds < 120:
        return _("{count} seconds").format(count=seconds)
    if seconds < 7200:
        return _("{count} minutes").format(count=round(seconds / 60))
    if seconds < 172_800:
        return _("{count} hours").format(count=round(seconds / 3600))
    return _("{count} days").format(count=round(seconds / 86_400))


def number(value: float, _: Gettext, decimals: int = 0) -> str:
    """A number, 0 or larger, with thousands and decimals marked as the language does."""
    # Translators: 1234 and a half as your language writes it. Use a no-break space, not a space.
    sample = _("1,234.5")
    thousands, point = sample[1:-5], sample[-2]
    whole, _point, rest = f"{value:,.{decimals}f}".partition(".")
    return whole.replace(",", thousands) + (point + rest if rest else "")


def megabytes(size: int, _: Gettext) -> str:
    """A size in GB or MB."""
    if size >= 1e9:
        return f"{number(size / 1e9, _, 1)} GB"
    return f"{number(size / 1e6, _)} MB"


def weekday(day: int, _: Gettext) -> str:
    """A weekday's name; 0 is Monday."""
    names = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip
    return names[day]


def ranges_in_words(hours: Hours, day: int, _: Gettext) -> str:
    """The hours of a weekday."""
    ranges = getattr(hours, WEEKDAYS[day])
    if ranges is None:
        return _("Open all day")
    if not ranges:
        return _("Closed")
    return ", ".join(text.replace("-", "–") for text in ranges)


# --- status -------------------------------------------------------------------------------


def report_lines(report: Report, _: Gettext) -> tuple[Line, ...]:
    """How the kiosk is, what matters most first."""
    lines = [Line(_("Something is wrong"), text, "bad") for text in report.trouble]
    lines += [
        _way_home(report, _),
        _waiting(report, _),
        _refused(report, _),
        _clock(report, _),
        _disk(report, _),
    ]
    if not report.has_pin:
        lines.append(Line(_("No PIN is chosen yet"), _("Anyone can choose one."), "warn"))
    stored = _("Messages stored so far: {count}").format(count=number(report.stored, _))
    lines.append(Line(_("Version {version}").format(version=report.version), stored))
    return tuple(lines)


def _way_home(report: Report, _: Gettext) -> Line:
    if report.place is None:
        kept = _("Answers are kept on this kiosk. Enrol it to send them.")
        return Line(_("Not enrolled"), kept, "warn")
    to = _("To {place} at {address}").format(place=report.place, address=report.head_office or "")
    if report.paused:
        return Line(
            _("The head office does not let this kiosk in"), f"{_(report.paused)}\n{to}", "bad"
        )
    # gettext would answer an empty text with the head of its catalogue.
    failure = _(report.failure) if report.failure else ""
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


def _waiting(report: Report, _: Gettext) -> Line:
    if not report.waiting:
        return Line(_("Nothing waits to be sent"), "", "good")
    text = _("Messages waiting to be sent: {count}").format(count=number(report.waiting, _))
    if report.oldest_waiting_ms is None:
        return Line(text, "", "none")
    oldest = _("The oldest for {time}").format(time=duration(report.oldest_waiting_ms, _))
    # A kiosk that belongs nowhere yet keeps its answers for as long as it takes.
    sign: Sign = _by_age(report.oldest_waiting_ms) if report.place else "warn"
    return Line(text, oldest, sign)


def _by_age(age_ms: int) -> Sign:
    if age_ms > TOO_LONG_MS:
        return "bad"
    return "warn" if age_ms > LONG_WAIT_MS else "good"


def _refused(report: Report, _: Gettext) -> Line:
    if not report.quarantined:
        return Line(_("Nothing was refused"), "", "good")
    kept = _("They are kept with the reason and can be sent again.")
    text = _("Messages refused: {count}").format(count=number(report.quarantined, _))
    return Line(text, kept, "warn")


def _clock(report: Report, _: Gettext) -> Line:
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


def _disk(report: Report, _: Gettext) -> Line:
    free = report.free_disk_bytes
    if free is None:
        return Line(_("The disk can't be looked at"), "", "bad")
    text = _("{size} free on the disk").format(size=megabytes(free, _))
    if free < TINY_DISK:
        return Line(text, _("Soon no answer can be stored. Free some space."), "bad")
    return Line(text, "", "warn" if free < SMALL_DISK else "good")


# --- connection -----------------------------------------------------------------------------


def finding_lines(found: Findings, _: Gettext) -> tuple[Line, ...]:
    """The steps to the head office."""
    return tuple(_finding_line(finding, _) for finding in found.steps)


def _finding_line(finding: Finding, _: Gettext) -> Line:
    steps = {
        "network": _("Network"),
        "name": _("Name of the head office"),
        "connect": _("Connection"),
        "tls": _("Secure connection"),
        "answer": _("Answer of the head office"),
        "credential": _("This kiosk's credential"),
        "clock": _("Clock"),
    }
    words = words_of_fault(finding.fault, _) if finding.fault else ""
    detail = "\n".join(filter(None, (words, finding.detail)))
    return Line(steps[finding.step], detail, finding.sign)


def words_of_fault(fault: str, _: Gettext) -> str:
    """What fails on the way to the head office, and what to do."""
    return {
        "no_address": _("This kiosk does not know its head office. Enrol it."),
        "bad_address": _("The address of the head office can't be used."),
        "no_network": _("There is no network. Check the cable or the Wi-Fi."),
        "name": _("The name is not found. Check the address, and the network's DNS."),
        "refused": _("The machine is there, but the head office's program does not answer."),
        "timeout": _("No answer in time. The line is slow, or something blocks it."),
        "unreachable": _("The machine can't be reached. A router or firewall may be in the way."),
        "tls": _("What answers there does not speak a secure protocol. Check the address."),
        "cut": _("The connection is cut in the middle."),
        "proxy": _("The proxy does not let this kiosk through."),
        "certificate": _("The certificate can't be trusted. Somebody may be listening in."),
        "certificate_name": _("The certificate is for another name. Check the address."),
        "certificate_time": _("The certificate is not valid at this time. Is the clock right?"),
        "certificate_expired": _("The head office's certificate has expired."),
        "captive": _("A log-in page answers in place of the head office: log in to the Wi-Fi."),
        "not_hymio": _("What answers there is no Hymio head office. Check the address."),
        "other_head_office": _("Another head office answers. Enrol this kiosk again."),
        "not_enrolled": _("This kiosk is not enrolled yet."),
        "credential": _("The head office does not know this kiosk any more. Enrol it again."),
        "server": _("The head office has a problem of its own. Answers wait on this kiosk."),
        "clock": _("The clock is far off. Answers get their right time all the same."),
    }.get(fault, fault)


def export_fault(result: NotExported, _: Gettext) -> str:
    """Why an export was not completed."""
    words = {
        "full": _("The stick is full. Use another one, or make room on it."),
        "read_only": _("The stick can only be read. Is its switch on “lock”?"),
        "gone": _("The stick was taken out. Put it in and try again."),
        "failed": _("The stick can't be written. Try another one."),
        "stopped": _("You stopped it."),
    }[result.fault]
    kept = _("No answer is lost: all are still on this kiosk.")
    return "\n".join(filter(None, (words, result.detail, kept)))
