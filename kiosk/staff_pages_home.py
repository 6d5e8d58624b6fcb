"""The staff pages about the way home: connection, enrolment, export."""

from collections.abc import Callable

from kiosk import staff
from kiosk.staff_facts import Exported, Exporting, NotExported
from kiosk.staff_views import Key, Line, StaffView
from kiosk.staff_words import export_fault, finding_lines, megabytes, number

Gettext = Callable[[str], str]

_CODE_KEYS: tuple[str, ...] = ("ABCDEFGHI", "JKLMNOPQR", "STUVWXYZ2", "3456789")
_LETTER_KEYS: tuple[str, ...] = ("abcdefghi", "jklmnopqr", "stuvwxyz.", "-/:")
_SIGN_KEYS: tuple[str, ...] = ("123456789", "0._-~:/[]", "")


def titled(name: str, title: str, _: Gettext, **parts: object) -> StaffView:
    """A page with its way back and out."""
    return StaffView(
        name=f"staff_{name}",
        title=title,
        back=Key("back", _("Back")),
        leave=Key("leave", _("Leave")),
        **parts,  # type: ignore[arg-type]
    )


def connection(page: staff.ConnectionPage, _: Gettext) -> StaffView:
    done = page.found is not None and page.found.done
    lines = finding_lines(page.found, _) if page.found else ()
    if not done:
        lines += (Line(_("One moment …")),)
    return titled(
        "connection",
        _("Connection"),
        _,
        lines=lines,
        buttons=(Key("try", _("Test again"), done, strong=True),),
    )


def enrolment(page: staff.EnrolmentPage, _: Gettext) -> StaffView:
    if page.joined:
        line = Line(
            _("This kiosk now belongs to {place}").format(place=page.joined), page.url, "good"
        )
    elif page.problem:
        line = Line(_("Not enrolled"), page.problem, "bad")
    elif page.waiting:
        line = Line(_("One moment …"))
    elif page.typing == "url":
        line = Line(_("Address of the head office"), _("Like https://feedback.example.com"))
    elif page.place:
        line = Line(
            _("Enrolled as {place}").format(place=page.place),
            _("A new code from the head office moves this kiosk."),
        )
    else:
        line = Line(_("The code from the head office"), page.url)
    enabled = not page.waiting
    if page.typing == "code":
        layout, other = _CODE_KEYS, Key("type:url", _("Address"), enabled)
        typed = page.code
    else:
        layout = _SIGN_KEYS if page.signs else _LETTER_KEYS
        other, typed = Key("type:code", _("Code"), enabled), page.url
    keys = tuple(tuple(Key(f"key:{c}", c, enabled) for c in row) for row in layout)
    if page.typing == "url":
        switch = Key("signs", "abc" if page.signs else "123", enabled)
        keys = (*keys[:-1], (*keys[-1], switch))
    last = (*keys[-1], Key("delete", _("Delete"), enabled))
    join = Key("join", _("Enrol"), enabled and len(page.code) >= 4, strong=True)
    return titled(
        "enrolment",
        _("Enrolment"),
        _,
        lines=(line,),
        typed=typed,
        keys=(*keys[:-1], last),
        buttons=(other, join),
    )


def export(page: staff.ExportPage, _: Gettext) -> StaffView:
    title = _("Export to USB")
    match page.progress, page.result:
        case Exporting(done=done, total=total), _result:
            line = Line(
                _("Writing …"),
                _("Messages written: {done} of {total}. Leave the stick in.").format(
                    done=number(done, _), total=number(total, _)
                ),
            )
            return titled(
                "export", title, _, lines=(line,), progress=done / total if total else 0.0,
                buttons=(Key("stop", _("Stop")),),
            )  # fmt: skip
        case _progress, Exported(folder=folder, messages=messages):
            line = Line(
                _("Done. You can take the stick out"),
                _("Messages in {folder}: {count}").format(
                    count=number(messages, _), folder=folder.name
                ),
                "good",
            )
        case _progress, NotExported() as fault:
            line = Line(_("The export was not completed"), export_fault(fault, _), "bad")
        case _:
            return titled("export", title, _, lines=_sticks(page, _))
    return titled("export", title, _, lines=(line,), buttons=(Key("again", _("Again")),))


def _sticks(page: staff.ExportPage, _: Gettext) -> tuple[Line, ...]:
    if page.media is None:
        return (Line(_("One moment …")),)
    if not page.media.found:
        return (Line(_("Put a USB stick in"), _("It appears here by itself after a few seconds.")),)
    lines = []
    for index, medium in enumerate(page.media.found):
        free = _("{size} free").format(size=megabytes(medium.free_bytes, _))
        if medium.writable:
            keys = (Key(f"export:{index}", _("Export"), strong=True),)
            lines.append(Line(medium.name, free, "none", keys))
        else:
            lines.append(Line(medium.name, _("It can only be read"), "bad"))
    return tuple(lines)
