"""Periodic work is done by one process of an installation, and goes on when that one dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from office import other_database
from processes import wait_until

from headoffice.server import jobs

WORKER = """
import os, sys
from pathlib import Path
import django
django.setup()
from headoffice.server import jobs

diary = Path(sys.argv[1])

def note():
    with diary.open("a") as file:
        file.write(f"{os.getpid()}\\n")

jobs.LOOK_EVERY_S = 0.2
jobs.run_jobs((jobs.Job("failing", 0.05, lambda: 1 / 0), jobs.Job("note", 0.05, note)))
"""


class Workers:
    """Processes that would all do the jobs of one installation, each writing down when it does."""

    def __init__(self, folder: Path, database: str) -> None:
        self.diary = folder / "diary"
        self.diary.touch()
        self.folder, self._database = folder, database
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, data: str) -> int:
        """One more, with this data folder."""
        place = self.folder / data
        place.mkdir(exist_ok=True)
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "headoffice.settings",
            "HYMIO_DATA": str(place),
            "HYMIO_DATABASE_URL": self._database,
        }
        command = [sys.executable, "-c", WORKER, str(self.diary)]
        process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        self.running[process.pid] = process
        return process.pid

    def kill(self, pid: int) -> None:
        """As for want of memory."""
        process = self.running.pop(pid)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def done_by(self) -> list[int]:
        """Who did the job, time after time."""
        return [int(line) for line in self.diary.read_text().splitlines()]

    def wait_for_more(self, times: int) -> list[int]:
        """Who did it these next times."""
        before = len(self.done_by())
        wait_until(lambda: len(self.done_by()) >= before + times, "the job", seconds=30)
        return self.done_by()[before:]


@pytest.fixture(params=["sqlite", "postgres"])
def workers(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workers]:
    with ExitStack() as stack:
        url = ""
        if request.param == "postgres":
            url = stack.enter_context(other_database(request.getfixturevalue("postgres_url")))
        started = Workers(tmp_path, url)
        yield started
        for pid in list(started.running):
            started.kill(pid)


@pytest.mark.e2e
def test_one_worker_does_the_jobs_and_the_next_one_goes_on_when_it_is_killed(
    workers: Workers,
) -> None:
    pids = {workers.start("data") for _ in range(3)}
    for _ in range(2):
        (first,) = set(workers.wait_for_more(20))
        assert first in pids
        workers.kill(first)
        pids.discard(first)
    assert pids == set(workers.wait_for_more(20))


@pytest.mark.e2e
@pytest.mark.parametrize("workers", ["postgres"], indirect=True)
def test_of_two_machines_with_one_database_one_does_the_jobs(workers: Workers) -> None:
    here = workers.start("here")
    assert {here} == set(workers.wait_for_more(5))
    there = workers.start("there")
    wait_until((workers.folder / "there" / jobs.LOCK_FILE).exists, "the second one", seconds=30)
    assert {here} == set(workers.wait_for_more(40))
    workers.kill(here)
    assert {there} == set(workers.wait_for_more(20))
