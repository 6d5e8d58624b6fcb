"""Everything stored, onto a USB stick."""

from dataclasses import dataclass, replace
from typing import Self, assert_never

from kiosk.maintenance.results import ExportDone, ExportFailure, ExportProgress, Media
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Control
from kiosk.staff.results import Result
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import CancelExport, Effect, ExportAnswers, ListMedia
from kiosk.staff.texts import megabytes, number
from kiosk.staff.views import Key, Line, StaffView

INTERVAL_MS = 2_000
"""How often the page looks for a stick."""


@dataclass(frozen=True)
class StartExport(Control):
    """Onto one of the sticks, by its place on the page."""

    index: int


@dataclass(frozen=True)
class StopExport(Control):
    """In the middle of it."""


@dataclass(frozen=True)
class NewExport(Control):
    """After one that is done, or failed."""


ExportControl = StartExport | StopExport | NewExport


@dataclass(frozen=True)
class ExportPage(StaffPage[ExportControl]):
    """The sticks, then how far it is, then what came of it."""

    name = "export"

    media: Media | None = None
    read_ms: int = 0
    progress: ExportProgress | None = None
    """While it runs."""
    result: ExportDone | ExportFailure | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ListMedia(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Export to USB")

    @property
    def is_busy(self) -> bool:
        return self.progress is not None

    @property
    def due_ms(self) -> int | None:
        return self.read_ms + INTERVAL_MS if self._is_choosing else None

    def on_due(self, state: StaffState, at_ms: int) -> StaffStep:
        return state.show(replace(self, read_ms=at_ms), ListMedia())

    def on_close(self) -> tuple[Effect, ...]:
        return (CancelExport(),) if self.is_busy else ()

    @property
    def _is_choosing(self) -> bool:
        return self.progress is None and self.result is None

    def press(self, control: ExportControl, state: StaffState, config: ActiveConfig) -> StaffStep:
        match control:
            case StartExport(index=index):
                folder = self.media.sticks[index].path if self.media else None
                if folder is None:
                    return StaffStep(state)
                page = replace(self, progress=ExportProgress(0, 0))
                return state.show(page, ExportAnswers(folder))
            case StopExport():
                return StaffStep(state, (CancelExport(),))
            case NewExport():
                page, effects = self.open()
                return state.show(page, *effects)
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case Media() if self._is_choosing:
                return state.show(replace(self, media=result, read_ms=at_ms))
            case ExportProgress() if self.is_busy:
                return state.show(replace(self, progress=result))
            case ExportDone() | ExportFailure() if self.is_busy:
                page = replace(self, progress=None, result=result)
                return replace(state, touched_ms=at_ms).show(page)
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if self.progress is not None:
            return self._running(self.progress, _)
        match self.result:
            case None:
                return self.frame(_, lines=self._sticks(_))
            case ExportDone(folder=folder, messages=messages):
                line = Line(
                    _("Done. You can take the stick out"),
                    _("{folder}: {count}").format(count=number(messages, _), folder=folder.name),
                    "good",
                )
            case ExportFailure() as failure:
                line = Line(
                    _("The export was not completed"), export_failure_text(failure, _), "bad"
                )
            case _:
                assert_never(self.result)
        return self.frame(_, lines=(line,), buttons=(Key(NewExport(), _("Again")),))

    def _running(self, progress: ExportProgress, _: Gettext) -> StaffView:
        line = Line(
            _("Writing…"),
            _("Written: {done} of {total}. Leave the stick in.").format(
                done=number(progress.messages, _), total=number(progress.total, _)
            ),
        )
        return self.frame(
            _,
            lines=(line,),
            progress=progress.messages / progress.total if progress.total else 0.0,
            buttons=(Key(StopExport(), _("Stop")),),
        )

    def _sticks(self, _: Gettext) -> tuple[Line, ...]:
        if self.media is None:
            return (Line(_("One moment…")),)
        if not self.media.sticks:
            later = _("It appears here by itself after a few seconds.")
            return (Line(_("Put a USB stick in"), later),)
        lines = []
        for index, medium in enumerate(self.media.sticks):
            free = _("{size} free").format(size=megabytes(medium.free_bytes, _))
            if medium.writable:
                keys = (Key(StartExport(index), _("Export"), strong=True),)
                lines.append(Line(medium.name, free, "none", keys))
            else:
                lines.append(Line(medium.name, _("Read only"), "bad"))
        return tuple(lines)


def export_failure_text(failure: ExportFailure, _: Gettext) -> str:
    """Why an export was not completed."""
    words = {
        "full": _("The stick is full. Use another one, or make room on it."),
        "read_only": _("The stick can only be read. Is its switch on “lock”?"),
        "gone": _("The stick was taken out. Put it in and try again."),
        "failed": _("This stick can't be written to. Try another one."),
        "stopped": _("The export was cancelled."),
    }[failure.fault]
    kept = _("No answer is lost: all are still on this kiosk.")
    return "\n".join(filter(None, (words, failure.detail, kept)))
