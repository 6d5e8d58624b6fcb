"""The rim of a face is as wide at its corners as anywhere."""

import math

import pytest

from assets.faces import face
from assets.faces.geometry import RIM

FACES = [(value, faces) for faces in (3, 4, 5) for value in range(faces)]


@pytest.mark.parametrize(("value", "faces"), FACES)
def test_rim_is_equally_wide_all_around(value: int, faces: int) -> None:
    rim, fill = face(value, faces).shapes[:2]
    for x, y in fill.points:
        width = min(math.hypot(x - a, y - b) for a, b in rim.points)
        assert width == pytest.approx(RIM, abs=0.06)
