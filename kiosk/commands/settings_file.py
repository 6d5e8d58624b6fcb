"""Changes a few values in a settings file, and leaves all else as whoever wrote it left it."""

import json
import re
import tomllib
from collections.abc import Mapping

from config.errors import InvalidFileError, Mistake

Value = str | int | float | bool
_HEADER = re.compile(r"^\s*\[+\s*([^\]]*?)\s*\]+")


def set_values(text: str, values: Mapping[str, Value], name: str) -> str:
    """The text with these values, by path such as ``screen.width_mm``.

    ``name``: the file's, for what is said. Raises InvalidFileError where a value is written in a
    way that is not understood here, such as over several lines.
    """
    expected = tomllib.loads(text)
    for path, value in values.items():
        section, _, key = path.rpartition(".")
        text = _with_value(text, section, key, value)
        table = expected.setdefault(section, {}) if section else expected
        table[key] = value
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = {}
    if found != expected:
        wanted = "; ".join(f"{path} = {_written(value)}" for path, value in values.items())
        mistake = Mistake("", "lines that can't be changed by a program", f"write there: {wanted}")
        raise InvalidFileError(name, (mistake,))
    return text


def _with_value(text: str, section: str, key: str, value: Value) -> str:
    lines = text.splitlines()
    line = f"{key} = {_written(value)}"
    headers = {at: found[1] for at, each in enumerate(lines) if (found := _HEADER.match(each))}
    begins = [at for at, name in headers.items() if name == section]
    if section and not begins:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", line]) + "\n"
    first = begins[0] + 1 if section else 0
    last = min((at for at in headers if at >= first), default=len(lines))
    there = [at for at in range(first, last) if re.match(rf"\s*{re.escape(key)}\s*=", lines[at])]
    if there:
        lines[there[0]] = line
    else:
        # Behind the remarks that a file begins with, and before what is not of this table.
        while not section and first < last and lines[first].startswith("#"):
            first += 1
        lines.insert(first, line)
    return "\n".join(lines) + "\n"


def _written(value: Value) -> str:
    """As TOML has it, whose strings, numbers and truths are those of JSON."""
    return json.dumps(value, ensure_ascii=False)
