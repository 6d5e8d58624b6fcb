"""Real programs as children of a test or of the demonstration: started, watched, ended.

Nothing here outlives its owner: each program runs in a process group of its own, which is ended
as a whole, and the kernel ends it too if the owner dies without a chance to (kill -9).
"""

import contextlib
import itertools
import os
import re
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from slowness import has_passed

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
"""Where the commands of this environment are."""


class StepError(Exception):
    """A step of a journey did not come true; says which, and what the programs said."""


def wait_until(
    seek: Callable[[], T | None], what: str, *, seconds: float, watched: "tuple[Program, ...]" = ()
) -> T:
    """Ask again and again until there is a result, and return it.

    The seconds are a calm machine's; a slow one has more. Raises StepError, with the end of the
    logs of the watched programs, at the deadline or as soon as one of them has ended.
    """
    begun = time.monotonic()
    while True:
        # Looked at before asking: what a program did just before it ended still counts.
        dead = [program for program in watched if not program.is_running()]
        found = seek()
        if found is not None and found is not False:
            return found
        if dead:
            raise StepError(f"Waited for {what}, but {dead[0].obituary()}")
        if has_passed(begun, seconds):
            logs = "".join(f"\n{program.last_words()}" for program in watched)
            raise StepError(f"Waited {seconds:g} s in vain for {what}.{logs}")
        time.sleep(0.005)


class Program:
    """A program with its log file and its process group."""

    farewell = signal.SIGTERM
    """The signal that asks it to end."""

    def __init__(
        self,
        name: str,
        command: list[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.env = clean_environment() | dict(env or {})
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None
        self.log_begins_at = 0

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Start the program; what it says is added to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # setpriv and not a function between fork and exec: that may deadlock among threads.
        last_will = ["setpriv", "--pdeathsig", self.farewell.name.removeprefix("SIG")]
        with self.log.open("ab") as log:
            self.log_begins_at = log.tell()
            self.process = subprocess.Popen(
                [*last_will, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.log.parent,
                start_new_session=True,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                pass_fds=pass_fds,
            )
        return self

    @property
    def pid(self) -> int:
        """Process id of the running program."""
        if self.process is None:
            raise StepError(f"{self.name} was not started")
        return self.process.pid

    def is_running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def stop(self, seconds: float = 20) -> int:
        """Ask it to end and wait until it has; returns its exit code.

        Raises StepError if it has to be forced.
        """
        if self.process is None:
            return 0
        if self.is_running():
            self.process.send_signal(self.farewell)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise StepError(
                f"{self.name} did not end within {seconds:g} s.\n{self.last_words()}"
            ) from None
        self.kill()  # whatever it may have left behind in its group
        return code

    def kill(self) -> None:
        """End the whole group at once, without warning (kill -9)."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        """What it has said since it was last started."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self.log_begins_at)
            return log.read().decode(errors="replace")

    def last_words(self, lines: int = 25) -> str:
        """The end of its log, under its name."""
        tail = self.said().splitlines()[-lines:] or ["(nothing)"]
        return "\n".join([f"--- {self.name} said at the end ({self.log}) ---", *tail])

    def obituary(self) -> str:
        """How it ended, with the end of its log."""
        code = self.process.returncode if self.process else None
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended ({code})"
        return f"{self.name} {how}.\n{self.last_words()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()


def clean_environment() -> dict[str, str]:
    """This environment without what would make a program here differ from one elsewhere."""
    ours = ("HYMIO_", "KIVY_", "DJANGO_", "PYTEST_", "PYTHONPATH", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def run_to_end(command: list[str], *, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run a command that ends by itself; returns what it printed.

    Raises StepError with its complaint if it fails.
    """
    done = subprocess.run(
        command,
        input=stdin,
        env=clean_environment() | dict(env or {}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        shown = " ".join(Path(word).name if word.startswith("/") else word for word in command)
        raise StepError(f"`{shown}` failed ({done.returncode}).\n{done.stdout}{done.stderr}")
    return done.stdout


class VirtualScreen(Program):
    """A screen in memory (Xvfb); ``memory`` is the folder in which it can be looked at.

    ``for_all``: programs of every user of this machine may draw on it.
    """

    def __init__(
        self,
        log: Path,
        size: str = "1280x800",
        memory: Path | None = None,
        *,
        for_all: bool = False,
    ) -> None:
        self.size = size
        self.for_all = for_all
        self.memory = memory
        self.display = ""
        super().__init__("The virtual screen (Xvfb)", [], log)

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Start it on a free display number and wait until it can be drawn on."""
        reader, writer = os.pipe()
        self.command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{self.size}x24"]
        self.command += ["-nolisten", "tcp"]
        self.command += ["-fbdir", str(self.memory)] if self.memory else []
        self.command += ["-ac"] if self.for_all else []
        try:
            super().start(pass_fds=(*pass_fds, writer))
            os.close(writer)
            number = b""
            deadline = time.monotonic() + 20
            while not number.endswith(b"\n"):
                ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
                piece = os.read(reader, 16) if ready else b""
                if not piece:
                    self.kill()
                    raise StepError(f"There is no virtual screen.\n{self.last_words()}")
                number += piece
        finally:
            os.close(reader)
        self.display = f":{number.decode().strip()}"
        return self

    def picture(self) -> "Picture":
        """What is on it now; it must have been given a ``memory``."""
        if self.memory is None:
            raise StepError("this screen can't be looked at")
        # The format of xwd: a header of 32-bit numbers, a palette, then the pixels.
        data = (self.memory / "Xvfb_screen0").read_bytes()
        head = struct.unpack(">25I", data[:100])
        return Picture(head[4], head[5], head[12], data[head[0] + 12 * head[19] :])


@dataclass(frozen=True)
class Picture:
    """Pixels of a screen, four bytes each: blue, green, red and nothing."""

    width: int
    height: int
    line: int
    """Bytes of a row."""
    pixels: bytes

    def colour(self, x: int, y: int) -> str:
        """As ``#rrggbb``, counted from the top left."""
        at = y * self.line + 4 * x
        return f"#{self.pixels[at : at + 3][::-1].hex()}"

    def colours(self) -> Counter[str]:
        """How often each is there, on every fourth row and column."""
        ways = itertools.product(range(0, self.width, 4), range(0, self.height, 4))
        return Counter(self.colour(x, y) for x, y in ways)

    def save(self, path: Path) -> None:
        """As a PNG file, for eyes."""

        def chunk(kind: bytes, body: bytes) -> bytes:
            end = struct.pack(">I", zlib.crc32(kind + body))
            return struct.pack(">I", len(body)) + kind + body + end

        rows = bytearray()
        for y in range(self.height):
            row = self.pixels[y * self.line : y * self.line + 4 * self.width]
            colours = bytearray(3 * self.width)
            colours[0::3], colours[1::3], colours[2::3] = row[2::4], row[1::4], row[0::4]
            rows += b"\0" + colours
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


class PostgresServer(Program):
    """A private PostgreSQL server on loopback, with its cluster in a folder of its own."""

    farewell = signal.SIGINT  # "fast": does not wait for clients to leave

    def __init__(self, initdb: Path, folder: Path) -> None:
        self.initdb = initdb
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_hex(16)
        # PostgreSQL refuses to run as root; its package made this user.
        user = "postgres" if os.geteuid() == 0 else None
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            # A cluster that is thrown away after the tests need not outlive a power cut.
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
        }
        command = [str(initdb.with_name("postgres")), "-D", str(folder / "cluster")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        super().__init__("PostgreSQL", command, folder / "postgres.log", user=user)

    @property
    def url(self) -> str:
        """The address of its database ``postgres``, whose owner may make others."""
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgres://hymio:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Make the cluster and wait until the server takes connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
            shutil.chown(secret, self.user, self.user)
        subprocess.run(
            [
                str(self.initdb),
                *("-D", str(self.folder / "cluster"), "--username=hymio", "--auth=scram-sha-256"),
                *(f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ],
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        super().start(pass_fds=pass_fds)
        self.wait()
        return self

    def wait(self) -> None:
        """Wait until it takes connections."""
        ready = re.compile("ready to accept connections")
        wait_until(
            lambda: ready.search(self.said()), "PostgreSQL to start", seconds=30, watched=(self,)
        )


def quick_root() -> str | None:
    """Where files may lie whose survival is not what is tested: a sync costs nothing in memory.

    None, the usual place for temporary files, where there is little memory for files.
    """
    memory = Path("/dev/shm")  # noqa: S108 - what is made there has a name of its own
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 200_000_000
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


def free_port() -> int:
    """A TCP port of loopback that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def ended_politely_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, so that every ``finally`` is run."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
