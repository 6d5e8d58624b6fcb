"""What a head office asks for is done at most once, and its result is told."""

import uuid
from collections.abc import Callable

import pytest

from sync.command_inbox import CommandInbox
from sync.commands import Command, CommandReport, CommandResult
from sync.outbox.memory import MemoryOutbox


class Kiosk:
    """An outbox that outlives the program, and what was done."""

    def __init__(self) -> None:
        self.store, self.done = MemoryOutbox(), list[str]()
        self.fails: Exception | None = None
        self.inbox = self.start()

    def start(self) -> CommandInbox:
        """The program begins (again)."""
        self.inbox = CommandInbox(
            self.store, {name: self._action(name) for name in ("restart", "resend")}
        )
        return self.inbox

    def _action(self, name: str) -> Callable[[], str | None]:
        def act() -> str | None:
            self.done.append(name)
            if self.fails is not None:
                raise self.fails
            return None if name == "restart" else "3"

        return act

    def results(self) -> tuple[CommandResult, ...]:
        report = self.inbox.report()
        return () if report is None else report.results

    def tell(self) -> None:
        report = self.inbox.report()
        assert report is not None
        self.inbox.acknowledge(report)


@pytest.fixture
def kiosk() -> Kiosk:
    return Kiosk()


def command(name: str) -> Command:
    return Command(str(uuid.uuid4()), name)


def test_it_says_what_it_knows_until_that_was_heard(kiosk: Kiosk) -> None:
    assert CommandReport(("restart", "resend")) == kiosk.inbox.report()
    kiosk.tell()
    assert kiosk.inbox.report() is None


def test_a_command_is_done_once_however_often_it_comes(kiosk: Kiosk) -> None:
    asked = command("resend")
    for _ in range(3):
        kiosk.inbox.hear([asked])
    assert (CommandResult(asked.id, "done", "3"),) == kiosk.results()
    kiosk.tell()
    kiosk.inbox.hear([asked])
    kiosk.start().hear([asked])
    assert (["resend"], ()) == (kiosk.done, kiosk.results())


def test_a_result_survives_the_program(kiosk: Kiosk) -> None:
    asked = command("resend")
    kiosk.inbox.hear([asked])
    kiosk.start()
    assert (CommandResult(asked.id, "done", "3"),) == kiosk.results()


def test_a_restart_is_done_when_the_program_begins_again(kiosk: Kiosk) -> None:
    asked = command("restart")
    kiosk.inbox.hear([asked])
    assert () == kiosk.results()
    kiosk.start().hear([asked])
    assert (["restart"], (CommandResult(asked.id, "done"),)) == (kiosk.done, kiosk.results())


def test_what_was_cut_off_is_not_tried_again(kiosk: Kiosk) -> None:
    asked = command("resend")
    kiosk.fails = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        kiosk.inbox.hear([asked])
    kiosk.fails = None
    kiosk.start().hear([asked])
    assert ["resend"] == kiosk.done
    assert ["failure"] == [result.state for result in kiosk.results()]


def test_what_fails_says_why(kiosk: Kiosk) -> None:
    kiosk.fails = OSError("no space")
    asked = command("resend")
    kiosk.inbox.hear([asked])
    assert (CommandResult(asked.id, "failure", "no space"),) == kiosk.results()


def test_what_is_not_known_is_said_and_not_guessed(kiosk: Kiosk) -> None:
    kiosk.inbox.hear([command("dance")])
    assert ["failure"] == [result.state for result in kiosk.results()]


def test_a_book_that_cannot_be_read_is_begun_anew(kiosk: Kiosk) -> None:
    kiosk.store.set_state("commands", "{")
    kiosk.start().hear([command("resend")])
    assert ["resend"] == kiosk.done
