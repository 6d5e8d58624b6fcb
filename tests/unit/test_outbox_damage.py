"""A damaged page of the outbox, whichever it is: everything arrives, or it is told what is lost."""

import os
import shutil
from pathlib import Path

import pytest
from fakes import FakeClock, answer

from kiosk.commands.status import describe_status, read_status
from sync.outbox.salvage import acknowledge_salvages, unseen_salvages
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

PAGE = 4096
STORED = 60
DELIVERED = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A closed outbox of some pages, a third of it delivered, and who answered."""
    folder = tmp_path_factory.mktemp("whole")
    with SqliteOutbox.open(folder) as outbox:
        outbox.remember_questionnaire("a" * 64, b"{}" * 5000)
        bodies = [answer() for _ in range(STORED)]
        for body in bodies:
            outbox.append([body], FakeClock().moment())
        outbox.settle(outbox.position().installation, DELIVERED, (), 1)
    return folder, [body.response for body in bodies]


def pages(whole: tuple[Path, list[str]]) -> int:
    return (whole[0] / DATABASE).stat().st_size // PAGE


@pytest.mark.parametrize("filling", [b"\0" * PAGE, b"\xff" * PAGE, os.urandom(PAGE)])
def test_no_page_is_damaged_in_silence(
    whole: tuple[Path, list[str]], tmp_path: Path, filling: bytes
) -> None:
    folder, responses = whole
    assert pages(whole) > 15
    costs = set()
    for page in range(pages(whole)):
        data = tmp_path / str(page)
        shutil.copytree(folder, data)
        with (data / DATABASE).open("r+b") as file:
            file.seek(page * PAGE)
            file.write(filling)
        with SqliteOutbox.open(data) as outbox:
            kept = {m.body.response for m in outbox.next_batch(1000, 10**9)}
            kept |= {str(each.body and each.body.response) for each in outbox.quarantine()}
            told = unseen_salvages(outbox)
        lost = len(set(responses[DELIVERED:]) - kept)
        assert told or not lost, f"page {page + 1} cost {lost} answers in silence"
        if not told:
            continue
        (record,) = told
        assert (data / record.file).exists()
        # What is lost is named, or it is said that nobody knows; never less than nothing.
        assert record.lost is None or record.lost == lost, f"page {page + 1}"
        costs.add(record.lost)
    assert {0, None} <= costs
    assert any(costs)


def test_what_it_cost_is_told_until_somebody_has_seen_it(tmp_path: Path) -> None:
    with SqliteOutbox.open(tmp_path) as outbox:
        outbox.append([answer()], FakeClock().moment())
    for count in (1, 2):
        (tmp_path / DATABASE).write_bytes(b"not a database" * 1000)
        with SqliteOutbox.open(tmp_path) as outbox:
            # The record of the first was in the file that is damaged then.
            files = [f"outbox.damaged-{n}.sqlite3" for n in range(1, count + 1)]
            assert files == [each.file for each in unseen_salvages(outbox)]
    with SqliteOutbox.open(tmp_path) as outbox:
        assert 2 == len(unseen_salvages(outbox))
        said = describe_status(read_status(None, tmp_path))
        assert "nobody knows how many messages are lost" in said
        assert "outbox.damaged-2.sqlite3" in said
        acknowledge_salvages(outbox)
        assert () == unseen_salvages(outbox)
    assert "damaged" not in describe_status(read_status(None, tmp_path))
