"""Every setting that can be said for kiosks from here, as the kiosk's own types have it."""

import functools
import typing
from enum import Enum
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from config.settings import Settings
from sync.configuration import OWN_SETTINGS


class Form(Enum):
    """How a value is asked for."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    LINES = "lines"
    """A list of texts, one a line."""
    COLOURS = "colours"
    PICTURE = "picture"
    FONTS = "fonts"


class KioskSetting(NamedTuple):
    """One setting, by its name on the wire."""

    name: str
    section: str
    """Empty: at the top of a settings file."""
    form: Form
    hint: Any
    """Its type."""
    default: Any
    choices: tuple[str, ...] = ()
    is_whole: bool = False
    """Of a number: whether it is counted and not measured."""
    least: float | None = None
    most: float | None = None


_FORMS = {
    "brand.colours": Form.COLOURS,
    "brand.logo": Form.PICTURE,
    "brand.background": Form.PICTURE,
    "screen.fonts": Form.FONTS,
}


def is_own(name: str) -> bool:
    """Whether a kiosk's own file alone says it."""
    return name in OWN_SETTINGS or name.partition(".")[0] in OWN_SETTINGS


def _all() -> typing.Iterator[KioskSetting]:
    for name, hint, default in _fields(Settings):
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            for key, inner, value in _fields(hint):
                if not is_own(f"{name}.{key}"):
                    yield _setting(f"{name}.{key}", name, inner, value)
        elif not is_own(name):
            yield _setting(name, "", hint, default)


def _fields(struct: type[msgspec.Struct]) -> typing.Iterator[tuple[str, Any, Any]]:
    hints = typing.get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        yield field.name, hints[field.name], field.default


def _setting(name: str, section: str, hint: Any, default: Any) -> KioskSetting:
    known = functools.partial(KioskSetting, name, section)
    if name in _FORMS:
        return known(_FORMS[name], hint, default)
    info = _plain(inspect.type_info(hint))
    match info:
        case inspect.BoolType():
            return known(Form.SWITCH, hint, default)
        case inspect.LiteralType(values=values):
            # In the order in which the type names them.
            named = typing.get_args(hint) or tuple(map(str, values))
            return known(Form.CHOICE, hint, default, tuple(map(str, named)))
        case inspect.IntType() | inspect.FloatType():
            whole = isinstance(info, inspect.IntType)
            return known(Form.NUMBER, hint, default, (), whole, info.ge, info.le)
        case inspect.VarTupleType():
            return known(Form.LINES, hint, default)
    return known(Form.TEXT, hint, default)


def _plain(info: inspect.Type) -> inspect.Type:
    """Without what is told of it, and without that it may be left out."""
    while True:
        if isinstance(info, inspect.Metadata):
            info = info.type
        elif isinstance(info, inspect.UnionType):
            (info,) = (each for each in info.types if not isinstance(each, inspect.NoneType))
        else:
            return info


SETTINGS = {each.name: each for each in _all()}
"""In the order of a settings file."""
