"""Puts the staff mode of a running kiosk together: controller, background work and the layer."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.i18n import translator
from kiosk.maintenance.backlight import Backlight
from kiosk.overrides import ActiveConfig, OverridesStore
from kiosk.session.controller import SessionController
from kiosk.session.state import Idle
from kiosk.staff.controller import StaffController, StaffPorts
from kiosk.staff.pin import NAME as PIN_FILE
from kiosk.staff.results import ConfigurationStatus, Result
from kiosk.staff.tasks import (
    CancelExport,
    CancelNetwork,
    Enrol,
    ExportAnswers,
    NetworkTask,
    Task,
    TestConnection,
    WorkerTask,
)
from kiosk.staff.views import PausedView
from kiosk.startup import StartupConfig, save_last_good
from kiosk.sync_service import SyncService
from kiosk.trace import Trace
from sync.clock import Clock
from sync.messages import Trouble
from sync.outbox.protocol import Outbox
from sync.outbox.storage import DATABASE

if TYPE_CHECKING:
    from kiosk.staff.worker import StaffWorker
    from kiosk.ui.layers.staff_layer import StaffLayer


@dataclass(frozen=True)
class StaffServicePorts:
    """What the staff mode needs of the kiosk around it."""

    outbox: Callable[[], Outbox | None]
    sync: SyncService
    troubles: Callable[[], tuple[Trouble, ...]]
    acknowledge_damage: Callable[[], None]
    """Staff have seen what damaged files of answers cost; waits for the disk."""
    apply: Callable[[ActiveConfig, bool], None]
    """This holds from now on, and whether responses that begin now are tests; on the UI thread."""
    configuration: Callable[[], ConfigurationStatus]
    """What the head office wants of the kiosk."""
    restart: Callable[[], None]
    quit: Callable[[], None]


class StaffService:
    """Made before the window opens; :meth:`open` puts the layer over it."""

    def __init__(
        self,
        startup: StartupConfig,
        store: OverridesStore,
        clock: Clock,
        session: SessionController,
        ports: StaffServicePorts,
    ) -> None:
        self._startup = startup
        self._store = store
        self._clock = clock
        self._ports = ports
        self._tasks: queue.SimpleQueue[WorkerTask] = queue.SimpleQueue()
        self._stop_export = threading.Event()
        self._network_cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._tell: Callable[[Result], None] = lambda _result: None
        staff_ports = StaffPorts(
            run=self._start_task,
            set_test_mode=lambda _on: self._apply(),
            restart=ports.restart,
            quit=ports.quit,
            is_idle=lambda: isinstance(session.state.phase, Idle),
            clock_offset_ms=lambda: ports.sync.clock_offset_ms,
            is_new=not any((startup.data / name).exists() for name in (PIN_FILE, DATABASE)),
        )
        self.controller = StaffController(store, clock, staff_ports)

    def open(self, trace: Trace) -> "StaffLayer":
        """Puts the layer over the window; on the UI thread."""
        from kiosk.ui.layers.staff_layer import (  # the window is there by now
            StaffLayer,
            on_ui_thread,
        )

        self._tell = on_ui_thread(self.controller.receive)
        refresh_later = on_ui_thread(self._refresh)

        def on_change() -> None:
            # What staff press is in force before the page is drawn again.
            is_on_ui_thread = threading.current_thread() is threading.main_thread()
            (self._refresh if is_on_ui_thread else refresh_later)()

        self._store.subscribe(on_change)
        settings = self._store.config.settings
        if settings.screen.brightness is not None:
            Backlight().set(settings.screen.brightness)
        layer = StaffLayer(self.controller, settings.staff, settings.screen, trace)
        layer.open()
        return layer

    def _start_task(self, task: Task) -> None:
        match task:
            case CancelExport():
                self._stop_export.set()
                return
            case CancelNetwork():
                self._network_cancelled.set()
                return
            case Enrol() | TestConnection():
                self._start_network_task(task)
                return
            case ExportAnswers():
                self._stop_export.clear()
        self._tasks.put(task)
        if self._thread is None:
            # Nobody has needed it before, and its imports take a moment.
            self._thread = threading.Thread(target=self._serve, name="staff", daemon=True)
            self._thread.start()

    def _start_network_task(self, task: NetworkTask) -> None:
        """In a thread of its own: a network that hangs holds up no page, and not the next try."""
        self._network_cancelled.set()  # whoever tried before
        cancelled = self._network_cancelled = threading.Event()

        def tell(result: Result) -> None:
            if not cancelled.is_set():
                self._tell(result)

        def work() -> None:
            self._worker(tell, cancelled).do(task)

        threading.Thread(target=work, name="staff-network", daemon=True).start()

    def _serve(self) -> None:
        worker = self._worker(self._tell)
        while True:
            worker.do(self._tasks.get())

    def _worker(
        self, tell: Callable[[Result], None], cancelled: threading.Event | None = None
    ) -> "StaffWorker":
        from kiosk.staff.worker import StaffWorker, WorkerPorts  # slow, see above

        ports, startup = self._ports, self._startup
        worker_ports = WorkerPorts(
            folder=startup.data,
            config_folder=startup.config_folder,
            clock=self._clock,
            outbox=ports.outbox,
            sync_status=ports.sync.status,
            store=self._store,
            save_last_good=lambda definition: save_last_good(startup.data, definition),
            troubles=ports.troubles,
            acknowledge_damage=ports.acknowledge_damage,
            configuration=ports.configuration,
        )
        return StaffWorker(worker_ports, tell, self._stop_export, cancelled)

    def calm_words(self) -> PausedView:
        """What is said while the program starts anew."""
        _ = translator(self._store.config.language)
        return PausedView(_("Back in a moment"), _("We will be right back."))

    def _refresh(self) -> None:
        self._apply()
        self.controller.refresh()

    def _apply(self) -> None:
        self._ports.apply(self._store.config, self.controller.is_testing)
