"""The outbox's tables, as numbered, forward-only migrations."""

import sqlite3
import uuid

from sqlite_utils import Database, Migrations

_SET = "hymio.outbox"
migrations = Migrations(_SET)
BOOTS_OF_MESSAGES = """INSERT OR IGNORE INTO boot (id, first_ms, last_ms)
    SELECT boot, min(mono_ms), max(mono_ms) FROM message WHERE origin_seq IS NULL
    GROUP BY boot ORDER BY min(installation), min(seq)"""


@migrations(name="0001_outbox")
def outbox(db: Database) -> None:
    """Messages keyed by installation and seq; everything else is small.

    ``message.fate`` is NULL, ``refused`` (by the head office) or ``withheld`` (never sent again
    under this number). ``installation.removed_up_to`` keeps numbers from being used again when
    retention has emptied the table. ``delivery`` has one row for each hour with a delivery.
    """
    for statement in (
        """CREATE TABLE installation (
            no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            watermark INTEGER NOT NULL DEFAULT 0,
            removed_up_to INTEGER NOT NULL DEFAULT 0) STRICT""",
        """CREATE TABLE message (
            installation INTEGER NOT NULL REFERENCES installation(no), seq INTEGER NOT NULL,
            wall_ms INTEGER NOT NULL, boot TEXT NOT NULL, mono_ms INTEGER NOT NULL,
            body BLOB NOT NULL, origin_installation TEXT, origin_seq INTEGER, fate TEXT,
            PRIMARY KEY (installation, seq)) STRICT, WITHOUT ROWID""",
        """CREATE INDEX message_fate ON message (installation, seq, fate)
            WHERE fate IS NOT NULL""",
        """CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY AUTOINCREMENT, installation TEXT NOT NULL,
            seq INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
            wall_ms INTEGER NOT NULL, boot TEXT NOT NULL, mono_ms INTEGER NOT NULL,
            body BLOB NOT NULL) STRICT""",
        """CREATE TABLE delivery (
            installation INTEGER NOT NULL, hour INTEGER NOT NULL, up_to INTEGER NOT NULL,
            at_ms INTEGER NOT NULL, PRIMARY KEY (installation, hour)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE sighting (
            boot TEXT PRIMARY KEY, mono_ms INTEGER NOT NULL, head_ms INTEGER NOT NULL,
            error_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE questionnaire (
            digest TEXT PRIMARY KEY, definition BLOB NOT NULL) STRICT, WITHOUT ROWID""",
        """CREATE TABLE state (
            key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
        "INSERT INTO installation (id) VALUES (uuid())",
    ):
        db.conn.execute(statement)


@migrations(name="0002_origin_in_quarantine")
def origin_in_quarantine(db: Database) -> None:
    """A message that is sent again has to name the number under which it may have arrived."""
    for statement in (
        "ALTER TABLE quarantine ADD COLUMN origin_installation TEXT",
        "ALTER TABLE quarantine ADD COLUMN origin_seq INTEGER",
        """UPDATE quarantine SET (origin_installation, origin_seq) = (
            SELECT origin_installation, origin_seq FROM message
            JOIN installation ON no = message.installation
            WHERE id = quarantine.installation AND message.seq = quarantine.seq)""",
    ):
        db.conn.execute(statement)


@migrations(name="0003_boots")
def boots(db: Database) -> None:
    """The boots in the order in which they happened: their times bound each other's.

    What was numbered anew does not stand in its place, so it tells nothing here.
    """
    for statement in (
        """CREATE TABLE boot (
            no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL) STRICT""",
        BOOTS_OF_MESSAGES,
    ):
        db.conn.execute(statement)


def create(connection: sqlite3.Connection) -> None:
    """Bring a database, empty or old, to the present schema."""
    connection.create_function("uuid", 0, lambda: str(uuid.uuid4()))
    connection.execute("PRAGMA journal_mode=WAL")
    migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))


def unknown_migrations(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What a newer version has done to a database; empty if it is not newer."""
    db = Database(connection, recursive_triggers=False, execute_plugins=False)
    known = {each.name for each in migrations._migrations}  # noqa: SLF001 - no public list
    return tuple(each.name for each in migrations.applied(db) if each.name not in known)
