"""A kiosk without a window, tapped at random: the real writer, outbox, relay and heartbeat.

Run as a program: ``shop.py FOLDER SEED URL CA_FILE``. What it says on its standard output,
unbuffered, is what its shoppers saw; nothing is said before the writer reports the commit:

``thanked RESPONSE VALUE``, ``refused RESPONSE WHY`` (a screen that says closed), ``waiting N``,
``met FAULT`` (what the relay or the clock met)
"""

import logging
import os
import random
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import HeadOffice, Settings, Storage, Sync
from kiosk.way_home import Situation, WayHome
from kiosk.writer import Reports, Writer
from sync import policy
from sync.clock import SystemClock
from sync.messages import Answered, Message, Moment
from sync.outbox import Outbox
from sync.outcome import NetworkFailed, Outcome
from sync.sqlite import SqliteOutbox

HOUR_MS, YEAR_MS = 3_600_000, 365 * 86_400_000
RESERVE_BYTES = 1 << 20


def _utc_ms(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type,misc]


STARTS = {
    "the kiosk's clock at 1970": 0,
    "the kiosk's clock just before the end of summer time": _utc_ms(2026, 10, 25, 0, 59, 59),
    "the kiosk's clock just before summer time": _utc_ms(2026, 3, 29, 0, 59, 59),
}
JUMPS = {
    "the kiosk's clock jumps 10 years back": -10 * YEAR_MS,
    "the kiosk's clock jumps 10 years on": 10 * YEAR_MS,
    "the kiosk's clock jumps an hour back": -HOUR_MS,
    "the kiosk's clock jumps an hour on": HOUR_MS,
}


class WrongClock(SystemClock):
    """A wall clock that nobody has set and that jumps; some starts are those of the machine.

    The monotonic clock is true, and begins again with the machine.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self._wall_offset_ms = self._mono_offset_ms = 0
        if rng.random() < 0.5:
            kind = rng.choice(list(STARTS))
            self._wall_offset_ms = STARTS[kind] - super().moment().wall_ms
            say(f"met {kind}")
        self._boot_id = super().moment().boot
        if rng.random() < 0.4:
            self._boot_id = str(uuid.UUID(int=rng.getrandbits(128)))
            self._mono_offset_ms = 1000 - super().mono_ms()
            say("met a kiosk's machine starts anew, its monotonic clock at zero")

    def mono_ms(self) -> int:
        return super().mono_ms() + self._mono_offset_ms

    def moment(self) -> Moment:
        wall_ms = super().moment().wall_ms + self._wall_offset_ms
        return Moment(wall_ms, self._boot_id, self.mono_ms())

    def jump(self) -> None:
        kind = self._rng.choice(list(JUMPS))
        self._wall_offset_ms += JUMPS[kind]
        say(f"met {kind}")


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


DEAD_ENDS = {
    "certificate_name": "a certificate for another name",
    "certificate_expired": "an expired certificate",
    "name": "a name that nobody knows",
}


def squeeze_time() -> None:
    """What takes minutes in a shop takes part of a second here; and decisions are told."""
    policy.BASE_S, policy.CAP_S, policy.PAUSE_S = 0.05, 0.4, 0.3
    policy.LONGEST_RETRY_AFTER_S = 0.5
    real = policy.decide

    def decide(outcome: Outcome, **more: Any) -> policy.SyncDecision:
        if isinstance(outcome, NetworkFailed) and outcome.kind in DEAD_ENDS:
            say(f"met {DEAD_ENDS[outcome.kind]}")
        return real(outcome, **more)

    policy.decide = decide


class Shop:
    """Taps at random moments until it is killed, or told to stop tapping by the file ``quiet``."""

    def __init__(self, folder: Path, seed: int, url: str, ca_file: str) -> None:
        self.folder = folder
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.clock = WrongClock(self.rng)
        questionnaire = load_questionnaire("checkout")
        self.definition = canonical(questionnaire)
        self.digest = digest(self.definition)
        self.settings = Settings(
            head_office=HeadOffice(url=url, ca_file=ca_file),
            sync=Sync(every=1, heartbeat=0.7, connect_timeout=2, read_timeout=3, batch_messages=40),
            storage=Storage(reserve_mb=1),
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
                # What a box on the way turned down: staff send it again when the way is mended.
                for held in self.outbox.quarantine():
                    self.outbox.send_again(held.id)
                say(f"waiting {self.outbox.counts().waiting}")
            if self.way_home is not None:
                self.way_home.wake()
            time.sleep(0.1)

    def _open(self) -> Outbox:
        outbox = SqliteOutbox.open(self.folder, reserve_bytes=RESERVE_BYTES)
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
        say(f"refused {self.answers.pop(ticket).response} {error}")
        self.done.set()

    def _failed_to_open(self, error: Exception) -> None:
        say(f"closed {error}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    squeeze_time()  # before the relay is imported, which happens when the outbox is open
    Shop(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]).run()
