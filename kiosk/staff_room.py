"""Puts the staff mode of a running kiosk together: desk, background work and the layer."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.questionnaire import Questionnaire
from config.settings import Settings
from kiosk.backlight import Backlight
from kiosk.conductor import Conductor
from kiosk.desk import Desk, Doors
from kiosk.i18n import translator
from kiosk.plan import Plan
from kiosk.session_state import Idle
from kiosk.staff_facts import Fact
from kiosk.staff_orders import Export, StopExport, Work
from kiosk.staff_views import PausedView
from kiosk.trace import Trace
from kiosk.way_home import WayHome
from sync.clock import Clock
from sync.outbox import Outbox

if TYPE_CHECKING:
    from kiosk.ui.staff_layer import StaffLayer
    from sync.scheduler import SyncStatus


@dataclass(frozen=True)
class Surroundings:
    """What the staff room needs of the kiosk around it."""

    outbox: Callable[[], Outbox | None]
    way_home: Callable[[], WayHome | None]
    asked: Callable[[], Questionnaire]
    ask: Callable[[Questionnaire], None]
    """Another questionnaire is in use from now on; called in the background."""
    in_force: Callable[[Settings], None]
    """Other settings hold from now on; called on the UI thread."""
    restart: Callable[[], None]
    quit: Callable[[], None]


class StaffRoom:
    """Made before the window opens; :meth:`open` puts the layer over it."""

    def __init__(
        self, planned: Plan, clock: Clock, conductor: Conductor, around: Surroundings
    ) -> None:
        self._planned = planned
        self._clock = clock
        self._conductor = conductor
        self._around = around
        self._jobs: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._stop_export = threading.Event()
        self._thread: threading.Thread | None = None
        self._tell: Callable[[Fact], None] = lambda _fact: None
        doors = Doors(
            work=self._do,
            in_force=self._in_force,
            restart=around.restart,
            quit=around.quit,
            is_idle=lambda: isinstance(conductor.state.phase, Idle),
            clock_offset_ms=self._clock_offset_ms,
        )
        self.desk = Desk(planned.file, planned.overlay, clock, doors)
        self._speak()

    def open(self, trace: Trace) -> "StaffLayer":
        """Puts the layer over the window; on the UI thread."""
        from kiosk.ui.staff_layer import StaffLayer, on_ui_thread  # the window is there by now

        planned = self._planned
        self._tell = on_ui_thread(self.desk.told)
        if planned.settings.screen.brightness is not None:
            Backlight().set(planned.settings.screen.brightness)
        layer = StaffLayer(self.desk, planned.settings.staff, planned.settings.screen, trace)
        layer.open()
        return layer

    def _do(self, work: Work) -> None:
        if isinstance(work, StopExport):
            self._stop_export.set()
            return
        if isinstance(work, Export):
            self._stop_export.clear()
        self._jobs.put(work)
        if self._thread is None:
            # Nobody has needed it before, and its imports take a moment.
            self._thread = threading.Thread(target=self._serve, name="staff", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        from kiosk.staff_work import StaffWork, Workplace  # slow, see above

        around, planned = self._around, self._planned
        place = Workplace(
            file=planned.file,
            folder=planned.data,
            config_folder=planned.config_folder,
            clock=self._clock,
            outbox=around.outbox,
            sync_status=self._sync_status,
            asked=around.asked,
            use=around.ask,
            trouble=lambda: planned.trouble,
        )
        worker = StaffWork(place, planned.overlay, self._tell, self._stop_export)
        while True:
            worker.do(self._jobs.get())

    def calm_words(self) -> PausedView:
        """What is said while the program starts anew."""
        _ = translator(self.desk.language)
        return PausedView(_("Back in a moment"), _("We will be right back."))

    def _in_force(self, settings: Settings) -> None:
        self._around.in_force(settings)
        self._speak()

    def _speak(self) -> None:
        languages = self._around.asked().languages
        wanted = self.desk.settings.language
        self.desk.speak(wanted if wanted in languages else languages[0])

    def _clock_offset_ms(self) -> int:
        way_home = self._around.way_home()
        return way_home.clock_offset_ms if way_home else 0

    def _sync_status(self) -> "SyncStatus | None":
        way_home = self._around.way_home()
        return way_home.status() if way_home else None
