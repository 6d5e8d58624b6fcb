"""The command ``hymio-kiosk``."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import msgspec

from config.errors import ConfigError
from kiosk.errors import KioskError
from sync.errors import SyncError

OK, FAILED, WRONG_USAGE = 0, 1, 2
STAFF_ENDED = 3
"""Staff ended the program: it is not to be started again by itself."""
_PROGRAMS = (
    "run", "keep", "enrol", "renew", "status", "export", "test-connection", "set-pin", "check",
    "schema",
)  # fmt: skip


@dataclass(frozen=True)
class RunOptions:
    """What the command line says about ``run``; None: the settings decide."""

    config: Path | None = None
    data: Path | None = None
    fullscreen: bool | None = None
    size: tuple[int, int] | None = None
    trace: Path | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a program; returns 0, 1 if it failed, 2 for wrong usage or a bad configuration."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    options = _parser().parse_args(words)
    options.words = words[1:]
    try:
        code: int = options.program(options)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    except (SyncError, KioskError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return FAILED
    return code


def run_options(arguments: Sequence[str]) -> RunOptions:
    """What these arguments of ``run`` say."""
    return _wanted(_parser().parse_args(["run", *arguments]))


def data_folder(given: Path | None, setting: str) -> Path:
    """Where the kiosk keeps its answers: as given, as set, or where the system keeps such."""
    if given is not None:
        return given
    if setting:
        return Path(setting).expanduser()
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "hymio"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hymio-kiosk",
        allow_abbrev=False,
        description="The Hymio feedback kiosk. Without a program: run.",
    )
    parser.add_argument(
        "--version", action="version", version=f"hymio-kiosk {metadata.version('hymio')}"
    )
    programs = parser.add_subparsers(required=True, metavar="|".join(_PROGRAMS))

    run = programs.add_parser("run", help="show the questionnaire and collect answers")
    _run_arguments(run)
    run.set_defaults(program=_run)

    keep = programs.add_parser(
        "keep", allow_abbrev=False, help="run, and start again whatever falls over or freezes"
    )
    keep.add_argument(
        "--frozen",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="how long a screen may give no sign of life (default: 30)",
    )
    _run_arguments(keep)
    keep.set_defaults(program=_keep)

    enrol = programs.add_parser("enrol", help="join a head office with a one-time code")
    enrol.add_argument("code", help="-: read it from standard input, where no one else sees it")
    enrol.add_argument("--url", required=True, help="address of the head office")
    _common(enrol)
    enrol.set_defaults(program=_enrol)

    renew = programs.add_parser("renew", help="replace this kiosk's credential by a new one")
    _common(renew)
    renew.set_defaults(program=_renew)

    status = programs.add_parser("status", help="what waits, what was refused, where it goes")
    status.add_argument("--json", action="store_true", help="for programs")
    _common(status)
    status.set_defaults(program=_status)

    export = programs.add_parser("export", help="copy every stored answer into a folder")
    export.add_argument("folder", type=Path, metavar="DIR")
    _common(export)
    export.set_defaults(program=_export)

    connection = programs.add_parser(
        "test-connection", help="try the way to the head office, step by step"
    )
    _common(connection)
    connection.set_defaults(program=_test_connection)

    set_pin = programs.add_parser(
        "set-pin", help="choose the staff's PIN, read from standard input"
    )
    _common(set_pin)
    set_pin.set_defaults(program=_set_pin)

    check = programs.add_parser("check", help="check a settings or questionnaire file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(program=_check)

    schema = programs.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.add_argument("of", choices=("settings", "questionnaire"))
    schema.set_defaults(program=_schema)
    return parser


def _run_arguments(run: argparse.ArgumentParser) -> None:
    _common(run)
    where = run.add_mutually_exclusive_group()
    where.add_argument("--windowed", dest="fullscreen", action="store_false", default=None)
    where.add_argument("--fullscreen", dest="fullscreen", action="store_true", default=None)
    run.add_argument(
        "--size", type=_size, metavar="WxH", help="size of the window in pixels; implies --windowed"
    )
    run.add_argument(
        "--trace", type=Path, metavar="FILE", help="append what happens, for developers"
    )


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings (TOML)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where answers are kept")


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1280x800")
    size = (int(width), int(height))
    if min(size) < 240 or max(size) > 7680:
        raise argparse.ArgumentTypeError(f"{text!r}: each side must be 240 to 7680 pixels")
    return size


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None
    if not 2 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r}: 2 to 3600 seconds")
    return seconds


# Each program imports what it needs: --help and check must not wait for a window system.


def _run(options: argparse.Namespace) -> int:
    from kiosk import bootstrap

    return bootstrap.run(_wanted(options))


def _wanted(options: argparse.Namespace) -> RunOptions:
    wanted = RunOptions(
        options.config, options.data, options.fullscreen, options.size, options.trace
    )
    if wanted.size is not None and wanted.fullscreen is None:
        wanted = replace(wanted, fullscreen=False)
    return wanted


def _keep(options: argparse.Namespace) -> int:
    from kiosk import keeper

    words = list(options.words)
    if "--frozen" in words:
        at = words.index("--frozen")
        del words[at : at + 2]
    return keeper.keep([w for w in words if not w.startswith("--frozen=")], options.frozen)


def _enrol(options: argparse.Namespace) -> int:
    from kiosk import joining

    # The command line of a process can be read by everybody on the machine.
    code = sys.stdin.readline() if options.code == "-" else options.code
    print(joining.join(code, options.url, options.config, options.data))
    return OK


def _renew(options: argparse.Namespace) -> int:
    from kiosk import joining

    print(joining.renew(options.config, options.data))
    return OK


def _status(options: argparse.Namespace) -> int:
    from kiosk import status

    found = status.status(options.config, options.data)
    print(msgspec.json.encode(found).decode() if options.json else status.in_words(found))
    return OK


def _export(options: argparse.Namespace) -> int:
    from kiosk import aside

    print(aside.export_to(options.folder, options.config, options.data))
    return OK


def _test_connection(options: argparse.Namespace) -> int:
    from kiosk import aside

    fine = True
    for line, good in aside.connection_lines(options.config, options.data):
        print(line, flush=True)
        fine = fine and good
    return OK if fine else FAILED


def _set_pin(options: argparse.Namespace) -> int:
    from kiosk import aside

    # Never as an argument: the command line of a process can be read by everybody.
    if sys.stdin.isatty():
        import getpass

        pin = getpass.getpass("New PIN: ")
        if pin != getpass.getpass("Once more: "):
            print("The two were different; nothing was changed.", file=sys.stderr)
            return FAILED
    else:
        pin = sys.stdin.readline().strip()
    print(aside.set_pin(pin, options.config, options.data))
    return OK


def _check(options: argparse.Namespace) -> int:
    from kiosk import checking

    print(checking.check(options.file))
    return OK


def _schema(options: argparse.Namespace) -> int:
    from kiosk import checking

    print(checking.schema(options.of))
    return OK
