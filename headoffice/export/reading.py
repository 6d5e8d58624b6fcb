"""Reads raw answers in bounded portions, so that memory stays flat and no reader holds a lock.

Every portion is a statement of its own that is read to its end before anything is sent: a slow
browser never keeps a snapshot open, which on SQLite would let the write-ahead log grow and on
PostgreSQL would hold back vacuum.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection

from headoffice.export.columns import (
    CONSTANT,
    Choice,
    Column,
    Expression,
    Guard,
    as_it_is,
    choices,
    expressions,
    questions,
)
from headoffice.export.csv import RISKY, safe_text
from headoffice.export.dialect import dialect
from headoffice.export.wanted import Slice, Wanted, offset_text, slices
from headoffice.finding import asked
from headoffice.results.catalogue import Catalogue

PORTION = 8_000
"""Rows that a statement should find, about, where the engine writes the lines."""
PORTION_OF_VALUES = 4_000
"""The same where each cell becomes a Python object, which takes ten times the memory."""
_FIRST_SPAN_MS = 8 * 24 * 3600 * 1000
_SHORTEST_MS = 1000
_NONE = "m.seq < 0"
"""Of no row; with a column in it, since Citus refuses a constant condition beside an outer join."""
_TEXTS_OF_Q = (2, 6)
"""Where a question's row holds what people wrote: the title and the question's text."""


_Q = "version, name, title, rating, faces, question, text, kind, place"
_FROM = (
    "FROM ingest_storedmessage AS m "
    "LEFT JOIN q ON q.version = m.version AND q.question = m.question"
)
_OF_KIOSK = "FROM ingest_storedmessage WHERE kiosk = %s"

Values = dict[str, str | int]
"""Parameters of a statement by name."""


class Lines(NamedTuple):
    """A piece of a CSV file and the number of rows in it."""

    data: bytes
    rows: int


class Answers:
    """The raw answers that someone wants, ready to be read in one way or another."""

    def __init__(self, wanted: Wanted, now_ms: int) -> None:
        self.wanted, self._now_ms = wanted, now_ms
        catalogue = Catalogue.load()
        asked = wanted.versions or frozenset()
        self._choices: list[Choice] = choices(
            [edition for pk, edition in catalogue.editions.items() if pk in asked]
        )
        self._questions = questions(catalogue)
        self._expressions = self._columns(as_it_is)

    def _columns(self, guard: Guard) -> list[Expression]:
        return expressions(dialect(), self._choices, guard, personal=self.wanted.personal)

    @property
    def columns(self) -> list[Column]:
        """The columns in order; with chosen versions one more for each option of theirs."""
        return [expression.column for expression in self._expressions]

    def total(self) -> int:
        """How many rows there are."""
        count = 0
        for stretch in self._stretches():
            where, values = self._where(stretch, stretch.from_ms, stretch.until_ms)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM ingest_storedmessage AS m {where}", values)  # noqa: S608
                count += cursor.fetchone()[0]
        return count

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows as values, portion by portion."""
        selected = ", ".join(expression.sql for expression in self._expressions)
        for statement, values in self._statements(selected, str, PORTION_OF_VALUES):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                found = cursor.fetchall()
            self._found = len(found)
            if found:
                yield found

    def lines(self) -> Iterator[Lines]:
        """The rows as lines of CSV, without a header, written by the engine itself."""
        read = self._copied if connection.vendor == "postgresql" else self._concatenated
        for piece in read():
            self._found = piece.rows
            if piece.rows:
                yield piece

    def _copied(self) -> Iterator[Lines]:
        cells = self._columns(dialect().safe)
        selected = ", ".join(f'{_copied_cell(e)} AS "c{number}"' for number, e in enumerate(cells))
        typed = [f"c{n}" for n, e in enumerate(cells) if e.column.kind == "text"]
        options = f"FORMAT csv, FORCE_QUOTE ({', '.join(typed)})"
        for statement, values in self._statements(selected, safe_text, PORTION):
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY ({statement}) TO STDOUT ({options})", values) as copy,
            ):
                data = b"".join(copy)
                rows = cursor.rowcount
            yield Lines(_ended_by_crlf(data, rows), rows)

    def _concatenated(self) -> Iterator[Lines]:
        cells = [_printed(e) for e in self._columns(dialect().safe)]
        line = f"printf(%(pattern)s, {', '.join(cell.given for cell in cells if cell.given)})"
        risky: Values = {"risky": f"[{''.join(RISKY)}]*"}
        for statement, values in self._statements(f"{line} AS line", safe_text, PORTION):
            same = _same_in_all(values)
            pattern = ",".join(cell.pattern.format(**same) for cell in cells) + "\r\n"
            with connection.cursor() as cursor:
                cursor.execute(
                    # One value for all lines, in the order of the statement within: the engine
                    # does not come back to Python for each of them.
                    f"SELECT CAST(group_concat(line, '') AS BLOB), count(*) FROM ({statement})",  # noqa: S608 - our own text
                    values | risky | {"pattern": pattern},
                )
                data, rows = cursor.fetchone()
            yield Lines(data or b"", rows)

    # --- statements -----------------------------------------------------------------------

    def _statements(
        self, selected: str, written: Callable[[str], str], portion: int
    ) -> Iterator[tuple[str, Values]]:
        """Statements of about so many rows; after each, ``_found`` has to say how many it was."""
        relation, known = self._relation(written)
        span = _FIRST_SPAN_MS
        for stretch in self._stretches():
            describing = self._describing(stretch, written) | known
            at, end = stretch.from_ms, stretch.until_ms
            while at < end:
                until = min(at + span, end)
                where, values = self._where(stretch, at, until)
                skipped = 0
                while True:
                    self._found = 0
                    yield (
                        (
                            f"WITH q ({_Q}) AS ({relation}) SELECT {selected} {_FROM} {where} "
                            f"ORDER BY m.happened_ms, {dialect().within_ms()} "
                            f"LIMIT {2 * portion} OFFSET {skipped}"
                        ),
                        describing | values,
                    )
                    skipped += self._found
                    if self._found < 2 * portion:
                        break
                at = until
                span = _next_span(span, skipped, portion)

    def _where(self, stretch: Slice, from_ms: int, until_ms: int) -> tuple[str, Values]:
        wanted = self.wanted
        values: Values = {
            "kiosk": stretch.kiosk,
            "point": stretch.point,
            "from_ms": from_ms,
            "until_ms": until_ms,
        }
        terms = [
            "m.kiosk = %(kiosk)s",
            "m.point = %(point)s",
            "m.happened_ms >= %(from_ms)s",
            "m.happened_ms < %(until_ms)s",
        ]
        if wanted.received_before_ms is not None:
            terms.append("m.received_ms < %(received_before)s")
            values["received_before"] = wanted.received_before_ms
        if not wanted.test:
            terms.append("NOT m.test")
        if not wanted.misuse:
            terms.append("m.misuse = ''")
        if wanted.language:
            terms.append("m.language = %(language)s")
            values["language"] = wanted.language
        if wanted.versions is not None:
            # Numbers of ours; a list of parameters would have another length each time.
            numbers = ", ".join(str(int(version)) for version in sorted(wanted.versions))
            terms.append(f"m.version IN ({numbers})" if numbers else _NONE)
        if wanted.questions is not None:
            names = {f"question_is_{n}": q for n, q in enumerate(sorted(wanted.questions))}
            inside = ", ".join(f"%({name})s" for name in names)
            terms.append(f"m.question IN ({inside})" if names else _NONE)
            values |= names
        return f"WHERE {' AND '.join(terms)}", values

    def _stretches(self) -> Iterator[Slice]:
        """The slices in which there may be messages, without what lies before and after them."""
        ends: dict[int, tuple[int, int]] = {}
        for stretch in slices(self.wanted, self._now_ms):
            if stretch.kiosk not in ends:
                ends[stretch.kiosk] = _ends(stretch.kiosk)
            first, last = ends[stretch.kiosk]
            from_ms, until_ms = max(stretch.from_ms, first), min(stretch.until_ms, last + 1)
            if from_ms < until_ms:
                yield stretch._replace(from_ms=from_ms, until_ms=until_ms)

    def _describing(self, stretch: Slice, written: Callable[[str], str]) -> Values:
        values: Values = {
            "place": written(stretch.place),
            "path": written(stretch.path),
            "zone": stretch.zone,
            "offset_ms": stretch.offset_s * 1000,
            "offset": offset_text(stretch.offset_s),
        }
        for number, choice in enumerate(self._choices):
            values |= {f"option_{number}": choice.option, f"question_{number}": choice.question}
        return values

    def _relation(self, written: Callable[[str], str]) -> tuple[str, Values]:
        """The questions as a relation of the statement, and its values."""
        values: Values = {}
        rows = []
        for number, row in enumerate(self._questions):
            names = [f"q{number}_{place}" for place in range(len(row))]
            cells = [written(str(c)) if place in _TEXTS_OF_Q else c for place, c in enumerate(row)]
            values |= dict(zip(names, cells, strict=True))
            rows.append("(" + ", ".join(f"%({name})s" for name in names) + ")")
        if not rows:
            nothing = "0, '', '', '', 0, '', '', '', 0"
            return f"SELECT {nothing} WHERE 1 = 0", values
        return f"VALUES {', '.join(rows)}", values


def _ends(kiosk: int) -> tuple[int, int]:
    """When a kiosk's first and last messages were made; of none the last is before the first."""
    # One after the other: for both at once SQLite would look at every message.
    ((first,),) = asked(f"SELECT min(happened_ms) {_OF_KIOSK}", kiosk)
    ((last,),) = asked(f"SELECT max(happened_ms) {_OF_KIOSK}", kiosk)
    return (0, -1) if first is None else (first, last)


def _next_span(span: int, found: int, portion: int) -> int:
    if found > portion:
        return max(_SHORTEST_MS, span // 2)
    return span * 2 if found < portion // 2 else span


def _copied_cell(expression: Expression) -> str:
    # COPY puts an empty text into quotation marks, to tell it from an absent one.
    return f"nullif({expression.sql}, '')" if expression.column.kind == "code" else expression.sql


def _ended_by_crlf(data: bytes, rows: int) -> bytes:
    """Lines of PostgreSQL's, which end with LF alone; line breaks within texts stay."""
    if data.count(b"\n") == rows:
        return data.replace(b"\n", b"\r\n")
    # Quotation marks within texts are doubled, so every second part is outside of all texts.
    parts = data.split(b'"')
    parts[::2] = [part.replace(b"\n", b"\r\n") for part in parts[::2]]
    return b'"'.join(parts)


class _Cell(NamedTuple):
    """A column for SQLite's printf: how to write it, and what to give for that."""

    pattern: str
    given: str


def _same_in_all(values: Values) -> dict[str, str]:
    """What printf's pattern holds itself, because it is the same in all lines of a statement."""
    texts = {name: str(values[name]).replace("%", "%%") for name in ("place", "path", "zone")}
    quoted = {name: '"' + texts[name].replace('"', '""') + '"' for name in ("place", "path")}
    return texts | quoted | {"offset": str(values["offset"])}


def _printed(expression: Expression) -> _Cell:
    sql, kind, source = expression.sql, expression.column.kind, expression.source
    if sql in CONSTANT:
        return _Cell("{" + sql[2:-2] + "}", "")
    match kind:
        case "text":
            return _Cell('"%w"', sql)
        case "uuid":
            rest = ", ".join(f"substr({source}, {at})" for at in (9, 13, 17, 21))
            return _Cell("%.8s-%.4s-%.4s-%.4s-%s", f"{source}, {rest}")
        case "local" | "utc":
            # strftime would take twice as long.
            at = f"replace(datetime(({source}) / 1000.0, 'unixepoch'), ' ', 'T')"
            behind = "{offset}" if kind == "local" else "Z"
            return _Cell(f"%s.%03d{behind}", f"{at}, m.happened_ms %% 1000")
        case _:
            return _Cell("%s", sql)
