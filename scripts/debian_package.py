"""One Debian package: a tree of files, what dpkg is told of it, and its scripts."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
DATA = ("conffiles", "triggers")
_FIRST_LETTER = re.compile(r"\+(?=[A-Za-z])")


def debian_version(version: str) -> str:
    """The version as dpkg sorts it rightly.

    ``0.2.0+15.g1a2b3c4d`` is later than ``0.2.0+9.g…`` as it stands. One whose number of commits is
    not known begins with a letter, which dpkg would take for later than any number: it is put
    right behind its release.
    """
    return _FIRST_LETTER.sub("+0.", version, count=1)


@dataclass(frozen=True)
class DebianPackage:
    """What becomes a file ``NAME_VERSION_ARCHITECTURE.deb``."""

    name: str
    version: str
    architecture: str
    fields: Mapping[str, str]
    """Of its control file, besides those that follow from the rest."""
    source: Path
    """A folder with ``control/`` (the scripts, and ``triggers``) and ``root/`` (further files)."""

    @property
    def file_name(self) -> str:
        """The name that apt knows such files by."""
        return f"{self.name}_{self.version}_{self.architecture}.deb"

    def build(self, tree: Path, into: Path, epoch: int) -> Path:
        """Makes the file of a tree, which gets what dpkg wants to know; returns its path.

        ``epoch``: the Unix time in seconds that all files get, so that the same tree always makes
        the same file.
        """
        shutil.copytree(self.source / "root", tree, dirs_exist_ok=True)
        control = tree / "DEBIAN"
        control.mkdir()
        files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
        (control / "md5sums").write_text("".join(_sum_line(path, tree) for path in files))
        kilobytes = sum(path.stat().st_size + 1023 >> 10 for path in files)
        (control / "control").write_text(self._control(kilobytes))
        for name in (*SCRIPTS, *DATA):
            if (given := self.source / "control" / name).exists():
                shutil.copyfile(given, control / name)
                (control / name).chmod(0o755 if name in SCRIPTS else 0o644)
        _set_modes(tree)
        _set_times(tree, epoch)
        made = into / self.file_name
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z10", "--build", tree, made],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)},
        )
        return made

    def _control(self, kilobytes: int) -> str:
        fields = {
            "Package": self.name,
            "Version": self.version,
            "Architecture": self.architecture,
            "Installed-Size": str(kilobytes),
            "Section": "misc",
            "Priority": "optional",
        } | dict(self.fields)
        return "".join(f"{name}: {text}\n" for name, text in fields.items())


def _sum_line(path: Path, tree: Path) -> str:
    # dpkg knows no other sum; it is to find files that were damaged later, not forgeries.
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return f"{digest}  {path.relative_to(tree)}\n"


def _set_modes(tree: Path) -> None:
    """Readable by all, whatever the umask and the checkout were; a program stays one."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _set_times(tree: Path, epoch: int) -> None:
    for path in (*tree.rglob("*"), tree):
        os.utime(path, (epoch, epoch), follow_symlinks=False)
