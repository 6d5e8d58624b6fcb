"""Where there is no display the kiosk ends, and says so; nobody believes it alive."""

import subprocess
from pathlib import Path

import pytest
from processes import PROGRAMS, Program, clean_environment, wait_until

pytestmark = [pytest.mark.gui, pytest.mark.e2e]


def environment(folder: Path, **more: str) -> dict[str, str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
    kept = {name: value for name, value in clean_environment().items() if name not in hidden}
    return kept | {"HOME": str(folder), "SDL_AUDIODRIVER": "dummy"} | more


@pytest.mark.parametrize(
    ("more", "words"),
    [({}, "DISPLAY is not set"), ({"DISPLAY": ":777"}, "the display :777 can't be opened")],
)
def test_a_kiosk_without_a_display_ends_with_words(
    tmp_path: Path, more: dict[str, str], words: str
) -> None:
    done = subprocess.run(
        [str(PROGRAMS / "hymio-kiosk"), "run", "--data", str(tmp_path / "data")],
        env=environment(tmp_path, **more),
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert 1 == done.returncode, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_keeper_says_so_and_is_never_ready(tmp_path: Path) -> None:
    command = [str(PROGRAMS / "hymio-kiosk"), "keep", "--data", str(tmp_path / "data")]
    keeper = Program("keeper", command, tmp_path / "log")
    keeper.env = environment(tmp_path)
    keeper.start()
    try:
        wait_until(
            lambda: keeper.said().count("DISPLAY is not set") >= 2,
            "a second try", seconds=90, watched=(keeper,),
        )  # fmt: skip
    finally:
        keeper.kill()


def test_a_driver_without_a_screen_may_be_asked_for(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    command = [str(PROGRAMS / "hymio-kiosk"), "run", "--data", str(tmp_path / "data")]
    kiosk = Program("kiosk", [*command, "--trace", str(trace)], tmp_path / "log")
    kiosk.env = environment(tmp_path, SDL_VIDEODRIVER="offscreen")
    kiosk.start()
    try:
        wait_until(
            lambda: trace.exists() and '"rating"' in trace.read_text(),
            "the question", seconds=60, watched=(kiosk,),
        )  # fmt: skip
    finally:
        kiosk.kill()
