"""Figures that several processes add up together."""

import os
import signal

from headoffice.telemetry.ledger import Counter, Durations, Ledger


def in_a_worker(ledger: Ledger, counter: Counter, amount: int) -> int:
    """Forks a process that adds something and is killed at once; returns the line it had."""
    reader, writer = os.pipe()
    if not (pid := os.fork()):
        counter.add("stored", amount)
        os.write(writer, bytes([ledger.line, len(list(ledger.processes()))]))
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    line, processes = os.read(reader, 2)
    os.close(reader)
    os.close(writer)
    assert 2 == processes
    return line


def test_what_a_killed_process_counted_stays_and_the_next_goes_on_in_its_line() -> None:
    ledger = Ledger()
    counter = Counter(ledger, ("stored", "refused"))
    counter.add("stored", 1)
    lines = [in_a_worker(ledger, counter, amount) for amount in (10, 100)]
    assert [1, 1] == lines
    assert [("stored", 111), ("refused", 0)] == list(counter.values())
    assert [os.getpid()] == list(ledger.processes())


def test_how_long_it_took_is_sorted_into_buckets_that_add_up() -> None:
    durations = Durations(Ledger(), ("fine", "broken"), (0.5, 1))
    for seconds in (0.25, 0.5, 0.75, 8):
        durations.add("fine", seconds)
    assert [("fine", [("0.5", 2), ("1", 3), ("+Inf", 4)], 9.5)] == list(durations.values())
