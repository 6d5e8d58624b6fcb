"""`questionnaires`."""

import argparse
from typing import Any

from headoffice.commands.opening import open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    known = commands.add_parser(
        "questionnaires", parents=[everywhere], help="list questionnaires, remove unused ones"
    )
    known.add_argument(
        "--remove-unused",
        action="store_true",
        help="remove those that nobody answered and no kiosk shows",
    )
    known.set_defaults(run=_questionnaires)


def _questionnaires(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.questionnaires.unused import known_versions, remove_unused

    if options.remove_unused:
        print(f"{remove_unused()} unused questionnaires are removed; no answer was about them.")
    for row in known_versions():
        state = "used" if row.used else "unused"
        title = row.title or "(definition unknown)"
        origin = "head office" if row.kiosk is None else f"kiosk {row.kiosk}"
        print(f"{row.pk}\t{row.digest[:12]}\t{state}\t{origin}\t{title}")
    return 0
