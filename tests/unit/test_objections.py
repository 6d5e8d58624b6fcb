"""Whether a database is the one that a data folder belongs to."""

import re

import msgspec
import pytest

from headoffice.commands.objections import DatabaseState, objections
from headoffice.server.folder_record import FolderRecord

OURS, THEIRS, KEY, OTHER_KEY = "1" * 32, "2" * 32, "a" * 16, "b" * 16
FILE, SERVER = "SQLite /srv/headoffice.sqlite3", "PostgreSQL hymio at db:5432"


def record(database: str = FILE) -> FolderRecord:
    return FolderRecord(identity=OURS, database=database, key=KEY)


@pytest.mark.parametrize(
    ("known", "state", "key", "expected"),
    [
        # Fine.
        (None, DatabaseState(FILE), None, []),
        (None, DatabaseState(FILE, OURS, KEY), KEY, []),
        (None, DatabaseState(FILE, OURS), KEY, []),
        (record(), DatabaseState(FILE, OURS, KEY), KEY, []),
        # Moved, to another machine: it is the same head office.
        (record(SERVER), DatabaseState("PostgreSQL hymio at db2:5432", OURS, KEY), KEY, []),
        # Not.
        (record(), DatabaseState(FILE), KEY, ["no head office in SQLite /srv"]),
        (record(SERVER), DatabaseState(FILE), KEY, ["HYMIO_DATABASE_URL is not set"]),
        (record(SERVER), DatabaseState(FILE, THEIRS, KEY), KEY, ["is another, 2.*not set"]),
        (record(SERVER), DatabaseState(SERVER), KEY, ["no head office in PostgreSQL hymio"]),
        (record(SERVER), DatabaseState(SERVER, THEIRS, KEY), KEY, ["is another, 2"]),
        (record(SERVER), DatabaseState(SERVER, "", ""), KEY, ["no head office in PostgreSQL"]),
        # What a move to the other engine has left behind.
        (record(), DatabaseState(SERVER, OURS, KEY), KEY, ["which it was moved from"]),
        (record(SERVER), DatabaseState(FILE, OURS, KEY), KEY, ["moved from.*URL is not set"]),
        (None, DatabaseState(FILE, OURS, KEY), OTHER_KEY, ["is another .bbb.*aaa"]),
        (None, DatabaseState(FILE, OURS, KEY), None, ["has no secret-key"]),
        (None, DatabaseState(FILE, OURS), None, ["has no secret-key"]),
        (record(), DatabaseState(FILE, THEIRS, KEY), OTHER_KEY, ["another, 2", "another .bbb"]),
    ],
)
def test_what_speaks_against_a_database(
    known: FolderRecord | None, state: DatabaseState, key: str | None, expected: list[str]
) -> None:
    found = list(objections(known, state, key))
    assert len(expected) == len(found)
    assert all(re.search(part, text) for part, text in zip(expected, found, strict=True)), found


def test_a_record_outlives_the_disk() -> None:
    assert record() == msgspec.json.decode(msgspec.json.encode(record()), type=FolderRecord)
