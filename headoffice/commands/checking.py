"""`check`: whether a head office is set up so that it works, and goes on working."""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from headoffice.commands import checks
from headoffice.commands.checks import Finding, Sign
from headoffice.commands.opening import Allow, open_head_office
from headoffice.commands.serve_options import add_options
from headoffice.errors import ConfigurationError, HeadOfficeError


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    check = commands.add_parser(
        "check",
        parents=[everywhere],
        help="look at key, certificate, database, names, time zone, disk, clock and copies",
        epilog="What `serve` is started with is taken from HYMIO_SERVE, or given after --.",
    )
    check.add_argument("options", nargs="*", metavar="-- OPTIONS OF SERVE")
    check.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> int:
    signs = set()
    for finding in _findings(options.options):
        print(f"{finding.sign:<5} {finding.about:<12} {finding.text}", flush=True)
        signs.add(finding.sign)
    return 1 if Sign.BAD in signs else 0


def _findings(words: Sequence[str]) -> Iterator[Finding]:
    try:
        serve = _serve_options(words or os.environ.get("HYMIO_SERVE", "").split())
    except ConfigurationError as error:
        yield Finding(Sign.BAD, "options", str(error))
        serve = _serve_options(())
    if serve.data:
        os.environ["HYMIO_DATA"] = str(serve.data.absolute())
    yield from checks.folder()
    yield from checks.certificate(serve)
    yield from checks.host_names(serve)
    yield from checks.disk()
    try:
        # As it is: to look at something changes nothing.
        state = open_head_office(Allow.OLD_SCHEMA)
    except HeadOfficeError as error:
        yield Finding(Sign.BAD, "head office", str(error))
        return
    yield from checks.key_and_database(state)
    yield from checks.time_zone()
    yield from checks.copies()
    yield from checks.connections(serve)
    if not state.pending:
        yield from checks.clock()


class _Parser(argparse.ArgumentParser):
    """Whose mistakes are findings like others."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"`serve` would not take its options: {message}")


def _serve_options(words: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(prog="hymio-headoffice serve", add_help=False)
    add_options(parser)
    parser.add_argument("--data", type=Path)
    return parser.parse_args(words)
