"""Small real file systems that can be filled to the last block and turned read-only."""

import contextlib
import os
import subprocess
from pathlib import Path

from processes import wait_until

_FILLER = "filler"


def can_mount() -> bool:
    """Whether this user may mount a file system (root, and not in a container that forbids it)."""
    if os.geteuid() != 0:
        return False
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


class SmallDisk:
    """A tmpfs of a few megabytes, mounted over a folder."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)
        self._mount("-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs")

    def fill(self) -> None:
        """Leave not one block free."""
        with (self.folder / _FILLER).open("ab", buffering=0) as file:
            # Ever smaller pieces, so that the last block is taken too.
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass

    def free(self) -> None:
        """Give the space back."""
        (self.folder / _FILLER).unlink(missing_ok=True)

    def make_read_only(self) -> None:
        """Waits until no program, killed a moment ago, has a file of it open for writing."""
        command = ["mount", "-o", "remount,ro", str(self.folder)]

        def remounted() -> bool:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

        wait_until(remounted, "the disk to be left alone", seconds=20)

    def make_writable(self) -> None:
        """As before."""
        self._mount("-o", "remount,rw")

    def remove(self) -> None:
        """Take it away, whoever still stands in it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    def _mount(self, *how: str) -> None:
        subprocess.run(["mount", *how, str(self.folder)], check=True)
