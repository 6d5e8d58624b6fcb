"""`clock` and `repair-times`: whether the clock is trusted, and what a wrong one left behind."""

import argparse
from typing import Any

from headoffice.commands.opening import open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    told = commands.add_parser(
        "clock",
        parents=[everywhere],
        help="tell whether this machine's clock is trusted, or say that it is right",
    )
    told.add_argument(
        "--accept",
        metavar="DATE",
        help="it is right: today's date (in UTC) by your own watch, like 2026-11-30",
    )
    told.set_defaults(run=_clock)
    repair = commands.add_parser(
        "repair-times",
        parents=[everywhere],
        help="find what a wrong clock dated, and mend it",
    )
    repair.add_argument(
        "--apply", action="store_true", help="mend it; without this, only tell what there is"
    )
    repair.set_defaults(run=_repair_times)


def _clock(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.timekeeping import guard, runs, witnesses
    from headoffice.timekeeping.judgement import Objection

    if options.accept:
        now = guard.accept_clock(options.accept)
        print(f"Accepted: this machine's clock, {_time(now.wall_ms)}, until it is set or started")
        print("anew. A head office that waits for it goes on within seconds.")
        return 0
    now = guard.read_clock()
    last = runs.last_written(now)
    votes = witnesses.count_votes(now)
    print(f"This machine shows          {_time(now.wall_ms)}")
    print(f"Something was written last  {_time(last.wall_ms) if last else 'never'}")
    print(f"Kiosks within the hour      {votes.agree} agree, {votes.object} object")
    verdict = guard.ClockGuard().look(now)
    if isinstance(verdict, Objection):
        print(guard.description(verdict, now.wall_ms))
        return 1
    print(f"The clock is trusted: {verdict.value}.")
    return 0


def _repair_times(options: argparse.Namespace) -> int:
    """1 if there is something to mend and it was only told."""
    open_head_office()
    from headoffice.repair.report import repair_times
    from headoffice.timekeeping import guard

    guard.insist_on_trust()
    count = repair_times(lambda text: print(text, flush=True), apply=options.apply)
    if not count:
        print("Nothing is dated by a wrong clock.")
        return 0
    if options.apply:
        print("All of it is mended. `rebuild-rollups --check` proves the counts.")
        return 0
    print("Nothing was changed: `repair-times --apply` mends all of it. Take a copy before.")
    return 1


def _time(ms: int) -> str:
    from headoffice import clock

    return clock.instant(ms).strftime("%Y-%m-%d %H:%M:%S UTC")
