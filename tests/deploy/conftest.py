"""A machine on which Hymio is installed by hand, as the page of operations tells."""

import os
from collections.abc import Iterator

import pytest
import trustme
from documents import UNIT, commands_of_comment, commands_of_page
from machine import LIBRARIES, Machine
from processes import ROOT, free_port
from service import SETTINGS, Service

FROM_THE_NETWORK = "sudo /opt/hymio/bin/pip install --require-hashes -r requirements.lock"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them are slow, and need root for the machine's own system."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "deploy"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """One with the programs in /opt/hymio; its dependencies are those of this environment."""
    if os.geteuid() != 0:
        pytest.skip("a machine of its own needs root")
    with Machine() as machine:
        lines = commands_of_page("docs/operations.md", "From a checkout")
        python = [line for line in lines if "hymio/bin/pip" in line]
        program = [line for line in lines if "-m venv" in line]
        assert [FROM_THE_NETWORK] == python[:1]
        # Debian's own interpreter, as on a user's machine.
        for line in program:
            machine.run(line.replace("python3 ", "/usr/bin/python3 "), folder=str(ROOT))
        site = machine.run("ls -d /opt/hymio/lib/python3*/site-packages").stdout.strip()
        (machine.path(site) / "dependencies.pth").write_text(f"{LIBRARIES}\n")
        for line in python[1:]:
            machine.run(line, folder=str(ROOT))
        yield machine


@pytest.fixture(scope="session")
def installed(machine: Machine) -> Machine:
    """The same with the head office's service, before its first start."""
    for line in commands_of_comment(UNIT):
        if "create-user" in line:
            break
        machine.run(line, folder=str(ROOT))
    return machine


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who signs the service's certificate."""
    return trustme.CA()


@pytest.fixture(scope="session")
def service(installed: Machine, authority: trustme.CA) -> Iterator[Service]:
    """It runs, with the options that its papers show but for the port, and a first account."""
    lines = commands_of_comment(UNIT)
    (options,) = (line for line in lines if line.startswith("HYMIO_SERVE="))
    port = free_port()
    options = options.replace("8443", str(port)).replace("--host 0.0.0.0 ", "")
    installed.run("install -d -m 0755 /etc/hymio")
    installed.path(SETTINGS).write_text(f"# Of the head office.\n{options}\n")
    installed.path(SETTINGS).chmod(0o600)
    certificate = authority.issue_cert("feedback.example.com", "127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(installed.path("/etc/hymio/cert.pem"))
    certificate.private_key_pem.write_to_path(installed.path("/etc/hymio/key.pem"))
    installed.run("chown hymio-headoffice /etc/hymio/key.pem && chmod 0400 /etc/hymio/key.pem")
    for line in lines[lines.index("sudo systemctl daemon-reload") + 1 :]:
        if line.startswith("sudo"):
            installed.run(line, folder=str(ROOT))
    service = Service(installed, port, authority)
    service.wait()
    yield service
    installed.run("systemctl stop hymio-headoffice")
