"""A PostgreSQL database that is there for as long as a copy is being checked, and then gone."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg
from django.conf import settings
from psycopg import sql

from headoffice import clock
from headoffice.db.drafts import draft_of
from headoffice.db.postgres_tools import end_with_parent, find_tool, run_tool
from headoffice.db.stand_in import Parameters
from headoffice.errors import HeadOfficeError

_PREFIX = "hymio_verify_"
_UNUSED = """
SELECT datname FROM pg_database AS d
WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname)
"""
_START_S = 60.0
_SETTINGS = {
    "listen_addresses": "",
    # It is thrown away: nothing in it has to outlive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "maintenance_work_mem": "256MB",
    "dynamic_shared_memory_type": "mmap",
}


@contextmanager
def database_on(url: str) -> Iterator[Parameters]:
    """A new database on the server of this address, whose user may make databases.

    HeadOfficeError if it can't be made.
    """
    parameters = dict(dj_database_url.parse(url))
    try:
        # Open while the database is in use: by that others see that somebody needs it.
        with psycopg.connect(url, autocommit=True) as keeper:
            _drop_unused(keeper)
            name = f"{_PREFIX}{secrets.token_hex(8)}"
            keeper.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                with psycopg.connect(url, dbname=name):
                    yield parameters | {"NAME": name}
            finally:
                _drop(keeper, name)
    except psycopg.Error as error:
        raise HeadOfficeError(f"no database can be made for the check: {error}".strip()) from error


def _drop_unused(keeper: "psycopg.Connection[Any]") -> None:
    """Those of checks that were killed."""
    unused = keeper.execute(_UNUSED, [_PREFIX])
    for (name,) in unused.fetchall():
        _drop(keeper, name)


def _drop(keeper: "psycopg.Connection[Any]", name: str) -> None:
    keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def private_server() -> Iterator[Parameters]:
    """A database on a server of one's own, which nobody else can reach.

    HeadOfficeError if there are no programs of a server here, or they can't be used.
    """
    initdb = find_tool("initdb")
    if initdb is None:
        raise HeadOfficeError("there is no PostgreSQL server on this machine")
    user = _server_user()
    with draft_of(Path(tempfile.gettempdir()) / "hymio-verify", settings.DATA) as folder:
        folder.mkdir(mode=0o700)
        if user:
            shutil.chown(folder, user, user)
        cluster = folder / "cluster"
        # Nobody but this user can enter the folder with its socket: no password is needed.
        command = [str(initdb), "--pgdata", str(cluster), "--username=hymio", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        if failure := run_tool(command, {}, user=user):
            raise HeadOfficeError(f"no server can be started for the check: {failure}")
        with _running(initdb.resolve().with_name("postgres"), cluster, folder, user) as server:
            parameters = {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "postgres", "USER": "hymio", "HOST": str(folder),
            }  # fmt: skip
            _wait(server, folder)
            yield parameters


def _server_user() -> str | None:
    """Who runs it: PostgreSQL refuses to run as root, and its package has made a user."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise HeadOfficeError("as root no PostgreSQL server can be started for the check") from None


@contextmanager
def _running(
    program: Path, cluster: Path, folder: Path, user: str | None
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [str(program), "-D", str(cluster), "-c", f"unix_socket_directories={folder}"]
    for name, value in _SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    server = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=folder, user=user, group=user, extra_groups=[] if user else None,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - commands have one thread
    )  # fmt: skip
    try:
        yield server
    finally:
        server.send_signal(signal.SIGQUIT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Until it takes connections."""
    deadline = clock.mono() + _START_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="hymio", dbname="postgres").close()
        except psycopg.OperationalError as error:
            try:
                ended: int | None = server.wait(0.05)
            except subprocess.TimeoutExpired:
                ended = None
            if ended is not None or clock.mono() > deadline:
                raise HeadOfficeError(f"no server starts for the check: {error}".strip()) from error
        else:
            return
