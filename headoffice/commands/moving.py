"""`move`."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from headoffice.commands.opening import Allow, open_head_office
from headoffice.errors import HeadOfficeError
from headoffice.server import folder_record
from headoffice.server.folder_use import own_folder
from headoffice.server.paths import data_folder

if TYPE_CHECKING:
    from headoffice.copies.transfer import Progress

_SQLITE = "django.db.backends.sqlite3"
_FILE = "headoffice.sqlite3"
_NO_ADDRESS = (
    "a head office moves to a PostgreSQL, by its address like postgresql://hymio@db/hymio, or to "
    "“sqlite”"
)


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    move = commands.add_parser(
        "move", parents=[everywhere], help="bring the head office to another database, all of it"
    )
    where = move.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--to", metavar="URL", help="of an empty PostgreSQL, without its password; or “sqlite”"
    )
    where.add_argument(
        "--to-env", metavar="NAME", help="a variable of the environment that holds the address"
    )
    move.set_defaults(run=_move)


def _move(options: argparse.Namespace) -> int:
    folder, url = data_folder(), options.to or os.environ.get(options.to_env, "")
    if not url:
        raise HeadOfficeError(f"there is no address in the variable {options.to_env}")
    target = _target(url, folder)
    if options.to and _has_password(target):
        print(
            "hymio-headoffice: others on this machine can read the password in the list of "
            "processes while this runs: better give it as PGPASSWORD, or the address with --to-env",
            file=sys.stderr,
        )
    if not folder.is_dir():
        open_head_office()
    with own_folder(folder):
        state = open_head_office(Allow.ALONE)
        from headoffice.copies.move import move_rows
        from headoffice.db.address import database_address

        address = database_address(target)
        if state.on_postgresql == (target["ENGINE"] != _SQLITE):
            raise HeadOfficeError(
                f"this head office is in {state.address}, and so on that engine already. A copy "
                "brings it to another place: `backup`, and `restore` there"
            )
        moved = move_rows(target, tell_progress)
        tell_progress(None)
        left = _switch(folder, address)
    print(f"Moved {moved.rows:,} rows in {moved.tables} tables to {address}.")
    print("Each table is the same there, in number and content.")
    if moved.wrong_counts:
        print(
            f"{moved.wrong_counts} counts were wrong before, and are: see rebuild-rollups --check."
        )
    print("\n".join(_what_now(url, target, left)))
    return 0


def _target(url: str, folder: Path) -> dict[str, Any]:
    """The database as Django's settings name it."""
    if url == "sqlite":
        return {"ENGINE": _SQLITE, "NAME": folder / _FILE}
    import dj_database_url

    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise HeadOfficeError(_NO_ADDRESS) from error
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise HeadOfficeError(_NO_ADDRESS)
    return found


def _switch(folder: Path, address: str) -> str:
    """Have the folder belong to the new database; where the old one is kept, if it is a file."""
    from django.db import connection, connections

    from headoffice.copies.restore import put_aside
    from headoffice.server.folder_record import read_record, write_record

    record = read_record(folder)
    if record is None:
        raise HeadOfficeError(f"{folder / folder_record.NAME} is gone")
    was_file = connection.vendor == "sqlite"
    connections.close_all()
    # Before this the old database is in force, after it the new one.
    write_record(folder, msgspec.structs.replace(record, database=address))
    if not was_file:
        return ""
    kept = put_aside(folder / _FILE)
    (folder / _FILE).unlink(missing_ok=True)
    return kept


def _what_now(url: str, target: dict[str, Any], left: str) -> list[str]:
    lines = [f"What it left is kept in {left}. Remove that once all is well."] if left else []
    if target["ENGINE"] == _SQLITE:
        return [
            *lines,
            "Now take HYMIO_DATABASE_URL out of /etc/hymio/headoffice.env, and start it.",
        ]
    shown = "the address that was given here" if _has_password(target) else url
    return [
        *lines,
        "Now write this into /etc/hymio/headoffice.env (root's, mode 0600), and start it:",
        f"  HYMIO_DATABASE_URL={shown}",
    ]


def _has_password(target: dict[str, Any]) -> bool:
    return bool(target.get("PASSWORD") or "password" in target.get("OPTIONS", {}))


def tell_progress(progress: "Progress | None") -> None:
    """A line that the next one takes the place of, where somebody looks on; None: away with it."""
    if not sys.stderr.isatty():
        return
    text = ""
    if progress is not None:
        share = 100 * progress.rows // max(1, progress.total)
        rows = f"{progress.rows:,} rows of {progress.total:,} ({share} %)"
        text = f"{progress.step} {rows}: {progress.table}"
    print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
