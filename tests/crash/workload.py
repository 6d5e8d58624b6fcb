"""A kiosk's storage at work, to be recorded: taps, receipts, refusals, retention, reopening.

Run as a program with a folder, how many taps, a seed and, if the outbox is to begin with that of
an earlier version, its SQL. It says on its standard output, unbuffered, what it promised:

``thanked INSTALLATION SEQ RESPONSE``  an append returned: this answer must survive
``settling RESPONSE…``                 the head office has these; retention may take them
``waiting RESPONSE…``                  the head office lost these; they must stay again
``removing``                           retention begins
"""

import json
import os
import random
import sqlite3
import sys
import uuid
from contextlib import closing
from pathlib import Path

from config.private_file import sync_folder
from sync.messages import AnswerBody, Moment, Refusal
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

BOOT = "7d2d5b0e-3a55-4a43-8a8e-2f9f52f0a001"
RESERVE_BYTES = 64 * 1024


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def unpack(script: Path, folder: Path) -> None:
    """Puts the outbox of an earlier version there, with what its shoppers were thanked for."""
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.executescript(script.read_text())
        thanked = db.execute(
            "SELECT id, seq, body FROM message JOIN installation ON no = installation"
        ).fetchall()
    sync_folder(folder)
    for installation, seq, body in thanked:
        say(f"thanked {installation} {seq} {json.loads(body)['response']}")


def main(folder: Path, taps: int, seed: int, script: Path | None = None) -> None:
    if script is not None:
        unpack(script, folder)
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    clock = 0
    tapped = 0
    while tapped < taps:
        with SqliteOutbox.open(folder, reserve_bytes=RESERVE_BYTES) as outbox:
            # Every so often the kiosk is restarted, so that opening is recorded as well.
            for _ in range(min(taps - tapped, 60)):
                clock += rng.randint(100, 60_000)
                tapped += 1
                answer = AnswerBody(
                    response=str(uuid.UUID(int=rng.getrandbits(128))),
                    questionnaire="ab" * 32,
                    language="fi",
                    question="rating",
                    value=rng.randrange(3),
                    took_ms=rng.randrange(5000),
                )
                moment = Moment(wall_ms=1_795_464_000_000 + clock, boot=BOOT, mono_ms=clock)
                installation = outbox.position().installation
                for message in outbox.append([answer], moment):
                    say(f"thanked {installation} {message.seq} {answer.response}")
                _between_taps(outbox, rng, clock)


def _between_taps(outbox: SqliteOutbox, rng: random.Random, clock: int) -> None:
    position = outbox.position()
    chance = rng.random()
    if chance < 0.12 and position.last_seq > position.watermark:
        batch = outbox.next_batch(50, 100_000)
        refused = [Refusal(m.seq, "invalid", "made up") for m in batch if rng.random() < 0.05]
        if batch:
            say(" ".join(["settling", *(m.body.response for m in batch)]))
            outbox.settle(position.installation, batch[-1].seq, refused, clock)
    elif chance < 0.15:
        # The head office was restored from an older copy.
        outbox.settle(position.installation, position.watermark // 2, [], clock)
        waiting = outbox.next_batch(10**6, 10**9)
        say(" ".join(["waiting", *(m.body.response for m in waiting)]))
    elif chance < 0.22:
        say("removing")
        outbox.trim(keep_ms=600_000, keep_messages=40)
    elif chance < 0.24:
        outbox.renew()
    elif chance < 0.27 and (held := outbox.quarantine()):
        outbox.send_again(held[0].id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), *map(Path, sys.argv[4:]))
