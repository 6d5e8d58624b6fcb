"""One kept kiosk on a folder and on a display: a second one ends before it shows anything.

Its calm page would cover a healthy kiosk, and its kiosk could never open the outbox.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from config.errors import ConfigError
from kiosk.errors import AlreadyKeptError
from kiosk.last_good import read_settings
from kiosk.options import RunOptions
from sync.outbox.storage import lock_holder

_LOCK = "keep.lock"


@contextmanager
def sole_keeper(options: RunOptions) -> Iterator[None]:
    """Nobody else keeps a kiosk here meanwhile. Raises AlreadyKeptError."""
    with ExitStack() as held:
        try:
            read = read_settings(options.config, options.data)
        except ConfigError:
            yield  # the kiosk itself says what is wrong, and nothing is shown
            return
        held.enter_context(_folder_lock(read.data))
        fullscreen = options.fullscreen
        if fullscreen if fullscreen is not None else read.settings.screen.fullscreen:
            held.enter_context(_display_lock(os.environ.get("DISPLAY", "")))
        yield


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """A kiosk without a keeper holds the outbox alone, which counts too."""
    if lock_holder(folder) is not None:
        raise AlreadyKeptError(str(folder))
    with ExitStack() as held:
        # A folder that can't be written is the kiosk's to tell.
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            held.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyKeptError(str(folder)) from None
        yield


@contextmanager
def _display_lock(display: str) -> Iterator[None]:
    """A name that the kernel gives to one process, until that ends, however it does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as held:
        try:
            held.bind(f"\0hymio-keep-display-{display}")
        except OSError:
            raise AlreadyKeptError(f"display {display}") from None
        yield
