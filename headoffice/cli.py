"""The ``hymio-headoffice`` command."""

import argparse
import fcntl
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from headoffice import secret
from headoffice.errors import HeadOfficeError
from headoffice.places import data_folder

_SHOWN = 20
"""Differences of one kiosk, or of the sums of areas, that are printed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 ok, 1 failed, 2 wrong usage."""
    options = parser().parse_args(arguments)
    if options.data:
        os.environ["HYMIO_DATA"] = str(options.data.absolute())
    try:
        return int(options.run(options))
    except HeadOfficeError as error:
        print(f"hymio-headoffice: {error}", file=sys.stderr)
        return 1


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

    serve = commands.add_parser("serve", parents=[everywhere], help="serve pages and kiosks")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000, help="0: any free one")
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate chain")
    serve.add_argument("--tls-key", type=Path, metavar="PEM", help="its private key")
    serve.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy in front speaks TLS and sets X-Forwarded-Proto and X-Forwarded-For",
    )
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or address that browsers and kiosks use; may be given more than once",
    )
    serve.add_argument(
        "--workers",
        type=_number_of_workers,
        metavar="N",
        help="processes that answer, 1 to 32 (default: 3, or 1 where there is one core)",
    )
    serve.set_defaults(run=_serve)

    code = commands.add_parser("create-code", parents=[everywhere], help="let one kiosk join")
    code.add_argument("--place", required=True, metavar="NAME", help="where it will stand")
    code.add_argument("--time-zone", metavar="ZONE", help="of a new place, like Europe/Helsinki")
    code.set_defaults(run=_create_code)

    user = commands.add_parser("create-user", parents=[everywhere], help="let a person log in")
    user.add_argument("name")
    user.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    user.add_argument(
        "--role",
        choices=("administrator", "analyst", "manager"),
        default="analyst",
        help="an analyst sees everything, a manager one part of it (default: analyst)",
    )
    user.add_argument(
        "--group", metavar="PATH", help="the part that a manager sees, like “Finland / Helsinki”"
    )
    user.set_defaults(run=_create_user)

    kiosks = commands.add_parser("kiosks", parents=[everywhere], help="list kiosks")
    kiosks.set_defaults(run=_kiosks)

    revoke = commands.add_parser("revoke", parents=[everywhere], help="shut a kiosk out")
    revoke.add_argument("kiosk", help="its number or its id")
    revoke.set_defaults(run=_revoke)

    misuse = commands.add_parser(
        "misuse", parents=[everywhere], help="call what a kiosk heard for a while misuse"
    )
    misuse.add_argument("kiosk", help="its number or its id")
    misuse.add_argument("--since", required=True, metavar="TIME", help="local, 2026-11-23T14:00")
    misuse.add_argument("--until", required=True, metavar="TIME", help="the first time after it")
    decision = misuse.add_mutually_exclusive_group(required=True)
    decision.add_argument("--reason", metavar="WORD", help="like children: kept, not counted")
    decision.add_argument("--clear", action="store_true", help="take back what was said here")
    misuse.set_defaults(run=_misuse)

    backup = commands.add_parser(
        "backup", parents=[everywhere], help="copy the SQLite database while it is in use"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="must not exist yet")
    backup.set_defaults(run=_backup)

    distribute = commands.add_parser(
        "distribute",
        parents=[everywhere],
        help="spread the big tables over the machines of a PostgreSQL with Citus",
    )
    distribute.set_defaults(run=_distribute)

    demo = commands.add_parser(
        "seed-demo", parents=[everywhere], help="make up a chain of shops with a year behind it"
    )
    demo.add_argument("--small", action="store_true", help="six shops and ten weeks")
    demo.add_argument("--remove", action="store_true", help="take everything made up out again")
    demo.set_defaults(run=_seed_demo)

    rebuild = commands.add_parser(
        "rebuild-rollups", parents=[everywhere], help="make the counts what the messages say"
    )
    rebuild.add_argument(
        "--check", action="store_true", help="change nothing; 1 if a count is wrong"
    )
    rebuild.set_defaults(run=_rebuild_rollups)
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _number_of_workers(text: str) -> int:
    from headoffice.serving import MOST_WORKERS

    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_WORKERS}")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    from headoffice.serving import Address, serve, usual_workers

    address = Address(options.host, options.port, options.tls_cert, options.tls_key)
    address.check(behind_proxy=options.behind_proxy)
    os.environ["HYMIO_TLS"] = "1" if address.tls else "0"
    os.environ["HYMIO_BEHIND_PROXY"] = "1" if options.behind_proxy else "0"
    hosts = [*os.environ.get("HYMIO_HOSTS", "").split(), *options.allow_host, *address.names]
    os.environ["HYMIO_HOSTS"] = " ".join(dict.fromkeys(hosts))
    _prepare()
    _first_administrator()
    return serve(address, options.workers or usual_workers())


def _create_code(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.fleet.enrolment import LIFETIME, create_code

    code = create_code(options.place, options.time_zone)
    hours = int(LIFETIME.total_seconds() // 3600)
    print(f"Enrolment code for one kiosk at {options.place}, valid for {hours} hours:")
    print(code)
    return 0


def _create_user(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.accounts.models import Role
    from headoffice.accounts.people import create_user
    from headoffice.fleet.places import group_at

    role = Role(options.role)
    group = group_at(options.group) if options.group else None
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        create_user(options.name, password, role=role, group=group)
        print(f"{options.name} may log in.")
        return 0
    password = secrets.token_urlsafe(12)
    create_user(options.name, password, role=role, group=group, temporary=True)
    print(f"{options.name} may log in with the password {password}")
    return 0


def _kiosks(options: argparse.Namespace) -> int:
    del options
    _prepare()
    from headoffice.fleet.overview import all_kiosks

    for row in all_kiosks():
        beat = row.kiosk.heartbeat_at
        seen = beat.isoformat(timespec="seconds") if beat else "never"
        state = "revoked" if row.kiosk.revoked_at else row.kiosk.state or "enrolled"
        print(f"{row.kiosk.pk}\t{row.kiosk.uuid}\t{row.place}\t{state}\theard {seen}")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.fleet.overview import find, revoke

    kiosk = find(options.kiosk)
    revoke(kiosk)
    print(f"Kiosk {kiosk.pk} is shut out. What it delivered stays.")
    return 0


def _misuse(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.fleet.overview import find
    from headoffice.ingest import judging

    kiosk = find(options.kiosk)
    since, until = (judging.instant_ms(kiosk, text) for text in (options.since, options.until))
    changed = judging.judge_between(kiosk, since, until, None if options.clear else options.reason)
    print(f"{changed} messages of kiosk {kiosk.pk} changed; nothing was removed.")
    return 0


def _backup(options: argparse.Namespace) -> int:
    target = options.file.absolute()
    _prepare()
    from headoffice.backup import back_up

    print(f"Copied {back_up(target)} bytes to {target}.")
    return 0


def _distribute(options: argparse.Namespace) -> int:
    del options
    _prepare()
    from headoffice import distribution

    if distribution.distribute(lambda text: print(text, flush=True)):
        print("This installation is distributed. All other tables stay on the coordinator.")
    else:
        print("This installation is distributed already; nothing was changed.")
    return 0


def _seed_demo(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.demonstration import seeding

    if options.remove:
        print(f"Removed {seeding.remove()} kiosks of the demonstration and all they said.")
        return 0
    made = seeding.seed(seeding.SMALL if options.small else seeding.WHOLE, _tell_progress)
    _tell_progress("")
    print(
        f"Made up {made.shops} shops with {made.kiosks} kiosks and {made.messages} messages, "
        "under the group “Demonstration data”."
    )
    return 0


def _tell_progress(text: str) -> None:
    """A line that the next one takes the place of, where somebody is looking."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _rebuild_rollups(options: argparse.Namespace) -> int:
    _prepare()
    from headoffice.results import rollups, summing

    wrong = 0
    kiosks = rollups.kiosks()
    for kiosk in kiosks:
        differences = rollups.check(kiosk, repair=not options.check)
        for difference in differences[:_SHOWN]:
            print(difference)
        if len(differences) > _SHOWN:
            print(f"Kiosk {kiosk}: and {len(differences) - _SHOWN} more")
        wrong += len(differences)
    sums = list(summing.differences())
    for text in sums[:_SHOWN]:
        print(text)
    wrong += len(sums)
    if wrong and not options.check:
        # Made again from the counts, by whoever serves pages.
        summing.forget()
    if not wrong:
        print(f"The counts of {len(kiosks)} kiosks are what their messages say.")
        return 0
    print(f"{wrong} things were wrong{'.' if options.check else ' and are repaired.'}")
    return 1 if options.check else 0


def _prepare() -> None:
    """Make the data folder and its key, start Django and bring the database up to date."""
    folder = data_folder()
    try:
        secret.ensure(folder)
    except OSError as error:
        raise HeadOfficeError(
            f"can't write to the data folder {folder} ({error.strerror}): "
            "choose another with --data"
        ) from error
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headoffice.settings")
    import django
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    from headoffice import distribution

    try:
        with _one_at_a_time(folder):
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                with distribution.migrating():
                    call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise HeadOfficeError(f"the database can't be used: {error}".strip()) from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "migrating.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _first_administrator() -> None:
    from headoffice.accounts.models import Role
    from headoffice.accounts.people import create_user, nobody

    if nobody():
        password = secrets.token_urlsafe(12)
        create_user("admin", password, role=Role.ADMINISTRATOR)
        print("Made the first account. This password is shown once:")
        print(f"  name:     admin\n  password: {password}", flush=True)
