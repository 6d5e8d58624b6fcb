"""Kiosks: what needs somebody comes first, in words, in the light of the place's opening hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from office import Device, answer

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.fleet.kiosks import all_kiosks
from headoffice.fleet.models import ExperiencePoint, Group, Kiosk
from headoffice.health.condition import Kind, read_conditions
from headoffice.health.pages import PER_PAGE
from headoffice.results.today import read_today
from sync.messages import OutboxReport, Trouble

pytestmark = [pytest.mark.database, pytest.mark.django_db]
BERLIN = ZoneInfo("Europe/Berlin")
DAY_AND_NIGHT = {day: [["09:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}


class Week:
    """A week that begins on the next Monday, in Berlin, where a kiosk stands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        today = clock.now().astimezone(BERLIN).date()
        self.monday = today + dt.timedelta(days=7 - today.weekday())
        self._patch = monkeypatch

    def at(self, day: int, time: str) -> dt.datetime:
        return dt.datetime.combine(
            self.monday + dt.timedelta(days=day), dt.time.fromisoformat(time), BERLIN
        )

    def now(self, day: int, time: str) -> None:
        ms = int(self.at(day, time).timestamp() * 1000)
        self._patch.setattr(clock, "now_ms", lambda: ms)


@pytest.fixture
def week(monkeypatch: pytest.MonkeyPatch) -> Week:
    return Week(monkeypatch)


def client(role: Role = Role.ADMINISTRATOR, group: Group | None = None) -> Client:
    made = Client()
    made.force_login(create_user(f"some-{role}", "puolukka-77x", role=role, group=group))
    return made


def set_hours(hours: dict[str, list[list[str]]]) -> None:
    ExperiencePoint.objects.update(opening_hours=hours, time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("heard", "now", "overdue_and_closed"),
    [
        ((0, "19:58"), (0, "20:30"), (False, True)),  # switched off as the doors closed
        ((0, "19:10"), (0, "23:00"), (False, True)),  # or a little before
        ((0, "18:30"), (0, "23:00"), (True, True)),  # silent for long before they closed
        ((0, "20:10"), (1, "08:59"), (False, True)),  # all night
        ((0, "20:10"), (1, "09:04"), (False, False)),  # not started yet
        ((0, "20:10"), (1, "09:06"), (True, False)),  # not started at all
        ((0, "12:00"), (0, "12:04"), (False, False)),
        ((0, "12:00"), (0, "12:06"), (True, False)),
        ((5, "19:59"), (6, "15:00"), (False, True)),  # on Sunday
        ((0, "12:00"), (6, "15:00"), (True, True)),  # silent since Monday
        ((-30, "12:00"), (6, "15:00"), (True, True)),
    ],
)
def test_a_kiosk_is_missed_for_the_time_in_which_its_place_was_open(
    heard: tuple[int, str],
    now: tuple[int, str],
    overdue_and_closed: tuple[bool, bool],
    week: Week,
    device: Device,
) -> None:
    set_hours(DAY_AND_NIGHT)
    Kiosk.objects.update(heartbeat_at=week.at(*heard), state="open")
    week.now(*now)
    (row,) = all_kiosks()
    assert overdue_and_closed == (row.overdue, row.is_closed)
    assert [overdue_and_closed[0]] == [day.needs_attention for day in read_today().kiosks]
    del device


def test_where_no_hours_are_known_the_kiosks_own_word_counts(week: Week, device: Device) -> None:
    del device
    Kiosk.objects.update(heartbeat_at=week.at(0, "20:00"), state="open")
    week.now(0, "20:06")
    assert [(True, False)] == [(row.overdue, row.is_closed) for row in all_kiosks()]
    Kiosk.objects.update(state="closed")
    for day, time in ((0, "20:06"), (1, "09:00"), (3, "19:59")):
        week.now(day, time)
        assert [(False, True)] == [(row.overdue, row.is_closed) for row in all_kiosks()]
    week.now(3, "20:01")
    assert [(True, False)] == [(row.overdue, row.is_closed) for row in all_kiosks()]


def ill(device: Device) -> None:
    """A heartbeat that says everything that can be wrong."""
    device.beat(
        version="0.1.0",
        outbox=OutboxReport(5231, 3, 6000, 3 * 24 * 3600 * 1000),
        free_disk_bytes=40_000_000,
        clock_offset_ms=-3 * 24 * 3600 * 1000,
        state="out_of_order",
        troubles=(Trouble("touch", "ILITEK"), Trouble("outbox_damaged", "x", 12)),
    )


def test_everything_that_a_heartbeat_says_is_told_in_words_the_worst_first(device: Device) -> None:
    device.deliver(answer(5), oldest=5)
    ill(device)
    other = Device.enrolled("Elsewhere")
    other.beat(version="0.3.0")
    worst, well = read_conditions()
    assert (device.row.pk, other.row.pk) == (worst.at.kiosk.pk, well.at.kiosk.pk)
    kinds = [each.kind for each in worst.concerns]
    assert [
        Kind.OUT_OF_ORDER, Kind.TOUCH, Kind.OUTBOX, Kind.LOST, Kind.QUARANTINE, Kind.DISK,
        Kind.BACKLOG, Kind.CLOCK, Kind.VERSION,
    ] == kinds  # fmt: skip
    page = client().get("/kiosks/").content.decode()
    assert "Out of order: it takes no answers." in page
    assert "and 6 more" in page
    assert "Elsewhere" not in page, "what is well is no reason to look"
    whole = client(Role.ANALYST).get(f"/kiosks/{device.row.pk}").content.decode()
    for words in (
        "Its touch panel is missing: ILITEK",
        "Stored answers were damaged. Lost, at least: 12.",
        "4 messages were lost",
        "3 messages are in quarantine",
        "5,231 messages wait to be delivered. Age of the oldest: 3\xa0days.",
        "Little disk space left: 38.1\xa0MB.",
        "Its clock is wrong. Difference: 3\xa0days.",
        "Version 0.1.0 is older than 0.3.0, which other kiosks have.",
    ):
        assert words in whole


def test_a_backlog_of_a_kiosk_that_is_switched_off_does_not_grow_older(
    week: Week, device: Device
) -> None:
    set_hours(DAY_AND_NIGHT)
    device.beat(outbox=OutboxReport(4, 0, 6, 60_000))
    Kiosk.objects.update(heartbeat_at=week.at(0, "19:59"))
    week.now(0, "23:00")
    assert [()] == [each.concerns for each in read_conditions()]
    week.now(1, "12:00")
    (found,) = read_conditions()
    assert [Kind.OVERDUE, Kind.BACKLOG] == [each.kind for each in found.concerns]


def test_views_and_the_search_narrow_the_list(week: Week, device: Device) -> None:
    del device
    for place in ("Closed shop", "Silent shop", "Good shop"):
        Device.enrolled(place).beat()
    Kiosk.objects.update(heartbeat_at=week.at(0, "12:00"))
    silent = Kiosk.objects.filter(assignments__point__name="Silent shop")
    silent.update(heartbeat_at=week.at(0, "10:00"))
    ExperiencePoint.objects.filter(name="Closed shop").update(
        opening_hours={"tue": [["09:00", "10:00"]]}
    )
    week.now(0, "12:01")
    boss = client()

    def places(**query: str) -> list[str]:
        return [row.condition.at.place for row in boss.get("/kiosks/", query).context["shown"]]

    assert ["Silent shop"] == places()
    assert ["Silent shop"] == places(view="offline")
    assert ["Closed shop"] == places(view="closed")
    everything = ["Silent shop", "Closed shop", "Good shop", "Main street"]
    assert everything == places(view="all")
    assert everything[:3] == places(q="shop"), "who searches looks everywhere"
    assert [] == places(q="good", view="offline")
    numbers = [choice.number for choice in boss.get("/kiosks/").context["choices"]]
    assert [1, 4, 1, 1] == numbers


def test_a_thousand_kiosks_are_paged(device: Device) -> None:
    kiosks = Kiosk.objects.bulk_create(Kiosk() for _ in range(999))
    point = device.row.assignments.get().point
    stay = type(device.row.assignments.get())
    stay.objects.bulk_create(stay(kiosk=kiosk, point=point, since_ms=0) for kiosk in kiosks)
    boss = client()
    page = boss.get("/kiosks/", {"view": "all"})
    assert PER_PAGE == len(page.context["shown"])
    assert 1000 // PER_PAGE == page.context["rows"].paginator.num_pages
    assert "?view=all&amp;page=2" in page.content.decode()


def test_a_manager_sees_kiosks_of_the_own_places_and_their_history_there_alone() -> None:
    here = Device.enrolled("Finland / Turku / Till")
    there = Device.enrolled("Sweden / Malmö / Exit")
    till = ExperiencePoint.objects.get(name="Till")
    there.row.assignments.create(point=till, since_ms=clock.now_ms())
    manager = client(Role.MANAGER, Group.objects.get(name="Sweden"))
    assert 404 == manager.get(f"/kiosks/{here.row.pk}").status_code
    assert 404 == manager.get(f"/kiosks/{there.row.pk}").status_code
    other = client(Role.ANALYST)
    assert "Exit" in other.get(f"/kiosks/{there.row.pk}").content.decode()
    turku = Client()
    group = Group.objects.get(name="Finland")
    turku.force_login(create_user("turku", "puolukka-77x", role=Role.MANAGER, group=group))
    page = turku.get(f"/kiosks/{there.row.pk}").content.decode()
    assert "Finland / Turku / Till" in page
    assert "Exit" not in page
    for action in ("move", "revoke", "pin"):
        assert f"/kiosks/{there.row.pk}/{action}" not in page


def test_times_are_those_of_the_place_with_its_zone(device: Device) -> None:
    device.beat()
    Kiosk.objects.update(heartbeat_at=clock.now())
    ExperiencePoint.objects.update(time_zone="Pacific/Auckland")
    at = clock.now().astimezone(ZoneInfo("Pacific/Auckland"))
    page = client().get(f"/kiosks/{device.row.pk}").content.decode()
    assert f"{at:%H:%M}" in page
    assert "Pacific/Auckland" in page
