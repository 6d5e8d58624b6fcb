"""The words of the screens are the glossary's, in every language, and mean one thing each."""

import re
from pathlib import Path

import catalogues
import pytest
from catalogues import HEAD_OFFICE, KIOSK, Book

from config.kinds import texts
from config.loader import load_questionnaire, shipped_questionnaires
from config.questionnaire import Nps

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
LANGUAGES = ("fi", "sv", "de", "it", "hu", "pl")
OTHER_NAMES = re.compile(r"kiosk|chiosco|kioszk", re.IGNORECASE)
"""Of the device, which are also newsstands; its commands are called so in every language."""
LIKELY = {
    "en": "likely", "fi": "todennäköi", "sv": "troligt", "de": "wahrscheinlich",
    "it": "probabile", "hu": "valószínű", "pl": "prawdopodobieństwo",
}  # fmt: skip


def rows() -> list[list[str]]:
    part = GLOSSARY.read_text().partition("## In seven languages")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def translations(language: str, *books: Book) -> dict[str, str]:
    return {
        catalogues.forms(message.id)[0]: " ".join(catalogues.forms(message.string))
        for book in books or (KIOSK,)
        for message in catalogues.read(book.text(language), language)
        if message.id
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_term_is_the_word_of_its_text(language: str) -> None:
    found = translations(language, HEAD_OFFICE, KIOSK)
    column = 1 + LANGUAGES.index(language)
    assert len(rows()) > 15
    for row in rows():
        assert row[column].lower() in found[row[-1]].lower(), row[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_state_and_command_are_two_words(language: str) -> None:
    words = {row[0]: row[1 + LANGUAGES.index(language)] for row in rows()}
    assert words["enrol (command)"] != words["enrolled (state)"]
    assert words["switch on (command)"] != words["on (state)"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_device_has_one_name(language: str) -> None:
    for text, translation in translations(language, HEAD_OFFICE, KIOSK).items():
        plain = re.sub(r"%\(kiosk\)", "", translation.replace("hymio-kiosk", ""))
        assert not OTHER_NAMES.search(plain), text


def test_polish_addresses_nobody_by_their_sex() -> None:
    shown = [*translations("pl").values()]
    for name in shipped_questionnaires():
        for question in load_questionnaire(name).questions:
            shown += [text.get("pl", "") for _path, text in texts(question)]
    assert [] == [text for text in shown if re.search(r"\bPan[a-z]?\b|/Pani|zadowolon[ya]\b", text)]


@pytest.mark.parametrize("name", shipped_questionnaires())
def test_recommendation_asks_how_likely_in_every_language(name: str) -> None:
    for question in load_questionnaire(name).questions:
        if isinstance(question, Nps):
            for language, text in question.text.items():
                assert LIKELY[language] in text.lower(), language


def test_consent_says_what_is_stored_and_for_what() -> None:
    consent = "I agree that my contact details are stored and used for this purpose."
    for language in LANGUAGES:
        assert len(translations(language)[consent]) > 50, language


@pytest.mark.parametrize("language", ["it", "hu", "pl"])
def test_dots_that_leave_something_out_stand_close(language: str) -> None:
    assert [] == [text for text in translations(language).values() if " …" in text]
