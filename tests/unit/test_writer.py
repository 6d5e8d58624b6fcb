"""The thread that puts answers on the disk."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.errors import WriterStoppedError
from kiosk.writer import Writer
from sync.errors import OutboxFullError
from sync.messages import AnswerBody, Body, Message, Moment
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox

MOMENT = Moment(wall_ms=1_700_000_000_000, boot="0b0a0c0d-0000-4000-8000-000000000001", mono_ms=5)
PATIENCE_S = 10.0


def answer(number: int) -> AnswerBody:
    return AnswerBody(
        response=f"01900000-0000-7000-8000-{number:012x}",
        questionnaire="a" * 64,
        language="en",
        question="rating",
        value=2,
        took_ms=1000,
    )


class Notebook:
    """Keeps what the writer reports, in order."""

    def __init__(self) -> None:
        self.entries: queue.Queue[tuple[str, object]] = queue.Queue()
        self.outbox: Outbox | None = None
        self.threads: set[str] = set()

    def on_open(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self._write("opened", None)

    def on_commit(self, ticket: int, messages: tuple[Message, ...]) -> None:
        self._write("stored", (ticket, messages))

    def on_store_failure(self, ticket: int, error: Exception) -> None:
        self._write("failed", (ticket, type(error)))

    def on_storage_unavailable(self, error: Exception) -> None:
        self._write("unavailable", type(error))

    def _write(self, what: str, facts: object) -> None:
        self.threads.add(threading.current_thread().name)
        self.entries.put((what, facts))

    def next(self) -> tuple[str, object]:
        return self.entries.get(timeout=PATIENCE_S)


@pytest.fixture
def notebook() -> Iterator[Notebook]:
    notebook = Notebook()
    yield notebook
    if notebook.outbox is not None:
        notebook.outbox.close()


class FullDisk:
    """A real outbox on a disk that is full for the first few attempts."""

    def __init__(self, real: SqliteOutbox, failures: int) -> None:
        self._real = real
        self._failures = failures

    def append(self, bodies: tuple[Body, ...], moment: Moment) -> tuple[Message, ...]:
        if self._failures:
            self._failures -= 1
            raise OutboxFullError
        return self._real.append(bodies, moment)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


def test_stored_is_reported_once_it_is_on_the_disk(tmp_path: Path, notebook: Notebook) -> None:
    writer = Writer(lambda: SqliteOutbox.open(tmp_path))
    writer.start(notebook)
    writer.submit(7, (answer(1),), MOMENT)
    assert ("opened", None) == notebook.next()
    what, facts = notebook.next()
    assert ("stored", (7, (Message(1, MOMENT, answer(1)),))) == (what, facts)
    with SqliteOutbox.look(tmp_path) as another:
        assert (Message(1, MOMENT, answer(1)),) == another.next_batch(10, 100_000)
    assert writer.stop(PATIENCE_S)
    assert {"writer"} == notebook.threads


def test_stop_commits_everything_that_was_submitted(tmp_path: Path, notebook: Notebook) -> None:
    writer = Writer(lambda: SqliteOutbox.open(tmp_path))
    writer.start(notebook)
    for number in range(1, 41):
        writer.submit(number, (answer(number),), MOMENT)
    assert writer.stop(PATIENCE_S)
    with SqliteOutbox.look(tmp_path) as another:
        assert 40 == another.position().last_seq


def test_nothing_is_taken_after_the_stop(tmp_path: Path, notebook: Notebook) -> None:
    writer = Writer(lambda: SqliteOutbox.open(tmp_path))
    writer.start(notebook)
    writer.stop(PATIENCE_S)
    with pytest.raises(WriterStoppedError, match="not taken"):
        writer.submit(1, (answer(1),), MOMENT)


def test_stop_before_the_start_is_fine(tmp_path: Path) -> None:
    assert Writer(lambda: SqliteOutbox.open(tmp_path)).stop(0.0)


def test_full_disk_is_reported_and_survived(tmp_path: Path, notebook: Notebook) -> None:
    def open_outbox() -> Outbox:
        return FullDisk(SqliteOutbox.open(tmp_path), failures=2)  # type: ignore[return-value]

    writer = Writer(open_outbox)
    writer.start(notebook)
    for ticket in (1, 2, 3):
        writer.submit(ticket, (answer(1),), MOMENT)
    assert ("opened", None) == notebook.next()
    assert ("failed", (1, OutboxFullError)) == notebook.next()
    assert ("failed", (2, OutboxFullError)) == notebook.next()
    assert ("stored", (3, (Message(1, MOMENT, answer(1)),))) == notebook.next()
    writer.stop(PATIENCE_S)


def test_outbox_that_does_not_open_is_tried_again(tmp_path: Path, notebook: Notebook) -> None:
    missing = [OSError("no such disk"), OSError("still none")]

    def open_outbox() -> Outbox:
        if missing:
            raise missing.pop()
        return SqliteOutbox.open(tmp_path)

    writer = Writer(open_outbox)
    writer.start(notebook)
    assert ("unavailable", OSError) == notebook.next()
    writer.submit(1, (), MOMENT)
    assert ("failed", (1, OSError)) == notebook.next()
    writer.submit(2, (), MOMENT)
    assert ("opened", None) == notebook.next()
    assert ("stored", (2, ())) == notebook.next()
    writer.stop(PATIENCE_S)


def test_submit_does_not_wait_for_a_disk_that_hangs(tmp_path: Path, notebook: Notebook) -> None:
    disk = threading.Event()

    def open_outbox() -> Outbox:
        disk.wait(PATIENCE_S)
        return SqliteOutbox.open(tmp_path)

    writer = Writer(open_outbox)
    writer.start(notebook)
    writer.submit(1, (answer(1),), MOMENT)
    assert notebook.entries.empty()
    assert not writer.stop(0.05)
    disk.set()
    assert writer.stop(PATIENCE_S)
    assert ["opened", "stored"] == [notebook.next()[0], notebook.next()[0]]
