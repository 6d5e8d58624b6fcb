"""Sounds in a process of their own, with a sound device that works and with one that doesn't."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.gui

PROGRAM = """
import sys, time
from pathlib import Path
from config.settings import SoundSettings
from kiosk.ui.environment import Surface, prepare
prepare(Path(sys.argv[1]), Surface(False, 800, 480, 30))
from kiosk.ui.sounds import Sounds

class Counted(Sounds):
    played = 0
    def play(self, name):
        if self._settings.enabled and name in self._loaded:
            Counted.played += 1
        super().play(name)

sounds = Counted(SoundSettings(enabled=False))
sounds.play("touch")
assert sounds._loading is None
begun = time.perf_counter()
sounds.change(SoundSettings(enabled=True, volume=0.3))
waited = time.perf_counter() - begun
there = sounds.wait_until_loaded(20)
begun = time.perf_counter()
sounds.play("thanks")
waited += time.perf_counter() - begun
if there:
    assert sounds._loaded["thanks"].volume == 0.3
sounds.change(SoundSettings(enabled=False))
sounds.play("thanks")
print(there, Counted.played, waited < 0.1)
"""


def said_with(driver: str, tmp_path: Path) -> list[str]:
    env = os.environ | {"SDL_AUDIODRIVER": driver}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], env=env, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    return done.stdout.split()


def test_sounds_are_played_at_their_volume_only_while_wanted(tmp_path: Path) -> None:
    assert ["True", "1", "True"] == said_with("dummy", tmp_path)


def test_kiosk_without_a_sound_device_is_silent_and_goes_on(tmp_path: Path) -> None:
    assert ["False", "0", "True"] == said_with("no-such-driver", tmp_path)
