"""The head office as its service runs, installed by the commands of its papers, word for word."""

import json
import re

import pytest
from machine import Machine
from processes import wait_until
from service import SETTINGS, Service


def test_the_service_runs_as_its_user_with_its_options(service: Service) -> None:
    machine = service.machine
    assert service.get("/login")
    # It answers a moment before it says so.
    is_ready = f"ready at {service.url}"
    wait_until(lambda: is_ready in machine.journal("hymio-headoffice"), is_ready, seconds=20)
    said = machine.journal("hymio-headoffice")
    # The account was made before, so no password stands in the journal.
    assert "password:" not in said
    assert (
        "hymio-headoffice"
        == machine.run("stat -c %U /var/lib/hymio-headoffice/*").stdout.split()[0]
    )
    listed = machine.run("ls -l /var/lib/hymio-headoffice").stdout
    assert {"hymio-headoffice"} == set(re.findall(r"^\S+ \d+ (\S+)", listed, re.MULTILINE)), listed
    assert "-rw-------" in listed
    assert [] == re.findall(r"^-rw-[^-]", listed, re.MULTILINE)


def test_a_command_acts_on_the_services_head_office_from_anywhere(
    service: Service,
) -> None:
    machine = service.machine
    for folder in ("/", "/root", "/tmp"):  # noqa: S108 - the machine's own
        made = machine.run(
            'sudo hymio-headoffice create-code --place "Helsinki, exit"', folder=folder
        )
        assert re.search(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$", made.stdout, re.MULTILINE)
        assert "SQLite /var/lib/hymio-headoffice/headoffice.sqlite3" in made.stderr
    owners = machine.run("stat -c %U /var/lib/hymio-headoffice/*").stdout.split()
    assert {"hymio-headoffice"} == set(owners)
    refused = machine.run("setpriv --reuid=nobody hymio-headoffice kiosks", check=False)
    assert (1, True) == (refused.returncode, "sudo hymio-headoffice kiosks" in refused.stderr)
    own = machine.run("setpriv --reuid=hymio-headoffice hymio-headoffice kiosks", check=False)
    assert (1, True) == (own.returncode, "Run this as root" in own.stderr)


def test_a_kill_of_the_program_is_made_good_by_systemd(service: Service) -> None:
    machine = service.machine
    first = machine.run("systemctl show -p MainPID --value hymio-headoffice").stdout
    machine.run(f"kill -9 {first}")
    wait_until(
        lambda: (
            first != machine.run("systemctl show -p MainPID --value hymio-headoffice").stdout
            and service.get("/health")
        ),
        "the service again",
        seconds=60,
    )


def test_the_nightly_copy_is_made_by_its_unit(service: Service) -> None:
    machine = service.machine
    assert "hymio-headoffice-backup" in machine.run("systemctl list-timers --no-pager").stdout
    machine.run("systemctl start hymio-headoffice-backup", check=False)
    copies = machine.run("ls -l /var/backups/hymio-headoffice").stdout
    assert "sqlite3" in copies, machine.journal("hymio-headoffice-backup")
    assert "-rw------- 1 hymio-headoffice" in copies


def test_a_nightly_copy_that_fails_is_told_to_the_journal_and_to_monitoring(
    service: Service,
) -> None:
    machine = service.machine
    machine.run("mv /var/backups/hymio-headoffice /var/backups/elsewhere")
    try:
        assert machine.run("systemctl start hymio-headoffice-backup", check=False).returncode
        failed = "journalctl --no-pager --output=cat -p err -u hymio-headoffice-backup-failed"
        wait_until(
            lambda: "is its disk there?" in machine.run(failed).stdout, "the word", seconds=30
        )
        record = machine.path("/var/lib/hymio-headoffice/last-backup.json")
        assert "is its disk there?" in json.loads(record.read_text())["reason"]
        told = machine.run("sudo hymio-headoffice last-backup", check=False)
        assert (1, True) == (told.returncode, "a back-up failed" in told.stdout)
    finally:
        machine.run("mv /var/backups/elsewhere /var/backups/hymio-headoffice")


def test_check_looks_as_the_services_user_at_what_the_service_is_started_with(
    service: Service,
) -> None:
    looked = service.machine.run("sudo hymio-headoffice check", check=False)
    lines = dict(re.findall(r"^(?:ok|look|bad) +(\w[\w ]*?)  +(.*)$", looked.stdout, re.MULTILINE))
    assert "user" not in lines
    assert "/var/lib/hymio-headoffice/secret-key" in lines["key"]
    assert not [line for line in looked.stdout.splitlines() if line.startswith("bad")]
    assert 0 == looked.returncode


def test_a_reload_keeps_the_service_up(service: Service) -> None:
    machine = service.machine
    first = machine.run("systemctl show -p MainPID --value hymio-headoffice").stdout
    machine.run("systemctl reload hymio-headoffice")
    assert first == machine.run("systemctl show -p MainPID --value hymio-headoffice").stdout
    wait_until(lambda: service.get("/ready"), "the service after it was reloaded", seconds=30)


def test_what_can_not_work_is_said_once_and_not_started_again_and_again(
    service: Service,
) -> None:
    machine, settings = service.machine, service.machine.path(SETTINGS)
    before = settings.read_text()
    state = "systemctl show -p ActiveState,ExecMainStatus,NRestarts hymio-headoffice"
    try:
        settings.write_text(f"{before}\nHYMIO_TIME_ZONE=Europe/Helsinky\n")
        machine.run("systemctl restart hymio-headoffice", check=False)
        wait_until(lambda: "ActiveState=failed" in machine.run(state).stdout, "the end", seconds=30)
        told = machine.run(state).stdout
        assert "ExecMainStatus=78" in told
        assert "NRestarts=0" in told
        said = machine.journal("hymio-headoffice")
        assert 1 == said.count("HYMIO_TIME_ZONE is 'Europe/Helsinky'")
        assert "Traceback" not in said
    finally:
        settings.write_text(before)
        machine.run("systemctl restart hymio-headoffice")
        wait_until(lambda: service.get("/health"), "the service again", seconds=60)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("HYMIO_PRIVACY_MINIMUM=7", "7"),
        ('HYMIO_PRIVACY_MINIMUM="7"', "7"),
        ("  HYMIO_PRIVACY_MINIMUM='7'  ", "7"),
        ("; a remark\n# another\n\nHYMIO_PRIVACY_MINIMUM=7", "7"),
        ("HYMIO_PRIVACY_MINIMUM=a b=c $HOME `id` 'x", "a b=c $HOME `id` 'x"),
    ],
)
def test_the_wrapper_reads_the_settings_as_systemd_does(
    installed: Machine, line: str, expected: str
) -> None:
    show = "import os, json; print(json.dumps(os.environ.get('HYMIO_PRIVACY_MINIMUM')))"
    installed.path("/tmp/show.py").write_text(show)  # noqa: S108 - the machine's own
    before = installed.path(SETTINGS).read_text() if installed.path(SETTINGS).exists() else ""
    try:
        installed.path("/etc/hymio").mkdir(exist_ok=True)
        installed.path(SETTINGS).write_text(f"{line}\n")
        installed.run(
            "sed 's#^program=.*#program=/usr/bin/python3#' /usr/local/bin/hymio-headoffice "
            ">/tmp/wrapper && chmod 755 /tmp/wrapper"
        )
        ours = installed.run("/tmp/wrapper /tmp/show.py").stdout  # noqa: S108 - likewise
        theirs = installed.run(
            f"systemd-run --quiet --pipe --wait -p EnvironmentFile={SETTINGS} "
            "/usr/bin/python3 /tmp/show.py"
        ).stdout
        assert expected == json.loads(ours)
        if "$" not in line:
            assert ours == theirs
    finally:
        installed.path(SETTINGS).write_text(before)
