"""`restore`."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.private_folder import hide_files
from headoffice.commands.copies import add_scratch
from headoffice.commands.opening import open_folder
from headoffice.errors import HeadOfficeError
from headoffice.server import secret_key
from headoffice.server.folder_use import own_folder
from headoffice.server.paths import data_folder, is_known_file

if TYPE_CHECKING:
    from headoffice.copies.restore import Restored

GENERAL = (
    "What was there before can't be read, so that this can't be listed: accounts, tokens, places, "
    "moves and revocations of kiosks, decisions about misuse, and erasures of contact details that "
    "were made since the copy. Until they are erased again those details can be read."
)


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    restore = commands.add_parser(
        "restore", parents=[everywhere], help="put a copy in the place of the database"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="that `verify-backup` calls good")
    restore.add_argument(
        "--anyway",
        action="store_true",
        help="also if the check finds something wrong, or without the secret key",
    )
    add_scratch(restore)
    restore.set_defaults(run=_restore)


def _restore(options: argparse.Namespace) -> int:
    file, folder = options.file.absolute(), data_folder()
    record = open_folder()
    from headoffice.copies.restore import RefusedCopyError, restore_copy

    with own_folder(folder):
        _insist_on_key(folder, anyway=options.anyway)
        try:
            done = restore_copy(
                file,
                record.identity if record else "",
                anyway=options.anyway,
                scratch=options.scratch,
            )
        except RefusedCopyError as error:
            print("\n".join(error.report.lines()), file=sys.stderr)
            raise
        hide_files(folder, is_known_file)
    print("\n".join(_words(file, done)))
    return 0


def _insist_on_key(folder: Path, *, anyway: bool) -> None:
    if secret_key.read_key(folder) is None and not anyway:
        raise HeadOfficeError(
            f"there is no secret-key in {folder}: put the one there first that is kept apart from "
            "the copies. If it is lost, say --anyway: contact details can't be read then"
        )


def _words(file: Path, done: "Restored") -> list[str]:
    from headoffice.copies.changes import enrolled_since, undone

    lines = [f"Put back: {file}" + (f", with {done.after.contents}." if done.after else ".")]
    if done.kept:
        lines.append(f"What was there before is kept: {done.kept}. Remove it once all is well.")
    lines.append("What kiosks have delivered since comes again by itself, as far as they hold it.")
    if done.before is None or done.after is None:
        lines += ["To be done again:", f"  {GENERAL}"]
        return [*lines, *_ENROLLED_PERHAPS, *_LAST]
    again = undone(done.before, done.after)
    lines += ["To be done again:", *(f"  {text}" for text in again)] if again else []
    if places := enrolled_since(done.before, done.after):
        lines.append(
            "Kiosks that joined since are refused, and keep their answers. For each a code:"
        )
        lines += [f"  sudo hymio-headoffice create-code --place {shlex.quote(p)}" for p in places]
    return [*lines, *_LAST]


_ENROLLED_PERHAPS = (
    "Kiosks that joined since are refused, and keep their answers: make a code for each.",
)
_LAST = (
    "Programs that read answers one after the other get those again that come again.",
    "Now start it, and look whether the counts are right:",
    "  sudo systemctl start hymio-headoffice",
    "  sudo hymio-headoffice rebuild-rollups --check",
)
