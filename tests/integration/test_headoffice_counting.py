"""Counts follow the messages, whatever is learnt later, and can be proved and repaired."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from office import BOOT, DIGEST, Device, answer, new_id

from config.values import ChoiceValue, ContactDetails
from headoffice import clock
from headoffice.cli import main
from headoffice.fleet import places
from headoffice.fleet.models import Assignment, ExperiencePoint
from headoffice.ingest import correction
from headoffice.messages import rows
from headoffice.messages.models import StoredMessage
from headoffice.rollups import verify
from headoffice.rollups.local_time import local_hour
from headoffice.rollups.models import Daily, Hourly
from headoffice.structure import relocation
from sync.messages import EndBody, Message, Moment, Sighting, SkipBody

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
HOUR = 3_600_000
NOON = int(datetime(2026, 3, 10, 12, tzinfo=UTC).timestamp() * 1000)


def at(ms: int, boot: str = BOOT) -> Moment:
    """An instant whose monotonic clock reads the same as the true time."""
    return Moment(ms, boot, ms)


def seen(boot: str = BOOT) -> Sighting:
    """The head office's time as seen from a boot whose monotonic clock shows it."""
    return Sighting(boot, NOON, NOON, 5)


def deliver(device: Device, *messages: Message, sightings: tuple[Sighting, ...] = ()) -> None:
    device.deliver(*messages, sightings=sightings, sent=Moment(0, new_id(), 0))


def by_hour(model: type[Any] = Hourly, **only: Any) -> dict[tuple[int, str], int]:
    found: Counter[tuple[int, str]] = Counter()
    for row in model.objects.filter(question="mood", **only):
        found[row.hour_ms, row.value] += row.count
    return {key: n for key, n in found.items() if n}


def days(**only: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in Daily.objects.filter(question="mood", **only):
        found[str(row.day)] += row.count
    return {day: n for day, n in found.items() if n}


def point_of(device: Device) -> ExperiencePoint:
    return device.row.assignments.order_by("-since_ms")[0].point


def nothing_wrong() -> None:
    assert [] == [d for kiosk in verify.kiosks_with_counts() for d in verify.check_kiosk(kiosk)]


# --- local time ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Helsinki", "2026-03-29", 23),
        ("Europe/Helsinki", "2026-10-25", 25),
        ("Europe/Helsinki", "2026-06-01", 24),
        ("Asia/Kolkata", "2026-06-01", 24),
        ("Asia/Kathmandu", "2026-06-01", 24),
        ("Australia/Lord_Howe", "2026-06-01", 24),
        ("America/St_Johns", "2026-11-01", 25),
    ],
)
def test_a_local_day_has_as_many_hours_as_it_really_has(zone: str, day: str, hours: int) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = set()
    for quarter in range(-8, 4 * 26):
        moment = start + timedelta(minutes=15 * quarter)
        began, local = local_hour(int(moment.timestamp() * 1000), zone)
        if str(local) == day:
            found.add(began)
            shown = datetime.fromtimestamp(began / 1000, ZoneInfo(zone))
            assert shown.minute == 0
            assert str(shown.date()) == day
    assert hours == len(found)


def test_an_hour_that_comes_twice_is_two_hours(device: Device) -> None:
    first = int(datetime(2025, 10, 26, 0, 30, tzinfo=UTC).timestamp() * 1000)
    deliver(device, answer(1, at=at(first)), answer(2, at=at(first + HOUR)), sightings=(seen(),))
    assert {(first - HOUR // 2, "2"): 1, (first + HOUR // 2, "2"): 1} == by_hour()
    assert {"2025-10-26": 2} == days()


# --- what is learnt later -----------------------------------------------------------------


def test_an_answer_months_late_counts_where_it_was_made(device: Device) -> None:
    deliver(device, answer(1, at=at(NOON)), sightings=(seen(),))
    late = NOON - 90 * 24 * HOUR
    deliver(device, answer(2, 0, at=at(late)), sightings=(seen(),))
    assert {(NOON, "2"): 1, (late, "0"): 1} == by_hour()
    nothing_wrong()


def test_a_changed_answer_moves_from_its_hour_to_the_hour_of_the_change(device: Device) -> None:
    response = new_id()
    deliver(device, answer(1, 0, response=response, at=at(NOON)), sightings=(seen(),))
    later = answer(2, 2, response=response, at=at(NOON + 2 * HOUR), took_ms=300)
    deliver(device, later, sightings=(seen(),))
    assert {(NOON + 2 * HOUR, "2"): 1} == by_hour()
    assert [False, True] == list(
        StoredMessage.objects.order_by("seq").values_list("counts", flat=True)
    )
    assert 300 == sum(row.took_ms for row in Hourly.objects.all())
    nothing_wrong()


def test_an_answer_within_a_long_backlog_replaces_an_earlier_one(device: Device) -> None:
    changed = new_id()
    deliver(device, answer(1, 0, at=at(NOON), response=changed), sightings=(seen(),))
    backlog = [answer(seq, at=at(NOON + seq)) for seq in range(2, 130)]
    backlog[70] = answer(72, 1, at=at(NOON + 72), response=changed)
    deliver(device, *backlog, sightings=(seen(),))
    assert {(NOON, "1"): 1, (NOON, "2"): 127} == by_hour()
    assert [1] == list(StoredMessage.objects.filter(counts=False).values_list("seq", flat=True))
    nothing_wrong()


@pytest.mark.parametrize("by_heartbeat", [False, True])
def test_a_later_sighting_times_anew_what_rested_on_the_kiosks_word(
    device: Device, by_heartbeat: bool
) -> None:
    boot = new_id()
    deliver(device, answer(1, at=Moment(NOON - 50 * HOUR, boot, NOON)))
    assert {(NOON - 50 * HOUR, "2"): 1} == by_hour()
    if by_heartbeat:
        now = clock.now_ms()
        device.beat(sent=Moment(0, boot, now))
    else:
        deliver(device, sightings=(seen(boot),))
    stored = StoredMessage.objects.get()
    assert stored.certain
    assert abs(stored.happened_ms - NOON) < 10_000
    assert 1 == sum(by_hour().values())
    nothing_wrong()


def test_a_kiosk_that_was_moved_yesterday_takes_along_only_what_came_since(device: Device) -> None:
    old = point_of(device)
    Assignment.objects.update(since_ms=0)
    deliver(device, answer(1, at=at(NOON)), answer(2, at=at(NOON + HOUR)), sightings=(seen(),))
    new = places.get_or_create_point("Norway / Oslo / Exit", "Asia/Kolkata")
    assert 1 == relocation.move_kiosk(device.row, new, NOON + HOUR)
    assert {(NOON, "2"): 1} == by_hour(point=old.pk)
    # An hour of the new place begins at half past, as one of its zone does.
    assert {(NOON + HOUR // 2, "2"): 1} == by_hour(point=new.pk)
    deliver(device, answer(3, 0, at=at(NOON - HOUR)), sightings=(seen(),))
    assert {(NOON, "2"): 1, (NOON - HOUR, "0"): 1} == by_hour(point=old.pk)
    nothing_wrong()


def test_misuse_judged_here_moves_counts_and_can_be_taken_back(device: Device) -> None:
    deliver(
        device,
        answer(1, at=at(NOON)),
        answer(2, at=at(NOON), misuse=("held",)),
        sightings=(seen(),),
    )
    everything = "kiosk = %s"
    assert 2 == correction.set_misuse(rows.select_rows(everything, [device.row.pk]), "children")
    assert {"children": 1, "children,held": 1} == misuse_counts()
    assert 2 == correction.set_misuse(rows.select_rows(everything, [device.row.pk]), None)
    assert {"": 1, "held": 1} == misuse_counts()
    nothing_wrong()


def test_an_afternoon_is_called_misuse_from_the_shell_and_given_back(
    device: Device, capsys: pytest.CaptureFixture[str]
) -> None:
    # One and three in the afternoon by the clock of Helsinki.
    one, three = NOON - HOUR, NOON + HOUR
    deliver(device, answer(1, at=at(one)), answer(2, at=at(three)), sightings=(seen(),))
    stretch = ["--since", "2026-03-10T14:30", "--until", "2026-03-10T15:30"]
    kiosk = str(device.row.pk)
    assert 0 == main(["misuse", kiosk, *stretch, "--reason", "children"])
    assert "1 messages" in capsys.readouterr().out
    assert {"": 1, "children": 1} == misuse_counts()
    nothing_wrong()
    assert 0 == main(["misuse", kiosk, *stretch, "--clear"])
    assert {"": 2} == {"": sum(row.count for row in Hourly.objects.filter(misuse=""))}
    for wrong in (["--since", "soon", "--until", "later"], stretch[2:] + stretch[:1] + stretch[3:]):
        assert 1 == main(["misuse", kiosk, *wrong, "--reason", "children"])
    assert 1 == main(["misuse", kiosk, *stretch, "--reason", "No Word!"])


def misuse_counts() -> dict[str, int]:
    return {row.misuse: row.count for row in Hourly.objects.filter(count__gt=0)}


def test_another_time_zone_sorts_the_answers_of_a_place_anew(device: Device) -> None:
    evening = int(datetime(2026, 3, 10, 21, 30, tzinfo=UTC).timestamp() * 1000)
    deliver(device, answer(1, at=at(evening)), sightings=(seen(),))
    assert {"2026-03-10": 1} == days()
    relocation.change_time_zone(point_of(device), "Asia/Kolkata")
    assert {"2026-03-11": 1} == days()
    nothing_wrong()


def test_where_a_shopper_left_is_counted(device: Device) -> None:
    end = EndBody(
        response=new_id(),
        questionnaire=DIGEST,
        language="en",
        outcome="timed_out",
        question="mood",
    )
    deliver(device, Message(1, at(NOON), end))
    assert {"timed_out", "left:mood"} == {r.value for r in Hourly.objects.filter(question="")}
    nothing_wrong()


# --- proof and repair ---------------------------------------------------------------------

REST = "hour_ms, point, version, question, value, language, misuse, test, day, count, took_ms"


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE results_hourly SET count = count + 1",
        "UPDATE results_hourly SET took_ms = 7",
        "UPDATE results_hourly SET day = '2001-01-01'",
        "UPDATE results_daily SET count = 0",
        "DELETE FROM results_hourly WHERE value = '0'",
        "DELETE FROM results_daily",
        "UPDATE results_monthly SET count = count - 1",
        "DELETE FROM results_monthly",
        "UPDATE ingest_storedmessage SET counts = NOT counts",
        "UPDATE ingest_storedmessage SET point = point + 100",
        f"INSERT INTO results_hourly (kiosk, {REST}) SELECT 4711, {REST} FROM results_hourly",  # noqa: S608 - fixed names
    ],
)
def test_damage_is_named_repaired_and_gone(
    device: Device, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    response = new_id()
    deliver(
        device,
        *(answer(seq, seq % 3, at=at(NOON + seq * HOUR)) for seq in range(1, 7)),
        answer(7, 1, response=response, at=at(NOON)),
        answer(8, 2, response=response, at=at(NOON)),
        sightings=(seen(),),
    )
    before = (by_hour(), days())
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert 1 == main(["rebuild-rollups", "--check"])
    assert "Kiosk" in capsys.readouterr().out
    assert 0 == main(["rebuild-rollups"])
    assert 0 == main(["rebuild-rollups", "--check"])
    assert before == (by_hour(), days())


# --- anything in any order ----------------------------------------------------------------

VALUES: list[Any] = [0, 1, 2, True, False, "words", "other words"]
CHOICES = [ChoiceValue(("a", "b")), ChoiceValue(("b",), "own"), ContactDetails(consent=False)]
RESPONSES = [new_id() for _ in range(4)]


@st.composite
def messages(draw: st.DrawFn) -> list[Message]:
    """Messages of one installation, some about the same question of the same response."""
    boots = [new_id() for _ in range(3)]
    made = []
    for seq in range(1, draw(st.integers(2, 14)) + 1):
        boot = draw(st.sampled_from(boots))
        true_ms = NOON + draw(st.integers(-2000, 2000)) * HOUR // 4
        moment = Moment(true_ms + draw(st.sampled_from([0, HOUR, -77 * HOUR])), boot, true_ms)
        common = {
            "response": draw(st.sampled_from(RESPONSES)),
            "questionnaire": DIGEST,
            "language": draw(st.sampled_from(["en", "fi"])),
            "test": draw(st.booleans()),
        }
        match draw(st.sampled_from(["answer", "answer", "answer", "choice", "skip", "end"])):
            case "skip":
                body: Any = SkipBody(question="mood", took_ms=seq, **common)
            case "end":
                body = EndBody(
                    outcome="partial", question=draw(st.sampled_from([None, "mood"])), **common
                )
            case kind:
                value = draw(st.sampled_from(VALUES if kind == "answer" else CHOICES))
                body = answer(
                    seq, value, question=draw(st.sampled_from(["mood", "why"])),
                    misuse=draw(st.sampled_from([(), ("held",)])),
                    unsent=draw(st.sampled_from([False, False, True])), **common,
                ).body  # fmt: skip
        made.append(Message(seq, moment, body))
    return made


def told_by_the_messages(device: Device) -> Counter[tuple[Any, ...]]:
    """The counts by an independent way: row by row, in plain Python."""
    stays = sorted(device.row.assignments.values_list("since_ms", "point", "point__time_zone"))
    last: dict[tuple[Any, ...], StoredMessage] = {}
    for row in StoredMessage.objects.filter(kiosk=device.row.pk).order_by("installation", "seq"):
        if "unsent" not in row.misuse:
            last[row.response, "" if row.kind == 3 else row.question] = row
    found: Counter[tuple[Any, ...]] = Counter()
    for (_response, question), row in last.items():
        _since, point, zone = [stays[0], *(s for s in stays if s[0] <= row.happened_ms)][-1]
        local = datetime.fromtimestamp(row.happened_ms / 1000, ZoneInfo(zone))
        for word in spelt(row):
            found[local.strftime("%Y-%m-%d %H%z"), point, question, word, row.misuse, row.test] += 1
    return found


def spelt(row: StoredMessage) -> list[str]:
    if row.kind == 2:
        return ["skipped"]
    if row.kind == 3:
        return [row.value, *([f"left:{row.question}"] if row.question else [])]
    value = json.loads(row.value)
    if isinstance(value, dict) and value["type"] == "chosen":
        other = ["other"] if value.get("other") is not None else []
        return ["answered", *(f"option:{o}" for o in value.get("options", [])), *other]
    if isinstance(value, dict):
        return ["consent" if value["consent"] else "declined"]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return ["text" if isinstance(value, str) else str(value)]


def told_by_the_counts(device: Device) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for row in Hourly.objects.filter(kiosk=device.row.pk):
        zone = ExperiencePoint.objects.get(pk=row.point).time_zone
        local = datetime.fromtimestamp(row.hour_ms / 1000, ZoneInfo(zone))
        key = (
            local.strftime("%Y-%m-%d %H%z"),
            row.point,
            row.question,
            row.value,
            row.misuse,
            row.test,
        )
        found[key] += row.count
    return +found


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # Without shrinking: each example is a conversation with a database.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(messages(), st.data())
def test_whatever_happens_in_whatever_order_counts_are_what_the_messages_say(
    db: None, made: list[Message], data: st.DataObject
) -> None:
    del db
    device = Device.enrolled("Finland / Turku / Till")
    Assignment.objects.filter(kiosk=device.row).update(since_ms=NOON - 100 * HOUR)
    elsewhere = [places.get_or_create_point("India / Exit", "Asia/Kolkata"), point_of(device)]
    for _ in range(data.draw(st.integers(1, 8))):
        match data.draw(
            st.sampled_from(["deliver", "deliver", "deliver", "see", "move", "judge", "zone"])
        ):
            case "deliver":
                deliver(device, *data.draw(st.lists(st.sampled_from(made), min_size=1)))
            case "see":
                boot = data.draw(st.sampled_from(made)).moment.boot
                deliver(device, sightings=(seen(boot),))
            case "move":
                since = NOON + data.draw(st.integers(-400, 400)) * HOUR
                relocation.move_kiosk(device.row, data.draw(st.sampled_from(elsewhere)), since)
            case "judge":
                chosen = rows.select_rows(
                    "kiosk = %s AND seq <= %s", [device.row.pk, data.draw(st.integers(1, 9))]
                )
                correction.set_misuse(chosen, data.draw(st.sampled_from(["children", None])))
            case "zone":
                zone = data.draw(
                    st.sampled_from(["Asia/Kolkata", "Europe/Helsinki", "America/St_Johns"])
                )
                relocation.change_time_zone(data.draw(st.sampled_from(elsewhere)), zone)
    assert told_by_the_messages(device) == told_by_the_counts(device)
    assert [] == verify.check_kiosk(device.row.pk)
