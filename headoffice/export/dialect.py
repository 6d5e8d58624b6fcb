"""The few words in which the two engines differ when they write out an answer."""

from typing import Protocol

from django.db import connection


class Dialect(Protocol):
    """Expressions of one engine; each takes and returns a piece of SQL."""

    def iso(self, ms: str) -> str:
        """Unix milliseconds as ``2026-11-23T08:15:30.125``."""

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

    def flag(self, column: str) -> str:
        """A boolean as ``true`` or ``false``."""

    def within_ms(self) -> str:
        """What rows of one kiosk and millisecond are ordered by."""

    def safe(self, sql: str) -> str:
        """A text that no spreadsheet takes for a formula; see csv.py."""


class Sqlite:
    """SQLite with its JSON functions."""

    def iso(self, ms: str) -> str:
        """See Dialect."""
        return f"strftime('%%Y-%%m-%%dT%%H:%%M:%%f', ({ms}) / 1000.0, 'unixepoch')"

    def uuid(self, column: str) -> str:
        """See Dialect."""
        cuts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        return " || '-' || ".join(f"substr({column}, {at}, {n})" for at, n in cuts)

    def text_of_json(self, column: str) -> str:
        """See Dialect."""
        return f"json_extract({column}, '$')"

    def field_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        return f"json_extract({column}, '$.{name}')"

    def truth_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        return f"json_extract({column}, '$.{name}') = 1"

    def list_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        each = f"json_each({column}, '$.{name}')"
        return f"(SELECT group_concat(value, ';') FROM {each})"  # noqa: S608 - our names

    def holds(self, column: str, name: str, value: str) -> str:
        """See Dialect."""
        each = f"json_each({column}, '$.{name}') AS one"
        return f"EXISTS (SELECT 1 FROM {each} WHERE one.value = {value})"  # noqa: S608 - our names

    def flag(self, column: str) -> str:
        """See Dialect."""
        return f"CASE WHEN {column} THEN 'true' ELSE 'false' END"

    def within_ms(self) -> str:
        """See Dialect."""
        # As every index ends with it, nothing has to be sorted.
        return "m.rowid"

    def safe(self, sql: str) -> str:
        """See Dialect."""
        # All risky characters come before the letters, and most texts begin with one.
        risky = f"{sql} < 'A' AND {sql} GLOB %(risky)s"
        return f"CASE WHEN {risky} THEN char(39) || {sql} ELSE {sql} END"


class Postgres:
    """PostgreSQL."""

    def iso(self, ms: str) -> str:
        """See Dialect."""
        # Without a division, which PostgreSQL would do in decimals.
        at = f"timestamp 'epoch' + ({ms}) * interval '1 millisecond'"
        return f"to_char({at}, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS')"

    def uuid(self, column: str) -> str:
        """See Dialect."""
        return f"{column}::text"

    def text_of_json(self, column: str) -> str:
        """See Dialect."""
        return f"{column}::jsonb #>> '{{}}'"

    def field_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        return f"{column}::jsonb ->> '{name}'"

    def truth_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        return f"{column}::jsonb ->> '{name}' = 'true'"

    def list_of_json(self, column: str, name: str) -> str:
        """See Dialect."""
        return (
            "(SELECT string_agg(o, ';') FROM "  # noqa: S608 - our names
            f"jsonb_array_elements_text({column}::jsonb -> '{name}') AS o)"
        )

    def holds(self, column: str, name: str, value: str) -> str:
        """See Dialect."""
        return f"coalesce(jsonb_exists({column}::jsonb -> '{name}', {value}), false)"

    def flag(self, column: str) -> str:
        """See Dialect."""
        return f"CASE WHEN {column} THEN 'true' ELSE 'false' END"

    def within_ms(self) -> str:
        """See Dialect."""
        return "m.installation, m.seq"

    def safe(self, sql: str) -> str:
        """See Dialect."""
        risky = f"left({sql}, 1) IN ('=', '+', '@', E'\\t', E'\\r', '-')"
        return f"CASE WHEN {risky} THEN chr(39) || ({sql}) ELSE {sql} END"


def dialect() -> Dialect:
    """The words of the engine in use."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()
