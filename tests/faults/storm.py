"""A storm over kiosks, line and head office: whatever can befall them, at random instants."""

import contextlib
import random
import shutil
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import cycle
from pathlib import Path

import msgspec
import wrong_clock
from faults import databases
from faults.account import Account
from faults.certificates import Certificates
from faults.databases import Database, DurableServer, SqliteFile
from faults.disks import SmallDisk, can_mount
from faults.proxy import Fault, FaultyLine
from journey import HeadOffice
from processes import PROGRAMS, Program, StepError, run_to_end, wait_until

from sync.messages import AnswerBody, Body

SHOP = Path(__file__).with_name("shop.py")
SHOP_MB, OFFICE_MB = 64, 256
ZONES = ("Europe/Helsinki", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC")
NOWHERE = "https://head-office.invalid"
NEEDS_ROOT = "only root can mount a small disk"
DAY_S = 86_400
WRONG_CLOCKS = {
    "a year ahead": 365 * DAY_S,
    "a year back": -365 * DAY_S,
    "91 days back": -91 * DAY_S,
    "a second ahead": 1,
}
BELIEVED_CLOCK = "a year ahead, and somebody says that it is right"


class Shop(Program):
    """The kiosk of ``shop.py``, with all that it has ever said."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir(mode=0o700)
        self.disk: SmallDisk | None = None
        self.seed = int.from_bytes(name.encode()) % 1000
        super().__init__(f"Kiosk {name}", [], folder / f"{name}.log")

    def open(self, url: str, ca_file: Path, pause_s: float) -> None:
        """Start it, tapping differently each time, about so long after one another."""
        self.seed += 1000
        self.command = [sys.executable, str(SHOP), str(self.folder), str(self.seed)]
        self.command += [url, str(ca_file), str(pause_s)]
        self.start()

    def all_said(self, word: str) -> list[str]:
        """What it said after this word, in all its runs; torn lines left out."""
        with self.log.open(errors="replace") as log:
            return [
                line[len(word) + 1 : -1]
                for line in log
                if line.startswith(f"{word} ") and line.endswith("\n")
            ]

    def thanked(self) -> set[str]:
        return {line.split()[0] for line in self.all_said("thanked") if line.count(" ") == 1}

    def waiting(self) -> int | None:
        lines = [line for line in self.said().splitlines() if line.startswith("waiting ")]
        return int(lines[-1].split()[1]) if lines else None

    def held(self, folder: Path | None = None) -> set[str]:
        """Every response on its card, or in a copy of it, read past the outbox's code."""
        file = (folder or self.folder) / "outbox.sqlite3"
        if not file.exists():
            return set()
        with closing(sqlite3.connect(file, timeout=30)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'quarantine'").fetchone():
                return set()
            bodies = db.execute("SELECT body FROM message UNION ALL SELECT body FROM quarantine")
            found = [msgspec.json.decode(body, type=Body) for (body,) in bodies]
        return {body.response for body in found if isinstance(body, AnswerBody)}


class Storm:
    """A head office, faulty lines and some kiosks, and everything that can befall them."""

    def __init__(
        self,
        folder: Path,
        *,
        kiosks: int,
        seed: int,
        share_of_faults: float = 0.5,
        pause_s: float = 0.02,
        postgres: DurableServer | None = None,
    ) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.folder = folder
        self.share, self.pause_s = share_of_faults, pause_s
        self.calm = False
        self.befell: Counter[str] = Counter()
        self.gone: set[str] = set()
        self.clones = self.alarms = 0
        self.mounts = can_mount()
        self.postgres = postgres
        self.certificates = Certificates(folder / "certificates")
        self._kiosks = kiosks
        self._copied = False
        # In turn, so that also a short storm leads into each.
        self._wrong_clocks = cycle([BELIEVED_CLOCK, *WRONG_CLOCKS])

    @property
    def kills(self) -> int:
        """How many kill -9 there were."""
        return sum(n for kind, n in self.befell.items() if kind.startswith("kill -9"))

    @contextmanager
    def blowing(self) -> Iterator[None]:
        with ExitStack() as stack:
            url = self.postgres.create() if self.postgres is not None else ""
            self.office = HeadOffice(self.folder, database_url=url)
            self.office_disk: SmallDisk | None = None
            if self.mounts and self.postgres is None:
                self.office_disk = SmallDisk(self.office.data, OFFICE_MB)
                stack.callback(self.office_disk.remove)
            stack.callback(self.office.kill)
            self.office.start()
            self.database: Database = self.postgres or SqliteFile(self.office.data)
            self._draw_lines(stack)
            self.shops: list[Shop] = []
            for n in range(self._kiosks):
                shop = self._new_shop(stack, f"kiosk{n}")
                self._enrol(shop)
                self._open(shop)
            self._stack = stack
            yield

    def _draw_lines(self, stack: ExitStack) -> None:
        upstream = ("127.0.0.1", self.office.port)
        contexts = {n: self.certificates.context(n) for n in ("valid", "wrong", "expired")}
        self.lines = {
            name: stack.enter_context(FaultyLine(upstream, self._fault, tls))
            for name, tls in {"plain": None, **contexts}.items()
        }
        # In turn, so that also a short storm leads into each.
        self._dead_ends = cycle((self.lines["wrong"].url, NOWHERE, self.lines["expired"].url))

    def _new_shop(self, stack: ExitStack, name: str) -> Shop:
        shop = Shop(self.folder, name)
        if self.mounts:
            shop.disk = SmallDisk(shop.folder, SHOP_MB)
            stack.callback(shop.disk.remove)
        stack.callback(shop.kill)
        self.shops.append(shop)
        return shop

    def _enrol(self, shop: Shop) -> None:
        code = self.office.enrolment_code(shop.name)
        kiosk = str(PROGRAMS / "hymio-kiosk")
        run_to_end([kiosk, "enrol", code, "--url", self.office.url, "--data", str(shop.folder)])

    def _open(self, shop: Shop) -> None:
        """Starts a kiosk, each time in another time zone and with another way home."""
        shop.env["TZ"] = self.rng.choice(ZONES)
        self.befell[f"TZ={shop.env['TZ']}"] += 1
        chance = 0.0 if self.calm else self.rng.random()
        if chance < 0.5:
            url = self.lines["plain"].url
        elif chance < 0.8:
            url = self.lines["valid"].url
        else:
            url = next(self._dead_ends)
        shop.open(url, self.certificates.trusted, self.pause_s)

    def _start_office(self) -> None:
        self.office.env["TZ"] = self.rng.choice(ZONES)
        self.office.start()

    def _fault(self, _path: str) -> Fault:
        if self.calm or self.rng.random() > self.share:
            return Fault.NONE
        return self.rng.choice([fault for fault in Fault if fault is not Fault.NONE])

    def let_pass(self, seconds: float) -> None:
        """Lets the storm blow for a random time around this."""
        time.sleep(self.rng.uniform(0.2, 1.8) * seconds)

    # --- kill -9 --------------------------------------------------------------------------

    def kill_a_kiosk(self) -> None:
        shop = self.rng.choice(self.shops)
        self._kill(shop)
        self._open(shop)

    def _kill(self, shop: Shop) -> None:
        uploading = any(line.under_way > 0 for line in self.lines.values())
        what = "kill -9 of a kiosk, relay uploading" if uploading else "kill -9 of a kiosk"
        self.befell[what] += 1
        shop.kill()

    def kill_the_head_office(self) -> None:
        self._kill_office()
        self._start_office()

    def _kill_office(self) -> None:
        self.befell["kill -9 of the head office"] += 1
        self.office.kill()

    def kill_the_database(self) -> None:
        """On SQLite the head office is its database."""
        if self.postgres is None:
            self.kill_the_head_office()
        elif self.rng.random() < 0.3:
            self.befell["immediate shutdown of PostgreSQL"] += 1
            self.postgres.shut_down_immediately()
        elif self.postgres.kill_backend():
            self.befell["kill -9 of a PostgreSQL backend"] += 1

    # --- back in time ---------------------------------------------------------------------

    def restore_the_head_office(self) -> None:
        """Gives it its database as it was a little earlier."""
        self._kill_office()
        self.database.copy()
        self._start_office()
        self.let_pass(1)
        self._kill_office()
        before = databases.counted(self.database).keys() | self._on_cards()
        # Somebody was told, though the head office that was put back may not know it any more.
        self.alarms += databases.clone_alarms(self.database)
        self.database.restore()
        after = databases.counted(self.database).keys() | self._on_cards()
        self.gone |= before - after
        self.befell["head office restored from an older copy"] += 1
        self._start_office()

    def restore_a_card(self) -> None:
        """Puts a kiosk back to its files as they were a little earlier."""
        shop = self.rng.choice(self.shops)
        self._kill(shop)
        copy = self.folder / "card-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(shop.folder, copy)
        self._open(shop)
        self.let_pass(1)
        self._kill(shop)
        only_here = shop.held() - shop.held(copy) - databases.counted(self.database).keys()
        _refill(shop.folder, copy)
        self.gone |= only_here - self._on_cards()
        self.befell["kiosk's card restored from an older copy"] += 1
        self._open(shop)

    def clone_a_card(self) -> None:
        """Two kiosks go on from the same files; at most two pairs, for the machine's sake."""
        if self.clones >= 2:
            self.restore_a_card()
            return
        shop = self.rng.choice(self.shops[: self._kiosks])
        self._kill(shop)
        self.clones += 1
        twin = self._new_shop(self._stack, f"twin{self.clones}")
        _refill(twin.folder, shop.folder)
        self.befell["kiosk's card copied and both used"] += 1
        self._open(shop)
        self._open(twin)

    def _on_cards(self) -> set[str]:
        return set().union(*(shop.held() for shop in self.shops))

    # --- clocks ---------------------------------------------------------------------------

    def set_the_head_offices_clock_wrong(self) -> None:
        """It serves with it for a while, between two right ones."""
        kind = next(self._wrong_clocks)
        off_s = WRONG_CLOCKS["a year ahead"] if kind == BELIEVED_CLOCK else WRONG_CLOCKS[kind]
        self._kill_office()
        self.office.env |= wrong_clock.environment(self.folder, off_s)
        self._start_office()
        if kind == BELIEVED_CLOCK:
            self.office.accept_clock(off_s)
        self.let_pass(1.5)
        self._kill_office()
        self.office.env.pop("PYTHONPATH")
        self._start_office()
        if kind == BELIEVED_CLOCK:
            # What was written last is of next year, and too few kiosks may know better.
            self.office.accept_clock()
        self.befell[f"the head office's clock {kind}"] += 1

    # --- disks ----------------------------------------------------------------------------

    def fill_a_kiosks_disk(self) -> None:
        shop = self.rng.choice(self.shops)
        if shop.disk is None:
            self.kill_a_kiosk()
            return
        before = len(shop.all_said("refused"))
        shop.disk.fill()
        try:
            with contextlib.suppress(StepError):  # a full reserve keeps it storing for long
                wait_until(lambda: len(shop.all_said("refused")) > before, "a full disk", seconds=4)
            if self.rng.random() < 0.5:
                self._kill(shop)
                self._open(shop)
                self.let_pass(1)
        finally:
            shop.disk.free()
        if len(shop.all_said("refused")) > before:
            self.befell["kiosk's disk full, closed sign shown"] += 1

    def fill_the_head_offices_disk(self) -> None:
        if self.office_disk is None:
            self.kill_the_database()
            return
        self.befell["head office's disk full"] += 1
        self.office_disk.fill()
        try:
            self.let_pass(1.5)
            if self.rng.random() < 0.3:
                self._kill_office()
        finally:
            self.office_disk.free()
        if not self.office.is_running():
            self._start_office()

    def make_a_kiosks_disk_read_only(self) -> None:
        shop = self.rng.choice(self.shops)
        if shop.disk is None:
            self.kill_a_kiosk()
            return
        before = len(shop.all_said("refused"))
        self._kill(shop)
        shop.disk.make_read_only()
        try:
            self._open(shop)
            wait_until(
                lambda: len(shop.all_said("refused")) > before, "a closed sign", seconds=20,
                watched=(shop,),
            )  # fmt: skip
        finally:
            shop.disk.make_writable()
        self.befell["kiosk's file system read-only, closed sign shown"] += 1

    def make_the_head_offices_disk_read_only(self) -> None:
        if self.office_disk is None:
            self.kill_the_database()
            return
        self._kill_office()
        self.office_disk.make_read_only()
        try:
            with contextlib.suppress(StepError):  # it says why it can't start, and ends
                self._start_office()
            self.let_pass(0.5)
        finally:
            self.office.kill()
            self.office_disk.make_writable()
        self.befell["head office's file system read-only"] += 1
        self._start_office()

    # --- the account ----------------------------------------------------------------------

    def settle(self, seconds: float = 180) -> Account:
        """Calms down, waits until all that was thanked is home, and counts."""
        self.calm = True
        for shop in self.shops:
            (shop.folder / "quiet").touch()
            shop.kill()  # quiet before: what it had in hand is told or not, as in any kill
            self.befell["kill -9 of a kiosk"] += 1
            self._open(shop)
        with contextlib.suppress(StepError):  # then the account tells what is missing
            wait_until(self._all_home, "everything to come home", seconds=seconds)
        time.sleep(2)  # what would double does so now
        self.office.repair_times()
        return self._account()

    def _all_home(self) -> bool:
        time.sleep(0.2)
        if any(shop.waiting() != 0 for shop in self.shops):
            return False
        thanked = set().union(*(shop.thanked() for shop in self.shops))
        return not thanked - self.gone - databases.counted(self.database).keys()

    def _account(self) -> Account:
        account = Account(gone=self.gone, clones=self.clones)
        met: Callable[[Shop], list[str]] = lambda shop: shop.all_said("met")  # noqa: E731
        for shop in self.shops:
            account.thanked |= shop.thanked()
            account.turned_away |= {line.split()[0] for line in shop.all_said("refused")}
            account.faults.update(met(shop))
        account.counted = databases.counted(self.database)
        account.rolled_up = databases.rolled_up(self.database)
        account.counted_again = databases.counted_again(self.database)
        account.alarms = self.alarms + databases.clone_alarms(self.database)
        account.ahead = databases.dated_ahead(self.database)
        account.faults.update(self.befell)
        for line in self.lines.values():
            account.faults.update({f.value: n for f, n in line.met.items() if f is not Fault.NONE})
        if not self.mounts:
            for what in ("full disks", "read-only file systems"):
                account.not_tried[what] = NEEDS_ROOT
        return account


def _refill(folder: Path, source: Path) -> None:
    """Put the files of one folder in the place of another's; both stay where they are."""
    for old in folder.iterdir():
        old.unlink()
    for file in source.iterdir():
        shutil.copy2(file, folder / file.name)
