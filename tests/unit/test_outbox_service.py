"""What becomes of answers behind the screen: who is told of a commit, a failure and a full stop."""

from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClock, answer

from config.loader import load_questionnaire
from config.settings import Settings
from kiosk.outbox_service import OutboxService
from kiosk.overrides import QuestionnaireInUse
from kiosk.startup import LAST_GOOD
from kiosk.sync_service import SyncPorts, SyncService
from kiosk.troubles import TroubleBoard
from sync.errors import OutboxInUseError
from sync.messages import EndBody, Trouble
from sync.outbox.sqlite import SqliteOutbox
from sync.outbox.storage import DATABASE

IN_USE = QuestionnaireInUse.of(load_questionnaire("checkout"))
PORTS = SyncPorts(lambda: IN_USE.digest, lambda: True)


class Diary:
    """Display, trace and whoever ends the kiosk: notes in order what each is told."""

    def __init__(self) -> None:
        self.entries: list[tuple[Any, ...]] = []

    def on_commit(self, ticket: int) -> None:
        self.entries.append(("thanks", ticket))

    def on_store_failure(self, ticket: int) -> None:
        self.entries.append(("no thanks", ticket))

    def on_storage_unavailable(self) -> None:
        self.entries.append(("out of order",))

    def note(self, event: str, **facts: object) -> None:
        self.entries.append((event, facts["seq"]))

    def abort(self, error: Exception) -> None:
        self.entries.append(("abort", type(error)))


class IdleSync(SyncService):
    """Notes when it is begun, woken and ended."""

    def __init__(self, folder: Path, diary: Diary) -> None:
        super().__init__(Settings(), folder, FakeClock())
        self._diary = diary

    def start(self, *_args: object) -> None:
        self._diary.entries.append(("sync begins",))

    def wake(self) -> None:
        self._diary.entries.append(("sync wakes",))

    def stop(self, seconds: float) -> bool:
        self._diary.entries.append(("sync ends",))
        return seconds > 0


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def service(tmp_path: Path, diary: Diary) -> OutboxService:
    sync = IdleSync(tmp_path, diary)
    return OutboxService(tmp_path, lambda: IN_USE, sync, diary, TroubleBoard(), reserve_mb=0)


def test_the_shopper_is_thanked_before_the_answer_leaves(
    service: OutboxService, diary: Diary
) -> None:
    service.start(diary, PORTS, diary.abort)
    service.writer.submit(7, (answer(),), FakeClock().moment())
    service.stop()
    assert [
        ("sync begins",), ("stored", 1), ("thanks", 7), ("sync wakes",), ("sync ends",),
    ] == diary.entries  # fmt: skip


def test_the_end_of_a_response_waits_for_company(service: OutboxService, diary: Diary) -> None:
    said = answer()
    end = EndBody(
        response=said.response, questionnaire=said.questionnaire, language="en", outcome="partial"
    )
    service.start(diary, PORTS, diary.abort)
    service.writer.submit(7, (end,), FakeClock().moment())
    service.stop()
    assert ("sync wakes",) not in diary.entries


def test_nothing_leaves_where_nothing_was_stored(service: OutboxService, diary: Diary) -> None:
    service.start(diary, PORTS, diary.abort)
    service.writer.submit(7, (), FakeClock().moment())
    service.stop()
    assert [("sync begins",), ("thanks", 7), ("sync ends",)] == diary.entries


def test_a_questionnaire_is_kept_before_an_answer_can_refer_to_it(
    service: OutboxService, diary: Diary, tmp_path: Path
) -> None:
    service.start(diary, PORTS, diary.abort)
    service.stop()
    with SqliteOutbox.open(tmp_path) as outbox:
        assert IN_USE.definition == outbox.questionnaire(IN_USE.digest)
    assert IN_USE.definition == (tmp_path / LAST_GOOD).read_bytes()


def test_a_failure_is_over_with_the_next_commit(
    service: OutboxService, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    could: list[bool] = []
    real = SqliteOutbox.append
    failures = [OSError("a full disk")]

    def append(outbox: SqliteOutbox, *args: Any) -> Any:
        could.append(service.can_store)
        if failures:
            raise failures.pop()
        return real(outbox, *args)

    monkeypatch.setattr(SqliteOutbox, "append", append)
    service.start(diary, PORTS, diary.abort)
    for ticket in (1, 2):
        service.writer.submit(ticket, (answer(),), FakeClock().moment())
    service.stop()
    assert ([True, False], True) == (could, service.can_store)
    assert [("no thanks", 1), ("stored", 1), ("thanks", 2)] == diary.entries[1:4]


def test_a_second_kiosk_on_the_same_folder_gives_up(
    service: OutboxService, diary: Diary, tmp_path: Path
) -> None:
    with SqliteOutbox.open(tmp_path):
        service.start(diary, PORTS, diary.abort)
        service.stop()
    assert [("abort", OutboxInUseError), ("sync ends",)] == diary.entries


def test_a_disk_that_does_not_open_is_out_of_order_and_no_reason_to_end(
    service: OutboxService, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> SqliteOutbox:
        raise OSError("no such disk")

    monkeypatch.setattr(SqliteOutbox, "open", fail)
    service.start(diary, PORTS, diary.abort)
    service.stop()
    assert [("out of order",), ("sync ends",)] == diary.entries
    assert not service.can_store


def test_the_folder_is_free_after_the_stop(
    service: OutboxService, diary: Diary, tmp_path: Path
) -> None:
    service.start(diary, PORTS, diary.abort)
    service.stop()
    SqliteOutbox.open(tmp_path).close()


def test_what_a_damaged_file_cost_is_reported_until_staff_have_seen_it(
    service: OutboxService, diary: Diary, tmp_path: Path
) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database" * 1000)
    service.start(diary, PORTS, diary.abort)
    service.writer.submit(7, (answer(),), FakeClock().moment())
    assert service.writer.stop(timeout_s=10)
    told = Trouble("outbox_damaged", "outbox.damaged-1.sqlite3")
    assert (told,) == service.troubles.current
    service.acknowledge_damage()
    assert () == service.troubles.current
    service.stop()
