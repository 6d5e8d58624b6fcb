"""Whose turn it is to write.

SQLite has one writer at a time. A second one asks again and again with growing pauses, so that two
busy kiosks would leave the disk idle most of the time; waiting in line costs nothing. Other
processes, such as a back-up, are still waited for by SQLite itself.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

WAIT_S = 20.0
_turn = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction that writes; OperationalError if the turn does not come within WAIT_S."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    if not _turn.acquire(timeout=WAIT_S):
        raise OperationalError("another writer has not come to an end")
    try:
        with transaction.atomic():
            yield
    finally:
        _turn.release()
