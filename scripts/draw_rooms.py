"""Draws docs/rooms.svg from the layers in pyproject.toml, so that the picture is the code's.

    python scripts/draw_rooms.py

Who changes a contract runs it again; a test holds the two equal.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "rooms.svg"
COLUMNS = ((300, "kiosk"), (300, "headoffice"), (540, "sync", "config"))
"""The width of each column and its packages, from the top."""
ROW, GAP, HEAD, MARGIN = 26, 4, 30, 24
MONO = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11.5"'


def layers() -> dict[str, list[list[str]]]:
    """The rooms of each package by layer, the top first."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found = {contract["id"]: contract.get("layers", []) for contract in rules["contracts"]}
    return {
        package: [[room.strip() for room in layer.split("|")] for layer in found[package]]
        for _width, *column in COLUMNS
        for package in column
    }


def draw() -> str:
    """The picture as a text."""
    rooms, boxes, x, height = layers(), [], MARGIN, 0
    for width, *column in COLUMNS:
        y = MARGIN
        for package in column:
            boxes += _package(package, rooms[package], x, y, width)
            y += HEAD + len(rooms[package]) * (ROW + GAP) + MARGIN
        x += width + MARGIN
        height = max(height, y)
    font = "Inter, Segoe UI, Helvetica, Arial, sans-serif"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} {height}" font-family="{font}"',
        '  role="img" aria-labelledby="t">',
        '  <title id="t">The rooms of each package; a room knows only those below it</title>',
        f'  <rect width="{x}" height="{height}" rx="18" fill="#f6f4ee"/>',
        *boxes,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _package(name: str, rows: list[list[str]], x: int, y: int, width: int) -> list[str]:
    style = 'font-size="15" font-weight="600" fill="#31574f"'
    lines = [f'  <text x="{x}" y="{y + 16}" {style}>{name}</text>']
    for number, rooms in enumerate(rows):
        lines += _row(rooms, x, y + HEAD + number * (ROW + GAP), width)
    return lines


def _row(rooms: list[str], x: int, y: int, width: int) -> list[str]:
    # Long names get more room, so that none is cut.
    shares = [len(room) + 2 for room in rooms]
    free = width - GAP * (len(rooms) - 1)
    lines, left = [], float(x)
    for room, share in zip(rooms, shares, strict=True):
        wide = free * share / sum(shares)
        box = f'x="{left:.1f}" y="{y}" width="{wide:.1f}" height="{ROW}" rx="6"'
        middle = f'x="{left + wide / 2:.1f}" y="{y + 17}" text-anchor="middle"'
        lines.append(f'  <rect {box} fill="#fff" stroke="#31574f" stroke-width="1.2"/>')
        lines.append(f'  <text {middle} {MONO} fill="#1e332e">{room}</text>')
        left += wide + GAP
    return lines


if __name__ == "__main__":
    PICTURE.write_text(draw())
