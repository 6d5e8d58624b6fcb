"""How the pages are written: for people who read them in an editor beside something else."""

from pathlib import Path

import pytest
from processes import ROOT

LONGEST = 160
SOURCES = sorted(
    path
    for path in (ROOT / "headoffice").rglob("*")
    if path.suffix in (".html", ".css", ".js") and "vendor" not in path.parts
)


@pytest.mark.parametrize("path", SOURCES, ids=[str(p.relative_to(ROOT)) for p in SOURCES])
def test_no_line_is_longer_than_an_editor_shows(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [] == [number for number, line in lines if len(line) > LONGEST]
