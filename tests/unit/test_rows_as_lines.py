"""Rows are the same text whichever engine they come from."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.copies.columns import Column, TableColumns, sqlite_value, text_value
from headoffice.copies.rows import Digest, _column_line, _escaped, cells_of, plain_text

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
SPECIAL = st.text("\\\t\n\r\b\v\fNx.ä\x1b", max_size=12)


@given(TEXTS | SPECIAL)
def test_a_text_comes_back_as_it_was_and_sqlite_writes_it_as_python_does(text: str) -> None:
    line = _escaped(text)
    assert text == plain_text(line)
    assert not set("\t\n\r") & set(line)
    with closing(sqlite3.connect(":memory:")) as db:
        written = _column_line(Column("a", "text"))
        assert (line,) == db.execute(f"SELECT {written} FROM (SELECT ? AS a)", [text]).fetchone()  # noqa: S608


@pytest.mark.parametrize(
    ("kind", "cell", "text"),
    [
        ("int", -(2**63), "-9223372036854775808"),
        ("bool", 1, "t"),
        ("bool", 0, "f"),
        ("uuid", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"),
        ("bytes", b"\x00\xff", "\\x00ff"),
        ("date", "2026-11-30", "2026-11-30"),
        ("instant", "2026-11-30 07:05:00", "2026-11-30 07:05:00+00:00"),
        ("instant", "2026-11-30 07:05:00.120000", "2026-11-30 07:05:00.120000+00:00"),
        ("json", '{"a": "\\u00e4"}', '{"a": "\\u00e4"}'),
    ],
)
def test_each_kind_of_value_is_what_postgresql_reads_and_comes_back(
    kind: str, cell: object, text: str
) -> None:
    assert text == text_value(kind, cell)
    assert cell == sqlite_value(kind, text)
    if kind not in ("instant", "json"):
        with closing(sqlite3.connect(":memory:")) as db:
            written = _column_line(Column("a", kind))
            found = db.execute(f"SELECT {written} FROM (SELECT ? AS a)", [cell]).fetchone()  # noqa: S608
            assert (_escaped(text),) == found


def test_instants_of_postgresql_with_any_number_of_digits_are_read() -> None:
    assert "2026-11-30 07:05:00.100000" == sqlite_value("instant", "2026-11-30 08:05:00.1+01")
    assert "2026-11-30 07:05:00" == sqlite_value("instant", "2026-11-30 07:05:00+00")


def test_a_digest_does_not_look_at_the_order_but_at_every_row() -> None:
    table = TableColumns("t", (Column("a", "int"), Column("at", "instant")), "")
    one, two = b"1\t2026-11-30 07:05:00+00\n", b"2\t2026-11-30 07:05:00.5+00\n"
    both = Digest().grown(table, [one, two])
    assert both == Digest().grown(table, [two]).grown(table, [one])
    assert both == Digest().grown(table, [b"1\t2026-11-30 09:05:00+02\n", two])
    assert both != Digest().grown(table, [one, one])
    assert both != Digest().grown(table, [one])


def test_a_row_with_too_few_values_is_refused() -> None:
    assert [1, None] == cells_of(b"1\t\\N\n", ["int", "text"])
    with pytest.raises(ValueError, match="shorter"):
        cells_of(b"1\n", ["int", "text"])
