"""Reads on several connections at once what is handed on in its order.

The engine works out a portion on one core: SQLite without Python's lock, PostgreSQL in a process
for each connection. So the next portions can be made while this one is being sent.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from typing import TypeVar

from django.db import connection

READERS = 2
"""Connections that one download reads on, besides the one of its thread."""
AHEAD = 4
"""Portions that are kept or being read for a download, so that no reader waits for the other."""
A = TypeVar("A")
B = TypeVar("B")


def read_ahead(
    items: Iterable[A], read: Callable[[A], B], *, readers: int
) -> Generator[tuple[A, B], None, None]:
    """Each of what is asked with what was read for it; has to be closed, then no reader is left.

    ``read`` runs in threads with connections of their own. What it raises is raised here, at its
    turn.
    """
    if readers == 0 or connection.in_atomic_block:
        # Within a transaction, because nobody else sees what it has written.
        yield from ((one, read(one)) for one in items)
        return
    # A pool for each thread, since only the thread itself may close its connection.
    pools = [ThreadPoolExecutor(1, "hymio-export") for _ in range(readers)]
    begun: deque[tuple[A, Future[B]]] = deque()
    try:
        for one, pool in zip(items, cycle(pools), strict=False):
            begun.append((one, pool.submit(read, one)))
            if len(begun) == AHEAD:
                before, found = begun.popleft()
                yield before, found.result()
        while begun:
            before, found = begun.popleft()
            yield before, found.result()
    finally:
        for _one, found in begun:
            found.cancel()
        for pool in pools:
            pool.submit(_leave)
        for pool in pools:
            pool.shutdown()


def _leave() -> None:
    # The connection of the thread that runs this.
    connection.close()
