"""Writes the faces as SVG files; run ``python -m assets.faces.svg`` after a change of shape."""

from importlib import resources
from pathlib import Path

from assets.faces.geometry import Blob, Face, Point, Shape, face


def file_name(value: int, faces: int) -> str:
    """The file of a face, such as ``face-2-of-3.svg``."""
    return f"face-{value}-of-{faces}.svg"


def svg(drawn: Face) -> str:
    """The face as a complete SVG document without a title: whoever shows it labels it."""
    shapes = "\n".join(f"  {_element(shape, drawn)}" for shape in drawn.shapes)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="100" height="100">\n'
        f"{shapes}\n</svg>\n"
    )


def every_file() -> dict[str, str]:
    """All files by name."""
    return {file_name(v, n): svg(face(v, n)) for n in (3, 4, 5) for v in range(n)}


def _element(shape: Shape, drawn: Face) -> str:
    colour = getattr(drawn.palette, shape.ink)
    if isinstance(shape, Blob):
        return f'<path fill="{colour}" d="{_path(shape.points, closed=True)}"/>'
    return (
        f'<path fill="none" stroke="{colour}" stroke-width="{shape.width:g}" '
        'stroke-linecap="round" stroke-linejoin="round" '
        f'd="{_path(shape.points, closed=False)}"/>'
    )


def _path(points: tuple[Point, ...], *, closed: bool) -> str:
    text = "L".join(f"{round(x, 2):g} {round(y, 2):g}" for x, y in points)
    return f"M{text}{'Z' if closed else ''}"


def main() -> None:
    """Writes every file into the folder of this module."""
    folder = Path(str(resources.files("assets") / "faces"))
    for file, text in every_file().items():
        (folder / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
