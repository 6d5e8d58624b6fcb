"""A desk without a window: its work is done by the test, or by the real thing in its own thread."""

import queue
from collections.abc import Callable
from typing import Any

from fakes import FakeClock
from processes import wait_until

from config.settings import Settings
from kiosk.desk import Cover, Desk, Doors
from kiosk.overlay import Overlay
from kiosk.staff_facts import Fact
from kiosk.staff_orders import Work
from kiosk.staff_views import StaffView


class Notebook:
    """A :class:`kiosk.desk.CoverStage` that keeps what was shown."""

    def __init__(self, clock: FakeClock) -> None:
        self.covers: list[Cover] = []
        self.test = ""
        self.due: int | None = None
        self._clock = clock

    def cover(self, view: Cover) -> None:
        self.covers.append(view)

    def mark_test(self, text: str) -> None:
        self.test = text

    def wake_in(self, delay_ms: int | None) -> None:
        self.due = None if delay_ms is None else self._clock.mono_ms() + delay_ms


class Staff:
    """Somebody of the staff in front of a desk."""

    def __init__(
        self,
        clock: FakeClock,
        settings: Settings | None = None,
        overlay: Overlay | None = None,
        *,
        work: Callable[[Work], None] | None = None,
    ) -> None:
        self.clock = clock
        self.notes = Notebook(clock)
        self.asked: list[Work] = []
        self.in_force: list[Settings] = []
        self.ended: list[str] = []
        self.idle = True
        self.facts: queue.SimpleQueue[Fact] = queue.SimpleQueue()
        doors = Doors(
            work=work or self.asked.append,
            in_force=self.in_force.append,
            restart=lambda: self.ended.append("restart"),
            quit=lambda: self.ended.append("quit"),
            is_idle=lambda: self.idle,
            clock_offset_ms=lambda: 0,
        )
        self.desk = Desk(settings or Settings(), overlay or Overlay(), clock, doors)
        self.desk.start(self.notes)

    @property
    def seen(self) -> Cover:
        return self.notes.covers[-1]

    @property
    def page(self) -> StaffView:
        assert isinstance(self.seen, StaffView), self.seen
        return self.seen

    def at(self) -> str:
        return self.seen.name if isinstance(self.seen, StaffView) else type(self.seen).__name__

    def words(self) -> str:
        return "\n".join(f"{line.sign} {line.text} {line.detail}" for line in self.page.lines)

    def controls(self) -> dict[str, Any]:
        page = self.page
        keys = [*page.buttons, *page.tiles, *(k for row in page.keys for k in row)]
        keys += [k for line in page.lines for k in line.keys]
        keys += [k for k in (page.back, page.leave) if k is not None]
        return {key.control: key for key in keys}

    def press(self, *controls: str) -> None:
        """Only what is really there and can be pressed."""
        for control in controls:
            assert self.controls()[control].enabled, control
            self.desk.pressed(control)

    def type_pin(self, pin: str) -> None:
        self.press(*(f"digit:{digit}" for digit in pin), "done")

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.desk.told(fact)

    def wait(self, ms: int) -> None:
        """Time passes, with every tick that the desk asked for."""
        until = self.clock.mono + ms
        while self.notes.due is not None and self.notes.due <= until:
            self.clock.advance(self.notes.due - self.clock.mono)
            self.desk.tick()
        self.clock.advance(until - self.clock.mono)

    def until(self, true: Callable[[], object], what: str, seconds: float = 20) -> None:
        """Takes in what the real work tells until something is true."""

        def seek() -> bool:
            while not self.facts.empty():
                self.desk.told(self.facts.get())
            return bool(true())

        wait_until(seek, what, seconds=seconds)
