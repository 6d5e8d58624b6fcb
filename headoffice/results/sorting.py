"""The ranking's columns: by which one it is sorted, and the links that sort it otherwise."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from headoffice.results.changes import IndexChange
from headoffice.results.comparison import Comparison, RankedRow
from headoffice.results.filters import Selection

Key = Callable[[RankedRow], Any]


class Column(NamedTuple):
    """One column that rows can be sorted by."""

    name: str
    title: str
    hint: str
    """What is compared, or when; empty where the title says it."""
    address: str
    """Of the same page, sorted by it; the other way round if it is so already."""
    direction: str
    """``ascending``, ``descending`` or empty, for its look and for those who hear it."""
    position: int
    """Of the other times: which of them; otherwise -1."""


def _keys(found: Comparison) -> dict[str, tuple[Key, bool]]:
    """How each column is read, and whether its highest value comes first."""

    def change(at: int) -> Key:
        return lambda row: _value(row.changes[at])

    keys: dict[str, tuple[Key, bool]] = {
        "place": (lambda row: row.part.title.casefold(), False),
        "index": (lambda row: row.exact.value, True),
        "n": (lambda row: row.exact.n, True),
        "sad": (lambda row: row.sad_share, True),
        "rest": (lambda row: row.apart and row.apart.value, False),
    }
    keys |= {f"change-{at}": (change(at), False) for at in range(len(found.titles))}
    keys["relative"] = (lambda row: _value(row.relative), False)
    return keys


def _value(change: IndexChange | None) -> float | None:
    return change.difference.value if change and change.difference else None


def sorted_rows(found: Comparison, asked: str) -> tuple[str, tuple[RankedRow, ...]]:
    """The rows by a column, and its name with a minus where its highest value is the first one.

    A name that is none is that of the index. Rows without a value stand last.
    """
    keys = _keys(found)
    name = asked.removeprefix("-")
    if name not in keys:
        name, asked = "index", "-index"
    key, _falls = keys[name]
    falling = asked.startswith("-")
    valued = [(value, row) for row in found.rows if (value := key(row)) is not None]
    valued.sort(key=lambda pair: pair[0], reverse=falling)
    blank = [row for row in found.rows if key(row) is None]
    return f"-{name}" if falling else name, (*(row for _value, row in valued), *blank)


def columns(found: Comparison, asked: str, selection: Selection, **kept: str) -> list[Column]:
    """All columns with their links; ``kept`` are other fields of the address."""
    titles = {
        "index": (_("Index"), ""),
        "n": (_("Answers"), ""),
        "sad": (_("Sad"), _("Share of the faces below the middle")),
        "rest": (_("vs. the others"), ""),
    }
    titles |= {f"change-{at}": pair for at, pair in enumerate(found.titles)}
    titles["relative"] = (
        _("Against the chain's change"),
        _("The change, less the change of all other locations"),
    )
    titles["place"] = (_("Location"), "")
    made = []
    for name, (_key, falls) in _keys(found).items():
        title, hint = titles[name]
        now = {name: "ascending", f"-{name}": "descending"}.get(asked, "")
        falling = now == "ascending" or (falls and now != "descending")
        address = selection.address(**kept, sort=f"-{name}" if falling else name)
        position = int(name.removeprefix("change-")) if name.startswith("change-") else -1
        made.append(Column(name, title, hint, address, now, position))
    return made
