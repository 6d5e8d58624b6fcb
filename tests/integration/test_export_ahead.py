"""Files that several connections read: the same bytes, in order, with nothing left behind."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from office import BOOT, Device, answer

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.export import download
from headoffice.export.csv import CsvStyle
from headoffice.export.models import Export
from headoffice.export.read_ahead import AHEAD, READERS, read_ahead
from headoffice.export.reading import AnswerRows
from headoffice.export.selection import ExportSelection
from headoffice.fleet.models import ExperiencePoint
from sync.messages import Moment, Sighting

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def answers() -> None:
    """Three kiosks: some days apart, many in one ms, and two with a year of nothing between."""
    now = clock.now_ms()
    begin = now - 500 * DAY_MS
    spread = [begin + n * 9 * DAY_MS for n in range(12)]
    for place, times in enumerate((spread, [begin] * 25 + spread, [begin, now - DAY_MS])):
        device = Device.enrolled(f"Till {place}")
        messages = [
            answer(
                seq,
                seq % 3,
                at=Moment(0, BOOT, ms),
                test=seq == 2,
                misuse=("burst",) if seq == 5 else (),
            )
            for seq, ms in enumerate(times, 1)
        ]
        seen = Sighting(BOOT, now, now, 5)
        device.deliver(*messages, sightings=(seen,), sent=Moment(now, BOOT, now))


@pytest.fixture
def opened() -> Iterator[list[BaseDatabaseWrapper]]:
    """The connections of readers, as they are opened."""
    found: list[BaseDatabaseWrapper] = []

    def note(connection: BaseDatabaseWrapper, **_more: Any) -> None:
        if threading.current_thread().name.startswith("hymio-export"):
            found.append(connection)

    connection_created.connect(note)
    yield found
    connection_created.disconnect(note)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of two rows, and a look at every one of them whether somebody wants no more."""
    monkeypatch.setattr("headoffice.export.reading.PORTION", 2)
    monkeypatch.setattr("headoffice.export.download._NOTED_EVERY_S", 0)


def source(**more: Any) -> AnswerRows:
    points = frozenset(ExperiencePoint.objects.values_list("pk", flat=True))
    return AnswerRows(ExportSelection(points, **more), clock.now_ms())


def readers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("hymio-export")]


@pytest.mark.usefixtures("answers", "small")
@pytest.mark.parametrize("more", [{}, {"test": True, "misuse": True}])
def test_several_readers_make_the_bytes_of_one(
    opened: list[BaseDatabaseWrapper], more: dict[str, bool]
) -> None:
    wanted = source(**more)
    style = CsvStyle()
    alone = b"".join(line for rows in wanted.rows() for line in style.lines(wanted.columns, rows))
    pieces = list(wanted.lines(style))
    assert alone == b"".join(piece.data for piece in pieces)
    assert wanted.total() == sum(piece.rows for piece in pieces) == (51 if more else 46)
    # Also of the ms in which there were more.
    assert 4 == max(piece.rows for piece in pieces)
    assert READERS == len(opened)
    assert [None] * READERS == [one.connection for one in opened]
    assert [] == readers()


def cancel(export: Export, pieces: Iterator[bytes]) -> None:
    Export.objects.filter(pk=export.pk).update(state="cancelled")
    with pytest.raises(download.CancelledError):
        list(pieces)


def go_away(_export: Export, pieces: Any) -> None:
    pieces.close()


@pytest.mark.usefixtures("answers", "small")
@pytest.mark.parametrize("stop", [cancel, go_away])
def test_a_download_that_stops_leaves_no_reader(
    opened: list[BaseDatabaseWrapper], stop: Callable[..., None]
) -> None:
    export = Export.objects.create(
        user=create_user("ana", "long enough 17"), data="answers", format="csv", state="running"
    )
    pieces = download.stream(source(), "csv", "x", export=export)
    list(itertools.islice(pieces, 3))
    assert READERS == len(readers())
    stop(export, pieces)
    assert [] == readers()
    assert [None] * READERS == [one.connection for one in opened]
    export.refresh_from_db()
    assert "cancelled" == export.state


@pytest.mark.usefixtures("answers", "small")
def test_a_reader_whose_connection_breaks_ends_the_download_as_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def cut(connection: BaseDatabaseWrapper, **_more: Any) -> None:
        if threading.current_thread().name.startswith("hymio-export"):
            connection.connection.close()

    export = Export.objects.create(
        user=create_user("ana", "long enough 17"), data="answers", format="csv", state="running"
    )
    connection_created.connect(cut)
    try:
        with pytest.raises(DatabaseError):
            list(download.stream(source(), "csv", "x", export=export))
    finally:
        connection_created.disconnect(cut)
    export.refresh_from_db()
    assert "failed" == export.state
    assert "An export broke off" in caplog.text
    assert [] == readers()


def test_what_is_read_ahead_is_bounded_and_in_order() -> None:
    begun = handed_on = 0

    def asked() -> Iterator[int]:
        nonlocal begun
        for number in range(20):
            begun += 1
            assert begun - handed_on <= AHEAD
            yield number

    def read(number: int) -> str:
        assert threading.current_thread() in readers()
        return str(number)

    with closing(read_ahead(asked(), read, readers=READERS)) as found:
        for number, text in found:
            assert (handed_on, str(handed_on)) == (number, text)
            handed_on += 1
    assert 20 == handed_on


def test_an_error_is_raised_at_its_turn_and_little_was_begun_behind_it() -> None:
    begun: list[int] = []

    def read(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise DatabaseError
        return number

    found: list[int] = []
    with (
        pytest.raises(DatabaseError),
        closing(read_ahead(range(100), read, readers=READERS)) as pairs,
    ):
        found.extend(number for number, _same in pairs)
    assert [] == readers()
    assert max(begun) < 5 + AHEAD
