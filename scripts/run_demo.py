"""A head office and a kiosk on this machine, connected. `scripts/demo` sets up and calls this.

scripts/demo [--fullscreen]   until Ctrl-C; its data is kept in .demo/
scripts/demo --smoke          by itself: taps the happy face, sees it counted, says how fast
"""

import argparse
import contextlib
import fcntl
import json
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from journey import HAPPY, Finger, HeadOffice, Kiosk  # noqa: E402 - found by the line above
from processes import StepError, VirtualScreen, ended_politely_on_signals  # noqa: E402

PLACE = "Demo checkout"
USER = "demo"
HAPPY_VALUE = 2
LOOK = """\
There is no display here, so the kiosk runs on a virtual screen, {display}. To look at it:
  DISPLAY={display} import -window root kiosk.png    a picture (apt-get install imagemagick)
  x11vnc -display {display} -localhost -forever       then a VNC viewer, over SSH if far away"""


# --- until Ctrl-C -------------------------------------------------------------------------


def demonstrate(folder: Path, *, fullscreen: bool) -> int:
    """Run a head office and a kiosk until they are asked to end; returns the exit code."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    with ExitStack() as stack:
        lock = stack.enter_context((folder / "running").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepError("The demonstration is running already, in another terminal.") from None
        known = remembered(folder)
        head_office = HeadOffice(folder)
        head_office.port = known.port if is_free(known.port) else 0
        display = os.environ.get("DISPLAY", "")
        if not display:
            screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
            display = screen.display
            print(LOOK.format(display=display))
        if not known.password:
            known = replace(known, password=secrets.token_urlsafe(9))
            head_office.create_user(USER, known.password)
            print("Making up ten weeks of answers, marked as demonstration data ...", flush=True)
            head_office.make_up_answers()
            remember(folder, known)
        stack.enter_context(head_office.start())
        kiosk = Kiosk(folder, display, fullscreen=fullscreen)
        if not known.enrolled or known.port != head_office.port:
            kiosk.enrol(head_office.enrolment_code(PLACE), head_office.url)
            known = replace(known, port=head_office.port, enrolled=True)
            remember(folder, known)
        stack.enter_context(kiosk.start())
        print(f"Head office:  {head_office.url}   log in as {USER} with {known.password}")
        print(f"Kiosk:        {'the whole' if fullscreen else 'a window on'} screen {display}")
        print(f"Data and logs are in {folder}; delete it to begin anew. Ctrl-C ends both.")
        sys.stdout.flush()
        return watch(head_office, kiosk)


def watch(head_office: HeadOffice, kiosk: Kiosk) -> int:
    """Wait until someone closes the kiosk's window, or one of the two breaks down."""
    while True:
        for program in (head_office, kiosk):
            if not program.is_running():
                if program is kiosk and kiosk.process and kiosk.process.returncode == 0:
                    print("The kiosk's window was closed.")
                    return 0
                print(program.obituary(), file=sys.stderr)
                return 1
        time.sleep(0.2)


@dataclass(frozen=True)
class Known:
    """What the next run has to know of this one."""

    port: int = 0
    password: str = ""
    enrolled: bool = False


def remembered(folder: Path) -> Known:
    """What earlier runs left."""
    try:
        return Known(**json.loads((folder / "state.json").read_text()))
    except FileNotFoundError:
        return Known()
    except (ValueError, TypeError) as error:
        raise StepError(f"{folder}/state.json is damaged; please delete {folder}.") from error


def remember(folder: Path, known: Known) -> None:
    """Keep it for the next run; only this user may read it."""
    fresh = folder / "state.json.new"
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(known)))
    fresh.replace(folder / "state.json")


def is_free(port: int) -> bool:
    """Tell whether the port of an earlier run can be had again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


# --- by itself ----------------------------------------------------------------------------


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """One step of the smoke test: said when it went well, named when it did not."""
    begun = time.monotonic()
    try:
        yield
    except KeyboardInterrupt:
        raise
    except Exception as error:
        raise StepError(f"FAILED: {name}\n{error}") from error
    print(f"  ok  {name} ({time.monotonic() - begun:.1f} s)", flush=True)


def smoke() -> int:
    """Do what a shopper and an analyst would, with new data; returns 0 or raises StepError."""
    from browser import LivePage

    print("Smoke test: a real click on the happy face, counted on the live page.", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="hymio-smoke-", ignore_cleanup_errors=True) as temporary,
        ExitStack() as stack,
    ):
        folder = Path(temporary)
        head_office = HeadOffice(folder)
        password = secrets.token_urlsafe(9)
        with step("make a user"):
            head_office.create_user(USER, password)
        with step("start the head office"):
            stack.enter_context(head_office.start())
        with step("start a virtual screen"):
            screen = stack.enter_context(VirtualScreen(folder / "screen.log").start())
        kiosk = Kiosk(folder, screen.display)
        with step("enrol the kiosk"):
            kiosk.enrol(head_office.enrolment_code(PLACE), head_office.url)
        with step("start the kiosk and see the question"):
            stack.enter_context(kiosk.start())
        with step("open the live page in a browser"):
            page = stack.enter_context(LivePage(head_office.url))
            page.log_in(USER, password)
            page.wait_for_count(PLACE, HAPPY_VALUE, 0)
        with step("tap the happy face and be thanked"):
            finger = stack.enter_context(Finger(kiosk))
            answered = finger.answer(HAPPY)
        with step("see it counted on the page"):
            page.wait_for_count(PLACE, HAPPY_VALUE, 1)
            seen_ns = time.monotonic_ns()
        with step("end everything"):
            stack.close()
        for name, moment in (
            ("committed", answered.committed_ns),
            ("thanks", answered.thanked_ns),
            ("page", seen_ns),
        ):
            print(f"click→{name}: {(moment - answered.clicked_ns) / 1e6:.0f} ms")
    return 0


def main(arguments: list[str]) -> int:
    """Run what was asked for and leave no process behind; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--fullscreen", action="store_true", help="the kiosk fills the screen")
    how.add_argument("--smoke", action="store_true", help="try the whole way once, then end")
    options = parser.parse_args(arguments)
    with ended_politely_on_signals():
        try:
            if options.smoke:
                return smoke()
            return demonstrate(ROOT / ".demo", fullscreen=options.fullscreen)
        except StepError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nEnded." if not options.smoke else "\nInterrupted.")
            return 130 if options.smoke else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
