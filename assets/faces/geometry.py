"""How a face of a given mood is shaped and coloured."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

Point = tuple[float, float]
Ink = Literal["rim", "fill", "ink", "tongue"]
"""What a shape is painted with; :class:`Palette` says in which colour."""

CENTRE = 50.0
RIM = 2.2
_STEPS = 120


@dataclass(frozen=True)
class Blob:
    """A filled convex outline, its points in order."""

    points: tuple[Point, ...]
    ink: Ink


@dataclass(frozen=True)
class Stroke:
    """A line of one width with round ends."""

    points: tuple[Point, ...]
    width: float
    ink: Ink


Shape = Blob | Stroke


@dataclass(frozen=True)
class Palette:
    """The colours of a face as hexadecimal RGB; rims stand out 3:1 from the light page."""

    rim: str
    fill: str
    ink: str
    tongue: str


@dataclass(frozen=True)
class Face:
    """The shapes of a face, to be painted in this order, and their colours."""

    mood: float
    """-1 (most negative) to 1 (most positive)."""
    shapes: tuple[Shape, ...]
    palette: Palette


_PALETTES: tuple[tuple[float, Palette], ...] = (
    (-1.0, Palette(rim="#b8402f", fill="#f0806a", ink="#4a130b", tongue="#f0806a")),
    (-0.4, Palette(rim="#b35a1c", fill="#f5a05c", ink="#472106", tongue="#f5a05c")),
    (0.0, Palette(rim="#a3700c", fill="#f6c453", ink="#453003", tongue="#f6c453")),
    (0.4, Palette(rim="#5f8420", fill="#b4d162", ink="#263807", tongue="#e98f79")),
    (1.0, Palette(rim="#2b7d4f", fill="#6cc58f", ink="#07351d", tongue="#f0907a")),
)


@cache
def face(value: int, faces: int) -> Face:
    """The face of this rating among 3, 4 or 5, where 0 is the most negative.

    Raises ValueError outside of that.
    """
    if faces not in (3, 4, 5) or not 0 <= value < faces:
        raise ValueError(f"there is no face {value} of {faces}")
    mood = 2 * value / (faces - 1) - 1
    shapes = (*_head(mood), *_eyes(mood), *_brows(mood), *_mouth(mood))
    return Face(mood, shapes, palette(mood))


def palette(mood: float) -> Palette:
    """The colours nearest to this mood."""
    return min(_PALETTES, key=lambda entry: abs(entry[0] - mood))[1]


def _head(mood: float) -> tuple[Shape, ...]:
    # A superellipse: 2 is a circle, more is squarer. The radius keeps the areas alike.
    exponent = 2.0 if mood > 0 else 2.0 + 0.75 * (1 - mood) ** 1.1
    radius = 48.0 - 1.6 * (exponent - 2.0)
    outline = _superellipse(radius, exponent)
    # Not a smaller superellipse, which would leave more of the rim at the corners than elsewhere.
    return Blob(outline, "rim"), Blob(_inset(outline, RIM), "fill")


def _inset(outline: tuple[Point, ...], distance: float) -> tuple[Point, ...]:
    """A closed curve, counted against the clock or with it, moved inwards by as much everywhere."""

    def moved(step: int) -> Point:
        x, y = outline[step]
        (x0, y0), (x1, y1) = outline[step - 1], outline[(step + 1) % len(outline)]
        across, along = y1 - y0, x0 - x1
        length = math.hypot(across, along)
        inwards = math.copysign(1, (CENTRE - x) * across + (CENTRE - y) * along)
        return (x + inwards * distance * across / length, y + inwards * distance * along / length)

    return tuple(moved(step) for step in range(len(outline)))


def _superellipse(radius: float, exponent: float) -> tuple[Point, ...]:
    def along(part: float) -> float:
        return radius * math.copysign(abs(part) ** (2 / exponent), part)

    angles = (2 * math.pi * step / _STEPS for step in range(_STEPS))
    return tuple((CENTRE + along(math.cos(a)), CENTRE + along(math.sin(a))) for a in angles)


def _eyes(mood: float) -> tuple[Shape, ...]:
    if mood > 0.9:
        return tuple(
            Stroke(_curve((x - 7.2, 42.5), (x, 30.0), (x + 7.2, 42.5)), 5.4, "ink")
            for x in (33.0, 67.0)
        )
    return tuple(Blob(_ellipse(x, 41.0, 4.4, 5.9), "ink") for x in (34.0, 66.0))


def _brows(mood: float) -> tuple[Shape, ...]:
    if mood > -0.3:
        return ()
    # Raised towards the middle: sad, not angry.
    lift = 5.5 * -mood
    left = _curve((25.5, 28.5), (32.0, 28.0 - lift * 0.4), (39.5, 28.0 - lift))
    right = tuple((100 - x, y) for x, y in left)
    return Stroke(left, 3.8, "ink"), Stroke(right, 3.8, "ink")


def _mouth(mood: float) -> tuple[Shape, ...]:
    if mood > 0.9:
        return _grin()
    half = 15.0 + 3.0 * abs(mood)
    bend = 17.0 * mood
    # The ends move against the middle, so that the mouth stays where it is.
    ends, middle = 66.0 - bend / 2, 66.0 + bend
    curve = _curve((CENTRE - half, ends), (CENTRE, middle), (CENTRE + half, ends))
    return (Stroke(curve, 5.2, "ink"),)


def _grin() -> tuple[Shape, ...]:
    half, top, depth, corner = 20.0, 57.0, 19.0, 2.5

    def arc(x: float, rx: float, ry: float, start: float, turn: float) -> tuple[Point, ...]:
        angles = (start + turn * step / 24 for step in range(25))
        return tuple((x + rx * math.cos(a), top + ry * math.sin(a)) for a in angles)

    opening = (
        *arc(CENTRE, half + corner, depth + corner, 0, math.pi),
        *arc(CENTRE - half, corner, corner, math.pi, math.pi / 2),
        *arc(CENTRE + half, corner, corner, 1.5 * math.pi, math.pi / 2),
    )
    return Blob(opening, "ink"), Blob(_ellipse(CENTRE, 71.5, 9.0, 4.2), "tongue")


def _ellipse(x: float, y: float, rx: float, ry: float) -> tuple[Point, ...]:
    angles = (2 * math.pi * step / 48 for step in range(48))
    return tuple((x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles)


def _curve(start: Point, control: Point, end: Point) -> tuple[Point, ...]:
    def at(t: float) -> Point:
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        return (
            a * start[0] + b * control[0] + c * end[0],
            a * start[1] + b * control[1] + c * end[1],
        )

    return tuple(at(step / 24) for step in range(25))
