"""The fields of one question: what a form sent of it, and what an editor's button did to it.

The name of a field is its path in the question, such as ``options[0].text.fi``: the path by which
the kiosk's rules report a mistake.
"""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from headoffice.authoring.documents import (
    MOST_CONDITIONS,
    Part,
    condition_rows,
    ids,
    next_id,
    set_conditions,
    texts,
)

DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "smiley": {"faces": 3},
    "csat": {"steps": 5},
    "scale": {"low": 1, "high": 5},
    "text": {"max_length": 300},
}
"""The numbers of each kind, as the kiosk takes them where a file says nothing."""
DETAILS = ("name", "email", "phone")
"""What a contact question may ask for."""
WITH_ENDS = ("nps", "ces", "csat", "scale")
_LONGEST_TEXT = 4000
_ACTION = re.compile(r"(add|remove|raise|lower)-(option|condition)(?:-(\d+))?")


class Fields:
    """What a form sent: texts by the names of the fields, lists where a name comes often."""

    def __init__(self, sent: Mapping[str, Sequence[str]]) -> None:
        self._sent = sent

    @property
    def names(self) -> Iterable[str]:
        """All that was sent."""
        return self._sent

    def __contains__(self, name: str) -> bool:
        return name in self._sent

    def text(self, name: str) -> str:
        """The words of a field without space around them; line breaks are spaces."""
        return " ".join(self._first(name).split())[:_LONGEST_TEXT]

    def number(self, name: str, default: object) -> object:
        """A whole number; as it was written where it is none."""
        text = self._first(name).strip()
        if not text:
            return default
        return int(text) if re.fullmatch(r"-?\d{1,6}", text) else text[:40]

    def list(self, name: str) -> Sequence[str]:
        """All that was chosen."""
        return self._sent.get(name, ())

    def _first(self, name: str) -> str:
        return next(iter(self._sent.get(name, ())), "")


def read_question(question: Part, fields: Fields, languages: Sequence[str]) -> Part:
    """The question with what the form says; what the form has no field for stays."""
    read: Part = copy.deepcopy(question)
    kind = read["kind"]
    for name in {"id", "pool"}.intersection(fields.names):
        read[name] = fields.text(name)
    _read_numbers(read, kind, fields)
    if kind == "smiley":
        _read_labels(read, fields, languages)
    if kind in WITH_ENDS:
        _read_ends(read, fields, languages)
    if kind in ("single_choice", "multiple_choice"):
        read["other"] = "other" in fields
        for index, option in enumerate(read["options"]):
            if f"options[{index}].id" in fields:
                option["id"] = fields.text(f"options[{index}].id")
    if kind == "contact":
        read["ask"] = [detail for detail in DETAILS if detail in fields.list("ask")]
    for path, text in texts(read):
        _read_text(text, path, fields, languages)
    if "join" in fields:
        _read_conditions(read, fields)
    return _without_defaults(read)


def act(question: Part, action: str) -> Part:
    """The question after a button: a choice or a condition more, less, or at another place."""
    found = _ACTION.fullmatch(action)
    if found is None:
        return question
    done: Part = copy.deepcopy(question)
    verb, what, index = found[1], found[2], int(found[3] or 0)
    if what == "condition":
        rows = condition_rows(done)
        if verb == "add" and len(rows) < MOST_CONDITIONS:
            join = rows[-1][0] if rows else "all"
            rows.append((join, {"question": "", "one_of": []}))
        elif verb == "remove":
            del rows[index : index + 1]
        set_conditions(done, rows)
        return done
    options = done.setdefault("options", [])
    if verb == "add":
        options.append({"id": next_id(f"option_{len(options) + 1}", ids(options)), "text": {}})
    elif index < len(options):
        option = options.pop(index)
        if verb != "remove":
            options.insert(max(0, index + (1 if verb == "lower" else -1)), option)
    return done


def value_key(value: object) -> str:
    """A value that a condition names, as a form writes it."""
    return msgspec.json.encode(value).decode()


def _read_numbers(question: Part, kind: str, fields: Fields) -> None:
    for name, default in DEFAULTS.get(kind, {}).items():
        if name in fields:
            question[name] = fields.number(name, default)


def _read_text(text: dict[str, str], path: str, fields: Fields, languages: Sequence[str]) -> None:
    for tag in languages:
        if (name := f"{path}.{tag}") in fields:
            if said := fields.text(name):
                text[tag] = said
            else:
                text.pop(tag, None)


def _read_labels(question: Part, fields: Fields, languages: Sequence[str]) -> None:
    """Words below the faces: for each or for none."""
    faces = question.get("faces", 3)
    count = faces if isinstance(faces, int) and 3 <= faces <= 5 else 3
    labels = [dict(label) for label in question.get("labels", ())][:count]
    labels += [{} for _missing in range(count - len(labels))]
    for index, label in enumerate(labels):
        _read_text(label, f"labels[{index}]", fields, languages)
    question["labels"] = labels if any(labels) else []


def _read_ends(question: Part, fields: Fields, languages: Sequence[str]) -> None:
    ends = question.get("ends") or {}
    read = {end: dict(ends.get(end, {})) for end in ("low", "high")}
    for end, text in read.items():
        _read_text(text, f"ends.{end}", fields, languages)
    if any(read.values()) or question["kind"] == "scale":
        question["ends"] = read
    else:
        question.pop("ends", None)


def _read_conditions(question: Part, fields: Fields) -> None:
    join = fields.text("join")
    rows: list[tuple[str, Part]] = []
    for index, (before, row) in enumerate(condition_rows(question)):
        name = f"if[{index}]"
        if f"{name}.question" not in fields:
            rows.append((before, row))
            continue
        asked = fields.text(f"{name}.question")
        values = [_value(key) for key in fields.list(f"{name}.value")]
        if asked != row.get("question"):
            values = []
        rows.append((before if join == "mixed" else join, {"question": asked, "one_of": values}))
    set_conditions(question, rows)


def _value(key: str) -> Any:
    try:
        value = msgspec.json.decode(key)
    except msgspec.DecodeError:
        return key[:40]
    return value if isinstance(value, bool | int | str) else key[:40]


def _without_defaults(question: Part) -> Part:
    """Without what a file leaves out, so that what is published has one digest."""
    for name, default in DEFAULTS.get(question["kind"], {}).items():
        if question.get(name) == default:
            del question[name]
    if not question.get("other", True):
        del question["other"]
    if not question.get("pool", True):
        del question["pool"]
    if not question.get("labels", True):
        del question["labels"]
    if question.get("ask") == list(DETAILS):
        del question["ask"]
    return question
