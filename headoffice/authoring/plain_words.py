"""What is wrong with a draft, in words for people who have never seen its file.

What is wrong is found by the rules of the kiosk alone; here is only how it is said.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.errors import Mistake
from config.loader import document_mistakes
from headoffice.authoring.documents import Document
from headoffice.results.texts import language


class Remark(NamedTuple):
    """One thing that has to be put right before a questionnaire can be published."""

    path: str
    """Of the field, like ``questions[2].text.fi``."""
    words: str
    is_gap: bool
    """Whether something is still missing, rather than wrong."""

    @property
    def question(self) -> int | None:
        """The index of the question that it is about."""
        found = _QUESTION.match(self.path)
        return int(found[1]) if found else None

    @property
    def field(self) -> str:
        """Its path within the question; within the document where it is about no question."""
        return _QUESTION.sub("", self.path).lstrip(".")


_QUESTION = re.compile(r"questions\[(\d+)\]")
_TEXT = re.compile(r"(text|purpose|low|high|labels\[\d+\])\.(?P<language>[a-z]{2,3}(-[A-Z]{2})?)$")
_Words = Callable[[Mistake], str]
_SHORT_NAME = re.compile(r"(^|\.)id$")


def remarks(document: Document) -> list[Remark]:
    """Everything that keeps this draft from being published, in its order."""
    # Its short name is made of its title when it is published.
    found = _merged(document_mistakes({**document, "id": document["id"] or "draft"}))
    languages = document.get("languages", [])
    return sorted((_remark(one, languages) for one in found), key=lambda one: one.question or -1)


def _merged(mistakes: Iterable[Mistake]) -> Iterable[Mistake]:
    """One for each field: what the editor shows there has room for one."""
    return {mistake.path: mistake for mistake in reversed(list(mistakes))}.values()


def _remark(mistake: Mistake, languages: Sequence[str]) -> Remark:
    text = _TEXT.search(mistake.path)
    if text and mistake.actual == "nothing":
        name = language(text["language"])
        return Remark(mistake.path, _("Still missing: %(language)s") % {"language": name}, True)
    if text and text["language"] in languages:
        return Remark(mistake.path, _("At most 300 characters."), False)
    if mistake.path in _GAPS:
        return Remark(mistake.path, _GAPS[mistake.path](), True)
    for pattern, words in _WORDS:
        if pattern.search(mistake.path):
            return Remark(mistake.path, words(mistake), False)
    return Remark(mistake.path, f"{mistake.path}: {mistake.actual}; {mistake.hint}", False)


_GAPS: dict[str, Callable[[], str]] = {
    "title": lambda: _("Give the questionnaire a title of at most 300 characters."),
    "languages": lambda: _("Choose at least one language."),
    "questions": lambda: _("A questionnaire has from 1 to 60 questions."),
}


def _id_words(mistake: Mistake) -> str:
    if "kept for" in mistake.hint:
        return _("“other” is the short name of the choice in one's own words.")
    if "of its own" in mistake.hint:
        return _("This short name is taken already.")
    return _(
        "A short name begins with a letter and has lower-case letters a–z, digits and "
        "underscores, at most 40."
    )


def _value_words(mistake: Mistake) -> str:
    return _("An answer that can't be given any more: %(value)s") % {"value": mistake.actual}


_WORDS: Sequence[tuple[re.Pattern[str], _Words]] = (
    (
        re.compile(r"^questions\[0\]\.kind$"),
        lambda _mistake: _("The first question is always the one with the faces: move it up."),
    ),
    (_SHORT_NAME, _id_words),
    (re.compile(r"\.options$"), lambda _mistake: _("From 2 to 12 choices.")),
    (
        re.compile(r"\.question$"),
        lambda _mistake: _("Choose a question that is asked earlier and has answers to choose."),
    ),
    (re.compile(r"\.one_of$"), lambda _mistake: _("Choose at least one answer.")),
    (re.compile(r"\.one_of\[\d+\]$"), _value_words),
    (re.compile(r"\.show_if_\w+$"), lambda _mistake: _("At most 12 conditions.")),
    (re.compile(r"\.(low|high)$"), lambda _mistake: _("From 0 or 1 up to 2 to 10.")),
    (
        re.compile(r"\.pool$"),
        lambda _mistake: _("Two or more that take turns stand one behind another, under one name."),
    ),
    (re.compile(r"\.max_length$"), lambda _mistake: _("From 10 to 2000 characters.")),
    (re.compile(r"\.ask$"), lambda _mistake: _("Choose at least one of them.")),
)
