"""Copies: put back by the book, killed while they are made, damaged, of nothing."""

import random
import signal
import subprocess

import pytest
from attack.stage import MeaningWell
from operations.night import Entry, Night

from sync.enrolment import enrol

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]


def rejoin(night: Night, kiosk: MeaningWell, place: str) -> None:
    """Staff type the code that they were given."""
    code = night.office.enrolment_code(place)
    installation = kiosk.outbox.position().installation
    kiosk.identity = enrol(code, night.office.url, installation=installation, version="night")


def test_a_copy_put_back_by_the_book(night: Night, entry: Entry) -> None:
    """A kiosk joined after it was made, and everybody delivered."""
    copy = night.folder / "copy"
    made = night.command("backup", str(copy))
    entry.check(made.returncode == 0, made.stderr[-200:])
    night.join("Till 3")
    entry.check(night.deliver(), "kiosks can't deliver before")
    night.refused(entry, "restore", str(copy), because="")
    night.end()
    put_back = night.command("restore", str(copy))
    entry.check(put_back.returncode == 0, put_back.stderr[-300:])
    entry.check("Till 3" in put_back.stdout, "the kiosk that joined since is not named")
    night.begin()
    night.try_to_deliver()
    rejoin(night, night.kiosks[2], "Till 3")
    night.settle(entry)


def test_back_ups_that_are_killed(night: Night, entry: Entry) -> None:
    copies = night.folder / "copies"
    copies.mkdir()
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    for number in range(6):
        night.tap(40)
        process = subprocess.Popen(
            [night.office.program, "backup", str(copies / f"{number}.copy"),
             "--data", str(night.data)],
            env=night.office.env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            process.wait(chance.uniform(0.3, 3.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    last = night.command("backup", str(copies / "last.copy"))
    entry.check(last.returncode == 0, last.stderr[-200:])
    for file in copies.iterdir():
        whole = night.command("verify-backup", str(file))
        entry.check(whole.returncode == 0, f"{file.name} stands there and is not whole")
        entry.check(file.suffix == ".copy", f"{file.name} was left behind")
    night.settle(entry)


def test_a_damaged_copy(night: Night, entry: Entry) -> None:
    copy = night.folder / "copy"
    night.command("backup", str(copy))
    whole = copy.read_bytes()
    night.end()
    chance = random.Random(2)  # noqa: S311 - repeatable, not secret
    damaged = [b"", whole[: len(whole) // 2], whole[:-4096], b"SQLite format 3\0" + whole[:100]]
    for _ in range(2):
        bytes_ = bytearray(whole)
        bytes_[chance.randrange(len(whole) // 4, len(whole))] ^= 0x10
        damaged.append(bytes(bytes_))
    for number, content in enumerate(damaged):
        bad = night.folder / f"bad-{number}"
        bad.write_bytes(content)
        night.refused(entry, "verify-backup", str(bad), because="")
        night.refused(entry, "restore", str(bad), because="")
    night.settle(entry)


def test_a_copy_of_nothing(night: Night, entry: Entry) -> None:
    """Of a head office to which nothing was delivered, and of none at all."""
    other = Night.__new__(Night)
    other.folder, other.server, other.kiosks, other.databases = (
        night.folder / "other", night.server, [], []
    )  # fmt: skip
    other.office = type(night.office)(other.folder, database_url=night.new_database())
    other.refused(entry, "backup", str(night.folder / "none"), because="no head office")
    other.begin()
    other.refused(entry, "backup", str(night.folder / "nothing"), because="")
    other.refused(entry, "rebuild-rollups", "--check", because="nothing was compared")
    other.end()
    night.settle(entry)
