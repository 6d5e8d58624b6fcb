"""The shop's own look: what is accepted, and how mistakes are reported."""

import io
from pathlib import Path

import pytest
from PIL import Image

from config.backdrop import READABLE, Backdrop, UnusablePictureError, backdrop
from config.colours import CONTROL_CONTRAST, contrast, mix
from config.errors import InvalidFileError
from config.loader import load_settings
from config.logo import check_logo
from config.settings import BrandColours


def picture(wide: int, high: int) -> bytes:
    """A red PNG."""
    written = io.BytesIO()
    Image.new("RGB", (wide, high), "#d4002a").save(written, "PNG")
    return written.getvalue()


PNG = picture(40, 10)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 60">{}</svg>'


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
    assert "#000000" == mix("#000000", "#ffffff", 0)
    assert "#808080" == mix("#000000", "#ffffff", 0.5)
    assert "#ffffff" == mix("#000000", "#ffffff", 1)


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


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.png", PNG), ("a.svg", SVG.format("<path d='M0 0h9v9z' fill='#d4002a'/>").encode())],
)
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
        (PNG[:-40], "damaged"),
        (picture(300, 10), "12 times"),
        (SVG.format('<text x="1" y="9">Shop</text>').encode(), "<text>, which is not drawn"),
        (SVG.format('<use href="#a"/>').encode(), "<use>"),
        (SVG.format("<style>.a{fill:red}</style>").encode(), "<style>"),
        (SVG.format('<rect class="a"/>').encode(), "classes"),
        (SVG.format('<rect clip-path="url(#a)"/>').encode(), "clip-path"),
        (SVG.format('<rect fill="crimson"/>').encode(), "colour 'crimson'"),
        (SVG.format('<rect style="fill:hsl(348,100%,42%)"/>').encode(), "hsl"),
        (SVG.format('<rect fill="url(#g)"/>').encode(), "gradient"),
        (b'<!DOCTYPE svg [<!ENTITY r "red">]>' + SVG.format("&r;").encode(), "entities"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="9mm"/>', "viewBox"),
        (SVG.format("<rect>").encode(), "no sound XML"),
        (SVG.format("<rect/>").encode("utf-16"), "not UTF-8"),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg' viewBox='0 0 4 1'/>", "prefix"),
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
    assert "the path of a PNG file" in mistake


# --- the picture behind the screens ---------------------------------------------------------

COLOURS = BrandColours(background="#fdf6ec", text="#3a2618", accent="#8a3b12")
BRAND = """
[brand]
background = "{}"
[brand.colours]
background = "#fdf6ec"
text = "#3a2618"
accent = "#8a3b12"
"""


def picture(folder: Path, *colours: str, name: str = "picture.png") -> Path:
    """Stripes of these colours."""
    drawn = Image.new("RGB", (40 * len(colours), 60))
    for index, colour in enumerate(colours):
        drawn.paste(colour, (40 * index, 0, 40 * index + 40, 60))
    drawn.save(folder / name)
    return folder / name


def lowest_contrast(colour: str, shown: Backdrop) -> float:
    """To any pixel that is drawn."""
    pixels = {shown.pixels[i : i + 3].hex() for i in range(0, len(shown.pixels), 3)}
    return min(contrast(colour, f"#{pixel}") for pixel in pixels)


def test_light_picture_behind_dark_letters_shows_as_it_is(tmp_path: Path) -> None:
    shown = backdrop(picture(tmp_path, "#ffffff", "#f4e4c8"), COLOURS)
    assert 1.0 == shown.share
    assert bytes.fromhex("ffffff") == shown.pixels[:3]
    assert ("#f0e0c8", "#ffffff") == shown.grounds  # never better than it is


@pytest.mark.parametrize("colours", [("#000000", "#ffffff"), ("#0000ff", "#ff0000", "#00ff00")])
def test_no_pixel_is_ever_so_dark_that_letters_are_hard_to_read(
    tmp_path: Path, colours: tuple[str, ...]
) -> None:
    shown = backdrop(picture(tmp_path, *colours), COLOURS)
    assert 0.1 < shown.share < 0.7
    assert lowest_contrast(COLOURS.text, shown) >= READABLE
    assert lowest_contrast(COLOURS.accent, shown) >= CONTROL_CONTRAST


def test_picture_is_kept_no_larger_than_it_is_seen_and_upright(tmp_path: Path) -> None:
    large = Image.new("RGB", (4000, 1000), "#ffffff")
    exif = large.getexif()
    exif[0x0112] = 6  # the camera was held upright
    large.save(tmp_path / "large.jpg", exif=exif)
    assert (480, 1920) == backdrop(tmp_path / "large.jpg", COLOURS).size


def test_what_is_clear_in_a_picture_has_the_colour_of_the_page(tmp_path: Path) -> None:
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert bytes.fromhex("fdf6ec") == backdrop(tmp_path / "clear.png", COLOURS).pixels[:3]


def test_settings_find_the_picture_beside_them(tmp_path: Path) -> None:
    file = picture(tmp_path, "#ffffff")
    brand = load_settings(settings_file(tmp_path, BRAND.format(file.name))).brand
    assert str(file) == brand.background


def test_picture_needs_the_colours(tmp_path: Path) -> None:
    picture(tmp_path, "#ffffff")
    [mistake] = mistakes(settings_file(tmp_path, "[brand]\nbackground = 'picture.png'\n"))
    assert mistake.startswith("brand.background: found 'picture.png'; allowed: together with")


def test_picture_needs_letters_with_contrast_to_spare(tmp_path: Path) -> None:
    picture(tmp_path, "#ffffff")
    text = BRAND.format("picture.png").replace("#3a2618", "#6a5648")
    [mistake] = mistakes(settings_file(tmp_path, text))
    assert mistake.startswith("brand.colours.text: found #6a5648 on #fdf6ec, a contrast of 6.4")
    assert "at least 7:1 where there is a picture" in mistake


def test_picture_that_could_only_be_guessed_at_is_refused(tmp_path: Path) -> None:
    """Just enough contrast without it, and none to spare."""
    picture(tmp_path, "#000000")
    text = BRAND.format("picture.png").replace("#3a2618", "#5d4a3c")
    [mistake] = mistakes(settings_file(tmp_path, text))
    assert "even if only 12% of it showed, texts would have less than 7:1" in mistake
    assert "allowed: the path of a calm PNG or JPEG picture of at most 5 MB" in mistake


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "(No such file or directory)"),
        (b"GIF89a", "which is neither, or damaged"),
        (PNG[:-40], "which is neither, or damaged"),
        (PNG + b"0" * 5_000_000, "which is larger"),
    ],
)
def test_picture_that_cannot_be_drawn_is_reported(
    tmp_path: Path, data: bytes | None, reason: str
) -> None:
    if data is not None:
        (tmp_path / "picture.png").write_bytes(data)
    [mistake] = mistakes(settings_file(tmp_path, BRAND.format("picture.png")))
    assert mistake.startswith("brand.background: found 'picture.png'")
    assert reason in mistake


def test_small_file_that_would_unfold_into_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    Image.new("1", (30_000, 30_000)).save(tmp_path / "bomb.png")
    with pytest.raises(UnusablePictureError, match="more pixels"):
        backdrop(tmp_path / "bomb.png", COLOURS)


def test_drawing_of_plain_shapes_is_a_logo_whatever_its_editor_keeps_beside_them() -> None:
    check_logo(
        SVG.format(
            '<metadata><x:y xmlns:x="http://editor">#</x:y></metadata>'
            '<x:view xmlns:x="http://editor"><text>not drawn</text></x:view>'
            '<defs><linearGradient id="g"><stop stop-color="#fff"/></linearGradient></defs>'
            '<g fill="none" stroke="rgb(1, 2, 3)"><path style="fill: url(#g)" d="M0 0h9z"/></g>'
        ).encode()
    )
    check_logo(b'<svg width="80px" height="20"/>')
