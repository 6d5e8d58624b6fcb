"""Questionnaires are written as the files that they are read from."""

import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.loader import load_questionnaire, parse_document, shipped_questionnaires
from config.questionnaire import Questionnaire
from config.questionnaire_file import write_document, write_questionnaire

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = TEXTS | st.integers(-(2**63), 2**63 - 1) | st.booleans()
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        VALUES | st.lists(VALUES, max_size=3),
        lambda inner: (
            st.dictionaries(TEXTS, inner, max_size=3)
            | st.lists(st.dictionaries(TEXTS, inner, max_size=3), max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@pytest.mark.parametrize("name", shipped_questionnaires())
def test_what_was_written_is_read_as_the_same(name: str) -> None:
    questionnaire = load_questionnaire(name)
    text = write_questionnaire(questionnaire)
    assert questionnaire == msgspec.convert(tomllib.loads(text), Questionnaire)
    assert max(map(len, text.splitlines())) < 160


@given(DOCUMENTS)
def test_any_document_comes_back(document: dict[str, object]) -> None:
    assert document == tomllib.loads(write_document(document))


def test_a_text_of_any_letters_stays_on_its_line() -> None:
    text = 'Say "hi"\\\n\x7f\N{GRINNING FACE}'
    written = write_document({"title": text})
    assert 1 == written.count("\n")
    assert {"title": text} == parse_document("a.toml", written.encode())
