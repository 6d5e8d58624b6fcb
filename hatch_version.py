"""The version of what is built here: the release below, and what came after it.

``0.2.0``                     the very commit that set RELEASE
``0.2.0+15.g1a2b3c4d``        15 commits later
``0.2.0+15.g1a2b3c4d.d5e6f``  the same with changes that are not committed
``0.2.0+s5e6f``               files without a history, as from an archive of them

So two builds of different content have different versions, and ``pip install`` puts one in the
place of the other. From a source archive a wheel gets the version that the archive has. Nothing
here rests on tags, which a fresh clone may lack.
"""

import hashlib
import re
import subprocess
from pathlib import Path

RELEASE = "0.2.0"
_HERE = Path(__file__).resolve().parent
_PACKAGED = ("assets", "config", "sync", "kiosk", "headoffice", "pyproject.toml", "hatch_build.py",
             "hatch_version.py")  # fmt: skip
_SET = r"^RELEASE = "


def version(root: Path = _HERE, release: str = RELEASE) -> str:
    """Of the checkout, archive or folder of files at this path (PEP 440)."""
    if (root / "PKG-INFO").exists():
        found = re.search(r"^Version: (.+)$", (root / "PKG-INFO").read_text(), re.MULTILINE)
        if found:
            return found[1]
    commit = _git(root, "rev-parse", "--short=8", "HEAD") if (root / ".git").exists() else ""
    if not commit:
        return f"{release}+s{_content(root)}"
    local = []
    if _git(root, "rev-parse", "--is-shallow-repository") == "true":
        # How many commits there were since is cut off.
        local = [f"g{commit}"]
    elif after := _commits_after_release(root):
        local = [str(after), f"g{commit}"]
    if _git(root, "status", "--porcelain", "--", *_PACKAGED):
        local.append(f"d{_content(root)}")
    return f"{release}+{'.'.join(local)}" if local else release


def _commits_after_release(root: Path) -> int:
    since = _git(root, "log", "-1", "--format=%H", f"-G{_SET}", "--", Path(__file__).name)
    return int(_git(root, "rev-list", "--count", f"{since}..HEAD") or 0) if since else 0


def _git(root: Path, *words: str) -> str:
    """What git says; nothing if it is not there or refuses."""
    # Also for root, who installs from a checkout that somebody else has made.
    command = ["git", "-c", "safe.directory=*", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _content(root: Path) -> str:
    """Eight digits that other files would not have."""
    digest = hashlib.sha256()
    paths = [path for name in _PACKAGED for path in ((root / name), *(root / name).rglob("*"))]
    for path in sorted(paths):
        # What is made of the others, when it is built or run, is no content.
        if path.is_file() and path.suffix not in (".pyc", ".mo"):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:8]
