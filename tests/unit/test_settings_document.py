"""Every setting is named, with its default, in the file to copy and in the documentation."""

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from config.settings import Settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
FILE = (resources.files("config") / "defaults" / "kiosk.toml").read_text()
Setting = tuple[str, str, Any]


def settings(struct: type[msgspec.Struct], section: str = "") -> Iterator[Setting]:
    """Section, name and default of each setting."""
    for field in msgspec.structs.fields(struct):
        inner = [t for t in (field.type, *get_args(field.type)) if isinstance(t, type)]
        nested = [t for t in inner if issubclass(t, msgspec.Struct)]
        if nested:
            yield from settings(nested[0], f"{section}.{field.name}".strip("."))
        else:
            yield section, field.name, field.default


SETTINGS = list(settings(Settings))
IDS = [f"{section}.{name}".strip(".") for section, name, _default in SETTINGS]


def section_of_file(section: str) -> str:
    """The lines of the file to copy under a heading, which may be commented out like its lines."""
    parts = re.split(r"^(?:# )?\[([a-z_.]+)\]$", FILE, flags=re.MULTILINE)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))[section]


def rows_of_document(section: str) -> dict[str, str]:
    """The defaults that a table of the document names, by setting."""
    heading = f"`[{section}]`" if section else "At the top"
    part = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", part, flags=re.MULTILINE))


def value(text: str) -> object:
    """What TOML reads; a list is kept as a tuple."""
    found = tomllib.loads(f"x = {text}")["x"]
    return tuple(found) if isinstance(found, list) else found


def test_there_are_settings_of_every_section() -> None:
    assert len(SETTINGS) > 60
    assert {"", "brand.colours", "hours", "sync"} <= {section for section, *_ in SETTINGS}


@pytest.mark.parametrize(("section", "name", "default"), SETTINGS, ids=IDS)
def test_the_file_to_copy_names_it(section: str, name: str, default: object) -> None:
    found = re.search(rf"^(# )?{name} = (.+)$", section_of_file(section), flags=re.MULTILINE)
    assert found
    left_out = default in (None, msgspec.NODEFAULT)
    assert left_out == bool(found[1])
    assert left_out or default == value(found[2])


@pytest.mark.parametrize(("section", "name", "default"), SETTINGS, ids=IDS)
def test_the_document_names_it_with_its_default(section: str, name: str, default: object) -> None:
    said = rows_of_document(section)[name]
    if default in (None, msgspec.NODEFAULT):
        assert "`" not in said
    else:
        assert default == value(said.strip("`"))


def test_the_document_names_nothing_else() -> None:
    sections = {section for section, *_ in SETTINGS}
    named = {(section, name) for section in sections for name in rows_of_document(section)}
    assert {("brand", "colours")} == named - {(section, name) for section, name, _ in SETTINGS}
