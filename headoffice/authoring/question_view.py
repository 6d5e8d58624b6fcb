"""What the editor shows of one question: its fields, and what is wrong with each of them."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from headoffice.authoring.documents import (
    MOST_CONDITIONS,
    Document,
    Part,
    condition_rows,
    encode,
    position,
)
from headoffice.authoring.kind_words import (
    KIND_WORDS,
    Answer,
    answers,
    can_be_branched_on,
    words_of,
)
from headoffice.authoring.plain_words import Remark
from headoffice.authoring.question_fields import DEFAULTS, DETAILS, WITH_ENDS, value_key
from headoffice.results.ratings import FACE_NAMES
from headoffice.results.texts import language


class Mark(NamedTuple):
    """The place below a field where it stands what is wrong with it."""

    id: str
    words: str = ""
    is_gap: bool = False


class Entry(NamedTuple):
    """A text in one language."""

    name: str
    tag: str
    language: str
    value: str
    mark: Mark


class TextField(NamedTuple):
    """A text in all languages."""

    label: str
    entries: Sequence[Entry]
    image: str = ""

    @property
    def has_words(self) -> bool:
        """Whether it says something in any language."""
        return any(entry.value for entry in self.entries)


class OptionField(NamedTuple):
    """A choice of a question."""

    place: int
    text: TextField
    id_name: str
    id_value: str
    id_mark: Mark


class ConditionField(NamedTuple):
    """A row of the conditions."""

    place: int
    question: str
    questions: Sequence[tuple[str, str]]
    values: frozenset[str]
    answers: Sequence[Answer]
    mark: Mark


def mark_id(name: str) -> str:
    """The id of the mark of a field in the page."""
    return "mark-" + re.sub(r"\W+", "-", name).strip("-")


class QuestionView:
    """The fields of one question."""

    def __init__(
        self, document: Document, index: int, remarks: Sequence[Remark], reader: str
    ) -> None:
        self._document, self._reader = document, reader
        self.index, self.number = index, index + 1
        self.question: Part = document["questions"][index]
        self.key, self.kind = str(self.question["id"]), str(self.question["kind"])
        self._remarks = remarks
        self._marks: dict[str, Mark] = {}

    @property
    def words(self) -> Mapping[str, str | Promise]:
        """The kind in words."""
        return KIND_WORDS[self.kind]._asdict()

    @property
    def state(self) -> str:
        """Names the question as it is, so that a change to another one is noticed."""
        return state_of(self.question)

    @property
    def shape(self) -> str:
        """Names the fields that it has."""
        return shape_of(self.question)

    @property
    def text(self) -> TextField:
        """The question itself."""
        return self._text("text", self.question.get("text", {}), _("Question"))

    @property
    def purpose(self) -> TextField | None:
        """What contact details are for."""
        if self.kind != "contact":
            return None
        return self._text("purpose", self.question.get("purpose", {}), _("What they are used for"))

    @property
    def ends(self) -> Sequence[TextField]:
        """The words at the two ends of a row of numbers."""
        if self.kind not in WITH_ENDS:
            return ()
        ends = self.question.get("ends") or {}
        names = (
            ("low", _("Words at the lowest number")),
            ("high", _("Words at the highest number")),
        )
        return [self._text(f"ends.{end}", ends.get(end, {}), label) for end, label in names]

    @property
    def labels(self) -> Sequence[TextField]:
        """Words below the faces."""
        faces = self.number_of("faces")
        if self.kind != "smiley" or faces not in FACE_NAMES:
            return ()
        labels = self.question.get("labels") or [{}] * int(faces)
        return [
            self._text(
                f"labels[{index}]", label, str(FACE_NAMES[faces][index]),
                f"faces/face-{index}-of-{faces}.svg",
            )
            for index, label in enumerate(labels[:faces])
        ]  # fmt: skip

    @property
    def options(self) -> Sequence[OptionField]:
        """The choices."""
        found = self.question.get("options", ())
        return [
            OptionField(
                index,
                self._text(
                    f"options[{index}].text",
                    option.get("text", {}),
                    _("Choice %(n)d") % {"n": index + 1},
                ),
                f"options[{index}].id",
                str(option["id"]),
                self.mark(f"options[{index}].id"),
            )
            for index, option in enumerate(found)
        ]

    @property
    def has_options(self) -> bool:
        """Whether this kind has choices."""
        return "options" in self.question

    @property
    def options_mark(self) -> Mark:
        """What is wrong with the number of choices."""
        return self.mark("options", exact=True)

    @property
    def id_mark(self) -> Mark:
        """What is wrong with the short name."""
        return self.mark("id")

    @property
    def number_fields(self) -> Mapping[str, object]:
        """The numbers of this kind as they are set."""
        return {name: self.number_of(name) for name in DEFAULTS.get(self.kind, {})}

    @property
    def number_mark(self) -> Mark:
        """What is wrong with the numbers."""
        found = [r for r in self._remarks if r.field in DEFAULTS.get(self.kind, {})]
        return self._keep(make_mark("numbers", found))

    @property
    def details(self) -> Sequence[tuple[str, str, bool]]:
        """What a contact question can ask for, and whether it does."""
        if self.kind != "contact":
            return ()
        names = {"name": _("Name"), "email": _("E-mail"), "phone": _("Phone")}
        chosen = self.question.get("ask", DETAILS)
        return [(name, names[name], name in chosen) for name in DETAILS]

    @property
    def details_mark(self) -> Mark:
        """What is wrong with that choice."""
        return self.mark("ask")

    @property
    def pool_mark(self) -> Mark:
        """What is wrong with the pool."""
        return self.mark("pool")

    @property
    def join(self) -> str:
        """How several conditions count: ``all``, ``any``, or ``mixed``."""
        joins = {join for join, _condition in condition_rows(self.question)}
        return "mixed" if len(joins) > 1 else next(iter(joins), "all")

    @property
    def may_have_conditions(self) -> bool:
        """Whether there are earlier questions to name, and room."""
        rows = condition_rows(self.question)
        return bool(self._earlier()) and len(rows) < MOST_CONDITIONS

    @property
    def conditions(self) -> Sequence[ConditionField]:
        """The answers after which it is asked."""
        earlier = self._earlier()
        fields = []
        paths = _condition_paths(self.question)
        for index, (_join, condition) in enumerate(condition_rows(self.question)):
            name = str(condition.get("question", ""))
            asked = next((one for one in earlier if one["id"] == name), None)
            fields.append(
                ConditionField(
                    index,
                    name,
                    [(str(one["id"]), self._title(one)) for one in earlier],
                    frozenset(map(value_key, condition.get("one_of", ()))),
                    answers(asked, self._reader) if asked else (),
                    self._keep(make_mark(f"if[{index}]", self._about(paths[index]))),
                )
            )
        return fields

    @property
    def marks(self) -> Sequence[Mark]:
        """Every mark that the form has."""
        self._visit()
        return list(self._marks.values())

    @property
    def rest_mark(self) -> Mark:
        """What is wrong and stands at no field."""
        self._visit()
        placed = {mark.words for mark in self._marks.values()}
        return make_mark("question", [r for r in self._remarks if r.words not in placed])

    def number_of(self, name: str) -> object:
        """A number of the question, or what holds where it says nothing."""
        return self.question.get(name, DEFAULTS.get(self.kind, {}).get(name))

    def mark(self, name: str, *, exact: bool = False) -> Mark:
        """What is wrong with the field of this name."""
        found = [r for r in self._about(name) if not exact or r.field == name]
        return self._keep(make_mark(name, found))

    def _visit(self) -> None:
        # Each keeps its marks.
        _ = (self.text, self.purpose, self.ends, self.labels, self.options, self.conditions)
        _ = (
            self.id_mark,
            self.index and self.pool_mark,
            self.has_options and self.options_mark,
            self.number_fields and self.number_mark,
            self.details and self.details_mark,
        )

    def _keep(self, mark: Mark) -> Mark:
        self._marks[mark.id] = mark
        return mark

    def _about(self, name: str) -> list[Remark]:
        return [
            remark
            for remark in self._remarks
            if remark.field == name or remark.field.startswith((f"{name}.", f"{name}["))
        ]

    def _text(self, path: str, said: Mapping[str, str], label: str, image: str = "") -> TextField:
        entries = [
            Entry(
                f"{path}.{tag}", tag, language(tag), said.get(tag, ""), self.mark(f"{path}.{tag}")
            )
            for tag in self._document["languages"]
        ]
        return TextField(label, entries, image)

    def _earlier(self) -> list[Part]:
        before = self._document["questions"][: self.index]
        return [question for question in before if can_be_branched_on(question)]

    def _title(self, question: Part) -> str:
        number = (position(self._document, question["id"]) or 0) + 1
        return f"{number}. {words_of(question, self._reader)}"


def state_of(question: Part) -> str:
    """A short name of a question's present content."""
    return hashlib.sha256(encode(question).encode()).hexdigest()[:16]


def shape_of(question: Part) -> str:
    """A short name of which fields a question has: what the numbers in their names mean."""
    options = " ".join(str(option["id"]) for option in question.get("options", ()))
    named = " ".join(str(row.get("question")) for _join, row in condition_rows(question))
    return hashlib.sha256(f"{options}/{named}".encode()).hexdigest()[:16]


def _condition_paths(question: Part) -> list[str]:
    alone = ["show_if"] if question.get("show_if") else []
    every = [f"show_if_all[{n}]" for n in range(len(question.get("show_if_all", ())))]
    either = [f"show_if_any[{n}]" for n in range(len(question.get("show_if_any", ())))]
    return [*alone, *every, *either]


def make_mark(name: str, found: Sequence[Remark]) -> Mark:
    if not found:
        return Mark(mark_id(name))
    return Mark(mark_id(name), found[0].words, found[0].is_gap)
