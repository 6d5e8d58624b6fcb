"""Several processes behind one port: they share the work, stand in line, and replace each other."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from office import Device, ServedOffice, answer
from processes import wait_until
from prometheus_client.parser import text_string_to_metric_families

from headoffice.cli import main
from headoffice.db import write_lock
from headoffice.server.serve import usual_workers

HOLDER = """
import fcntl, sys, time
held = [open(path, "a") for path in sys.argv[1:]]
for file in held:
    fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


def figures(office: ServedOffice) -> dict[str, float]:
    with urllib.request.urlopen(f"{office.url}/metrics", timeout=10) as reply:  # noqa: S310 - the test's server
        text = reply.read().decode()
    return {
        ",".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def processor_time(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def at_once(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


class Sender:
    """Delivers a kiosk's backlog, from two ends at the same time."""

    def __init__(self, office: ServedOffice, place: str, batches: int) -> None:
        self.office, self.device = office, office.enrol(place)
        self.bearer = {"Authorization": f"Bearer {self.device.credential}"}
        self.receipts: list[int] = []
        self.bodies = [
            self.device.batch(*(answer(seq, seq % 3) for seq in range(n * 50 + 1, n * 50 + 51)))
            for n in range(batches)
        ]

    def deliver(self, body: bytes) -> None:
        """As a kiosk does: who is cut off, or sent away for a while, comes again."""

        def received() -> bool:
            try:
                status, receipt = self.office.send("batches", body, **self.bearer)
            except (urllib.error.URLError, ConnectionError):
                return False
            if status == 200:
                self.receipts.append(receipt["stored_up_to"])
            return status == 200

        wait_until(received, "a receipt", seconds=30)

    def deliver_all(self) -> None:
        for body in self.bodies:
            self.deliver(body)


@pytest.mark.e2e
@pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True)
def test_workers_share_the_work_and_nothing_counts_twice(served: ServedOffice) -> None:
    senders = [Sender(served, f"Shop {n}", 6) for n in range(3)]
    _parent, *workers = served.pids
    assert usual_workers() == len(workers)
    before = [processor_time(pid) for pid in workers]
    # Every kiosk's batches come twice at the same time, over connections of their own.
    at_once([sender.deliver_all for sender in senders for _ in range(2)])
    assert [600] * 3 == [2 * max(sender.receipts) for sender in senders]
    assert all(processor_time(pid) > was for pid, was in zip(workers, before, strict=True))
    told = figures(served)
    assert (900, 900, 0) == tuple(
        told[f"hymio_messages_total,{outcome}"] for outcome in ("stored", "duplicate", "refused")
    )
    assert 36 == told["hymio_batch_duration_seconds_count,200"]
    assert 36 == told["hymio_batch_duration_seconds_bucket,+Inf,200"]
    checked = served.run("rebuild-rollups", "--check")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.e2e
def test_a_worker_that_is_killed_is_replaced_and_counts_go_on(served: ServedOffice) -> None:
    sender = Sender(served, "Main street", 12)
    sender.deliver(sender.bodies[0])
    before = figures(served)
    parent, first, *_others = served.pids
    delivering = threading.Thread(target=sender.deliver_all)
    delivering.start()
    os.kill(first, signal.SIGKILL)
    delivering.join(60)
    wait_until(lambda: len(served.pids) == 1 + usual_workers(), "another worker", seconds=10)
    assert parent == served.pids[0]
    assert first not in served.pids
    assert 600 == max(sender.receipts)
    after = figures(served)
    assert after["hymio_messages_total,stored"] >= before["hymio_messages_total,stored"] + 500
    assert after["process_cpu_seconds_total"] >= before["process_cpu_seconds_total"]
    assert after["process_start_time_seconds"] == before["process_start_time_seconds"]
    assert served.run("rebuild-rollups", "--check").returncode == 0
    assert 0 == served.stop()


@pytest.mark.e2e
def test_no_worker_outlives_a_head_office_that_was_killed(served: ServedOffice) -> None:
    everybody = served.pids
    assert len(everybody) >= 2
    served.stop(signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, everybody)), "the end of all", seconds=10)


@pytest.mark.parametrize("number", ["0", "33", "-1", "two", ""])
def test_a_wrong_number_of_workers_is_refused(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", f"--workers={number}"])
    assert "from 1 to 32" in capsys.readouterr().err


# --- whose turn it is ---------------------------------------------------------------------

only_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="only SQLite has one writer at a time"
)


def beside_the_database(name: str) -> Path:
    return Path(connection.settings_dict["NAME"]).with_name(name)


@contextmanager
def another_writer(*names: str) -> Iterator["subprocess.Popen[str]"]:
    """A process whose turn it is, and that does not come to an end."""
    paths = [str(beside_the_database(name)) for name in names]
    command = [sys.executable, "-c", HOLDER, *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert "held\n" == holder.stdout.readline()
            yield holder
        finally:
            holder.kill()


@only_sqlite
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["waiting.lock", "writing.lock"])
def test_a_turn_in_another_process_is_waited_for_and_ends_with_it(
    name: str, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    with another_writer(name) as holder:
        monkeypatch.setattr(write_lock, "WAIT_S", 0.05)
        response = device.post("batches", device.batch(answer(1)))
        assert (503, "10") == (response.status_code, response["Retry-After"])
        monkeypatch.undo()
        kill = threading.Timer(0.2, holder.kill)
        kill.start()
        assert 1 == device.deliver(answer(1)).stored_up_to
        kill.join()


@only_sqlite
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_line_that_cannot_be_stood_in_is_told(
    device: Device, caplog: pytest.LogCaptureFixture
) -> None:
    path = beside_the_database("writing.lock")
    path.unlink(missing_ok=True)
    path.mkdir()
    try:
        assert 503 == device.post("batches", device.batch(answer(1))).status_code
        assert f"can't open {path}" in caplog.text
    finally:
        path.rmdir()
    assert 1 == device.deliver(answer(1)).stored_up_to


# --- the one that keeps them --------------------------------------------------------------


@pytest.mark.e2e
@pytest.mark.slow
def test_a_worker_that_stands_still_is_replaced(served: ServedOffice) -> None:
    parent, frozen, *_others = served.pids
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: not is_running(frozen), "the end of the frozen one", seconds=60)
    wait_until(lambda: len(served.pids) == 1 + usual_workers(), "another worker", seconds=10)
    assert parent == served.pids[0]
    assert 0 == served.stop()


@pytest.mark.e2e
def test_workers_that_die_at_once_end_the_program(served: ServedOffice) -> None:
    parent = served.pids[0]
    process = served._process
    assert process is not None
    for _ in range(10):
        for pid in served.pids[1:]:
            os.kill(pid, signal.SIGKILL)
        try:
            code = process.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
        assert (1, False) == (code, is_running(parent))
        return
    raise AssertionError("it went on and on")
