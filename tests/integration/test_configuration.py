"""What is set up wrongly is said in one line, and ends the start with 78; `check` says it all."""

import datetime as dt
import errno
import io
import os
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import trustme
from django.conf import settings
from django.test import Client
from office import ServedOffice, other_database
from processes import wait_until
from test_certificates import DAY, Pair

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.commands.opening import _disk_words
from headoffice.db.backup_record import BackupRecord, record_failure, write_record
from headoffice.errors import ConfigurationError
from headoffice.server import configuration, time_zone
from headoffice.server.serve import _binding_words

NOBODY = 65534
_CODES = "write % codes"


@pytest.fixture
def office(tmp_path: Path) -> ServedOffice:
    """One that was never started."""
    return ServedOffice(tmp_path / "office")


def refusal(office: ServedOffice, *options: str) -> str:
    """The one line with which a start ends."""
    done = office.run("serve", "--port", "0", *options)
    assert (os.EX_CONFIG, "") == (done.returncode, done.stdout)
    lines = done.stderr.strip().splitlines()
    assert 1 == len(lines), done.stderr
    assert lines[0].startswith("hymio-headoffice: ")
    return lines[0].removeprefix("hymio-headoffice: ")


# --- starts that can't work -----------------------------------------------------------------

WRONG = {
    "HYMIO_TIME_ZONE": ("Europe/Helsinky", "HYMIO_TIME_ZONE is 'Europe/Helsinky'"),
    "HYMIO_DATABASE_URL": ("postgresql://u:se#cret@h/db", _CODES),
    "HYMIO_PRIVACY_MINIMUM": ("five", "has to be a whole number of responses, like 5"),
    "HYMIO_CONTACT_DAYS": ("9" * 5000, "has to be a whole number of days, like 90"),
}


@pytest.mark.e2e
@pytest.mark.parametrize("name", WRONG)
def test_a_variable_that_can_not_be_is_said_and_nothing_is_made(
    office: ServedOffice, name: str
) -> None:
    value, said = WRONG[name]
    office.variables[name] = value
    line = refusal(office)
    assert said in line
    assert "se#cret" not in line
    assert len(line) < 400
    assert not (office.folder / "headoffice.sqlite3").exists()


@pytest.mark.e2e
def test_a_key_of_another_certificate_ends_the_start(office: ServedOffice, tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.files.key.write_bytes(trustme.CA().issue_cert("localhost").private_key_pem.bytes())
    files = ("--tls-cert", str(pair.files.certificate), "--tls-key", str(pair.files.key))
    assert "is not that of the certificate" in refusal(office, *files)


@pytest.mark.e2e
def test_a_port_that_is_taken_makes_no_account_whose_password_nobody_sees(
    office: ServedOffice,
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port}: another program listens there" in refusal(office, "--port", port)
    with office:
        assert office.password


@pytest.mark.e2e
def test_a_key_that_is_none_is_said(standing: ServedOffice) -> None:
    key = standing.folder / "secret-key"
    key.write_bytes(b"\xff\xfe")
    assert "holds no key" in refusal(standing)
    key.write_bytes(b"")
    done = standing.run("serve", "--port", "0")
    assert (1, True) == (done.returncode, "has no secret-key" in done.stderr)


@pytest.mark.e2e
def test_what_a_start_sees_is_said_and_keeps_nothing_up(
    office: ServedOffice, tmp_path: Path
) -> None:
    pair = Pair(tmp_path)
    pair.renew("other.example.com")
    office.options += ["--tls-cert", str(pair.files.certificate), "--workers", "1"]
    office.options += ["--tls-key", str(pair.files.key), "--allow-host", "feedback.example.com"]
    log = tmp_path / "log"
    with log.open("w") as file:
        office.errors = file.fileno()
        with office:
            said = log.read_text()
    assert "host names: the certificate is not for feedback.example.com" in said
    assert "start it with --allow-host other.example.com" in said


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("no-such-name.invalid", "no such name"),
        ("192.0.2.77", "this machine has no such address"),
        ("192.0.2.77.1", "no such name"),
        ("x" * 70 + ".example", "no such name"),
    ],
)
def test_a_host_that_is_not_here_is_said(office: ServedOffice, host: str, said: str) -> None:
    assert said in refusal(office, "--host", host, "--behind-proxy")


@pytest.mark.e2e
@pytest.mark.parametrize("host", ["localhost", "[::1]", "::ffff:127.0.0.1"])
def test_loopback_may_be_named_as_in_an_address(office: ServedOffice, host: str) -> None:
    office.options += ["--host", host]
    with office:
        assert office.url.startswith(f"http://[{host}]:" if host[0] == ":" else f"http://{host}:")


def test_ports_that_need_a_right_come_with_a_hint() -> None:
    words = _binding_words(OSError(errno.EACCES, "Permission denied"))
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in words
    assert "Permission denied" not in words


@pytest.mark.parametrize(
    "url",
    [
        *("mysqlx://a", "sqlite:////tmp/x", "u:p@h/db", "postgresql:/u:p@h/db"),
        *("postgresql://h", "postgresql://u:12#3@h/db", "postgresql://u:p/a@h/db"),
        *("postgresql://u:p@h:99999/db", "postgresql://u:p@h:port/db", "postgresql://u:p?a@h/db"),
        "postgresql://u:p@h/" + "d" * 64,
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYMIO_DATABASE_URL", url)
    with pytest.raises(ConfigurationError) as refused:
        configuration.postgresql()
    assert url not in str(refused.value)
    assert "postgresql://user:password@host/database" in str(refused.value)


def test_codes_in_an_address_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYMIO_DATABASE_URL", "postgresql://u:p%23%40%2F%25@[::1]:5433/db?sslmode=x")
    found = configuration.postgresql()
    assert found is not None
    assert ("p#@/%", "::1", 5433, "db") == tuple(
        found[name] for name in ("PASSWORD", "HOST", "PORT", "NAME")
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone can be somebody else")
@pytest.mark.parametrize("file", ["secret-key", "headoffice.sqlite3", "."])
def test_what_root_left_behind_is_named_with_its_owner(tmp_path: Path, file: str) -> None:
    """Another folder is no way out: it would be another head office."""
    left = tmp_path / file
    left.touch()
    for each in (tmp_path, *tmp_path.parents):
        each.chmod(each.stat().st_mode | 0o055)
    child = os.fork()
    if child == 0:
        os.setresuid(NOBODY, NOBODY, NOBODY)
        said = _disk_words(tmp_path, PermissionError(errno.EACCES, "Permission denied", str(left)))
        expected = f"nobody may not use {left}, which belongs to root"
        right = expected in said and "chown -R nobody:" in said and "--data" not in said
        os._exit(0 if right else 1)
    assert 0 == os.waitpid(child, 0)[1]


def test_the_unit_does_not_start_again_what_can_not_work() -> None:
    unit = (Path(__file__).parents[2] / "deploy" / "hymio-headoffice.service").read_text()
    assert f"\nRestartPreventExitStatus=2 {os.EX_CONFIG}\n" in unit


# --- time zones -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"HYMIO_TIME_ZONE": "Asia/Tokyo", "TZ": "Europe/Rome"}, "Asia/Tokyo"),
        ({"TZ": "Europe/Rome"}, "Europe/Rome"),
        ({"TZ": ":Europe/Rome"}, "Europe/Rome"),
        ({"TZ": ""}, "UTC"),
        ({"TZ": "UTC0"}, "Etc/UTC"),
        ({"TZ": "JST-9"}, "Asia/Tokyo"),
        ({"TZ": "GMT0BST,M3.5.0/1,M10.5.0"}, "Europe/London"),
        ({"TZ": "/usr/share/zoneinfo/Asia/Tokyo"}, "Asia/Tokyo"),
    ],
)
def test_the_time_zone_is_the_one_that_date_shows(given: dict[str, str], name: str) -> None:
    assert name == time_zone.default_zone(given).name
    if "HYMIO_TIME_ZONE" not in given:
        shown = subprocess.run(["date", "+%z"], capture_output=True, check=True, env=given)
        here = clock.now().astimezone(time_zone.load(name))
        assert shown.stdout.decode().strip() == here.strftime("%z")


@pytest.mark.parametrize("given", ["Nowhere/Else", "/etc/passwd", "/no/such/file", "../x", "12"])
def test_a_name_of_no_time_zone_is_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"TZ is .*there is no such time zone"):
        time_zone.default_zone({"TZ": given})


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "Asia/Kolkata"])
def test_a_machine_whose_clock_is_a_copy_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """As `cp` makes it, or a container that is given the file of its host."""
    copied = tmp_path / "localtime"
    shutil.copy(f"/usr/share/zoneinfo/{zone}", copied)
    monkeypatch.setattr(time_zone, "LOCALTIME", copied)
    monkeypatch.setattr(time_zone, "TIMEZONE", tmp_path / "none")
    assert time_zone.DefaultZone(zone, str(copied)) == time_zone.default_zone({})
    wrong = tmp_path / "zoneinfo" / "Etc" / "UTC"
    wrong.parent.mkdir(parents=True)
    copied.rename(wrong)
    copied.symlink_to(wrong)
    assert zone == time_zone.default_zone({}).name, "the name of the link is not believed"


def test_a_link_to_rules_that_are_not_installed_tells_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/nowhere/zoneinfo/Europe/Helsinki")
    monkeypatch.setattr(time_zone, "LOCALTIME", link)
    assert "Europe/Helsinki" == time_zone.default_zone({}).name


def test_a_machine_that_says_nothing_is_in_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_zone, "LOCALTIME", tmp_path / "none")
    found = time_zone.default_zone({})
    assert ("UTC", "", True) == (*found, found.is_utc_by_machine)
    said = time_zone.default_zone({"HYMIO_TIME_ZONE": "UTC"})
    assert not said.is_utc_by_machine, "somebody means it"
    assert not time_zone.default_zone({"TZ": "Europe/London"}).is_utc_by_machine


@pytest.mark.e2e
def test_a_new_place_is_said_with_its_time_zone(office: ServedOffice) -> None:
    office.variables = {"HYMIO_TIME_ZONE": "", "TZ": "UTC"}
    made = office.run("create-user", "ann", "--new")
    assert "New places get the time zone UTC (from TZ): their hours and days" in made.stderr
    new = office.run("create-code", "--place", "Shop A")
    assert "Shop A is a new place. Its time zone is UTC." in new.stdout
    assert "this machine's" in new.stderr
    again = office.run("create-code", "--place", "Shop A", "--time-zone", "Europe/Rome")
    assert "new place" not in again.stdout
    assert "in the time zone UTC, which is not changed" in again.stderr
    other = office.run("create-code", "--place", "Shop B", "--time-zone", "Europe/Rome")
    assert "Shop B is a new place. Its time zone is Europe/Rome." in other.stdout
    assert "this machine's" not in other.stderr


@pytest.mark.django_db
def test_pages_say_which_time_zone_a_new_place_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(create_user("boss", "four quiet otters", role=Role.ADMINISTRATOR))
    asked = "machine: is it right?"

    def code(place: str) -> str:
        return client.post(
            "/kiosks/code", {"place": place, "new": "1"}, follow=True
        ).content.decode()

    page = code("Shop A")
    assert "those of the time zone Europe/Helsinki" in page
    assert asked not in page
    assert "This location is new" not in code("Shop A")
    by_machine = time_zone.DefaultZone("Etc/UTC", "/etc/localtime")
    monkeypatch.setattr(settings, "DEFAULT_ZONE", by_machine)
    monkeypatch.setattr(settings, "TIME_ZONE", "Etc/UTC")
    assert asked in code("Shop B")
    for zone, is_asked in (("", True), ("Europe/Rome", False)):
        file = io.BytesIO(f"kind,group,name,time_zone\nplace,A,Till,{zone}\n".encode())
        file.name = "places.csv"
        plan = client.post("/structure/import", {"file": file}).content.decode()
        assert zone in plan
        assert is_asked is ("their hours and days are" in " ".join(plan.split()))


# --- check ----------------------------------------------------------------------------------


def look(office: ServedOffice, *words: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit code; for each thing how it is, and the words about it."""
    done = office.run("check", *words)
    assert "Traceback" not in done.stderr
    found = [
        re.fullmatch(r"(ok|look|bad) +(.{12}) (.+)", line) for line in done.stdout.splitlines()
    ]
    assert all(found), done.stdout
    return done.returncode, {each[2].strip(): (each[1], each[3]) for each in found if each}


def signs(found: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {about: sign for about, (sign, _text) in found.items()}


@pytest.fixture
def standing(office: ServedOffice) -> Iterator[ServedOffice]:
    """One with an account, that was served until its clock was noted, and is not any more."""
    office.start()

    def noted() -> bool:
        with closing(sqlite3.connect(office.folder / "headoffice.sqlite3", timeout=30)) as db:
            return bool(db.execute("SELECT count(*) FROM timekeeping_clockrun").fetchone()[0])

    wait_until(noted, "the clock to be noted", seconds=60)
    office.stop()
    return office


@pytest.mark.e2e
def test_all_that_is_well_is_a_line_each(standing: ServedOffice, tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.renew("feedback.example.com")
    write_record(standing.folder, BackupRecord(at=clock.now(), file="/backup/x", verified=True))
    standing.variables["HYMIO_SERVE"] = (
        f"--host 0.0.0.0 --port 8443 --tls-cert {pair.files.certificate} "
        f"--tls-key {pair.files.key} --allow-host feedback.example.com"
    )
    code, found = look(standing)
    names = ("certificate", "host names", "disk", "key", "database", "time zone", "copies", "clock")
    assert (0, dict.fromkeys(names, "ok")) == (code, signs(found))
    assert "for feedback.example.com, until 20" in found["certificate"][1]
    assert "Europe/Helsinki (from HYMIO_TIME_ZONE)" in found["time zone"][1]


@pytest.mark.e2e
def test_what_is_wrong_is_said_with_what_to_do(standing: ServedOffice, tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    pair.renew("other.example.com", lasts=-DAY)
    made = clock.now() - dt.timedelta(hours=40)
    write_record(standing.folder, BackupRecord(at=made, file="/backup/x"))
    with closing(sqlite3.connect(standing.folder / "headoffice.sqlite3")) as db, db:
        ahead = clock.now_ms() + 40 * 86_400_000
        db.execute("UPDATE timekeeping_clockrun SET last_ms = ?", [ahead])
    standing.variables |= {"HYMIO_TIME_ZONE": "", "TZ": "UTC"}
    files = ("--tls-cert", str(pair.files.certificate), "--tls-key", str(pair.files.key))
    code, found = look(standing, "--", *files, "--allow-host", "feedback.example.com")
    bad = {"certificate": "bad", "copies": "bad", "clock": "bad"}
    assert (1, bad | {"host names": "look", "time zone": "look"}) == (
        code,
        {about: sign for about, sign in signs(found).items() if sign != "ok"},
    )
    assert "has expired on" in found["certificate"][1]
    assert "other.example.com, to which the head office does not answer" in found["host names"][1]
    assert "40 hours old" in found["copies"][1]
    record_failure(standing.folder, "no room")
    code, found = look(standing, "--", "--host", "0.0.0.0", "--behind-proxy")  # noqa: S104 - looked at
    assert "One has failed since: no room" in found["copies"][1]
    assert "with --allow-host" in found["host names"][1]


@pytest.mark.e2e
def test_options_and_variables_that_serve_refuses_are_findings(standing: ServedOffice) -> None:
    code, found = look(standing, "--", "--prt", "5")
    assert (1, "bad") == (code, found["options"][0])
    assert "--prt" in found["options"][1]
    standing.variables["HYMIO_CONTACT_DAYS"] = "x"
    code, found = look(standing)
    assert (1, "bad") == (code, found["head office"][0])


@pytest.mark.e2e
def test_where_there_is_no_head_office_none_is_made(office: ServedOffice) -> None:
    code, found = look(office)
    assert (1, "bad") == (code, found["head office"][0])
    assert "there is no head office in" in found["head office"][1]
    assert not office.folder.exists()


@pytest.mark.e2e
@pytest.mark.postgres
def test_connections_are_compared_with_what_postgresql_allows(
    tmp_path: Path, postgres_url: str
) -> None:
    with other_database(postgres_url) as url:
        office = ServedOffice(tmp_path / "office", database=url)
        office.start()
        office.stop()
        few, found = look(office, "--", "--workers", "1")
        assert "ok" == found["connections"][0]
        assert "1 workers open up to 14" in found["connections"][1]
        many, found = look(office, "--", "--workers", "32")
        assert (0, 1, "bad") == (few, many, found["connections"][0])


# --- passwords ------------------------------------------------------------------------------


@pytest.mark.e2e
def test_a_forgotten_password_is_replaced_from_the_shell(standing: ServedOffice) -> None:
    assert (
        0
        == standing.run(
            "create-user", "ann", "--password-stdin", given="four quiet otters\n"
        ).returncode
    )
    made = standing.run("set-password", "ann")
    assert 0 == made.returncode
    assert re.search(
        r"ann logs in with the password \w{4}(-\w{4}){3}, and is asked for another", made.stdout
    )
    assert "event=account.password_given actor=shell object=person:" in made.stderr
    given = standing.run("set-password", "ann", "--password-stdin", given="five loud herons\n")
    assert (0, "ann logs in with the new password from now on.\n") == (
        given.returncode,
        given.stdout,
    )
    weak = standing.run("set-password", "ann", "--password-stdin", given="12345\n")
    assert (1, True) == (weak.returncode, "too short" in weak.stderr)
    nobody = standing.run("set-password", "bob")
    assert (1, True) == (nobody.returncode, "there is no account bob: there are" in nobody.stderr)
