"""Writes the sounds: ``python -m assets.sounds.synthesis``.

Each is a few struck bars of a marimba: a fundamental and the fourth harmonic, which dies away
sooner. They begin and end in silence, so nothing clicks.
"""

import math
import struct
import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

RATE = 22_050
PEAK = 0.5
"""Of full scale; the kiosk's volume makes them softer still."""
_ATTACK_S = 0.004
_RELEASE_S = 0.02


@dataclass(frozen=True)
class Note:
    """A struck bar."""

    hertz: float
    at_s: float
    half_life_s: float
    loudness: float = 1.0


@dataclass(frozen=True)
class Sound:
    """Notes, and how long they may ring."""

    notes: tuple[Note, ...]
    length_s: float


SOUNDS = {
    "touch": Sound((Note(659.26, 0.0, 0.018, 0.6),), 0.09),
    "thanks": Sound((Note(523.25, 0.0, 0.07), Note(783.99, 0.11, 0.09)), 0.65),
}


def samples(sound: Sound) -> list[float]:
    """The wave, between -PEAK and PEAK."""
    wave_form = [
        sum(_struck(note, step / RATE - note.at_s) for note in sound.notes)
        for step in range(round(sound.length_s * RATE))
    ]
    fade = round(_RELEASE_S * RATE)
    for step in range(fade):
        wave_form[-1 - step] *= step / fade
    loudest = max(note.loudness for note in sound.notes)
    scale = PEAK * loudest / max(abs(value) for value in wave_form)
    return [value * scale for value in wave_form]


def file(sound: Sound) -> bytes:
    """The wave as a WAV file: one channel, 16 bits."""
    data = b"".join(struct.pack("<h", round(value * 32_767)) for value in samples(sound))
    written = BytesIO()
    with wave.open(written, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(data)
    return written.getvalue()


def _struck(note: Note, since_s: float) -> float:
    if since_s < 0:
        return 0.0
    rise = min(1.0, since_s / _ATTACK_S)
    turn = 2 * math.pi * note.hertz * since_s
    # math.pow: mypy takes the result of ** with a float exponent for Any.
    bar = math.sin(turn) * math.pow(0.5, since_s / note.half_life_s)
    wood = 0.25 * math.sin(4 * turn) * math.pow(0.5, 4 * since_s / note.half_life_s)
    return note.loudness * rise * (bar + wood)


if __name__ == "__main__":
    for name, sound in SOUNDS.items():
        (Path(__file__).parent / f"{name}.wav").write_bytes(file(sound))
