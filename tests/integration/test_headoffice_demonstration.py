"""A made-up chain: believable, marked as made up, counted rightly, and gone without a trace."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from django.db import connection
from office import Device, answer

from config.kinds import value_mistake
from headoffice.cli import main
from headoffice.db.write_lock import exclusive_write
from headoffice.demonstration import seeding, story
from headoffice.demonstration.seeding import Size
from headoffice.errors import HeadOfficeError
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import ExperiencePoint, Group, Kiosk
from headoffice.messages.models import StoredMessage
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import parse_definition
from headoffice.rollups import verify
from headoffice.rollups.models import Daily, Hourly
from sync.messages import AnswerBody

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TINY = Size(shops=3, kiosks_per_shop=2, days=50, responses=4.0)


def share_of_unhappy(place: str, *, evenings: bool) -> float:
    point = ExperiencePoint.objects.filter(group__name=place)
    tally = [0, 0]
    for row in Hourly.objects.filter(question="rating", point__in=point.values("pk"), misuse=""):
        evening = (row.hour_ms // 3_600_000 + 2) % 24 >= 17
        if evening == evenings:
            tally[0] += row.count
            tally[1] += row.count * (row.value == "0")
    return tally[1] / tally[0]


def test_it_tells_its_stories_and_its_counts_are_right() -> None:
    made = seeding.seed(TINY)
    assert (3, 6) == (made.shops, made.kiosks)
    assert made.messages == StoredMessage.objects.count() > 1500
    assert [] == [d for kiosk in verify.kiosks_with_counts() for d in verify.check_kiosk(kiosk)]
    bad, good = (share_of_unhappy("Helsinki, Market square", evenings=e) for e in (True, False))
    assert bad > good + 0.1


def test_every_answer_fits_its_question() -> None:
    seeding.seed(TINY)
    questionnaire = parse_definition(str(Version.objects.get().definition))
    said = StoredMessage.objects.filter(kind=1).values_list("question", "value").distinct()
    assert {"rating", "reasons", "recommend", "words"} == {question for question, _value in said}
    for question, value in said:
        whole = {
            "type": "answer", "response": "0" * 8 + "-0000-7000-8000-" + "0" * 12,
            "questionnaire": "0" * 64, "language": "en", "question": question, "took_ms": 1,
            "value": json.loads(value),
        }  # fmt: skip
        answered = msgspec.json.decode(json.dumps(whole), type=AnswerBody)
        assert value_mistake(questionnaire.question(question), answered.value) is None


def test_everything_is_marked_as_made_up_and_no_made_up_kiosk_can_speak() -> None:
    seeding.seed(TINY)
    assert {("demonstration",)} == {tuple(p.tags) for p in ExperiencePoint.objects.all()}
    assert [story.TOP] == [group.name for group in Group.objects.filter(parent=None)]
    for row in all_kiosks():
        assert (True, "demonstration", False) == (
            row.kiosk.demonstration, row.kiosk.version, row.overdue,
        )  # fmt: skip
        assert not row.kiosk.credentials.exists()


def test_it_comes_once_and_goes_without_a_trace_of_it_or_a_scratch_on_others() -> None:
    device = Device.enrolled("Real / Till")
    device.deliver(answer(1))
    seeding.seed(TINY)
    with pytest.raises(HeadOfficeError, match="there already"):
        seeding.seed(TINY)
    assert 6 == seeding.remove()
    assert [device.row.pk] == list(Kiosk.objects.values_list("pk", flat=True))
    assert (1, 1, 1) == (
        StoredMessage.objects.count(), Daily.objects.count(), ExperiencePoint.objects.count()
    )  # fmt: skip
    assert ["Real"] == [group.name for group in Group.objects.all()]


@contextmanager
def impatient() -> Iterator[None]:
    """SQLite itself waits for nobody; only the line of those who write does."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("PRAGMA busy_timeout = 20000")


class OtherWriter(threading.Thread):
    """Somebody who is writing when this is started, and for a while after it."""

    def __init__(self) -> None:
        super().__init__()
        self._writes, self._never = threading.Event(), threading.Event()

    def run(self) -> None:
        with exclusive_write():
            Kiosk.objects.update(waiting=0)
            self._writes.set()
            self._never.wait(0.5)
        connection.close()

    def start(self) -> None:
        super().start()
        assert self._writes.wait(20)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others write at the same time")
@pytest.mark.django_db(transaction=True)
def test_it_stands_in_line_with_others_who_write() -> None:
    other = OtherWriter()

    def begin_after_the_last_shop(text: str) -> None:
        if text == "Made up 1 of 1 shops":
            other.start()

    with impatient():
        seeding.seed(TINY._replace(shops=1, days=2), begin_after_the_last_shop)
        other.join()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_stat1")
            assert cursor.fetchone()[0]
        seeding.remove()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="the whole chain once: on PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_the_whole_chain_is_there_from_one_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every shop, kiosk and day; with a tenth of the shoppers, as more of them prove nothing more.
    monkeypatch.setattr(seeding, "WHOLE", seeding.WHOLE._replace(responses=0.5))
    assert 0 == main(["seed-demo"])
    assert "40 shops with 120 kiosks" in capsys.readouterr().out
    assert 3 == Group.objects.filter(parent__name=story.TOP).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(happened_ms) - min(happened_ms) FROM ingest_storedmessage")
        assert cursor.fetchone()[0] > 360 * 24 * 3_600_000
    assert 0 == main(["rebuild-rollups", "--check"])
    seeding.remove()
