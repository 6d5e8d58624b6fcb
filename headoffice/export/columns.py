"""What a row of raw answers says, written once for every engine and every format.

One row is one stored message: an answer, a question passed over, or the end of a response. The
columns are described for readers in docs/api.md.
"""

import functools
from collections.abc import Callable
from typing import Literal, NamedTuple

from config.kinds import kind
from config.questionnaire import Questionnaire
from headoffice.export.dialect import Dialect
from headoffice.results.catalogue import Catalogue, Edition
from headoffice.results.kinds import facts
from headoffice.results.masking import (
    AT_SIGNS,
    FEWEST_DIGITS,
    MASK,
    OTHER_DIGITS,
    SPELT_AT_SIGNS,
)
from headoffice.results.texts import phrase

ColumnKind = Literal["text", "code", "uuid", "integer", "flag", "local", "utc", "day"]
"""``text``: anything people typed; ``code``: letters, digits and punctuation; ``flag``:
true or false; ``local``: ISO 8601 with offset; ``utc``: ISO 8601 with Z; ``day``: ISO 8601."""


class Column(NamedTuple):
    """A column of any table that is taken away."""

    name: str
    kind: ColumnKind


class Expression(NamedTuple):
    """A column with the SQL that makes it."""

    column: Column
    sql: str
    source: str = ""
    """Of a UUID its column and of a time its Unix milliseconds, of which ``sql`` makes text."""


class OptionColumn(NamedTuple):
    """An option of a multiple choice, which gets a column of its own."""

    question: str
    option: str


CONSTANT = frozenset({"%(place)s", "%(path)s", "%(zone)s"})
"""Expressions that have one value throughout a statement."""


def option_columns(editions: list[Edition]) -> list[OptionColumn]:
    """The options of the multiple choices of these versions, each once, in their order."""
    found: dict[OptionColumn, None] = {}
    for edition in editions:
        for question in edition.definition.questions:
            known = facts(question)
            if known.option_columns:
                found |= {OptionColumn(question.id, option.id): None for option in known.options}
    return list(found)


def question_rows(catalogue: Catalogue) -> list[tuple[str | int, ...]]:
    """What is known of every question: the rows of the relation ``q`` of the statements."""
    rows: list[tuple[str | int, ...]] = []
    for edition in catalogue.editions.values():
        form = edition.definition
        about = (edition.pk, form.id, form.title, form.rating.id, int(form.rating.faces))
        rows.append((*about, "", "", "", 0))
        # Once each: a row of answers would come as often as its question is there.
        known = {question.id: place for place, question in enumerate(form.questions) if question.id}
        rows += [(*about, *_question(form, place)) for place in known.values()]
    return rows


def _question(form: Questionnaire, place: int) -> tuple[str, str, str, int]:
    question = form.questions[place]
    return question.id, phrase(question.text, form.languages[0]), kind(question), place + 1


_FACES = "'0', '1', '2', '3', '4'"
_FIRST = "m.kind = 1 AND substr(m.value, 1, 1)"


Guard = Callable[[str], str]
"""Makes of an expression for what somebody may have typed one that is safe in a file."""


def no_guard(sql: str) -> str:
    """No guard: where texts are never taken for anything else."""
    return sql


def hide_personal(d: Dialect, guard: Guard) -> Guard:
    """The same without texts that seem to hold an e-mail address or a telephone number.

    Such a text is hidden as a whole; see :mod:`headoffice.results.masking`.
    """

    def hidden(sql: str) -> str:
        without_digits = functools.reduce(lambda s, n: f"replace({s}, '{n}', '')", range(10), sql)
        terms = [f"lower({sql}) LIKE '%%{sign}%%'" for sign in (*AT_SIGNS, *SPELT_AT_SIGNS)]
        terms.append(f"length({sql}) - length({without_digits}) >= {FEWEST_DIGITS}")
        terms.append(d.has_one_of(sql, OTHER_DIGITS))
        return f"CASE WHEN {' OR '.join(terms)} THEN '{MASK}' ELSE {guard(sql)} END"

    return hidden


def value_of(d: Dialect, guard: Guard = no_guard, *, personal: bool = True) -> str:
    """What was answered, as one text; of contact details only whether there was consent."""
    chosen = f"{d.field_of_json('m.value', 'type')} = 'chosen'"
    written = guard if personal else hide_personal(d, guard)
    # Who answered in own words alone chose none of the options: SQLite would write (NULL).
    options = f"coalesce({d.list_of_json('m.value', 'options')}, '')"
    return (
        "CASE m.kind WHEN 2 THEN '' WHEN 3 THEN m.value ELSE CASE substr(m.value, 1, 1) "
        f"WHEN '\"' THEN {written(d.text_of_json('m.value'))} "
        f"WHEN '{{' THEN CASE WHEN {chosen} THEN {guard(options)} "
        f"WHEN {d.truth_of_json('m.value', 'consent')} THEN 'consent' ELSE 'declined' END "
        "WHEN 't' THEN 'yes' WHEN 'f' THEN 'no' ELSE m.value END END"
    )


def expressions(
    d: Dialect, options: list[OptionColumn], guard: Guard = no_guard, *, personal: bool = True
) -> list[Expression]:
    """The columns of raw answers, in order.

    They refer to ``m``, the message; ``q``, its question; and to the
    parameters that describe the slice. ``guard`` is for texts out of the row that others wrote;
    those of ``q`` and the parameters come with the statement, and were made safe before.
    Without ``personal`` what shoppers wrote is hidden where it seems to tell who they are.
    """
    # Most rows are ratings themselves: only for the others the rating is looked up.
    rating = (
        "CASE WHEN m.question = q.rating AND m.kind = 1 AND m.counts "  # noqa: S608 - constants
        f"THEN CASE WHEN m.value IN ({_FACES}) THEN m.value END ELSE "
        "(SELECT min(r.value) FROM ingest_storedmessage AS r WHERE r.kiosk = m.kiosk "
        "AND r.kind = 1 AND r.response = m.response AND r.question = q.rating AND r.counts "
        f"AND r.value IN ({_FACES})) END"
    )
    written = guard if personal else hide_personal(d, guard)
    other = f"coalesce({written(d.field_of_json('m.value', 'other'))}, '')"
    local, utc = "m.happened_ms + %(offset_ms)s", "m.happened_ms"
    rows: list[tuple[str, ColumnKind, str] | tuple[str, ColumnKind, str, str]] = [
        ("place", "text", "%(place)s"),
        ("group_path", "text", "%(path)s"),
        ("time_zone", "code", "%(zone)s"),
        ("kiosk", "integer", "m.kiosk"),
        ("response", "uuid", d.uuid("m.response"), "m.response"),
        ("time_local", "local", f"{d.iso(local)} || %(offset)s", local),
        ("day_local", "day", d.day(local), local),
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
        (
            "delay_ms",
            "integer",
            "CASE WHEN m.received_ms >= 0 THEN m.received_ms - m.happened_ms END",
        ),
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
