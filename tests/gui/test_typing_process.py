"""A physical keyboard at the real program: its letters arrive as its own layout makes them."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from journey import Finger, Kiosk
from processes import StepError, VirtualScreen, wait_until

from kiosk.session.deadlines import SETTLE_MS

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
    settings = 'questionnaire = "words.toml"\n[timing]\ninvitation = 30.0\n'
    with ExitStack() as stack:
        screen = stack.enter_context(VirtualScreen(tmp_path / "screen.log").start())
        made = Kiosk(tmp_path, screen.display, settings=settings, size="800x480")
        yield stack.enter_context(made.start())


def test_text_is_written_and_sent_with_a_physical_keyboard(kiosk: Kiosk) -> None:
    with Finger(kiosk) as finger:
        finger.answer("face-0")
        accept(kiosk, finger)
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


def accept(kiosk: Kiosk, finger: Finger) -> None:
    """Taps until the question is there: a tap too soon after the invitation is not taken.

    One at a time: a tap that is late would type what lies there by then.
    """
    invited = wait_until(lambda: offer(kiosk), "the invitation", seconds=10, watched=(kiosk,))
    settled = invited["mono_ns"] + SETTLE_MS * 1_000_000
    wait_until(lambda: time.monotonic_ns() > settled, "a tap to be taken", seconds=5)
    finger.point_at("accept", invited["targets"])
    for _ in range(10):
        finger.tap()
        with suppress(StepError):
            kiosk.trace.wait("shown", screen="question", seconds=1)
            return


def offer(kiosk: Kiosk) -> dict[str, Any] | None:
    """The invitation, if it is what is shown."""
    shown: dict[str, Any] = kiosk.trace.all("shown")[-1]
    return shown if "accept" in shown["targets"] else None


def press(kiosk: Kiosk, *keys: str) -> None:
    subprocess.run(["xdotool", "key", *keys], env=kiosk.env, check=True, timeout=30)
