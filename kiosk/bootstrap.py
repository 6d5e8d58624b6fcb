"""The composition root: builds the parts of a kiosk and hands them to each other."""

import logging
import os
import sys
from pathlib import Path

import uuid_utils

from config.settings import Screen
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial
from kiosk.configuration_service import ConfigurationPorts, ConfigurationService
from kiosk.diagnostics import LATEST
from kiosk.last_good import read_settings, save_last_good_settings
from kiosk.lifecycle import Lifecycle
from kiosk.maintenance.panel import panel_of, panel_size_mm
from kiosk.options import OK, RunOptions
from kiosk.outbox_service import OutboxService
from kiosk.overrides import ActiveConfig, OverridesStore, QuestionnaireInUse
from kiosk.session.controller import SessionController
from kiosk.session.state import Idle, Rules
from kiosk.staff.results import ConfigurationStatus
from kiosk.staff_service import StaffService, StaffServicePorts
from kiosk.startup import StartupConfig, load_startup_config, save_last_good
from kiosk.supervisor.sd_notify import Notifier
from kiosk.sync_service import SyncPorts, SyncService
from kiosk.touch_watch import TouchWatch
from kiosk.trace import FileTrace, NoTrace, Trace
from kiosk.troubles import TroubleBoard, trouble
from kiosk.ui.environment import Surface, kivy_home, prepare
from sync.clock import SystemClock
from sync.configuration import Panel
from sync.outbox.protocol import Outbox
from sync.outbox.storage import RESET_MARKER, lock_holder

log = logging.getLogger(__name__)

TURN_S = 0.0005
"""How long a thread computes while the screen waits for its turn; Python's own is ten times it."""


def run(options: RunOptions) -> int:
    """Shows the questionnaire and collects answers until told to stop.

    That is until SIGTERM, SIGINT or, in a window, its closing; returns the exit code.
    """
    data = read_settings(options.config, options.data).data
    _finish_reset(data)
    clock = SystemClock()
    startup = load_startup_config(options, tries=_begin_trial(data, clock))
    logging.basicConfig(
        level=startup.settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    LATEST.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(LATEST)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    lifecycle = Lifecycle(clock)
    lifecycle.watch_signals()
    sys.setswitchinterval(TURN_S)
    prepare(kivy_home(), Surface.of(startup.settings.screen))
    return KioskProgram(startup, clock, lifecycle).run()


def _finish_reset(folder: Path) -> None:
    """Before anything is opened, if somebody asked for it."""
    if (folder / RESET_MARKER).exists():
        from kiosk.maintenance.factory_reset import finish_reset  # slow, and rare

        finish_reset(folder)


def _begin_trial(folder: Path, clock: SystemClock) -> bool:
    """Whether a configuration may be used that has not proven itself; this start is counted."""
    if lock_holder(folder) not in (None, os.getpid()):
        return True  # another kiosk runs here, and this one won't
    now = clock.moment()
    return begin_trial(folder, now.boot, now.wall_ms)


class KioskProgram:
    """A running kiosk: a window on the main thread, a writer, and the way to the head office."""

    def __init__(self, startup: StartupConfig, clock: SystemClock, lifecycle: Lifecycle) -> None:
        """Imports Kivy, which opens the window."""
        from kiosk.ui.app import KioskApp
        from kiosk.ui.platform.event_loop import EventLoop
        from kiosk.ui.platform.video_driver import insist_on_screen
        from kiosk.ui.thread_bridge import ThreadBridge, WriterBridge

        insist_on_screen()
        store = OverridesStore(
            startup.data, startup.file, startup.overrides, startup.questionnaire, startup.office
        )
        settings, trace = store.config.settings, _open_trace(startup.trace)
        self._store = store
        self._clock = clock
        self._panel: Panel | None = None
        self._lifecycle = lifecycle
        self._trace = trace
        self._troubles = TroubleBoard()
        self._troubles.report("startup", *startup.troubles)
        self._sync = SyncService(settings, startup.data, clock)
        self._configurations = StoredConfigurations(
            startup.data, startup.configuration, self._troubles, self._keeper_ports(startup)
        )
        self._configuration = ConfigurationService(
            self._configurations,
            startup.configuration.effect,
            startup.assignment,
            clock,
            self._configuration_ports(startup, clock),
        )
        self._outbox = OutboxService(
            startup.data,
            lambda: store.config.in_use,
            self._sync,
            trace,
            self._troubles,
            opened=lambda outbox: self._opened(startup, outbox),
            committed=self._configuration.note_answers,
            reserve_mb=settings.storage.reserve_mb,
        )
        self._loop = EventLoop()
        self._session = SessionController(
            rules=_session_rules(store.config),
            clock=clock,
            store=WriterBridge(self._outbox.writer, self._loop).submit,
            new_response=lambda: str(uuid_utils.uuid7()),
        )
        self._app = KioskApp(
            self._session,
            settings.screen,
            trace,
            closable=not settings.screen.fullscreen,
            brand=settings.brand,
            sound=settings.sound,
            panel_mm=_panel_mm(settings.screen),
            note_faces=self._configuration.note_faces,
        )
        self._bridge = ThreadBridge(self._app, self._session, self._loop)
        self._touch_watch = TouchWatch(
            clock,
            lambda: self._outbox.can_store and self._staff.controller.condition == "open",
            lambda: store.config.settings.hours,
            self._troubles,
        )
        self._staff = StaffService(startup, store, clock, self._session, self._staff_ports())

    def run(self) -> int:
        """Until it is told to end; returns the exit code."""
        if not self._lifecycle.attach_window(self._bridge.stop):
            return OK
        self._app.bind(on_start=self._start_services)
        self._loop.begin()
        try:
            self._app.run()
        finally:
            self._outbox.stop()
        if not self._lifecycle.is_crash:
            self._configuration.end()
        return self._lifecycle.finish()

    def _start_services(self, *_args: object) -> None:
        from kiosk.ui import crash_page, liveness  # the window is there by now
        from kiosk.ui.display_follower import follow_display
        from kiosk.ui.touch_panel import TouchPanel

        settings = self._store.config.settings
        ports = SyncPorts(
            questionnaire=lambda: self._store.config.in_use.digest,
            can_store=lambda: self._outbox.can_store,
            condition=lambda: self._staff.controller.condition,
            troubles=lambda: self._troubles.current,
            configuration=self._configurations,
            commands={"restart": self._configuration.ask_restart, "diagnostics": LATEST.text},
        )
        window = self._app.root_window
        size, screen = window.size, settings.screen
        self._panel = panel_of(size, screen.width_mm, _panel_mm(screen))
        window.bind(on_touch_down=self._touch_watch.note_touch)
        window.bind(on_touch_down=self._configuration.note_touch)
        window.bind(on_key_down=self._configuration.note_touch)
        TouchPanel(settings.screen.touch, self._report_touch).begin()
        if settings.screen.fullscreen:
            follow_display()
        self._outbox.start(self._bridge, ports, self._lifecycle.abort)
        self._staff.open(self._trace)
        liveness.start_watchdog(Notifier(os.environ))
        crash_page.watch(
            self._staff.calm_words,
            self._lifecycle.crash_pause_s,
            self._lifecycle.restart_after_crash,
        )

    def _opened(self, startup: StartupConfig, outbox: Outbox) -> None:
        """In the writer's thread: what held until the kiosk could store can hold again."""
        if startup.good_settings is not None:
            save_last_good_settings(startup.good_settings, startup.data, startup.named_data)
        self._touch_watch.begin(outbox)
        self._configuration.begin()

    def _keeper_ports(self, startup: StartupConfig) -> KeeperPorts:
        return KeeperPorts(
            own=startup.own,
            questionnaire=startup.own_questionnaire,
            panel_mm=lambda: _panel_mm(startup.own.screen),
            panel=lambda: self._panel,
            staff=lambda: self._store.config.staff_settings,
            report=self._sync.report,
        )

    def _configuration_ports(
        self, startup: StartupConfig, clock: SystemClock
    ) -> ConfigurationPorts:
        def assign(assignment: QuestionnaireInUse | None) -> None:
            self._store.assign(assignment)
            save_last_good(startup.data, self._store.config.in_use.definition)

        def remember(in_use: QuestionnaireInUse) -> None:
            self._outbox.remember(in_use)

        return ConfigurationPorts(
            assign=assign,
            remember=remember,
            switch=lambda: self._bridge.run(self._switch),
            wall_ms=lambda: clock.moment().wall_ms + self._sync.clock_offset_ms,
        )

    def _configuration_status(self) -> ConfigurationStatus:
        keeper = self._configurations
        since_ms = keeper.start.since_ms
        return ConfigurationStatus(
            is_supported=keeper.is_supported,
            is_in_force=bool(keeper.start.in_force),
            stage=keeper.stage,
            in_force_ms=max(0, self._clock.moment().wall_ms - since_ms) if since_ms else None,
            is_waiting=keeper.is_waiting,
        )

    def _switch(self) -> None:
        """Begin anew, as with another configuration, unless somebody is there."""
        is_idle = isinstance(self._session.state.phase, Idle)
        if is_idle and not self._staff.controller.is_used:
            log.info("The program starts anew, as the head office wants it.")
            self._lifecycle.restart()

    def _report_touch(self, reason: str) -> None:
        self._troubles.report("touch", *((trouble("touch", reason),) if reason else ()))
        self._app.hear_panel(is_heard=not reason)

    def _staff_ports(self) -> StaffServicePorts:
        return StaffServicePorts(
            outbox=lambda: self._outbox.outbox,
            sync=self._sync,
            troubles=lambda: self._troubles.current,
            acknowledge_damage=self._outbox.acknowledge_damage,
            configuration=self._configuration_status,
            apply=self._apply,
            restart=self._lifecycle.restart,
            quit=self._lifecycle.quit,
        )

    def _apply(self, config: ActiveConfig, test: bool) -> None:
        self._session.change_rules(_session_rules(config, test=test))
        self._app.sounds.change(config.settings.sound)


def _panel_mm(screen: Screen) -> tuple[int, int] | None:
    return panel_size_mm() if screen.fullscreen else None


def _session_rules(config: ActiveConfig, *, test: bool = False) -> Rules:
    settings, in_use = config.settings, config.in_use
    if settings.language not in (None, config.language):
        log.warning(
            "The questionnaire has no texts in %s; it begins in %s.",
            settings.language,
            config.language,
        )
    return Rules(
        in_use.questionnaire,
        in_use.digest,
        config.language,
        settings.timing,
        settings.way,
        settings.misuse,
        test,
    )


def _open_trace(path: Path | None) -> Trace:
    return FileTrace(path) if path else NoTrace()
