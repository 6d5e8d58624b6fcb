"""GET /health: this process is alive. GET /ready: it can store what kiosks deliver.

For balancers, monitors and whatever starts programs: they ask by any name or address, know no
login and are told no secret. They are answered beside the threads of requests, as these may all be
waiting for a database that does not answer, and asking often costs no more than asking once.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from headoffice import clock
from headoffice.db.failures import Trouble
from headoffice.server.reply import Head
from headoffice.telemetry.readiness import READINESS

HEALTH, READY = "/health", "/ready"
PATHS = (HEALTH, READY)
ANSWER_WITHIN_S = 2.0
KNOWN_FOR_S = 1.0


class Probes:
    """Answers both, in the event loop of a worker."""

    def __init__(self) -> None:
        # One: its connection to the database is its own, and who asks meanwhile shares the answer.
        self._thread = ThreadPoolExecutor(1, "readiness")
        self._looking: asyncio.Future[list[str]] | None = None
        self._looked_at = -KNOWN_FOR_S
        self._reasons: list[str] = []

    async def reply(self, method: str, path: str) -> tuple[Head, bytes]:
        """What is said to a probe."""
        if method not in ("GET", "HEAD"):
            return _head(405, "Method Not Allowed", b"", ("Allow", "GET, HEAD")), b""
        if path == HEALTH:
            body = b"ok\n"
            return _head(200, "OK", body, ("Content-Type", "text/plain")), body
        reasons = await self._find_reasons()
        said = {"ready": False, "reasons": reasons} if reasons else {"ready": True}
        body = json.dumps(said).encode() + b"\n"
        status, words = (503, "Service Unavailable") if reasons else (200, "OK")
        return _head(status, words, body, ("Content-Type", "application/json")), body

    async def _find_reasons(self) -> list[str]:
        if clock.mono() - self._looked_at < KNOWN_FOR_S:
            return self._reasons
        if self._looking is None:
            look = READINESS.find_reasons
            self._looking = asyncio.get_running_loop().run_in_executor(self._thread, look)
            self._looking.add_done_callback(self._note)
        done, _waiting = await asyncio.wait({self._looking}, timeout=ANSWER_WITHIN_S)
        # A database that takes a question and gives no answer is as good as away.
        return self._reasons if done else [Trouble.AWAY]

    def _note(self, looked: "asyncio.Future[list[str]]") -> None:
        self._looking, self._looked_at = None, clock.mono()
        self._reasons = ["other"] if looked.exception() else looked.result()


def _head(status: int, words: str, body: bytes, *headers: tuple[str, str]) -> Head:
    length = ("Content-Length", str(len(body)))
    return Head(status, words, [*headers, length, ("Cache-Control", "no-store")])
