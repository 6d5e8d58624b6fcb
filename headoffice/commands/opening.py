"""Opens the head office that a command acts on, and no other.

Only `serve`, and what is told so, makes a head office where there is none: a word forgotten on the
command line must not end in an empty one that looks well.
"""

import enum
import errno
import fcntl
import gc
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from config.private_folder import SharedFolderError, claim_private_folder, hide_files
from headoffice.commands.checks import default_zone_words
from headoffice.commands.objections import YES, DatabaseState, objections
from headoffice.db.lock_file import open_lock_file
from headoffice.errors import ConfigurationError, HeadOfficeError
from headoffice.server import folder_record, secret_key
from headoffice.server.folder_record import FolderRecord
from headoffice.server.folder_use import share_folder
from headoffice.server.paths import data_folder, is_known_file

SERVICE_FOLDER = Path("/var/lib/hymio-headoffice")
"""Where the installed service keeps its things."""


class Allow(enum.Flag):
    """What a command may do besides acting on the head office that is there."""

    NOTHING = 0
    CREATE = enum.auto()
    """Make a head office where there is none."""
    UPGRADE = enum.auto()
    """Bring an older database up to date."""
    OLD_SCHEMA = enum.auto()
    """Act on an older database as it is."""
    ANOTHER = enum.auto()
    """Take this database and this secret key from now on, whatever speaks against them."""
    ALONE = enum.auto()
    """The caller has the data folder to itself already."""


def open_head_office(allow: Allow = Allow.NOTHING) -> DatabaseState:
    """Start Django on the head office of the data folder; what its database said before that.

    Raises HeadOfficeError if there is none, if the database or the secret key is not this folder's,
    or if the schema is newer or older than this program's.
    """
    folder = data_folder()
    with _explained(folder):
        record = folder_record.read_record(folder)
        _start_django()
        if Allow.CREATE not in allow:
            _insist_on_head_office(folder, record)
        if told := claim_private_folder(folder, is_known_file):
            _say(told)
        if Allow.ALONE not in allow:
            share_folder(folder)
        with _one_at_a_time(folder):
            state = database_state()
            _check(folder, record, state, allow)
            key = _use_key(folder)
            if _bring_up_to_date(state, allow):
                _remember(folder, record, key, allow)
        hide_files(folder, is_known_file)
    _say(state.address)
    if state.empty:
        _say(f"It is a new head office. New places get the time zone {default_zone_words()}")
    return state


def open_folder() -> FolderRecord | None:
    """Start Django on the data folder, whatever its database is like; what the folder knows.

    Raises HeadOfficeError if it can't be used.
    """
    folder = data_folder()
    with _explained(folder):
        record = folder_record.read_record(folder)
        _start_django()
        if told := claim_private_folder(folder, is_known_file):
            _say(told)
    return record


def database_state() -> DatabaseState:
    """What the database says of itself. Changes nothing; may raise DatabaseError."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from headoffice.db.address import database_address

    address = database_address()
    if connection.vendor == "sqlite" and not _has_content(Path(connection.settings_dict["NAME"])):
        # Asking it would make it.
        return DatabaseState(address)
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations)
    if not applied:
        return DatabaseState(address)
    row = _own_row() if ("fleet", "0001_initial") in applied else {}
    return DatabaseState(
        address,
        identity=str(row.get("uuid", "")),
        key=row.get("key_fingerprint", ""),
        program=row.get("program", ""),
        pending=bool(executor.migration_plan(executor.loader.graph.leaf_nodes())),
        foreign=tuple(
            ".".join(key) for key in sorted(applied - set(executor.loader.disk_migrations))
        ),
    )


def _own_row() -> dict[str, str]:
    """The row of the head office itself, with the columns that it has by now."""
    from uuid import UUID

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM fleet_headoffice WHERE id = 1")
        found = cursor.fetchone()
        names = [column[0] for column in cursor.description or ()]
    row = dict(zip(names, found, strict=True)) if found else {}
    return row | {"uuid": str(UUID(str(row["uuid"])))} if row else {}


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _insist_on_head_office(folder: Path, record: FolderRecord | None) -> None:
    """HeadOfficeError where this folder never had one: then a word was forgotten."""
    from django.db import connection

    if record is not None or (folder / secret_key.NAME).exists():
        return
    if connection.vendor == "sqlite" and _has_content(Path(connection.settings_dict["NAME"])):
        return
    hint = "give its folder with --data"
    if folder != SERVICE_FOLDER and SERVICE_FOLDER.is_dir():
        hint = f"that of this machine's service is in {SERVICE_FOLDER}: {hint}"
    raise HeadOfficeError(
        f"there is no head office in {folder}: {hint}. A new one is made by `serve`"
    )


def _check(folder: Path, record: FolderRecord | None, state: DatabaseState, allow: Allow) -> None:
    if state.foreign:
        names = ", ".join(state.foreign[:3]) + (" and more" if state.foreign[3:] else "")
        whose = f"Hymio {state.program}" if state.program else "a newer version of Hymio"
        raise HeadOfficeError(
            f"{state.address} was brought up to date by {whose}, this is {version('hymio')} and "
            f"doesn't know {names}: install that version again, or put back a copy from before"
        )
    key = secret_key.read_key(folder)
    reasons = list(objections(record, state, secret_key.fingerprint(key) if key else None))
    if reasons and Allow.ANOTHER not in allow:
        raise HeadOfficeError(". ".join([*reasons, YES]))
    if state.empty and Allow.CREATE not in allow:
        raise HeadOfficeError(f"there is no head office in {state.address}: `serve` makes one")


def _use_key(folder: Path) -> str:
    """The fingerprint of the folder's key, with which Django signs from now on."""
    from django.conf import settings

    settings.SECRET_KEY = secret_key.ensure_key(folder)
    return secret_key.fingerprint(settings.SECRET_KEY)


def _bring_up_to_date(state: DatabaseState, allow: Allow) -> bool:
    """Whether the schema is this program's now."""
    if not state.empty and not state.pending:
        return True
    if state.empty or Allow.UPGRADE in allow:
        _migrate()
        return True
    if Allow.OLD_SCHEMA in allow:
        return False
    raise HeadOfficeError(
        f"{state.address} is of an earlier version of Hymio: start the new `serve` once, which "
        "brings it up to date"
    )


def _migrate() -> None:
    from django.core.management import call_command

    from headoffice.db import citus
    from headoffice.fleet.models import HeadOffice

    with citus.migrating():
        call_command("migrate", interactive=False, verbosity=0)
    HeadOffice.identity()
    HeadOffice.objects.update(program=version("hymio"))


def _remember(folder: Path, record: FolderRecord | None, key: str, allow: Allow) -> None:
    """Write down, on both sides, that this folder and this database belong together."""
    from headoffice.db.address import database_address
    from headoffice.fleet.models import HeadOffice

    identity = HeadOffice.identity()
    row = HeadOffice.objects.get()
    if row.key_fingerprint != key:
        # Of two machines that begin at once with different keys, one finds it taken.
        free = HeadOffice.objects.filter(key_fingerprint=row.key_fingerprint)
        usable = not row.key_fingerprint or Allow.ANOTHER in allow
        if not usable or not free.update(key_fingerprint=key):
            raise HeadOfficeError("another machine has just begun with another secret-key")
    if not row.program:
        HeadOffice.objects.update(program=version("hymio"))
    found = FolderRecord(identity=identity, database=database_address(), key=key)
    if found != record:
        folder_record.write_record(folder, found)


def _disk_words(folder: Path, error: OSError) -> str:
    file = Path(error.filename or folder)
    me = _name_of(os.geteuid())
    try:
        owner = _name_of(file.lstat().st_uid)
    except OSError:
        owner = me
    if error.errno in (errno.EACCES, errno.EPERM) and owner != me:
        return (
            f"{me} may not use {file}, which belongs to {owner}: commands are run by the user "
            f"whose head office it is. If {owner} made it by mistake, give it back with "
            f"`chown -R {me}: {folder}`"
        )
    return (
        f"can't use {file} ({error.strerror}): the data folder {folder} and its files have to be "
        f"{me}'s. Where the head office is somewhere else, give its folder with --data"
    )


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")
    import django

    # What is loaded stays to the end: to look through it for rubbish again and again as it grows
    # takes a command a sixth of its time.
    gc.disable()
    try:
        django.setup()
    finally:
        gc.freeze()
        gc.enable()


def _say(text: str) -> None:
    print(f"hymio-headoffice: {text}", file=sys.stderr)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Errors of the disk and of the database as what they mean."""
    try:
        yield
    except SharedFolderError as error:
        raise ConfigurationError(f"{error} with --data") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise HeadOfficeError(f"the disk of {folder} is full: make room on it") from error
        raise ConfigurationError(_disk_words(folder, error)) from error
    except Exception as error:
        from django.db import DatabaseError

        if not isinstance(error, DatabaseError):
            raise
        raise HeadOfficeError(f"the database can't be used: {error}".strip()) from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    file = open_lock_file(folder / "migrating.lock")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
