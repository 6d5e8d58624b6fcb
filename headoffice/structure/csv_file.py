"""The tree as a CSV file, out and in.

One row per group and per place. ``id`` tells which one a row is about, also after it was renamed
or moved; without an id a row is about the one of that name in that group, or makes a new one.
Nothing is ever removed by a file.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeVar

from django.utils.translation import gettext as _

from config.csv_guard import RISKY, SEPARATORS, STARTS
from config.opening_hours import StoredHours
from headoffice.fleet.models import ExperiencePoint
from headoffice.fleet.places import split_path
from headoffice.fleet.tree import SEPARATOR, Tree
from headoffice.structure import validation

S = TypeVar("S")
T = TypeVar("T")
COLUMNS = ("id", "kind", "group", "name", "time_zone", "opening_hours", "tags")
CUSTOM = "custom: "
_NAMES = (*COLUMNS, CUSTOM.strip().removesuffix(":"))
_BEFORE_FORMULA = f"(^(?='*[{''.join(RISKY)}])|[{''.join(SEPARATORS)}]\"*(?='*[{''.join(STARTS)}]))"
_FORMULA, _KEPT = re.compile(_BEFORE_FORMULA), re.compile(f"{_BEFORE_FORMULA}'")
"""Where a spreadsheet would calculate, at the beginning of a cell or behind a sign that may part
cells, and where it was kept from that: with another apostrophe before it, all come back as they
were."""


class TreeLine(NamedTuple):
    """What a file says about one group or place; None: it says nothing about that."""

    number: int
    id: int | None
    kind: str
    group: tuple[str, ...]
    name: str
    time_zone: str | None
    opening_hours: StoredHours | None
    tags: list[str] | None
    custom: dict[str, str] | None


class LineMistake(NamedTuple):
    """What is wrong in which line; line 0 is the file as a whole."""

    line: int
    text: str


# --- out ----------------------------------------------------------------------------------


def write_tree(groups: frozenset[int], single: frozenset[int] = frozenset()) -> str:
    """These groups and their places as CSV, in the order of the tree; then these single places."""
    tree = Tree.load()
    branches = list(tree.branches(groups, single))
    fields = sorted({key for branch in branches for p in branch.points for key in p.custom})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *(_cell(CUSTOM + field) for field in fields)])
    for branch in branches:
        above = tree.path(branch.group.parent_id)
        cells = [f"g{branch.group.pk}", "group", above, branch.group.name, "", "", ""]
        if branch.is_whole:
            writer.writerow([*map(_cell, cells), *[""] * len(fields)])
        for point in branch.points:
            writer.writerow(map(_cell, _point(point, tree, fields)))
    return out.getvalue()


def _point(point: ExperiencePoint, tree: Tree, fields: Iterable[str]) -> list[str]:
    hours, tags = validation.hours_text(point.opening_hours), ", ".join(point.tags)
    path = tree.path(point.group_id)
    custom = [point.custom.get(field, "") for field in fields]
    return [f"p{point.pk}", "place", path, point.name, point.time_zone, hours, tags, *custom]


def _cell(text: str) -> str:
    return _FORMULA.sub(r"\1'", text)


def write_example(zone: str) -> str:
    """What a file looks like, where there is no group yet: lines to be written over."""
    top, below, place = _("Our company"), _("North"), _("Main street, checkout")
    hours = "Mon-Fri 08:00-21:00; Sat 10:00-18:00"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, CUSTOM + _("Floor")])
    writer.writerow(["", "group", "", top, "", "", "", ""])
    writer.writerow(["", "group", top, below, "", "", "", ""])
    writer.writerow(["", "place", f"{top}{SEPARATOR}{below}", place, zone, hours, _("large"), "1"])
    return out.getvalue()


# --- in -----------------------------------------------------------------------------------


def read_lines(text: str) -> tuple[list[TreeLine], list[LineMistake]]:
    """What a file says, and everything that is wrong with it."""
    text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    text, above, told = _without_preamble(text)
    first = text.partition("\n")[0]
    delimiter = told or max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return [], [
            LineMistake(
                0, _("Not a valid CSV file: a quotation mark is missing, or there is one too many.")
            )
        ]
    header = [_column(cell) for cell in rows[0]] if rows else []
    while header and not header[-1]:
        # Spreadsheets save columns that nobody wrote anything into.
        header.pop()
    if wrong := list(_header(header, rows[1:])):
        return [], wrong
    lines: list[TreeLine] = []
    mistakes: list[LineMistake] = []
    for line_number, found in _numbered(text, delimiter):
        number, cells = line_number + above, found
        while len(cells) > len(header) and not cells[-1].strip():
            cells = cells[:-1]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            mistakes.append(LineMistake(number, _("It has more cells than the first line.")))
            continue
        cells += [""] * (len(header) - len(cells))
        said = dict(zip(header, map(_plain, cells), strict=True))
        line, wrong_here = _line(number, said)
        mistakes += wrong_here
        if not wrong_here:
            lines.append(line)
    return lines, mistakes


def _without_preamble(text: str) -> tuple[str, int, str]:
    """The text from its names on, how many lines stood above, and the separator that one told.

    Excel itself writes and reads a line such as ``sep=;``.
    """
    above, told = 0, ""
    while True:
        line, newline, rest = text.partition("\n")
        bare = line.strip().strip('"')
        if found := re.fullmatch("sep=(.)", bare, re.IGNORECASE):
            told = found[1]
        elif bare.strip(",;\t ") or not newline:
            return text, above, told
        text, above = rest, above + 1


def _column(cell: str) -> str:
    """The name of a column, however it is capitalised; what is behind “custom:” stays."""
    name = _plain(" ".join(cell.split()))
    known, colon, field = name.partition(":")
    return known.lower() + colon + field if known.lower() in _NAMES else name


def _numbered(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader, None)
    began = reader.line_num + 1
    for cells in reader:
        # Where the row begins: a cell in quotes may go on over several lines.
        yield began, cells
        began = reader.line_num + 1


def _header(header: list[str], rows: list[list[str]]) -> Iterator[LineMistake]:
    for column in ("group", "name"):
        if column not in header:
            yield LineMistake(1, _("The column “%(name)s” is missing.") % {"name": column})
    times = Counter(header)
    for number, column in enumerate(header, 1):
        if not column:
            # One that holds nothing, such as a gap between two parts of a sheet, does no harm.
            if any(cell.strip() for cells in rows for cell in cells[number - 1 : number]):
                text = _("Column %(n)d holds something and has no name in the first line.")
                yield LineMistake(1, text % {"n": number})
        elif column not in COLUMNS and not column.startswith(CUSTOM.strip()):
            known = ", ".join((*COLUMNS, f"{CUSTOM}…"))
            text = _("There is no column “%(name)s”. There are: %(known)s.")
            yield LineMistake(1, text % {"name": column, "known": known})
        if column and times[column] > 1:
            yield LineMistake(1, _("There are two columns “%(name)s”.") % {"name": column})


def _line(number: int, said: dict[str, str]) -> tuple[TreeLine, list[LineMistake]]:
    wrong: list[LineMistake] = []

    def checked(parse: Callable[[S], T], said: S) -> T | None:
        try:
            return parse(said)
        except ValueError as error:
            wrong.append(LineMistake(number, str(error)))
            return None

    marked = re.fullmatch(r"(?:([gp])(\d{1,15}))?", said.get("id", "").strip())
    kind = said.get("kind", "").strip().lower() or (
        "group" if marked and marked[1] == "g" else "place"
    )
    if kind not in ("group", "place"):
        wrong.append(LineMistake(number, _("“kind” is “group” or “place”.")))
    if marked is None or (marked[1] and {"g": "group", "p": "place"}[marked[1]] != kind):
        text = _("The id of a group begins with g, that of a location with p, then come digits.")
        wrong.append(LineMistake(number, text))
    group = tuple(checked(validation.clean_name, name) or "" for name in split_path(said["group"]))
    if kind == "place" and not group:
        wrong.append(LineMistake(number, _("A location needs a group.")))
    zone = said.get("time_zone", "").strip()
    fields = {
        k.removeprefix(CUSTOM.strip()): v for k, v in said.items() if k.startswith(CUSTOM.strip())
    }
    line = TreeLine(
        number,
        int(marked[2]) if marked and marked[2] else None,
        kind,
        group,
        checked(validation.clean_name, said["name"]) or "",
        checked(validation.zone, zone) if zone else None,
        checked(validation.hours, said["opening_hours"]) if "opening_hours" in said else None,
        checked(validation.tags, said["tags"]) if "tags" in said else None,
        checked(validation.custom, fields) if fields else None,
    )
    return line, wrong


def _plain(cell: str) -> str:
    return _KEPT.sub(r"\1", cell)
