"""A physical keyboard at the real program: its letters arrive as its own layout makes them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from journey import Finger, Kiosk
from processes import VirtualScreen, wait_until

from kiosk.session import SETTLE_MS

pytestmark = [pytest.mark.gui, pytest.mark.e2e]

FORM = """
id = "words"
title = "Words"
languages = ["en"]
[[questions]]
id = "rating"
kind = "smiley"
text = { en = "How was it?" }
[[questions]]
id = "why"
kind = "text"
text = { en = "Why?" }
"""


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    (tmp_path / "words.toml").write_text(FORM)
    settings = 'questionnaire = "words.toml"\n'
    with ExitStack() as stack:
        screen = stack.enter_context(VirtualScreen(tmp_path / "screen.log").start())
        made = Kiosk(tmp_path, screen.display, settings=settings, size="800x480")
        yield stack.enter_context(made.start())


def test_text_is_written_and_sent_with_a_physical_keyboard(kiosk: Kiosk) -> None:
    with Finger(kiosk) as finger:
        finger.answer("face-0")
        finger.point_at("accept")
        wait_until(lambda: is_asked_why(kiosk, finger), "the question that is written", seconds=30)
        shown = kiosk.trace.wait("shown", screen="question")["mono_ns"]
        # What comes sooner was meant for the screen before.
        settled = shown + 2 * SETTLE_MS * 1_000_000
        wait_until(lambda: time.monotonic_ns() > settled, "the question to be seen", seconds=5)
        subprocess.run(
            ["xdotool", "type", "--delay", "60", "Cold soup"], env=kiosk.env, check=True, timeout=30
        )
        press(kiosk, "BackSpace", "Return")
    stored = kiosk.trace.wait("stored", question="why")
    assert "Cold sou" == stored["value"]
    kiosk.trace.wait("shown", screen="thanks", question="")


def is_asked_why(kiosk: Kiosk, finger: Finger) -> bool:
    """Whether the tap on the invitation was taken; one that comes too soon is not."""
    if not kiosk.trace.all("shown", screen="question"):
        finger.tap()
    return bool(kiosk.trace.all("shown", screen="question"))


def press(kiosk: Kiosk, *keys: str) -> None:
    subprocess.run(["xdotool", "key", *keys], env=kiosk.env, check=True, timeout=30)
