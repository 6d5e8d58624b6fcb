"""A workbook as a draft: what kiosks can ask is carried over, the rest is told by its row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf.locale import LANG_INFO
from django.utils.translation import gettext as _

from config.kinds import OTHER_CHOICE
from headoffice.authoring import documents
from headoffice.authoring.documents import Document, Part
from headoffice.authoring.identifiers import short_name
from headoffice.authoring.kind_words import answer_values
from headoffice.authoring.xlsform.relevance import NoConditionError, conditions_of
from headoffice.authoring.xlsform.workbook import Row, Workbook

OWN_COLUMN = "hymio_kind"
"""Says of an exported row what kind of question it was."""
POOL_COLUMN = "hymio_pool"
"""Names the pool of an exported row."""
BETWEEN = " … "
"""Stands between the words at the ends of an exported row of numbers."""
MOST_CHOICES = 12
_SELECT = re.compile(
    r"(?P<one>select[_ ]one(?: from)?)\s+(?P<list>\S+)(?P<other>\s+or[_ ](?:specify[_ ])?other)?"
    r"|(?:select[_ ]multiple(?: from)?|select all that apply(?: from)?)\s+(?P<many>\S+)"
    r"(?P<too>\s+or[_ ](?:specify[_ ])?other)?",
    re.IGNORECASE,
)
_BEGIN = re.compile(r"begin[ _](group|repeat|loop)", re.IGNORECASE)
_END = re.compile(r"end[ _](group|repeat|loop)", re.IGNORECASE)
_LABEL = re.compile(r"(?:label|caption)(?:::?\s*(?P<language>.*))?", re.IGNORECASE)
_HINT = re.compile(r"hint(?:::?\s*(?P<language>.*))?", re.IGNORECASE)
_CODE = re.compile(r"\(([a-z]{2,3})(?:[-_]([A-Za-z]{2}))?\)\s*$")
_SILENT = {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit"}
"""Types of rows that ask nobody anything."""
_LIMIT = re.compile(r"string-length\(\s*\.\s*\)\s*<=?\s*(\d{1,6})\s*")
_TEXTS = {"text", "string"}
_RELEVANT = ("relevant", "bind:relevant", "bind::relevant")
_HANDLED = {"type", "name", *_RELEVANT, "parameters", OWN_COLUMN, POOL_COLUMN}
_TIDY = re.compile(r"(label|caption)(::?.*)?", re.IGNORECASE)
_TRUE = {"yes", "true", "true()", "1"}


@dataclass(frozen=True)
class Finding:
    """Something of a workbook that is not as it was."""

    sheet: str
    row: int
    words: str
    is_left_out: bool
    """Whether the whole row is missing, rather than a part of it."""


@dataclass
class Import:
    """A draft and what became of its workbook."""

    document: Document
    findings: list[Finding] = field(default_factory=list)
    carried: int = 0
    """Rows of the survey that are questions now."""


def read_form(workbook: Workbook) -> Import:
    """The draft of a workbook that pyxform takes."""
    return _Reader(workbook).read()


class _Reader:
    def __init__(self, workbook: Workbook) -> None:
        self._book = workbook
        self._found: list[Finding] = []
        self._tags = _languages(workbook)
        self._questions: list[Part] = []
        self._names: dict[str, Part] = {}
        """Questions by their name in the sheet."""
        self._options: dict[str, dict[str, str]] = {}
        """Ids of options by their name in the sheet, of each list."""
        self._groups: list[tuple[str, str]] = []
        """What each open group is, and its condition."""
        self._carried = 0

    def read(self) -> Import:
        for number, row in enumerate(self._book.survey, start=2):
            if row:
                self._read_row(number, row)
        self._put_rating_first()
        settings = self._book.settings
        title = settings.get("form_title") or settings.get("title") or self._book.name
        title = title or _("Imported questionnaire")
        document = {
            "id": short_name(settings.get("form_id") or settings.get("id_string") or ""),
            "title": title[:300],
            "languages": list(dict.fromkeys(self._tags.values())),
            "questions": self._questions,
        }
        return Import(document, self._found, self._carried)

    def _tell(self, row: int, words: str, *, left_out: bool = False, sheet: str = "survey") -> None:
        self._found.append(Finding(sheet, row, words, left_out))

    def _read_row(self, number: int, row: Row) -> None:
        kind = row.get("type", row.get("command", "")).strip()
        if begun := _BEGIN.match(kind):
            self._groups.append((begun[1].lower(), _relevant(row)))
            words = _("A group is no page of its own: its questions are asked one by one.")
            if begun[1].lower() != "group":
                words = _("Nothing is asked again and again: these questions are left out.")
            self._tell(number, words, left_out=True)
        elif _END.match(kind):
            if self._groups:
                self._groups.pop()
        elif any(name != "group" for name, _condition in self._groups):
            self._tell(number, _("It stands in what is repeated."), left_out=True)
        elif len(self._questions) >= documents.MOST_QUESTIONS - 1:
            self._tell(number, _("A questionnaire has at most 60 questions."), left_out=True)
        else:
            self._read_question(number, row, kind)

    def _read_question(self, number: int, row: Row, kind: str) -> None:
        question = self._question(number, row, kind)
        if question is None:
            return
        name = row.get("name", "")
        known = documents.ids(self._questions)
        question["id"] = documents.next_id(short_name(name) or question["kind"], known)
        question["text"] = self._texts(row)
        self._read_hints(row, question)
        if pool := row.get(POOL_COLUMN):
            question["pool"] = short_name(pool)
        if any("${" in text for text in question["text"].values()):
            self._tell(
                number, _("Answers don't stand in later questions: “${…}” is shown as it is.")
            )
        self._read_condition(number, row, question)
        self._tell_rest(number, row)
        self._questions.append(question)
        self._names[name] = question
        self._carried += 1

    def _question(self, number: int, row: Row, kind: str) -> Part | None:
        if select := _SELECT.fullmatch(kind):
            return self._choice(number, row, select)
        lower = kind.lower()
        if lower in _TEXTS:
            own = row.get(OWN_COLUMN, "")
            if own == "contact":
                return {"kind": "contact", "id": "", "text": {}, "purpose": {}}
            text: Part = {"kind": "text", "id": "", "text": {}}
            limit = _LIMIT.fullmatch(row.get("constraint", ""))
            if limit and int(limit[1]) != 300:
                text["max_length"] = max(10, min(int(limit[1]), 2000))
            return text
        if lower == "range" and (scale := _scale(row)):
            return scale
        if lower in _SILENT or lower in ("calculate", "hidden"):
            words = _("It is worked out by the program, not asked: %(kind)s")
        else:
            words = _("A kiosk has no such question: %(kind)s")
        self._tell(number, words % {"kind": kind[:40] or "–"}, left_out=True)
        return None

    def _choice(self, number: int, row: Row, select: re.Match[str]) -> Part | None:
        name = select["list"] or select["many"]
        rows = [one for one in self._book.choices if _list(one) == name]
        own = row.get(OWN_COLUMN, "").split()
        if plain := _plain_kind(own, [_value(one) for one in rows], is_one=bool(select["one"])):
            if plain["kind"] == "smiley" and len(own) > 2:
                plain["labels"] = [self._texts(one) for one in rows]
            return plain
        other = bool(select["other"] or select["too"])
        given = [one for one in rows if _value(one) != OTHER_CHOICE]
        other |= len(given) < len(rows)
        if not 2 <= len(given) <= MOST_CHOICES:
            words = _("A question has from 2 to 12 choices, and the list %(name)s has %(n)d.")
            self._tell(number, words % {"name": name[:40], "n": len(given)}, left_out=True)
            return None
        options: list[Part] = []
        ids: dict[str, str] = {}
        for one in given:
            known = [*documents.ids(options), OTHER_CHOICE]
            made = documents.next_id(short_name(_value(one)) or "option_1", known)
            ids[_value(one)] = made
            options.append({"id": made, "text": self._texts(one)})
        kind = "single_choice" if select["one"] else "multiple_choice"
        question: Part = {"kind": kind, "id": "", "text": {}, "options": options}
        if other:
            question["other"] = True
        self._options[row.get("name", "")] = ids
        return question

    def _read_hints(self, row: Row, question: Part) -> None:
        """What an exported question has besides its text."""
        hints = self._texts(row, "hint") if row.get(OWN_COLUMN) else {}
        if question["kind"] == "contact":
            question["purpose"] = hints
        elif hints and all(BETWEEN in hint for hint in hints.values()):
            parted = {tag: hint.partition(BETWEEN) for tag, hint in hints.items()}
            low = {tag: parts[0].strip() for tag, parts in parted.items()}
            high = {tag: parts[2].strip() for tag, parts in parted.items()}
            question["ends"] = {"low": low, "high": high}

    def _texts(self, row: Row, name: str = "label") -> dict[str, str]:
        found: dict[str, str] = {}
        for column, text in row.items():
            tag = _tag_of(column, self._tags, name)
            if tag and text:
                found[tag] = " ".join(text.split())
        return found

    def _read_condition(self, number: int, row: Row, question: Part) -> None:
        outer = [condition for _kind, condition in self._groups if condition]
        parts = [*outer, *([_relevant(row)] if _relevant(row) else [])]
        text = " and ".join(f"({part})" for part in parts)
        if not text:
            return
        try:
            rows = conditions_of(text, self._values)
        except NoConditionError:
            words = _("Its condition can't be said here, so everybody is asked: %(text)s")
            self._tell(number, words % {"text": text[:80]})
            return
        for _join, condition in rows:
            condition["question"] = self._names[condition["question"]]["id"]
        documents.set_conditions(question, rows)

    def _values(self, name: str) -> Mapping[str, bool | int | str]:
        question = self._names.get(name)
        if question is None:
            return {}
        if ids := self._options.get(name):
            return {**ids}
        words = {True: "yes", False: "no"}
        return {
            words[value] if isinstance(value, bool) else str(value): value
            for value in answer_values(question)
        }

    def _tell_rest(self, number: int, row: Row) -> None:
        rest = sorted(c for c in row if c.lower() not in _HANDLED and not _TIDY.fullmatch(c))
        if row.get(OWN_COLUMN):
            rest = [column for column in rest if not _HINT.fullmatch(column)]
        if _LIMIT.fullmatch(row.get("constraint", "")):
            rest = [column for column in rest if column.lower() != "constraint"]
        if row.get("required", "").lower() in _TRUE:
            rest = [column for column in rest if column.lower() != "required"]
            self._tell(number, _("Every question can be skipped: “required” says nothing."))
        if rest:
            words = _("Not carried over: %(names)s")
            self._tell(number, words % {"names": ", ".join(rest)[:120]})

    def _put_rating_first(self) -> None:
        if self._questions and self._questions[0]["kind"] == "smiley":
            return
        languages = list(dict.fromkeys(self._tags.values()))
        rating = documents.new_document("", languages)["questions"][0]
        rating["id"] = documents.next_id("rating", documents.ids(self._questions))
        self._questions.insert(0, rating)
        self._tell(1, _("A questionnaire begins with the faces: they are put in front."))


def _relevant(row: Row) -> str:
    return next((row[name] for name in _RELEVANT if row.get(name)), "")


def _list(row: Row) -> str:
    return row.get("list_name") or row.get("list name") or ""


def _value(row: Row) -> str:
    return row.get("name") or row.get("value") or ""


def _plain_kind(own: Sequence[str], values: Sequence[str], *, is_one: bool) -> Part | None:
    """A question of faces or of numbers that was exported, or a yes and a no."""
    if is_one and (own[:1] == ["yes_no"] or [one.lower() for one in values] == ["yes", "no"]):
        return {"kind": "yes_no", "id": "", "text": {}}
    if own[:1] == ["smiley"] and 3 <= len(values) <= 5:
        faces = {} if len(values) == 3 else {"faces": len(values)}
        return {"kind": "smiley", "id": "", "text": {}, **faces}
    if own[:1] in (["nps"], ["ces"]):
        return {"kind": own[0], "id": "", "text": {}}
    if own[:1] == ["csat"]:
        return {"kind": "csat", "id": "", "text": {}, **({"steps": 7} if len(values) == 7 else {})}
    return None


def _scale(row: Row) -> Part | None:
    said = dict(re.findall(r"(\w+)\s*=\s*(-?\d+)", row.get("parameters", "")))
    low, high, step = (int(said.get(n, d)) for n, d in (("start", 1), ("end", 10), ("step", 1)))
    if step != 1 or low not in (0, 1) or not 2 <= high <= 10:
        return None
    scale: Part = {"kind": "scale", "id": "", "text": {}, "ends": {"low": {}, "high": {}}}
    scale |= {} if low == 1 else {"low": low}
    return scale | ({} if high == 5 else {"high": high})


# --- languages ----------------------------------------------------------------------------


def _languages(book: Workbook) -> dict[str, str]:
    """A tag for each language as columns name it; the first is shown first."""
    default = book.settings.get("default_language", "")
    named = [default] if default else []
    for row in (*book.survey, *book.choices):
        named += [found["language"] or "" for column in row if (found := _LABEL.fullmatch(column))]
    tags = {name.strip().lower(): language_tag(name) for name in dict.fromkeys(named)}
    if len(tags) > 1 and "" in tags:
        # A column without a language is in the default one.
        tags[""] = language_tag(default)
    return tags or {"": "en"}


def _tag_of(column: str, tags: Mapping[str, str], name: str) -> str | None:
    found = (_LABEL if name == "label" else _HINT).fullmatch(column)
    return tags.get((found["language"] or "").strip().lower()) if found else None


def language_tag(name: str) -> str:
    """The tag of a language as people write it, like “Français (fr)” or “Finnish”; English if not
    known."""
    if code := _CODE.search(name.lower()):
        return f"{code[1]}-{code[2].upper()}" if code[2] else code[1]
    plain = name.strip().lower()
    for tag, about in _known_languages():
        if plain in (tag, *about):
            return tag
    return "en"


def _known_languages() -> Iterator[tuple[str, tuple[str, str]]]:
    for code, about in LANG_INFO.items():
        if "name" in about and len(code) <= 3:
            yield code, (about["name"].lower(), about["name_local"].lower())
