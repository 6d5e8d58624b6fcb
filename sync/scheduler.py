"""Runs relay, heartbeat and retention in the background.

::

    background = SyncScheduler(outbox, clock, relay, heartbeat, sync=settings.sync,
                            storage=settings.storage)
    background.start()
    background.wake()              # after each append: the relay runs at once
    background.status()            # SyncStatus, for staff screens
    background.stop(seconds=2)     # True if everything ended in time

A kiosk that is not enrolled has neither relay nor heartbeat nor rotation: give None for each.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from config.settings import Storage, Sync
from sync.clock import Clock
from sync.configuration_pull import ConfigurationPull
from sync.errors import SyncError
from sync.heartbeat import HeartbeatSender, age_ms
from sync.messages import Moment
from sync.outbox.protocol import OutboxStatus, Upkeep
from sync.outcome import VerifiedReceipt
from sync.relay import Relay, RelayStatus
from sync.rotation import Rotation

_log = logging.getLogger(__name__)
_RETENTION_S = 600.0
_CHECKPOINT_S = 10.0
_PULSE_S = 5.0
_LOOK_S = 5.0
"""How often it is seen that a heartbeat is due, as that the kiosk has been closed."""
_JUMP_MS = 2000
_DAY_MS = 86_400_000


class SchedulerOutbox(OutboxStatus, Upkeep, Protocol):
    """What the scheduler needs of an outbox."""


@dataclass(frozen=True)
class SyncStatus:
    """What staff want to know about the way home."""

    is_enrolled: bool
    waiting: int
    oldest_waiting_ms: int | None
    in_quarantine: int
    last_seq: int
    last_success: Moment | None
    last_success_age_ms: int | None
    clock_offset_ms: int | None
    """Head office minus kiosk, once known."""
    failure: str
    """What is wrong now, in words; empty if nothing."""
    pause_reason: str
    """Why staff must act; empty if they need not."""


class SyncScheduler:
    """The threads of :mod:`sync`, under one start and stop."""

    def __init__(
        self,
        outbox: SchedulerOutbox,
        clock: Clock,
        relay: Relay | None = None,
        heartbeat: HeartbeatSender | None = None,
        rotation: Rotation | None = None,
        *,
        pull: ConfigurationPull | None = None,
        sync: Sync | None = None,
        storage: Storage | None = None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._relay = relay
        self._heartbeat = heartbeat
        self._rotation = rotation
        self._pull = pull
        self._sync = sync or Sync()
        self._storage = storage or Storage()
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._trouble = ""
        self._has_to_retry = False
        """Whether the relay's last run asked for another one."""
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._pulse = threading.Thread(target=self._watch_clock, name="hymio-clock", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)

    def start(self) -> None:
        """Begin; the relay and the heartbeat run at once."""
        if self._relay is not None:
            self._add("relay", self._run_relay, self._sync.every)
        if self._heartbeat is not None:
            self._add("heartbeat", self._run_heartbeat, min(_LOOK_S, self._sync.heartbeat))
        if self._pull is not None:
            self._add("configuration", self._pull.run, self._sync.heartbeat)
        self._add("retention", self._run_retention, _RETENTION_S)
        self._add("checkpoint", self._outbox.checkpoint, _CHECKPOINT_S)
        self._scheduler.start()
        self._pulse.start()

    def wake(self) -> None:
        """There is a new answer: let the relay run now; returns at once."""
        if self._relay is None or self._stopping.is_set():
            return
        # Set before looking whether it runs: _ended() looks in the opposite order, so one of
        # the two always sees the other.
        self._woken.set()
        with self._changed:
            running = "relay" in self._running
        if not running:
            self._due("relay", 0)

    def report(self) -> None:
        """There is something to tell the head office: let a heartbeat go now; returns at once."""
        if self._heartbeat is not None and self._scheduler.running:
            self._due("heartbeat", 0)

    def stop(self, seconds: float = 2.0) -> bool:
        """End everything; False if something was still busy after ``seconds``."""
        self._stopping.set()
        if self._relay is not None:
            self._relay.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def status(self) -> SyncStatus:
        """How things stand; a few quick look-ups, to be called from any thread."""
        counts, now = self._outbox.counts(), self._clock.moment()
        relay = RelayStatus() if self._relay is None else self._relay.status
        return SyncStatus(
            is_enrolled=self._relay is not None,
            waiting=counts.waiting,
            oldest_waiting_ms=age_ms(counts.oldest_waiting, now),
            in_quarantine=counts.in_quarantine,
            last_seq=counts.last_seq,
            last_success=relay.last_success,
            last_success_age_ms=age_ms(relay.last_success, now),
            clock_offset_ms=relay.clock_offset_ms,
            failure=self._trouble or relay.failure,
            pause_reason=relay.pause_reason,
        )

    # --- jobs -------------------------------------------------------------------------

    def _run_relay(self) -> float | None:
        woken = self._woken.is_set()
        self._woken.clear()
        if self._relay is None or not (woken or self._has_to_retry or self._is_alone()):
            return None
        seconds = self._relay.run()
        self._has_to_retry = seconds is not None
        return seconds

    def _is_alone(self) -> bool:
        """Whether what nobody woke it for has no sign of life to go with."""
        return self._heartbeat is None or not self._heartbeat.is_asked_for

    def _run_heartbeat(self) -> bool:
        """Send one if it is due; whether there is something to say in another one."""
        has_news = False
        if self._heartbeat is not None:
            match self._heartbeat.due():
                case "nothing":
                    return False
                case "batch":
                    self.wake()
                    return False
            outcome = self._heartbeat.run()
            if isinstance(outcome, VerifiedReceipt) and self._pull is not None:
                self._pull.hear(outcome.receipt.configuration)
                self._due("configuration", 0)
            if isinstance(outcome, VerifiedReceipt):
                has_news = self._heartbeat.has_news
            if isinstance(outcome, VerifiedReceipt) and self._rotation is not None:
                # Not by a time in doubt: a credential that is renewed twice within the age of a
                # head office's copy locks the kiosk out when that copy is put back.
                head_ms = None if self._relay is None else self._relay.head_ms()
                if head_ms is not None:
                    self._rotation.run(outcome.receipt.installation, head_ms)
        # Its receipt may have asked for messages again, or begun a new installation.
        self.wake()
        return has_news

    def _run_retention(self) -> None:
        keep_ms = self._storage.keep_days * _DAY_MS
        while self._outbox.trim(keep_ms, self._storage.keep_messages):
            # A pause after every small step, so that a tap never waits behind another step.
            if self._stopping.wait(0.02):
                return

    def _add(self, name: str, job: Callable[[], object], seconds: float) -> None:
        def run() -> object:
            with self._changed:
                if self._stopping.is_set():
                    return None
                self._running.add(name)
            try:
                result = job()
            except SyncError as error:
                _log.warning("%s: %s", name, error)
                self._trouble = str(error)
                return None
            else:
                self._trouble = ""
                return result
            finally:
                with self._changed:
                    self._running.discard(name)
                    self._changed.notify_all()

        self._scheduler.add_job(run, _Every(seconds), id=name, next_run_time=self._now())

    def _ended(self, event: JobExecutionEvent) -> None:
        if self._stopping.is_set():
            return
        if event.job_id in ("heartbeat", "configuration") and event.retval:
            self._due("heartbeat", 1)
        if event.job_id != "relay":
            return
        if event.retval is not None:
            self._due("relay", event.retval)
        elif self._woken.is_set():
            self._due("relay", 0)

    def _due(self, name: str, seconds: float) -> None:
        if not self._stopping.is_set() and self._scheduler.running:
            when = self._now() + timedelta(seconds=seconds)
            self._scheduler.modify_job(name, next_run_time=when)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.moment().wall_ms / 1000, UTC)

    def _watch_clock(self) -> None:
        """The scheduler goes by the wall clock: when that jumps, all plans are void."""
        last = self._wall_minus_mono()
        while not self._stopping.wait(_PULSE_S):
            now = self._wall_minus_mono()
            if abs(now - last) > _JUMP_MS:
                _log.warning("the wall clock jumped by %d ms", now - last)
                for job in self._scheduler.get_jobs():
                    self._due(job.id, 0)
            last = now

    def _wall_minus_mono(self) -> int:
        moment = self._clock.moment()
        return moment.wall_ms - moment.mono_ms


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler is untyped
    """Every so many seconds, give or take a tenth, counted from the last run.

    APScheduler's own interval trigger counts from the planned time, and would list every
    missed run after a clock that stood at 1970 was set right.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_next_fire_time(self, _previous: Any, now: datetime) -> datetime:
        """The next run, counted from now."""
        factor = 0.9 + 0.2 * random.SystemRandom().random()
        return now + timedelta(seconds=self._seconds * factor)
