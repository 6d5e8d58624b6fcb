"""A night at the head office: it is served, kiosks deliver to it, and things go wrong.

Every answer that a kiosk thanked for stands in a ledger. Whatever happened, each of them is counted
once in the end, and whatever did not do its job said so.
"""

import sqlite3
import subprocess
import uuid
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import wrong_clock
from attack.stage import MeaningWell
from journey import HeadOffice
from processes import wait_until

MOST_TOLD = 3


@dataclass
class Entry:
    """What became of one kind of trouble on one engine."""

    trouble: str
    engine: str
    thanked: int = 0
    lost: int = 0
    doubled: int = 0
    looked: int = 0
    """How often it was looked whether the trouble was told."""
    mistakes: list[str] = field(default_factory=list)

    def check(self, held: bool, what: str) -> None:
        """Note a mistake unless it held."""
        self.looked += 1
        if not held:
            self.mistakes.append(what)

    def row(self) -> str:
        """As a row of the account."""
        told = "; ".join(dict.fromkeys(self.mistakes[:MOST_TOLD])).replace("|", "/")
        told = told.replace("\n", " ") or "nothing"
        figures = f"{self.thanked} | {self.lost} | {self.doubled} | {self.looked}"
        return f"| {self.trouble} | {self.engine} | {figures} | {told} |"


def account(entries: list[Entry]) -> str:
    """All of them, as Markdown."""
    head = [
        "| trouble | engine | thanked | lost | doubled | looked | went wrong, or looked well |",
        "|---|---|---|---|---|---|---|",
    ]
    sums = [sum(getattr(e, name) for e in entries) for name in ("thanked", "lost", "doubled")]
    wrong = sum(bool(entry.mistakes) for entry in entries)
    sentence = (
        f"{len(entries)} troubles, {sums[0]} answers thanked: {sums[1]} lost, {sums[2]} doubled, "
    )
    sentence += f"{wrong} not told or not mended"
    return "\n".join([sentence, "", *head, *(entry.row() for entry in entries)])


class Night:
    """A head office, two kiosks, and the ledger of what they thanked for."""

    def __init__(self, folder: Path, server: str) -> None:
        """``server``: the address of a PostgreSQL server; empty for SQLite."""
        self.folder, self.server = folder, server
        self.databases: list[str] = []
        self.office = HeadOffice(folder, database_url=self.new_database())
        self.office.options = ["--workers", "1"]
        self.office.start()
        self.kiosks: list[MeaningWell] = []
        for number in (1, 2):
            self.join(f"Till {number}")
        self.deliver()

    @property
    def engine(self) -> str:
        """Its name."""
        return "PostgreSQL" if self.server else "SQLite"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.office.data

    @property
    def url(self) -> str:
        """The address of the PostgreSQL database in use."""
        return self.office.env.get("HYMIO_DATABASE_URL", "")

    @url.setter
    def url(self, value: str) -> None:
        if self.server:
            self.office.env["HYMIO_DATABASE_URL"] = value

    def new_database(self) -> str:
        """The address of an empty database; empty for SQLite."""
        if not self.server:
            return ""
        name = f"night_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.server, autocommit=True) as keeper:
            keeper.execute(f"CREATE DATABASE {name}".encode())
        self.databases.append(name)
        return f"{self.server.rpartition('/')[0]}/{name}"

    def join(self, place: str) -> None:
        """One more kiosk."""
        folder = self.folder / f"kiosk{len(self.kiosks)}"
        code = self.office.enrolment_code(place)
        self.kiosks.append(MeaningWell(folder, self.office.url, code))

    def tap(self, times: int = 5) -> None:
        """Answers at every kiosk, thanked for and not yet delivered."""
        for kiosk in self.kiosks:
            kiosk.tap(times)

    def deliver(self) -> bool:
        """Taps, and whether everything gets home."""
        self.tap()
        arrived = [kiosk.deliver() for kiosk in self.kiosks]
        return all(arrived)

    def try_to_deliver(self) -> None:
        """One try of each kiosk, as while something is wrong."""
        self.tap()
        for kiosk in self.kiosks:
            kiosk.relay()[0].run(now=True)

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `hymio-headoffice` on this data folder and database."""
        return subprocess.run(
            [self.office.program, *words, "--data", str(self.data)],
            env=self.office.env | more,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def refused(self, entry: Entry, *words: str, because: str, **more: str) -> None:
        """It ends with words and not with 0."""
        done = self.command(*words, **more)
        said = done.stdout + done.stderr
        entry.check(
            done.returncode != 0 and because in said and "Traceback" not in said,
            f"{words[0]}: {done.returncode}, {said[-200:]}",
        )

    def fails_to_serve(self, entry: Entry, because: str) -> None:
        """It does not begin to serve, and says why."""
        self.refused(entry, "serve", "--port", "0", because=because)

    def begin(self) -> None:
        """Serve again."""
        self.office.start()

    def end(self) -> None:
        """Stop serving."""
        self.office.stop()

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """Read from the database past the head office's code."""
        if self.server:
            with psycopg.connect(self.url, autocommit=True) as server:
                return server.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.data / "headoffice.sqlite3", timeout=30)) as file:
            return file.execute(query).fetchall()

    def settle(self, entry: Entry) -> None:
        """The morning: all is well again, and every thanked answer is counted once."""
        if not self.office.is_running():
            self.begin()
        entry.check(self.deliver(), "kiosks can't deliver afterwards")
        stored = Counter(
            str(uuid.UUID(str(response)))
            for (response,) in self.ask("SELECT response FROM ingest_storedmessage WHERE kind = 1")
        )
        thanked = [response for kiosk in self.kiosks for response in kiosk.thanked]
        entry.thanked += len(thanked)
        entry.lost += sum(not stored[response] for response in thanked)
        entry.doubled += sum(stored[response] > 1 for response in thanked)
        proof = self.command("rebuild-rollups", "--check")
        entry.check(proof.returncode == 0, f"rollups: {proof.stdout[-200:]}")
        assert entry.lost == entry.doubled == 0, entry.row()
        assert entry.mistakes == [], entry.row()

    def look(self, entry: Entry, words: str) -> None:
        """What the head office has said since it was started holds these words."""
        try:
            wait_until(lambda: words in self.office.said(), f"the words “{words}”", seconds=30)
        except Exception as error:  # noqa: BLE001 - told in the account
            entry.check(False, str(error)[-300:])
        else:
            entry.check(True, "")

    def at_another_time(self, days: int) -> None:
        """Start it with a wall clock that is wrong by so many days; 0: with the right one."""
        self.office.env.pop("PYTHONPATH", None)
        if days:
            self.office.env |= wrong_clock.environment(self.folder, days * 86_400)

    def close(self) -> None:
        """End everything."""
        for kiosk in self.kiosks:
            kiosk.close()
        self.office.kill()
        if self.server:
            with psycopg.connect(self.server, autocommit=True) as keeper:
                for name in self.databases:
                    keeper.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
