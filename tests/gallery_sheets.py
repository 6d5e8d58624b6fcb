"""Contact sheets: all pictures of one screen on one sheet, to be looked at together."""

from dataclasses import dataclass, field
from pathlib import Path

from gallery_checks import Picture
from PIL import Image, ImageDraw

HEIGHT = 260
"""Of a picture on a sheet, in pixels."""
CAPTION = 16
WIDTH = 2600
"""Of a sheet, at most."""


def image(picture: Picture) -> Image.Image:
    """The picture the right way up."""
    drawn = Image.frombytes("RGBA", (picture.width, picture.height), picture.data)
    return drawn.convert("RGB").transpose(Image.Transpose.FLIP_TOP_BOTTOM)


@dataclass
class Sheets:
    """Collects pictures by the name of their screen; :meth:`save` writes a sheet for each."""

    folder: Path
    _cells: dict[str, list[Image.Image]] = field(default_factory=dict)

    def add(self, name: str, caption: str, picture: Picture) -> None:
        """One more picture of this screen."""
        wide = round(HEIGHT * picture.width / picture.height)
        small = image(picture).resize((wide, HEIGHT), Image.Resampling.BOX)
        cell = Image.new("RGB", (small.width, HEIGHT + CAPTION), "white")
        cell.paste(small, (0, CAPTION))
        ImageDraw.Draw(cell).text((2, 2), caption, fill="black")
        self._cells.setdefault(name, []).append(cell)

    def save(self) -> None:
        """Writes ``NAME.png`` for each screen."""
        for name, cells in self._cells.items():
            self.folder.mkdir(parents=True, exist_ok=True)
            _sheet(cells).save(self.folder / f"{name}.png")


def _sheet(cells: list[Image.Image]) -> Image.Image:
    """The cells in rows, each as full as the width allows."""
    places, x, y = [], 0, 0
    for cell in cells:
        if x and x + cell.width > WIDTH:
            x, y = 0, y + HEIGHT + CAPTION + 8
        places.append((x, y))
        x += cell.width + 8
    wide = max(place[0] + cell.width for place, cell in zip(places, cells, strict=True))
    sheet = Image.new("RGB", (wide, y + HEIGHT + CAPTION), "#808080")
    for place, cell in zip(places, cells, strict=True):
        sheet.paste(cell, place)
    return sheet
