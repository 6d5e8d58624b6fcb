"""Does what a head office asks for, each thing at most once, and keeps the result until it is told.

1. A command that is not in the book is written there as begun, durably, before it begins.
2. What came of it is written there, and is part of every heartbeat until one is answered.
3. One that was begun and has no result when the program starts was cut off: a restart is done by
   that, all else has failed. It is not tried again: who asked for it sees that, and may ask anew.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from sync.commands import MAX_COMMANDS, MAX_DETAIL, Command, CommandReport, CommandResult
from sync.errors import SyncError
from sync.outbox.protocol import StateStore

_log = logging.getLogger(__name__)
_KEY = "commands"
_MOST_SEEN = 200
RESTART = "restart"
_CUT_OFF = "The kiosk was ended before it was done."

Action = Callable[[], str | None]
"""Does it and says what came of it; None: it is done when the program starts again."""


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    name: str
    state: Literal["begun", "done", "failure", "told"] = "begun"
    detail: str = ""


class CommandInbox:
    """The commands of one kiosk; used by one thread at a time."""

    def __init__(self, store: StateStore, actions: Mapping[str, Action]) -> None:
        self._store, self._actions = store, actions
        self._is_introduced = False
        """Whether the head office has heard in this run which commands there are."""
        self._book = self._cut_off(_read(store.state(_KEY)))

    @property
    def has_news(self) -> bool:
        """Whether there is something that the head office has not heard."""
        return not self._is_introduced or any(_is_to_tell(entry) for entry in self._book)

    def report(self) -> CommandReport | None:
        """What to say in a heartbeat; None: nothing."""
        if not self.has_news:
            return None
        told = [entry for entry in self._book if _is_to_tell(entry)][:MAX_COMMANDS]
        return CommandReport(
            tuple(self._actions),
            tuple(
                CommandResult(each.id, "done" if each.state == "done" else "failure", each.detail)
                for each in told
            ),
        )

    def acknowledge(self, report: CommandReport) -> None:
        """The head office has this."""
        self._is_introduced = True
        if report.results:
            told = {result.id for result in report.results}
            # Its id stays: the command may come once more with a receipt that was late.
            self._write(
                _Entry(each.id, each.name, "told") if each.id in told else each
                for each in self._book
            )

    def forget_introduction(self) -> None:
        """This head office gives no commands: another one has to be told anew."""
        self._is_introduced = False

    def hear(self, commands: Sequence[Command]) -> None:
        """Do what has not been begun before."""
        for command in commands:
            if all(command.id != entry.id for entry in self._book):
                self._write((*self._book, _Entry(command.id, command.name)))
                self._do(command)

    def _do(self, command: Command) -> None:
        action = self._actions.get(command.name)
        state: Literal["done", "failure"] = "failure"
        try:
            detail = "This kiosk does not know it." if action is None else action()
        except (SyncError, OSError) as error:
            detail = str(error)
        else:
            state = "failure" if action is None else "done"
        _log.info("The head office asks for %s: %s", command.name, state)
        if detail is not None:
            done = _Entry(command.id, command.name, state, detail[:MAX_DETAIL])
            self._write(done if entry.id == done.id else entry for entry in self._book)

    def _cut_off(self, book: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
        return tuple(
            each
            if each.state != "begun"
            else _Entry(each.id, each.name, "done")
            if each.name == RESTART
            else _Entry(each.id, each.name, "failure", _CUT_OFF)
            for each in book
        )

    def _write(self, entries: Iterable[_Entry]) -> None:
        book = tuple(entries)[-_MOST_SEEN:]
        self._store.set_state(_KEY, msgspec.json.encode(book).decode())
        self._book = book


def _is_to_tell(entry: _Entry) -> bool:
    return entry.state in ("done", "failure")


def _read(text: str | None) -> tuple[_Entry, ...]:
    if not text:
        return ()
    try:
        return msgspec.json.decode(text, type=tuple[_Entry, ...])
    except (msgspec.MsgspecError, ValueError):
        return ()
