"""A stick of a kiosk without a network: everything on it counts once, whatever comes later."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import Sum
from fakes import FakeClock
from office import DEFINITION, DIGEST, Device, answer, new_id

from headoffice import clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet import enrolment
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import HeadOffice, Kiosk
from headoffice.ingest.stick import StickImport, check_export, exports_on, take_in
from headoffice.messages.models import StoredMessage
from headoffice.rollups.models import Daily
from kiosk.maintenance.export import export, export_label
from sync.identity import Identity
from sync.messages import EnrolmentRequest, Message, Moment, Refusal
from sync.outbox.sqlite import SqliteOutbox

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

DAY_MS = 86_400_000


class OfflineKiosk:
    """A kiosk of which nobody has heard, and its stick."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stick = folder / "kiosk", folder / "stick"
        self.stick.mkdir()
        self.outbox = SqliteOutbox.open(self.folder)
        self.outbox.remember_questionnaire(DIGEST, DEFINITION)
        self.clock = FakeClock(wall_ms=clock.now_ms() - 10 * DAY_MS)

    def say(self, *values: int) -> None:
        for value in values:
            self.clock.advance(60_000)
            self.outbox.append([answer(1, value).body], self.clock.moment())

    def export(self, identity: Identity | None = None, language: str = "fi") -> Path:
        self.clock.advance(1000)
        label = export_label(identity, self.clock.moment(), language)
        return export(self.folder, self.stick, label).folder

    def messages(self) -> tuple[Message, ...]:
        return self.outbox.next_batch(1000, 10**9)

    @property
    def installation(self) -> str:
        return self.outbox.position().installation

    def enrol(self, place: str) -> Device:
        code = enrolment.create_code(place)
        reply = enrolment.enrol_kiosk(EnrolmentRequest(code, self.installation, "0.1"), "test")
        return Device(reply.credential, reply.kiosk, self.installation)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[OfflineKiosk]:
    kiosk = OfflineKiosk(tmp_path)
    yield kiosk
    kiosk.outbox.close()


def taken(folder: Path, place: str | None = None) -> StickImport:
    point = enrolment.find_or_make_place(place) if place else None
    return take_in(folder, check_export(folder), point)


def counted() -> int:
    return Daily.objects.filter(question="mood").aggregate(n=Sum("count"))["n"] or 0


def test_what_a_kiosk_without_a_network_heard_is_counted_where_it_stood(
    kiosk: OfflineKiosk,
) -> None:
    kiosk.say(2, 2, 0)
    found = taken(kiosk.export(), "Helsinki, exit")
    assert (3, 0, 0, 0) == found[1:]
    assert 3 == counted()
    (row,) = all_kiosks()
    assert ("Helsinki, exit", False) == (row.place, row.overdue)
    # By its own word, days ago: the stick was not sent at this moment.
    ages = [clock.now_ms() - m.happened_ms for m in StoredMessage.objects.all()]
    assert all(9.9 * DAY_MS < age < 10.1 * DAY_MS for age in ages)
    assert {False} == {m.certain for m in StoredMessage.objects.all()}


def test_the_same_stick_again_and_a_later_one_count_what_is_new_alone(kiosk: OfflineKiosk) -> None:
    kiosk.say(2, 2, 0)
    first = kiosk.export()
    taken(first, "Till")
    assert (0, 3) == taken(first)[1:3]
    kiosk.say(1)
    assert (1, 3) == taken(kiosk.export())[1:3]
    assert 4 == counted()
    assert 1 == Kiosk.objects.count()


def test_the_network_that_comes_later_delivers_it_again_and_nothing_counts_twice(
    kiosk: OfflineKiosk,
) -> None:
    kiosk.say(2, 0)
    taken(kiosk.export(), "Till")
    kiosk.say(1)
    device = kiosk.enrol("Till")
    receipt = device.deliver(*kiosk.messages(), sent=kiosk.clock.moment())
    assert 3 == receipt.stored_up_to
    assert 3 == counted()
    (row,) = all_kiosks()
    assert not row.kiosk.offline
    # The clock of that boot is known now: what rested on its word is timed anew.
    assert {True} == {m.certain for m in StoredMessage.objects.all()}


def test_a_stick_that_comes_after_the_network_adds_nothing(kiosk: OfflineKiosk) -> None:
    kiosk.say(2, 0)
    late = kiosk.export()
    device = kiosk.enrol("Till")
    device.define()
    device.deliver(*kiosk.messages(), sent=kiosk.clock.moment())
    assert (0, 2) == taken(late)[1:3]
    assert 2 == counted()


def test_an_enrolled_kiosk_whose_network_is_dead_is_known_by_its_id(kiosk: OfflineKiosk) -> None:
    device = kiosk.enrol("Till")
    kiosk.say(2)
    here, url = HeadOffice.identity(), "https://feedback.example.com"
    identity = Identity(kiosk=device.kiosk, credential="", place="Till", head_office=here, url=url)
    found = taken(kiosk.export(identity))
    assert (1, device.row) == (found.additions, found.kiosk)
    elsewhere = Identity(
        kiosk=device.kiosk, credential="", place="Till", head_office=new_id(), url=url
    )
    with pytest.raises(HeadOfficeError, match="another head office"):
        taken(kiosk.export(elsewhere))
    stranger = Identity(kiosk=new_id(), credential="", place="Till", head_office=here, url=url)
    with pytest.raises(HeadOfficeError, match="there is no kiosk"):
        taken(kiosk.export(stranger))


def test_a_kiosk_that_nobody_knows_needs_a_place(kiosk: OfflineKiosk) -> None:
    kiosk.say(2)
    with pytest.raises(HeadOfficeError, match="--place"):
        taken(kiosk.export())
    assert 0 == Kiosk.objects.count()


def test_what_was_refused_or_can_not_be_read_is_left(kiosk: OfflineKiosk) -> None:
    kiosk.say(2, 2, 2)
    kiosk.outbox.settle(kiosk.installation, 1, [Refusal(1, "invalid", "no")], 1)
    with kiosk.outbox._writing() as db:
        db.execute("UPDATE message SET body = ? WHERE seq = 2", (b"{",))
    assert (1, 0, 0, 2) == taken(kiosk.export(), "Till")[1:]


def test_a_clock_of_1970_is_not_believed(kiosk: OfflineKiosk) -> None:
    kiosk.clock = FakeClock(wall_ms=5_000)
    kiosk.say(2)
    assert 1 == taken(kiosk.export(), "Till").additions
    assert 1 == StoredMessage.objects.filter(certain=False).count()


@pytest.mark.parametrize("name", ["answers.jsonl", "hymio.json"])
def test_a_file_that_was_changed_is_refused(kiosk: OfflineKiosk, name: str) -> None:
    kiosk.say(2)
    folder = kiosk.export()
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(HeadOfficeError, match="not as the kiosk wrote it"):
        check_export(folder)


def test_a_stick_without_an_export_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(HeadOfficeError, match="no export of a kiosk"):
        exports_on(tmp_path)


@pytest.mark.parametrize(
    ("language", "separator", "took"),
    [("en", ",", "0.900"), *((tag, ";", "0,900") for tag in ("de", "fi", "hu", "it", "pl", "sv"))],
)
def test_the_table_is_written_as_the_languages_spreadsheets_read_it(
    kiosk: OfflineKiosk, language: str, separator: str, took: str
) -> None:
    kiosk.say(2)
    text = (kiosk.export(language=language) / "answers.csv").read_text("utf-8")
    assert text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}installation" + separator)
    (row,) = csv.DictReader(text[1:].splitlines(), delimiter=separator)
    assert (took, "2") == (row["took_s"], row["value"])


@pytest.mark.parametrize("language", ["en", "fi"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    "text", ["Nice;=1+1;x", "tab\t=2+3\tx", "two\nlines;@SUM(1;2)", "a,=1+1", "=1", "x\n=1", "-2"]
)
def test_no_cell_begins_a_formula_whatever_separates_cells(
    kiosk: OfflineKiosk, text: str, delimiter: str, language: str
) -> None:
    kiosk.outbox.append([answer(1, text, question="words").body], kiosk.clock.moment())
    table = (kiosk.export(language=language) / "answers.csv").read_text("utf-8-sig")
    rows = csv.reader(table.replace("\r\n", "\n").splitlines(), delimiter=delimiter)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]


def test_checksums_cover_every_file(kiosk: OfflineKiosk) -> None:
    kiosk.say(2)
    folder = kiosk.export()
    sums = (folder / "SHA256SUMS").read_text()
    for file in folder.iterdir():
        if file.name != "SHA256SUMS":
            assert f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" in sums


def test_moments_of_a_boot_are_kept(kiosk: OfflineKiosk) -> None:
    moment = Moment(clock.now_ms() - DAY_MS, new_id(), 77)
    kiosk.outbox.append([answer(1, 2).body], moment)
    taken(kiosk.export(), "Till")
    stored = StoredMessage.objects.get()
    assert (moment.wall_ms, moment.mono_ms) == (stored.wall_ms, stored.mono_ms)
