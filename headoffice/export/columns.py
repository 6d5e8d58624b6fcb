"""What a row of raw answers says, written once for every engine and every format.

One row is one stored message: an answer, a question passed over, or the end of a response. The
columns are described for readers in docs/api.md.
"""

import functools
from collections.abc import Callable
from typing import Literal, NamedTuple

from config.questionnaire import MultipleChoice, Questionnaire
from headoffice.export.dialect import Dialect
from headoffice.results.catalogue import Catalogue, Edition
from headoffice.results.remarks import HIDDEN

Kind = Literal["text", "code", "uuid", "integer", "number", "flag", "local", "utc"]
"""``text``: anything people typed; ``code``: letters, digits and punctuation of ours; ``flag``:
true or false; ``local``: ISO 8601 with offset; ``utc``: ISO 8601 with Z."""


class Column(NamedTuple):
    """A column of any table that is taken away."""

    name: str
    kind: Kind


class Expression(NamedTuple):
    """A column with the SQL that makes it."""

    column: Column
    sql: str
    source: str = ""
    """Of a UUID its column and of a time its Unix milliseconds, of which ``sql`` makes text."""


class Choice(NamedTuple):
    """An option of a multiple choice, which gets a column of its own."""

    question: str
    option: str


CONSTANT = frozenset({"%(place)s", "%(path)s", "%(zone)s"})
"""Expressions that have one value throughout a statement."""


def choices(editions: list[Edition]) -> list[Choice]:
    """The options of the multiple choices of these versions, each once, in their order."""
    found: dict[Choice, None] = {}
    for edition in editions:
        for question in edition.definition.questions:
            if isinstance(question, MultipleChoice):
                found |= {Choice(question.id, option.id): None for option in question.options}
    return list(found)


def questions(catalogue: Catalogue) -> list[tuple[str | int, ...]]:
    """What is known of every question: the rows of the relation ``q`` of the statements."""
    rows: list[tuple[str | int, ...]] = []
    for edition in catalogue.editions.values():
        form = edition.definition
        about = (edition.pk, form.id, form.title, form.rating.id, int(form.rating.faces))
        rows.append((*about, "", "", "", 0))
        rows += [(*about, *_question(form, place)) for place in range(len(form.questions))]
    return rows


def _question(form: Questionnaire, place: int) -> tuple[str, str, str, int]:
    question = form.questions[place]
    words = question.text.get(form.languages[0]) or next(iter(question.text.values()))
    return question.id, words, str(question.__struct_config__.tag), place + 1


_FIRST = "m.kind = 1 AND substr(m.value, 1, 1)"


Guard = Callable[[str], str]
"""Makes of an expression for what somebody may have typed one that is safe in a file."""


def as_it_is(sql: str) -> str:
    """No guard: where texts are never taken for anything else."""
    return sql


def impersonal(guard: Guard) -> Guard:
    """The same without texts that seem to hold an e-mail address or a telephone number.

    Such a text is hidden as a whole: the engines have no pattern in common that would find its
    part, as the page of comments does.
    """

    def hidden(sql: str) -> str:
        without_digits = functools.reduce(lambda s, n: f"replace({s}, '{n}', '')", range(10), sql)
        digits = f"length({sql}) - length({without_digits})"
        return (
            f"CASE WHEN {sql} LIKE '%%@%%' OR {digits} >= 7 THEN '{HIDDEN}' ELSE {guard(sql)} END"
        )

    return hidden


def value_of(d: Dialect, guard: Guard = as_it_is, *, personal: bool = True) -> str:
    """What was answered, as one text; of contact details only whether there was consent."""
    chosen = f"{d.field_of_json('m.value', 'type')} = 'chosen'"
    written = guard if personal else impersonal(guard)
    return (
        "CASE m.kind WHEN 2 THEN '' WHEN 3 THEN m.value ELSE CASE substr(m.value, 1, 1) "
        f"WHEN '\"' THEN {written(d.text_of_json('m.value'))} "
        f"WHEN '{{' THEN CASE WHEN {chosen} THEN {guard(d.list_of_json('m.value', 'options'))} "
        f"WHEN {d.truth_of_json('m.value', 'consent')} THEN 'consent' ELSE 'declined' END "
        "WHEN 't' THEN 'yes' WHEN 'f' THEN 'no' ELSE m.value END END"
    )


def expressions(
    d: Dialect, options: list[Choice], guard: Guard = as_it_is, *, personal: bool = True
) -> list[Expression]:
    """The columns of raw answers, in order.

    They refer to ``m``, the message; ``q``, its question; and to the
    parameters that describe the slice. ``guard`` is for texts out of the row that others wrote;
    those of ``q`` and the parameters come with the statement, and were made safe before.
    Without ``personal`` what shoppers wrote is hidden where it seems to tell who they are.
    """
    # Most rows are ratings themselves: only for the others the rating is looked up.
    rating = (
        "CASE WHEN m.question = q.rating AND m.kind = 1 AND m.counts THEN m.value ELSE "
        "(SELECT r.value FROM ingest_storedmessage AS r WHERE r.kiosk = m.kiosk AND r.kind = 1 "
        "AND r.response = m.response AND r.question = q.rating AND r.counts) END"
    )
    written = guard if personal else impersonal(guard)
    other = f"coalesce({written(d.field_of_json('m.value', 'other'))}, '')"
    local, utc = "m.happened_ms + %(offset_ms)s", "m.happened_ms"
    rows: list[tuple[str, Kind, str] | tuple[str, Kind, str, str]] = [
        ("place", "text", "%(place)s"),
        ("group_path", "text", "%(path)s"),
        ("time_zone", "code", "%(zone)s"),
        ("kiosk", "integer", "m.kiosk"),
        ("response", "uuid", d.uuid("m.response"), "m.response"),
        ("time_local", "local", f"{d.iso(local)} || %(offset)s", local),
        ("time_utc", "utc", f"{d.iso(utc)} || 'Z'", utc),
        ("time_certain", "flag", d.flag("m.certain")),
        ("questionnaire", "code", "q.name"),
        ("questionnaire_title", "text", "coalesce(q.title, '')"),
        ("version", "integer", "m.version"),
        ("event", "code", "CASE m.kind WHEN 1 THEN 'answer' WHEN 2 THEN 'skip' ELSE 'end' END"),
        ("question", "text", guard("m.question")),
        ("question_text", "text", "coalesce(q.text, '')"),
        ("question_kind", "code", "q.kind"),
        ("value", "text", value_of(d, guard, personal=personal)),
        ("other", "text", f"CASE WHEN {_FIRST} = '{{' THEN {other} ELSE '' END"),
        ("rating", "integer", rating),
        ("faces", "integer", "q.faces"),
        ("language", "text", guard("m.language")),
        ("took_ms", "integer", "m.took_ms"),
        ("misuse", "text", "m.misuse"),
        ("test", "flag", d.flag("m.test")),
        (
            "last_word",
            "flag",
            d.flag("m.counts"),
        ),
        ("installation", "integer", "m.installation"),
        ("seq", "integer", "m.seq"),
        ("delay_ms", "integer", "m.received_ms - m.happened_ms"),
    ]
    for number, option in enumerate(options):
        held = d.holds("m.value", "options", f"%(option_{number})s")
        # Nested, because only a choice can be asked for its options.
        asked = f"m.question = %(question_{number})s AND m.kind = 1"
        rows.append(
            (
                f"{option.question}:{option.option}",
                "integer",
                f"CASE WHEN {asked} THEN CASE WHEN {held} THEN 1 ELSE 0 END END",
            )
        )
    return [Expression(Column(name, kind), *sql) for name, kind, *sql in rows]
