"""The shop's logo in a real window."""

from importlib import resources
from pathlib import Path

import pytest

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("_kivy")]

FACE = Path(str(resources.files("assets") / "faces" / "face-2-of-3.svg"))


def drawn(file: Path, height: int) -> tuple[int, ...] | None:
    from kivy.core.window import Window

    from kiosk.ui.widgets.logo import logo_texture

    if not Window.initialized:
        Window.create_window()

    texture = logo_texture(file, height)
    return tuple(texture.size) if texture is not None else None


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('viewBox="0 0 200 100"', (240, 120)),
        ('viewBox="0,0,200,100" width="40" height="20"', (240, 120)),
        ('width="30px" height="60px"', (60, 120)),
    ],
)
def test_drawing_is_as_high_as_it_is_shown(
    tmp_path: Path, root: str, size: tuple[int, int]
) -> None:
    file = tmp_path / "logo.svg"
    file.write_text(
        f'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" {root}>'
        '<rect width="100%" height="100%" fill="#ff0000"/></svg>'
    )
    assert size == drawn(file, 120)


def test_shipped_face_can_be_a_logo() -> None:
    assert (77, 77) == drawn(FACE, 77)


@pytest.mark.parametrize("text", ["<svg", "<svg></svg>", "no picture at all"])
def test_file_that_cannot_be_drawn_leaves_the_screen_without_a_logo(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "logo.svg"
    file.write_text(text)
    assert drawn(file, 100) is None
    assert "can't be drawn" in caplog.text
