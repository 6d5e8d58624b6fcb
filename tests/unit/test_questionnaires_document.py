"""docs/questionnaires.md, word for word: every example loads, every command says what it shows."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from config.errors import InvalidFileError
from config.loader import load_questionnaire, load_settings
from config.questionnaire import Question, Questionnaire
from kiosk.cli import main
from kiosk.options import OK, WRONG_USAGE

DOCUMENT = Path(__file__).parents[2] / "docs" / "questionnaires.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(toml|console)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
TOML = [body for language, body in BLOCKS if language == "toml"]
WHOLE = [body for body in TOML if body.startswith("id = ")]
PARTS = [body for body in TOML if body.startswith("[[questions]]")]
SETTINGS = [body for body in TOML if body.startswith("questionnaire = ")]
KINDS = {kind.__struct_config__.tag: kind for kind in get_args(Question)}


def test_every_example_is_of_a_sort_that_is_tried() -> None:
    assert (2, 1) == (len(WHOLE), len(SETTINGS))
    assert len(TOML) == len(WHOLE) + len(PARTS) + len(SETTINGS)


@pytest.mark.parametrize("part", PARTS)
def test_example_of_a_question_can_be_added_to_the_first_example(part: str, tmp_path: Path) -> None:
    file = tmp_path / "my-shop.toml"
    file.write_text(WHOLE[0] + "\n" + part, encoding="utf-8")
    added = load_questionnaire(str(file)).questions[2:]
    assert part.count("[[questions]]") == len(added)


def test_settings_find_the_questionnaire_beside_them(tmp_path: Path) -> None:
    (tmp_path / "my-shop.toml").write_text(WHOLE[0], encoding="utf-8")
    (tmp_path / "kiosk.toml").write_text(SETTINGS[0])
    named = load_settings(tmp_path / "kiosk.toml").questionnaire
    assert "my_shop" == load_questionnaire(named, tmp_path).id


def test_commands_say_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-shop.toml").write_text(WHOLE[0], encoding="utf-8")
    (tmp_path / "wrong.toml").write_text(WHOLE[1], encoding="utf-8")
    tried = []
    for language, body in BLOCKS:
        if language == "console":
            command, shown = body.split("\n", 1)
            words = command.removeprefix("$ hymio-kiosk ").split()
            code = main(words)
            said = capsys.readouterr()
            assert shown == said.out + said.err
            tried.append(code)
    assert [OK, WRONG_USAGE] == tried


def test_wrong_example_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(WHOLE[1], encoding="utf-8")
    with pytest.raises(InvalidFileError):
        load_questionnaire(str(file))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_section_with_an_example_of_it(kind: str) -> None:
    assert re.search(rf"^### .*`{kind}`", TEXT, re.MULTILINE)
    if kind != "multiple_choice":  # the first example has one
        assert any(f'kind = "{kind}"' in part for part in PARTS)


@pytest.mark.parametrize("struct", [Questionnaire, *KINDS.values()], ids=lambda s: s.__name__)
def test_every_field_is_explained(struct: type[msgspec.Struct]) -> None:
    for field in get_type_hints(struct):
        assert f"`{field}`" in TEXT, f"{struct.__name__}.{field}"
