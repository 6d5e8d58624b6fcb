"""Taking all answers away: what is written, and what is left when the stick fails."""

import csv
import hashlib
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes import QUESTIONNAIRE, FakeClock, answer
from msgspec import structs

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.values import ChoiceValue, ContactDetails
from kiosk.cli import main
from kiosk.commands.status import read_status
from kiosk.maintenance.export import COLUMNS, ExportError, ExportLabel, export
from kiosk.maintenance.results import ExportProgress
from kiosk.maintenance.usb import find_media
from kiosk.options import FAILED, OK
from sync.messages import EndBody, Refusal, Sighting, SkipBody
from sync.outbox.archive import Archive
from sync.outbox.sqlite import SqliteOutbox

LABEL = ExportLabel("Hakaniemi, till 2", FakeClock().moment())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteOutbox]:
    with SqliteOutbox.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


@pytest.fixture
def small_stick(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of two megabytes."""
    place = tmp_path / "media" / "SMALL"
    place.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    done = subprocess.run(mount, check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("may not mount anything here")
    yield place
    with suppress(subprocess.CalledProcessError):
        subprocess.run(["umount", "--lazy", str(place)], check=True, capture_output=True)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]


def test_everything_stored_is_there_in_both_files(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    said = [answer(2), answer(0), answer(text="The queue, again; “slow”")]
    ended = EndBody(
        response=said[2].response, questionnaire=QUESTIONNAIRE, language="en", outcome="partial"
    )
    skipped = SkipBody(
        response=said[2].response, questionnaire=QUESTIONNAIRE, language="fi", question="nps",
        took_ms=1500,
    )  # fmt: skip
    test = structs.replace(answer(1), test=True, misuse=("burst", "held"), unsent=True)
    outbox.append([*said, ended, skipped, test], clock.moment())
    outbox.settle(outbox.position().installation, 2, (), clock.wall_ms)
    done = export(tmp_path / "data", stick, LABEL)
    assert 6 == done.messages
    assert "hymio-Hakaniemi-till-2-2025-06-15-150640" == done.folder.name
    rows = table(done.folder)
    assert list(COLUMNS) == list(rows[0])
    assert ["2", "0", "The queue, again; “slow”", "", "", "1"] == [row["value"] for row in rows]
    assert ["delivered"] * 2 + ["waiting"] * 4 == [row["state"] for row in rows]
    assert ("end", "partial") == (rows[3]["type"], rows[3]["outcome"])
    assert ("skip", "1.500", "fi") == (rows[4]["type"], rows[4]["took_s"], rows[4]["language"])
    assert ("yes", "burst held unsent") == (rows[5]["test"], rows[5]["misuse"])
    assert [1, 2, 3, 4, 5, 6] == [line["seq"] for line in lines(done.folder)]
    assert said[2].value == lines(done.folder)[2]["body"]["value"]  # type: ignore[index]


def test_checksums_are_those_that_sha256sum_checks(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer() for _ in range(1000)], clock.moment())
    folder = export(tmp_path / "data", stick, LABEL).folder
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(check, cwd=folder, capture_output=True, text=True, check=False)
    said = "answers.csv: OK\nanswers.jsonl: OK\nhymio.json: OK\n"
    assert (said, 0) == (done.stdout, done.returncode)
    with (folder / "answers.csv").open("ab") as file:
        file.write(b"one more")
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums["answers.csv"] != hashlib.sha256((folder / "answers.csv").read_bytes()).hexdigest()


def test_answers_are_said_in_the_words_of_their_questionnaire(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    asked = load_questionnaire("demonstration")
    definition = canonical(asked)
    outbox.remember_questionnaire(digest(definition), definition)
    choice = next(q for q in asked.questions if type(q).__name__ == "MultipleChoice")
    rating = structs.replace(answer(0), questionnaire=digest(definition), question=asked.rating.id)
    ids = tuple(option.id for option in choice.options[:2])
    chosen = structs.replace(rating, question=choice.id, value=ChoiceValue(ids, other="Nothing"))
    contact = structs.replace(rating, question="contact", value=ContactDetails(consent=True, email="a@b.fi"))  # fmt: skip  # noqa: E501
    outbox.append([rating, chosen, contact], clock.moment())
    rows = table(export(tmp_path / "data", stick, LABEL).folder)
    assert ["demonstration"] * 3 == [row["questionnaire"] for row in rows]
    assert asked.rating.text["en"] == rows[0]["question_text"]
    words = [option.text["en"] for option in choice.options[:2]]
    assert "; ".join([*words, "Nothing"]) == rows[1]["value_text"]
    assert " ".join([*ids, "other"]) == rows[1]["value"]
    assert "consent; a@b.fi" == rows[2]["value"]


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\tx"])
def test_shoppers_text_never_runs_as_a_formula(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock, text: str
) -> None:
    outbox.append([answer(text=text)], clock.moment())
    folder = export(tmp_path / "data", stick, LABEL).folder
    assert "'" + text == table(folder)[0]["value"]
    assert text == lines(folder)[0]["body"]["value"]  # type: ignore[index]


def test_time_is_the_head_offices_where_it_is_known(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    moment = clock.moment()
    outbox.append([answer()], moment)
    other = structs.replace(moment, boot=FakeClock().boot)
    outbox.append([answer()], other)
    outbox.record_sighting(Sighting(moment.boot, moment.mono_ms + 1000, 1_800_000_001_000, 5))
    rows = table(export(tmp_path / "data", stick, LABEL).folder)
    assert ("2027-01-15T08:00:00.000Z", "true") == (rows[0]["time"], rows[0]["time_is"])
    assert "kiosk_clock" == rows[1]["time_is"]


def test_a_time_that_can_not_be_known_stands_between_its_bounds(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """A kiosk without a clock of its own: every boot begins in 1970."""
    seen = 1_800_000_000_000
    for number in range(3):
        clock.boot, clock.wall_ms, clock.mono = FakeClock().boot, 1000, 1000
        outbox.append([answer()], clock.moment())
        if number != 1:
            later = number * 3_600_000
            outbox.record_sighting(Sighting(clock.boot, clock.mono, seen + later, 0))
    folder = export(tmp_path / "data", stick, LABEL).folder
    rows, plain = table(folder), lines(folder)
    assert ("2027-01-15T08:00:00.000Z", "kiosk_clock") == (rows[1]["time"], rows[1]["time_is"])
    assert ["2027-01-15T08:00:00.000Z", "2027-01-15T10:00:00.000Z"] == plain[1]["between"]
    assert [None, rows[2]["time"]] == [plain[1]["true_time"], plain[2]["true_time"]]
    assert seen == read_status(None, tmp_path / "data").oldest_waiting_ms


def test_refused_answer_is_there_once_with_its_reason_and_once_when_sent_again(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer(1), answer(2)], clock.moment())
    here = outbox.position().installation
    outbox.settle(here, 2, [Refusal(1, "invalid", "$.value")], clock.wall_ms)
    rows = table(export(tmp_path / "data", stick, LABEL).folder)
    assert [("1", "refused", "invalid: $.value"), ("2", "delivered", "")] == [
        (row["seq"], row["state"], row["reason"]) for row in rows
    ]
    assert outbox.send_again(outbox.quarantine()[0].id) is not None
    with Archive(tmp_path / "data") as archive:
        found = [(record.seq, record.fate) for record in archive.records()]
        assert [(2, "delivered"), (3, "waiting")] == found
        assert 2 == archive.count()


def test_all_installations_are_there_and_retention_leaves_quarantine(
    outbox: SqliteOutbox, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer(), answer(), answer()], clock.moment())
    here = outbox.position().installation
    outbox.settle(here, 2, [Refusal(2, "invalid", "?")], clock.wall_ms)
    outbox.renew()
    outbox.append([answer()], clock.moment())
    with Archive(tmp_path / "data") as archive:
        found = [(r.installation == here, r.seq, r.fate) for r in archive.records()]
    assert [(True, 1, "delivered"), (True, 2, "refused"), (False, 1, "waiting"), (False, 2, "waiting")] == found  # fmt: skip  # noqa: E501


def test_progress_is_told_and_a_stop_leaves_nothing(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer() for _ in range(1000)], clock.moment())
    told: list[ExportProgress] = []
    with pytest.raises(ExportError, match="stopped"):
        export(tmp_path / "data", stick, LABEL, told.append, stop=lambda: len(told) >= 2)
    assert [ExportProgress(200, 1000), ExportProgress(400, 1000)] == told
    assert [] == list(stick.iterdir())


def test_stick_that_is_pulled_out_in_the_middle_is_an_error_and_no_export(
    outbox: SqliteOutbox, small_stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer() for _ in range(1000)], clock.moment())

    def pull_out(progress: ExportProgress) -> None:
        if progress.messages == 400:
            subprocess.run(["umount", "--lazy", str(small_stick)], check=True)

    with pytest.raises(ExportError) as caught:
        export(tmp_path / "data", small_stick, LABEL, pull_out)
    assert "gone" == caught.value.fault
    # Nor was anything written to the kiosk's own disk below.
    assert [] == list(small_stick.iterdir())
    assert 1000 == outbox.counts().waiting


def test_full_stick_is_told_before_or_while_it_is_written(
    outbox: SqliteOutbox, small_stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer(text="x" * 3900) for _ in range(600)], clock.moment())
    with pytest.raises(ExportError) as caught:
        export(tmp_path / "data", small_stick, LABEL)
    assert "full" == caught.value.fault
    assert [] == list(small_stick.iterdir())
    outbox.append([answer() for _ in range(4000)], clock.moment())
    with pytest.raises(ExportError, match="full"):
        export(tmp_path / "data", small_stick, LABEL)


def test_read_only_stick_is_told(
    outbox: SqliteOutbox, small_stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer()], clock.moment())
    subprocess.run(["mount", "-o", "remount,ro", str(small_stick)], check=True)
    with pytest.raises(ExportError) as caught:
        export(tmp_path / "data", small_stick, LABEL)
    assert "read_only" == caught.value.fault
    (medium,) = find_media((small_stick.parent,)).sticks
    assert not medium.writable


def test_only_what_is_mounted_is_a_stick(small_stick: Path) -> None:
    (small_stick.parent / "just-a-folder").mkdir()
    (medium,) = find_media((small_stick.parent,)).sticks
    assert (small_stick, "SMALL", True) == (medium.path, medium.name, medium.writable)
    assert [medium] == list(find_media((small_stick.parent.parent,)).sticks)
    assert () == find_media((small_stick.parent / "nowhere",)).sticks


def test_second_export_has_a_name_of_its_own(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, clock: FakeClock
) -> None:
    outbox.append([answer()], clock.moment())
    names = [export(tmp_path / "data", stick, LABEL).folder.name for _ in range(2)]
    assert names[0] + "-2" == names[1]


def test_export_without_a_screen_while_a_kiosk_is_running(
    outbox: SqliteOutbox, stick: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, settings = FakeClock(), tmp_path / "kiosk.toml"
    settings.write_text("")
    outbox.append([answer(), answer()], clock.moment())
    words = ["export", str(stick), "--config", str(settings), "--data", str(tmp_path / "data")]
    assert OK == main(words)
    assert "2 messages in" in capsys.readouterr().out
    assert FAILED == main([words[0], str(stick / "none"), *words[2:]])
    assert "is no folder" in capsys.readouterr().err
    assert FAILED == main([*words[:-1], str(tmp_path / "empty")])
    assert next(stick.iterdir()).name.startswith("hymio-kiosk-")
