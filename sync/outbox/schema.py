"""The outbox's tables, as numbered, forward-only migrations."""

import sqlite3
import uuid
from contextlib import closing

from sqlite_utils import Database, Migrations

migrations = Migrations("hymio.outbox")
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


@migrations(name="0004_lived_time")
def lived_time(db: Database) -> None:
    """Retention counts what the kiosk lived through, no dates: see :mod:`sync.outbox.lived`.

    ``acknowledged`` has one row for each lived hour with a delivery. What was delivered before has
    none; retention takes it as acknowledged when it first meets it, so it goes late, not early.
    ``lived`` has one row at most. ``delivered_ms``: the last delivery by the head office's clock,
    which is shown and of which nothing hangs.
    """
    for statement in (
        """CREATE TABLE acknowledged (
            installation INTEGER NOT NULL, hour INTEGER NOT NULL, up_to INTEGER NOT NULL,
            lived_ms INTEGER NOT NULL, PRIMARY KEY (installation, hour)) STRICT, WITHOUT ROWID""",
        """CREATE TABLE lived (
            only INTEGER PRIMARY KEY CHECK (only = 1), boot TEXT NOT NULL,
            mono_ms INTEGER NOT NULL, lived_ms INTEGER NOT NULL, delivered_ms INTEGER) STRICT""",
        """INSERT INTO lived (only, boot, mono_ms, lived_ms, delivered_ms)
            SELECT 1, '', 0, 0, max(at_ms) FROM delivery HAVING count(*) > 0""",
        "DROP TABLE delivery",
    ):
        db.conn.execute(statement)


@migrations(name="0005_claims")
def claims(db: Database) -> None:
    """What the head office said of the present boot's clock; ``sighting`` is what is believed."""
    for statement in (
        """CREATE TABLE claim (
            no INTEGER PRIMARY KEY, boot TEXT NOT NULL, mono_ms INTEGER NOT NULL,
            head_ms INTEGER NOT NULL, error_ms INTEGER NOT NULL, first_ms INTEGER NOT NULL,
            last_ms INTEGER NOT NULL) STRICT""",
        """INSERT INTO claim (boot, mono_ms, head_ms, error_ms, first_ms, last_ms)
            SELECT boot, mono_ms, head_ms, error_ms, mono_ms, mono_ms FROM sighting""",
    ):
        db.conn.execute(statement)


@migrations(name="0006_moment_of_delivery")
def moment_of_delivery(db: Database) -> None:
    """The last delivery by the kiosk's own clocks: the head office's may have been wrong then."""
    for statement in (
        "ALTER TABLE lived ADD COLUMN delivered_wall_ms INTEGER",
        "ALTER TABLE lived ADD COLUMN delivered_boot TEXT",
        "ALTER TABLE lived ADD COLUMN delivered_mono_ms INTEGER",
    ):
        db.conn.execute(statement)


def create(connection: sqlite3.Connection) -> None:
    """Bring a database, empty or old, to the present schema."""
    connection.create_function("uuid", 0, lambda: str(uuid.uuid4()))
    connection.execute("PRAGMA journal_mode=WAL")
    migrations.apply(_database(connection))


def unknown_migrations(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What a newer version has done to a database; empty if it is not newer."""
    with closing(sqlite3.connect(":memory:")) as empty:
        known = {each.name for each in migrations.pending(_database(empty))}
    applied = migrations.applied(_database(connection))
    return tuple(each.name for each in applied if each.name not in known)


def _database(connection: sqlite3.Connection) -> Database:
    return Database(connection, recursive_triggers=False, execute_plugins=False)
