"""What the editor shows of a draft: the list of its questions, and the one that is open."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.functional import Promise

from headoffice.authoring.documents import (
    MOST_QUESTIONS,
    Document,
    Part,
    condition_rows,
    position,
)
from headoffice.authoring.kind_words import KIND_WORDS, Answer, answers, words_of
from headoffice.authoring.plain_words import Remark, remarks
from headoffice.authoring.question_fields import value_key
from headoffice.authoring.question_view import Mark, QuestionView, make_mark


class Row(NamedTuple):
    """A question in the list."""

    number: int
    key: str
    kind: str | Promise
    words: str
    after: Sequence[Sequence[Answer]]
    """For each condition the answers after which it is asked."""
    wrong: int
    gaps: int
    is_current: bool
    is_first: bool
    """The rating, which stays where it is."""


class DraftView:
    """A draft and what is wrong with it, in the language of whoever reads the page."""

    def __init__(self, document: Document, reader: str, key: str = "") -> None:
        self.document, self.reader = document, reader
        self.remarks = remarks(document)
        self.index = position(document, key) if key else None

    @property
    def gaps(self) -> int:
        """How many things are missing."""
        return sum(remark.is_gap for remark in self.remarks)

    @property
    def wrong(self) -> int:
        """How many things are wrong."""
        return len(self.remarks) - self.gaps

    @property
    def is_full(self) -> bool:
        """Whether no question more is possible."""
        return len(self.document["questions"]) >= MOST_QUESTIONS

    @property
    def first_key(self) -> str:
        """The question where something has to be done first; empty: title or languages."""
        index = next((remark.question for remark in self.remarks), None)
        return "" if index is None else str(self.document["questions"][index].get("id", ""))

    @property
    def rating_answers(self) -> Sequence[Answer]:
        """The faces of the rating."""
        questions = self.document["questions"]
        first = questions[0] if questions else {}
        return answers(first, self.reader) if first.get("kind") == "smiley" else ()

    def rows(self) -> Iterator[Row]:
        """The list of questions."""
        questions = self.document["questions"]
        for index, question in enumerate(questions):
            mine = self._about(index)
            gaps = sum(remark.is_gap for remark in mine)
            yield Row(
                number=index + 1,
                key=str(question["id"]),
                kind=KIND_WORDS[question["kind"]].title,
                words=words_of(question, self.reader),
                after=[self._chosen(condition) for _join, condition in condition_rows(question)],
                wrong=len(mine) - gaps,
                gaps=gaps,
                is_current=index == self.index,
                is_first=index == 0 and question["kind"] == "smiley",
            )

    def mark(self, name: str) -> Mark:
        """What is wrong with a field of the document as a whole."""
        found = [r for r in self.remarks if r.question is None and r.field.startswith(name)]
        return make_mark(name, found)

    @property
    def current(self) -> "QuestionView":
        """The fields of the question that is open."""
        if self.index is None:
            raise IndexError("no question is open")
        return self.question(self.index)

    def question(self, index: int) -> QuestionView:
        """The fields of one question."""
        return QuestionView(self.document, index, self._about(index), self.reader)

    def _about(self, index: int) -> list[Remark]:
        return [remark for remark in self.remarks if remark.question == index]

    def _chosen(self, condition: Part) -> Sequence[Answer]:
        at = position(self.document, condition.get("question", ""))
        if at is None:
            return ()
        named = set(map(value_key, condition.get("one_of", ())))
        return [one for one in answers(self.document["questions"][at], self.reader)
                if one.key in named]  # fmt: skip
