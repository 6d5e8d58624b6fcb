"""The few words in which the two engines differ when they write out an answer."""

from collections.abc import Mapping
from typing import Protocol

from django.db import connection

from config.csv_guard import RISKY, SEPARATORS, STARTS

SAFE_TEXT = "safe_text"
"""A function that SQLite has to be given: csv_guard's."""


class Dialect(Protocol):
    """Expressions of one engine; each takes and returns a piece of SQL."""

    def iso(self, ms: str) -> str:
        """Unix milliseconds as ``2026-11-23T08:15:30.125``."""

    def day(self, ms: str) -> str:
        """The day of Unix milliseconds as ``2026-11-23``."""

    def uuid(self, column: str) -> str:
        """A UUID as text with its dashes."""

    def text_of_json(self, column: str) -> str:
        """The text that a JSON string says."""

    def field_of_json(self, column: str, name: str) -> str:
        """A field of a JSON object as text; NULL if it has none."""

    def truth_of_json(self, column: str, name: str) -> str:
        """Whether a field of a JSON object is true."""

    def list_of_json(self, column: str, name: str) -> str:
        """The texts of a list in a JSON object, with semicolons between."""

    def holds(self, column: str, name: str, value: str) -> str:
        """Whether a list in a JSON object holds this text; ``value`` is an expression."""

    def rows_of_json(self, parameter: str, columns: Mapping[str, str]) -> str:
        """A list of lists in one parameter as rows, of columns with a name and a type.

        A parameter for each cell would cost SQLite the square of their number.
        """

    def has_one_of(self, sql: str, signs: str) -> str:
        """Whether a text has a sign of a class such as ``0-9``."""

    def flag(self, column: str) -> str:
        """A boolean as ``true`` or ``false``."""

    def within_ms(self) -> str:
        """What rows of one kiosk and millisecond are ordered by."""

    def safe(self, sql: str) -> str:
        """A text that no spreadsheet takes for a formula; see config/csv_guard.py."""


class _Sqlite:
    """SQLite with its JSON functions."""

    def iso(self, ms: str) -> str:
        return f"strftime('%%Y-%%m-%%dT%%H:%%M:%%f', ({ms}) / 1000.0, 'unixepoch')"

    def day(self, ms: str) -> str:
        return f"date(({ms}) / 1000.0, 'unixepoch')"

    def uuid(self, column: str) -> str:
        cuts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        return " || '-' || ".join(f"substr({column}, {at}, {n})" for at, n in cuts)

    def text_of_json(self, column: str) -> str:
        return f"json_extract({column}, '$')"

    def field_of_json(self, column: str, name: str) -> str:
        return f"json_extract({column}, '$.{name}')"

    def truth_of_json(self, column: str, name: str) -> str:
        return f"json_extract({column}, '$.{name}') = 1"

    def list_of_json(self, column: str, name: str) -> str:
        each = f"json_each({column}, '$.{name}')"
        return f"(SELECT group_concat(value, ';') FROM {each})"  # noqa: S608 - constant names

    def holds(self, column: str, name: str, value: str) -> str:
        each = f"json_each({column}, '$.{name}') AS one"
        return f"EXISTS (SELECT 1 FROM {each} WHERE one.value = {value})"  # noqa: S608 - constant names

    def rows_of_json(self, parameter: str, columns: Mapping[str, str]) -> str:
        cells = ", ".join(
            f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(columns)
        )
        return f"SELECT {cells} FROM json_each(%({parameter})s)"  # noqa: S608 - constant names

    def has_one_of(self, sql: str, signs: str) -> str:
        return f"{sql} GLOB '*[{signs}]*'"

    def flag(self, column: str) -> str:
        return f"CASE WHEN {column} THEN 'true' ELSE 'false' END"

    def within_ms(self) -> str:
        # As every index ends with it, nothing has to be sorted.
        return "m.rowid"

    def safe(self, sql: str) -> str:
        # No risky character is a letter, and most texts begin with one.
        risky = f"({sql} < 'A' OR {sql} > '\uff00') AND {sql} GLOB %(risky)s"
        # Few texts have a formula within them: those alone are worth a way to Python.
        within = f"{sql} GLOB %(risky_within)s"
        return (
            f"CASE WHEN {within} THEN {SAFE_TEXT}({sql}) "
            f"WHEN {risky} THEN char(39) || {sql} ELSE {sql} END"
        )


class _Postgres:
    """PostgreSQL."""

    def iso(self, ms: str) -> str:
        return f"to_char({_timestamp(ms)}, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS')"

    def day(self, ms: str) -> str:
        return f"to_char({_timestamp(ms)}, 'YYYY-MM-DD')"

    def uuid(self, column: str) -> str:
        return f"{column}::text"

    def text_of_json(self, column: str) -> str:
        return f"{column}::jsonb #>> '{{}}'"

    def field_of_json(self, column: str, name: str) -> str:
        return f"{column}::jsonb ->> '{name}'"

    def truth_of_json(self, column: str, name: str) -> str:
        return f"{column}::jsonb ->> '{name}' = 'true'"

    def list_of_json(self, column: str, name: str) -> str:
        return (
            "(SELECT string_agg(o, ';') FROM "  # noqa: S608 - constant names
            f"jsonb_array_elements_text({column}::jsonb -> '{name}') AS o)"
        )

    def holds(self, column: str, name: str, value: str) -> str:
        return f"coalesce(jsonb_exists({column}::jsonb -> '{name}', {value}), false)"

    def rows_of_json(self, parameter: str, columns: Mapping[str, str]) -> str:
        cells = ", ".join(
            f"(value ->> {at})::{kind} AS {name}" for at, (name, kind) in enumerate(columns.items())
        )
        return f"SELECT {cells} FROM jsonb_array_elements(%({parameter})s::jsonb)"  # noqa: S608 - constant names

    def has_one_of(self, sql: str, signs: str) -> str:
        return f"{sql} ~ '[{signs}]'"

    def flag(self, column: str) -> str:
        return f"CASE WHEN {column} THEN 'true' ELSE 'false' END"

    def within_ms(self) -> str:
        return "m.installation, m.seq"

    def safe(self, sql: str) -> str:
        # By their numbers: as texts some would have to be escaped.
        risky = f"left({sql}, 1) IN ({', '.join(f'chr({ord(sign)})' for sign in RISKY)})"
        separators = " || ".join(f"chr({ord(sign)})" for sign in SEPARATORS)
        pattern = f"'([' || {separators} || '])(\"*[{''.join(STARTS)}])'"
        within = rf"regexp_replace({sql}, {pattern}, '\1' || chr(39) || '\2', 'g')"
        return f"CASE WHEN {risky} THEN chr(39) || {within} ELSE {within} END"


def _timestamp(ms: str) -> str:
    # Without a division, which PostgreSQL would do in decimals.
    return f"timestamp 'epoch' + ({ms}) * interval '1 millisecond'"


def dialect(vendor: str = "") -> Dialect:
    """The words of an engine; without a name, of the one in use."""
    return _Postgres() if (vendor or connection.vendor) == "postgresql" else _Sqlite()
