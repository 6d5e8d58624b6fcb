"""A wrong setting costs that setting and not the kiosk; what held last is remembered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.errors import ConfigError
from config.settings import Settings
from config.settings_fallback import mend_settings
from config.syntax import syntax_mistake
from kiosk.commands.status import describe_status, read_status
from kiosk.last_good import LAST_GOOD_SETTINGS, read_settings, save_last_good_settings
from kiosk.options import RunOptions
from kiosk.startup import load_startup_config

WRONG = [{"no setting": "is a list of tables"}]


def places(struct: type[msgspec.Struct] = Settings, *above: str) -> Iterator[tuple[str, ...]]:
    """The keys of every setting, tables as a whole too."""
    for field in structs.fields(struct):
        yield (*above, field.name)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from places(field.type, *above, field.name)


def put(document: dict[str, Any], keys: tuple[str, ...], value: object) -> None:
    for key in keys[:-1]:
        document = document.setdefault(key, {})
    document[keys[-1]] = value


# Another value than the default in places all over.
OWN = {
    "language": "fi",
    "screen": {"theme": "dark", "width_mm": 476.0},
    "timing": {"thanks": 4.0},
    "hours": {"monday": ["09:00-17:00"], "sunday": []},
    "sync": {"every": 30.0},
}


@pytest.mark.parametrize("keys", [*places()], ids=".".join)
def test_a_wrong_key_costs_that_key_alone(keys: tuple[str, ...]) -> None:
    document = msgspec.json.decode(msgspec.json.encode(OWN))
    expected, _none = mend_settings(document, Path())
    assert _none == ()
    put(document, keys, WRONG)
    settings, (mistake, *more) = mend_settings(document, Path())
    assert (not more) == mistake.path.startswith(".".join(keys))
    # All others are as they were: with the default in its place the two are the same.
    default: Any = Settings()
    for key in keys:
        default = getattr(default, key)
    told = msgspec.to_builtins(expected)
    put(told, keys, msgspec.to_builtins(default))
    assert msgspec.to_builtins(settings) == told


@pytest.mark.parametrize("keys", [*places()], ids=".".join)
def test_what_held_last_comes_in_the_place_of_a_wrong_key(keys: tuple[str, ...]) -> None:
    document = msgspec.json.decode(msgspec.json.encode(OWN))
    put(document, keys, WRONG)
    settings, _mistakes = mend_settings(document, Path(), OWN)
    assert mend_settings(OWN, Path())[0] == settings


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*Settings.__struct_fields__, "theme", "a.b"]), inner)
        ),
        max_leaves=12,
    ).filter(lambda raw: isinstance(raw, dict))
)
def test_whatever_the_file_says_some_settings_hold(raw: dict[str, Any]) -> None:
    settings, mistakes = mend_settings(raw, Path("/nowhere"))
    assert isinstance(settings, Settings)
    assert mistakes or settings == mend_settings(raw, Path("/nowhere"))[0]


def test_a_missing_picture_costs_the_picture(tmp_path: Path) -> None:
    document = {"brand": {"logo": "gone.png"}, "language": "fi"}
    settings, (mistake,) = mend_settings(document, tmp_path, document)
    assert ("", "fi", "brand.logo") == (settings.brand.logo, settings.language, mistake.path)


class Shop:
    """A settings file and a data folder."""

    def __init__(self, folder: Path) -> None:
        self.file, self.data = folder / "kiosk.toml", folder / "data"

    def start(self, text: str | None) -> Settings:
        """The settings of a start, which are remembered as a running kiosk does."""
        if text is None:
            self.file.unlink()
        else:
            self.file.write_text(text)
        self.startup = load_startup_config(RunOptions(config=self.file, data=self.data))
        if self.startup.good_settings is not None:
            save_last_good_settings(self.startup.good_settings, self.data, self.data)
        return self.startup.settings


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_a_kiosk_that_ran_starts_again_with_a_wrong_key_and_tells_so(shop: Shop) -> None:
    shop.start('[screen]\ntheme = "dark"\n')
    assert () == shop.startup.troubles
    settings = shop.start('language = "fi"\n[screen]\ntheme = "lihgt"\n')
    assert ("dark", "fi") == (settings.screen.theme, settings.language)
    (told,) = shop.startup.troubles
    assert ("settings", 1) == (told.kind, told.count)
    assert "screen.theme: found 'lihgt'" in told.detail
    # What has mistakes is not remembered, nor is its sound part.
    assert None is shop.start('[screen]\ntheme = "lihgt"\n').language


@pytest.mark.parametrize("text", ["language = “fi”\n", "\x00", "[screen\n", None])
def test_a_file_that_can_not_be_read_gives_way_to_the_last_good_one(
    shop: Shop, text: str | None
) -> None:
    before = shop.start('[screen]\ntheme = "dark"\n')
    assert before == shop.start(text)
    (told,) = shop.startup.troubles
    assert "kiosk.toml can't be read" in told.detail
    assert "Left" not in told.detail


def test_commands_mean_the_kiosks_folder_whatever_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    config, data = tmp_path / "kiosk.toml", tmp_path / "elsewhere"
    config.write_text(f'[storage]\nfolder = "{data}"\n')
    found = read_settings(config, None)
    assert found.good is not None
    save_last_good_settings(found.good, found.data, None)
    config.write_text("[storage]\nfolder = elsewhere\n")
    assert data == read_settings(config, None).data
    said = describe_status(read_status(config, None))
    assert str(data) in said
    assert 'a text stands between quotes: name = "text"' in said
    config.write_text("[storage]\nfolder = 7\n")
    assert data == read_settings(config, None).data


def test_where_answers_are_kept_is_never_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    config = tmp_path / "kiosk.toml"
    config.write_text("[storage]\nfolder = 7\n")
    with pytest.raises(ConfigError, match=r"storage\.folder"):
        read_settings(config, None)
    assert tmp_path / "named" == read_settings(config, tmp_path / "named").data


def test_the_last_good_settings_of_another_file_are_not_taken(shop: Shop, tmp_path: Path) -> None:
    shop.start('[screen]\ntheme = "dark"\n')
    other = tmp_path / "other.toml"
    other.write_text('[screen]\ntheme = "lihgt"\n')
    assert "light" == read_settings(other, shop.data).settings.screen.theme
    (shop.data / LAST_GOOD_SETTINGS).write_text("{")
    shop.file.write_text('[screen]\ntheme = "lihgt"\n')
    assert "light" == read_settings(shop.file, shop.data).settings.screen.theme


def test_a_disk_that_can_not_be_written_keeps_nobody_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    save_last_good_settings(b"{}", tmp_path / "file" / "data", tmp_path / "file" / "data")
    assert "can't be written" in caplog.text


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("theme = “dark”", "“ ” are curly quotes"),
        ("theme = ‘dark’", "‘ ’ are curly quotes"),
        ("theme = dark", "a text stands between quotes"),
        ("theme dark", "a setting is written: name = value"),
        ("enabled = True", "yes is written: true"),
        ("enabled = no", "no is written: false"),
        ("thanks = 2,5", "decimals are written with a point"),
        ("thanks\u00a0= 2", "a special space"),
        ("[screen", ""),
    ],
)
def test_a_line_that_is_no_toml_is_shown_with_its_cause(shop: Shop, line: str, cause: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shop.start(f"# first\n{line}\n")
    said = str(caught.value)
    assert f"\n    {line}\n    " in said
    assert cause in said


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 500
    told = syntax_mistake(line, "Invalid (at line 1, column 300)").splitlines()
    assert 124 == len(told[1])
    assert told[2].index("^") < 124
    assert ["it is not valid TOML: Invalid (at end of document)"] == syntax_mistake(
        line, "Invalid (at end of document)"
    ).splitlines()
