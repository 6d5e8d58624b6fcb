"""A forgotten PIN: the challenge that is open, and for how many tries and how long."""

import hashlib
import hmac

from config.pin_recovery import new_challenge, plain_letters, recovery_answer
from sync.clock import Clock
from sync.identity import Identity

TRIES = 3
OPEN_MS = 3_600_000


class PinRecovery:
    """Lives in memory: a restart makes another challenge, and no answer is of use any more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._challenge = ""
        self._until_ms = self._tries = 0

    def begin(self, identity: Identity | None) -> str:
        """The open challenge, or a new one; empty without a head office."""
        if identity is None:
            return ""
        if self._tries <= 0 or self._clock.mono_ms() >= self._until_ms:
            self._challenge, self._tries = new_challenge(), TRIES
            self._until_ms = self._clock.mono_ms() + OPEN_MS
        return self._challenge

    def check(self, answer: str, identity: Identity | None) -> bool:
        """Whether it is the answer to the open challenge, which then is over."""
        if identity is None or self._tries <= 0 or self._clock.mono_ms() >= self._until_ms:
            return False
        self._tries -= 1
        # The credential may be about to be replaced: the head office knows one of the two.
        known = [c for c in (identity.credential, identity.previous) if c]
        answers = [
            recovery_answer(hashlib.sha256(each.encode()).digest(), self._challenge)
            for each in known
        ]
        typed = plain_letters(answer)
        is_right = any(hmac.compare_digest(typed, each) for each in answers)
        if is_right:
            self._tries = 0
        return is_right
