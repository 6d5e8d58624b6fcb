"""The staff mode: what a press, a result or a tick does to the staff pages, as pure functions.

No window, clock, disk, network or thread is in here. :func:`step` takes a state and an event and
returns the next state and what has to be done. What takes time is asked for as a ``Task`` and
comes back as a ``ResultReceived``. Everything that belongs to one page is in its file of
:mod:`kiosk.staff.pages`; here is what holds for all of them.

A page takes exactly what its view shows: a press of anything else raises IllegalEventError and
changes nothing, and a key that is shown but not enabled does nothing. A result for a page that
was left meanwhile is ignored.
"""

from dataclasses import dataclass, replace
from typing import Any, assert_never

from kiosk.errors import IllegalEventError
from kiosk.i18n import translator
from kiosk.overrides import ActiveConfig
from kiosk.staff.controls import Back, Control, Leave
from kiosk.staff.pages.enter_pin import EnterPin
from kiosk.staff.pages.first_start import FirstStart
from kiosk.staff.pages.menu import TILES, Menu
from kiosk.staff.pages.pin_recovery import PinRecoveryPage
from kiosk.staff.results import OverridesSaved, Result
from kiosk.staff.state import StaffPage, StaffState, StaffStep
from kiosk.staff.views import StaffView


@dataclass(frozen=True)
class CornerHeld:
    """A finger rested in the hidden corner for long enough."""

    at_ms: int


@dataclass(frozen=True)
class ControlPressed:
    """A control of the page was pressed and let go, or its key was."""

    at_ms: int
    control: Control


@dataclass(frozen=True)
class ResultReceived:
    """Something was found out, or done."""

    at_ms: int
    result: Result


@dataclass(frozen=True)
class StaffTick:
    """Time has passed."""

    at_ms: int


PAGES: tuple[type[StaffPage[Any]], ...] = (
    EnterPin,
    PinRecoveryPage,
    FirstStart,
    Menu,
    *TILES,
    *(child for page in TILES for child in page.children),
)
Event = CornerHeld | ControlPressed | ResultReceived | StaffTick


def step(state: StaffState, event: Event, config: ActiveConfig) -> StaffStep:
    """What an event does; raises IllegalEventError, without any change, where it can't happen."""
    match event:
        case CornerHeld():
            return _enter(state, event)
        case ControlPressed():
            return _finish(_press(state, event, config))
        case ResultReceived(result=OverridesSaved(problem=problem)):
            return StaffStep(replace(state, problem=problem))
        case ResultReceived():
            return _finish(_receive(state, event))
        case StaffTick():
            return _tick(state, event.at_ms, config)
        case _:
            assert_never(event)


def deadline(state: StaffState, config: ActiveConfig) -> int | None:
    """When the next Tick is due, in monotonic milliseconds; None: not before something else."""
    due = [] if state.test_until_ms is None else [state.test_until_ms]
    if (page := state.page) is not None:
        if page.due_ms is not None:
            due.append(page.due_ms)
        if not page.is_busy:
            due.append(_idle_end_ms(state, config))
    return min(due, default=None)


def staff_view(state: StaffState, config: ActiveConfig, now_ms: int) -> StaffView:
    """The page that staff see now; ValueError if nobody is here."""
    if state.page is None:
        raise ValueError("nobody of the staff is here")
    _ = translator(config.language)
    view = state.page.view(state, config, now_ms, _)
    return replace(view, more=_("Next ({page} of {pages})"))


def _enter(state: StaffState, event: CornerHeld) -> StaffStep:
    if state.page is not None:
        return StaffStep(state)
    page, effects = EnterPin.open()
    return StaffStep(replace(state, page=page, touched_ms=event.at_ms, problem=""), effects)


def _receive(state: StaffState, event: ResultReceived) -> StaffStep:
    if state.page is None:
        return StaffStep(state)
    return state.page.receive(event.result, state, event.at_ms)


def _press(state: StaffState, event: ControlPressed, config: ActiveConfig) -> StaffStep:
    page = state.page
    key = None
    if page is not None:
        key = staff_view(state, config, event.at_ms).controls().get(event.control)
    if page is None or key is None:
        raise IllegalEventError(event, page, f"there is no {event.control}")
    state = replace(state, touched_ms=event.at_ms)
    if not key.enabled:
        return StaffStep(state)
    match event.control:
        case Leave():
            return _leave(state)
        case Back():
            return StaffStep(state, is_done=True)
        case control:
            return page.press(control, state, config)


def _finish(step: StaffStep) -> StaffStep:
    """Goes on to the page before, if this one is done."""
    page = step.state.page
    if page is None or not step.is_done:
        return step
    home = FirstStart if step.state.is_setting_up else Menu
    parent: type[StaffPage[Any]] = next((p for p in TILES if type(page) in p.children), home)
    before, effects = parent.open()
    return StaffStep(replace(step.state, page=before), (*step.effects, *page.on_close(), *effects))


def _leave(state: StaffState) -> StaffStep:
    """The staff left, or were taken to have left."""
    effects = state.page.on_close() if state.page is not None else ()
    return StaffStep(replace(state, page=None), effects)


def _tick(state: StaffState, at_ms: int, config: ActiveConfig) -> StaffStep:
    if state.test_until_ms is not None and at_ms >= state.test_until_ms:
        state = replace(state, test_until_ms=None)
    page = state.page
    if page is None:
        return StaffStep(state)
    if at_ms >= _idle_end_ms(state, config) and not page.is_busy:
        return _leave(state)
    if page.due_ms is not None and at_ms >= page.due_ms:
        return page.on_due(state, at_ms)
    return StaffStep(state)


def _idle_end_ms(state: StaffState, config: ActiveConfig) -> int:
    return state.touched_ms + round(config.settings.staff.idle * 1000)
