"""How a kiosk gets, and replaces, its credential."""

from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path

from config.settings import Settings
from sync.clock import SystemClock
from sync.credential import Keyring
from sync.enrolment import enrol, save_identity
from sync.errors import HeadOfficeUnreachableError, IdentityError, OutboxInUseError
from sync.failure_texts import INTERRUPTION
from sync.identity import Identity, load_identity, save_credential
from sync.outbox.sqlite import SqliteOutbox
from sync.rotation import rotate
from sync.transport import HttpTransport


def enrol_kiosk(
    code: str,
    url: str,
    settings: Settings,
    folder: Path,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Identity:
    """Enrols the kiosk of a folder; one that is running there takes the identity up by itself.

    Raises SyncError; an identity from before then stays. It also stays if ``is_cancelled`` by the
    time of the reply; the same kiosk may use the same code again.
    """
    identity = enrol(
        code,
        url,
        installation=_installation(folder),
        version=metadata.version("hymio"),
        head_office=settings.head_office,
        sync=settings.sync,
    )
    if is_cancelled():
        raise HeadOfficeUnreachableError(url, "it was cancelled.", reason=INTERRUPTION)
    save_identity(folder, identity)
    return identity


def replace_credential(settings: Settings, folder: Path) -> Identity:
    """Gives the kiosk of a folder a new credential, also while it runs there.

    Raises SyncError if there is no new one; the present one then stays.
    """
    identity = load_identity(folder)
    if identity is None:
        raise IdentityError(f"The kiosk of {folder} is not enrolled: it has no credential.")
    clock, keyring = SystemClock(), Keyring(identity, partial(save_credential, folder))
    moved = keyring.at(settings.head_office.url)
    transport = HttpTransport(moved, clock, settings.sync, settings.head_office, keyring)
    rotate(transport, keyring, _installation(folder), clock)
    return identity


def _installation(folder: Path) -> str:
    """The outbox's installation, also while a kiosk is using it."""
    try:
        with SqliteOutbox.open(folder) as outbox:
            return outbox.position().installation
    except OutboxInUseError:
        with SqliteOutbox.look(folder) as outbox:
            return outbox.position().installation
