"""What holds of a settings file with mistakes: a wrong key costs that key, and not the kiosk.

::

    settings, mistakes = mend_settings(raw, folder, last_good)

In the place of a key that can't be used comes its value of the last good file, or else its default.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.errors import Mistake
from config.loader import build_settings, settings_mistakes
from config.settings import Settings

_ROUNDS = 50
"""Mistakes may show others; after so many rounds the defaults hold."""


def mend_settings(
    raw: Mapping[str, Any], folder: Path, last_good: Mapping[str, Any] | None = None
) -> tuple[Settings, tuple[Mistake, ...]]:
    """The settings that hold, and every mistake that was found; ``last_good`` is a whole file.

    ``folder``: to which paths are relative.
    """
    mended: dict[str, Any] = copy.deepcopy(dict(raw))
    found = mistakes = settings_mistakes(mended, folder)
    for before in (last_good, None):
        for _round in range(_ROUNDS):
            if not mistakes:
                return build_settings(mended, folder), found
            changed = [_replace(mended, each.path, before) for each in mistakes]
            mistakes = settings_mistakes(mended, folder)
            if not any(changed):
                break
    return Settings(), found


def _replace(mended: dict[str, Any], path: str, before: Mapping[str, Any] | None) -> bool:
    """Put in the place of a key what it was before, or take it away; whether that changed it."""
    keys = _keys(mended, path)
    if not keys:
        return False
    table: Any = mended
    for key in keys[:-1]:
        table = table[key]
    old: Any = before
    for key in keys:
        old = old.get(key) if isinstance(old, Mapping) else None
    last = keys[-1]
    if before is not None and (old is None or old == table[last]):
        return False
    if old is None:
        del table[last]
    else:
        table[last] = copy.deepcopy(old)
    return True


def _keys(raw: Mapping[str, Any], path: str) -> list[str]:
    """The keys that lead to the place of a mistake, as far as they are tables' own.

    A key may have dots in it; a list counts as one.
    """
    keys: list[str] = []
    table: Any = raw
    while path and isinstance(table, Mapping):
        fitting = [k for k in table if path == k or path.startswith((f"{k}.", f"{k}["))]
        if not fitting:
            break
        key = max(fitting, key=len)
        keys.append(key)
        table, path = table[key], path[len(key) :]
        if not path.startswith("."):
            break
        path = path[1:]
    return keys
