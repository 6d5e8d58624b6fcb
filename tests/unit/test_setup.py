"""Setting up a machine: the file of a stick, the questions, and what is written."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from config.errors import ConfigError, InvalidFileError
from config.loader import load_settings
from kiosk.commands import setup
from kiosk.commands.provisioning import find_provisioning, load_plan
from kiosk.commands.settings_file import set_values
from kiosk.commands.setup import Machine, set_up, set_up_this_machine
from kiosk.errors import SetupError
from kiosk.maintenance.panel import edid_width_mm, panel_width_mm
from kiosk.maintenance.results import Media, Medium
from kiosk.service_account import ServiceAccount

GOOD = """\
url = "https://feedback.example.com"
codes = ["KAJO-7342", "RXMY-2296"]
pin = "2580"
language = "fi"
width_mm = 344
"""


@dataclass
class Programs:
    """What would be run, and what it was given; a name among ``failing`` fails."""

    failing: tuple[str, ...] = ()
    commands: list[tuple[list[str], str]] = field(default_factory=list)

    def run(self, command: Sequence[str], given: str) -> bool:
        words = list(command)
        words = words[4:] if words[:2] == [sys.executable, "-P"] else words
        self.commands.append((words, given))
        return not set(words) & set(self.failing)

    def kiosk(self) -> dict[str, str]:
        """What each command of the kiosk was given."""
        return {words[0]: given for words, given in self.commands if words[0] != "systemctl"}


@pytest.fixture
def programs() -> Programs:
    """Nothing fails."""
    return Programs()


@pytest.fixture
def machine(tmp_path: Path, programs: Programs) -> Machine:
    """One with nothing set up."""
    service = ServiceAccount("nobody", data=tmp_path / "data")
    return Machine(service, tmp_path / "etc" / "hymio", host="till-2", run=programs.run)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that is a stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def file_on(stick: Path, text: str = GOOD) -> Path:
    """The file that setup looks for."""
    file = stick / "hymio-setup.toml"
    file.write_text(text)
    return file


def test_a_file_sets_everything_up(machine: Machine, programs: Programs, stick: Path) -> None:
    said = "\n".join(set_up(file_on(stick), machine))
    settings = load_settings(machine.settings)
    assert ("fi", 344) == (settings.language, settings.screen.width_mm)
    assert 0o644 == machine.settings.stat().st_mode & 0o777
    assert {"enrol": "KAJO-7342\nRXMY-2296", "set-pin": "2580"} == programs.kiosk()
    (enrol,) = (words for words, _given in programs.commands if words[0] == "enrol")
    assert ["enrol", "-", "--url", "https://feedback.example.com"] == enrol
    assert ["systemctl", "--quiet", "enable", "hymio-kiosk.service"] in [
        words for words, _given in programs.commands
    ]
    # Neither code nor PIN is a word of a command, which everybody can read.
    assert not [w for w, _given in programs.commands if {"2580", "KAJO-7342"} & set(w)]
    assert "sudo reboot" in said


def test_the_same_again_changes_nothing(machine: Machine, stick: Path) -> None:
    file = file_on(stick)
    list(set_up(file, machine))
    before = machine.settings.stat().st_mtime_ns
    assert not [line for line in set_up(file, machine) if line.startswith("Written")]
    assert before == machine.settings.stat().st_mtime_ns


def test_what_an_owner_wrote_stays(machine: Machine, stick: Path) -> None:
    machine.settings.parent.mkdir(parents=True)
    machine.settings.write_text("# Ours.\n[screen]\ntheme = 'dark'  # by night\nwidth_mm = 200\n")
    list(set_up(file_on(stick), machine))
    assert (
        "# Ours.\nlanguage = \"fi\"\n[screen]\ntheme = 'dark'  # by night\nwidth_mm = 344\n"
        == machine.settings.read_text().replace("344.0", "344")
    )


def test_a_host_takes_the_code_under_its_name(
    machine: Machine, programs: Programs, stick: Path
) -> None:
    text = GOOD.replace('codes = ["KAJO-7342", "RXMY-2296"]\n', "")
    codes = '[codes]\ntill-1 = "KAJO-7342"\ntill-2 = "RXMY-2296"\n'
    list(set_up(file_on(stick, text + codes), machine))
    assert "RXMY-2296" == programs.kiosk()["enrol"]
    with pytest.raises(InvalidFileError, match=r"no till-3, which is this machine's name"):
        load_plan(file_on(stick, text + codes), "till-3")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('urll = "https://a.example"', "urll"),
        ('url = "feedback.example.com"', "url: found 'feedback.example.com'"),
        ('url = "http://feedback.example.com"', "allowed: https://"),
        ('pin = "1234"', "first that anyone would try"),
        ("pin = 2580", "pin: found 2580"),
        ("width_mm = 34", "width_mm: found 34"),
        ('language = "sw"', "language: found 'sw'; the questionnaire 'checkout' has"),
        ('ca_file = "gone.pem"', "ca_file: found 'gone.pem'"),
        ('files = "gone"', "files: found 'gone'"),
        ("codes = [7]", "codes"),
        ('codes = ["KAJ"]', "codes"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(
    machine: Machine, programs: Programs, stick: Path, line: str, words: str
) -> None:
    key = line.split(maxsplit=1)[0]
    rest = [each for each in GOOD.splitlines() if not each.startswith(f"{key} ")]
    with pytest.raises(ConfigError) as caught:
        list(set_up(file_on(stick, "\n".join([*rest, line])), machine))
    assert words in str(caught.value)
    assert [] == programs.commands
    assert not machine.settings.exists()


def test_all_mistakes_are_told_at_once(machine: Machine, stick: Path) -> None:
    with pytest.raises(InvalidFileError, match="2 mistakes"):
        list(set_up(file_on(stick, 'url = "x"\nwidth_mm = 1\n'), machine))
    text = 'url = "http://a.example"\npin = "1234"\nwidth = 3\ncodes = "KAJO"\n'
    with pytest.raises(InvalidFileError, match="4 mistakes"):
        list(set_up(file_on(stick, text), machine))


def test_a_stick_brings_files_of_the_shop(machine: Machine, stick: Path) -> None:
    brought = stick / "shop"
    brought.mkdir()
    (brought / "kiosk.toml").write_text('questionnaire = "own.toml"\n[screen]\ntheme = "dark"\n')
    question = '[[questions]]\nid = "rating"\nkind = "smiley"\ntext = { fi = "Miten?" }\n'
    (brought / "own.toml").write_text(f'id = "own"\ntitle = "O"\nlanguages = ["fi"]\n{question}')
    trustme.CA().cert_pem.write_to_path(stick / "ca.pem")
    said = list(set_up(file_on(stick, GOOD + 'files = "shop"\nca_file = "ca.pem"\n'), machine))
    settings = load_settings(machine.settings)
    assert ("dark", "own.toml") == (settings.screen.theme, settings.questionnaire)
    assert str(machine.settings_folder / "authority.pem") == settings.head_office.ca_file
    assert (machine.settings_folder / "own.toml").exists()
    assert 3 == len([line for line in said if line.startswith("Written")])


def test_files_with_mistakes_are_not_taken(machine: Machine, stick: Path) -> None:
    brought = stick / "shop"
    brought.mkdir()
    (brought / "kiosk.toml").write_text('questionnaire = "gone.toml"\n')
    with pytest.raises(ConfigError, match=r"gone\.toml"):
        list(set_up(file_on(stick, GOOD + 'files = "shop"\n'), machine))
    assert not machine.settings.exists()


def test_a_refusal_of_the_head_office_is_told_with_what_to_do(
    machine: Machine, programs: Programs, stick: Path
) -> None:
    programs.failing = ("enrol",)
    with pytest.raises(SetupError, match=r"has not joined.*say `sudo hymio-kiosk setup` again"):
        list(set_up(file_on(stick), machine))
    assert ["systemctl"] not in [words[:1] for words, _given in programs.commands]


def test_the_file_is_found_on_a_stick(stick: Path, tmp_path: Path) -> None:
    def medium(path: Path) -> Medium:
        return Medium(path, path.name, 1, writable=True)

    assert None is find_provisioning(Media((medium(stick),)))
    assert file_on(stick) == find_provisioning(Media((medium(stick),)))
    other = tmp_path / "other"
    other.mkdir()
    file_on(other)
    with pytest.raises(SetupError, match="several"):
        find_provisioning(Media((medium(stick), medium(other))))


def answering(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Lets a person say this, one after the other; what is asked."""
    asked: list[str] = []
    left = list(answers)

    def read(question: str) -> str:
        asked.append(question)
        if not left:
            raise EOFError
        return left.pop(0)

    monkeypatch.setattr("builtins.input", read)
    monkeypatch.setattr(setup, "panel_width_mm", lambda: 293)
    return asked


def test_a_person_is_asked_until_each_answer_can_be_used(
    machine: Machine,
    programs: Programs,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = [
        *("feedback.example.com", "https://feedback.example.com/"),
        *("abc", "KAJO-7342", "1234", "2580", "2581", "2580", "2580", "sw", "sv", "wide", ""),
    ]
    asked = answering(monkeypatch, *answers)
    list(set_up(None, machine))
    assert len(answers) == len(asked)
    assert {"enrol": "KAJO-7342", "set-pin": "2580"} == programs.kiosk()
    settings = load_settings(machine.settings)
    assert ("sv", 293) == (settings.language, settings.screen.width_mm)
    said = capsys.readouterr().out
    for words in ("https://feedback.example.com", "KAJO-7342", "two were different", "There is:"):
        assert words in said


def test_input_that_ends_too_early_is_told(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "https://feedback.example.com")
    with pytest.raises(SetupError, match="ended before"):
        list(set_up(None, machine))
    assert not machine.settings.exists()


def test_without_an_address_the_kiosk_only_collects(
    machine: Machine, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "", "2580", "2580", "fi", "344")
    list(set_up(None, machine))
    assert {"set-pin": "2580"} == programs.kiosk()


def test_it_says_what_to_do_where_it_can_not_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="sudo apt install"):
        list(set_up_this_machine(None, None))
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    with pytest.raises(SetupError, match="sudo hymio-kiosk setup"):
        list(set_up_this_machine(None, ServiceAccount("nobody")))


def test_a_program_that_fails_is_seen_to_fail() -> None:
    assert setup.run_program(["true"])
    assert not setup.run_program([sys.executable, "-c", "import sys; sys.exit(input())"], "1\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[screen]\nwidth_mm = 300\n"),
        ("[screen]\n", "[screen]\nwidth_mm = 300\n"),
        ("[screen]\nwidth_mm = 2\n[way]\n", "[screen]\nwidth_mm = 300\n[way]\n"),
        ("[way]\n# width_mm = 1\n", "[way]\n# width_mm = 1\n\n[screen]\nwidth_mm = 300\n"),
    ],
)
def test_one_value_is_changed_and_nothing_else(before: str, after: str) -> None:
    assert after == set_values(before, {"screen.width_mm": 300}, "kiosk.toml")


def test_a_value_that_no_program_can_change_is_left_to_a_person() -> None:
    text = 'screen = { theme = "dark" }\n'
    with pytest.raises(InvalidFileError, match=r"write there: screen\.width_mm = 300"):
        set_values(text, {"screen.width_mm": 300}, "kiosk.toml")


def edid(detailed: int, coarse_cm: int = 0) -> bytes:
    """The first block of a panel's."""
    block = bytearray(128)
    block[:8] = bytes.fromhex("00ffffffffffff00")
    block[21], block[54] = coarse_cm, 1
    block[66], block[68] = detailed & 0xFF, detailed >> 4 & 0xF0
    return bytes(block)


@pytest.mark.parametrize(
    ("block", "width"),
    [
        (edid(344), 344),
        (edid(1210), 1210),
        (edid(0, 48), 480),
        (edid(0, 0), None),
        (edid(16, 3), None),  # what an adapter without a panel tells
        (b"", None),
        (b"\0" * 128, None),
    ],
)
def test_a_panel_tells_its_width(block: bytes, width: int | None) -> None:
    assert width == edid_width_mm(block)


def test_the_first_panel_that_is_connected_tells(tmp_path: Path) -> None:
    for name, status, block in (
        ("card0-DP-1", "disconnected", b""),
        ("card0-HDMI-A-1", "connected", edid(217)),
        ("card0-HDMI-A-2", "connected", edid(400)),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status").write_text(f"{status}\n")
        (tmp_path / name / "edid").write_bytes(block)
    assert 217 == panel_width_mm(tmp_path)
    assert None is panel_width_mm(tmp_path / "none")


def test_the_command_line_knows_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "setup"], capture_output=True, text=True, check=False
    )
    assert (1, True) == (done.returncode, "sudo apt install" in done.stderr)
