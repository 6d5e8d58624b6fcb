"""When another configuration or questionnaire comes into force: never while somebody is there."""

from pathlib import Path

import msgspec
import pytest
from configuring_office import document
from fakes import HEAD_OFFICE, KIOSK, FakeClock, answer
from msgspec import structs

from config.loader import load_questionnaire
from config.settings import Settings
from kiosk.configuration.effect import Effect, ScheduledQuestionnaire
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial, find_start
from kiosk.configuration.store import GOOD, ConfigurationStore
from kiosk.configuration_service import QUIET_MS, ConfigurationPorts, ConfigurationService
from kiosk.overrides import QuestionnaireInUse
from kiosk.troubles import TroubleBoard
from sync.configuration import Configuration
from sync.errors import OutboxClosedError
from sync.identity import Identity, save_identity
from sync.messages import Message

CHRISTMAS = QuestionnaireInUse.of(structs.replace(load_questionnaire("checkout"), id="christmas"))
IDENTITY = Identity(kiosk=KIOSK, credential="c", place="", head_office=HEAD_OFFICE, url="http://x")


class Bench:
    """A service whose kiosk is noted down."""

    def __init__(self, data: Path, effect: Effect | None = None) -> None:
        save_identity(data, IDENTITY)
        self.data, self.clock = data, FakeClock()
        self.assigned: list[QuestionnaireInUse | None] = []
        self.remembered: list[QuestionnaireInUse] = []
        self.switches = 0
        self.is_closed = False
        begin_trial(data, "boot", 1)
        start = find_start(data, Settings())
        self.reports = 0
        ports = KeeperPorts(
            own=Settings(), questionnaire=None, panel_mm=lambda: None, report=self._report
        )
        self.keeper = StoredConfigurations(data, start, TroubleBoard(), ports)
        self.service = ConfigurationService(
            self.keeper,
            effect or start.effect,
            None,
            self.clock,
            ConfigurationPorts(
                assign=self.assigned.append,
                remember=self._remember,
                switch=self._switch,
                wall_ms=lambda: self.clock.wall_ms,
            ),
        )

    def _report(self) -> None:
        self.reports += 1

    def _remember(self, in_use: QuestionnaireInUse) -> None:
        if self.is_closed:
            raise OutboxClosedError
        self.remembered.append(in_use)

    def _switch(self) -> None:
        self.switches += 1

    def take(self, volume: float) -> None:
        body = document(settings={"sound": {"volume": volume}})
        self.keeper.take(body, msgspec.json.decode(body, type=Configuration))

    def look(self, passed_ms: int = 0) -> int:
        """How often it has asked for a restart so far."""
        self.clock.advance(passed_ms)
        self.service.look()
        return self.switches


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_it_waits_until_nobody_has_touched_the_screen_for_a_while(bench: Bench) -> None:
    bench.take(0.1)
    assert [0, 0] == [bench.look(), bench.look(QUIET_MS - 1)]
    bench.service.note_touch()
    assert [0, 0, 1] == [bench.look(1), bench.look(QUIET_MS - 2), bench.look(1)]


def test_a_restart_that_did_not_come_is_asked_for_again_and_not_all_the_time(
    bench: Bench,
) -> None:
    bench.take(0.1)
    assert [1, 1, 1, 2] == [
        bench.look(QUIET_MS), bench.look(2_000), bench.look(27_999), bench.look(1)
    ]  # fmt: skip


def test_a_restart_that_the_head_office_asks_for_waits_as_well(bench: Bench) -> None:
    bench.service.note_touch()
    bench.service.ask_restart()
    assert [0, 0, 1] == [bench.look(), bench.look(QUIET_MS - 1), bench.look(1)]


def test_nothing_restarts_where_nothing_has_changed(bench: Bench) -> None:
    assert 0 == bench.look(3_600_000)


def scheduled(begins_ms: int, ends_ms: int) -> Effect:
    return Effect(Settings(), schedule=(ScheduledQuestionnaire(CHRISTMAS, begins_ms, ends_ms),))


def test_a_questionnaire_begins_and_ends_at_its_time_without_a_restart(tmp_path: Path) -> None:
    now = FakeClock().wall_ms
    bench = Bench(tmp_path, scheduled(now + 1_000, now + 2_000))
    for _ in range(4):
        assert 0 == bench.look(500)
    assert ([CHRISTMAS, None], [CHRISTMAS]) == (bench.assigned, bench.remembered)


def test_it_is_not_asked_before_answers_can_refer_to_it(tmp_path: Path) -> None:
    now = FakeClock().wall_ms
    bench = Bench(tmp_path, scheduled(now, now + 10_000))
    bench.is_closed = True
    bench.look()
    assert [] == bench.assigned
    bench.is_closed = False
    bench.look()
    assert [CHRISTMAS] == bench.assigned


def message(**fields: object) -> Message:
    return Message(1, FakeClock().moment(), structs.replace(answer(), **fields))


def test_an_answer_of_a_test_or_before_the_faces_proves_nothing(bench: Bench) -> None:
    bench.service.note_answers([message()])
    bench.service.note_faces()
    bench.service.note_answers([message(test=True)])
    assert not bench.service._is_proven
    bench.service.note_answers([message(test=True), message()])
    assert bench.service._is_proven


def test_each_step_of_a_trial_is_reported_at_once(tmp_path: Path) -> None:
    Bench(tmp_path).take(0.1)
    bench = Bench(tmp_path)
    bench.keeper.show()
    bench.keeper.prove()
    assert 2 == bench.reports
    assert ConfigurationStore(tmp_path).find(GOOD) is not None
