"""What a person and two machines do: a head office, a kiosk, a finger on it and eyes on a page.

Everything here is the real thing: the installed programs as processes of their own, a window on
a (virtual) screen, mouse events of the X server, a browser. The end-to-end tests and
``scripts/demo`` share it.
"""

import contextlib
import json
import re
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from processes import PROGRAMS, Program, StepError, run_to_end, wait_until

HAPPY, NEUTRAL, SAD = "face-2", "face-1", "face-0"
PLACE = "Till 1"


class HeadOffice(Program):
    """The head office's server, its data folder and its address."""

    def __init__(self, folder: Path, *, database_url: str = "", programs: Path = PROGRAMS) -> None:
        self.data = folder / "headoffice"
        self.data.mkdir(parents=True, exist_ok=True)
        self.program = str(programs / "hymio-headoffice")
        self.port = 0
        self.options: list[str] = []
        env = {"HOME": str(folder)}
        if database_url:
            env["HYMIO_DATABASE_URL"] = database_url
        super().__init__("The head office", [], folder / "headoffice.log", env=env)

    @property
    def url(self) -> str:
        """Where it answers."""
        scheme = "https" if "--tls-cert" in self.options else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Start it, at the address it had before if there was one, and wait until it answers."""
        self.command = [self.program, "serve", "--port", str(self.port), "--data", str(self.data)]
        self.command += self.options
        super().start(pass_fds=pass_fds)
        ready = re.compile(r"^Hymio head office ready at https?://127\.0\.0\.1:(\d+)", re.MULTILINE)
        found = wait_until(
            lambda: ready.search(self.said()), "the head office to be ready", seconds=60,
            watched=(self,),
        )  # fmt: skip
        self.port = int(found[1])
        return self

    def create_user(self, name: str, password: str) -> None:
        """Make someone who may log in and do everything."""
        role = ("--role", "administrator")
        self._ask("create-user", name, "--new", *role, "--password-stdin", stdin=f"{password}\n")

    def make_up_answers(self) -> None:
        """Fill it with a small chain of shops, marked as demonstration data."""
        self._ask("seed-demo", "--small", "--new")

    def enrolment_code(self, place: str) -> str:
        """A one-time code for a kiosk at a place."""
        return self._ask("create-code", "--place", place).splitlines()[-1].strip()

    def accept_clock(self, off_s: int = 0) -> None:
        """Say that its clock is right, though it is off by so much."""
        today = (datetime.now(UTC) + timedelta(seconds=off_s)).date()
        self._ask("clock", "--accept", today.isoformat())

    def repair_times(self) -> str:
        """Mend what a wrong clock left behind; what it said."""
        return self._ask("repair-times", "--apply")

    def _ask(self, *arguments: str, stdin: str = "") -> str:
        return run_to_end(
            [self.program, *arguments, "--data", str(self.data)], stdin=stdin, env=self.env
        )


class Trace:
    """What a kiosk tells about itself (``--trace``), event by event."""

    def __init__(self, path: Path, kiosk: Program) -> None:
        self.path = path
        self.kiosk = kiosk
        self.events: list[dict[str, Any]] = []
        self._read_to = 0

    def refresh(self) -> list[dict[str, Any]]:
        """All events so far; a line that is still being written is left for later."""
        if self.path.exists():
            with self.path.open("rb") as file:
                file.seek(self._read_to)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read_to += len(whole) + len(newline)
            self.events += [json.loads(line) for line in whole.splitlines()]
        return self.events

    def mark(self) -> int:
        """A place in the trace: everything that has been told so far is before it."""
        return len(self.refresh())

    def all(self, event: str, *, since: int = 0, **fields: object) -> list[dict[str, Any]]:
        """The events of a kind since a mark."""
        return [
            told
            for told in self.refresh()[since:]
            if told["event"] == event and all(told.get(k) == v for k, v in fields.items())
        ]

    def wait(
        self, event: str, *, since: int = 0, seconds: float = 20, **fields: object
    ) -> dict[str, Any]:
        """Wait for the first event of a kind since a mark."""
        wanted = " ".join([event, *map(str, fields.values())])
        found = wait_until(
            lambda: self.all(event, since=since, **fields) or None,
            f"the kiosk to tell “{wanted}”", seconds=seconds, watched=(self.kiosk,),
        )  # fmt: skip
        return found[0]


class Kiosk(Program):
    """The kiosk's program on a screen, its data folder and its settings."""

    def __init__(
        self,
        folder: Path,
        display: str,
        *,
        settings: str = "",
        size: str = "1280x800",
        fullscreen: bool = False,
        programs: Path = PROGRAMS,
    ) -> None:
        self.folder = folder
        self.data = folder / "kiosk"
        self.config = folder / "kiosk.toml"
        self.config.parent.mkdir(parents=True, exist_ok=True)
        if settings or not self.config.exists():
            self.config.write_text(settings)
        self.program = str(programs / "hymio-kiosk")
        self.display = display
        self.window = ["--fullscreen"] if fullscreen else ["--windowed", "--size", size]
        self.runs = 0
        env = {"DISPLAY": display, "HOME": str(folder), "SDL_AUDIODRIVER": "dummy"}
        super().__init__("The kiosk", [], folder / "kiosk.log", env=env)
        self.trace = Trace(folder / "trace-0.jsonl", self)

    def enrol(self, code: str, url: str) -> None:
        """Join a head office."""
        self._ask("enrol", code, "--url", url)

    def status(self) -> dict[str, Any]:
        """What ``hymio-kiosk status --json`` tells."""
        told: dict[str, Any] = json.loads(self._ask("status", "--json"))
        return told

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Start it and wait until the question is on the screen; each run has a new trace."""
        self.runs += 1
        self.trace = Trace(self.folder / f"trace-{self.runs}.jsonl", self)
        self.trace.path.unlink(missing_ok=True)  # of an earlier run in the same folder
        self.command = [self.program, "run", *self._place(), *self.window]
        self.command += ["--trace", str(self.trace.path)]
        super().start(pass_fds=pass_fds)
        self.trace.wait("shown", screen="rating", seconds=60)
        return self

    def _place(self) -> list[str]:
        return ["--data", str(self.data), "--config", str(self.config)]

    def _ask(self, command: str, *arguments: str) -> str:
        return run_to_end([self.program, command, *arguments, *self._place()], env=self.env)


@dataclass(frozen=True)
class Answered:
    """One answered question, in ns of the monotonic clock that all processes share."""

    clicked_ns: int
    committed_ns: int
    thanked_ns: int
    stored: dict[str, Any]
    """What the kiosk told about the stored message."""


class Finger:
    """A finger on the kiosk's screen: real mouse events, sent by xdotool."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        env = kiosk.env
        search = ["xdotool", "search", "--onlyvisible", "--pid", str(kiosk.pid)]

        def find_window() -> str | None:
            done = subprocess.run(search, env=env, capture_output=True, text=True, check=False)
            return next(iter(done.stdout.split()), None)

        self.window = wait_until(
            find_window, "the kiosk's window to be visible", seconds=20, watched=(kiosk,)
        )
        # One that reads its orders from a pipe: starting one for each click would be measured
        # as if the kiosk had taken that time.
        self._xdotool = subprocess.Popen(
            ["xdotool", "-"], stdin=subprocess.PIPE, env=env, text=True, bufsize=1
        )

    def point_at(self, target: str, targets: dict[str, list[float]] | None = None) -> None:
        """Move to the middle of a target, where the screen that is shown says that it is."""
        if targets is None:
            targets = self.kiosk.trace.all("shown")[-1]["targets"]
        if target not in targets:
            raise StepError(f"There is no {target} on the screen, only {', '.join(targets)}.")
        x, y, width, height = targets[target]
        middle = f"{round(x + width / 2)} {round(y + height / 2)}"
        self._order(f"mousemove --window {self.window} {middle}")

    def tap(self) -> int:
        """Press and release; returns the monotonic time in ns just before the press."""
        before = time.monotonic_ns()
        self._order("mousedown 1 mouseup 1")
        return before

    def press(self) -> int:
        """Press and stay; returns the monotonic time in ns just before."""
        before = time.monotonic_ns()
        self._order("mousedown 1")
        return before

    def release(self) -> None:
        """Let go where it is."""
        self._order("mouseup 1")

    def lift(self) -> None:
        """Take it off the screen."""
        if self._xdotool.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._xdotool.stdin.close()
        self._xdotool.wait(5)

    def answer(self, target: str) -> Answered:
        """Tap a target of the rating screen and wait until the kiosk has thanked for it."""
        trace = self.kiosk.trace
        wait_until(
            lambda: trace.all("shown")[-1]["screen"] == "rating",
            "the question to be on the screen", seconds=30, watched=(self.kiosk,),
        )  # fmt: skip
        mark = trace.mark()
        self.point_at(target)
        clicked = self.tap()
        stored = trace.wait("stored", since=mark)
        thanks = trace.wait("shown", since=mark, screen="thanks")
        return Answered(clicked, stored["mono_ns"], thanks["mono_ns"], stored)

    def _order(self, line: str) -> None:
        stdin = self._xdotool.stdin
        if stdin is None or self._xdotool.poll() is not None:
            raise StepError("xdotool has ended")
        stdin.write(f"{line}\n")
        stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.lift()
