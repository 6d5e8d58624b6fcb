"""Finds every mistake of a document at once, where msgspec stops at the first.

Validity is msgspec's decision alone: this module only descends into what msgspec refused, to
say precisely where and what, and goes on with the neighbours.
"""

import difflib
import typing
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from config.errors import Mistake

_LONGEST_FOUND = 60


def find_mistakes(raw: Any, hint: Any, path: str = "") -> Iterator[Mistake]:
    """Every place where ``raw`` (as from TOML or JSON) breaks the type ``hint``."""
    try:
        msgspec.convert(raw, hint)
    except msgspec.ValidationError as error:
        below = list(_below(raw, hint, path))
        if below:
            yield from below
        else:
            yield Mistake(path, describe(raw), _allowed(inspect.type_info(hint), str(error)))


def describe(raw: Any) -> str:
    """A value as a reader of the report should see it, shortened."""
    if isinstance(raw, bool):
        text = "true" if raw else "false"
    elif isinstance(raw, dict):
        text = "a table"
    elif isinstance(raw, list):
        text = f"a list of {len(raw)}"
    else:
        text = repr(raw)
    return text if len(text) <= _LONGEST_FOUND else text[: _LONGEST_FOUND - 1] + "…"


def _below(raw: Any, hint: Any, path: str) -> Iterator[Mistake]:
    """Mistakes inside a table or list; nothing if the mistake is the value itself."""
    if typing.get_origin(hint) is typing.Annotated:
        hint = typing.get_args(hint)[0]
    structs = _structs(hint)
    if isinstance(raw, dict) and structs:
        yield from _in_table(raw, structs, path)
    elif isinstance(raw, dict) and typing.get_origin(hint) is dict:
        key_hint, value_hint = typing.get_args(hint)
        for key, value in raw.items():
            yield from find_mistakes(key, key_hint, f"{path} (key)")
            yield from find_mistakes(value, value_hint, _join(path, key))
    elif isinstance(raw, list) and typing.get_origin(hint) is tuple:
        for index, value in enumerate(raw):
            yield from find_mistakes(value, typing.get_args(hint)[0], f"{path}[{index}]")
    elif raw is not None and type(None) in typing.get_args(hint):
        others = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if len(others) == 1:
            yield from _below(raw, others[0], path)


def _structs(hint: Any) -> list[type[msgspec.Struct]]:
    candidates = typing.get_args(hint) or (hint,)
    return [c for c in candidates if isinstance(c, type) and issubclass(c, msgspec.Struct)]


def _in_table(
    raw: dict[str, Any], structs: list[type[msgspec.Struct]], path: str
) -> Iterator[Mistake]:
    tag_field = structs[0].__struct_config__.tag_field
    struct = structs[0]
    if tag_field is not None:
        tags = {str(s.__struct_config__.tag): s for s in structs}
        tag = raw.get(tag_field)
        if not isinstance(tag, str) or tag not in tags:
            found = "nothing" if tag is None else describe(tag)
            yield Mistake(_join(path, tag_field), found, "allowed: " + ", ".join(tags))
            return
        struct = tags[tag]
    hints = typing.get_type_hints(struct, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key in [key for key in raw if key not in fields and key != tag_field]:
        near = difflib.get_close_matches(str(key), fields, n=1)
        known = f"did you mean {near[0]}?" if near else "known: " + ", ".join(sorted(fields))
        yield Mistake(_join(path, key), "an unknown key", known)
    for name, field in fields.items():
        if name in raw:
            yield from find_mistakes(raw[name], hints[field.name], _join(path, name))
        elif field.required:
            info = inspect.type_info(hints[field.name])
            yield Mistake(_join(path, name), "nothing", _allowed(info, "it is required"))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else str(key)


def _allowed(info: inspect.Type, fallback: str) -> str:
    described = _described(info)
    return f"allowed: {described}" if described else fallback


def _described(info: inspect.Type) -> str:  # noqa: C901, PLR0911 - one line for each kind of type
    match info:
        case inspect.Metadata(type=inner):
            meta = (info.extra_json_schema or {}).get("description", "")
            return meta or _described(inner)
        case inspect.LiteralType(values=values):
            return ", ".join(describe(value) for value in values)
        case inspect.BoolType():
            return "true, false"
        case inspect.IntType():
            return "a whole number" + _range(info)
        case inspect.FloatType():
            return "a number" + _range(info)
        case inspect.StrType(pattern=str(pattern)):
            return f"a text that matches {pattern}"
        case inspect.StrType():
            return "a text" + _length(info, "characters")
        case inspect.VarTupleType(item_type=item):
            return f"a list of {_described(item) or 'values'}" + _length(info, "entries")
        case inspect.DictType() | inspect.StructType():
            return "a table"
        case inspect.UnionType(types=types):
            return ", or ".join(filter(None, map(_described, types)))
        case inspect.NoneType():
            return ""
    return ""


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    low = f"more than {info.gt:g}" if info.gt is not None else None
    low = f"at least {info.ge:g}" if info.ge is not None else low
    high = f"less than {info.lt:g}" if info.lt is not None else None
    high = f"at most {info.le:g}" if info.le is not None else high
    bounds = " and ".join(filter(None, (low, high)))
    return f", {bounds}" if bounds else ""


def _length(info: inspect.StrType | inspect.VarTupleType, unit: str) -> str:
    low = f"at least {info.min_length}" if info.min_length else None
    high = f"at most {info.max_length}" if info.max_length is not None else None
    bounds = " and ".join(filter(None, (low, high)))
    return f" of {bounds} {unit}" if bounds else ""
