"""A storm over kiosks, line and head office, and the account that is drawn up after it."""

import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from faults.proxy import Fault, FaultyLine
from journey import HeadOffice
from processes import PROGRAMS, Program, run_to_end, wait_until

from sync.identity import load_identity, save_identity

SHOP = Path(__file__).with_name("shop.py")


@dataclass
class Account:
    """What shoppers saw, and what the head office counted."""

    thanked: set[str] = field(default_factory=set)
    counted: Counter[str] = field(default_factory=Counter)
    """Response → how often it is stored."""
    rolled_up: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def lost(self) -> set[str]:
        return self.thanked - self.counted.keys()

    @property
    def doubled(self) -> set[str]:
        return {response for response, times in self.counted.items() if times > 1}

    @property
    def unthanked(self) -> set[str]:
        """Committed, then the kiosk was killed before it could say so."""
        return self.counted.keys() - self.thanked

    def __str__(self) -> str:
        kinds = "".join(f"\n  {n:5} × {kind}" for kind, n in sorted(self.faults.items()))
        return (
            f"{self.faults.total()} faults:{kinds}\n"
            f"{len(self.thanked)} answers thanked, {len(self.counted)} counted "
            f"({len(self.unthanked)} of them committed and the kiosk killed before the thanks), "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled"
        )


class Shop(Program):
    """The kiosk of ``shop.py``, with all that it has ever said."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir(mode=0o700)
        self.seed = int.from_bytes(name.encode()) % 1000
        super().__init__(f"Kiosk {name}", [], folder / f"{name}.log")

    def open(self) -> None:
        """Start it, tapping differently each time."""
        self.seed += 1000
        self.command = [sys.executable, str(SHOP), str(self.folder), str(self.seed)]
        self.start()

    def thanked(self) -> set[str]:
        lines = self.log.read_text(errors="replace").splitlines()
        return {
            line.split()[1]
            for line in lines
            if line.startswith("thanked ") and line.count(" ") == 2
        }

    def waiting(self) -> int | None:
        lines = [line for line in self.said().splitlines() if line.startswith("waiting ")]
        return int(lines[-1].split()[1]) if lines else None


class Storm:
    """A head office, a faulty line and some kiosks, and everything that can befall them."""

    def __init__(
        self, folder: Path, *, kiosks: int, seed: int, share_of_faults: float = 0.5
    ) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.folder = folder
        self.share = share_of_faults
        self.calm = False
        self.killed: Counter[str] = Counter()
        self.office = HeadOffice(folder).start()
        self.line = FaultyLine(("127.0.0.1", self.office.port), self._fault)
        self.shops = [Shop(folder, f"kiosk{n}") for n in range(kiosks)]

    @contextmanager
    def blowing(self) -> Iterator[None]:
        with self.line:
            try:
                for shop in self.shops:
                    self._enrol(shop)
                    shop.open()
                yield
            finally:
                for program in (*self.shops, self.office):
                    program.kill()

    def _enrol(self, shop: Shop) -> None:
        code = self.office.enrolment_code(shop.name)
        kiosk = str(PROGRAMS / "hymio-kiosk")
        run_to_end([kiosk, "enrol", code, "--url", self.office.url, "--data", str(shop.folder)])
        identity = load_identity(shop.folder)
        assert identity is not None
        changed = type(identity)(
            kiosk=identity.kiosk,
            credential=identity.credential,
            place=identity.place,
            head_office=identity.head_office,
            url=self.line.url,
        )
        save_identity(shop.folder, changed)

    def _fault(self) -> Fault:
        if self.calm or self.rng.random() > self.share:
            return Fault.NONE
        return self.rng.choice([fault for fault in Fault if fault is not Fault.NONE])

    # --- what can befall them -------------------------------------------------------------

    def kill_a_kiosk(self) -> None:
        shop = self.rng.choice(self.shops)
        uploading = self.line.under_way > 0
        self.killed[
            "kill -9 of a kiosk, relay uploading" if uploading else "kill -9 of a kiosk"
        ] += 1
        shop.kill()
        shop.open()

    def kill_the_head_office(self) -> None:
        self.killed["kill -9 of the head office"] += 1
        self.office.kill()
        self.office.start()

    def restore_an_older_copy(self) -> None:
        """Stops the head office and gives it its database as it was a little earlier."""
        self.killed["head office restored from an older copy"] += 1
        copy = self.folder / "copy.sqlite3"
        database = self._database()
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        self.let_pass(0.5)
        self.office.kill()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)
        copy.rename(database)
        self.office.start()

    def let_pass(self, seconds: float) -> None:
        """Lets the storm blow for a random time around this."""
        time.sleep(self.rng.uniform(0.2, 1.8) * seconds)

    # --- the account ----------------------------------------------------------------------

    def settle(self, seconds: float = 120) -> Account:
        """Calms down, waits until nothing waits any more, and counts."""
        self.calm = True
        for shop in self.shops:
            (shop.folder / "quiet").touch()
        for shop in self.shops:
            wait_until(
                lambda shop=shop: shop.waiting() == 0 or None, f"{shop.name} to deliver everything",
                seconds=seconds, watched=(shop, self.office),
            )  # fmt: skip
        account = Account()
        for shop in self.shops:
            account.thanked |= shop.thanked()
        with closing(sqlite3.connect(self._database())) as db:
            stored = db.execute("SELECT response FROM ingest_storedmessage WHERE kind = 1")
            account.counted.update(_uuid(row[0]) for row in stored)
            account.rolled_up = db.execute(
                "SELECT coalesce(sum(count), 0) FROM results_hourly"
            ).fetchone()[0]
        account.faults.update(self.killed)
        account.faults.update({f.value: n for f, n in self.line.met.items() if f is not Fault.NONE})
        return account

    def _database(self) -> Path:
        (found,) = self.office.data.glob("*.sqlite3")
        return found


def _uuid(value: str | bytes) -> str:
    return str(UUID(bytes=value) if isinstance(value, bytes) else UUID(value))
