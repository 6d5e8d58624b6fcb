"""`rebuild-rollups`."""

import argparse
from typing import Any

from headoffice.commands.opening import open_head_office

_SHOWN = 20
"""Differences of one kiosk, or of the sums of areas, that are printed."""


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    rebuild = commands.add_parser(
        "rebuild-rollups", parents=[everywhere], help="make the counts what the messages say"
    )
    rebuild.add_argument(
        "--check", action="store_true", help="change nothing; 1 if a count is wrong"
    )
    rebuild.set_defaults(run=_rebuild_rollups)


def _rebuild_rollups(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.rollups import area_sums, verify

    wrong = 0
    kiosks = verify.kiosks_with_counts()
    for kiosk in kiosks:
        differences = verify.check_kiosk(kiosk, repair=not options.check)
        for difference in differences[:_SHOWN]:
            print(difference)
        if len(differences) > _SHOWN:
            print(f"Kiosk {kiosk}: and {len(differences) - _SHOWN} more")
        wrong += len(differences)
    sums = list(area_sums.differences())
    for text in sums[:_SHOWN]:
        print(text)
    wrong += len(sums)
    if wrong and not options.check:
        # Made again from the counts, by whoever serves pages.
        area_sums.discard_sums()
    if not kiosks:
        print("No kiosk has ever delivered here: nothing was compared.")
        return 1
    if not wrong:
        print(f"The counts of {len(kiosks)} kiosks are what their messages say.")
        return 0
    print(f"{wrong} things were wrong{'.' if options.check else ' and are repaired.'}")
    return 1 if options.check else 0
