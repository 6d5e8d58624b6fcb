"""The composition root: where the parts of a kiosk meet, start and end."""

import logging
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uuid_utils
from msgspec import structs

from config.loader import load_questionnaire, load_settings
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Settings
from kiosk.cli import FAILED, OK, RunOptions, data_folder
from kiosk.conductor import Conductor
from kiosk.session_state import Rules
from kiosk.trace import FileTrace, NoTrace, Trace
from kiosk.ui.environment import Surface, prepare
from kiosk.way_home import Situation, WayHome
from kiosk.writer import Reports, Writer
from sync.clock import SystemClock
from sync.errors import OutboxInUseError
from sync.messages import Answered, Message
from sync.outbox import Outbox

if TYPE_CHECKING:
    from kiosk.ui.app import OtherThreads  # imports Kivy, which must wait for prepare()

log = logging.getLogger(__name__)

STOP_S = 1.7
"""What is left of the two seconds when the process has to be gone."""


@dataclass(frozen=True)
class Plan:
    """Everything that was asked for, read and checked."""

    settings: Settings
    questionnaire: Questionnaire
    data: Path
    trace: Path | None

    @property
    def definition(self) -> bytes:
        """The questionnaire as the bytes that identify it."""
        return canonical(self.questionnaire)


def plan(options: RunOptions) -> Plan:
    """Reads the files; raises ConfigError with every mistake of the first bad one."""
    settings = load_settings(options.config)
    folder = options.config.parent if options.config is not None else None
    questionnaire = load_questionnaire(settings.questionnaire, folder)
    screen = settings.screen
    if options.fullscreen is not None:
        screen = structs.replace(screen, fullscreen=options.fullscreen)
    if options.size is not None:
        screen = structs.replace(screen, width=options.size[0], height=options.size[1])
    return Plan(
        settings=structs.replace(settings, screen=screen),
        questionnaire=questionnaire,
        data=data_folder(options.data, settings.storage.folder),
        trace=options.trace,
    )


def run(options: RunOptions) -> int:
    """Shows the questionnaire and collects answers until told to stop."""
    planned = plan(options)
    logging.basicConfig(
        level=planned.settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    return Kiosk(planned).run()


class Kiosk:
    """A running kiosk: a window on the main thread, a writer, and the way to the head office."""

    def __init__(self, planned: Plan) -> None:
        self._plan = planned
        self._trace: Trace = FileTrace(planned.trace) if planned.trace else NoTrace()
        self._clock = SystemClock()
        self._digest = digest(planned.definition)
        self._outbox: Outbox | None = None
        self._way_home: WayHome | None = None
        self._is_open = True
        self._fatal: Exception | None = None
        self._stop_requested = threading.Event()
        self._ended = threading.Event()
        self._stop_window: Callable[[], None] | None = None

    def run(self) -> int:
        """Until SIGTERM, SIGINT or, in a window, its closing; returns the exit code."""
        self._watch_signals()
        settings = self._plan.settings
        prepare(_kivy_home(), Surface.of(settings.screen))
        from kiosk.ui.app import KioskApp, OtherThreads  # opens the window

        writer = Writer(self._open_outbox, self._reports(lambda: threads))
        conductor = Conductor(
            rules=self._rules(),
            clock=self._clock,
            store=writer.submit,
            new_response=lambda: str(uuid_utils.uuid7()),
        )
        app = KioskApp(
            conductor, settings.screen, self._trace, closable=not settings.screen.fullscreen
        )
        threads = OtherThreads(app, conductor)
        self._stop_window = threads.stop
        if self._stop_requested.is_set():
            return OK
        app.bind(on_start=lambda *_args: writer.start())
        try:
            app.run()
        finally:
            self._end(writer)
        return self._exit_code()

    def _rules(self) -> Rules:
        questionnaire, settings = self._plan.questionnaire, self._plan.settings
        language = settings.language or questionnaire.languages[0]
        if language not in questionnaire.languages:
            log.warning(
                "The questionnaire has no texts in %s; it begins in %s.",
                language,
                questionnaire.languages[0],
            )
            language = questionnaire.languages[0]
        return Rules(
            questionnaire, self._digest, language, settings.timing, settings.way, settings.misuse
        )

    # --- the writer's thread ---

    def _open_outbox(self) -> Outbox:
        from sync.sqlite import SqliteOutbox  # while the first frame is drawn

        reserve = self._plan.settings.storage.reserve_mb * 1_000_000
        outbox = SqliteOutbox.open(self._plan.data, reserve_bytes=reserve)
        outbox.remember_questionnaire(self._digest, self._plan.definition)
        return outbox

    def _reports(self, threads: Callable[[], "OtherThreads"]) -> Reports:
        def opened(outbox: Outbox) -> None:
            self._outbox = outbox
            situation = Situation(
                self._plan.settings, self._plan.data, self._digest, lambda: self._is_open
            )
            self._way_home = WayHome(outbox, self._clock, situation)
            self._way_home.start()

        def stored(ticket: int, messages: tuple[Message, ...]) -> None:
            for message in messages:
                match message.body:
                    case Answered(response=response, question=question, value=value):
                        self._trace.note(
                            "stored",
                            seq=message.seq,
                            response=response,
                            question=question,
                            value=value,
                        )
            threads().stored(ticket)
            self._is_open = True
            if messages and self._way_home is not None:
                self._way_home.wake()

        def failed(ticket: int, _error: Exception) -> None:
            self._is_open = False
            threads().store_failed(ticket)

        def unavailable(error: Exception) -> None:
            if isinstance(error, OutboxInUseError):
                # Another kiosk is running here; two of them would be worse than none.
                self._fatal = error
                threads().stop()
            else:
                self._is_open = False
                threads().storage_unavailable()

        return Reports(
            opened=opened,
            stored=stored,
            failed=failed,
            unavailable=unavailable,
        )

    # --- the end ---

    def _watch_signals(self) -> None:
        # Blocked in every thread and awaited in one of its own: a handler on the main thread
        # could interrupt Kivy's clock while it holds its lock, or not run at all while
        # the window is busy.
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)

        def wait() -> None:
            signal.sigwait(ends)
            self._stop_requested.set()
            if self._stop_window is not None:
                self._stop_window()
            if not self._ended.wait(STOP_S):
                log.error("The window did not end in time; every thanked answer is stored.")
                os._exit(FAILED)

        threading.Thread(target=wait, name="signals", daemon=True).start()

    def _end(self, writer: Writer) -> None:
        if not writer.stop(timeout_s=1.0):
            log.error("The disk did not answer in time; an answer not yet thanked may be lost.")
        if self._way_home is not None:
            self._way_home.stop(seconds=0.5)
        if self._outbox is not None:
            self._outbox.close()
        self._ended.set()

    def _exit_code(self) -> int:
        if self._fatal is not None:
            print(self._fatal, file=sys.stderr)  # noqa: T201  # the end of a command
            return FAILED
        return OK


def _kivy_home() -> Path:
    """A folder for what Kivy keeps; nothing in it matters."""
    cache = os.environ.get("XDG_CACHE_HOME")
    home = (Path(cache) if cache else Path.home() / ".cache") / "hymio" / "kivy"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="hymio-kivy-"))
    return home
