"""The commands of docs/operations.md, word for word, on a machine with the service installed."""

from collections.abc import Iterator

import psycopg
import pytest
import trustme
from attack.stage import MeaningWell
from documents import commands_of_page
from machine import Machine
from processes import ROOT, wait_until
from service import SETTINGS, Service

from config.settings import HeadOfficeSettings

PAGE = "docs/operations.md"
COPY = "/var/backups/hymio-headoffice/by-hand.copy"


@pytest.fixture(scope="module")
def kiosk(
    service: Service, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MeaningWell]:
    """One that delivers to the service."""
    folder = tmp_path_factory.mktemp("kiosk")
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    code = service.machine.run('sudo hymio-headoffice create-code --place "Till 1"').stdout.split()
    settings = HeadOfficeSettings(ca_file=str(trusted))
    kiosk = MeaningWell(folder / "data", service.url, code[-1], head_office=settings)
    yield kiosk
    kiosk.close()


def stored(machine: Machine) -> int:
    """How many answers the database holds."""
    ask = "SELECT count(*) FROM ingest_storedmessage WHERE kind = 1"
    file = "/var/lib/hymio-headoffice/headoffice.sqlite3"
    code = f"import sqlite3; print(sqlite3.connect('{file}').execute('{ask}').fetchone()[0])"
    return int(machine.run(f'/usr/bin/python3 -c "{code}"').stdout)


def delivered(service: Service, kiosk: MeaningWell, taps: int) -> None:
    kiosk.tap(taps)
    assert kiosk.deliver(60)
    assert len(kiosk.thanked) == stored(service.machine)


def test_a_copy_is_made_by_hand_and_put_back_by_the_book(
    service: Service, kiosk: MeaningWell
) -> None:
    machine = service.machine
    delivered(service, kiosk, 5)
    for line in commands_of_page(PAGE, "Back-up"):
        machine.run(line)
    delivered(service, kiosk, 7)
    book = commands_of_page(PAGE, "Putting a copy back")
    same_machine = [line for line in book if "install" not in line]
    for line in same_machine:
        machine.run(line.replace("/var/backups/hymio-headoffice/FILE", COPY))
        if " start " in line:
            service.wait()
    assert 5 == stored(machine)
    # What was delivered since comes again by itself, and once.
    delivered(service, kiosk, 1)
    owners = machine.run("stat -c %U:%a /var/lib/hymio-headoffice/*").stdout.split()
    assert {"hymio-headoffice:600"} == set(owners) - {"hymio-headoffice:700"}


def test_a_new_machine_gets_the_copy_and_the_key(service: Service, kiosk: MeaningWell) -> None:
    machine = service.machine
    machine.run("mkdir -p /root/safe && cp -p /var/lib/hymio-headoffice/secret-key /root/safe/")
    machine.run(f"mv {COPY} /root/safe/by-hand.copy && systemctl stop hymio-headoffice")
    machine.run("rm -rf /var/lib/hymio-headoffice/* /var/backups/hymio-headoffice/*")
    book = commands_of_page(PAGE, "Putting a copy back")
    first = [line for line in book if "install" in line]
    for line in (*first, *(line for line in book if "install" not in line and "stop" not in line)):
        machine.run(line.replace("FILE", "by-hand.copy"), folder="/root/safe")
        if " start " in line:
            service.wait()
    delivered(service, kiosk, 2)


@pytest.mark.usefixtures("kiosk")
def test_the_counts_are_proven_by_the_commands_of_the_page(service: Service) -> None:
    for line in commands_of_page(PAGE, "Proving the counts"):
        service.machine.run(f"sudo {line}")


@pytest.mark.usefixtures("kiosk")
def test_what_the_clock_left_is_looked_for_by_the_commands_of_the_page(
    service: Service,
) -> None:
    lines = commands_of_page(PAGE, "When the clock may be wrong")
    assert 3 == len([line for line in lines if line.startswith("hymio-headoffice")])
    for line in lines:
        service.machine.run(f"sudo {line}")


def test_a_renewed_certificate_is_taken_by_the_hook_of_the_page(
    service: Service, kiosk: MeaningWell, authority: trustme.CA
) -> None:
    """certbot calls such a script with the folder of the new files."""
    machine = service.machine
    hook = commands_of_page(PAGE, "Certificates")
    assert "#!/bin/sh" == hook[0]
    made = authority.issue_cert("feedback.example.com", "127.0.0.1")
    machine.path("/root/renewed").mkdir()
    made.cert_chain_pems[0].write_to_path(machine.path("/root/renewed/fullchain.pem"))
    made.private_key_pem.write_to_path(machine.path("/root/renewed/privkey.pem"))
    machine.path("/root/hook").write_text("\n".join(hook) + "\n")
    before = service.certificate()
    machine.run("RENEWED_LINEAGE=/root/renewed sh /root/hook")
    wait_until(
        lambda: service.certificate() not in (before, b""), "the new certificate", seconds=60
    )
    delivered(service, kiosk, 1)


def test_a_settings_file_with_a_mistake_is_named(service: Service) -> None:
    machine = service.machine
    good = machine.path(SETTINGS).read_text()
    machine.path(SETTINGS).write_text(f"{good}this is no setting\n")
    refused = machine.run("sudo hymio-headoffice kiosks", check=False)
    machine.path(SETTINGS).write_text(good)
    assert (1, True) == (refused.returncode, "this is no NAME=VALUE" in refused.stderr)


def test_a_new_version_is_put_in_and_taken_back_by_the_page(
    service: Service, kiosk: MeaningWell
) -> None:
    """The same version again; what it needs stays this environment's."""
    machine = service.machine
    delivered(service, kiosk, 1)
    lines = commands_of_page(PAGE, "A new version")
    assert 1 == len([line for line in lines if "--require-hashes" in line])
    for line in lines:
        if "--require-hashes" not in line:
            machine.run(line, folder=str(ROOT))
        if " restart " in line or " start " in line:
            service.wait()
    delivered(service, kiosk, 1)


def test_it_moves_to_postgresql_by_the_page(
    service: Service, kiosk: MeaningWell, postgres_url: str
) -> None:
    machine, name = service.machine, "moved"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS moved WITH (FORCE)")
        server.execute("CREATE DATABASE moved")
    url = f"{postgres_url.rpartition('/')[0]}/{name}"
    password = url.split(":")[2].partition("@")[0]
    settings = machine.path(SETTINGS).read_text()
    machine.path(SETTINGS).write_text(f"{settings}PGPASSWORD={password}\n")
    delivered(service, kiosk, 1)
    try:
        for line in commands_of_page(PAGE, "Moving to another database"):
            if "sudoedit" in line:
                machine.path(SETTINGS).write_text(f"{settings}HYMIO_DATABASE_URL={url}\n")
                continue
            shown = "postgresql://hymio@db.internal/hymio"
            machine.run(line.replace(shown, url.replace(f":{password}@", "@")))
        service.wait()
        kiosk.tap(3)
        assert kiosk.deliver(60)
        with psycopg.connect(url) as server:
            ask = "SELECT count(*) FROM ingest_storedmessage WHERE kind = 1"
            assert (len(kiosk.thanked),) == server.execute(ask).fetchone()
        # The old database is opened by nobody by mistake.
        machine.path(SETTINGS).write_text(settings)
        refused = machine.run("sudo hymio-headoffice kiosks", check=False)
        assert 1 == refused.returncode
        # And back, with all that came.
        machine.path(SETTINGS).write_text(f"{settings}HYMIO_DATABASE_URL={url}\n")
        machine.run("systemctl stop hymio-headoffice && sudo hymio-headoffice move --to sqlite")
        machine.path(SETTINGS).write_text(settings)
        machine.run("systemctl start hymio-headoffice")
        service.wait()
        delivered(service, kiosk, 1)
    finally:
        machine.path(SETTINGS).write_text(settings)
        machine.run("systemctl restart hymio-headoffice")
        service.wait()
