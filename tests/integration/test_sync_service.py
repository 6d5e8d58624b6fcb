"""The sync of a kiosk that is enrolled, or given another credential, while it runs."""

import gzip
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace as replace_ports
from functools import partial
from pathlib import Path

import pytest
import trustme
from configuring_office import document, file_entry
from fakes import answer
from msgspec.structs import replace
from office import ServedOffice
from processes import wait_until

from config.settings import HeadOfficeSettings, Settings, Sync
from kiosk import sync_service
from kiosk.commands.enrolment import join_head_office, renew_credential
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial, find_start
from kiosk.sync_service import SyncPorts, SyncService
from kiosk.troubles import TroubleBoard
from sync.clock import SystemClock
from sync.configuration import configuration_digest
from sync.errors import CodeRefusedError
from sync.identity import load_identity
from sync.outbox.sqlite import SqliteOutbox

pytestmark = pytest.mark.e2e
SETTINGS = Settings(sync=Sync(every=0.5, heartbeat=0.5))
PORTS = SyncPorts(lambda: "a" * 64, lambda: True)
Tap = Callable[[], None]


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox.open(tmp_path / "kiosk") as opened:
        yield opened


@pytest.fixture
def started(
    outbox: SqliteOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SyncService]:
    monkeypatch.setattr(sync_service, "_LOOK_S", 0.1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    service = SyncService(SETTINGS, tmp_path / "kiosk", SystemClock())
    service.start(outbox, PORTS)
    yield service
    assert service.stop(5)


def tap(outbox: SqliteOutbox, service: SyncService) -> None:
    outbox.append([answer()], SystemClock().moment())
    service.wake()


def wait_for_delivery(outbox: SqliteOutbox, count: int) -> None:
    wait_until(lambda: outbox.position().watermark == count, f"{count} delivered", seconds=60)


def test_a_kiosk_enrolled_while_it_runs_begins_to_send(
    served: ServedOffice, outbox: SqliteOutbox, started: SyncService, tmp_path: Path
) -> None:
    tap(outbox, started)
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    join_head_office((code,), served.url, None, tmp_path / "kiosk")
    wait_for_delivery(outbox, 1)


def test_kiosks_with_one_list_of_codes_take_one_each(served: ServedOffice, tmp_path: Path) -> None:
    """As those do that one stick sets up, one after the other."""
    places = ("Aalto", "Bistro")
    codes = tuple(
        served.run("create-code", "--place", place).stdout.split()[-1] for place in places
    )
    joined = [
        join_head_office(codes, served.url, None, tmp_path / str(number)) for number in range(2)
    ]
    assert [f"Enrolled as {place!r} at {served.url}." for place in places] == joined
    with pytest.raises(CodeRefusedError, match="used before"):
        join_head_office(codes, served.url, None, tmp_path / "third")
    with pytest.raises(CodeRefusedError, match="4 to 40"):
        join_head_office((), served.url, None, tmp_path / "third")


def test_a_kiosk_shut_out_and_enrolled_anew_goes_on_by_itself(
    served: ServedOffice, outbox: SqliteOutbox, started: SyncService, tmp_path: Path
) -> None:
    folder = tmp_path / "kiosk"
    code = partial(served.run, "create-code", "--place", "Till")
    join_head_office((code().stdout.split()[-1],), served.url, None, folder)
    tap(outbox, started)
    wait_for_delivery(outbox, 1)
    known = load_identity(folder)
    assert known is not None
    served.run("revoke", known.kiosk)
    tap(outbox, started)
    join_head_office((code().stdout.split()[-1],), served.url, None, folder)
    wait_for_delivery(outbox, 2)


def test_a_file_of_authorities_that_comes_late_is_enough(
    served: ServedOffice, outbox: SqliteOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_service, "_LOOK_S", 0.1)
    monkeypatch.setattr(sync_service, "_AGAIN_S", 0.1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    join_head_office((code,), served.url, None, tmp_path / "kiosk")
    authority = tmp_path / "ca.pem"
    settings = replace(SETTINGS, head_office=HeadOfficeSettings(ca_file=str(authority)))
    service = SyncService(settings, tmp_path / "kiosk", SystemClock())
    service.start(outbox, PORTS)
    try:
        tap(outbox, service)
        wait_until(lambda: service._blocked, "the missing file to be noticed", seconds=60)
        trustme.CA().cert_pem.write_to_path(str(authority))
        wait_for_delivery(outbox, 1)
    finally:
        assert service.stop(5)


def test_a_credential_renewed_by_command_is_taken_up_by_the_running_kiosk(
    served: ServedOffice, outbox: SqliteOutbox, started: SyncService, tmp_path: Path
) -> None:
    folder = tmp_path / "kiosk"
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    join_head_office((code,), served.url, None, folder)
    tap(outbox, started)
    wait_for_delivery(outbox, 1)
    assert "was replaced" in renew_credential(None, folder)
    known = load_identity(folder)

    def in_use() -> bool:
        return started._keyring is not None and started._keyring.identity == known

    wait_until(in_use, "the new credential", seconds=60)
    tap(outbox, started)
    wait_for_delivery(outbox, 2)


def test_a_code_read_from_standard_input_is_in_no_list_of_processes(
    served: ServedOffice, tmp_path: Path
) -> None:
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    command = [sys.executable, "-m", "kiosk", "enrol", "-", "--url", served.url]
    kiosk = subprocess.Popen(
        [*command, "--data", str(tmp_path / "kiosk")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "no-config")},
    )
    listed = Path(f"/proc/{kiosk.pid}/cmdline").read_bytes()
    said, _ = kiosk.communicate(code + "\n", timeout=30)
    assert (0, True) == (kiosk.returncode, "Enrolled as 'Till'" in said)
    assert code.encode() not in listed


def test_what_the_head_office_means_comes_from_a_real_one_and_is_reported(
    served: ServedOffice, outbox: SqliteOutbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_service, "_LOOK_S", 0.1)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    folder = tmp_path / "kiosk"
    join_head_office((code,), served.url, None, folder)
    identity = load_identity(folder)
    assert identity is not None
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
    entry = file_entry("logo.svg", logo)
    body = document(
        kiosk=identity.kiosk, head_office=identity.head_office, files=[entry],
        settings={"brand": {"logo": "logo.svg"}},
    )  # fmt: skip
    digest = configuration_digest(body)
    service = SyncService(SETTINGS, folder, SystemClock())
    keeper = configurations(folder)
    service.start(outbox, replace_ports(PORTS, configuration=keeper))
    try:
        wait_until(lambda: keeper.is_supported, "a head office that configures", seconds=60)
        with closing(sqlite3.connect(served.folder / "headoffice.sqlite3", timeout=30)) as db, db:
            db.execute(
                "INSERT INTO configuration_storedfile (digest, name, kind, size, content, at)"
                " VALUES (?, 'logo.svg', 'picture', ?, ?, '2026-01-01')",
                (entry["digest"], len(logo), logo),
            )
            db.execute(
                "UPDATE configuration_kiosktarget SET digest = ?, body = ?, files = ?",
                (digest, gzip.compress(body), f'["{entry["digest"]}"]'),
            )
        wait_until(lambda: digest == keeper.candidate(), "the configuration", seconds=60)
    finally:
        assert service.stop(5)
    service, keeper = SyncService(SETTINGS, folder, SystemClock()), configurations(folder)
    assert digest == keeper.start.in_force
    service.start(outbox, replace_ports(PORTS, configuration=keeper))
    try:
        wait_until(lambda: (digest, "trial") in reports(served), "its report", seconds=60)
    finally:
        assert service.stop(5)


def configurations(folder: Path) -> StoredConfigurations:
    """What a start of the program has found."""
    begin_trial(folder, "boot", 1)
    ports = KeeperPorts(own=Settings(), questionnaire=None, panel_mm=lambda: None)
    start = find_start(folder, Settings())
    return StoredConfigurations(folder, start, TroubleBoard(), ports)


def reports(served: ServedOffice) -> list[tuple[str, str]]:
    """What the head office has heard of each kiosk's configuration."""
    with closing(sqlite3.connect(served.folder / "headoffice.sqlite3", timeout=30)) as db:
        return db.execute("SELECT in_force, state FROM configuration_kioskreport").fetchall()
