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
from typing import TYPE_CHECKING, NoReturn

import uuid_utils

from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Settings
from kiosk.cli import FAILED, OK, STAFF_ENDED, RunOptions
from kiosk.conductor import Conductor
from kiosk.plan import Plan, keep_last_good, plan
from kiosk.recovery import FALLS, counted, falls_before, pause_s
from kiosk.session_state import Rules
from kiosk.staff_room import StaffRoom, Surroundings
from kiosk.trace import FileTrace, NoTrace, Trace
from kiosk.ui.environment import Surface, prepare
from kiosk.watchdog import Notifier
from kiosk.way_home import Situation, WayHome
from kiosk.writer import Reports, Writer
from sync.clock import SystemClock
from sync.errors import OutboxInUseError
from sync.messages import Answered, Body, Message, Moment
from sync.outbox import Outbox

if TYPE_CHECKING:
    from kiosk.ui.app import KioskApp  # imports Kivy, which must wait for prepare()
    from kiosk.ui.other_threads import OtherThreads

log = logging.getLogger(__name__)

TURN_S = 0.0005
"""How long a thread computes while the screen waits for its turn; Python's own is ten times it."""
STOP_S = 1.7
"""What is left of the two seconds when the process has to be gone."""


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
        self._asked = Asked.of(planned.questionnaire)
        self._staff: StaffRoom | None = None
        self._code: int | None = OK
        """None: start anew."""
        self._trace: Trace = FileTrace(planned.trace) if planned.trace else NoTrace()
        self._clock = SystemClock()
        self._began_ms = self._clock.mono_ms()
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
        sys.setswitchinterval(TURN_S)
        settings = self._plan.settings
        prepare(_kivy_home(), Surface.of(settings.screen))
        from kiosk.ui.app import KioskApp  # opens the window
        from kiosk.ui.loop import Loop
        from kiosk.ui.other_threads import OtherThreads

        def store(ticket: int, bodies: tuple[Body, ...], moment: Moment) -> None:
            loop.expect()
            writer.submit(ticket, staff.desk.marked(bodies), moment)

        writer = Writer(self._open_outbox, self._reports(lambda: threads))
        conductor = Conductor(
            rules=self._rules(settings),
            clock=self._clock,
            store=store,
            new_response=lambda: str(uuid_utils.uuid7()),
        )
        app = KioskApp(
            conductor,
            settings.screen,
            self._trace,
            closable=not settings.screen.fullscreen,
            brand=settings.brand,
            sound=settings.sound,
        )
        loop = Loop()
        threads = OtherThreads(app, conductor, loop)
        staff = self._staff_room(conductor, app)
        self._stop_window = threads.stop
        if self._stop_requested.is_set():
            return OK
        app.bind(on_start=lambda *_args: self._started(writer, staff))
        loop.begin()
        try:
            app.run()
        finally:
            self._end(writer)
        return self._exit_code()

    def _started(self, writer: Writer, staff: StaffRoom) -> None:
        writer.start()
        staff.open(self._trace)
        from kiosk.ui import mishap, pulse  # the window is there by now

        pulse.begin(Notifier(os.environ))
        mishap.watch(staff.calm_words, self._pause_s(), self._fell)

    def _pause_s(self) -> float:
        # Never at once: what is said meanwhile has to be read.
        return pause_s(1 + falls_before(os.environ.get(FALLS, "")))

    def _fell(self) -> None:
        before = falls_before(os.environ.get(FALLS, ""))
        ran_s = (self._clock.mono_ms() - self._began_ms) / 1000
        os.environ[FALLS] = str(counted(before, ran_s) + 1)
        self._code = None
        if self._stop_window is not None:
            self._stop_window()

    def _staff_room(self, conductor: Conductor, app: "KioskApp") -> StaffRoom:
        def ask(questionnaire: Questionnaire) -> None:
            self._asked = Asked.of(questionnaire)
            keep_last_good(self._plan.data, self._asked.definition)

        def in_force(settings: Settings) -> None:
            conductor.use(self._rules(settings))
            app.sounds.change(settings.sound)

        def end(code: int | None) -> None:
            self._code = code
            app.stop()

        around = Surroundings(
            outbox=lambda: self._outbox,
            way_home=lambda: self._way_home,
            asked=lambda: self._asked.questionnaire,
            ask=ask,
            in_force=in_force,
            restart=lambda: end(None),
            quit=lambda: end(STAFF_ENDED),
        )
        self._staff = StaffRoom(self._plan, self._clock, conductor, around)
        return self._staff

    def _rules(self, settings: Settings) -> Rules:
        questionnaire = self._asked.questionnaire
        language = settings.language or questionnaire.languages[0]
        if language not in questionnaire.languages:
            log.warning(
                "The questionnaire has no texts in %s; it begins in %s.",
                language,
                questionnaire.languages[0],
            )
            language = questionnaire.languages[0]
        return Rules(
            questionnaire,
            self._asked.digest,
            language,
            settings.timing,
            settings.way,
            settings.misuse,
        )

    # --- the writer's thread ---

    def _open_outbox(self) -> Outbox:
        from sync.sqlite import SqliteOutbox  # while the first frame is drawn

        reserve = self._plan.settings.storage.reserve_mb * 1_000_000
        outbox = SqliteOutbox.open(self._plan.data, reserve_bytes=reserve)
        asked = self._asked
        outbox.remember_questionnaire(asked.digest, asked.definition)
        keep_last_good(self._plan.data, asked.definition)
        return outbox

    def _reports(self, threads: Callable[[], "OtherThreads"]) -> Reports:
        def opened(outbox: Outbox) -> None:
            self._outbox = outbox
            staff = self._staff
            situation = Situation(
                self._plan.settings,
                self._plan.data,
                self._asked.digest,
                lambda: self._is_open,
                condition=lambda: staff.desk.condition if staff else "open",
                asked=lambda: self._asked.digest,
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
            if self._stop_window is None:
                os._exit(OK)  # still starting, which may take long: nothing is open yet
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
        if self._code is None:
            start_anew()
        return self._code


@dataclass(frozen=True)
class Asked:
    """The questionnaire in use, with the bytes that identify it."""

    questionnaire: Questionnaire
    definition: bytes
    digest: str

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> "Asked":
        """The same with its bytes."""
        definition = canonical(questionnaire)
        return cls(questionnaire, definition, digest(definition))


def start_anew() -> NoReturn:
    """The same program in the same process, from the beginning; everything was ended before."""
    # What C libraries opened, such as the connection to the display, would stay open.
    os.closerange(3, 4096)
    os.execv(sys.executable, [sys.executable, "-m", "kiosk", *sys.argv[1:]])  # noqa: S606 - ourselves


def _kivy_home() -> Path:
    """A folder for what Kivy keeps; nothing in it matters."""
    cache = os.environ.get("XDG_CACHE_HOME")
    home = (Path(cache) if cache else Path.home() / ".cache") / "hymio" / "kivy"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="hymio-kivy-"))
    return home
