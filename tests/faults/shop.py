"""A kiosk without a window, tapped at random: the real writer, outbox, relay and heartbeat.

Run as a program: ``shop.py FOLDER SEED URL CA_FILE PAUSE [configured]``. What it says on its
standard output, unbuffered, is what its shoppers saw; nothing is said before the writer reports the
commit:

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
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, Self

import apscheduler.executors.base
import apscheduler.schedulers.base

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import HeadOfficeSettings, Settings, Storage, Sync
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial, find_start
from kiosk.sync_service import SyncPorts, SyncService
from kiosk.troubles import TroubleBoard
from kiosk.writer import Writer
from sync import configuration_pull, policy, scheduler
from sync.clock import SystemClock
from sync.messages import AnswerBody, Message, Moment
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import NetworkFailure, SendOutcome

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
    scheduler._RETENTION_S = 1.0
    configuration_pull._FIRST_PAUSE_S, configuration_pull._LONGEST_PAUSE_S = 0.1, 0.4
    real = policy.decide

    def decide(outcome: SendOutcome, **more: Any) -> policy.SyncDecision:
        if isinstance(outcome, NetworkFailure) and outcome.kind in DEAD_ENDS:
            say(f"met {DEAD_ENDS[outcome.kind]}")
        return real(outcome, **more)

    policy.decide = decide


def let_scheduler_follow(clock: SystemClock) -> None:
    """The library under the sync goes by the machine's wall clock: by the wrong one, like all.

    With another one than its jobs are planned by it would run them without a pause, or never.
    """

    class WrongDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.moment().wall_ms / 1000, tz)

    apscheduler.schedulers.base.datetime = WrongDatetime
    apscheduler.executors.base.datetime = WrongDatetime


class Shop:
    """Taps at random moments until it is killed, or told to stop tapping by the file ``quiet``."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        url: str,
        ca_file: str,
        pause_s: float,
        *,
        is_configured: bool = False,
    ) -> None:
        """``is_configured``: by its head office."""
        self.is_configured = is_configured
        self.folder, self.pause_s = folder, pause_s
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.clock = WrongClock(self.rng)
        let_scheduler_follow(self.clock)
        questionnaire = load_questionnaire("checkout")
        self.definition = canonical(questionnaire)
        self.digest = digest(self.definition)
        self.settings = Settings(
            head_office=HeadOfficeSettings(url=url, ca_file=ca_file),
            sync=Sync(every=1, heartbeat=0.7, connect_timeout=2, read_timeout=3, batch_messages=40),
            storage=Storage(reserve_mb=1),
        )
        self.sync_service = SyncService(self.settings, folder, self.clock)
        self.outbox: Outbox | None = None
        self.answers: dict[int, AnswerBody] = {}
        self.done = threading.Event()

    def run(self) -> None:
        writer = Writer(self._open)
        writer.start(self)
        ticket = 0
        while not (self.folder / "quiet").exists():
            ticket += 1
            answer = AnswerBody(
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
            time.sleep(self.rng.expovariate(1 / self.pause_s))
        while True:
            if self.outbox is not None:
                # What a box on the way turned down: staff send it again when the way is mended.
                for held in self.outbox.quarantine():
                    self.outbox.send_again(held.id)
                say(f"waiting {self.outbox.counts().waiting}")
            self.sync_service.wake()
            time.sleep(0.1)

    def _open(self) -> Outbox:
        outbox = SqliteOutbox.open(self.folder, reserve_bytes=RESERVE_BYTES, clock=self.clock)
        outbox.remember_questionnaire(self.digest, self.definition)
        return outbox

    def on_open(self, outbox: Outbox) -> None:
        self.outbox = outbox
        keeper = self._configurations() if self.is_configured else None
        ports = SyncPorts(lambda: self.digest, lambda: True, configuration=keeper)
        self.sync_service.start(outbox, ports)

    def _configurations(self) -> StoredConfigurations:
        """What a start does with the head office's configuration; it has shown the faces then."""
        now = self.clock.moment()
        tries = begin_trial(self.folder, now.boot, now.wall_ms)
        start = find_start(self.folder, self.settings, tries=tries)
        say(f"configured {start.in_force or '-'}")
        ports = KeeperPorts(own=self.settings, questionnaire=None, panel_mm=lambda: None)
        self.keeper = StoredConfigurations(self.folder, start, TroubleBoard(), ports)
        self.keeper.show()
        return self.keeper

    def on_commit(self, ticket: int, messages: tuple[Message, ...]) -> None:
        answer = self.answers.pop(ticket)
        assert messages[0].body == answer
        say(f"thanked {answer.response} {answer.value}")
        self.sync_service.wake()
        if self.is_configured:
            self.keeper.prove()
        self.done.set()

    def on_store_failure(self, ticket: int, error: Exception) -> None:
        say(f"refused {self.answers.pop(ticket).response} {error}")
        self.done.set()

    def on_storage_unavailable(self, error: Exception) -> None:
        say(f"closed {error}")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    squeeze_time()  # before the relay is imported, which happens when the outbox is open
    given = (Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5], float(sys.argv[5]))
    Shop(*given, is_configured="configured" in sys.argv[6:]).run()
