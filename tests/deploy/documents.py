"""The commands that documents tell people to type, as they stand there."""

import re
from pathlib import Path

from processes import ROOT

UNIT = ROOT / "deploy" / "hymio-headoffice.service"


def commands_of_comment(file: Path) -> list[str]:
    """Those of a unit's first lines: indented by three blanks, continued by a backslash."""
    head = file.read_text().partition("\n[Unit]")[0]
    lines = [line[4:] for line in head.splitlines() if line.startswith("#   ")]
    return _joined(lines)


def commands_of_page(name: str, heading: str) -> list[str]:
    """Those in the fenced blocks of a chapter, without their remarks."""
    text = (ROOT / name).read_text()
    chapter = re.split(rf"^#+ {re.escape(heading)}$", text, maxsplit=1, flags=re.MULTILINE)[1]
    chapter = re.split(r"^#{1,2} ", chapter, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```(?:sh)?\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return _joined([re.sub(r"\s+# .*$", "", line) for line in lines if line.strip()])


def _joined(lines: list[str]) -> list[str]:
    return re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
