"""XLSForm's ``relevant`` as conditions: what compares answers, joined by "and" and "or"."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

Condition = dict[str, Any]
Values = Callable[[str], Mapping[str, bool | int | str]]
"""The values that a question can have by the words of the sheet, by its name there."""
_ATOM = re.compile(
    r"""\s*(?:
      selected\(\s*\$\{\s*(?P<named>[^}]+?)\s*\}\s*,\s*(?P<option>'[^']*'|"[^"]*")\s*\)
      (?:\s*=\s*true\(\))?
    | \$\{\s*(?P<left>[^}]+?)\s*\}\s*(?P<sign>!=|<=|>=|=|<|>)\s*(?P<value>'[^']*'|"[^"]*"|-?\d+)
    )\s*""",
    re.VERBOSE,
)
_WORD = re.compile(r"\s*(and|or|\(|\))(?=\W|$)\s*", re.IGNORECASE)
_DEEPEST = 50
"""So many brackets are followed."""


class NoConditionError(Exception):
    """It can't be said with conditions."""


class _Tree(NamedTuple):
    join: str
    parts: Sequence["_Tree | Condition"]


def conditions_of(text: str, values: Values) -> list[tuple[str, Condition]]:
    """Rows of conditions, each with ``all`` or ``any``; NoConditionError if it asks for more."""
    if text.count("(") > _DEEPEST:
        raise NoConditionError(text)
    tree, rest = _either(text, values)
    if rest.strip():
        raise NoConditionError(text)
    rows = _rows(_merged(tree))
    if len({join for join, _row in rows}) > 1 and sum(join == "any" for join, _r in rows) < 2:
        raise NoConditionError(text)
    return rows


def _either(text: str, values: Values) -> tuple[_Tree | Condition, str]:
    return _joined("or", _each, text, values)


def _each(text: str, values: Values) -> tuple[_Tree | Condition, str]:
    return _joined("and", _one, text, values)


def _joined(word: str, inner: Any, text: str, values: Values) -> tuple[_Tree | Condition, str]:
    part, rest = inner(text, values)
    parts = [part]
    while (found := _WORD.match(rest)) and found[1].lower() == word:
        part, rest = inner(rest[found.end() :], values)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else _Tree(word, parts)), rest


def _one(text: str, values: Values) -> tuple[_Tree | Condition, str]:
    found = _WORD.match(text)
    if found and found[1] == "(":
        inside, rest = _either(text[found.end() :], values)
        closing = _WORD.match(rest)
        if not closing or closing[1] != ")":
            raise NoConditionError(text)
        return inside, rest[closing.end() :]
    atom = _ATOM.match(text)
    if atom is None:
        raise NoConditionError(text)
    return _condition(atom, values), text[atom.end() :]


def _condition(atom: re.Match[str], values: Values) -> Condition:
    name = atom["named"] or atom["left"]
    possible = values(name)
    if not possible:
        raise NoConditionError(name)
    sign = "=" if atom["named"] else atom["sign"]
    said = (atom["option"] or atom["value"]).strip("'\"")
    holding = [value for word, value in possible.items() if _holds(word, value, sign, said)]
    if not holding or (sign == "=" and len(holding) != 1):
        raise NoConditionError(said)
    return {"question": name, "one_of": holding}


def _holds(word: str, value: bool | int | str, sign: str, said: str) -> bool:
    if isinstance(value, int) and not isinstance(value, bool) and re.fullmatch(r"-?\d+", said):
        number = int(said)
        return {
            "=": value == number,
            "!=": value != number,
            "<": value < number,
            "<=": value <= number,
            ">": value > number,
            ">=": value >= number,
        }[sign]
    if sign not in ("=", "!="):
        raise NoConditionError(said)
    return (word == said) == (sign == "=")


def _merged(tree: _Tree | Condition) -> _Tree | Condition:
    """Values of one question that are joined by "or" are one condition."""
    if not isinstance(tree, _Tree):
        return tree
    parts = [_merged(part) for part in tree.parts]
    if tree.join == "or" and all(isinstance(part, dict) for part in parts):
        named: dict[str, Condition] = {}
        for part in parts:
            if isinstance(part, dict):
                known = named.setdefault(part["question"], {**part, "one_of": []})
                known["one_of"] += [one for one in part["one_of"] if one not in known["one_of"]]
        parts = list(named.values())
    return parts[0] if len(parts) == 1 else _Tree(tree.join, parts)


def _rows(tree: _Tree | Condition) -> list[tuple[str, Condition]]:
    if isinstance(tree, dict):
        return [("all", tree)]
    join = "all" if tree.join == "and" else "any"
    rows: list[tuple[str, Condition]] = []
    for part in tree.parts:
        if isinstance(part, dict):
            rows.append((join, part))
        elif join == "all" and not any(kind == "any" for kind, _row in rows):
            rows += _rows(part)
        else:
            raise NoConditionError(tree.join)
    return sorted(rows, key=lambda row: row[0])
