"""The real program, started by a clock that is wrong, between two right ones."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
import wrong_clock
from office import DIGEST, Device, ServedOffice, answer, moment
from processes import wait_until
from test_export_files import DEFINITION
from test_export_files import DIGEST as CONTACT_DIGEST

from config.values import ContactDetails
from sync.messages import Heartbeat, OutboxReport

pytestmark = [pytest.mark.e2e]
YEAR_S = 365 * 86_400
engines = pytest.mark.parametrize(
    "served", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def count(served: ServedOffice, query: str) -> int:
    if served.database:
        with psycopg.connect(served.database) as server:
            found = server.execute(query.encode()).fetchone()
    else:
        with closing(sqlite3.connect(served.folder / "headoffice.sqlite3")) as file:
            found = file.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def deliver(served: ServedOffice, device: Device, seq: int, value: Any = 2) -> tuple[int, Any]:
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    more = {} if value == 2 else {"question": "who", "questionnaire": CONTACT_DIGEST}
    return served.send("batches", device.batch(answer(seq, value, **more)), **bearer)


def beat(served: ServedOffice, device: Device) -> int:
    bearer: dict[str, Any] = {"Authorization": f"Bearer {device.credential}"}
    told = Heartbeat(
        installation=device.installation, oldest=1, sent=moment(), version="0.1",
        questionnaire=DIGEST, outbox=OutboxReport(waiting=0, quarantined=0, last_seq=0),
        clock_offset_ms=0,
    )  # fmt: skip
    return served.send("heartbeats", msgspec.json.encode(told), **bearer)[0]


@engines
def test_a_clock_that_is_a_year_ahead_for_a_while_leaves_nothing_behind(
    served: ServedOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [served.enrol(f"Shop {n}") for n in (1, 2)]
    bearer: dict[str, Any] = {"Authorization": f"Bearer {devices[0].credential}"}
    served.send(f"questionnaires/{CONTACT_DIGEST}", DEFINITION, "PUT", **bearer)
    ann = ContactDetails(True, email="ann@example.org")
    assert 200 == deliver(served, devices[0], 1, ann)[0]
    assert [200, 200] == [beat(served, device) for device in devices]
    keys = "SELECT count(*) FROM ingest_contactkey WHERE day IS NOT NULL"
    runs = "SELECT count(*) FROM timekeeping_clockrun"
    assert 1 == count(served, keys)
    wait_until(lambda: count(served, runs), "the clock to be trusted in writing", seconds=20)
    served.stop()

    for name, value in wrong_clock.environment(tmp_path, YEAR_S).items():
        monkeypatch.setenv(name, value)
    served.start()
    status, problem = deliver(served, devices[0], 2)
    assert (503, "urn:hymio:problem:clock") == (status, problem["type"])
    assert "30" == served.last_headers["Retry-After"]
    assert [503, 503] == [beat(served, device) for device in devices]
    told = served.run("clock")
    assert 1 == told.returncode
    assert "The clock is in doubt" in told.stdout
    served.stop()

    monkeypatch.delenv("PYTHONPATH")
    served.start()
    assert 200 == deliver(served, devices[0], 2)[0]
    assert [200, 200] == [beat(served, device) for device in devices]
    assert 1 == count(served, keys)
    assert 2 == count(served, "SELECT count(*) FROM ingest_storedmessage")
    left = served.run("repair-times")
    assert (0, "Nothing is dated by a wrong clock.\n") == (left.returncode, left.stdout)


@pytest.mark.slow
@engines
def test_a_machine_that_starts_in_the_past_goes_on_when_several_kiosks_agree(
    served: ServedOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written last is of a clock that somebody believed: kiosks know better."""
    devices = [served.enrol(f"Shop {n}") for n in (1, 2, 3)]
    served.stop()
    for name, value in wrong_clock.environment(tmp_path, 40 * 86_400).items():
        monkeypatch.setenv(name, value)
    served.start()
    told = served.run("clock", "--accept", wrong_date(served))
    assert 0 == told.returncode, told.stderr
    wait_until(lambda: deliver(served, devices[0], 1)[0] == 200, "it to be believed", seconds=30)
    served.stop()

    monkeypatch.delenv("PYTHONPATH")
    served.start()
    assert 503 == deliver(served, devices[0], 2)[0]
    assert 503 == beat(served, devices[0])

    def agreed() -> bool:
        return [200] * 2 == [beat(served, device) for device in devices[1:]]

    wait_until(agreed, "kiosks to be believed", seconds=30)
    wait_until(lambda: deliver(served, devices[0], 2)[0] == 200, "every worker", seconds=30)
    mended = served.run("repair-times", "--apply")
    assert 0 == mended.returncode, mended.stderr
    assert "1 messages received by a wrong clock and 1 dated wrongly" in mended.stdout
    assert 0 == served.run("rebuild-rollups", "--check").returncode
    assert 0 == served.run("repair-times").returncode


def wrong_date(served: ServedOffice) -> str:
    """What the machine shows, as somebody may believe it."""
    line = served.run("clock").stdout.splitlines()[0]
    return line.split()[3]
