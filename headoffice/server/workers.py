"""The processes of ``serve``: gunicorn keeps them, each is an event loop with a few threads."""

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
import ssl
import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.workers.base import Worker

from headoffice import clock
from headoffice.server.budget import MemoryBudget
from headoffice.server.certificate_in_force import CertificateInForce
from headoffice.server.connections import Connections, allow_many_files
from headoffice.server.exchange import WorkerServices
from headoffice.server.lanes import Lanes
from headoffice.server.probes import Probes
from headoffice.telemetry.machine import MACHINE

LEAVE_WITHIN_S = 4.0
"""For replies that are on their way when the head office is told to end."""
KILLED_AFTER_S = 5
FROZEN_AFTER_S = 30
"""A worker whose loop does not turn for so long is ended, and replaced."""
SHORT_LIFE_S = 5.0
"""Two workers that die one after the other within so long have a common reason: all end."""
# Of Linux' prctl.h.
_PR_SET_PDEATHSIG = 1
_log = logging.getLogger("headoffice.server")


class OfficeProcess(BaseApplication):
    """What gunicorn keeps: so many workers on a socket that listens already."""

    def __init__(
        self,
        socket_fd: int,
        workers: int,
        certificate: CertificateInForce | None,
        begun: Callable[[], None],
    ) -> None:
        self._socket_fd, self._workers, self.certificate = socket_fd, workers, certificate
        self.begun = begun
        self._born: dict[int, float] = {}
        self._short_lives = self._ended_seen = 0
        self.ended = multiprocessing.get_context("fork").Value("i", 0)
        """Workers that ended because they were told to; counted by themselves."""
        super().__init__()

    def load_config(self) -> None:
        """At the start, and again at SIGHUP: then the certificate is read anew."""
        for name, value in {
            "bind": [f"fd://{self._socket_fd}"],
            "workers": self._workers,
            "worker_class": OfficeWorker,
            # Loaded once, before the workers are forked.
            "preload_app": True,
            "timeout": FROZEN_AFTER_S,
            "graceful_timeout": KILLED_AFTER_S,
            "loglevel": "error",
            "control_socket_disable": True,
            "pre_fork": self._note_birth,
            "child_exit": self._note_death,
        }.items():
            self.cfg.set(name, value)
        if self.certificate:
            self.certificate.load()
            MACHINE.certificate_end_s = self.certificate.current.end.timestamp()

    def run(self) -> None:
        """Keep the workers until told to end."""
        _Arbiter(self).run()

    def look_at_certificate(self) -> None:
        """Take a new one as at SIGHUP; asked for about once a second."""
        if self.certificate and self.certificate.is_renewed():
            os.kill(os.getpid(), signal.SIGHUP)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """How TLS is spoken, if it is."""
        return self.certificate.current.context if self.certificate else None

    def load(self) -> Any:
        """The WSGI application, with everything that it needs."""
        from django.db import connections

        from headoffice.wsgi import application

        # A connection may not be used on both sides of a fork.
        connections.close_all()
        return application

    def _note_birth(self, _arbiter: Any, worker: Worker) -> None:
        self._born[worker.age] = clock.mono()

    def _note_death(self, _arbiter: Any, worker: Worker) -> None:
        lived = clock.mono() - self._born.pop(worker.age, 0.0)
        if self._ended_seen < self.ended.value:
            self._ended_seen += 1
            return
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_S else 0
        if self._short_lives > 1:
            raise HaltServer("Workers die as soon as they have begun.", 1)


class _Arbiter(Arbiter):
    """Gunicorn's keeper of workers, which looks at the files of the certificate too."""

    app: OfficeProcess

    def manage_workers(self) -> None:
        """Once a second, and whenever a worker has ended."""
        self.app.look_at_certificate()
        super().manage_workers()


class OfficeWorker(Worker):
    """One process that answers."""

    app: OfficeProcess

    def init_process(self) -> None:
        """Begin, in the process that has just been forked."""
        # Nobody would end it or look after it: at kill -9 of its parent the kernel ends it too.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.ppid:
            os._exit(1)
        super().init_process()

    def run(self) -> None:
        """Answer until told to end."""
        asyncio.run(self._answer())
        with self.app.ended.get_lock():
            self.app.ended.value += 1
        # Threads may be in the midst of something that nobody waits for any more.
        os._exit(0)

    async def _answer(self) -> None:
        from headoffice.server.jobs import run_jobs
        from headoffice.timekeeping.guard import GUARD

        GUARD.watch()
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, told.set)
        if not self.alive:
            return
        lanes = Lanes()
        lanes.start()
        connections = Connections(
            WorkerServices(self.wsgi, lanes, loop, MemoryBudget(), Probes()),
            self.app.tls,
            most=allow_many_files(),
        )
        connections.add_sockets([listener.sock for listener in self.sockets])
        threading.Thread(target=run_jobs, name="jobs", daemon=True).start()
        threading.Thread(target=self.app.begun, name="announcing", daemon=True).start()
        beating = loop.create_task(self._beat())
        await told.wait()
        await connections.leave(LEAVE_WITHIN_S)
        beating.cancel()

    async def _beat(self) -> None:
        from headoffice.db.outages import OUTAGES

        while True:
            self.notify()
            OUTAGES.say()
            await asyncio.sleep(1)
