"""A machine of a test's own, with systemd running: what is installed on it is installed for real.

Its disk is this machine's, with every change kept in memory and gone at the end (an overlay in
namespaces of its own); it has users, units, a journal and a process tree of its own. It needs root,
and shares this machine's network.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Self

from processes import ROOT, StepError

_BOOT = """
set -eu
disk=$1 lower=$2 checkout=$3 libraries=$4
mount -t tmpfs -o size=4G disk "$disk"
mkdir "$disk/changes" "$disk/work" "$disk/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$disk/changes,workdir=$disk/work" disk "$disk/root"
cd "$disk/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mkdir -p sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs run run
mount -t tmpfs -o mode=1777 tmp tmp
# Another file system than the root's, or a folder below /tmp.
[ -e ".$checkout/pyproject.toml" ] || {
    mkdir -p ".$checkout"
    mount --bind "$checkout" ".$checkout"
}
# Services see no home and no /tmp, where an environment may be.
mkdir -p opt/libraries
mount --bind "$libraries" opt/libraries
mount -t tmpfs dev dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=1777 shm dev/shm
# Only what is installed on it is started with it.
rm -f etc/systemd/system/*.wants/* etc/machine-id
rm -rf var/log/journal
: >etc/machine-id
ln -sfn /lib/systemd/system/multi-user.target etc/systemd/system/default.target
# Not a mere chroot: services have their own view of the disk, which begins at the real root.
mount --make-rprivate /
pivot_root . mnt
cd /
umount -l /mnt
exec env -i container=hymio PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
"""
LIBRARIES = "/opt/libraries"
"""Where the packages of this environment are on it."""
READY_WITHIN_S = 60.0


class Machine:
    """One such machine, for as long as the block lasts."""

    def __init__(self, lower: str = "/") -> None:
        """``lower``: the folder that its disk begins as."""
        self._lower = lower
        self._folder = Path(tempfile.mkdtemp(prefix="hymio-machine-"))
        self._outer: subprocess.Popen[bytes] | None = None
        self._first = 0
        """The process number, here, of its first process."""

    def __enter__(self) -> Self:
        spaces = ["--pid", "--fork", "--kill-child", "--mount", "--cgroup", "--uts", "--ipc"]
        folders = [str(self._folder), self._lower, str(ROOT), sysconfig.get_path("purelib")]
        self._outer = subprocess.Popen(
            ["unshare", *spaces, "sh", "-c", _BOOT, "boot", *folders],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait_for_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        assert self._outer is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._outer.pid, signal.SIGKILL)
        self._outer.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait_for_start(self) -> None:
        assert self._outer is not None
        deadline = time.monotonic() + READY_WITHIN_S
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        while time.monotonic() < deadline:
            if self._outer.poll() is not None:
                raise StepError(f"the machine did not start: exit code {self._outer.returncode}")
            self._first = self._first or int((children.read_text().split() or ["0"])[0])
            if self._first and self.run("systemctl is-system-running", check=False).stdout in (
                "running\n",
                "degraded\n",
            ):
                return
            time.sleep(0.1)
        raise StepError("the machine's systemd was not ready in time")

    def path(self, inside: str) -> Path:
        """A file of it, as this machine sees it."""
        return Path(f"/proc/{self._first}/root") / inside.removeprefix("/")

    def run(
        self, command: str, *, folder: str = "/", given: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command line of its shell, as root in this folder of it."""
        script = f"cd {shlex.quote(folder)} && {command}"
        done = subprocess.run(
            [
                *("nsenter", f"--target={self._first}", "--pid", "--mount", "--cgroup"),
                *("--uts", "--ipc"),
                *("env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                *("HOME=/root", "LC_ALL=C.UTF-8", "sh", "-c", script),
            ],
            cwd="/",
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if check and done.returncode:
            raise StepError(
                f"{command}\nended with {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def journal(self, unit: str) -> str:
        """What a unit has said, also out of a log-in session, and what systemd said of it."""
        which = f"SYSLOG_IDENTIFIER={unit} + _SYSTEMD_UNIT={unit}.service + UNIT={unit}.service"
        return self.run(f"journalctl --no-pager --output=cat {which}", check=False).stdout
