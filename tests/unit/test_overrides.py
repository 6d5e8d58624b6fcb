"""What staff changed: files of other versions, damaged files, and changes that meet."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from config.loader import load_questionnaire
from config.settings import Hours, Settings, SoundSettings
from kiosk.overrides import (
    NAME,
    Overrides,
    OverridesChange,
    OverridesStore,
    QuestionnaireInUse,
    SavedOverrides,
    apply_overrides,
    load_overrides,
)

CHECKOUT = load_questionnaire("checkout")
DEMONSTRATION = QuestionnaireInUse.of(load_questionnaire("demonstration"))


def store_of(folder: Path) -> OverridesStore:
    return OverridesStore(folder, Settings(), load_overrides(folder), CHECKOUT)


def write(folder: Path, **fields: object) -> None:
    (folder / NAME).write_text(json.dumps(fields))


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / NAME).read_text())
    return content


# --- files of other versions, and damaged ones ---


def test_field_of_another_version_is_left_out_alone_and_said(tmp_path: Path) -> None:
    write(tmp_path, paused=True, volume=0.4, night_mode={"from": "22:00"})
    saved = load_overrides(tmp_path)
    assert Overrides(paused=True, volume=0.4) == saved.overrides
    (trouble,) = saved.trouble
    assert "night_mode" in trouble
    assert str(tmp_path / NAME) in trouble


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("brightness", 300), ("brightness", "bright"), ("volume", -1), ("language", "not a tag"),
        ("hours", {"monday": ["09:00-09:00"]}), ("hours", {"someday": []}), ("sounds", "yes"),
        ("questionnaire", ""),
    ],
)  # fmt: skip
def test_field_with_a_bad_value_is_left_out_alone_and_said(
    tmp_path: Path, name: str, value: object
) -> None:
    write(tmp_path, paused=True, **{name: value})
    saved = load_overrides(tmp_path)
    assert Overrides(paused=True) == saved.overrides
    (trouble,) = saved.trouble
    assert name in trouble


def test_paused_kiosk_stays_paused_with_a_field_it_does_not_know(tmp_path: Path) -> None:
    write(tmp_path, paused=True, night_mode=True)
    assert store_of(tmp_path).config.overrides.paused


def test_what_this_version_can_not_use_is_there_for_the_one_that_can(tmp_path: Path) -> None:
    write(tmp_path, night_mode={"from": "22:00"}, brightness="automatic", paused=True)
    store = store_of(tmp_path)
    store.change(OverridesChange.of(paused=False))
    store.save()
    store.use_questionnaire("demonstration", DEMONSTRATION)
    content = read(tmp_path)
    assert {"from": "22:00"} == content["night_mode"]
    assert "automatic" == content["brightness"]
    assert (False, "demonstration") == (content["paused"], content["questionnaire"])


def test_field_that_is_set_anew_is_no_longer_the_bad_one(tmp_path: Path) -> None:
    write(tmp_path, brightness="automatic", paused="yes")
    store = store_of(tmp_path)
    store.change(OverridesChange.of(brightness=40))
    store.change(OverridesChange.of(paused=False))
    store.save()
    assert (40, False) == (read(tmp_path)["brightness"], read(tmp_path)["paused"])
    assert () == load_overrides(tmp_path).trouble


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"paused": true', b"null", b"7"])
def test_file_that_is_no_object_changes_nothing_and_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    saved = load_overrides(tmp_path)
    assert Overrides() == saved.overrides
    assert NAME in saved.trouble[0]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
NAMES = st.sampled_from([field.name for field in structs.fields(Overrides)]) | st.text(max_size=9)


@settings(deadline=None, max_examples=50)
@given(content=st.dictionaries(NAMES, VALUES, max_size=8))
def test_every_field_counts_by_itself_whatever_else_is_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("data")
    write(folder, **content)
    saved = load_overrides(folder)
    for name, value in content.items():
        alone = tmp_path_factory.mktemp("alone")
        write(alone, **{name: value})
        single = load_overrides(alone)
        assert (name in single.unread) == (name in saved.unread)
        if name not in saved.unread:
            assert getattr(single.overrides, name) == getattr(saved.overrides, name)
    store = store_of(folder)
    store.save()
    again = load_overrides(folder)
    assert saved.overrides == again.overrides
    assert {n: json.loads(bytes(r)) for n, r in saved.unread.items()} == {
        n: json.loads(bytes(r)) for n, r in again.unread.items()
    }


@settings(deadline=None, max_examples=50)
@given(content=st.binary(max_size=60))
def test_no_file_keeps_a_kiosk_from_starting(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / NAME).write_bytes(content)
    saved = load_overrides(folder)
    assert saved.trouble or saved.overrides == Overrides() or content.startswith(b"{")


# --- the owner ---


def test_overrides_lie_over_the_settings_field_by_field() -> None:
    file = Settings(sound=SoundSettings(enabled=False, volume=0.9), language="fi")
    changed = apply_overrides(file, Overrides(sounds=True, brightness=30, hours=Hours(sunday=())))
    assert SoundSettings(enabled=True, volume=0.9) == changed.sound
    assert (30, (), "fi") == (changed.screen.brightness, changed.hours.sunday, changed.language)
    assert file == apply_overrides(file, Overrides())


def test_every_field_but_the_pause_and_what_was_typed_has_a_place_in_the_settings() -> None:
    everything = {
        "questionnaire": "demonstration", "language": "sv", "hours": Hours(monday=()),
        "paused": True, "pause_ends_ms": 9, "address": "https://feedback.example.com",
        "sounds": True, "volume": 0.3, "brightness": 20,
    }  # fmt: skip
    assert set(everything) == {field.name for field in structs.fields(Overrides)}
    placeless = {"paused", "pause_ends_ms", "address"}
    for name, value in everything.items():
        changed = apply_overrides(Settings(), Overrides(**{name: value}))
        assert (name not in placeless) == (changed != Settings()), name


def test_change_names_fields_and_touches_no_other(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.change(OverridesChange.of(paused=True))
    store.change(OverridesChange.of(volume=0.2))
    assert Overrides(paused=True, volume=0.2) == store.config.overrides
    assert not (tmp_path / NAME).exists()
    store.save()
    assert store.config.overrides == load_overrides(tmp_path).overrides


def test_listeners_see_what_holds_already(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    seen: list[tuple[bool, str]] = []
    store.subscribe(
        lambda: seen.append((store.config.overrides.paused, store.config.in_use.questionnaire.id))
    )
    store.change(OverridesChange.of(paused=True))
    store.use_questionnaire("demonstration", DEMONSTRATION)
    assert [(True, "checkout"), (True, "demonstration")] == seen


def test_change_made_while_the_choice_is_written_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = store_of(tmp_path)
    encode = SavedOverrides.encode

    def pressed_meanwhile(saved: SavedOverrides) -> bytes:
        content = encode(saved)
        monkeypatch.undo()
        store.change(OverridesChange.of(paused=True, language="fi"))
        return content

    monkeypatch.setattr(SavedOverrides, "encode", pressed_meanwhile)
    store.use_questionnaire("demonstration", DEMONSTRATION)
    assert Overrides(questionnaire="demonstration", paused=True) == store.config.overrides
    store.save()
    assert store.config.overrides == load_overrides(tmp_path).overrides


def test_choice_that_can_not_be_saved_is_not_in_force(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    told: list[bool] = []
    store.subscribe(lambda: told.append(True))
    (tmp_path / f"{NAME}.new").mkdir()
    before = store.config
    with pytest.raises(OSError, match=NAME):
        store.use_questionnaire("demonstration", DEMONSTRATION)
    assert before is store.config
    assert [] == told


def test_language_falls_to_the_first_of_a_questionnaire_that_lacks_it(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    store.change(OverridesChange.of(language="sv"))
    assert "sv" == store.config.language
    english = structs.replace(CHECKOUT, languages=("en",))
    store.use_questionnaire("english.toml", QuestionnaireInUse.of(english))
    store.change(OverridesChange.of(language="sv"))
    assert "en" == store.config.language


def test_file_has_the_fields_that_earlier_versions_wrote() -> None:
    saved = SavedOverrides(Overrides(paused=True, volume=0.5))
    earlier = {
        "questionnaire": None, "language": None, "hours": None, "paused": True, "sounds": None,
        "volume": 0.5, "brightness": None,
    }  # fmt: skip
    assert earlier.items() <= msgspec.json.decode(saved.encode()).items()
