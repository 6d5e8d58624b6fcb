"""Reads a dump to its end where there is no PostgreSQL: its rows go into a scratch SQLite.

pg_restore writes the dump as SQL. Of that only the rows are taken, into the tables that this
program makes; so everything is checked of them but that PostgreSQL would take the dump.
"""

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from headoffice.copies.checks import LiveOffice, check_database
from headoffice.copies.columns import all_tables
from headoffice.copies.report import Report
from headoffice.copies.rows import cells_of
from headoffice.copies.schema import compare_schema, schema_state, upgrade_scratch
from headoffice.db.drafts import draft_of
from headoffice.db.postgres_tools import end_with_parent, need_tool, said_at_last
from headoffice.db.stand_in import private_file, stand_in

_BLOCK = re.compile(rb"COPY (?:public\.)?\"?(\w+)\"? \((.+)\) FROM stdin;\n")
_END = b"\\.\n"
_AT_ONCE = 1000
_MIGRATIONS = "django_migrations"


class _Rows(NamedTuple):
    """The rows of one table, as they stand in the dump."""

    table: str
    columns: list[str]
    lines: Iterator[bytes]


def load_dump(report: Report, live: LiveOffice | None, key: str | None) -> None:
    """Check the rows of a dump; nothing of them stays."""
    with draft_of(Path(tempfile.gettempdir()) / "hymio-verify", settings.DATA) as folder:
        folder.mkdir(mode=0o700)
        with stand_in(private_file(folder / "headoffice.sqlite3")):
            upgrade_scratch()
            try:
                _load(report)
                state = schema_state()
            except (ValueError, KeyError, sqlite3.Error) as error:
                report.wrong.append(f"its rows can't be read: {error}"[:500])
                return
            if report.wrong:
                return
            if unusable := compare_schema(state):
                report.wrong.append(unusable)
            elif state.older:
                report.unchecked.append("its rows, which are of an earlier version")
            else:
                report.right.append("its tables are those of this version")
                check_database(report, live, key)


def _load(report: Report) -> None:
    """Put the rows of all tables that are known into the scratch database."""
    kinds = {t.name: {c.name: c.kind for c in t.columns} for t in all_tables()}
    kinds[_MIGRATIONS] = {"id": "int", "app": "text", "name": "text", "applied": "instant"}
    connection.ensure_connection()
    scratch: sqlite3.Connection = connection.connection
    scratch.execute("PRAGMA foreign_keys=OFF")
    scratch.execute("BEGIN")
    for table in kinds:
        scratch.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of models
    for rows in _blocks(_plain_sql(report.file)):
        _insert(scratch, rows, kinds.get(rows.table, {}))
    scratch.execute("COMMIT")
    if lost := scratch.execute("PRAGMA foreign_key_check").fetchall():
        report.wrong.append(f"{len(lost)} rows refer to none, like one of {lost[0][0]}")


def _plain_sql(file: Path) -> Iterator[bytes]:
    """The lines of the dump as SQL; at the end ValueError if there is more that can't be read."""
    command = [need_tool("pg_restore"), "--file=-", "--no-owner", str(file)]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
            command, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=errors,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - commands have one thread
        ) as reading,
    ):  # fmt: skip
        yield from reading.stdout or ()
        if code := reading.wait():
            errors.seek(0)
            raise ValueError(said_at_last("pg_restore", code, errors.read()))


def _blocks(lines: Iterable[bytes]) -> Iterator[_Rows]:
    rest = iter(lines)
    for line in rest:
        if found := _BLOCK.fullmatch(line):
            columns = [name.strip().strip('"') for name in found[2].decode().split(",")]
            block = iter(rest.__next__, _END)
            yield _Rows(found[1].decode(), columns, block)
            # What was not wanted of it.
            for _line in block:
                pass


def _insert(scratch: sqlite3.Connection, rows: _Rows, kinds: dict[str, str]) -> None:
    if not set(rows.columns) <= kinds.keys():
        return
    names = ", ".join(f'"{column}"' for column in rows.columns)
    marks = ", ".join("?" * len(rows.columns))
    statement = f'INSERT INTO "{rows.table}" ({names}) VALUES ({marks})'  # noqa: S608 - names of models
    wanted = [kinds[column] for column in rows.columns]
    while portion := list(islice(rows.lines, _AT_ONCE)):
        scratch.executemany(statement, [cells_of(line, wanted) for line in portion])
