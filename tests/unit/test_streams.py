"""The runs of `scripts/test` beside each other: each is told about with its own time."""

import os
import sys
from pathlib import Path

from processes import wait_until
from run_tests import Stream, Streams, streams_of_all


def test_each_stream_has_its_own_time_and_its_own_end(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    env = dict(os.environ)
    waiting = Stream("waiting", ["cat", str(gate)], env, tmp_path)
    failing = Stream("failing", [sys.executable, "-c", "exit(3)"], env, tmp_path)
    streams = Streams([waiting, failing], at_once=2)
    wait_until(lambda: failing in streams.done, "the short one to end", seconds=20)
    assert waiting.code is None
    gate.write_text("at last")
    streams.wait()
    assert [failing, waiting] == streams.done
    assert (3, 0) == (failing.code, waiting.code)
    assert failing.processor_seconds > 0
    assert failing.seconds < waiting.seconds
    longest, shorter = streams.account().splitlines()[-2:]
    assert longest.endswith("  waiting")
    assert shorter.endswith("  failing")


def test_no_more_run_at_once_than_may(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    script = f"echo begun >> {diary}; echo ended >> {diary}"
    streams = Streams(
        [Stream(str(n), ["sh", "-c", script], dict(os.environ), tmp_path) for n in range(3)], 1
    )
    streams.wait()
    assert ["begun", "ended"] * 3 == diary.read_text().split()


def test_an_interruption_ends_what_runs_and_begins_nothing_more(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    env = dict(os.environ)
    first, second = (Stream(name, ["cat", str(gate)], env, tmp_path) for name in "ab")
    streams = Streams([first, second], at_once=1)
    wait_until(lambda: first.begun, "the first to run", seconds=20)
    streams.end()
    assert first.code is not None
    assert first.code < 0
    assert second.code is None


def test_every_test_is_in_a_stream_and_those_in_the_browser_in_one(tmp_path: Path) -> None:
    env = {"HYMIO_TEST_POSTGRES_URL": "postgres://"}
    streams = {s.title: s.command for s in streams_of_all(env, tmp_path, [], fast=False)}
    pages, programs = streams["pages in the browser"], streams["real programs"]
    files = [word for word in pages if word.endswith(".py")]
    assert "tests/integration/test_pages_results.py" in files
    assert {f"--ignore={file}" for file in files} <= set(programs)
    assert not any(f"--ignore={file}" in streams["all others"] for file in files)
