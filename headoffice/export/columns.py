"""What a row of raw answers says, written once for every engine and every format.

One row is one stored message: an answer, a question passed over, or the end of a response. The
columns are described for readers in docs/api.md.
"""

from typing import Literal, NamedTuple

from config.questionnaire import MultipleChoice, Questionnaire
from headoffice.export.dialect import Dialect
from headoffice.results.catalogue import Catalogue, Edition

Kind = Literal["text", "code", "integer", "number", "flag", "local", "utc"]
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


class Choice(NamedTuple):
    """An option of a multiple choice, which gets a column of its own."""

    question: str
    option: str


CONSTANT = frozenset({"%(place)s", "%(path)s", "%(zone)s"})
"""Expressions that have one value throughout a statement."""
GIVEN = CONSTANT | {"coalesce(q.title, '')", "coalesce(q.text, '')"}
"""Expressions whose values come from us with the statement, not out of the row."""


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


def value_of(d: Dialect) -> str:
    """What was answered, as one text; of contact details only whether there was consent."""
    chosen = f"{d.field_of_json('m.value', 'type')} = 'chosen'"
    return (
        "CASE WHEN m.kind = 2 THEN '' WHEN m.kind = 3 THEN m.value "
        "WHEN m.value = 'true' THEN 'yes' WHEN m.value = 'false' THEN 'no' "
        f"WHEN {_FIRST} = '\"' THEN {d.text_of_json('m.value')} "
        f"WHEN {_FIRST} <> '{{' THEN m.value "
        f"WHEN {chosen} THEN {d.list_of_json('m.value', 'options')} "
        f"WHEN {d.truth_of_json('m.value', 'consent')} THEN 'consent' ELSE 'declined' END"
    )


def expressions(d: Dialect, options: list[Choice]) -> list[Expression]:
    """The columns of raw answers, in order.

    They refer to ``m``, the message; ``q``, its question; and to the
    parameters that describe the slice.
    """
    # Most rows are ratings themselves: only for the others the rating is looked up.
    rating = (
        "CASE WHEN m.question = q.rating AND m.kind = 1 AND m.counts THEN m.value ELSE "
        "(SELECT r.value FROM ingest_storedmessage AS r WHERE r.kiosk = m.kiosk AND r.kind = 1 "
        "AND r.response = m.response AND r.question = q.rating AND r.counts) END"
    )
    other = f"coalesce({d.field_of_json('m.value', 'other')}, '')"
    local, utc = "m.happened_ms + %(offset_ms)s", "m.happened_ms"
    rows: list[tuple[str, Kind, str]] = [
        ("place", "text", "%(place)s"),
        ("group_path", "text", "%(path)s"),
        ("time_zone", "code", "%(zone)s"),
        ("kiosk", "integer", "m.kiosk"),
        ("response", "code", d.uuid("m.response")),
        ("time_local", "local", f"{d.iso(local)} || %(offset)s"),
        ("time_utc", "utc", f"{d.iso(utc)} || 'Z'"),
        ("time_certain", "flag", d.flag("m.certain")),
        ("questionnaire", "code", "q.name"),
        ("questionnaire_title", "text", "coalesce(q.title, '')"),
        ("version", "integer", "m.version"),
        ("event", "code", "CASE m.kind WHEN 1 THEN 'answer' WHEN 2 THEN 'skip' ELSE 'end' END"),
        ("question", "text", "m.question"),
        ("question_text", "text", "coalesce(q.text, '')"),
        ("question_kind", "code", "q.kind"),
        ("value", "text", value_of(d)),
        ("other", "text", f"CASE WHEN {_FIRST} = '{{' THEN {other} ELSE '' END"),
        ("rating", "integer", rating),
        ("faces", "integer", "q.faces"),
        ("language", "text", "m.language"),
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
    return [Expression(Column(name, kind), sql) for name, kind, sql in rows]
