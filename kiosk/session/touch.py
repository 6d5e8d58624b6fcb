"""How a control was touched: by a finger somewhere, or by a key."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """Where a finger came down, and how large the control under it is; all in millimetres."""

    x_mm: float
    y_mm: float
    side_mm: float
    """The smaller side of the control."""

    def distance_mm(self, other: "Spot") -> float:
        """How far apart two of them are."""
        return math.hypot(self.x_mm - other.x_mm, self.y_mm - other.y_mm)


@dataclass(frozen=True)
class Touch:
    """What is known of the touch that gave an answer; of a key nothing but that it was one."""

    held_ms: int = 0
    """From the press to the release."""
    spot: Spot | None = None
    """None: a key was pressed."""
    faces: int = 1
    """So many faces had a finger on them when this one was let go."""
    on_former_face: bool = False
    """Where the finger came down a face of the rating had stood before."""
    hands_over: bool = False
    """The control hands over what was put together before."""


KEY = Touch()
"""A key of a keyboard or keypad."""
