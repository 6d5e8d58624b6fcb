"""Changes reach a first wave, go on by themselves, stop by themselves, and can be taken back."""

import datetime as dt

import msgspec
import pytest
from office import DEFINITION, DIGEST, Device, answer

from headoffice import clock
from headoffice.configuration import progress, roll_outs
from headoffice.configuration.documents import Document
from headoffice.configuration.models import (
    KioskTarget,
    RollOut,
    RollOutKiosk,
    ScheduleRow,
    SettingValue,
)
from headoffice.configuration.plan import Effect, first_wave, make_plan
from headoffice.configuration.rules import Change, Entry, Rules, Setting
from headoffice.configuration.scopes import KioskPlace
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.questionnaires.models import Version
from headoffice.rollups.models import Hourly
from sync.configuration import ConfigurationReport, Panel

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HOUR_MS = 3_600_000


class Shops:
    """Kiosks of one chain, each in a shop of its own, that take configurations."""

    def __init__(self, number: int) -> None:
        self.devices = [Device.enrolled(f"Chain / Shop {n} / Till") for n in range(number)]
        for device in self.devices:
            device.beat()
            device.beat(configuration=ConfigurationReport())
        self.chain = Group.objects.get(name="Chain")
        self.scope = f"g{self.chain.pk}"

    def louder(self, to: float = 0.75, name: str = "sound.volume") -> tuple[Change, ...]:
        before = Rules.load().setting(self.scope, name)
        return (Change(self.scope, name, before, Setting(to)),)

    def told(self) -> list[bool]:
        """Whether each is meant to have something."""
        return [bool(device.beat().configuration) for device in self.devices]


@pytest.fixture
def shops(db: None) -> Shops:
    del db
    return Shops(3)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    ahead = {"ms": 0}
    now_ms = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: now_ms() + ahead["ms"])
    return ahead


def report(device: Device, state: str = "good", **more: object) -> None:
    digest = device.beat().configuration
    fields = {"in_force": digest, "state": state} | more
    device.beat(configuration=msgspec.convert(fields, ConfigurationReport))


def states(row: RollOut) -> list[tuple[int, str]]:
    return list(row.kiosks.order_by("kiosk").values_list("wave", "state"))


def test_to_all_at_once_and_over_when_they_have_proven_it(shops: Shops) -> None:
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None)
    assert [True] * 3 == shops.told()
    for device, state in zip(shops.devices, ("trial", "shown", "good"), strict=True):
        report(device, state)
    assert [(0, "trial"), (0, "shown"), (0, "good")] == states(row)
    row.refresh_from_db()
    assert "run" == row.state
    for device in shops.devices:
        report(device)
    row.refresh_from_db()
    assert "end" == row.state


def test_a_share_comes_first_and_the_others_when_it_has_proven_itself(shops: Shops) -> None:
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None, "10%")
    told = shops.told()
    assert 1 == sum(told)
    first = shops.devices[told.index(True)]
    report(first, "shown")
    assert told == shops.told()
    report(first, "good")
    assert [True] * 3 == shops.told()
    row.refresh_from_db()
    assert ("run", 1) == (row.state, row.wave)


def test_named_kiosks_come_first(shops: Shops) -> None:
    named = shops.devices[1]
    roll_outs.release(make_plan(shops.louder()), "Louder", None, str(named.row.pk))
    assert [False, True, False] == shops.told()


@pytest.mark.parametrize(
    ("said", "state", "why"),
    [
        ({"is_fallback": False, "reasons": ("sound.volume: found 7",)}, "refusal", "found 7"),
        ({"is_fallback": True, "reasons": ("it was not shown",)}, "fallback", "not shown"),
        ({"is_fallback": True, "reasons": ("3 starts with it failed",)}, "crash", "3 starts"),
    ],
)
def test_it_stops_when_a_kiosk_fails_and_says_which_and_why(
    said: dict[str, object], state: str, why: str, shops: Shops
) -> None:
    first = shops.devices[0]
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None, str(first.row.pk))
    digest = first.beat().configuration
    report(first, in_force="", refusal=digest, **said)
    row.refresh_from_db()
    assert "stop" == row.state
    assert f"kiosk {first.row.pk}: {state}" in row.reason
    assert why in row.reason
    assert [True, False, False] == shops.told()
    # Not by itself, but if somebody decides so.
    progress.evaluate_all()
    assert [True, False, False] == shops.told()
    roll_outs.resume(row)
    roll_outs.hasten(row)
    assert [True, True, True] == shops.told()


def test_a_kiosk_that_is_out_of_order_with_it_stops_it(shops: Shops) -> None:
    first = shops.devices[0]
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None, str(first.row.pk))
    report(first, "trial")
    first.beat(state="out_of_order")
    progress.evaluate_all()
    row.refresh_from_db()
    assert ("stop", f"kiosk {first.row.pk}: crash. out of order") == (row.state, row.reason)


def publish() -> Version:
    fields = {"definition": DEFINITION.decode(), "title": "Checkout"}
    return Version.objects.update_or_create(digest=DIGEST, defaults=fields)[0]


def usual_answers(device: Device, each_hour: int) -> None:
    """So many responses in every hour of the last nine weeks."""
    now = clock.now_ms() // HOUR_MS * HOUR_MS
    point = ExperiencePoint.objects.get(assignments__kiosk=device.row).pk
    Hourly.objects.bulk_create(
        Hourly(
            kiosk=device.row.pk, hour_ms=now - n * HOUR_MS, point=point, version=1, question="",
            value="complete", language="en", misuse="", test=False, count=each_hour + n % 3,
            day=clock.instant(now - n * HOUR_MS).date(),
        )
        for n in range(1, 9 * 7 * 24)
    )  # fmt: skip


def test_it_stops_when_far_fewer_answers_come_than_are_usual(
    shops: Shops, later: dict[str, int]
) -> None:
    first = shops.devices[0]
    usual_answers(first, 20)
    row = roll_outs.release(
        make_plan(shops.louder()), "Louder", None, str(first.row.pk), watch_hours=24
    )
    report(first)
    later["ms"] = 1 * HOUR_MS
    progress.evaluate_all()
    row.refresh_from_db()
    assert ("run", 0) == (row.state, row.wave)
    later["ms"] = 7 * HOUR_MS
    progress.evaluate_all()
    row.refresh_from_db()
    assert "stop" == row.state
    assert row.reason.startswith("0 answers where 1")
    assert [True, False, False] == shops.told()


def test_what_is_watched_goes_on_when_answers_are_as_usual(
    shops: Shops, later: dict[str, int]
) -> None:
    first = shops.devices[0]
    later["ms"] = 25 * HOUR_MS
    usual_answers(first, 20)
    later["ms"] = 0
    row = roll_outs.release(
        make_plan(shops.louder()), "Louder", None, str(first.row.pk), watch_hours=24
    )
    report(first)
    for hours in (2, 7, 19, 23):
        later["ms"] = hours * HOUR_MS
        progress.evaluate_all()
        row.refresh_from_db()
        assert ("run", 0) == (row.state, row.wave)
    later["ms"] = 25 * HOUR_MS
    progress.evaluate_all()
    row.refresh_from_db()
    assert ("run", 1) == (row.state, row.wave)


def test_one_click_back(shops: Shops) -> None:
    roll_outs.release(make_plan(shops.louder(0.25)), "Quiet", None)
    for device in shops.devices:
        report(device)
    before = list(KioskTarget.objects.order_by("kiosk").values_list("digest", flat=True))
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None, "10%")
    roll_outs.undo(row, None)
    assert before == list(KioskTarget.objects.order_by("kiosk").values_list("digest", flat=True))
    assert 0.25 == SettingValue.objects.get().value
    with pytest.raises(HeadOfficeError, match="taken back already"):
        roll_outs.undo(row, None)
    roll_outs.undo(RollOut.objects.order_by("pk")[0], None)
    assert [False] * 3 == shops.told()


def test_a_roll_out_is_not_taken_back_under_a_later_one(shops: Shops) -> None:
    first = roll_outs.release(make_plan(shops.louder(0.25)), "Quiet", None)
    for device in shops.devices:
        report(device)
    roll_outs.release(make_plan(shops.louder()), "Louder", None)
    with pytest.raises(HeadOfficeError, match=r"changed again since: sound\.volume"):
        roll_outs.undo(first, None)


def test_two_at_once_are_refused_where_they_meet_and_named(shops: Shops) -> None:
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None)
    plan = make_plan(shops.louder(5.0, "timing.thanks"))
    assert (row, False) == (plan.overlap, plan.is_possible)
    with pytest.raises(HeadOfficeError):
        roll_outs.release(plan, "Longer", None)
    point = ExperiencePoint.objects.create(group=Group.objects.create(name="Other"), name="Desk")
    elsewhere = Change(f"p{point.pk}", "timing.thanks", None, Setting(5.0))
    assert make_plan([elsewhere]).is_possible


def test_who_was_slower_is_told(shops: Shops) -> None:
    plan = make_plan(shops.louder())
    roll_outs.release(make_plan(shops.louder(0.25)), "Quiet", None)
    assert make_plan(plan.changes).stale
    with pytest.raises(HeadOfficeError):
        roll_outs.release(plan, "Louder", None)


def test_a_mistake_is_refused_by_the_kiosks_own_rules(shops: Shops) -> None:
    plan = make_plan(shops.louder(7.0))
    assert not plan.is_possible
    assert 3 == len(plan.refusals)
    assert ("sound.volume: found 7.0; allowed: a number, at least 0 and at most 1",) == (
        plan.refusals[0].mistakes
    )
    own = Change(shops.scope, "head_office.url", None, Setting("https://elsewhere.example"))
    assert "only the kiosk's own file says it" in make_plan([own]).refusals[0].mistakes[0]


def test_what_does_not_fit_a_panel_is_refused_for_that_kiosk(shops: Shops) -> None:
    small = shops.devices[2]
    small.beat(configuration=ConfigurationReport(panel=Panel(800, 100, 40, 20)))
    version = publish()
    change = Change(shops.scope, schedule_after=(Entry(version.pk),))
    plan = make_plan([change])
    (refusal,) = plan.refusals
    assert small.row.pk == refusal.place.kiosk
    assert "Checkout: questions[0]: found controls of" in refusal.mistakes[0]


def test_the_schedule_is_rolled_out_as_settings_are(shops: Shops) -> None:
    version = publish()
    change = Change(shops.scope, schedule_after=(Entry(version.pk, 5), Entry(version.pk)))
    row = roll_outs.release(make_plan([change]), "Christmas", None)
    assert [(5, 0), (None, 1)] == list(
        ScheduleRow.objects.order_by("position").values_list("begins_ms", "position")
    )
    roll_outs.undo(row, None)
    assert not ScheduleRow.objects.exists()


def test_a_kiosk_that_comes_meanwhile_is_told_what_is_proven(shops: Shops) -> None:
    row = roll_outs.release(make_plan(shops.louder()), "Louder", None, "10%")
    new = Device.enrolled("Chain / Shop 9 / Till")
    assert "" == new.beat().configuration
    for device in shops.devices * 2:
        report(device)
    row.refresh_from_db()
    assert "end" == row.state
    assert new.beat().configuration


def test_who_takes_no_configurations_is_waited_for_by_nobody(shops: Shops) -> None:
    Device.enrolled("Chain / Shop 9 / Till").beat()
    plan = make_plan(shops.louder())
    assert [True, True, True, False] == [effect.is_able for effect in plan.effects]
    row = roll_outs.release(plan, "Louder", None)
    for device in shops.devices:
        report(device)
    row.refresh_from_db()
    assert "end" == row.state


def test_a_silent_kiosk_holds_nothing_up_for_ever() -> None:
    assert [0, 1, 2, 4, 4, 8] == [progress.need(n, 1) for n in (0, 1, 2, 4, 5, 10)]
    assert [0, 1, 1, 2, 3, 5] == [progress.need(n, 24) for n in (0, 1, 2, 4, 5, 10)]


def test_a_share_is_spread_over_places() -> None:
    effects = [
        Effect(KioskPlace(n, "", (f"k{n}", f"p{n // 2}", f"g{n // 4}")), "", Document(), (), True)
        for n in range(8)
    ]
    assert {0, 4} == first_wave(effects, "25%")
    assert {0, 2, 4, 6} == first_wave(effects, "50%")
    assert {0} == first_wave(effects, "1%")
    assert set(range(8)) == first_wave(effects, "100%") == first_wave(effects, "all")
    assert {3, 5} == first_wave(effects, "3,5,99")


def test_answers_arrive_while_changes_fly_in(shops: Shops) -> None:
    device = shops.devices[0]
    for n in range(1, 6):
        row = roll_outs.release(make_plan(shops.louder(n / 10)), "Louder", None)
        device.deliver(answer(n))
        assert n == device.beat(oldest=1).stored_up_to
        roll_outs.undo(row, None)
    assert not RollOutKiosk.objects.filter(roll_out__state="run").exists()
    assert dt.timedelta(0) <= clock.now() - row.at
