"""The whole kiosk as a process of its own, touched with a real mouse."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import PROGRAMS, Program, wait_until
from slowness import limit_s

from kiosk.last_good import LAST_GOOD_SETTINGS
from sync.messages import AnswerBody
from sync.outbox.sqlite import SqliteOutbox

pytestmark = [pytest.mark.gui, pytest.mark.e2e]

START_S = 30.0


class Kiosk(Program):
    """A kiosk in a window, with its trace."""

    def __init__(self, folder: Path, *words: str, home: Path) -> None:
        self.trace = folder / "trace.jsonl"
        self.data = folder / "data"
        command = [
            str(PROGRAMS / "hymio-kiosk"), "run", "--windowed", "--size", "800x480",
            "--data", str(self.data), "--trace", str(self.trace), *words,
        ]  # fmt: skip
        env = {"HOME": str(home), "DISPLAY": os.environ["DISPLAY"], "XDG_CACHE_HOME": ""}
        super().__init__("kiosk", command, folder / "kiosk.log", env=env)

    def events(self, event: str) -> list[dict[str, Any]]:
        if not self.trace.exists():
            return []
        lines = self.trace.read_text().splitlines(keepends=True)
        whole = [json.loads(line) for line in lines if line.endswith("\n")]
        return [line for line in whole if line["event"] == event]

    def wait_for(self, screen: str) -> dict[str, Any]:
        def seek() -> dict[str, Any] | None:
            shown = [line for line in self.events("shown") if line["screen"] == screen]
            return shown[0] if shown else None

        return wait_until(seek, f"the {screen} screen", seconds=START_S, watched=(self,))

    def click(self, target: str) -> None:
        left, top, width, height = self.wait_for("rating")["targets"][target]
        self.point(left + width // 2, top + height // 3)
        subprocess.run(["xdotool", "click", "1"], check=True, timeout=20)

    def point(self, x: int, y: int) -> None:
        window_id = wait_until(self._window, "the window", seconds=START_S, watched=(self,))
        command = ["xdotool", "mousemove", "--window", window_id, str(x), str(y)]
        subprocess.run(command, check=True, timeout=20)

    def _window(self) -> str | None:
        search = ["xdotool", "search", "--onlyvisible", "--pid", str(self.pid)]
        found = subprocess.run(search, capture_output=True, text=True, check=False, timeout=20)
        return found.stdout.split()[0] if found.stdout else None

    def values(self) -> list[object]:
        with SqliteOutbox.look(self.data) as outbox:
            bodies = [message.body for message in outbox.next_batch(1000, 1_000_000)]
        return [body.value for body in bodies if isinstance(body, AnswerBody)]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Kiosk]]:
    started: list[Kiosk] = []

    def start_one(*words: str) -> Kiosk:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        started.append(Kiosk(tmp_path, *words, home=home))
        started[-1].start()
        return started[-1]

    yield start_one
    for kiosk in started:
        kiosk.kill()


def test_click_is_stored_thanked_and_still_there_after_sigterm(
    start: Callable[..., Kiosk],
) -> None:
    kiosk = start()
    kiosk.wait_for("rating")
    kiosk.click("face-2")
    kiosk.wait_for("thanks")
    (stored,) = kiosk.events("stored")
    assert (1, "rating", 2) == (stored["seq"], stored["question"], stored["value"])
    asked_at = time.monotonic()
    assert 0 == kiosk.stop()
    assert time.monotonic() - asked_at <= limit_s(2)
    assert [2] == kiosk.values()


def test_kiosk_that_nobody_touches_sleeps_and_a_touch_wakes_it(
    start: Callable[..., Kiosk],
) -> None:
    kiosk = start()
    kiosk.wait_for("rating")
    settled = time.monotonic() + 5  # everything is built, and what stays is known
    wait_until(lambda: time.monotonic() > settled, "the kiosk to settle", seconds=10)
    before, begun = woken(kiosk.pid), time.monotonic()
    wait_until(lambda: time.monotonic() > begun + 4, "some seconds", seconds=10)
    a_second = (woken(kiosk.pid) - before) / (time.monotonic() - begun)
    assert a_second <= 8  # 3 on a machine that has nothing else to do
    touched = time.monotonic()
    kiosk.click("face-1")
    kiosk.wait_for("thanks")
    assert time.monotonic() - touched < limit_s(3)


def woken(pid: int) -> int:
    """How often all threads of a process have gone to sleep and were woken."""
    told = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/status"))
    lines = (line for text in told for line in text.splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))


def test_kill_at_the_moment_of_thanks_loses_nothing(start: Callable[..., Kiosk]) -> None:
    kiosk = start()
    kiosk.wait_for("rating")
    kiosk.click("face-0")
    kiosk.wait_for("thanks")
    kiosk.kill()
    assert [0] == kiosk.values()


def test_sigterm_while_it_starts_ends_it_too(start: Callable[..., Kiosk]) -> None:
    kiosk = start()
    wait_until(lambda: masked(kiosk.pid), "the kiosk to watch its signals", seconds=START_S)
    asked_at = time.monotonic()
    assert 0 == kiosk.stop()
    assert time.monotonic() - asked_at <= limit_s(2.5)


def masked(pid: int) -> bool:
    """Whether SIGTERM (15) is blocked on the main thread, as the kiosk does first of all."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("SigBlk"))
    return bool(int(line.split()[1], 16) >> 14 & 1)


def test_settings_with_mistakes_cost_those_settings_alone(
    start: Callable[..., Kiosk], tmp_path: Path
) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text('language = "fi"\n[screen]\ntheme = "lihgt"\n[brand]\nlogo = "gone.png"\n')
    kiosk = start("--config", str(config))
    kiosk.wait_for("rating")
    kiosk.click("face-2")
    kiosk.wait_for("thanks")
    assert "found 'lihgt'" in kiosk.said()
    assert "gone.png" in kiosk.said()
    kiosk.stop()
    config.write_text('language = "fi"\n')
    again = start("--config", str(config))
    again.wait_for("rating")
    wait_until(
        (again.data / LAST_GOOD_SETTINGS).exists, "the settings to be remembered", seconds=START_S
    )


def test_second_kiosk_on_the_same_folder_is_refused(start: Callable[..., Kiosk]) -> None:
    first = start()
    first.wait_for("rating")
    first.click("face-1")
    first.wait_for("thanks")
    second = start()
    assert second.process is not None
    assert 1 == second.process.wait(START_S)
    assert "in use by another Hymio kiosk" in second.said()
    assert first.is_running()


def test_nothing_is_left_in_the_home_but_answers_and_cache(
    start: Callable[..., Kiosk], tmp_path: Path
) -> None:
    kiosk = start()
    kiosk.wait_for("rating")
    assert 0 == kiosk.stop()
    assert not (tmp_path / "home" / ".kivy").exists()
    assert {".cache"} == {entry.name for entry in (tmp_path / "home").iterdir()}


def test_escape_does_not_close_the_kiosk(start: Callable[..., Kiosk]) -> None:
    kiosk = start()
    kiosk.wait_for("rating")
    kiosk.point(5, 5)  # keys go to the window under the pointer
    for key in ("Escape", "F1", "F11", "alt+F4", "ctrl+c", "ctrl+q"):
        subprocess.run(["xdotool", "key", key], check=True, timeout=20)
    kiosk.click("face-2")
    kiosk.wait_for("thanks")
    assert 0 == kiosk.stop()


def test_folder_that_can_not_be_written_shows_closed(
    start: Callable[..., Kiosk], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    kiosk = start()
    kiosk.wait_for("out_of_order")
    (tmp_path / "data").unlink()
    wait_until(
        lambda: kiosk.events("shown")[-1]["screen"] == "rating",
        "the faces to come back", seconds=START_S, watched=(kiosk,),
    )  # fmt: skip
    kiosk.click("face-2")
    kiosk.wait_for("thanks")
    assert 0 == kiosk.stop()
    assert [2] == kiosk.values()
