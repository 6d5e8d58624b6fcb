"""What is different between two questionnaires: question by question, by their short names."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from headoffice.authoring.documents import Document, Part, condition_rows, ids
from headoffice.authoring.question_fields import DEFAULTS


class Difference(NamedTuple):
    """One thing that is said otherwise."""

    path: str
    """Within the question, like ``text.fi`` or ``options.queue.text.fi``."""
    old: str
    new: str


class QuestionChange(NamedTuple):
    """What became of one question."""

    question: Part
    """As it is now; as it was if it is gone."""
    state: str
    """``added``, ``removed``, ``moved`` or ``changed``."""
    differences: tuple[Difference, ...] = ()


def compare(old: Document, new: Document) -> list[QuestionChange]:
    """What the new one changes, in its order, and what is gone behind that."""
    before = {question["id"]: question for question in old["questions"]}
    now = {question["id"]: question for question in new["questions"]}
    common = [name for name in ids(old["questions"]) if name in now]
    changes = []
    for question in new["questions"]:
        if question["id"] not in before:
            changes.append(QuestionChange(question, "added"))
            continue
        found = tuple(_differences(before[question["id"]], question))
        kept = [name for name in now if name in before]
        is_moved = common.index(question["id"]) != kept.index(question["id"])
        if found or is_moved:
            changes.append(QuestionChange(question, "changed" if found else "moved", found))
    gone = (question for name, question in before.items() if name not in now)
    return [*changes, *(QuestionChange(question, "removed") for question in gone)]


def _differences(old: Part, new: Part) -> Iterator[Difference]:
    before, now = _flat(old), _flat(new)
    for path in [*now, *(path for path in before if path not in now)]:
        if before.get(path, "") != now.get(path, ""):
            yield Difference(path, before.get(path, ""), now.get(path, ""))


def _flat(question: Part) -> dict[str, str]:
    """Everything that a question says, by its path."""
    said = {"kind": question["kind"]}
    numbers = DEFAULTS.get(question["kind"], {})
    said |= {name: str(question.get(name, default)) for name, default in numbers.items()}
    said |= _texts("text", question.get("text", {}))
    for end, text in (question.get("ends") or {}).items():
        said |= _texts(f"ends.{end}", text)
    said |= _texts("purpose", question.get("purpose", {}))
    for index, label in enumerate(question.get("labels", ())):
        said |= _texts(f"labels.{index}", label)
    options = question.get("options", ())
    for option in options:
        said |= _texts(f"options.{option['id']}.text", option.get("text", {}))
    said["options"] = ", ".join(ids(options))
    said["other"] = "+" if question.get("other") else ""
    said["ask"] = ", ".join(question.get("ask", ()))
    said["pool"] = question.get("pool") or ""
    for join, row in condition_rows(question):
        values = ", ".join(map(str, row["one_of"]))
        said[f"show_if_{join}.{row['question']}"] = values
    return said


def _texts(path: str, text: Mapping[str, str]) -> dict[str, str]:
    return {f"{path}.{tag}": words for tag, words in text.items()}
