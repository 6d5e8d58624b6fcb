"""Questionnaires as the TOML files that kiosks read, written so that people can go on with them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from config.questionnaire import Questionnaire

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONGEST_INLINE = 96


def write_questionnaire(questionnaire: Questionnaire) -> str:
    """The text of a file that holds this questionnaire."""
    return write_document(msgspec.to_builtins(questionnaire))


def write_document(document: Mapping[str, Any]) -> str:
    """The text of a file with this document: tables, lists, texts, numbers, true and false."""
    return "\n".join(_table(document, "")) + "\n"


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """What is short first, on a line each, then what has a heading of its own."""
    below = {key: value for key, value in table.items() if _has_heading(key, value)}
    for key, value in table.items():
        if key not in below:
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in below.items():
        name = f"{path}.{_key(key)}" if path else _key(key)
        for entry in value if isinstance(value, list | tuple) else [value]:
            yield ""
            yield f"[[{name}]]" if isinstance(value, list | tuple) else f"[{name}]"
            yield from _table(entry, name)


def _has_heading(key: str, value: object) -> bool:
    if isinstance(value, Mapping):
        return len(key) + len(_inline(value)) > _LONGEST_INLINE
    if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        return key == "questions" or len(key) + len(_inline(value)) > _LONGEST_INLINE
    return False


def _inline(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return _string(value)
        case Mapping():
            inner = ", ".join(f"{_key(key)} = {_inline(each)}" for key, each in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_inline, value))}]"
    raise TypeError(f"{type(value).__name__} does not stand in a questionnaire")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(letter) or _letter(letter) for letter in text) + '"'


def _letter(letter: str) -> str:
    """As it is, unless it is one of the control characters that TOML wants written out."""
    return f"\\u{ord(letter):04x}" if ord(letter) < 32 or ord(letter) == 127 else letter
