"""The command ``hymio-kiosk``."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import msgspec

from config.errors import ConfigError
from kiosk.errors import KioskError, NotTheServiceError
from kiosk.options import (
    FAILED,
    OK,
    WRONG_USAGE,
    add_folder_arguments,
    add_run_arguments,
    data_folder,
    run_options,
)
from kiosk.service_account import Folders, act_for_service, find_service
from sync.errors import SyncError

_PROGRAMS = (
    "run", "keep", "session", "setup", "enrol", "renew", "status", "export", "test-connection",
    "set-pin", "reset", "check", "schema",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a program; returns 0, 1 if it failed, 2 for wrong usage or a bad configuration."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "run")
    options = _parser().parse_args(words)
    options.words = words[1:]
    try:
        _act_for_service(options, words)
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


def _act_for_service(options: argparse.Namespace, words: Sequence[str]) -> None:
    """Lets a command act as this machine's service, and on its folder."""
    if not hasattr(options, "data"):
        return
    service = find_service()
    try:
        folders = act_for_service(Folders(options.config, options.data), shlex.join(words), service)
    except NotTheServiceError:
        if options.program not in (_run, _keep, _session):
            raise
        folder = data_folder(None, "")
        print(f"This is a kiosk of your own, in {folder}: not the service's.", file=sys.stderr)
        return
    options.config, options.data = folders.config, folders.data


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
    add_run_arguments(run)
    run.set_defaults(program=_run)

    keep = programs.add_parser(
        "keep", allow_abbrev=False, help="run, and start again whatever falls over or freezes"
    )
    _add_keep_arguments(keep)
    keep.set_defaults(program=_keep)

    session = programs.add_parser(
        "session", allow_abbrev=False, help="keep, in a compositor: for a panel of its own"
    )
    session.add_argument(
        "--compositor", default="cage -d --", metavar="COMMAND", help="default: cage -d --"
    )
    _add_keep_arguments(session)
    session.set_defaults(program=_session)

    setup = programs.add_parser("setup", help="make a kiosk of this machine: asks, or takes a file")
    setup.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="default: hymio-setup.toml on a stick"
    )
    setup.set_defaults(program=_setup)

    enrol = programs.add_parser("enrol", help="join a head office with a one-time code")
    enrol.add_argument(
        "code",
        help="-: read from standard input, where no one else sees it; of several lines, the first "
        "code that no kiosk has taken",
    )
    enrol.add_argument("--url", required=True, help="address of the head office")
    add_folder_arguments(enrol)
    enrol.set_defaults(program=_enrol)

    renew = programs.add_parser("renew", help="replace this kiosk's credential by a new one")
    add_folder_arguments(renew)
    renew.set_defaults(program=_renew)

    status = programs.add_parser("status", help="what waits, what was refused, where it goes")
    status.add_argument("--json", action="store_true", help="for programs")
    status.add_argument(
        "--delivered",
        action="store_true",
        help="say nothing; 0 if the head office has every answer, else 1",
    )
    add_folder_arguments(status)
    status.set_defaults(program=_status)

    export = programs.add_parser("export", help="copy every stored answer into a folder")
    export.add_argument("folder", type=Path, metavar="DIR")
    add_folder_arguments(export)
    export.set_defaults(program=_export)

    connection = programs.add_parser(
        "test-connection", help="try the way to the head office, step by step"
    )
    add_folder_arguments(connection)
    connection.set_defaults(program=_test_connection)

    set_pin = programs.add_parser(
        "set-pin", help="choose the staff's PIN, read from standard input"
    )
    add_folder_arguments(set_pin)
    set_pin.set_defaults(program=_set_pin)

    reset = programs.add_parser("reset", help="forget this shop; refused while answers would go")
    reset.add_argument(
        "--discard-undelivered", action="store_true", help="also what no head office has"
    )
    add_folder_arguments(reset)
    reset.set_defaults(program=_reset)

    check = programs.add_parser("check", help="check a settings or questionnaire file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(program=_check)

    schema = programs.add_parser("schema", help="print the JSON Schema of a file, for editors")
    schema.add_argument("of", choices=("settings", "questionnaire"))
    schema.set_defaults(program=_schema)
    return parser


def _add_keep_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frozen",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="how long a screen may give no sign of life (default: 30)",
    )
    add_run_arguments(parser)


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

    return bootstrap.run(run_options(options))


def _keep(options: argparse.Namespace) -> int:
    from kiosk.supervisor import supervisor

    return supervisor.supervise(_without("--frozen", options.words), options.frozen)


def _session(options: argparse.Namespace) -> int:
    from kiosk.supervisor import compositor

    words = _without("--compositor", options.words)
    return compositor.run_session(options.compositor.split(), words)


def _without(name: str, words: Sequence[str]) -> list[str]:
    """The words of a command line without this option and its value."""
    rest = list(words)
    if name in rest:
        at = rest.index(name)
        del rest[at : at + 2]
    return [word for word in rest if not word.startswith(f"{name}=")]


def _setup(options: argparse.Namespace) -> int:
    from kiosk.commands import setup

    for line in setup.set_up_this_machine(options.file, find_service()):
        print(line, flush=True)
    return OK


def _enrol(options: argparse.Namespace) -> int:
    from kiosk.commands import enrolment

    # The command line of a process can be read by everybody on the machine.
    read = sys.stdin.readline if sys.stdin.isatty() else sys.stdin.read
    codes = tuple(read().split()) if options.code == "-" else (options.code,)
    print(enrolment.join_head_office(codes, options.url, options.config, options.data))
    return OK


def _renew(options: argparse.Namespace) -> int:
    from kiosk.commands import enrolment

    print(enrolment.renew_credential(options.config, options.data))
    return OK


def _status(options: argparse.Namespace) -> int:
    from kiosk.commands import status

    report = status.read_status(options.config, options.data)
    if options.delivered:
        return OK if report.all_delivered else FAILED
    if options.json:
        print(msgspec.json.encode(report).decode())
    else:
        # Another folder's kiosk is not the service, which names none on its command line.
        service = find_service()
        is_service = service is not None and report.data == str(service.folder)
        print(status.describe_status(report, is_service=is_service))
    return OK


def _export(options: argparse.Namespace) -> int:
    from kiosk.commands import export

    print(export.export_answers(options.folder, options.config, options.data))
    return OK


def _test_connection(options: argparse.Namespace) -> int:
    from kiosk.commands import connection

    fine = True
    for line, good in connection.test_connection(options.config, options.data):
        print(line, flush=True)
        fine = fine and good
    return OK if fine else FAILED


def _reset(options: argparse.Namespace) -> int:
    from kiosk.commands import reset

    print(reset.reset_kiosk(options.config, options.data, discard=options.discard_undelivered))
    return OK


def _set_pin(options: argparse.Namespace) -> int:
    from kiosk.commands import pin as pin_command

    # Never as an argument: the command line of a process can be read by everybody.
    if sys.stdin.isatty():
        import getpass

        pin = getpass.getpass("New PIN: ")
        if pin != getpass.getpass("Once more: "):
            print("The two were different; nothing was changed.", file=sys.stderr)
            return FAILED
    else:
        pin = sys.stdin.readline().strip()
    print(pin_command.set_pin(pin, options.config, options.data))
    return OK


def _check(options: argparse.Namespace) -> int:
    from kiosk.commands import check

    print(check.check_file(options.file))
    return OK


def _schema(options: argparse.Namespace) -> int:
    from kiosk.commands import check

    print(check.schema_text(options.of))
    return OK
