"""Files of raw answers: what stands in them, and that no spreadsheet runs any of it."""

import csv
import datetime as dt
import io
import itertools
import uuid
import zipfile
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from masked_texts import PERSONAL
from office import BOOT, Device, answer, new_id
from pyarrow import parquet as pq

from config.csv_guard import RISKY
from config.questionnaire import (
    Contact,
    FreeText,
    MultipleChoice,
    Option,
    Questionnaire,
    Smiley,
    YesNo,
    canonical,
    digest,
)
from config.values import ChoiceValue, ContactDetails
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.export import download, excel, slots
from headoffice.export.columns import Column, question_rows
from headoffice.export.csv import CsvStyle
from headoffice.export.models import Export
from headoffice.export.reading import AnswerRows, _Span
from headoffice.export.selection import ExportSelection
from headoffice.fleet.models import ExperiencePoint
from headoffice.results.masking import MASK
from headoffice.rollups.local_time import offset_spans
from sync.messages import EndBody, Message, Moment, Sighting, SkipBody

pytestmark = [pytest.mark.database, pytest.mark.django_db]
FORM = Questionnaire(
    id="visit",
    title='The "big" one',
    languages=("en",),
    questions=(
        Smiley(id="mood", text={"en": "How was it?"}),
        MultipleChoice(
            id="why",
            text={"en": "Why?"},
            options=(Option("staff", {"en": "Staff"}), Option("queue", {"en": "Queue"})),
            other=True,
        ),
        YesNo(id="again", text={"en": "Again?"}),
        FreeText(id="words", text={"en": "=Tell, us"}),
        Contact(id="who", text={"en": "Who?"}, purpose={"en": "A prize"}),
    ),
)
DEFINITION, DIGEST = canonical(FORM), digest(canonical(FORM))
BAD = '=HYPERLINK("http://x")\r\nnext, line'


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


def said(seq: int, question: str, value: Any, response: str, when: str, **more: Any) -> Message:
    return answer(
        seq,
        value,
        question=question,
        response=response,
        questionnaire=DIGEST,
        at=Moment(0, BOOT, at(when)),
        **more,
    )


@pytest.fixture(autouse=True)
def shop(device: Device) -> Device:
    """One whole response before and one tap after the clocks went back, test and misuse."""
    assert device.define(DEFINITION).status_code == 204
    first, second = new_id(), new_id()
    before, after = "2025-10-26T00:30:15.125+00:00", "2025-10-26T01:30:00+00:00"
    end = EndBody(response=first, questionnaire=DIGEST, language="en", outcome="complete")
    skip = SkipBody(
        response=second, questionnaire=DIGEST, language="fi", question="words", took_ms=5
    )
    messages = [
        said(1, "mood", 2, first, before),
        said(2, "why", ChoiceValue(("queue",), "=1+1"), first, before),
        said(3, "again", True, first, before),
        said(4, "words", BAD, first, before),
        said(5, "who", ContactDetails(True, "Ann", "ann@example.org"), first, before),
        Message(6, Moment(0, BOOT, at(before)), end),
        said(7, "mood", 0, second, after, language="fi"),
        said(8, "mood", 1, second, after, language="fi"),
        Message(9, Moment(0, BOOT, at(after)), skip),
        said(10, "mood", 0, new_id(), after, test=True),
        said(11, "mood", 0, new_id(), after, misuse=("burst",)),
    ]
    settled(device, *messages)
    return device


def settled(device: Device, *messages: Message) -> None:
    """Deliver them with what the kiosk's monotonic clock needs to be turned into times."""
    now = clock.now_ms()
    receipt = device.deliver(
        *messages, sightings=(Sighting(BOOT, now, now, 5),), sent=Moment(now, BOOT, now)
    )
    assert receipt.refused == ()


def wanted(**more: Any) -> ExportSelection:
    return ExportSelection(
        points=frozenset(ExperiencePoint.objects.values_list("pk", flat=True)), **more
    )


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def file(format_: str = "csv", **more: Any) -> bytes:
    return b"".join(
        download.stream(AnswerRows(wanted(**more), clock.now_ms()), format_, "Raw answers")
    )


def test_every_answer_is_a_row_with_all_that_is_known_of_it(shop: Device) -> None:
    rows = read(file())
    assert ["1", "2", "3", "4", "5", "6", "7", "8", "9"] == [row["seq"] for row in rows]
    assert {
        "place": "Main street",
        "group_path": "Places",
        "time_zone": "Europe/Helsinki",
        "kiosk": str(shop.row.pk),
        "time_local": "2025-10-26T03:30:15.125+03:00",
        "day_local": "2025-10-26",
        "time_utc": "2025-10-26T00:30:15.125Z",
        "time_certain": "true",
        "questionnaire": "visit",
        "questionnaire_title": 'The "big" one',
        "event": "answer",
        "question": "mood",
        "question_text": "How was it?",
        "question_kind": "smiley",
        "value": "2",
        "rating": "2",
        "faces": "3",
        "language": "en",
        "took_ms": "900",
        "misuse": "",
        "test": "false",
        "last_word": "true",
    }.items() <= rows[0].items()
    assert uuid.UUID(rows[0]["response"])


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    rows = read(file())
    assert "2025-10-26T03:30:15.125+03:00" == rows[0]["time_local"]
    assert "2025-10-26T03:30:00.000+02:00" == rows[6]["time_local"]


def test_values_are_decoded_by_the_kind_of_their_question() -> None:
    rows = read(file())
    values = ["2", "queue", "yes", "'" + BAD, "consent", "complete"]
    assert values == [r["value"] for r in rows[:6]]
    assert ["answer"] * 5 + ["end", "answer", "answer", "skip"] == [r["event"] for r in rows]
    assert b"ann@example.org" not in file()


def test_every_row_of_a_response_carries_its_rating_and_a_changed_one_says_so() -> None:
    rows = read(file())
    assert ["2"] * 6 == [row["rating"] for row in rows[:6]]
    assert ["1", "1", "1"] == [row["rating"] for row in rows[6:]]
    assert ["false", "true", "true"] == [row["last_word"] for row in rows[6:]]


def test_options_become_columns_when_a_questionnaire_is_chosen() -> None:
    from headoffice.questionnaires.models import Version

    versions = frozenset({Version.objects.get(digest=DIGEST).pk})
    rows = read(file(versions=versions))
    assert [("", ""), ("0", "1"), ("", "")] == [
        (row["why:staff"], row["why:queue"]) for row in rows[:3]
    ]
    assert [] == read(file(versions=frozenset()))


def test_no_cell_begins_like_a_formula() -> None:
    for row in read(file(test=True, misuse=True)):
        assert [] == [cell for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
    assert ["'=1+1"] == [row["other"] for row in read(file()) if row["other"]]


@pytest.mark.parametrize(
    "style", [CsvStyle(), CsvStyle(";"), CsvStyle("\t"), CsvStyle(guard=False)]
)
def test_the_engine_writes_every_line_as_python_would(style: CsvStyle) -> None:
    place = '=Till {1}, "100 %"'
    device = Device.enrolled(place)
    ExperiencePoint.objects.filter(name=place).update(time_zone="America/New_York")
    strange = [
        "",
        "\n",
        "\r\n",
        "\x01\x7f",
        "%s {place}",
        "ä😀",
        "\u2028",
        '"',
        'a\n"b",\n',
        "'",
        "1",
        "Nice;=1+1;x",
        "tab\t=2+3\tx",
        "two\nlines;@SUM(1;2),-a",
        'Nice;"=1+1;x',
        'Nice,""-1,',
        "wide;\uff1d1",
    ]
    texts = [start + rest for start in ("x", *RISKY, "") for rest in strange]
    early = Moment(125, new_id(), 0)
    messages = [
        answer(
            seq, text, question=f"{text[:1]}words{text[:30]}"[:40], questionnaire="0" * 64, at=early
        )
        for seq, text in enumerate(filter(None, texts), 1)
    ]
    assert device.deliver(*messages).refused == ()
    source = AnswerRows(wanted(), clock.now_ms())
    written = b"".join(line for rows in source.rows() for line in style.lines(source.columns, rows))
    assert written == b"".join(piece.data for piece in source.lines(style))
    assert len(messages) + 9 == sum(piece.rows for piece in source.lines(style))
    early_cells = ("1969-12-31T19:00:00.125-05:00", "1969-12-31", "1970-01-01T00:00:00.125Z")
    assert style.separator.join(early_cells).encode() in written


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_no_part_of_a_text_becomes_a_formula_whatever_separates_cells(
    shop: Device, delimiter: str, separator: str
) -> None:
    texts = ("Nice;=1+1;x", "tab\t=2+3\tx", "two\nlines;@SUM(1;2)", "x\n=1", "\n=1", "\uff1d1")
    texts += tuple(f"Nice{delimiter}{quotes}=1+1{delimiter}x" for quotes in ('"', '""', '"""'))
    for seq, text in enumerate(texts, 1000):
        shop.deliver(answer(seq, text, question="words"))
    pieces = download.stream(
        AnswerRows(wanted(), clock.now_ms()), "csv", "x", style=CsvStyle(separator)
    )
    whole = b"".join(pieces).decode().replace("\r\n", "\n").replace("\r", " ")
    rows = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "\uff1d")]


def test_letters_that_read_as_the_number_of_a_character_stay_letters(shop: Device) -> None:
    text = "part _x0041_ and _x000D_, not _x41_ or x0041_"
    shop.deliver(answer(1000, text, question="words"))
    sheet = zipfile.ZipFile(io.BytesIO(file("xlsx"))).read("xl/worksheets/sheet1.xml").decode()
    assert "part _x005F_x0041_ and _x005F_x000D_, not _x41_ or x0041_" in sheet


def test_lines_end_as_rfc_4180_says_and_a_mark_is_there_only_if_wanted() -> None:
    data = file()
    assert data.endswith(b"\r\n")
    assert not data.startswith(b"\xef\xbb\xbf")
    pieces = download.stream(AnswerRows(wanted(), clock.now_ms()), "csv", "x", bom=True)
    assert b"".join(pieces) == b"\xef\xbb\xbf" + data


def test_filters_leave_out_what_was_not_asked_for(shop: Device) -> None:
    assert 9 == len(read(file()))
    assert 10 == len(read(file(test=True)))
    assert 11 == len(read(file(test=True, misuse=True)))
    assert 3 == len(read(file(language="fi")))
    assert 5 == len(read(file(questions=frozenset({"mood", "words"}))))
    day = dt.date(2025, 10, 26)
    assert 9 == len(read(file(first=day, last=day)))
    assert 0 == len(read(file(first=day + dt.timedelta(days=1))))
    assert [] == read(
        b"".join(download.stream(AnswerRows(ExportSelection(frozenset()), 1), "csv", "x"))
    )
    assert 0 == len(read(file(kiosks=frozenset({shop.row.pk + 1}))))
    assert 0 == len(read(file(received_before_ms=1)))
    assert 11 == AnswerRows(wanted(test=True, misuse=True), clock.now_ms()).total()


@pytest.mark.parametrize("portion", [1, 2, 3])
def test_the_size_of_the_portions_changes_nothing(
    portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = file(), file("xlsx")
    monkeypatch.setattr("headoffice.export.reading.PORTION", portion)
    monkeypatch.setattr("headoffice.export.reading.PORTION_OF_VALUES", portion)
    again = file(), file("xlsx")
    assert whole[0] == again[0]
    first, second = (openpyxl.load_workbook(io.BytesIO(f[1])).active for f in (whole, again))
    assert list(first.values) == list(second.values)


def test_questions_without_number_cost_a_statement_one_parameter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Any kiosk may bring definitions, and SQLite takes the square of named parameters."""
    whole = file()
    few = AnswerRows(wanted(), clock.now_ms())
    about = (10_000, "of-a-kiosk", "Of a kiosk", "mood", 3)
    added = [(*about, f"asked-{n}", "Asked", "text", n) for n in range(2000)]
    monkeypatch.setattr(
        "headoffice.export.reading.question_rows",
        lambda catalogue: [*question_rows(catalogue), *added],
    )
    many = AnswerRows(wanted(), clock.now_ms())
    sizes = [
        {len(window.values) for window in rows._windows("m.seq", str, _Span(8))}
        for rows in (few, many)
    ]
    assert sizes[0] == sizes[1]
    assert whole == file()


def test_an_excel_file_holds_the_same_with_real_dates_and_no_formulas() -> None:
    book = openpyxl.load_workbook(io.BytesIO(file("xlsx")))
    assert ["Raw answers"] == book.sheetnames
    names, *rows = book["Raw answers"].values
    assert names == tuple(read(file())[0])
    cells = [dict(zip(names, row, strict=True)) for row in rows]
    assert 9 == len(cells)
    assert BAD.replace("\r\n", "\n") == cells[3]["value"].replace("\r\n", "\n")
    local = dt.datetime(2025, 10, 26, 3, 30, 15, 125000)  # noqa: DTZ001 - Excel knows no zones
    assert abs(cells[0]["time_local"] - local) < dt.timedelta(milliseconds=2)
    assert dt.datetime(2025, 10, 26) == cells[0]["day_local"]  # noqa: DTZ001 - as above
    assert (2, True) == (cells[0]["rating"], cells[0]["time_certain"])
    assert not any(c.data_type == "f" for row in book["Raw answers"].rows for c in row)


def test_what_does_not_fit_into_a_sheet_goes_on_in_the_next() -> None:
    columns = [Column("n", "integer"), Column("text", "text")]
    rows = [(n, f"row {n}\x07") for n in range(25)]
    pieces = excel.workbook("T/est", columns, rows, most_rows=11)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(pieces)))
    assert ["Test", "Test 2", "Test 3"] == book.sheetnames
    found = [row for sheet in book for row in itertools.islice(sheet.values, 1, None)]
    assert [(n, f"row {n}") for n in range(25)] == found
    empty = openpyxl.load_workbook(io.BytesIO(b"".join(excel.workbook("E", columns, []))))
    assert [("n", "text")] == list(empty["E"].values)


def test_a_parquet_file_holds_the_same_with_types() -> None:
    table = pq.read_table(io.BytesIO(file("parquet")))
    rows = table.to_pylist()
    assert 9 == len(rows)
    assert BAD == rows[3]["value"]
    assert (2, True, False) == (rows[0]["rating"], rows[0]["time_certain"], rows[0]["test"])
    assert dt.datetime(2025, 10, 26, 0, 30, 15, 125000, dt.UTC) == rows[0]["time_utc"]
    assert "2025-10-26T03:30:15.125+03:00" == rows[0]["time_local"]
    assert dt.date(2025, 10, 26) == rows[0]["day_local"]


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_stretches_are_cut_where_clocks_change(zone: str) -> None:
    from zoneinfo import ZoneInfo

    begin, end = at("2024-06-01T00:00:00+00:00"), at("2026-06-01T00:00:00+00:00")
    found = offset_spans(zone, begin, end)
    assert (begin, end) == (found[0].from_ms, found[-1].until_ms)
    for ms in range(begin, end, 1_800_000):
        there = dt.datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).utcoffset()
        assert there is not None
        part = next(p for p in found if p.from_ms <= ms < p.until_ms)
        assert int(there.total_seconds()) == part.offset_s


# --- the page -------------------------------------------------------------------------------


def member(name: str = "ana", role: Role = Role.ANALYST, **more: Any) -> Client:
    client = Client()
    client.force_login(create_user(name, "long enough 17", role=role, **more))
    return client


def ask(client: Client, **fields: str) -> Export:
    given = {"data": "answers", "format": "csv", "period": "all"} | fields
    reply = client.post("/export/", given)
    assert reply.status_code == 302, reply.content
    return Export.objects.get(pk=reply["Location"].rsplit("/", 1)[1])


def body(client: Client, export: Export) -> bytes:
    reply = client.get(f"/export/{export.pk}/file")
    assert reply.status_code == 200
    return b"".join(reply)


def test_a_member_takes_the_answers_away_and_sees_how_far_it_is() -> None:
    client = member()
    export = ask(client)
    page = client.get(f"/export/{export.pk}").content.decode()
    assert f"url=/export/{export.pk}/file" in page
    assert 9 == len(read(body(client, export)))
    export.refresh_from_db()
    assert ("done", 9, 9, 100) == (export.state, export.rows, export.total, export.percent)
    assert "9 of 9 rows" in client.get(f"/export/{export.pk}/progress").content.decode()
    again = client.get(f"/export/{export.pk}/file")
    assert (302, f"/export/{export.pk}") == (again.status_code, again["Location"])


def test_a_day_is_that_of_the_place_in_every_format(shop: Device) -> None:
    """Just after midnight in Auckland it is the day before in UTC."""
    place = ExperiencePoint.objects.get()
    place.time_zone = "Pacific/Auckland"
    place.save()
    settled(
        shop,
        said(90, "mood", 2, new_id(), "2026-01-14T11:30:00+00:00"),
        said(91, "mood", 2, new_id(), "2026-01-14T10:30:00+00:00"),
    )
    days = ["2026-01-15", "2026-01-14"]
    first = dt.date(2026, 1, 1)
    assert sorted(days) == [row["day_local"] for row in read(file(first=first))]
    table = pq.read_table(io.BytesIO(file("parquet", first=first)))
    assert sorted(days) == [str(day) for day in table["day_local"].to_pylist()]
    sheet = openpyxl.load_workbook(io.BytesIO(file("xlsx", first=first))).active
    names, *rows = sheet.values
    assert sorted(days) == [str(row[names.index("day_local")].date()) for row in rows]
    views = select("SELECT day_local FROM hymio_answers WHERE seq >= 90 ORDER BY seq")
    assert days == [str(row["day_local"]) for row in views]


@pytest.mark.parametrize("data", ["answers", "days"])
@pytest.mark.parametrize(("separator", "sign"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_cells_are_separated_as_was_chosen(data: str, separator: str, sign: str) -> None:
    client = member()
    text = body(client, ask(client, data=data, separator=separator)).decode()
    names, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    assert "place" in names
    assert rows
    assert {len(names)} == {len(row) for row in rows}


@pytest.mark.parametrize("language", ["en", "fi", "sv", "de", "it", "hu", "pl"])
def test_the_separator_is_what_spreadsheets_of_that_language_expect(language: str) -> None:
    client = member()
    sign = "," if language == "en" else ";"
    headers = {"Accept-Language": language}
    name = "comma" if language == "en" else "semicolon"
    page = client.get("/export/", headers=headers).content.decode()
    assert f'<option value="{name}" selected>' in page
    reply = client.post(
        "/export/", {"data": "answers", "format": "csv", "period": "all"}, headers=headers
    )
    export = Export.objects.get(pk=reply["Location"].rsplit("/", 1)[1])
    assert f'"place"{sign}"group_path"' in body(client, export).decode()


def test_a_cancelled_file_stops_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headoffice.export.reading.PORTION", 1)
    monkeypatch.setattr("headoffice.export.download._NOTED_EVERY_S", 0)
    client = member()
    export = ask(client)
    reply = client.get(f"/export/{export.pk}/file")
    pieces = iter(reply.streaming_content)
    next(pieces)
    assert 302 == client.post(f"/export/{export.pk}/cancel").status_code
    with pytest.raises(download.CancelledError):
        list(pieces)
    export.refresh_from_db()
    assert "cancelled" == export.state
    assert "not the whole file" in client.get(f"/export/{export.pk}").content.decode()


def test_a_browser_that_goes_away_frees_its_place() -> None:
    client = member()
    for _ in range(slots.AT_ONCE + 1):
        export = ask(client)
        Export.objects.filter(pk=export.pk).update(state="running")
        source = AnswerRows(wanted(), clock.now_ms())
        download.stream(source, "csv", "x", export=export).close()
        export.refresh_from_db()
        assert "cancelled" == export.state


def test_a_file_that_nobody_makes_any_more_has_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("headoffice.export.download._NOTED_EVERY_S", 0)
    client = member()
    waiting, going, killed, earlier = (ask(client) for _ in range(4))
    hour = dt.timedelta(hours=1)
    for export, noted in ((going, clock.now()), (killed, clock.now() - hour), (earlier, None)):
        Export.objects.filter(pk=export.pk).update(state="running", noted_at=noted)
    download.end_abandoned_files()
    for export, state in (
        (waiting, "waiting"), (going, "running"), (killed, "failed"), (earlier, "failed"),
    ):  # fmt: skip
        export.refresh_from_db()
        assert (state, state == "failed") == (export.state, export.ended_at is not None)
    # One that is being made says so.
    pieces = iter(client.get(f"/export/{waiting.pk}/file").streaming_content)
    next(pieces)
    Export.objects.update(noted_at=clock.now() - hour)
    list(itertools.islice(pieces, 2))
    download.end_abandoned_files()
    waiting.refresh_from_db()
    assert "running" == waiting.state
    list(pieces)


def test_too_many_files_at_once_wait_for_their_turn() -> None:
    client = member()
    going = [
        download.stream(AnswerRows(wanted(), clock.now_ms()), "csv", "x")
        for _ in range(slots.AT_ONCE)
    ]
    export = ask(client)
    reply = client.get(f"/export/{export.pk}/file")
    assert (503, "5") == (reply.status_code, reply["Retry-After"])
    assert "begins by itself" in reply.content.decode()
    for other in going:
        other.close()
    assert 9 == len(read(body(client, export)))


def test_a_manager_takes_only_the_own_part_away() -> None:
    Device.enrolled("Elsewhere / Side street").deliver(answer(1, 0))
    group = ExperiencePoint.objects.get(name="Main street").group
    client = member("mia", Role.MANAGER, group=group)
    assert {"Main street"} == {row["place"] for row in read(body(client, ask(client)))}
    other = ExperiencePoint.objects.get(name="Side street")
    assert 404 == client.post("/export/", {"place": f"p{other.pk}"}).status_code


@pytest.mark.parametrize("text", PERSONAL)
def test_what_a_page_hides_is_hidden_in_a_file(shop: Device, text: str) -> None:
    shop.deliver(answer(12, text, question="words", questionnaire=DIGEST))
    group = ExperiencePoint.objects.get(name="Main street").group
    mia = member("mia", Role.MANAGER, group=group)
    assert text not in [row["value"] for row in read(body(mia, ask(mia)))]
    assert MASK in [row["value"] for row in read(body(mia, ask(mia)))]


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_manager_takes_no_addresses_and_numbers_of_shoppers_away(
    shop: Device, format_: str
) -> None:
    texts = ("mail me@example.org", "call +358 40 123 4567", "10 minutes in the queue")
    shop.deliver(
        *(
            answer(12 + n, text, question="words", questionnaire=DIGEST)
            for n, text in enumerate(texts)
        )
    )
    group = ExperiencePoint.objects.get(name="Main street").group
    mia, ana = member("mia", Role.MANAGER, group=group), member()
    for client, hidden in ((mia, True), (ana, False)):
        taken = body(client, ask(client, format=format_))
        if format_ == "xlsx":
            with zipfile.ZipFile(io.BytesIO(taken)) as book:
                taken = b"".join(book.read(name) for name in book.namelist())
        assert hidden == (b"example.org" not in taken)
        assert hidden == (b"123 4567" not in taken)
        assert hidden == ("▇▇▇".encode() in taken)
        assert b"10 minutes in the queue" in taken


def test_nobody_sees_the_files_of_others() -> None:
    export = ask(member())
    other = member("bob")
    for path in ("", "/progress", "/file"):
        assert 404 == other.get(f"/export/{export.pk}{path}").status_code
    assert 404 == other.post(f"/export/{export.pk}/cancel").status_code


@pytest.mark.parametrize("data", ["days", "hours"])
def test_counts_are_taken_away_as_well(data: str) -> None:
    client = member()
    rows = read(body(client, ask(client, data=data)))
    moods = {row["value"]: row["count"] for row in rows if row["question"] == "mood"}
    assert {"1": "1", "2": "1"} == moods
    assert {"2025-10-26"} == {row["day"] for row in rows}
    if data == "hours":
        hours = {row["hour_local"] for row in rows}
        assert {"2025-10-26T03:00:00.000+03:00", "2025-10-26T03:00:00.000+02:00"} == hours


# --- views for reporting tools ----------------------------------------------------------------


def select(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_reporting_tools_find_views_with_stable_names() -> None:
    answers = select("SELECT * FROM hymio_answers ORDER BY seq")
    assert 11 == len(answers)
    assert [r["value"] for r in read(file())][:3] == [r["value"] for r in answers[:3]]
    assert "03:30:15" in str(answers[0]["time_local"])
    assert "00:30:15" in str(answers[0]["time_utc"])
    assert {"2025-10-26"} == {str(row["day_local"]) for row in answers}
    responses = select("SELECT * FROM hymio_responses WHERE NOT test AND misuse = ''")
    assert {(2, 5, "complete"), (1, 1, None)} == {
        (r["rating"], r["answers"], r["outcome"]) for r in responses
    }
    assert {"2025-10-26"} == {str(r["day_local"]) for r in responses}
    places = select("SELECT * FROM hymio_places")
    assert [("Main street", "Places", "Europe/Helsinki")] == [
        (p["place"], p["group_path"], p["time_zone"]) for p in places
    ]
    by_path = select(
        "SELECT p.group_path, count(*) AS n FROM hymio_responses AS r "
        "JOIN hymio_places AS p ON p.place_id = r.place_id GROUP BY p.group_path"
    )
    assert [{"group_path": "Places", "n": 4}] == by_path
    hours = select("SELECT sum(count) AS n FROM hymio_hourly WHERE question = 'mood'")
    assert 4 == hours[0]["n"]


def test_the_views_outlive_a_migration_that_rebuilds_their_tables(
    transactional_db: None,
) -> None:
    from django.core.management import call_command

    del transactional_db
    call_command("migrate", "export", "zero", verbosity=0)
    call_command("migrate", verbosity=0)
    assert 4 == len(select("SELECT * FROM hymio_responses"))
