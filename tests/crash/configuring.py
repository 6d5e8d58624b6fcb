"""A kiosk's configuration changing between answers, to be recorded.

Run as a program with a folder. It says on its standard output, unbuffered, what it promised:

``thanked INSTALLATION SEQ RESPONSE``  an append returned: this answer must survive
``may DIGEST…``                        one of these is in force at the next start; ``-``: the files
"""

import os
import sys
import uuid
from pathlib import Path

import msgspec
from configuring_office import document, file_entry
from fakes import HEAD_OFFICE, KIOSK

from config.settings import Settings
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial, find_start
from kiosk.troubles import TroubleBoard
from sync.configuration import Configuration, configuration_digest
from sync.identity import Identity, save_identity
from sync.messages import AnswerBody, Moment
from sync.outbox.sqlite import SqliteOutbox

BOOT = "7d2d5b0e-3a55-4a43-8a8e-2f9f52f0a001"
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
IDENTITY = Identity(kiosk=KIOSK, credential="c", place="", head_office=HEAD_OFFICE, url="http://x")


def say(*words: str) -> None:
    os.write(1, f"{' '.join(words)}\n".encode())


class Work:
    """One kiosk that starts again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = 0

    def start(self) -> str:
        """The program starts; what is in force."""
        tries = begin_trial(self.folder, BOOT, 1)
        start = find_start(self.folder, Settings(), tries=tries)
        ports = KeeperPorts(own=Settings(), questionnaire=None, panel_mm=lambda: None)
        self.keeper = StoredConfigurations(self.folder, start, TroubleBoard(), ports)
        return start.in_force

    def tap(self) -> None:
        self.seconds += 1
        response = str(uuid.UUID(int=self.seconds))
        body = AnswerBody(
            response=response, questionnaire="ab" * 32, language="fi", question="rating", value=1,
            took_ms=1,
        )  # fmt: skip
        moment = Moment(1_795_464_000_000 + self.seconds, BOOT, self.seconds)
        with SqliteOutbox.open(self.folder) as outbox:
            for message in outbox.append([body], moment):
                say("thanked", outbox.position().installation, str(message.seq), response)

    def take(self, before: str, volume: float) -> str:
        """Another one is brought, with its picture."""
        entry = file_entry("logo.svg", LOGO + str(volume).encode() * 0)
        body = document(
            settings={"sound": {"volume": volume}, "brand": {"logo": "logo.svg"}}, files=[entry]
        )
        configuration = msgspec.json.decode(body, type=Configuration)
        digest = configuration_digest(body)
        say("may", before, digest)
        for each in configuration.files:
            if self.keeper.lacks(each):
                self.keeper.add_file(each, LOGO)
        self.keeper.take(body, configuration)
        say("may", digest)
        return digest


def main(folder: Path) -> None:
    say("may", "-")
    work = Work(folder)
    save_identity(folder, IDENTITY)
    work.tap()
    work.start()
    first = work.take("-", 0.1)
    assert first == work.start()
    work.tap()
    work.keeper.show()
    work.keeper.prove()
    second = work.take(first, 0.2)
    work.tap()
    work.keeper.end()
    for _ in range(3):
        # It begins and crashes, again and again.
        assert second == work.start()
        work.keeper.show()
        # A power cut in the middle of the third is one failure more.
        say("may", second, first)
    work.tap()
    assert first == work.start()
    say("may", first)
    work.keeper.refuse("c" * 64, ("sound.volume: found 7",))
    assert work.keeper.settle(first)
    assert first == work.start()
    work.tap()
    say("may", first, "-")
    work.keeper.settle("")
    say("may", "-")
    assert not work.start()
    work.tap()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
