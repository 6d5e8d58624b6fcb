"""What a head office can ask a kiosk to do, once, and what came of it.

A command travels with the receipts of heartbeats until its result has come. A kiosk knows it by its
id, and notes that before it begins: whatever happens to kiosk, line or head office, it is not done
twice. A kiosk says which commands it knows, and is given no others.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync.wire_types import Strict, UuidText

COMMANDS = ("restart", "resend", "diagnostics")
"""What this version's kiosks know: begin the program anew, once nobody is there; send again what is
in quarantine; tell its latest log, without secrets."""
MAX_COMMANDS = 10
MAX_DETAIL = 20_000

CommandName = Annotated[str, Meta(pattern="^[a-z_]{1,40}$", max_length=40)]


class Command(msgspec.Struct, frozen=True):
    """Something to do once."""

    id: UuidText
    name: CommandName


class CommandResult(Strict, frozen=True):
    """What came of a command."""

    id: UuidText
    state: Literal["done", "failure"]
    detail: Annotated[str, Meta(max_length=MAX_DETAIL)] = ""
    """A number, a reason or a log; English."""


class CommandReport(Strict, frozen=True):
    """Part of a heartbeat to a head office that gives commands, when there is something to say."""

    known: Annotated[tuple[CommandName, ...], Meta(max_length=50)] = ()
    """The names of all commands that this kiosk knows."""
    results: Annotated[tuple[CommandResult, ...], Meta(max_length=MAX_COMMANDS)] = ()
    """Until a receipt has answered them."""
