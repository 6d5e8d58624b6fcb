"""`accept`."""

import argparse
from typing import Any

from headoffice.commands.opening import Allow, open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    accept = commands.add_parser(
        "accept",
        parents=[everywhere],
        help="say that a database or secret key that is refused is the right one",
    )
    accept.add_argument(
        "--yes", action="store_true", help="take it; without this, only tell what is there"
    )
    accept.set_defaults(run=_accept)


def _accept(options: argparse.Namespace) -> int:
    """Without --yes, the reasons to refuse it end the command as they end every other."""
    allow = Allow.CREATE | Allow.ANOTHER if options.yes else Allow.OLD_SCHEMA
    state = open_head_office(allow)
    if not options.yes:
        print(f"This data folder and {state.address} belong together: there is nothing to accept.")
        return 0
    from headoffice.fleet.kiosks import all_kiosks
    from headoffice.fleet.models import HeadOffice

    print(f"From now on this data folder belongs to the head office {HeadOffice.identity()} in")
    print(f"{state.address}, with {len(all_kiosks())} kiosks.")
    return 0
