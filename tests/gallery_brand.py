"""A made-up shop's look: its logo, its colours and its picture."""

from importlib import resources
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from config.settings import Brand, BrandColours

COLOURS = BrandColours(background="#f3efe4", text="#1d2f3f", accent="#8a3b12")


def made_up_brand(folder: Path) -> Brand:
    """Writes the files into this folder."""
    logo, background = folder / "logo.png", folder / "background.jpg"
    _logo().save(logo)
    _picture().save(background, quality=90)
    return Brand(logo=str(logo), background=str(background), colours=COLOURS)


def _logo() -> Image.Image:
    font = ImageFont.truetype(
        str(resources.files("assets") / "fonts" / "Figtree-SemiBold.ttf"), size=120
    )
    drawn = Image.new("RGBA", (640, 160))
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((8, 24, 120, 136), fill=COLOURS.accent)
    pen.text((150, 8), "Lakeside", font=font, fill=COLOURS.text)
    return drawn


def _picture() -> Image.Image:
    """Hills in the mist, from light to rather dark."""
    drawn = Image.new("RGB", (1600, 1000), "#e9dfc9")
    pen = ImageDraw.Draw(drawn)
    pen.ellipse((1120, 120, 1380, 380), fill="#f6c98b")
    for left, top, right, bottom, colour in (
        (-300, 520, 900, 1500, "#a9b8ae"), (600, 460, 2000, 1600, "#8fa79f"),
        (-200, 700, 1200, 1700, "#5f7f7a"), (900, 760, 2200, 1700, "#2f5050"),
    ):  # fmt: skip
        pen.ellipse((left, top, right, bottom), fill=colour)
    return drawn.filter(ImageFilter.GaussianBlur(18))
