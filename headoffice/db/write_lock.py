"""Whose turn it is to write.

SQLite has one writer at a time. A second one asks again and again with growing pauses, so that two
busy kiosks would leave the disk idle most of the time, and who comes late may never get in. So
writers stand in line, the threads of a process at a lock of its own and the processes at two files
beside the database; the kernel lets go of these when a process dies. Other programs are still
waited for by SQLite itself.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError, connection, transaction

from headoffice import clock
from headoffice.db.failures import TurnTimeoutError
from headoffice.db.lock_file import open_lock_file

WAIT_S = 20.0
ASK_EVERY_S = 0.0002
ASK_FOR_THE_LINE_EVERY_S = 0.001
"""Seldomer: whoever is first in line comes before."""
_threads = threading.Lock()
_preparation = threading.RLock()
_TIMED_OUT = "another writer has not come to an end"


@contextmanager
def exclusive_write() -> Iterator[None]:
    """A transaction that writes; OperationalError if the turn does not come within WAIT_S."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    deadline = clock.mono() + WAIT_S
    if not _threads.acquire(timeout=WAIT_S):
        raise TurnTimeoutError(_TIMED_OUT)
    try:
        with _among_processes(deadline), transaction.atomic():
            yield
    finally:
        _threads.release()


@contextmanager
def one_thread_at_a_time() -> Iterator[None]:
    """One thread at a time on SQLite, for what ends with writing; OperationalError as above.

    Threads share one interpreter: who makes the next delivery ready would hold up who writes.
    Other processes do that meanwhile.
    """
    if connection.vendor != "sqlite":
        yield
        return
    if not _preparation.acquire(timeout=WAIT_S):
        raise TurnTimeoutError(_TIMED_OUT)
    try:
        yield
    finally:
        _preparation.release()


@contextmanager
def _among_processes(deadline: float) -> Iterator[None]:
    beside = Path(connection.settings_dict["NAME"])
    if beside.name == ":memory:" or "mode=memory" in beside.name:
        # In memory: no other process has it.
        yield
        return
    with (
        _locked(
            beside.with_name("waiting.lock"), deadline, ASK_FOR_THE_LINE_EVERY_S
        ) as first_in_line,
        _locked(beside.with_name("writing.lock"), deadline, ASK_EVERY_S),
    ):
        # Held until here, so that who has just written doesn't come before those who wait.
        fcntl.flock(first_in_line, fcntl.LOCK_UN)
        yield


@contextmanager
def _locked(path: Path, deadline: float, every_s: float) -> Iterator[int]:
    # Opened each time: forked processes would share a lock that was opened before.
    try:
        file = open_lock_file(path)
    except OSError as error:
        raise OperationalError(f"can't open {path} ({error.strerror}): nobody can write") from error
    try:
        while not _is_ours(file):
            if clock.mono() > deadline:
                raise TurnTimeoutError(_TIMED_OUT)
            time.sleep(every_s)  # noqa: TID251 - no other process tells when it lets go
        yield file
    finally:
        os.close(file)


def _is_ours(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
