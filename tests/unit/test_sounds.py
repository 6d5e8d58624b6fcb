"""The sounds: written here, short and soft."""

import io
import wave
from importlib import resources
from itertools import pairwise

import pytest

from assets.sounds.synthesis import PEAK, SOUNDS, file, samples


@pytest.mark.parametrize("name", SOUNDS)
def test_shipped_file_is_what_the_synthesis_writes(name: str) -> None:
    shipped = (resources.files("assets") / "sounds" / f"{name}.wav").read_bytes()
    assert shipped == file(SOUNDS[name])


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_is_short_and_soft_and_does_not_click(name: str) -> None:
    sound = SOUNDS[name]
    heard = samples(sound)
    assert sound.length_s < 0.7
    assert 0.2 < max(map(abs, heard)) <= PEAK
    assert 0 == heard[0] == heard[-1]
    assert max(abs(b - a) for a, b in pairwise(heard)) < 0.25


def test_file_is_one_that_any_player_takes() -> None:
    with wave.open(io.BytesIO(file(SOUNDS["thanks"]))) as played:
        assert (1, 2, 22_050) == (
            played.getnchannels(), played.getsampwidth(), played.getframerate(),
        )  # fmt: skip
        assert 0.65 == pytest.approx(played.getnframes() / played.getframerate(), abs=0.001)
