"""A head office whose clock is wrong for a while: nothing is lost, and nothing is dated by it."""

import sqlite3
from contextlib import closing

import pytest
from operations.night import Entry, Night

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(300)]
DAY_MS = 86_400_000
KEEP_MS, KEEP_MESSAGES = 90 * DAY_MS, 1_000_000


def keeps_all(night: Night, number: int) -> bool:
    """Whether retention takes nothing of what this kiosk has stored."""
    kiosk = night.kiosks[number]
    kiosk.outbox.trim(KEEP_MS, KEEP_MESSAGES)
    file = night.folder / f"kiosk{number}" / "outbox.sqlite3"
    with closing(sqlite3.connect(file, timeout=30)) as outbox:
        (stored,) = outbox.execute("SELECT count(*) FROM message").fetchone()
    return bool(stored == len(kiosk.thanked))


def wrong_for_a_while(night: Night, entry: Entry, days: int) -> None:
    """Serve with a wrong clock between two right ones, with retention everywhere, then restore."""
    copy = night.folder / "copy"
    made = night.command("backup", str(copy))
    entry.check(made.returncode == 0, made.stderr[-200:])
    entry.check(night.deliver(), "kiosks can't deliver before")
    night.end()
    night.at_another_time(days)
    # It may refuse to start, or start and take nothing in.
    try:
        night.begin()
    except Exception as error:  # noqa: BLE001 - told in the account
        entry.check("clock" in str(error), f"it does not start, and says {str(error)[-200:]}")
    for _ in range(3):
        night.try_to_deliver()
    said = night.office.said()
    entry.check("clock" in said, f"it says nothing of its clock: {said[-200:]}")
    for number in range(2):
        entry.check(keeps_all(night, number), "a kiosk threw copies away")
    night.office.kill()
    night.at_another_time(0)
    night.begin()
    entry.check(night.deliver(), "kiosks can't deliver when the clock is right again")
    for number in range(2):
        entry.check(keeps_all(night, number), "a kiosk threw copies away later")
    future = night.ask(
        "SELECT count(*) FROM ingest_storedmessage WHERE happened_ms > 1830000000000"
    )
    entry.check(future[0][0] == 0, f"{future[0][0]} answers are dated in the future")
    night.end()
    put_back = night.command("restore", str(copy))
    entry.check(put_back.returncode == 0, put_back.stderr[-300:])
    night.settle(entry)


def test_a_clock_a_year_ahead_and_a_restore_after_it(night: Night, entry: Entry) -> None:
    wrong_for_a_while(night, entry, 365)


def test_a_clock_a_year_and_91_days_back_and_a_restore_after_it(night: Night, entry: Entry) -> None:
    wrong_for_a_while(night, entry, -456)


def test_a_clock_a_day_ahead_and_a_restore_after_it(night: Night, entry: Entry) -> None:
    """Too little to be absurd."""
    copy = night.folder / "copy"
    night.command("backup", str(copy))
    night.end()
    night.at_another_time(1)
    night.begin()
    night.try_to_deliver()
    night.office.kill()
    night.at_another_time(0)
    night.begin()
    entry.check(night.deliver(), "kiosks can't deliver when the clock is right again")
    for number in range(2):
        entry.check(keeps_all(night, number), "a kiosk threw copies away")
    night.end()
    put_back = night.command("restore", str(copy))
    entry.check(put_back.returncode == 0, put_back.stderr[-300:])
    night.settle(entry)
