"""`seed-demo`."""

import argparse
import sys
from typing import Any

from headoffice.commands.opening import Allow, open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    demo = commands.add_parser(
        "seed-demo", parents=[everywhere], help="make up a chain of shops with a year behind it"
    )
    demo.add_argument("--small", action="store_true", help="six shops and ten weeks")
    demo.add_argument("--remove", action="store_true", help="take everything made up out again")
    demo.add_argument(
        "--new", action="store_true", help="make a head office if there is none in the data folder"
    )
    demo.set_defaults(run=_seed_demo)


def _seed_demo(options: argparse.Namespace) -> int:
    open_head_office(Allow.CREATE if options.new else Allow.NOTHING)
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
