"""The kiosk that is this machine's service: who it runs as, and where it keeps its answers.

Both stand in its unit. A command that is called by root acts as that user, on that folder, so that
it neither looks at another kiosk than the one on the panel, nor leaves files that the kiosk can't
read.
"""

import os
import pwd
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import NotTheServiceError

UNIT = "hymio-kiosk.service"
UNIT_FOLDERS = (
    Path("/etc/systemd/system"),
    Path("/usr/lib/systemd/system"),
    Path("/lib/systemd/system"),
)
"""Where systemd looks for units; the first one hides the others."""
DATA_FOLDER = "hymio"
"""Below what the unit gives as XDG_DATA_HOME."""
_LINE = re.compile(r"^(User|Environment|ExecStart)=(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class ServiceAccount:
    """What the unit says, as far as commands have to do the same."""

    user: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """The folders of XDG."""
    data: Path | None = None
    config: Path | None = None
    """What the command line in the unit names."""

    @property
    def folder(self) -> Path:
        """Where the answers are, if no settings file names another folder."""
        return self.data or Path(self.environment.get("XDG_DATA_HOME", "/var/lib")) / DATA_FOLDER


def find_service(folders: Iterable[Path] = UNIT_FOLDERS) -> ServiceAccount | None:
    """The service of this machine; None if there is none, or no such user."""
    folders = tuple(folders)
    units = [folder / UNIT for folder in folders if (folder / UNIT).is_file()]
    if not units:
        return None
    drop_ins = {
        path.name: path for folder in reversed(folders) for path in folder.glob(f"{UNIT}.d/*.conf")
    }
    files = [units[0], *(drop_ins[name] for name in sorted(drop_ins))]
    try:
        service = _read("\n".join(path.read_text() for path in files))
        pwd.getpwnam(service.user)
    except (OSError, ValueError, KeyError):
        return None
    return service


def _read(unit: str) -> ServiceAccount:
    user, environment, command = "", dict[str, str](), list[str]()
    for name, text in _LINE.findall(unit.replace("\\\n", " ")):
        match name:
            case "User":
                user = text.strip()
            case "Environment":
                environment |= dict(word.split("=", 1) for word in shlex.split(text) if "=" in word)
            case _:
                command = shlex.split(text)
    folders = {name: text for name, text in environment.items() if name.startswith("XDG_")}
    return ServiceAccount(user, folders, _path(command, "--data"), _path(command, "--config"))


def _path(command: list[str], option: str) -> Path | None:
    after = [command[at + 1] for at, word in enumerate(command[:-1]) if word == option]
    joined = [word.partition("=")[2] for word in command if word.startswith(f"{option}=")]
    return Path([*after, *joined][-1]) if after or joined else None


@dataclass(frozen=True)
class Folders:
    """What a command line names, or the unit for it."""

    config: Path | None
    data: Path | None


def act_for_service(given: Folders, command: str, service: ServiceAccount | None) -> Folders:
    """Becomes the user that a folder belongs to, if root calls; returns what to act on.

    ``command``: as it was typed, for what is said. Raises NotTheServiceError for a user who may
    not read the service's folder and named no other one.
    """
    if given.data is not None:
        # Whose folder it is, leaves files in it that its owner can read.
        if os.geteuid() == 0 and (owner := _owner(given.data)):
            become(owner, {})
        return given
    if service is None:
        return given
    account = pwd.getpwnam(service.user)
    if os.geteuid() == 0:
        become(account, service.environment)
    elif os.geteuid() == account.pw_uid:
        os.environ.update(service.environment)
    else:
        raise NotTheServiceError(command, service.user, str(service.folder))
    return Folders(given.config or service.config, service.data)


def become(account: pwd.struct_passwd, environment: Mapping[str, str]) -> None:
    """From now on this process is that user, in its groups; what it makes is for that user alone.

    Raises OSError unless it was root.
    """
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.umask(0o077)
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        del os.environ[name]
    os.environ |= {"HOME": account.pw_dir, "USER": account.pw_name, **environment}


def _owner(folder: Path) -> pwd.struct_passwd | None:
    """Who a folder, or the first one above it that is there, belongs to; None if that is root."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    uid = there.stat().st_uid
    try:
        return pwd.getpwuid(uid) if uid else None
    except KeyError:
        return None
