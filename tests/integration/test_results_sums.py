"""Sums of areas change how quickly a page comes, and nothing of what stands on it."""

import re
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from office import BOOT, DIGEST, Device, answer, new_id
from results_data import DAY_MS, FIVE, SECOND, SHOPS, Chain, plant

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.cli import main
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.ingest import misuse
from headoffice.rollups import area_sums
from headoffice.rollups.models import Area, AreaDay, AreaHour, Daily, Horizon, Late
from headoffice.structure import relocation
from sync.messages import Moment, Sighting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ALL = 1
"""Every group is summed, however small."""


@pytest.fixture
def device() -> Device:
    # As migrations made it; tests with transactions of their own leave the tables empty.
    Horizon.objects.get_or_create(id=1)
    device = Device.enrolled("Chain / North / Exit")
    device.define()
    return device


def ago(days: float) -> int:
    return clock.now_ms() - int(days * DAY_MS)


def deliver(device: Device, form: str, question: str, *said: tuple[int, int, int]) -> None:
    """Answers given as number, face and Unix ms, told by a kiosk whose clock is known."""
    now = clock.now_ms()
    messages = [
        answer(
            seq, face, questionnaire=form, question=question, response=new_id(),
            at=Moment(ms, BOOT, ms),
        )
        for seq, face, ms in said
    ]  # fmt: skip
    sightings = (Sighting(BOOT, now, now, 5),)
    device.deliver(*messages, sightings=sightings, sent=Moment(0, new_id(), 0))


def told(device: Device, *days_ago: float, seq: int = 1) -> None:
    """Happy faces on some days."""
    deliver(device, DIGEST, "mood", *((seq + i, 2, ago(d)) for i, d in enumerate(days_ago)))


def counted() -> int:
    return sum(Daily.objects.filter(question="mood").values_list("count", flat=True))


def summed(**only: Any) -> int:
    return sum(AreaDay.objects.filter(question="mood", **only).values_list("count", flat=True))


def nothing_wrong() -> None:
    assert [] == list(area_sums.differences())


# --- every page -----------------------------------------------------------------------------


class Reader:
    """Somebody who reads every page whose figures may come from sums."""

    def __init__(self, chain: Chain) -> None:
        self.client = Client()
        self.client.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
        groups = {group.name: f"g{group.pk}" for group in Group.objects.all()}
        points = {name: f"p{pk}" for name, pk in chain.points.items()}
        mixed = f"place={points['Kamppi']}&place={groups['South']}&place={points['Roma']}"
        self.addresses = [
            "/results/?period=year",
            "/results/?period=12-weeks&test=1&misuse=1",
            "/results/?period=last-year&language=fi",
            f"/results/?period=28-days&{mixed}",
            f"/results/place?place={groups['Nordic']}&period=28-days",
            f"/results/place?place={groups['South']}&period=12-weeks&test=1&misuse=1",
            "/results/questions?period=year&questionnaire=visit",
            f"/results/questions?period=12-weeks&{mixed}",
            "/results/compare?period=28-days",
            f"/results/compare?period=year&{mixed}",
        ]

    def pages(self) -> dict[str, str]:
        found = {}
        for address in self.addresses:
            reply = self.client.get(address)
            assert 200 == reply.status_code, address
            text = reply.content.decode()
            # A form's token and, for paper, the minute are others each time.
            text = re.sub('csrfmiddlewaretoken" value="[^"]*"', "", text)
            found[address] = re.sub('(?s)<p class="printed.*?</p>', "", text)
        return found


def changed(chain: Chain) -> None:
    """Things are learnt of days that have been summed."""
    roma = Device.enrolled("South / Roma")
    roma.define(canonical(FIVE))
    faces = [(seq, seq % 5, ago(3 + 4 * seq)) for seq in range(1, 60)]
    deliver(roma, digest(canonical(FIVE)), "face", *faces)
    pasila = Device.enrolled("Nordic / Finland / Pasila")
    pasila.define(canonical(SECOND))
    faces = [(seq, seq % 3, ago(5 * seq)) for seq in range(1, 60)]
    deliver(pasila, digest(canonical(SECOND)), "mood", *faces)
    assert 0 < misuse.mark_misuse(pasila.row, ago(200), ago(40), "children")
    kamppi = ExperiencePoint.objects.get(pk=chain.points["Kamppi"])
    # What is taken out of an hour that was summed is less than nothing by itself.
    kiosk = kamppi.assignments.order_by("pk")[0].kiosk
    assert 0 < misuse.mark_misuse(kiosk, ago(20), ago(5), "children")
    assert 0 < relocation.move_kiosk(roma.row, kamppi, ago(90))


def test_every_page_is_the_same_with_sums_without_them_and_with_what_is_late() -> None:
    # The same shops, with fewer visitors.
    shops = tuple(replace(shop, responses=max(3, shop.responses // 4)) for shop in SHOPS)
    chain = plant(shops)
    reader = Reader(chain)
    from_counts = reader.pages()
    area_sums.sum_areas(ALL)
    assert AreaDay.objects.exists()
    assert AreaHour.objects.exists()
    assert from_counts == reader.pages()

    changed(chain)
    assert Late.objects.exists()
    with_late = reader.pages()
    assert from_counts != with_late
    nothing_wrong()
    area_sums.sum_areas(ALL)
    assert not Late.objects.exists()
    assert with_late == reader.pages()
    nothing_wrong()

    relocation.change_time_zone(ExperiencePoint.objects.get(name="Roma"), "Asia/Tokyo")
    again = reader.pages()
    area_sums.sum_areas(ALL)
    assert again == reader.pages()
    nothing_wrong()
    area_sums.discard_sums()
    assert again == reader.pages()


# --- what is summed, and when ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "now", "before"),
    [
        # The 10th is an hour and a half old: what came last of the 9th may be on its way.
        ("Europe/Helsinki", "2026-03-10T01:30Z", date(2026, 3, 9)),
        ("Europe/Helsinki", "2026-03-10T02:30Z", date(2026, 3, 10)),
        # There the 10th has gone on for hours, but counts of before UTC's day are still written.
        ("Asia/Tokyo", "2026-03-10T01:30Z", date(2026, 3, 9)),
        ("America/New_York", "2026-03-10T05:30Z", date(2026, 3, 9)),
        ("America/New_York", "2026-03-10T06:30Z", date(2026, 3, 10)),
    ],
)
@pytest.mark.usefixtures("device")
def test_a_day_is_summed_when_it_is_over_everywhere(
    monkeypatch: pytest.MonkeyPatch, zone: str, now: str, before: date
) -> None:
    ExperiencePoint.objects.update(time_zone=zone)
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(now))
    area_sums.sum_areas(ALL)
    assert before == Horizon.objects.get().before


def test_today_is_not_summed(device: Device) -> None:
    told(device, 0, 4, 40)
    area_sums.sum_areas(ALL)
    assert 2 == summed()
    assert not Late.objects.exists()


def test_a_small_chain_has_no_sums(device: Device) -> None:
    told(device, 4, 40)
    area_sums.sum_areas()
    assert not Area.objects.exists()
    assert not Horizon.objects.exclude(before=None).exists()
    told(device, 4, seq=3)
    assert not Late.objects.exists()


def test_what_is_late_is_summed_once(device: Device) -> None:
    told(device, 4, 40)
    area_sums.sum_areas(ALL)
    told(device, 0, 5, 41, seq=3)
    told(device, 0, 5, 41, seq=3)
    assert 2 == sum(Late.objects.values_list("count", flat=True))
    assert 2 == summed()
    area_sums.sum_areas(ALL)
    area_sums.sum_areas(ALL)
    assert 4 == summed()
    assert 5 == counted()
    nothing_wrong()


def test_the_horizon_follows_the_days(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    # Today alone: at which hour yesterday is summed depends on when the test runs.
    told(device, 0, 0)
    area_sums.sum_areas(ALL)
    assert 0 == summed()
    later = clock.now() + timedelta(days=9)
    monkeypatch.setattr(clock, "now", lambda: later)
    area_sums.sum_areas(ALL)
    assert 2 == summed()
    nothing_wrong()


def test_a_place_that_moves_belongs_to_other_sums(device: Device) -> None:
    told(device, 4, 40)
    south = Group.objects.create(name="South")
    area_sums.sum_areas(ALL)
    (before,) = Area.objects.all()
    other = Device.enrolled("South / Door")
    other.define()
    told(other, 6)
    ExperiencePoint.objects.filter(name="Exit").update(group=south)
    area_sums.sum_areas(ALL)
    now = Area.objects.get(unused_since=None)
    assert 2 == len(now.points)
    assert 3 == summed(area=now.pk)
    nothing_wrong()
    # Kept for a while: a page that has begun may still read it.
    assert 2 == summed(area=before.pk)
    Area.objects.filter(pk=before.pk).update(unused_since=clock.now() - timedelta(hours=2))
    area_sums.sum_areas(ALL)
    assert 0 == summed(area=before.pk)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE results_areaday SET count = count + 1",
        "UPDATE results_areaday SET took_ms = 7",
        "DELETE FROM results_areaday",
        "UPDATE results_areahour SET hour_ms = hour_ms + 3600000",
        "DELETE FROM results_late",
    ],
)
def test_a_wrong_sum_is_named_and_made_again(
    device: Device, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told(device, 4, 40)
    area_sums.sum_areas(ALL)
    told(device, 5, seq=3)
    assert 0 == main(["rebuild-rollups", "--check"])
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert 1 == main(["rebuild-rollups", "--check"])
    assert "of 1 places" in capsys.readouterr().out
    assert 0 == main(["rebuild-rollups"])
    area_sums.sum_areas(ALL)
    assert 3 == summed(area=Area.objects.get(unused_since=None).pk)
    assert 0 == main(["rebuild-rollups", "--check"])


def test_the_horizon_waits_for_those_who_are_writing(device: Device) -> None:
    """On PostgreSQL; SQLite has one writer."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    told(device, 4)
    row = device.row
    entered, go_on = threading.Event(), threading.Event()

    def correct() -> None:
        with transaction.atomic():
            assert 1 == misuse.mark_misuse(row, ago(5), ago(3), "children")
            entered.set()
            assert go_on.wait(20)
        connection.close()

    def sum_up() -> None:
        assert entered.wait(20)
        area_sums.sum_areas(ALL)
        connection.close()

    threads = [threading.Thread(target=work) for work in (correct, sum_up)]
    for thread in threads:
        thread.start()
    assert entered.wait(20)
    # The one who sums stands in line: otherwise it would have read the old misuse.
    threads[1].join(1)
    assert threads[1].is_alive()
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert 0 == summed(misuse="")
    assert 1 == summed(misuse="children")
    nothing_wrong()
