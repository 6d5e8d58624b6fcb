"""The PIN of the staff: a salted scrypt hash in the data folder, with a growing lock-out.

::

    pin = PinFile(folder, clock)
    match pin.check("2580"):          # slow on purpose: never on the UI thread
        case PinRight(): ...
        case PinWrong(locked_ms): ...
        case PinLocked(locked_ms): ...

After ``FREE_TRIES`` wrong tries each further one locks the PIN, for twice as long as before, up
to an hour. A try is written down before it is judged, so pulling the plug takes none back. The
end of a lock-out is kept in the monotonic time of one boot: wall clocks of kiosks may be wrong,
or be set. After another boot the time that was left can't be known, so it begins anew; a restart
can only lengthen a lock-out.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import structs

from config.private_file import write_private_file
from kiosk.errors import PinFileError, UnfitPinError
from sync.clock import Clock

SHORTEST, LONGEST = 4, 12
FREE_TRIES = 3
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 3_600_000
NAME = "pin.json"
_COSTS = ({"n": 2**14, "r": 8, "p": 1}, {"n": 2**15, "r": 8, "p": 3})
"""Of scrypt, by the number that is kept with a hash; a new one has the last.

The last is as hard to guess as n = 2^17 with p = 1 (OWASP, "Password Storage"), in 32 MB instead of
128, which a Raspberry Pi 3 has not to spare: 0.3 s on a PC, about 2 s on that.
"""
_MOST_MEMORY = 2**26


@dataclass(frozen=True)
class PinRight:
    """It is the PIN; all wrong tries are forgotten."""


@dataclass(frozen=True)
class PinWrong:
    """It isn't; the next try is possible after this time."""

    locked_ms: int


@dataclass(frozen=True)
class PinLocked:
    """It was not even looked at, because of earlier wrong tries."""

    locked_ms: int


Verdict = PinRight | PinWrong | PinLocked


class _PinRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    salt: bytes
    hash: bytes
    cost: Annotated[int, msgspec.Meta(ge=0, lt=len(_COSTS))] = 0
    tries: int = 0
    """Wrong ones in a row."""
    boot: str = ""
    """The boot in which the last wrong try was made,"""
    locked_until_ms: int = 0
    """and when it ends, by that boot's monotonic clock."""


class PinFile:
    """The PIN of one data folder; any thread may ask, one at a time."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def is_set(self) -> bool:
        """Whether a PIN was ever chosen. Raises PinFileError if that can't be told."""
        return self._read() is not None

    def choose(self, pin: str) -> None:
        """Make this the PIN and forget wrong tries. Raises UnfitPinError, PinFileError."""
        check_fitness(pin)
        self._keep(pin)

    def _keep(self, pin: str) -> None:
        salt = secrets.token_bytes(16)
        cost = len(_COSTS) - 1
        self._write(_PinRecord(salt, _hash(pin, salt, cost), cost))

    def locked_ms(self) -> int:
        """How long no try is possible; 0: one is."""
        kept = self._read()
        return 0 if kept is None else self._left(kept)

    def check(self, pin: str) -> Verdict:
        """Judge one try. Raises PinFileError if no PIN is chosen or its file is of no use."""
        kept = self._read()
        if kept is None:
            raise PinFileError("No PIN has been chosen yet.")
        if left := self._left(kept):
            return PinLocked(left)
        now = self._clock.moment()
        tries = kept.tries + 1
        lock = penalty_ms(tries)
        self._write(
            structs.replace(kept, tries=tries, boot=now.boot, locked_until_ms=now.mono_ms + lock)
        )
        if not hmac.compare_digest(_hash(pin, kept.salt, kept.cost), kept.hash):
            return PinWrong(lock)
        self._write(_PinRecord(kept.salt, kept.hash, kept.cost))
        if kept.cost != len(_COSTS) - 1:
            # One of before: now that the PIN is known, it is kept as a new one is.
            self._keep(pin)
        return PinRight()

    def _left(self, kept: _PinRecord) -> int:
        if penalty_ms(kept.tries) == 0:
            return 0
        now = self._clock.moment()
        if kept.boot != now.boot:
            until = now.mono_ms + penalty_ms(kept.tries)
            self._write(structs.replace(kept, boot=now.boot, locked_until_ms=until))
            return penalty_ms(kept.tries)
        return max(0, kept.locked_until_ms - now.mono_ms)

    def _read(self) -> _PinRecord | None:
        file = self._folder / NAME
        try:
            return msgspec.json.decode(file.read_bytes(), type=_PinRecord)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            # Never taken for "none chosen yet": that would let anyone choose one.
            raise PinFileError(f"{file} can't be used ({type(error).__name__}).") from error

    def _write(self, kept: _PinRecord) -> None:
        file = self._folder / NAME
        try:
            write_private_file(file, msgspec.json.encode(kept))
        except OSError as error:
            raise PinFileError(f"{file} can't be written: {os.strerror(error.errno or 0)}.") from (
                error
            )


def penalty_ms(tries: int) -> int:
    """How long the PIN is locked after so many wrong tries in a row."""
    over = tries - FREE_TRIES
    return 0 if over < 0 else min(FIRST_LOCK_MS * 2 ** min(over, 20), LONGEST_LOCK_MS)


def check_fitness(pin: str) -> None:
    """Raises UnfitPinError for what is no PIN, or one that is tried first."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise UnfitPinError("length")
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise UnfitPinError("too_easy")


def _hash(pin: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, maxmem=_MOST_MEMORY, **_COSTS[cost])
