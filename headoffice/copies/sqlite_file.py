"""The checks of a copy of a SQLite database: the file first, then what is in it."""

import errno
import shutil
import sqlite3
import struct
import tempfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from headoffice.copies.checks import LiveOffice, check_database
from headoffice.copies.report import Report
from headoffice.copies.schema import compare_schema, schema_state, upgrade_scratch
from headoffice.db.backup import full_disk
from headoffice.db.drafts import draft_of
from headoffice.db.stand_in import private_file, stand_in, unchanging_file

_SHOWN = 3


def verify_sqlite(report: Report, live: LiveOffice | None, key: str | None) -> None:
    """Fill the report about a file that begins as SQLite's do; nothing is written to it."""
    try:
        _check_pages(report)
        if report.wrong:
            # What is read from damaged pages means nothing.
            return
        with stand_in(unchanging_file(report.file)):
            state = schema_state()
            if unusable := compare_schema(state):
                report.wrong.append(unusable)
            elif not state.older:
                report.right.append("its tables are those of this version")
                check_database(report, live, key)
    except (sqlite3.Error, DatabaseError, UnicodeError) as error:
        report.wrong.append(f"it is damaged: {error}")
        return
    if state.older and not unusable:
        _check_upgraded(report, live, key)


def check_length(report: Report) -> None:
    """Whether all pages are there that its header tells of."""
    size = report.file.stat().st_size
    with report.file.open("rb") as file:
        header = file.read(100)
    page, pages = 100, 1
    if len(header) == 100:
        page, pages = struct.unpack(">H", header[16:18])[0], struct.unpack(">I", header[28:32])[0]
    # 65,536 does not fit in.
    needed = pages * (65_536 if page == 1 else page)
    if size < needed:
        report.wrong.append(
            f"its end is cut off: it has {size:,} bytes, and {needed:,} belong to it"
        )


def _check_pages(report: Report) -> None:
    address = f"{report.file.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as copy:
        found = [text for (text,) in copy.execute(f"PRAGMA integrity_check({_SHOWN})")]
        if found != ["ok"]:
            report.wrong.append(f"it is damaged: {'; '.join(found)}")
            return
        lost = list(copy.execute("PRAGMA foreign_key_check"))
    if lost:
        table, _row, parent, _key = lost[0]
        report.wrong.append(f"{len(lost)} rows refer to none, like one of {table} to {parent}")
    else:
        report.right.append("its pages and references are whole")


def _check_upgraded(report: Report, live: LiveOffice | None, key: str | None) -> None:
    """Of an earlier version: what this one makes of it, tried on a copy that is thrown away."""
    scratch = Path(tempfile.gettempdir()) / "hymio-verify"
    try:
        with draft_of(scratch, settings.DATA) as draft:
            draft.mkdir(mode=0o700)
            file = draft / "headoffice.sqlite3"
            shutil.copyfile(report.file, file)
            with stand_in(private_file(file)):
                upgrade_scratch()
                report.right.append("its tables are of an earlier version; this one can use them")
                check_database(report, live, key)
    except OSError as error:
        reason = full_disk(scratch.parent) if error.errno == errno.ENOSPC else str(error)
        report.unchecked.append(f"what this version makes of its older tables: {reason}")
    except Exception as error:  # noqa: BLE001 - a migration of damaged rows can end in any way
        report.wrong.append(f"this version can't bring it up to date: {error}"[:500])
