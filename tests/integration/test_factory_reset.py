"""A kiosk that is handed on forgets its shop, and nothing that no head office has."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeClock, answer
from staff_stage import Staff

from config.settings import Settings
from kiosk.cli import main
from kiosk.errors import ResetRefusedError
from kiosk.maintenance.factory_reset import finish_reset, request_reset
from kiosk.options import FAILED, OK
from kiosk.staff import tasks
from kiosk.staff.pin import NAME as PIN_FILE
from kiosk.staff.pin import PinFile, PinRight
from kiosk.staff.results import PinChecked, PinState, ResetState
from sync.messages import Refusal
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE, RESET_MARKER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a kiosk that has delivered everything."""
    data = tmp_path / "data"
    with SqliteOutbox.open(data, reserve_bytes=4096) as outbox:
        outbox.append([answer(), answer()], FakeClock().moment())
        outbox.settle(outbox.position().installation, 2, (), 1)
    PinFile(data, FakeClock()).choose("2580")
    for name in ("identity.json", "staff.json", "last-good-settings.json"):
        (data / name).write_text("{}")
    (data / "questionnaires").mkdir()
    (data / "questionnaires" / "own.toml").write_text("")
    (data / "keep.lock").touch()
    (data / "notes.txt").write_text("somebody else's")
    return data


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_everything_of_the_shop_goes_and_nothing_else(folder: Path) -> None:
    request_reset(folder)
    assert PIN_FILE in names(folder)
    assert finish_reset(folder)
    # Locks may be held meanwhile.
    assert {"keep.lock", "outbox.lock", "notes.txt"} == names(folder)
    assert not finish_reset(folder)
    with SqliteOutbox.open(folder) as outbox:
        assert 0 == outbox.counts().last_seq


def unreadable(folder: Path) -> None:
    (folder / DATABASE).write_bytes(b"no database" * 1000)


def waiting(folder: Path) -> None:
    with SqliteOutbox.open(folder) as outbox:
        outbox.append([answer()], FakeClock().moment())


def refused(folder: Path) -> None:
    with SqliteOutbox.open(folder) as outbox:
        outbox.append([answer()], FakeClock().moment())
        here = outbox.position().installation
        outbox.settle(here, 3, [Refusal(3, "invalid", "no")], 1)


def damaged(folder: Path) -> None:
    (folder / "outbox.damaged-1.sqlite3").write_bytes(b"what could not be read")


@pytest.mark.parametrize("happen", [waiting, refused, damaged, unreadable])
def test_it_is_refused_while_something_undelivered_would_go(
    folder: Path, happen: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    happen(folder)
    before = names(folder)
    with pytest.raises(ResetRefusedError, match="answers would be lost"):
        request_reset(folder)
    assert FAILED == main(["reset", "--data", str(folder)])
    assert "answers would be lost" in capsys.readouterr().err
    assert before <= names(folder)
    assert RESET_MARKER not in names(folder)
    assert OK == main(["reset", "--discard-undelivered", "--data", str(folder)])
    assert DATABASE not in names(folder)


def test_an_answer_that_comes_before_the_restart_keeps_it_from_happening(folder: Path) -> None:
    request_reset(folder)
    waiting(folder)
    assert not finish_reset(folder)
    assert PIN_FILE in names(folder)
    assert RESET_MARKER not in names(folder)


def test_a_power_cut_in_the_middle_is_made_up_for(folder: Path) -> None:
    request_reset(folder)
    (folder / DATABASE).unlink()
    (folder / f"{DATABASE}-wal").write_bytes(b"what was left")
    (folder / "identity.json").unlink()
    assert finish_reset(folder)
    assert {"keep.lock", "outbox.lock", "notes.txt"} == names(folder)


def test_a_kiosk_that_runs_is_reset_with_its_next_start(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with SqliteOutbox.open(folder):
        assert OK == main(["reset", "--data", str(folder)])
        assert "with its next start" in capsys.readouterr().out
        assert PIN_FILE in names(folder)
    assert finish_reset(folder)


def test_where_there_is_no_kiosk_nothing_is_made(tmp_path: Path) -> None:
    assert OK == main(["reset", "--data", str(tmp_path / "nothing")])
    assert [] == list(tmp_path.iterdir())


@pytest.fixture
def staff() -> Staff:
    staff = Staff(FakeClock(), Settings())
    staff.controller.corner_held()
    staff.tell(PinState(is_set=True))
    staff.press(*(f"digit:{d}" for d in "2580"), "confirm")
    staff.tell(PinChecked(PinRight()))
    staff.press("open_page:leave", "open_reset")
    assert tasks.ReadResetState() == staff.tasks[-1]
    return staff


def test_on_the_screen_it_is_asked_twice_and_restarts(staff: Staff) -> None:
    staff.tell(ResetState())
    staff.press("erase_everything")
    assert tasks.RequestReset() not in staff.tasks
    staff.press("erase_everything")
    assert tasks.RequestReset() == staff.tasks[-1]
    staff.tell(ResetState(is_requested=True))
    assert ["restart"] == staff.ended


def test_on_the_screen_it_is_refused_with_the_number(staff: Staff) -> None:
    staff.tell(ResetState(1234))
    assert "bad Not delivered yet: 1,234" in staff.words()
    assert "erase_everything" not in staff.controls()
    staff.tell(ResetState(problem="The disk is full. Free some space."))
    assert "bad The reset is not possible The disk is full." in staff.words()
    staff.press("back")
    assert "staff_leave" == staff.at()
