"""Configuration files: what is accepted, and how mistakes are reported."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError, InvalidFileError, Mistake, UnreadableFileError
from config.loader import (
    MAX_FILE_BYTES,
    _rule_mistakes,
    load_questionnaire,
    load_settings,
    settings_places,
    shipped_questionnaires,
)
from config.mistakes import find_mistakes
from config.questionnaire import Questionnaire, canonical, digest
from config.settings import Settings

GOOD = """
id = "till"
title = "Till"
languages = ["en", "fi"]

[[questions]]
id = "rating"
kind = "smiley"
text = { en = "How was it?", fi = "Miten meni?" }

[[questions]]
id = "why"
kind = "multiple_choice"
text = { en = "Why?", fi = "Miksi?" }
show_if = { question = "rating", one_of = [0, 1] }
options = [
    { id = "queue", text = { en = "Queue", fi = "Jono" } },
    { id = "price", text = { en = "Price", fi = "Hinta" } },
]
"""


@pytest.fixture
def write(tmp_path: Path):
    def _write(text: str | bytes, name: str = "file.toml") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return path

    return _write


def mistakes_of(path: Path) -> dict[str, Mistake]:
    with pytest.raises(InvalidFileError) as caught:
        load_questionnaire(str(path))
    return {mistake.path: mistake for mistake in caught.value.mistakes}


@pytest.fixture
def no_settings_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("config.loader.settings_places", lambda: settings_places()[:1])
    return tmp_path / "config" / "hymio" / "kiosk.toml"


def test_shipped_settings_file_spells_out_the_defaults(no_settings_anywhere: Path) -> None:
    assert not no_settings_anywhere.exists()
    assert Settings() == load_settings()


def test_an_empty_settings_file_means_the_defaults(write) -> None:
    assert Settings() == load_settings(write(""))


def test_own_settings_are_found_without_being_named(no_settings_anywhere: Path) -> None:
    no_settings_anywhere.parent.mkdir(parents=True)
    no_settings_anywhere.write_text("[timing]\nthanks = 7\n")
    assert load_settings().timing.thanks == 7


@pytest.mark.parametrize("name", shipped_questionnaires())
def test_shipped_questionnaire_is_valid(name: str) -> None:
    assert load_questionnaire(name).rating.id == "rating"


def test_checkout_speaks_every_shipped_language_and_follows_up_on_every_rating() -> None:
    checkout = load_questionnaire("checkout")
    assert checkout.languages == ("en", "fi", "sv", "de", "it", "hu", "pl")
    followed = [q.show_if.one_of for q in checkout.questions[1:] if q.show_if is not None]
    assert [(0, 1), (2,)] == followed


def test_a_questionnaire_file_is_looked_for_beside_the_settings(write) -> None:
    path = write(GOOD, "till.toml")
    assert load_questionnaire("till.toml", path.parent).id == "till"


def test_a_byte_order_mark_does_no_harm(write) -> None:
    assert load_questionnaire(str(write(b"\xef\xbb\xbf" + GOOD.encode()))).id == "till"


def test_an_unknown_shipped_name_is_told_with_the_known_ones() -> None:
    with pytest.raises(UnreadableFileError, match=r"shipped: .*checkout"):
        load_questionnaire("chekout")


def test_every_mistake_is_reported_in_one_go(write) -> None:
    path = write("""
        id = "Check out"
        titel = "x"
        languages = ["en", "fi"]
        [[questions]]
        id = "rating"
        kind = "smily"
        [[questions]]
        id = "b"
        kind = "csat"
        steps = 6
        text = { en = "", fi = "x", English = "y" }
        [[questions]]
        id = "c"
        kind = "yes_no"
        text = { en = "a", sv = "c" }
    """)
    found = mistakes_of(path)
    assert {
        "id",
        "titel",
        "title",
        "questions[0].kind",
        "questions[1].steps",
        "questions[1].text.en",
        "questions[1].text (key)",
        "questions[2].text.fi",
        "questions[2].text.sv",
    } == set(found)
    assert found["titel"].hint == "did you mean title?"
    assert found["questions[1].steps"] == Mistake("questions[1].steps", "6", "allowed: 5, 7")
    assert "smiley, nps" in found["questions[0].kind"].hint


def test_the_report_names_the_file_and_counts(write) -> None:
    path = write("[screen]\nwidth = 'wide'\ntheme = 'pink'\n")
    with pytest.raises(InvalidFileError) as caught:
        load_settings(path)
    assert str(caught.value).splitlines() == [
        f"{path} has 2 mistakes:",
        "  screen.width: found 'wide'; allowed: a whole number, at least 480 and at most 7680",
        "  screen.theme: found 'pink'; allowed: 'dark', 'high_contrast', 'light'",
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (('kind = "smiley"', 'kind = "nps"'), "questions[0].kind"),
        (('id = "why"', 'id = "why\\n"'), "questions[1].id"),
        (('id = "why"', 'id = "rating"'), "questions[1].id"),
        (('question = "rating"', 'question = "why"'), "questions[1].show_if.question"),
        (("one_of = [0, 1]", "one_of = [3]"), "questions[1].show_if.one_of[0]"),
        (("one_of = [0, 1]", "one_of = [true]"), "questions[1].show_if.one_of[0]"),
        (('id = "price"', 'id = "queue"'), "questions[1].options[1].id"),
        (('id = "price"', 'id = "other"'), "questions[1].options[1].id"),
        (('["en", "fi"]', '["en", "fi", "fi"]'), "languages[2]"),
        (('fi = "Jono"', 'fi = ""'), "questions[1].options[0].text.fi"),
        (('id = "rating"\n', 'id = "rating"\nlabels = [{ en = "a", fi = "b" }]\n'),
         "questions[0].labels"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_reported_where_it_is(write, change: tuple[str, str], path: str) -> None:
    text = GOOD.replace(*change)
    assert text != GOOD
    assert path in mistakes_of(write(text))


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ('show_if_all = [{ question = "rating", one_of = [0] }, { question = "no", one_of = [0] }]',
         "questions[1].show_if_all[1].question"),
        ('show_if_any = [{ question = "rating", one_of = [3] }]',
         "questions[1].show_if_any[0].one_of[0]"),
        ('show_if_any = [{ question = "rating" }]', "questions[1].show_if_any[0].one_of"),
    ],
)  # fmt: skip
def test_each_of_several_conditions_is_checked(write, conditions: str, path: str) -> None:
    alone = 'show_if = { question = "rating", one_of = [0, 1] }'
    assert path in mistakes_of(write(GOOD.replace(alone, conditions)))


def test_new_ways_to_branch_leave_digests_as_they_were() -> None:
    """What head offices have stored and kiosks name with every answer must not change."""
    shipped = [load_questionnaire(name) for name in ("checkout", "demonstration")]
    assert [
        "637f838989262d57adf1d1b5cdf23c84aedda549fd90155eb58362fb017a6fe5",
        "0c81c06e5bfd533160e2c5db3b88ae32958b3c66e64b5f2522436e51d1d1c3ef",
    ] == [digest(canonical(questionnaire)) for questionnaire in shipped]


def test_a_scale_needs_more_than_one_step(write) -> None:
    ends = 'ends = { low = { en = "a", fi = "b" }, high = { en = "a", fi = "b" } }'
    extra = f'[[questions]]\nid = "s"\nkind = "scale"\nlow = 1\nhigh = 2\n{ends}\n'
    text = extra + 'text = { en = "a", fi = "b" }\n'
    assert load_questionnaire(str(write(GOOD + text))).question("s").id == "s"
    assert "questions[2].high" in mistakes_of(write(GOOD + text.replace("high = 2", "high = 1")))


@pytest.mark.parametrize(
    "url",
    ["", "https://office.example", "https://office.example:8443/hymio", "http://127.0.0.1:8000",
     "http://[::1]:8000", "http://localhost:8000"],
)  # fmt: skip
def test_https_and_this_machine_are_allowed(write, url: str) -> None:
    assert url == load_settings(write(f'[head_office]\nurl = "{url}"\n')).head_office.url


@pytest.mark.parametrize(
    "url",
    ["http://office.example", "http://10.0.0.1", "ftp://office.example", "https://", "office",
     "https://user:secret@office.example", "https://office.example:notaport", "https://[::1",
     "https://office.example/?a=b"],
)  # fmt: skip
def test_other_addresses_are_refused(write, url: str) -> None:
    with pytest.raises(InvalidFileError, match=r"head_office\.url"):
        load_settings(write(f'[head_office]\nurl = "{url}"\n'))


def test_plain_http_takes_an_explicit_setting(write) -> None:
    text = '[head_office]\nurl = "http://office.example"\ndangerously_allow_plain_http = true\n'
    assert load_settings(write(text)).head_office.url == "http://office.example"


def test_a_bad_address_does_not_hide_other_mistakes(write) -> None:
    path = write('[head_office]\nurl = "http://a.example"\n[screen]\ntheme = "pink"\n')
    with pytest.raises(InvalidFileError, match=r"(?s)screen\.theme.*head_office\.url"):
        load_settings(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a = \n", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"a = '" + b"x" * MAX_FILE_BYTES + b"'", "larger than"),
        (b"a = " + b"[" * 100_000, "TOML"),
    ],
)
def test_what_is_no_toml_is_reported_with_its_reason(write, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError, match=reason):
        load_settings(write(content))


def test_a_missing_file_and_a_folder_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="No such file"):
        load_settings(tmp_path / "nothing.toml")
    with pytest.raises(UnreadableFileError, match="directory"):
        load_settings(tmp_path)


toml_values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
key_words = st.sampled_from(
    ["id", "title", "languages", "questions", "kind", "text", "show_if", "options", "ends", "other"]
)


@given(st.dictionaries(key_words | st.text(max_size=5), toml_values, max_size=8))
def test_no_document_gets_past_without_a_report(document: dict[str, object]) -> None:
    mistakes = [*find_mistakes(document, Questionnaire), *_rule_mistakes(document)]
    assert mistakes
    assert all(mistake.actual and mistake.hint for mistake in mistakes)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_loader_crash(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=re.escape(str(path))):
        load_questionnaire(str(path))


@pytest.mark.parametrize(
    "touch",
    ["hidinput,/dev/input/by-id/usb-panel-event-ts", "mtdev,/dev/input/event3,rotation=90",
     "tuio,127.0.0.1:3333", "mouse", ""],
)  # fmt: skip
def test_touch_is_a_provider_with_its_device(write, touch: str) -> None:
    assert touch == load_settings(write(f'[screen]\ntouch = "{touch}"\n')).screen.touch


@pytest.mark.parametrize("touch", ["hidinput", "hidinput,event0", "mtdev,", "nosuch,x", "Mouse"])
def test_touch_that_can_be_no_panel_is_refused(write, touch: str) -> None:
    with pytest.raises(InvalidFileError, match=r"screen\.touch"):
        load_settings(write(f'[screen]\ntouch = "{touch}"\n'))
