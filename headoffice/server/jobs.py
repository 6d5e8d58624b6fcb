"""What the head office does by itself from time to time; a line of ``JOBS`` for each such thing.

One worker of an installation does it all, and another goes on when that one dies:

1. Each worker waits, in a thread of its own, for a lock on a file in the data folder. The kernel
   gives it to one of them, and to the next as soon as that process has ended, however it did.
2. On PostgreSQL several machines may serve one database: who holds the file asks for an advisory
   lock too, which belongs to its session, and looks again later if another machine has it.
3. Who holds both does what is due, everything at once after a change of hands. Jobs are made for
   that: each does what is left to do, in transactions, and finds nothing the second time.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from headoffice import clock
from headoffice.accounts import known_places, sessions, throttle
from headoffice.configuration import progress, targets
from headoffice.db.lock_file import open_lock_file
from headoffice.db.queries import fetch_all
from headoffice.export import download
from headoffice.fleet import commands, history
from headoffice.ingest import late_check
from headoffice.messages import contacts
from headoffice.rollups import area_sums
from headoffice.timekeeping.guard import GUARD, lived_ms

LOCK_FILE = "jobs.lock"
ADVISORY_LOCK = 0x68796A6F6273  # "hyjobs"
LOOK_EVERY_S = 10.0
"""How soon another machine goes on after the one that did the jobs is gone."""
LOOK_IN_DOUBT_S = 2.0
_log = logging.getLogger("headoffice.server")


class Job(NamedTuple):
    """Something that is done once in a while, by one process of an installation."""

    name: str
    every_s: float
    work: Callable[[], object]
    """May be interrupted at any point, and done again at once."""
    in_doubt: bool = False
    """Whether it is done while the clock is in doubt too."""


def _erase_contact_keys() -> None:
    contacts.erase_expired_keys(lived_ms())


JOBS = (
    Job("keeping time", 60.0, GUARD.keep_time, in_doubt=True),
    Job("sums of areas", 60.0, area_sums.sum_areas),
    Job("progress of roll-outs", 60.0, progress.evaluate_all),
    Job("configuration of kiosks that stand elsewhere", 300.0, targets.follow_moves),
    Job("comparison with late definitions", 60.0, late_check.check_late_answers),
    Job("erasure of contact keys", 3600.0, _erase_contact_keys),
    Job("removal of sessions that are over", 3600.0, sessions.remove_expired_sessions),
    Job("end of files that nobody makes any more", 60.0, download.end_abandoned_files),
    Job("removal of old tries", 600.0, throttle.forget_old_tries),
    Job("end of commands that no kiosk asked for", 600.0, commands.end_old_commands),
    Job("removal of what kiosks were long ago", 86_400.0, history.forget_old_changes),
    Job("removal of old known places", 3600.0, known_places.forget_old_places),
)


def run_jobs(jobs: tuple[Job, ...] = JOBS) -> None:
    """Do the jobs of this installation, while no other process does; never returns."""
    pause = threading.Event()
    with _lock_of_this_machine(settings.DATA):
        due = dict.fromkeys(jobs, clock.mono())
        while True:
            pause.wait(_run_due(due))


def _run_due(due: dict[Job, float]) -> float:
    """Do what is due, if it is for this process to do; seconds until the next look."""
    try:
        if not _is_ours():
            # Not kept meanwhile: connections are counted, see docs/scaling.md.
            connection.close()
            return LOOK_EVERY_S
    except DatabaseError:
        connection.close()
        return LOOK_EVERY_S
    is_in_doubt = _is_clock_in_doubt()
    for job, at in due.items():
        if at <= clock.mono() and (job.in_doubt or not is_in_doubt):
            due[job] = clock.mono() + job.every_s
            _run(job)
    if is_in_doubt:
        return LOOK_IN_DOUBT_S
    return min(LOOK_EVERY_S, max(0.0, min(due.values()) - clock.mono()))


def _is_clock_in_doubt() -> bool:
    try:
        objection = GUARD.objection()
    except (DatabaseError, InterfaceError):
        # What a job needs is away too.
        connection.close()
        return True
    GUARD.log_changes()
    return objection is not None


def _run(job: Job) -> None:
    try:
        job.work()
    except Exception:  # noqa: BLE001 - one that fails may not end the others
        _log.exception("%s failed; again in %.0f s", job.name, job.every_s)
    finally:
        close_old_connections()


@contextmanager
def _lock_of_this_machine(folder: Path) -> Iterator[None]:
    file = open_lock_file(folder / LOCK_FILE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _is_ours() -> bool:
    """Whether the jobs of this database are for this process; asked anew, as sessions may end."""
    if connection.vendor != "postgresql":
        return True
    return bool(fetch_all("SELECT pg_try_advisory_lock(%s)", ADVISORY_LOCK)[0][0])
