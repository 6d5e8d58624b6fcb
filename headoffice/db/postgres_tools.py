"""PostgreSQL's own programs: found, and run so that nobody reads a password in their arguments."""

import ctypes
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any

import psycopg
from django.db import connection

from headoffice.errors import HeadOfficeError

_DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version."""
_OURS = frozenset({"cursor_factory", "context", "prepare_threshold", "password"})
"""Among Django's parameters those that libpq does not know, or that no argument may hold."""
_PR_SET_PDEATHSIG = 1


def find_tool(name: str) -> Path | None:
    """The program of this name that a shell would find, else of the newest version installed."""
    if on_path := shutil.which(name):
        return Path(on_path)
    installed = [path for path in _DEBIAN.glob(f"*/bin/{name}") if path.parts[-3].isdecimal()]
    return max(installed, key=lambda path: int(path.parts[-3]), default=None)


def need_tool(name: str) -> str:
    """The same; HeadOfficeError if there is none."""
    found = find_tool(name)
    if found is None:
        raise HeadOfficeError(
            f"{name} is not installed, which comes with PostgreSQL's client: as new as the "
            "server, like apt install postgresql-client"
        )
    return str(found)


def conninfo_of(parameters: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """How a program connects as Django does: an argument without password, and the environment."""
    words = {k: v for k, v in parameters.items() if k not in _OURS and v is not None}
    password = parameters.get("password")
    secret = {"PGPASSWORD": str(password)} if password else {}
    return psycopg.conninfo.make_conninfo("", **words), secret


def live_conninfo() -> tuple[str, dict[str, str]]:
    """Of the database in use."""
    return conninfo_of(connection.get_connection_params())


def run_tool(
    command: list[str],
    secret: dict[str, str],
    *,
    output: int | IO[bytes] = subprocess.DEVNULL,
    user: str | None = None,
) -> str:
    """Run a program to its end, and end it with this one; empty, or why it failed."""
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        command,
        env={**os.environ, "LC_ALL": "C", **secret},
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
        user=user, group=user, extra_groups=[] if user else None,
        check=False, preexec_fn=end_with_parent,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    return said_at_last(Path(command[0]).name, done.returncode, done.stderr)


def restore_dump(file: Path, parameters: dict[str, Any], *options: str) -> str:
    """Put a dump into an empty database; empty, or why it failed.

    Who owns and may read the tables is not put back: that may name users whom this server lacks.
    """
    address, secret = conninfo_of(parameters)
    command = [need_tool("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error"]
    return run_tool([*command, *options, f"--dbname={address}", str(file)], secret)


def said_at_last(name: str, code: int, stderr: bytes) -> str:
    """Why a program failed, in a line."""
    lines = [line for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    # Of several lines the first error says why; what follows is what that led to.
    errors = [line for line in lines if "error:" in line or "FATAL:" in line]
    told = (errors or lines[-1:] or [f"exit code {code}"])[0]
    return told if told.startswith(name) else f"{name}: {told}"


def end_with_parent() -> None:
    """Called in a new process: the kernel ends it when the one that started it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
