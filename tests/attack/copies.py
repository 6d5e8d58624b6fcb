"""Somebody who has got hold of a copy of the database: it opens nothing."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from attack.account import Attack, Tally
from attack.stage import BOSS, Client, Stage

INSIDE = ("/people/", "/results/comments?reach=1", "/tokens/", "/kiosks/")


def _words_of(stage: Stage, tally: Tally, seed: int) -> set[str]:
    """Everything in a copy that could pass for a key of a session or for a token."""
    if stage.database_url:
        tables = stage.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [row for (name,) in tables for row in stage.ask(f'SELECT * FROM "{name}"')]  # noqa: S608
    else:
        copy = stage.folder / f"copy-{seed}.sqlite3"
        stage.office._ask("backup", "--allow-empty", str(copy))
        mode = copy.stat().st_mode & 0o777
        tally.check(mode & 0o077 == 0, f"a copy can be read by others: {mode:o}")
        with closing(sqlite3.connect(copy)) as file:
            tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            rows = [row for (name,) in tables for row in file.execute(f'SELECT * FROM "{name}"')]  # noqa: S608
        tally.check(not _lists_sessions(copy), "sessions are in the copy")
    texts = [
        bytes(cell).hex() if isinstance(cell, bytes | memoryview) else str(cell)
        for row in rows
        for cell in row
    ]
    return {word for text in texts for word in re.findall(r"[\w-]{20,128}", text)}


def _lists_sessions(copy: Path) -> bool:
    with closing(sqlite3.connect(copy)) as file:
        return bool(file.execute("SELECT count(*) FROM django_session").fetchone()[0])


def open_with_a_copy(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    for _ in range(2 * size):
        Client(stage.office.port).log_in(BOSS)
    for word in sorted(_words_of(stage, tally, seed)):
        client = Client(stage.office.port, Authorization=f"Bearer {word}")
        client.cookies |= {"hymio_session": word, "__Host-hymio_session": word}
        tally.tries += 1
        for address in (INSIDE[tally.tries % len(INSIDE)], "/api/v1/places"):
            status = client.ask("GET", address).status
            tally.check(status in (302, 401), f"{address}: {status} with what stands in a copy")
    stage.look(tally)


ATTACKS = [
    Attack("every word of a copy of the database as session and as token",
           "302 to the login, or 401", open_with_a_copy),
]  # fmt: skip
