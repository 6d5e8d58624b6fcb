"""The shop's picture behind the screens of a real window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.settings import Brand, BrandColours

pytestmark = pytest.mark.gui

COLOURS = BrandColours(background="#ffffff", text="#000000", accent="#5a2000")


@pytest.fixture
def window(open_window: Callable[..., Any], tmp_path: Path) -> Any:
    halves = Image.new("RGB", (400, 100), "#ffffff")
    halves.paste("#c0e0c0", (200, 0, 400, 100))
    halves.save(tmp_path / "halves.png")
    return open_window(brand=Brand(background=str(tmp_path / "halves.png"), colours=COLOURS))


def wait_for_pixels(window: Any, *wanted: str) -> None:
    """A busy machine swaps what was drawn into sight a frame later."""

    def seen() -> tuple[str, ...]:
        pixels = [window.pixel(x, 620) for x in (40, 1240)]
        return tuple("#" + "".join(f"{part:02x}" for part in pixel) for pixel in pixels)

    window.frames(3)
    window.until(lambda: seen() == wanted, f"{wanted}")


def test_picture_fills_the_window_and_is_cut_not_stretched(window: Any) -> None:
    assert 1.0 == window.app._backdrop.share
    wait_for_pixels(window, "#ffffff", "#c0e0c0")
    texture = window.app.stage._picture._drawn.texture
    assert 1280 / 800 == pytest.approx(texture.width / texture.height, rel=0.01)


def test_picture_is_away_in_high_contrast(window: Any) -> None:
    window.app.stage._access._switch("high_contrast")
    wait_for_pixels(window, "#000000", "#000000")


@pytest.mark.usefixtures("_kivy")
def test_kiosk_does_without_a_file_that_has_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from kiosk.ui.widgets.backdrop import brand_backdrop

    gone = Brand(background=str(tmp_path / "gone.png"), colours=COLOURS)
    assert brand_backdrop(gone) is None
    assert "No such file" in caplog.text
