"""The command line of the kiosk, without its window."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import cli
from kiosk.cli import main
from kiosk.options import FAILED, OK, WRONG_USAGE, data_folder
from kiosk.service_account import ServiceAccount
from sync.identity import Identity, save_identity
from sync.messages import AnswerBody, Moment
from sync.outbox.sqlite import SqliteOutbox

MOMENT = Moment(wall_ms=1_700_000_000_000, boot="0b0a0c0d-0000-4000-8000-000000000001", mono_ms=5)
ANSWER = AnswerBody(
    response="01900000-0000-7000-8000-000000000001",
    questionnaire="a" * 64,
    language="en",
    question="rating",
    value=2,
    took_ms=1000,
)
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))


def test_check_accepts_shipped_settings(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text('language = "fi"\n')
    assert OK == main(["check", str(file)])
    assert "valid settings" in capsys.readouterr().out


def test_check_reports_every_mistake_and_exits_with_2(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("[screen]\nwidth = 10\ntheme = 'pink'\n")
    assert WRONG_USAGE == main(["check", str(file)])
    report = capsys.readouterr().err
    assert "screen.width" in report
    assert "screen.theme" in report


def test_check_knows_a_questionnaire_when_it_sees_one(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'id = "mine"\ntitle = "Mine"\nlanguages = ["en"]\n'
        '[[questions]]\nid = "rating"\nkind = "smiley"\ntext = { en = "How?" }\n'
    )
    assert OK == main(["check", str(file)])
    assert "valid questionnaire: 1 question(s) in en" in capsys.readouterr().out


def test_check_follows_settings_to_their_questionnaire(tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "broken.toml").write_text("questions = 7\n")
    file = tmp_path / "kiosk.toml"
    file.write_text('questionnaire = "broken.toml"\n')
    assert WRONG_USAGE == main(["check", str(file)])
    assert "broken.toml" in capsys.readouterr().err


def test_first_start_with_settings_that_are_no_toml_ends_before_a_window_opens(
    tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("language = “fi”\n")
    assert WRONG_USAGE == main(["run", "--config", str(file), "--data", str(tmp_path / "data")])
    assert "    language = “fi”\n               ^\n  “ ” are curly" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("kind", ["settings", "questionnaire"])
def test_schema_is_json(kind: str, capsys: Output) -> None:
    assert OK == main(["schema", kind])
    assert "$schema" in json.loads(capsys.readouterr().out)


def test_status_of_a_new_kiosk(tmp_path: Path, capsys: Output) -> None:
    assert OK == main(["status", "--json", "--data", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)
    assert (False, 0, None) == (found["enrolled"], found["stored"], found["installation"])
    assert [] == list(tmp_path.iterdir())


def test_status_while_a_kiosk_is_running(tmp_path: Path, capsys: Output) -> None:
    identity = Identity(
        kiosk="0b0a0c0d-0000-4000-8000-00000000000a",
        credential="not-to-be-shown",
        place="Hakaniemi, till 2",
        head_office="0b0a0c0d-0000-4000-8000-00000000000b",
        url="https://feedback.example.com",
    )
    with SqliteOutbox.open(tmp_path) as outbox:
        outbox.append([ANSWER], MOMENT)
        save_identity(tmp_path, identity)
        assert OK == main(["status", "--json", "--data", str(tmp_path)])
        found = json.loads(capsys.readouterr().out)
        assert (1, 1, MOMENT.wall_ms) == (
            found["stored"], found["waiting"], found["oldest_waiting_ms"],
        )  # fmt: skip
        assert OK == main(["status", "--data", str(tmp_path)])
    words = capsys.readouterr().out
    assert os.getpid() == found["process"]
    assert f"yes, process {os.getpid()}" in words
    assert str(tmp_path) in words
    assert "Hakaniemi, till 2 at https://feedback.example.com" in words
    assert "not-to-be-shown" not in words + json.dumps(found)


def test_status_tells_programs_whether_every_answer_was_delivered(
    tmp_path: Path, capsys: Output
) -> None:
    ask = ["status", "--delivered", "--data", str(tmp_path)]
    assert OK == main(ask)
    with SqliteOutbox.open(tmp_path) as outbox:
        outbox.append([ANSWER], MOMENT)
        installation = outbox.position().installation
    assert FAILED == main(ask)
    with SqliteOutbox.open(tmp_path) as outbox:
        outbox.settle(installation, 1, (), MOMENT.wall_ms)
    assert OK == main(ask)
    # What could not be read of a damaged file may be in it alone.
    (tmp_path / "outbox.damaged-1.sqlite3").write_bytes(b"torn")
    assert FAILED == main(ask)
    assert ("", "") == capsys.readouterr()
    assert OK == main(["status", "--data", str(tmp_path)])
    assert re.search(r"^Runs +no$", capsys.readouterr().out, re.MULTILINE)


def test_status_tells_how_to_start_a_service_that_does_not_run(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "find_service", lambda: ServiceAccount("nobody", data=tmp_path))
    assert OK == main(["status", "--data", str(tmp_path)])
    assert "no: sudo systemctl start hymio-kiosk" in capsys.readouterr().out


def test_another_user_is_told_how_to_reach_the_service(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "find_service", lambda: ServiceAccount("nobody"))
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert FAILED == main(["status", "--json"])
    assert "sudo hymio-kiosk status --json" in capsys.readouterr().err
    assert OK == main(["status", "--json", "--data", str(tmp_path)])


def test_enrolment_that_fails_says_why_and_exits_with_1(tmp_path: Path, capsys: Output) -> None:
    words = ["enrol", "ABCD-EFGH", "--url", "http://127.0.0.1:1", "--data", str(tmp_path)]
    assert FAILED == main(words)
    assert "did not enrol this kiosk" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["sing"],
        ["run", "--size", "wide"],
        ["run", "--size", "10x10"],
        ["run", "--windowed", "--fullscreen"],
        ["enrol", "ABCD"],
        ["schema", "house"],
        ["check"],
    ],
)
def test_wrong_usage_exits_with_2(words: list[str], capsys: Output) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert WRONG_USAGE == left.value.code
    assert "usage: hymio-kiosk" in capsys.readouterr().err


def test_answers_are_kept_where_asked_for_or_where_the_system_keeps_such(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/share")
    assert Path("/a") == data_folder(Path("/a"), "/b")
    assert Path("/b") == data_folder(None, "/b")
    assert Path("/srv/share/hymio") == data_folder(None, "")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert Path.home() / ".local/share/hymio" == data_folder(None, "")


def test_help_does_not_wait_for_a_window_system() -> None:
    program = (
        "import sys; from kiosk.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'kivy', 'requests', 'apscheduler', 'sqlite_utils'} & set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    assert (0, "") == (done.returncode, done.stderr)


def test_first_frame_does_not_wait_for_what_only_staff_and_the_sync_need() -> None:
    program = (
        "import sys, kiosk.bootstrap\n"
        "slow = {'requests', 'apscheduler', 'sqlite_utils', 'kiosk.staff.worker'}\n"
        "slow &= set(sys.modules)\n"
        "sys.exit(f'imported {slow}' if slow else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    assert (0, "") == (done.returncode, done.stderr)
