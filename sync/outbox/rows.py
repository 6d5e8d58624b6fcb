"""How messages stand in the outbox's tables; every function works within the caller's transaction.

``PRESENT`` is the number of the present installation: the one that began last.
"""

# ruff: noqa: S608 - statements are put together from constants

import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sync.clock_bounds import Boot, wide_sightings
from sync.clock_trust import FIRST_MS, LAST_MS, Claim
from sync.messages import Body, Message, Moment, Origin, Sighting
from sync.outbox.lived import LivedTime
from sync.outbox.protocol import Counts, Position, QuarantineReason

PRESENT = "(SELECT max(no) FROM installation)"
COLUMNS = "seq, wall_ms, boot, mono_ms, body, origin_installation, origin_seq"
HOUR_MS = 3_600_000
UNKNOWN = "00000000-0000-0000-0000-000000000000"
"""The origin of a salvaged message whose installation could not be read."""

Row = tuple[int, int, str, int, bytes, str | None, int | None]

_body: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
_encoder = msgspec.json.Encoder(order="deterministic")


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that syncs at every commit and waits for other threads' short transactions."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=30,
        isolation_level=None,
        check_same_thread=False,
    )
    if read_only:
        return connection
    try:
        # The log is moved by sync.outbox.connections, and is cut down to this when it begins anew.
        for pragma in ("wal_autocheckpoint=0", f"journal_size_limit={4 << 20}"):
            connection.execute(f"PRAGMA {pragma}")
        # FULLFSYNC only means something on macOS, where fsync alone stops at the drive's cache.
        for pragma in ("synchronous=FULL", "fullfsync=1", "checkpoint_fullfsync=1"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        # On a full disk there is no space for the index of the log.
        connection.close()
        raise
    return connection


def begin_installation(db: sqlite3.Connection) -> str:
    """Add an installation with a fresh random id; it is the present one from now on."""
    name = str(uuid.uuid4())
    db.execute("INSERT INTO installation (id) VALUES (?)", (name,))
    return name


def last_seq(db: sqlite3.Connection) -> int:
    """The highest number ever given in the present installation; 0 for none."""
    row = db.execute(
        f"""SELECT coalesce((SELECT max(seq) FROM message WHERE installation = {PRESENT}),
        removed_up_to) FROM installation WHERE no = {PRESENT}"""
    ).fetchone()
    return int(row[0])


def insert(db: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """Store messages that carry their numbers already."""
    db.executemany(
        f"INSERT INTO message (installation, {COLUMNS}) VALUES ({PRESENT}, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                message.seq,
                *msgspec.structs.astuple(message.moment),
                _encoder.encode(message.body),
                *((None, None) if message.origin is None else _origin(message.origin)),
            )
            for message in messages
        ],
    )


def note_boot(db: sqlite3.Connection, moment: Moment, last: int) -> None:
    """Note that another boot has begun, and how far the one before came, up to number ``last``."""
    db.execute(
        f"""UPDATE boot SET last_ms = max(last_ms, m.mono_ms) FROM message AS m
        WHERE m.installation = {PRESENT} AND m.seq = ? AND m.origin_seq IS NULL
        AND boot.id = m.boot""",
        (last,),
    )
    db.execute(
        "INSERT OR IGNORE INTO boot (id, first_ms, last_ms) VALUES (?, ?, ?)",
        (moment.boot, moment.mono_ms, moment.mono_ms),
    )


def known_boots(db: sqlite3.Connection, now: Moment | None = None) -> tuple[Boot, ...]:
    """Every boot that stored something, in order, and the present one."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'boot'").fetchone() is None:
        # An outbox that this version has only looked at so far.
        return ()
    found = [Boot(*row) for row in db.execute("SELECT id, first_ms, last_ms FROM boot ORDER BY no")]
    if now is not None and all(boot.id != now.boot for boot in found):
        found.append(Boot(now.boot, now.mono_ms, now.mono_ms))
    return tuple(found)


def claims(db: sqlite3.Connection, boot: str) -> tuple[Claim, ...]:
    """What the head office said of a boot's clock."""
    found = db.execute(
        """SELECT boot, mono_ms, head_ms, error_ms, first_ms, last_ms FROM claim
        WHERE boot = ? ORDER BY no""",
        (boot,),
    )
    return tuple(Claim(Sighting(*row[:4]), *row[4:]) for row in found)


def record_claims(db: sqlite3.Connection, said: Sequence[Claim], believed: Sighting) -> None:
    """Keep what was said of a boot's clock and what is believed; of others only the latter."""
    db.execute("DELETE FROM claim")
    db.executemany(
        """INSERT INTO claim (boot, mono_ms, head_ms, error_ms, first_ms, last_ms)
        VALUES (?, ?, ?, ?, ?, ?)""",
        [(*msgspec.structs.astuple(each.sighting), each.first_ms, each.last_ms) for each in said],
    )
    db.execute(
        "INSERT OR REPLACE INTO sighting VALUES (?, ?, ?, ?)", msgspec.structs.astuple(believed)
    )


def drop_impossible_sightings(db: sqlite3.Connection) -> None:
    """Forget times that no head office's clock can show: earlier versions kept any number."""
    for table in ("sighting", "claim"):
        impossible = f"FROM {table} WHERE head_ms < ? OR head_ms >= ?"
        if db.execute(f"SELECT 1 {impossible}", (FIRST_MS, LAST_MS)).fetchone():
            db.execute(f"DELETE {impossible}", (FIRST_MS, LAST_MS))


def clocks(db: sqlite3.Connection) -> dict[str, Sighting]:
    """What is known of the clock of each boot, be it only what is possible."""
    known = {row[0]: Sighting(*row) for row in db.execute("SELECT * FROM sighting")}
    everything = known_boots(db)
    wide = wide_sightings(everything, known, [boot.id for boot in everything])
    return known | {each.boot: each for each in wide}


def _origin(origin: Origin) -> tuple[str, int]:
    return origin.installation, origin.seq


def message_of(row: Row) -> Message:
    """A stored row as a message; raises msgspec.DecodeError if its body makes no sense."""
    seq, wall_ms, boot, mono_ms, body, origin, origin_seq = row
    return Message(
        seq=seq,
        moment=Moment(wall_ms, boot, mono_ms),
        body=_body.decode(body),
        origin=None if origin is None or origin_seq is None else Origin(origin, origin_seq),
    )


def message(db: sqlite3.Connection, installation: str, seq: int) -> Message | None:
    """What is held under a number; None for nothing, or for what makes no sense."""
    found = db.execute(
        f"""SELECT {COLUMNS} FROM message JOIN installation ON no = installation
        WHERE id = ? AND seq = ?""",
        (installation, seq),
    ).fetchone()
    try:
        return None if found is None else message_of(found)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def readable(body: bytes) -> Body | None:
    """A stored body, or None if it makes no sense."""
    try:
        return _body.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def quarantine(
    db: sqlite3.Connection, seq: int, fate: str, reason: QuarantineReason, detail: str
) -> None:
    """Put a message of the present installation into quarantine, once."""
    found = db.execute(
        f"SELECT fate FROM message WHERE installation = {PRESENT} AND seq = ?", (seq,)
    ).fetchone()
    if found is None or found[0] == "withheld":
        return
    db.execute(
        f"UPDATE message SET fate = ? WHERE installation = {PRESENT} AND seq = ?", (fate, seq)
    )
    if found[0] is None:
        db.execute(
            f"""INSERT INTO quarantine
                (installation, seq, reason, detail, wall_ms, boot, mono_ms, body,
                origin_installation, origin_seq)
            SELECT id, seq, ?, ?, wall_ms, boot, mono_ms, body,
                origin_installation, origin_seq FROM message
            JOIN installation ON no = installation WHERE no = {PRESENT} AND seq = ?""",
            (reason, detail, seq),
        )


def live(db: sqlite3.Connection, now: Moment) -> int:
    """Count the time up to now as lived; the milliseconds of it since the outbox was made."""
    count = lived(db).until(now)
    db.execute(
        """INSERT INTO lived (only, boot, mono_ms, lived_ms) VALUES (1, ?, ?, ?)
        ON CONFLICT (only) DO UPDATE SET
        boot = excluded.boot, mono_ms = excluded.mono_ms, lived_ms = excluded.lived_ms""",
        (count.boot, count.mono_ms, count.ms),
    )
    return count.ms


def lived(db: sqlite3.Connection) -> LivedTime:
    """The time that was counted as lived so far."""
    found = db.execute("SELECT boot, mono_ms, lived_ms FROM lived").fetchone()
    return LivedTime(*found or ())


def note_acknowledged(db: sqlite3.Connection, watermark: int, lived_ms: int) -> None:
    """Remember when messages were acknowledged, by lived time, to the hour.

    What stands above the watermark is acknowledged no more, whenever it was.
    """
    db.execute(
        f"UPDATE acknowledged SET up_to = min(up_to, ?) WHERE installation = {PRESENT}",
        (watermark,),
    )
    _acknowledge(db, PRESENT, watermark, lived_ms)


def _acknowledge(db: sqlite3.Connection, no: int | str, up_to: int, lived_ms: int) -> None:
    db.execute(
        f"""INSERT INTO acknowledged (installation, hour, up_to, lived_ms) VALUES ({no}, ?, ?, ?)
        ON CONFLICT (installation, hour) DO UPDATE SET
        up_to = max(up_to, excluded.up_to), lived_ms = max(lived_ms, excluded.lived_ms)""",
        (lived_ms // HOUR_MS, up_to, lived_ms),
    )


def note_delivery(db: sqlite3.Connection, at_ms: int, moment: Moment) -> None:
    """Remember when the head office last took something, by its own clock and by the kiosk's."""
    db.execute(
        """UPDATE lived SET delivered_ms = ?, delivered_wall_ms = ?, delivered_boot = ?,
        delivered_mono_ms = ?""",
        (at_ms, *msgspec.structs.astuple(moment)),
    )


def last_delivery_ms(db: sqlite3.Connection) -> int | None:
    """When the head office last took something, by its own clock.

    By what is known of its clock now: that it showed another time then may have been a mistake.
    """
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "lived" not in tables:
        # An outbox that this version has only looked at so far.
        return _number(db.execute("SELECT max(at_ms) FROM delivery").fetchone())
    columns = {row[1] for row in db.execute("PRAGMA table_info(lived)")}
    if "delivered_boot" in columns:
        moment = "delivered_wall_ms, delivered_boot, delivered_mono_ms"
        found = db.execute(f"SELECT {moment} FROM lived WHERE delivered_boot <> ''").fetchone()
        clock = clocks(db).get(found[1]) if found else None
        if clock is not None:
            return clock.estimate(Moment(*found)).ms
    return _number(db.execute("SELECT delivered_ms FROM lived").fetchone())


def _number(row: tuple[int | None] | None) -> int | None:
    return None if row is None or row[0] is None else int(row[0])


def renumber(db: sqlite3.Connection) -> str:
    """Begin a new installation and move to it what waits or met a conflict; returns its id."""
    old, old_id, watermark = db.execute(
        f"SELECT no, id, watermark FROM installation WHERE no = {PRESENT}"
    ).fetchone()
    name = begin_installation(db)
    moving = """((seq > :watermark AND fate IS NOT 'withheld') OR seq IN (
        SELECT seq FROM quarantine WHERE installation = :id AND reason = 'conflict'))"""
    what = {"old": old, "id": old_id, "watermark": watermark}
    db.execute(
        f"""INSERT INTO message (installation, {COLUMNS})
        SELECT {PRESENT}, row_number() OVER (ORDER BY seq), wall_ms, boot, mono_ms, body,
            coalesce(origin_installation, :id), coalesce(origin_seq, seq)
        FROM message WHERE installation = :old AND {moving}""",
        what,
    )
    db.execute(f"DELETE FROM message WHERE installation = :old AND {moving}", what)
    db.execute("DELETE FROM quarantine WHERE installation = :id AND reason = 'conflict'", what)
    return name


def doubt_earlier(db: sqlite3.Connection) -> None:
    """Take nothing that earlier installations hold for delivered any more."""
    db.execute(f"UPDATE installation SET watermark = removed_up_to WHERE no < {PRESENT}")


def earlier_installation(db: sqlite3.Connection) -> Position | None:
    """The latest earlier installation of which delivered messages are still held."""
    found = db.execute(
        f"""SELECT id, removed_up_to + 1, watermark, watermark FROM installation AS i
        WHERE no < {PRESENT} AND watermark > removed_up_to AND EXISTS (SELECT 1 FROM message
            WHERE installation = i.no AND seq <= i.watermark AND fate IS NULL)
        ORDER BY no DESC LIMIT 1"""
    ).fetchone()
    return None if found is None else Position(*found)


def recall(db: sqlite3.Connection, step: int) -> int:
    """Number anew what an earlier installation holds above its watermark; how many that were."""
    found = f"""SELECT installation AS no, seq, id FROM message
        JOIN installation ON installation.no = message.installation
        WHERE no < {PRESENT} AND seq > watermark AND fate IS NULL
        ORDER BY message.installation, seq LIMIT {step}"""
    first = last_seq(db)
    moved = db.execute(
        f"""INSERT INTO message (installation, {COLUMNS})
        SELECT {PRESENT}, ? + row_number() OVER (ORDER BY f.no, f.seq), wall_ms, boot, mono_ms,
            body, coalesce(origin_installation, f.id), coalesce(origin_seq, f.seq)
        FROM ({found}) AS f JOIN message AS m ON m.installation = f.no AND m.seq = f.seq""",
        (first,),
    ).rowcount
    if moved:
        db.execute(
            f"DELETE FROM message WHERE (installation, seq) IN (SELECT no, seq FROM ({found}))"
        )
    return moved


def counts(db: sqlite3.Connection) -> Counts:
    """How full the outbox is; does not get slower with what is kept."""
    no, watermark = db.execute(
        f"SELECT no, watermark FROM installation WHERE no = {PRESENT}"
    ).fetchone()
    last = last_seq(db)
    withheld = db.execute(
        """SELECT count(*) FROM message INDEXED BY message_fate
        WHERE installation = ? AND seq > ? AND fate = 'withheld'""",
        (no, watermark),
    ).fetchone()[0]
    oldest = db.execute(
        """SELECT wall_ms, boot, mono_ms FROM message WHERE installation = ?
        AND seq > ? AND fate IS NOT 'withheld' ORDER BY seq LIMIT 1""",
        (no, watermark),
    ).fetchone()
    return Counts(
        waiting=last - watermark - withheld,
        in_quarantine=db.execute("SELECT count(*) FROM quarantine").fetchone()[0],
        last_seq=last,
        oldest_waiting=None if oldest is None else Moment(*oldest),
    )


def trim(db: sqlite3.Connection, now: Moment, keep_ms: int, keep_messages: int, step: int) -> int:
    """One small step of retention; how many messages were removed."""
    lived_ms = live(db, now)
    for no, watermark, removed, present in db.execute(
        f"SELECT no, watermark, removed_up_to, no = {PRESENT} FROM installation ORDER BY no"
    ).fetchall():
        known, by_age = db.execute(
            """SELECT coalesce(max(up_to), 0),
            coalesce(max(up_to) FILTER (WHERE lived_ms < ?), 0)
            FROM acknowledged WHERE installation = ?""",
            (lived_ms - keep_ms, no),
        ).fetchone()
        if known < watermark > removed:
            # Delivered before lived time was counted, or its record was damaged: new from now on.
            _acknowledge(db, no, watermark, lived_ms)
        by_amount = watermark - keep_messages if present else 0
        limit = min(max(by_age, by_amount), watermark, removed + step)
        if limit > removed:
            db.execute("DELETE FROM message WHERE installation = ? AND seq <= ?", (no, limit))
            db.execute("UPDATE installation SET removed_up_to = ? WHERE no = ?", (limit, no))
            over = "DELETE FROM acknowledged WHERE installation = ? AND up_to <= ?"
            db.execute(over, (no, limit))
            return int(limit - removed)
    return 0
