"""The fonts that come with Hymio."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path


@dataclass(frozen=True)
class Typeface:
    """One design of letters, in the two weights that the screens use."""

    name: str
    regular: Path
    bold: Path


def _bundled(name: str) -> Typeface:
    folder = Path(str(resources.files("assets") / "fonts"))
    return Typeface(name, folder / f"{name}-Medium.ttf", folder / f"{name}-SemiBold.ttf")


TYPEFACES = tuple(map(_bundled, ("Figtree", "Rubik", "NotoSans", "NotoSansArabic")))
"""In the order in which they are tried for a text. Figtree has the Latin letters of most of
Europe, Rubik Cyrillic, Hebrew and Arabic as well, Noto Sans Greek and Vietnamese, and Noto Sans
Arabic the letters of Urdu, Kurdish and other languages that write Arabic."""
