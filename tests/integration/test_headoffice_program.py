"""The `hymio-headoffice` program itself: first start, accounts, promises over real HTTP."""

import signal
import stat
from pathlib import Path

import pytest
from office import Device, ServedOffice, answer

from headoffice.cli import main
from headoffice.errors import HeadOfficeError
from headoffice.server import secret_key
from headoffice.server.serve import Address

pytestmark = pytest.mark.e2e


def test_first_start_makes_a_private_key_and_one_administrator(served: ServedOffice) -> None:
    assert len(served.password) >= 12
    key = served.folder / secret_key.NAME
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    assert served.stop() == 0
    served.password = ""
    served.start()
    assert served.password == ""
    assert before == key.read_text()


def test_stored_answers_outlive_kill_9_after_the_receipt(served: ServedOffice) -> None:
    device = served.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    body = device.batch(*(answer(seq) for seq in range(1, 51)))
    status, receipt = served.send("batches", body, **bearer)
    assert (200, 50) == (status, receipt["stored_up_to"])
    served.stop(signal.SIGKILL)
    served.start()
    status, again = served.send("batches", body, **bearer)
    assert (200, 50) == (status, again["stored_up_to"])
    assert "refused" not in again


def test_an_oversized_body_is_answered_and_not_just_cut_off(served: ServedOffice) -> None:
    device = served.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    for body in (b" " * 6_000_000, b" " * 1_000_001):
        status, problem = served.send("batches", body, **bearer)
        assert (413, "urn:hymio:problem:too_large") == (status, problem["type"])
    status, _problem = served.send("batches", b" " * 900_000, Authorization="Bearer nobody")
    assert status == 401


def test_a_kiosk_revoked_from_the_shell_is_shut_out_at_once(served: ServedOffice) -> None:
    device: Device = served.enrol("Main street")
    assert device.kiosk in served.run("kiosks").stdout
    assert served.run("revoke", device.kiosk).returncode == 0
    bearer = {"Authorization": f"Bearer {device.credential}"}
    status, problem = served.send("batches", device.batch(answer(1)), **bearer)
    assert (401, "urn:hymio:problem:revoked") == (status, problem["type"])
    wrong = served.run("revoke", "99")
    assert (1, True) == (wrong.returncode, "there is no kiosk 99" in wrong.stderr)


def test_accounts_from_the_shell_need_a_password_worth_the_name(served: ServedOffice) -> None:
    weak = served.run("create-user", "ann", "--password-stdin", given="12345\n")
    assert (1, True) == (weak.returncode, "too short" in weak.stderr)
    good = served.run("create-user", "ann", "--password-stdin", given="four quiet otters\n")
    assert good.returncode == 0
    twice = served.run("create-user", "ann")
    assert (1, True) == (twice.returncode, "already exists" in twice.stderr)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "shop.example"])  # noqa: S104
def test_it_refuses_to_speak_readable_to_other_machines(host: str) -> None:
    with pytest.raises(HeadOfficeError, match="readable"):
        Address(host, 8000).check(behind_proxy=False)
    Address(host, 8000).check(behind_proxy=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_it_serves_this_machine_without_tls(host: str) -> None:
    Address(host, 8000).check(behind_proxy=False)


def test_a_data_folder_that_cannot_be_written_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYMIO_DATA", str(tmp_path))
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert main(["kiosks", "--data", str(blocked / "under")]) == 2
    assert "--data" in capsys.readouterr().err


def test_two_first_starts_agree_on_one_key(tmp_path: Path) -> None:
    assert secret_key.ensure_key(tmp_path) == secret_key.ensure_key(tmp_path)
    assert [secret_key.NAME] == [file.name for file in tmp_path.iterdir()]
