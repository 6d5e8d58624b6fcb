"""The ``hymio-headoffice`` command."""

import argparse
import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from headoffice.commands import (
    acceptance,
    checking,
    clocks,
    copies,
    databases,
    demonstration,
    kiosks,
    moving,
    people,
    questionnaires,
    restoring,
    rollups,
    serving,
    sticks,
)
from headoffice.errors import ConfigurationError, HeadOfficeError

FAMILIES = (
    serving,
    checking,
    kiosks,
    sticks,
    people,
    questionnaires,
    copies,
    restoring,
    moving,
    databases,
    rollups,
    acceptance,
    demonstration,
    clocks,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 ok, 1 failed, 2 wrong usage or settings, 78 a start set up wrongly."""
    # Everything goes at the end: to look for rubbish in it takes as long as to start Django.
    atexit.register(gc.freeze)
    options = parser().parse_args(arguments)
    # Whatever is made here is for this user alone.
    os.umask(0o077)
    if options.data:
        os.environ["HYMIO_DATA"] = str(options.data.absolute())
    try:
        return int(options.run(options))
    except HeadOfficeError as error:
        print(f"hymio-headoffice: {error}", file=sys.stderr)
        if options.run is serving.run:
            return error.exit_code
        return 2 if isinstance(error, ConfigurationError) else HeadOfficeError.exit_code


def parser() -> argparse.ArgumentParser:
    """What may be typed."""
    parser = argparse.ArgumentParser(
        prog="hymio-headoffice",
        description="Receives the answers of kiosks and shows what they say.",
        epilog="HYMIO_DATABASE_URL names a PostgreSQL; without it SQLite in the data folder.",
    )
    parser.add_argument("--version", action="version", version=f"hymio {version('hymio')}")
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument("--data", type=Path, metavar="DIR", help="where things are kept")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for family in FAMILIES:
        family.add(commands, everywhere)
    return parser
