"""The shop's own look: what is accepted, and how mistakes are reported."""

from pathlib import Path

import pytest

from config.colours import contrast, mixed
from config.errors import InvalidFileError
from config.loader import load_settings
from config.settings import BrandColours

PNG = b"\x89PNG\r\n\x1a\nrest"


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "kiosk.toml"
    file.write_text(text)
    return file


def mistakes(file: Path) -> list[str]:
    with pytest.raises(InvalidFileError) as caught:
        load_settings(file)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert ratio == pytest.approx(contrast(one, other), abs=0.01)
    assert contrast(one, other) == contrast(other, one)


def test_mixing_goes_from_the_one_to_the_other() -> None:
    assert "#000000" == mixed("#000000", "#ffffff", 0)
    assert "#808080" == mixed("#000000", "#ffffff", 0.5)
    assert "#ffffff" == mixed("#000000", "#ffffff", 1)


def test_colours_that_can_be_read_are_accepted(tmp_path: Path) -> None:
    file = settings_file(
        tmp_path,
        "[brand.colours]\nbackground = '#fdf6ec'\ntext = '#3a2618'\naccent = '#8a3b12'\n",
    )
    expected = BrandColours(background="#fdf6ec", text="#3a2618", accent="#8a3b12")
    assert expected == load_settings(file).brand.colours


def test_every_colour_that_melts_into_the_background_is_reported(tmp_path: Path) -> None:
    file = settings_file(
        tmp_path,
        "[brand.colours]\nbackground = '#ffffff'\ntext = '#777777'\naccent = '#ffd84a'\n",
    )
    text, accent = mistakes(file)
    assert text.startswith("brand.colours.text: found #777777 on #ffffff, a contrast of 4.47:1;")
    assert text.endswith("; allowed: at least 4.5:1")
    assert accent.startswith("brand.colours.accent: found #ffd84a on #ffffff")
    assert accent.endswith("; allowed: at least 3:1")


def test_what_is_no_colour_is_reported_where_it_stands(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "[brand.colours]\nbackground = 'beige'\ntext = '#000000'\n")
    found = mistakes(file)
    assert ["brand.colours.background", "brand.colours.accent"] == [
        mistake.split(":")[0] for mistake in found
    ]
    assert "'beige'" in found[0]


@pytest.mark.parametrize(("name", "data"), [("a.png", PNG), ("a.svg", b"<svg> </svg>")])
def test_logo_is_found_beside_the_settings(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    file = settings_file(tmp_path, f"[brand]\nlogo = '{name}'\n")
    assert str(tmp_path / name) == load_settings(file).brand.logo


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "No such file"),
        (b"GIF89a", "neither"),
        (PNG + b"0" * 2_000_000, "larger"),
    ],
)
def test_logo_that_cannot_be_drawn_is_reported(
    tmp_path: Path, data: bytes | None, reason: str
) -> None:
    if data is not None:
        (tmp_path / "logo.png").write_bytes(data)
    [mistake] = mistakes(settings_file(tmp_path, "[brand]\nlogo = 'logo.png'\n"))
    assert mistake.startswith("brand.logo: found 'logo.png'")
    assert reason in mistake
    assert "PNG or SVG" in mistake
