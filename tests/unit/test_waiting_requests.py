"""What may wait for the threads of a worker, and what of it is left out."""

import threading

from headoffice.server.lanes import Lane, Lanes


class Job:
    """One that says whether it was done."""

    def __init__(self, *, wanted: bool = True) -> None:
        self.wanted, self.done = wanted, threading.Event()

    def is_wanted(self) -> bool:
        return self.wanted

    def run(self) -> None:
        self.done.set()


class Held(Job):
    """One that lasts until it is told to end."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end = threading.Event()

    def run(self) -> None:
        self.may_end.wait(20)
        super().run()


def crowded(*waiting: Job) -> tuple[Lanes, Held]:
    """One thread, which is at work, and a lane in which so much waits already."""
    lanes, held = Lanes(((Lane.PASSWORDS,),)), Held()
    lanes.start()
    assert lanes.submit(Lane.PASSWORDS, held)
    assert all(lanes.submit(Lane.PASSWORDS, job) for job in waiting)
    return lanes, held


def test_only_so_much_waits() -> None:
    jobs = [Job() for _ in range(Lane.PASSWORDS.value)]
    lanes, held = crowded(*jobs)
    assert not lanes.submit(Lane.PASSWORDS, Job())
    held.may_end.set()
    assert all(job.done.wait(20) for job in jobs)


def test_what_nobody_waits_for_makes_room() -> None:
    jobs = [Job() for _ in range(Lane.PASSWORDS.value)]
    lanes, held = crowded(*jobs)
    jobs[3].wanted = jobs[20].wanted = False
    late, later, latest = Job(), Job(), Job()
    assert lanes.submit(Lane.PASSWORDS, late)
    # What it holds is given back, as at its turn.
    assert (True, True) == (jobs[3].done.is_set(), jobs[20].done.is_set())
    assert lanes.submit(Lane.PASSWORDS, later)
    assert not lanes.submit(Lane.PASSWORDS, latest)
    held.may_end.set()
    assert all(job.done.wait(20) for job in (*jobs, late, later))
    assert not latest.done.is_set()
