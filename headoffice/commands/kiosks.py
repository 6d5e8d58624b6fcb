"""`create-code`, `kiosks`, `revoke`, `recover-pin` and `misuse`."""

import argparse
import sys
from typing import Any

from headoffice.commands.opening import open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    code = commands.add_parser("create-code", parents=[everywhere], help="let one kiosk join")
    code.add_argument("--place", required=True, metavar="NAME", help="where it will stand")
    code.add_argument("--time-zone", metavar="ZONE", help="of a new place, like Europe/Helsinki")
    code.set_defaults(run=_create_code)

    kiosks = commands.add_parser("kiosks", parents=[everywhere], help="list kiosks")
    kiosks.set_defaults(run=_kiosks)

    revoke = commands.add_parser("revoke", parents=[everywhere], help="shut a kiosk out")
    revoke.add_argument("kiosk", help="its number or its id")
    revoke.set_defaults(run=_revoke)

    recover = commands.add_parser(
        "recover-pin", parents=[everywhere], help="answer a kiosk whose staff forgot their PIN"
    )
    recover.add_argument("kiosk", help="its number or its id")
    recover.add_argument("challenge", help="what the kiosk shows, like KLMQ-7342")
    recover.set_defaults(run=_recover_pin)

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


def _create_code(options: argparse.Namespace) -> int:
    open_head_office()
    from django.conf import settings

    from headoffice.accounts.security_log import SHELL, record
    from headoffice.fleet.enrolment import LIFETIME, create_code_at

    made = create_code_at(options.place, options.time_zone)
    record("code.made", SHELL)
    if made.is_new_place:
        print(f"{made.point.name} is a new place. Its time zone is {made.point.time_zone}.")
    elif options.time_zone and options.time_zone != made.point.time_zone:
        print(
            f"hymio-headoffice: {made.point.name} is there already, in the time zone "
            f"{made.point.time_zone}, which is not changed: its own page does that",
            file=sys.stderr,
        )
    if made.is_new_place and not options.time_zone and settings.DEFAULT_ZONE.is_utc_by_machine:
        print(
            f"hymio-headoffice: that is this machine's, and the hours and days of {made.point.name}"
            " are UTC's. Its own page changes it; HYMIO_TIME_ZONE says what new places get",
            file=sys.stderr,
        )
    hours = int(LIFETIME.total_seconds() // 3600)
    print(f"Enrolment code for one kiosk at {options.place}, valid for {hours} hours:")
    print(made.code)
    return 0


def _kiosks(options: argparse.Namespace) -> int:
    del options
    open_head_office()
    from headoffice.fleet.kiosks import all_kiosks

    for row in all_kiosks():
        beat = row.kiosk.heartbeat_at
        seen = beat.isoformat(timespec="seconds") if beat else "never"
        state = "revoked" if row.kiosk.revoked_at else row.kiosk.state or "enrolled"
        print(f"{row.kiosk.pk}\t{row.kiosk.uuid}\t{row.place}\t{state}\theard {seen}")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.accounts.security_log import SHELL, record
    from headoffice.fleet.kiosks import find_kiosk, revoke_kiosk

    kiosk = find_kiosk(options.kiosk)
    revoke_kiosk(kiosk)
    record("kiosk.revoked", SHELL, kiosk)
    print(f"Kiosk {kiosk.pk} is shut out. What it delivered stays.")
    return 0


def _recover_pin(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.accounts.security_log import SHELL, record
    from headoffice.fleet.kiosks import find_kiosk
    from headoffice.fleet.pin_recovery import answer_challenge

    kiosk = find_kiosk(options.kiosk)
    answer = answer_challenge(kiosk, options.challenge)
    record("kiosk.pin_recovered", SHELL, kiosk)
    print(f"The answer for kiosk {kiosk.pk}, which lets its staff choose a new PIN:")
    print(answer)
    return 0


def _misuse(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.fleet.kiosks import find_kiosk
    from headoffice.ingest import misuse

    kiosk = find_kiosk(options.kiosk)
    since, until = (misuse.instant_ms(kiosk, text) for text in (options.since, options.until))
    changed = misuse.mark_misuse(kiosk, since, until, None if options.clear else options.reason)
    print(f"{changed} messages of kiosk {kiosk.pk} changed; nothing was removed.")
    return 0
