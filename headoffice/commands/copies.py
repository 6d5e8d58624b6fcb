"""`backup`, `verify-backup` and `last-backup`."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from headoffice.commands.opening import Allow, open_head_office
from headoffice.errors import HeadOfficeError
from headoffice.server.paths import data_folder


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    backup = commands.add_parser(
        "backup", parents=[everywhere], help="copy the database while it is in use, and check that"
    )
    where = backup.add_mutually_exclusive_group(required=True)
    where.add_argument("file", nargs="?", type=Path, metavar="FILE", help="must not exist yet")
    where.add_argument(
        "--into", type=Path, metavar="FOLDER",
        help="as every night: to a new file in it, removing old ones once the new one is right",
    )  # fmt: skip
    backup.add_argument(
        "--keep-days", type=_days, default=30, metavar="N",
        help="with --into: copies older than this are removed (default: 30)",
    )  # fmt: skip
    backup.add_argument(
        "--mounted", action=argparse.BooleanOptionalAction,
        help="with --into: the folder has to be a mount point; "
        "without either: on the disk where it was last time",
    )  # fmt: skip
    backup.add_argument(
        "--allow-empty", action="store_true",
        help="call it no failure that nothing was ever delivered",
    )  # fmt: skip
    backup.add_argument("--no-verify", action="store_true", help="don't check the copy")
    add_scratch(backup)
    backup.set_defaults(run=_backup)

    verify = commands.add_parser(
        "verify-backup", parents=[everywhere], help="check whether a copy can be put back"
    )
    verify.add_argument("file", type=Path, metavar="FILE", help="of `backup`, or of pg_dump -Fc")
    add_scratch(verify)
    verify.set_defaults(run=_verify)

    last = commands.add_parser(
        "last-backup", parents=[everywhere],
        help="tell how the last back-up went; 1 if it failed or is too long ago",
    )  # fmt: skip
    last.add_argument(
        "--failed", action="store_true",
        help="put down that the nightly job ended badly, if it could not do so itself",
    )  # fmt: skip
    last.set_defaults(run=_last)


def add_scratch(parser: argparse.ArgumentParser) -> None:
    """The option that says where a dump is tried."""
    parser.add_argument(
        "--scratch", metavar="URL", default=os.environ.get("HYMIO_SCRATCH_URL", ""),
        help="a PostgreSQL that a dump is tried on, in a database made for that "
        "(or HYMIO_SCRATCH_URL; default: a server of its own, if there is one on this machine)",
    )  # fmt: skip


def _days(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days")
    return int(text)


def _backup(options: argparse.Namespace) -> int:
    target = (options.into or options.file).absolute()
    open_head_office(Allow.OLD_SCHEMA)
    from headoffice.copies.job import Wishes, make_copy, nightly_copy

    wishes = Wishes(
        options.allow_empty, not options.no_verify, options.scratch,
        keep_days=options.keep_days, mounted=options.mounted,
    )  # fmt: skip
    told: list[str] = []
    if options.into:
        copy, report, told = nightly_copy(target, wishes)
    else:
        copy, report = make_copy(target, wishes)
    print(f"Copied {copy.bytes} bytes to {copy.file}.")
    print(f"In it are {copy.contents}.")
    if report is not None and report.wrong:
        print("\n".join(report.lines()), file=sys.stderr)
        return 1
    if report is not None:
        print("\n".join(report.lines()[1:]))
    print("\n".join([*told, f"Copied to {copy.file}"]))
    return 0


def _verify(options: argparse.Namespace) -> int:
    file, live, why = options.file.absolute(), None, ""
    try:
        open_head_office(Allow.OLD_SCHEMA)
    except HeadOfficeError as error:
        why = str(error)
    from headoffice.copies.job import folder_key, read_live
    from headoffice.copies.verification import verify_copy

    if not why:
        live = read_live()
    report = verify_copy(file, live, folder_key(), options.scratch)
    if why:
        print(f"Not compared with the head office: {why}")
    print("\n".join(report.lines()), file=sys.stderr if report.wrong else sys.stdout)
    return 1 if report.wrong else 0


def _last(options: argparse.Namespace) -> int:
    from headoffice.db.backup_record import describe, note_bad_end, read_record

    folder = data_folder()
    if options.failed and folder.is_dir():
        note_bad_end(folder)
    text, good = describe(read_record(folder))
    print(text)
    return 0 if good and not options.failed else 1
