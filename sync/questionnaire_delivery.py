"""Delivers the definitions that a head office asks for: it has answers to them, and not them."""

import threading
from collections.abc import Sequence

from sync.clock import Clock
from sync.outbox.protocol import QuestionnaireStore
from sync.outcome import Rejection
from sync.transport import Transport

_REST_MS = 600_000
"""How long a definition that was turned down is left alone."""
_MOST_WANTED = 100
"""So many are looked for with one receipt; what is left is named by the next."""


class QuestionnaireDelivery:
    """:meth:`deliver` may be called by different threads."""

    def __init__(
        self,
        outbox: QuestionnaireStore,
        transport: Transport,
        clock: Clock,
        stopping: threading.Event,
    ) -> None:
        """``stopping``: none is begun any more once it is set."""
        self._outbox = outbox
        self._transport = transport
        self._clock = clock
        self._stopping = stopping
        self._ask_again_ms: dict[str, int] = {}

    def deliver(self, digests: Sequence[str]) -> None:
        """Send those that this kiosk has and that were not turned down a little while ago."""
        now = self._clock.mono_ms()
        for digest in digests[:_MOST_WANTED]:
            definition = self._outbox.questionnaire(digest)
            if definition is None or self._ask_again_ms.get(digest, now) > now:
                continue
            if self._stopping.is_set():
                return
            outcome = self._transport.send_questionnaire(digest, definition)
            if isinstance(outcome, Rejection) and outcome.status < 500:
                # The head office's own no; what merely failed is tried with the next receipt.
                self._ask_again_ms[digest] = now + _REST_MS
