"""The threads of a worker that run the application, so shared out that nobody waits for all.

A fixed number of threads, each with its own connection to the database. What waits stands in the
lane of its kind, and each thread serves certain lanes in a certain order: pages can't take the
last threads from kiosks, and checking passwords, which takes a third of a second of a core each
time, has one thread and no more.
"""

import logging
import threading
from collections import deque
from enum import Enum
from queue import SimpleQueue
from typing import Protocol

KIOSKS = "/api/kiosk/"
_log = logging.getLogger("headoffice.server")


class Job(Protocol):
    """What one request wants done."""

    def is_wanted(self) -> bool:
        """Whether anybody still waits for it; from any thread."""

    def run(self) -> None:
        """All of it; next to nothing if nobody waits for it."""


class Lane(Enum):
    """What kind of work it is; the value says how much of it may wait in one worker."""

    KIOSKS = 500
    PAGES = 200
    PASSWORDS = 40


THREADS: tuple[tuple[Lane, ...], ...] = (
    *[(Lane.KIOSKS,)] * 2,
    *[(Lane.KIOSKS, Lane.PAGES)] * 5,
    (Lane.PASSWORDS,),
)
"""Which lanes each thread serves, the first one first."""


def lane_of(method: str, path: str) -> Lane:
    """Where a request to this address belongs."""
    if path.startswith(KIOSKS) or path == "/metrics":
        return Lane.KIOSKS
    if method == "POST" and (path in ("/login", "/password") or path.startswith("/people/")):
        return Lane.PASSWORDS
    return Lane.PAGES


class Lanes:
    """Takes jobs from one thread and has them done by others."""

    def __init__(self, threads: tuple[tuple[Lane, ...], ...] = THREADS) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Lane, deque[Job]] = {lane: deque() for lane in Lane}
        self._threads = [_Thread(self, number, lanes) for number, lanes in enumerate(threads)]
        self._idle = list(self._threads)

    def start(self) -> None:
        """Begin; the threads end with their process."""
        for thread in self._threads:
            thread.start()

    def submit(self, lane: Lane, job: Job) -> bool:
        """Have it done; False if too much of this kind waits already.

        What nobody waits for any more makes room.
        """
        gone: list[Job] = []
        try:
            with self._lock:
                for thread in self._idle:
                    if lane in thread.lanes:
                        self._idle.remove(thread)
                        thread.inbox.put(job)
                        return True
                waiting = self._waiting[lane]
                if len(waiting) >= lane.value:
                    gone = [waits for waits in waiting if not waits.is_wanted()]
                    for each in gone:
                        waiting.remove(each)
                if len(waiting) >= lane.value:
                    return False
                waiting.append(job)
                return True
        finally:
            for each in gone:
                each.run()

    def next_job(self, thread: "_Thread") -> Job:
        """What waits for this thread; waits for it itself if there is nothing."""
        with self._lock:
            for lane in thread.lanes:
                if self._waiting[lane]:
                    return self._waiting[lane].popleft()
            # The last to become idle is the first to be asked: its connection is still warm.
            self._idle.insert(0, thread)
        return thread.inbox.get()


class _Thread(threading.Thread):
    def __init__(self, lanes: Lanes, number: int, served: tuple[Lane, ...]) -> None:
        super().__init__(name=f"requests-{number}", daemon=True)
        self.lanes, self.inbox = served, SimpleQueue[Job]()
        self._all = lanes

    def run(self) -> None:
        job = self.inbox.get()
        while True:
            try:
                job.run()
            except Exception:  # noqa: BLE001 - the thread is for those that follow, too
                _log.exception("A request ended with an error")
            # Nothing of it is kept while the next one is waited for.
            del job
            job = self._all.next_job(self)
