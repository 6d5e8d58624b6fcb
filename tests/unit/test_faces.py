"""The faces: one geometry for the kiosk and for the pages."""

from importlib import resources
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest

from assets.faces import Blob, Face, Stroke, face
from assets.faces.svg import every_file, file_name, svg

ALL = [(value, faces) for faces in (3, 4, 5) for value in range(faces)]
LIGHT_PAGE, DARK_PAGE = "#faf7f2", "#131a1b"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("value", "faces"), ALL)
def test_file_agrees_with_the_geometry(value: int, faces: int) -> None:
    file = resources.files("assets") / "faces" / file_name(value, faces)
    assert svg(face(value, faces)) == file.read_text(), "run: python -m assets.faces.svg"


def test_there_is_no_file_without_a_face() -> None:
    folder = resources.files("assets") / "faces"
    assert set(every_file()) == {f.name for f in folder.iterdir() if f.name.endswith(".svg")}


@pytest.mark.parametrize(("value", "faces"), ALL)
def test_svg_is_well_formed_and_has_one_path_for_each_shape(value: int, faces: int) -> None:
    drawn = face(value, faces)
    root = ET.fromstring(svg(drawn))  # noqa: S314 - drawn a line above
    assert len(drawn.shapes) == len(root)


@pytest.mark.parametrize(("value", "faces"), ALL)
def test_everything_stays_inside_the_outline(value: int, faces: int) -> None:
    for shape in face(value, faces).shapes:
        edge = shape.width / 2 if isinstance(shape, Stroke) else 0
        for x, y in shape.points:
            assert 0 <= x - edge
            assert x + edge <= 100
            assert 0 <= y - edge
            assert y + edge <= 100


@pytest.mark.parametrize(("value", "faces"), ALL)
def test_face_is_symmetrical(value: int, faces: int) -> None:
    points = {
        (round(x, 6), round(y, 6)) for shape in face(value, faces).shapes for x, y in shape.points
    }
    mirrored = {(round(100 - x, 6) + 0.0, y) for x, y in points}
    assert points == mirrored


def outline(drawn: Face) -> tuple[tuple[float, float], ...]:
    head = drawn.shapes[0]
    assert isinstance(head, Blob)
    return head.points


@pytest.mark.parametrize("faces", [3, 4, 5])
def test_faces_differ_by_shape_and_not_only_by_colour(faces: int) -> None:
    drawn = [face(value, faces) for value in range(faces)]
    for one, other in combinations(drawn, 2):
        features = [tuple(s.points for s in d.shapes[2:]) for d in (one, other)]
        assert features[0] != features[1]
    assert outline(drawn[0]) != outline(drawn[-1])


@pytest.mark.parametrize("faces", [3, 4, 5])
def test_the_happier_the_rounder(faces: int) -> None:
    def corner(drawn: Face) -> float:
        return max(
            (x - 50) * (y - 50) / max(x for x, _ in outline(drawn)) for x, y in outline(drawn)
        )

    corners = [corner(face(value, faces)) for value in range(faces)]
    assert all(sad >= happy for sad, happy in pairwise(corners))
    assert corners[0] > corners[-1]


@pytest.mark.parametrize("faces", [3, 4, 5])
def test_mouth_turns_from_down_to_up(faces: int) -> None:
    def bend(drawn: Face) -> float:
        mouth = next(s for s in drawn.shapes if s.ink == "ink" and min(y for _, y in s.points) > 50)
        middle = [y for x, y in mouth.points if abs(x - 50) < 3]
        left_end = min(mouth.points)[1]
        return sum(middle) / len(middle) - left_end

    bends = [bend(face(value, faces)) for value in range(faces)]
    assert bends[0] < 0 < bends[-1]


@pytest.mark.parametrize(("value", "faces"), ALL)
def test_colours_can_be_told_apart_by_everyone(value: int, faces: int) -> None:
    colours = face(value, faces).palette
    assert contrast(colours.rim, LIGHT_PAGE) >= 3
    assert contrast(colours.rim, DARK_PAGE) >= 3 or contrast(colours.fill, DARK_PAGE) >= 3
    assert contrast(colours.ink, colours.fill) >= 4.5


@pytest.mark.parametrize(("value", "faces"), [(-1, 3), (3, 3), (0, 2), (0, 6)])
def test_there_are_no_other_faces(value: int, faces: int) -> None:
    with pytest.raises(ValueError, match="there is no face"):
        face(value, faces)
