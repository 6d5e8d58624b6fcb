"""A name that `serve --allow-host` was not told: browser, kiosk and log say so, and what to do."""

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from office import ServedOffice, logged_lines

from config.settings import HeadOfficeSettings, Settings
from headoffice.web import hosts
from kiosk.maintenance.connection_test import ConnectionPath, diagnose
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.errors import HeadOfficeUnreachableError

NAME = "feedback.hymio-shop.example"
SAID = (
    "This head office does not answer to this name: Start it with --allow-host "
    f"{NAME}, or give the kiosk its right address."
)


@pytest.fixture(autouse=True)
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "_names_told", hosts.NamesTold())


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[tuple[ServedOffice, Path]]:
    """A head office whose lines of log are kept."""
    office, log = ServedOffice(tmp_path / "office"), tmp_path / "log"
    with log.open("w") as file:
        office.errors = file.fileno()
        with office:
            yield office, log


@pytest.mark.e2e
def test_it_is_told_to_the_kiosk_the_browser_and_in_the_log(
    logged: tuple[ServedOffice, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, log = logged
    real = socket.getaddrinfo

    def known(host: str, *more: object, **options: object) -> object:
        return real("127.0.0.1" if host == NAME else host, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", known)
    plain = HeadOfficeSettings(dangerously_allow_plain_http=True)
    url = f"http://{NAME}:{office.url.rpartition(':')[2]}"
    with pytest.raises(HeadOfficeUnreachableError, match=SAID):
        enrol("ABCD-EFGH", url, installation="x", version="1", head_office=plain)
    settings = Settings(head_office=HeadOfficeSettings(url=url, dangerously_allow_plain_http=True))
    path = ConnectionPath(None, settings, tmp_path, "0" * 64)
    *_before, last = diagnose(path, SystemClock(), lambda: True)
    assert ("answer", "bad", f"{SAID} (421)") == (
        last.steps[-1].step,
        last.steps[-1].sign,
        last.steps[-1].detail,
    )
    with pytest.raises(urllib.error.HTTPError) as page:
        urllib.request.urlopen(f"{url}/login", timeout=10)  # noqa: S310 - the test's server
    with page.value as reply:
        assert f"--allow-host {NAME}" in reply.read().decode()
    (line,) = logged_lines(log)
    assert f"start it with --allow-host {NAME}" in line


@pytest.mark.parametrize(
    ("asked", "name"), [("10.0.0.5:8443", "10.0.0.5"), ("[2001:db8::7]:80", "[2001:db8::7]")]
)
def test_an_address_is_named_without_its_port(asked: str, name: str) -> None:
    reply = Client().get("/login", headers={"Host": asked, "Accept-Language": "de"})
    assert 421 == reply.status_code
    assert f"Option --allow-host {name} gestartet" in reply.content.decode()


@pytest.mark.parametrize("asked", ["<script>", "a b", "x" * 300, "ho\nst", ""])
def test_what_is_no_name_is_not_repeated(asked: str, caplog: pytest.LogCaptureFixture) -> None:
    reply = Client(SERVER_NAME=asked).get("/login", headers={"Host": asked})
    assert 400 == reply.status_code
    assert "--allow-host" not in reply.content.decode()
    assert [] == caplog.records


def test_strangers_fill_no_log_with_names(caplog: pytest.LogCaptureFixture) -> None:
    for number in range(100):
        for _again in range(3):
            Client().get("/login", headers={"Host": f"host-{number}.example"})
    assert hosts.MOST_NAMES == len(caplog.records)
