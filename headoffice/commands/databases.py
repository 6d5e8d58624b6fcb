"""`distribute`."""

import argparse
from typing import Any

from headoffice.commands.opening import open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    distribute = commands.add_parser(
        "distribute",
        parents=[everywhere],
        help="spread the big tables over the machines of a PostgreSQL with Citus",
    )
    distribute.set_defaults(run=_distribute)


def _distribute(options: argparse.Namespace) -> int:
    del options
    open_head_office()
    from headoffice.db import citus

    if citus.distribute(lambda text: print(text, flush=True)):
        print("This installation is distributed. All other tables stay on the coordinator.")
    else:
        print("This installation is distributed already; nothing was changed.")
    return 0
