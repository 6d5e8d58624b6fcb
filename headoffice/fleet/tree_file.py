"""The tree as a CSV file, out and in.

One row per group and per place. ``id`` tells which one a row is about, also after it was renamed
or moved; without an id a row is about the one of that name in that group, or makes a new one.
Nothing is ever removed by a file.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from django.utils.translation import gettext as _

from headoffice.fleet import naming, opening
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.places import names_of
from headoffice.fleet.tree import Tree

S = TypeVar("S")
T = TypeVar("T")
COLUMNS = ("id", "kind", "group", "name", "time_zone", "opening_hours", "tags")
CUSTOM = "custom: "
_FORMULA = re.compile(r"^'?[=+\-@\t\r]")
"""What a spreadsheet would calculate; it is written with an apostrophe before it."""


class Line(NamedTuple):
    """What a file says about one group or place; None: it says nothing about that."""

    number: int
    id: int | None
    kind: str
    group: tuple[str, ...]
    name: str
    time_zone: str | None
    opening_hours: opening.Hours | None
    tags: list[str] | None
    custom: dict[str, str] | None


class Mistake(NamedTuple):
    """What is wrong in which line; line 0 is the file as a whole."""

    line: int
    text: str


# --- out ----------------------------------------------------------------------------------


def written(groups: frozenset[int]) -> str:
    """These groups and their places as CSV, in the order of the tree."""
    tree = Tree.load()
    branches = list(tree.branches(groups))
    fields = sorted({key for branch in branches for p in branch.points for key in p.custom})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *(CUSTOM + field for field in fields)])
    for branch in branches:
        above = tree.path(branch.group.parent_id)
        cells = [f"g{branch.group.pk}", "group", above, branch.group.name, "", "", ""]
        writer.writerow([*map(_cell, cells), *[""] * len(fields)])
        for point in branch.points:
            writer.writerow(map(_cell, _point(point, tree, fields)))
    return out.getvalue()


def _point(point: ExperiencePoint, tree: Tree, fields: Iterable[str]) -> list[str]:
    hours, tags = opening.text_of(point.opening_hours), ", ".join(point.tags)
    path = tree.path(point.group_id)
    custom = [point.custom.get(field, "") for field in fields]
    return [f"p{point.pk}", "place", path, point.name, point.time_zone, hours, tags, *custom]


def _cell(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


# --- in -----------------------------------------------------------------------------------


def read(text: str) -> tuple[list[Line], list[Mistake]]:
    """What a file says, and everything that is wrong with it."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return [], [Mistake(0, _("It is not a CSV file: a quotation mark is missing or too many."))]
    header = [" ".join(cell.split()) for cell in rows[0]] if rows else []
    if wrong := list(_header(header)):
        return [], wrong
    lines: list[Line] = []
    mistakes: list[Mistake] = []
    for number, cells in _numbered(text, delimiter):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            mistakes.append(Mistake(number, _("It has more cells than the first line.")))
            continue
        said = dict(zip(header, (_plain(cell) for cell in cells), strict=False))
        line, wrong_here = _line(number, said)
        mistakes += wrong_here
        if not wrong_here:
            lines.append(line)
    return lines, mistakes


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader, None)
    began = reader.line_num + 1
    for cells in reader:
        # Where the row begins: a cell in quotes may go on over several lines.
        yield began, cells
        began = reader.line_num + 1


def _header(header: list[str]) -> Iterator[Mistake]:
    for column in ("group", "name"):
        if column not in header:
            yield Mistake(1, _("The column “%(name)s” is missing.") % {"name": column})
    for column in header:
        if column not in COLUMNS and not column.startswith(CUSTOM.strip()):
            known = ", ".join((*COLUMNS, f"{CUSTOM}…"))
            text = _("There is no column “%(name)s”. There are: %(known)s.")
            yield Mistake(1, text % {"name": column, "known": known})
        if header.count(column) > 1:
            yield Mistake(1, _("There are two columns “%(name)s”.") % {"name": column})


def _line(number: int, said: dict[str, str]) -> tuple[Line, list[Mistake]]:
    wrong: list[Mistake] = []

    def checked(parse: Callable[[S], T], said: S) -> T | None:
        try:
            return parse(said)
        except ValueError as error:
            wrong.append(Mistake(number, str(error)))
            return None

    marked = re.fullmatch(r"(?:([gp])(\d{1,15}))?", said.get("id", "").strip())
    kind = said.get("kind", "").strip().lower() or (
        "group" if marked and marked[1] == "g" else "place"
    )
    if kind not in ("group", "place"):
        wrong.append(Mistake(number, _("“kind” is “group” or “place”.")))
    if marked is None or (marked[1] and {"g": "group", "p": "place"}[marked[1]] != kind):
        text = _("The id of a group begins with g, that of a place with p, then come digits.")
        wrong.append(Mistake(number, text))
    group = tuple(checked(naming.name, name) or "" for name in names_of(said["group"]))
    if kind == "place" and not group:
        wrong.append(Mistake(number, _("A place needs a group.")))
    zone = said.get("time_zone", "").strip()
    fields = {
        k.removeprefix(CUSTOM.strip()): v for k, v in said.items() if k.startswith(CUSTOM.strip())
    }
    line = Line(
        number,
        int(marked[2]) if marked and marked[2] else None,
        kind,
        group,
        checked(naming.name, said["name"]) or "",
        checked(naming.zone, zone) if zone else None,
        checked(naming.hours, said["opening_hours"]) if "opening_hours" in said else None,
        checked(naming.tags, said["tags"]) if "tags" in said else None,
        checked(naming.custom, fields) if fields else None,
    )
    return line, wrong


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
