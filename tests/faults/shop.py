"""A kiosk without a window, tapped at random: the real writer, outbox, relay and heartbeat.

Run as a program: ``shop.py FOLDER SEED``. What it says on its standard output, unbuffered, is
what its shoppers saw; nothing is said before the writer reports the commit:

``thanked RESPONSE VALUE``, ``refused`` (a screen that says closed), ``waiting N``
"""

import logging
import os
import random
import sys
import threading
import time
import uuid
from pathlib import Path

from msgspec import structs

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import Settings, Storage, Sync
from kiosk.way_home import Situation, WayHome
from kiosk.writer import Reports, Writer
from sync import policy
from sync.clock import SystemClock
from sync.messages import Answered, Message, Moment
from sync.outbox import Outbox
from sync.sqlite import SqliteOutbox

# Time is squeezed: what takes minutes in a shop takes part of a second here.
policy.BASE_S, policy.CAP_S, policy.PAUSE_S = 0.05, 0.4, 0.3
policy.LONGEST_RETRY_AFTER_S = 0.5

YEAR_MS = 365 * 86_400_000


class WrongClock(SystemClock):
    """A wall clock that nobody has set, and that jumps; the monotonic one is true."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self.offset_ms = rng.choice((0, 0, -super().moment().wall_ms, 3_600_000))

    def moment(self) -> Moment:
        true = super().moment()
        return structs.replace(true, wall_ms=true.wall_ms + self.offset_ms)

    def jump(self) -> None:
        self.offset_ms += self._rng.choice((-10 * YEAR_MS, 10 * YEAR_MS, 3_600_000, -3_600_000))


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


class Shop:
    """Taps at random moments until it is killed, or told to stop tapping by the file ``quiet``."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.clock = WrongClock(self.rng)
        questionnaire = load_questionnaire("checkout")
        self.definition = canonical(questionnaire)
        self.digest = digest(self.definition)
        self.settings = Settings(
            sync=Sync(every=1, heartbeat=0.7, connect_timeout=2, read_timeout=3, batch_messages=40),
            storage=Storage(reserve_mb=0),
        )
        self.way_home: WayHome | None = None
        self.outbox: Outbox | None = None
        self.answers: dict[int, Answered] = {}
        self.done = threading.Event()

    def run(self) -> None:
        writer = Writer(
            self._open, Reports(self._opened, self._stored, self._failed, self._failed_to_open)
        )
        writer.start()
        ticket = 0
        while not (self.folder / "quiet").exists():
            ticket += 1
            answer = Answered(
                response=str(uuid.uuid4()),
                questionnaire=self.digest,
                language="fi",
                question="rating",
                value=self.rng.randrange(3),
                took_ms=self.rng.randrange(5000),
            )
            self.answers[ticket] = answer
            self.done.clear()
            writer.submit(ticket, (answer,), self.clock.moment())
            self.done.wait()
            if self.rng.random() < 0.02:
                self.clock.jump()
            time.sleep(self.rng.expovariate(1 / 0.02))
        while True:
            if self.outbox is not None:
                say(f"waiting {self.outbox.counts().waiting}")
            time.sleep(0.1)

    def _open(self) -> Outbox:
        outbox = SqliteOutbox.open(self.folder)
        outbox.remember_questionnaire(self.digest, self.definition)
        return outbox

    def _opened(self, outbox: Outbox) -> None:
        self.outbox = outbox
        situation = Situation(self.settings, self.folder, self.digest, lambda: True)
        self.way_home = WayHome(outbox, self.clock, situation)
        self.way_home.start()

    def _stored(self, ticket: int, messages: tuple[Message, ...]) -> None:
        answer = self.answers.pop(ticket)
        assert messages[0].body == answer
        say(f"thanked {answer.response} {answer.value}")
        if self.way_home is not None:
            self.way_home.wake()
        self.done.set()

    def _failed(self, ticket: int, error: Exception) -> None:
        self.answers.pop(ticket)
        say(f"refused {error}")
        self.done.set()

    def _failed_to_open(self, error: Exception) -> None:
        say(f"refused {error}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    Shop(Path(sys.argv[1]), int(sys.argv[2])).run()
