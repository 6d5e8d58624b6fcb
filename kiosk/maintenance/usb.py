"""Finds the USB sticks that the system has mounted."""

import os
from collections.abc import Iterator
from pathlib import Path

from kiosk.maintenance.results import Media, Medium

ROOTS = (Path("/media"), Path("/run/media"))
"""Where desktops and udisks mount removable media, directly or in a folder for each user."""


def find_media(roots: tuple[Path, ...] = ROOTS) -> Media:
    """What is mounted below the roots. A mere folder there is on the kiosk's own disk."""
    return Media(tuple(medium for place in _places(roots) if (medium := _medium(place))))


def _places(roots: tuple[Path, ...]) -> Iterator[Path]:
    for root in roots:
        for place in _folders(root):
            if place.is_mount():
                yield place
            else:
                yield from (inner for inner in _folders(place) if inner.is_mount())


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(path for path in parent.iterdir() if path.is_dir())
    except OSError:
        return []


def _medium(place: Path) -> Medium | None:
    try:
        disk = os.statvfs(place)
    except OSError:  # pulled out just now
        return None
    writable = not disk.f_flag & os.ST_RDONLY and os.access(place, os.W_OK)
    return Medium(place, place.name, disk.f_bavail * disk.f_frsize, writable)
