"""Whom a command acts as, and on which folder, where the kiosk is a service."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT

from kiosk.errors import NotTheServiceError
from kiosk.service_account import Folders, ServiceAccount, act_for_service, find_service

UNIT = (ROOT / "deploy" / "hymio-kiosk.service").read_text()
NOBODY = pwd.getpwnam("nobody")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")


def service_in(folder: Path, unit: str = UNIT) -> ServiceAccount | None:
    """The service that a unit of these lines makes, run by a user that every machine has."""
    (folder / "hymio-kiosk.service").write_text(unit.replace("User=hymio", "User=nobody"))
    return find_service([folder])


def test_the_unit_tells_user_and_folder(tmp_path: Path) -> None:
    service = service_in(tmp_path)
    assert service is not None
    assert "nobody" == service.user
    assert Path("/var/lib/hymio") == service.folder
    assert "/var/cache" == service.environment["XDG_CACHE_HOME"]


def test_what_an_administrator_added_to_the_unit_counts(tmp_path: Path) -> None:
    drop_in = tmp_path / "hymio-kiosk.service.d" / "data.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(
        "[Service]\nExecStart=\n"
        "ExecStart=/opt/hymio-kiosk/bin/hymio-kiosk session --data /srv/answers \\\n"
        "    --config=/srv/kiosk.toml\n"
    )
    service = service_in(tmp_path)
    assert service is not None
    assert (Path("/srv/answers"), Path("/srv/kiosk.toml")) == (service.data, service.config)
    assert Path("/srv/answers") == service.folder


def test_a_machine_without_the_unit_or_its_user_has_no_service(tmp_path: Path) -> None:
    assert None is find_service([tmp_path])
    assert None is service_in(tmp_path, UNIT.replace("User=hymio", "User=no-such-user"))


def test_a_user_who_may_not_is_told_what_to_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    service = service_in(tmp_path)
    with pytest.raises(NotTheServiceError, match="sudo hymio-kiosk status --json"):
        act_for_service(Folders(None, None), "status --json", service)


def test_a_folder_that_is_named_is_the_one_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    named = Folders(None, tmp_path)
    assert named == act_for_service(named, "status", service_in(tmp_path))


def test_the_services_own_user_gets_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY.pw_uid)
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    act_for_service(Folders(None, None), "status", service_in(tmp_path))
    assert "/var/lib" == os.environ["XDG_DATA_HOME"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder that any user may reach, for a service's unit and answers."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(0o711)
    return tmp_path


def as_root(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that root calls on a machine whose units are in this folder."""
    code = (
        "import pathlib, sys, kiosk.service_account as s;"
        f"s.UNIT_FOLDERS = (pathlib.Path({str(home)!r}),);"
        "s.find_service.__defaults__ = (s.UNIT_FOLDERS,);"
        "from kiosk.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    # It keeps root's right to read, since Python itself may lie where others may not look.
    keeps = ["setpriv", "--securebits=+no_setuid_fixup"]
    return subprocess.run(
        [*keeps, sys.executable, "-c", code, *words],
        capture_output=True, text=True, check=False, cwd="/", input="2580\n",
    )  # fmt: skip


@needs_root
def test_what_root_does_belongs_to_the_service(home: Path) -> None:
    data = home / "state" / "hymio"
    data.mkdir(parents=True)
    os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
    service_in(home, UNIT.replace("XDG_DATA_HOME=/var/lib", f"XDG_DATA_HOME={home}/state"))
    done = as_root(home, "set-pin")
    assert (0, "") == (done.returncode, done.stderr)
    assert NOBODY.pw_uid == (data / "pin.json").stat().st_uid
    told = json.loads(as_root(home, "status", "--json").stdout)
    assert (str(data), True) == (told["data"], told["has_pin"])


@needs_root
def test_what_root_leaves_in_a_folder_belongs_to_its_owner(home: Path) -> None:
    data = home / "own"
    data.mkdir()
    os.chown(data, NOBODY.pw_uid, NOBODY.pw_gid)
    done = as_root(home, "set-pin", "--data", str(data))
    assert (0, "") == (done.returncode, done.stderr)
    assert NOBODY.pw_uid == (data / "pin.json").stat().st_uid
