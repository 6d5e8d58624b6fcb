"""A file that tells a kiosk what to do may be anything: it is refused in words, and soon."""

import os
import time
from pathlib import Path

import pytest
from slowness import limit_s

from config.errors import ConfigError
from config.loader import load_questionnaire, load_settings
from kiosk.commands.check import check_file

HEAD = 'id = "x"\ntitle = "X"\nlanguages = ["en"]\n'
FILES = {
    "a number of 5,000 digits": HEAD + f"questions = {'9' * 5000}",
    "a number of 900,000 hexadecimal digits": HEAD + f"questions = 0x{'f' * 900_000}",
    "a number beyond 64 bits": f"questions = [{2**70}]",
    "a key of 200,000 dots": ".".join("a" * 200_000) + " = 1",
    "a key of 200,000 dots with blanks": " . ".join("a" * 200_000) + " = 1",
    "a table's name of 200,000 dots": "[" + ".".join("a" * 200_000) + "]",
    "a key of many dots in a table": "questions = {" + ".".join("a" * 100_000) + " = 1}",
    "lists in lists": "questions = " + "[" * 100_000 + "]" * 100_000,
    "lists in lists as deep as they are read": "questions = " + "[" * 150 + "]" * 150,
    "tables in tables": "questions = " + "{a = " * 150 + "1" + "}" * 150,
    "more than a megabyte": "# " + "x" * 1_100_000,
    "a date beyond the calendar": "questions = 9999-99-99",
    "control characters": "questions = \x01",
}


@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_in_words(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file.toml"
    file.write_text(FILES[name])
    begun = time.process_time()
    for read in (load_questionnaire_at, check_file):
        with pytest.raises(ConfigError) as told:
            read(file)
        assert str(file) in str(told.value)
    assert time.process_time() - begun < limit_s(5)


def load_questionnaire_at(file: Path) -> object:
    return load_questionnaire(str(file))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file.toml"
    file.write_bytes(b"\xff\xfe\x00" * 1000)
    with pytest.raises(ConfigError):
        check_file(file)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random", "a pipe", "a folder", "nothing"])
def test_what_never_ends_is_not_begun(tmp_path: Path, device: str) -> None:
    file = Path(device) if device.startswith("/") else tmp_path / "file.toml"
    if device == "a pipe":
        os.mkfifo(file)
    elif device == "a folder":
        file.mkdir()
    for read in (check_file, load_questionnaire_at, load_settings):
        with pytest.raises(ConfigError):
            read(file)
