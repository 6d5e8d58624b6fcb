"""`import-stick`: what a kiosk without a network exported."""

import argparse
from pathlib import Path
from typing import Any

from headoffice.commands.opening import open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    stick = commands.add_parser(
        "import-stick",
        parents=[everywhere],
        help="take in what a kiosk exported onto a stick; each answer counts once",
    )
    stick.add_argument("folder", type=Path, help="the stick, or one export on it")
    stick.add_argument("--place", metavar="NAME", help="where a kiosk stood that is not known yet")
    stick.add_argument("--time-zone", metavar="ZONE", help="of a new place, like Europe/Helsinki")
    stick.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.accounts.security_log import SHELL, record
    from headoffice.fleet.enrolment import find_or_make_place
    from headoffice.ingest.stick import check_export, exports_on, take_in
    from headoffice.timekeeping.guard import insist_on_trust

    insist_on_trust()
    # Every one is looked at before the first is taken in.
    exports = [(folder, check_export(folder)) for folder in exports_on(options.folder)]
    point = find_or_make_place(options.place, options.time_zone) if options.place else None
    for folder, manifest in exports:
        taken = take_in(folder, manifest, point)
        record("stick.imported", SHELL, taken.kiosk)
        rest = [(taken.refusals, "refused"), (taken.leftovers, "left on the kiosk")]
        more = "".join(f", {count:,} {what}" for count, what in rest if count)
        print(
            f"{folder.name}: kiosk {taken.kiosk.pk}, {taken.additions:,} messages new, "
            f"{taken.duplicates:,} known already{more}"
        )
    return 0
