"""Brings the configuration that a receipt names: whole, checked and stored, or not at all.

1. A heartbeat's receipt names what is meant by its digest. If the kiosk has that one, has refused
   it, or has it as the last good one, nothing is asked for.
2. Else the document is asked for. It counts only if its SHA-256 is the one that was named: a body
   that was cut, altered, or kept from earlier has another.
3. It is decoded strictly. One of another version, for another kiosk, or with anything that this
   kiosk does not know is refused.
4. Its files are brought, each of the size and SHA-256 that the document says.
5. Whoever keeps it checks what it says, and stores it beside the present one.

What is refused is not asked for again until another one is named. What merely failed, on the way
or on the disk, is tried again, after pauses that double.
"""

import logging
from collections.abc import Callable
from random import SystemRandom
from typing import Protocol

import msgspec

from sync.clock import Clock
from sync.configuration import (
    CONFIGURATION_VERSION,
    Configuration,
    ConfigurationDigest,
    FileEntry,
    configuration_digest,
    is_content,
)
from sync.errors import ConfigurationRefusalError
from sync.failure_texts import failure_text
from sync.identity import Identity
from sync.outcome import Download, FetchOutcome, Interruption, Rejection, Unchanged
from sync.policy import retry_after_s
from sync.transport import Transport

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 30.0, 3600.0


class ConfigurationKeeper(Protocol):
    """Who checks, stores and reports what was brought."""

    def hear(self, *, is_supported: bool) -> None:
        """Whether the head office configures kiosks."""
        ...

    def candidate(self) -> ConfigurationDigest:
        """The one that the next start uses; empty: none."""
        ...

    def settle(self, meant: ConfigurationDigest) -> bool:
        """Whether nothing has to be brought: it is there, refused, or none. Raises OSError."""
        ...

    def lacks(self, entry: FileEntry) -> bool:
        """Whether the file has to be brought."""
        ...

    def add_file(self, entry: FileEntry, content: bytes) -> None:
        """Store a file, checked. Raises OSError."""
        ...

    def take(self, body: bytes, configuration: Configuration) -> None:
        """Check what it says, and store it; ConfigurationRefusalError or OSError if it can't."""
        ...

    def refuse(self, digest: ConfigurationDigest, reasons: tuple[str, ...]) -> None:
        """It can't be taken, for these reasons. Raises OSError."""
        ...

    def fail(self, reason: str) -> None:
        """It could not be brought, and is tried again; empty: nothing is wrong any more."""
        ...


class _FailedFetchError(Exception):
    def __init__(self, reason: str, least_s: float = 0.0) -> None:
        super().__init__(reason)
        self.least_s = least_s


class ConfigurationPull:
    """:meth:`hear` and :meth:`run` may be called by different threads."""

    def __init__(
        self,
        transport: Transport,
        identity: Identity,
        keeper: ConfigurationKeeper,
        clock: Clock,
        random: Callable[[], float] | None = None,
    ) -> None:
        self._transport = transport
        self._identity = identity
        self._keeper = keeper
        self._clock = clock
        self._random = random or SystemRandom().random
        self._meant: ConfigurationDigest | None = None
        self._attempts = 0
        self._not_before_ms = 0

    def hear(self, meant: ConfigurationDigest | None) -> None:
        """What the last receipt named; None: this head office configures no kiosks."""
        self._keeper.hear(is_supported=meant is not None)
        if meant != self._meant:
            self._meant, self._attempts, self._not_before_ms = meant, 0, 0

    def run(self) -> bool:
        """Bring what is meant, if it is not there; whether there is something new to report."""
        meant = self._meant
        if meant is None or self._clock.mono_ms() < self._not_before_ms:
            return False
        before = self._keeper.candidate()
        try:
            if not self._keeper.settle(meant):
                self._bring(meant)
        except ConfigurationRefusalError as error:
            return self._refuse(meant, error)
        except _FailedFetchError as error:
            self._hold_off(str(error), error.least_s)
            return False
        except OSError as error:
            self._hold_off(f"it can't be stored: {error.strerror or error}")
            return False
        self._succeeded()
        return before != self._keeper.candidate()

    def _bring(self, meant: ConfigurationDigest) -> None:
        outcome = self._transport.fetch_configuration(self._keeper.candidate())
        if isinstance(outcome, Unchanged):
            raise _FailedFetchError("the head office names another one than it has")
        body = self._content(outcome)
        if configuration_digest(body) != meant:
            raise _FailedFetchError("what arrived is not the one that was named")
        configuration = decode_configuration(body, self._identity)
        for entry in configuration.files:
            if self._keeper.lacks(entry):
                content = self._content(self._transport.fetch_file(entry.digest, entry.size))
                if not is_content(entry, content):
                    raise _FailedFetchError(f"what arrived is not the file {entry.name}")
                self._keeper.add_file(entry, content)
        self._keeper.take(body, configuration)
        _log.info("Configuration %.12s was stored.", meant)

    def _content(self, outcome: FetchOutcome) -> bytes:
        match outcome:
            case Download(content=content):
                return content
            case Rejection(status=404):
                raise _FailedFetchError("the head office does not have it any more")
            case Rejection(retry_after=str(text), date=date):
                now_s = self._clock.moment().wall_ms / 1000
                raise _FailedFetchError(failure_text(outcome), retry_after_s(text, date, now_s))
            case Interruption():
                raise _FailedFetchError("")
        raise _FailedFetchError(failure_text(outcome))

    def _refuse(self, meant: ConfigurationDigest, error: ConfigurationRefusalError) -> bool:
        try:
            self._keeper.refuse(meant, error.reasons)
        except OSError as failure:
            self._hold_off(f"its refusal can't be stored: {failure.strerror or failure}")
            return True
        self._succeeded()
        return True

    def _succeeded(self) -> None:
        self._attempts = self._not_before_ms = 0
        self._keeper.fail("")

    def _hold_off(self, reason: str, least_s: float = 0.0) -> None:
        if not reason:
            return
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(self._attempts, 10))
        pause_s = max(pause_s * (0.5 + self._random()), least_s)
        self._attempts += 1
        self._not_before_ms = self._clock.mono_ms() + int(pause_s * 1000)
        _log.warning("The configuration was not brought: %s", reason)
        self._keeper.fail(reason)


class _Envelope(msgspec.Struct, frozen=True):
    configuration: str
    version: int = 1
    """Left out by head offices that know no other."""


def decode_configuration(body: bytes, identity: Identity) -> Configuration:
    """A document for this kiosk; raises ConfigurationRefusalError."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        if envelope.version != CONFIGURATION_VERSION:
            found = f"found {envelope.version}; this kiosk takes {CONFIGURATION_VERSION}"
            raise ConfigurationRefusalError((f"version: {found}",))
        configuration = msgspec.json.decode(body, type=Configuration)
    except msgspec.ValidationError as error:
        raise ConfigurationRefusalError((f"it can't be read: {error}",)) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ConfigurationRefusalError(("it is no JSON",)) from error
    if configuration.head_office != identity.head_office:
        raise ConfigurationRefusalError(("head_office: it is of another head office",))
    if configuration.kiosk != identity.kiosk:
        raise ConfigurationRefusalError(("kiosk: it is for another kiosk",))
    return configuration
