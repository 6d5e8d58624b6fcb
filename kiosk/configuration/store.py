"""The files of the head office's configuration, each written whole or not at all.

In the folder ``configuration`` of the data folder:

``configuration``   the one that the next start uses: its SHA-256, a line end, and what was received
``good``            the last one that proved itself, in the same form
``state.json``      how the first one fares, and which one was refused
``files/…``         pictures and fonts, each under its SHA-256

Each file says itself whether it is whole, so no order of writing has to be relied on. Without the
first one the kiosk's own files hold; the second is looked at only if the first can't be used.
"""

import errno
import logging
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from config.private_file import sync_folder, write_private_file
from kiosk.configuration.trial import TrialState
from sync.configuration import (
    NONE,
    Configuration,
    ConfigurationDigest,
    FileEntry,
    configuration_digest,
    is_content,
)

log = logging.getLogger(__name__)

FOLDER = "configuration"
CANDIDATE, GOOD = "configuration", "good"
SPARE_BYTES = 20_000_000
"""So much of the disk is left to answers."""
_STATE, _FILES = "state.json", "files"


class Refusal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A configuration that is not used, and why."""

    digest: ConfigurationDigest
    reasons: tuple[str, ...] = ()
    is_fallback: bool = False
    """It had been in force, and failed."""
    version: str = ""
    """Of the program that refused it; another one looks again."""


class StoredState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered from start to start."""

    trial: TrialState = TrialState()
    refusal: Refusal | None = None


@dataclass(frozen=True)
class StoredConfiguration:
    """A document as it was received, whole."""

    digest: ConfigurationDigest
    body: bytes

    def decode(self) -> Configuration:
        """What it says; raises msgspec.MsgspecError if this version can't read it."""
        return msgspec.json.decode(self.body, type=Configuration)


class DamagedConfigurationError(Exception):
    """{file} is not what was stored."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not what was stored: it was cut or altered.")


class ConfigurationStore:
    """The folder; whoever writes sees to it that one thread at a time does."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER

    def read(self, name: str) -> StoredConfiguration | None:
        """What is stored under a name; None: nothing. Raises DamagedConfigurationError."""
        file = self.folder / name
        try:
            digest, _line_end, body = file.read_bytes().partition(b"\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise DamagedConfigurationError(file) from error
        if configuration_digest(body) != digest.decode("latin-1"):
            raise DamagedConfigurationError(file)
        return StoredConfiguration(digest.decode(), body)

    def find(self, name: str) -> StoredConfiguration | None:
        """The same; a damaged one is none."""
        try:
            return self.read(name)
        except DamagedConfigurationError as error:
            log.warning("%s", error)
            return None

    def write(self, name: str, stored: StoredConfiguration) -> None:
        """Put this in the place of what was there. Raises OSError."""
        self._make(self.folder)
        self._leave_room(len(stored.body))
        write_private_file(self.folder / name, stored.digest.encode() + b"\n" + stored.body)

    def remove(self, name: str) -> None:
        """Take it away, durably. Raises OSError."""
        file = self.folder / name
        if file.exists():
            file.unlink()
            sync_folder(self.folder)

    def state(self) -> StoredState:
        """What is remembered; nothing, if that can't be read."""
        try:
            return msgspec.json.decode((self.folder / _STATE).read_bytes(), type=StoredState)
        except FileNotFoundError:
            return StoredState()
        except (OSError, ValueError, RecursionError) as error:
            log.warning("How the configuration fared is not known any more: %s", error)
            return StoredState()

    def save_state(self, state: StoredState) -> None:
        """Remember this. Raises OSError."""
        self._make(self.folder)
        write_private_file(self.folder / _STATE, msgspec.json.encode(state))

    def clear_state(self) -> None:
        """Remember nothing. Raises OSError."""
        self.remove(_STATE)

    def file(self, entry: FileEntry) -> Path:
        """Where a file of a configuration is, or would be."""
        # With the end of its name, by which programs tell what is in it.
        return self.folder / _FILES / f"{entry.digest}{Path(entry.name).suffix}"

    def has_file(self, entry: FileEntry) -> bool:
        """Whether it is there, whole."""
        try:
            return is_content(entry, self.file(entry).read_bytes())
        except OSError:
            return False

    def add_file(self, entry: FileEntry, content: bytes) -> None:
        """Store a file. Raises OSError."""
        self._make(self.folder)
        self._make(self.folder / _FILES)
        self._leave_room(len(content))
        write_private_file(self.file(entry), content)

    def sweep(self) -> None:
        """Take away the files that no stored configuration names; failing to is no error."""
        try:
            used = {file for name in (CANDIDATE, GOOD) for file in self._used(name)}
            for file in (self.folder / _FILES).glob("*"):
                if file not in used:
                    file.unlink()
        except (OSError, msgspec.MsgspecError, DamagedConfigurationError) as error:
            log.warning("What the configuration needs no more is kept: %s", error)

    def _used(self, name: str) -> Iterable[Path]:
        stored = self.read(name)
        return [self.file(entry) for entry in stored.decode().files] if stored else []

    def _leave_room(self, size: int) -> None:
        """Raises OSError if so much more would leave answers too little of the disk."""
        if shutil.disk_usage(self.folder).free < size + SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @staticmethod
    def _make(folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)


def digest_of(stored: StoredConfiguration | None) -> ConfigurationDigest:
    """The digest of what is stored; empty: nothing is."""
    return stored.digest if stored else NONE
