"""What a kiosk is told to be: made of what is said for its group, its place and itself."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client
from office import API, DEFINITION, DIGEST, Device

from config.loader import settings_mistakes
from headoffice import clock
from headoffice.configuration import targets
from headoffice.configuration.catalogue import SETTINGS
from headoffice.configuration.models import (
    KioskReport,
    KioskTarget,
    ScheduleRow,
    SettingValue,
    StoredFile,
)
from headoffice.configuration.rules import Change, Entry, Rules, Setting, Source
from headoffice.configuration.scopes import kiosk_places
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.questionnaires.models import Version
from headoffice.structure import relocation
from sync.configuration import (
    OWN_SETTINGS,
    Configuration,
    ConfigurationReport,
    Panel,
    configuration_digest,
)
from sync.messages import Heartbeat

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def refresh() -> None:
    targets.set_targets(kiosk_places().values())


def fetch(device: Device, path: str = "configuration", **headers: str) -> Any:
    device.client = Client()
    headers = {"Authorization": f"Bearer {device.credential}", **headers}
    return device.client.get(f"{API}/{path}", headers=headers)


def document(device: Device) -> Configuration:
    response = fetch(device)
    assert response.status_code == 200, response.content
    body = response.content
    assert response["ETag"] == f'"{configuration_digest(body)}"'
    return msgspec.json.decode(body, type=Configuration)


def say(place: Group | ExperiencePoint | Device, **settings: object) -> None:
    where: dict[str, object] = {}
    match place:
        case Group():
            where["group"] = place
        case ExperiencePoint():
            where["point"] = place
        case Device():
            where["kiosk"] = place.row
    for key, said in settings.items():
        row = said if isinstance(said, Setting) else Setting(said)
        name = key.replace("__", ".")
        SettingValue.objects.create(name=name, value=row.value, locks=row.locks, **where)


def publish() -> Version:
    return Version.objects.create(digest=DIGEST, definition=DEFINITION.decode(), title="Checkout")


def test_where_nothing_is_said_the_kiosks_own_files_hold(device: Device) -> None:
    assert "" == device.beat().configuration
    assert 404 == fetch(device).status_code
    assert "" == KioskTarget.objects.get().digest


def test_a_document_made_here_is_one_that_kiosks_take(device: Device) -> None:
    point = ExperiencePoint.objects.get()
    say(point.group, sound__volume=0.25, log_level="debug", way__invite=False)
    say(point, sound__volume=0.75, hours__monday=["09:00-21:00"])
    say(device, screen__theme=Setting("dark", locks=True))
    version = publish()
    ScheduleRow.objects.create(group=point.group, version=version, begins_ms=5, ends_ms=2**50)
    ScheduleRow.objects.create(kiosk=device.row, version=version, ends_ms=1)
    ScheduleRow.objects.create(point=point, version=version)
    receipt = device.beat()
    refresh()
    found = document(device)
    whole = fetch(device).content
    assert receipt.configuration is not None
    assert device.kiosk == found.kiosk
    assert receipt.head_office == found.head_office
    assert {
        "log_level": "debug",
        "hours": {"monday": ["09:00-21:00"]},
        "screen": {"theme": "dark"},
        "sound": {"volume": 0.75},
        "way": {"invite": False},
    } == found.settings
    assert ("screen.theme",) == found.locks
    # What has ended is left out, and what is said nearer comes first.
    assert [(None, None), (5, 2**50)] == [(e.begins_ms, e.ends_ms) for e in found.schedule]
    assert msgspec.json.decode(DEFINITION) == found.schedule[0].definition
    assert msgspec.json.encode(found, order="deterministic") == whole
    assert device.beat().configuration == configuration_digest(whole)


def test_what_is_said_by_equal_words_has_an_equal_digest(device: Device) -> None:
    point = ExperiencePoint.objects.get()
    say(point, sound__volume=0.5, sound__enabled=True)
    first = device.beat().configuration
    SettingValue.objects.all().delete()
    say(point.group, sound__enabled=True)
    say(point, sound__volume=0.5)
    refresh()
    assert first == device.beat().configuration


def test_who_has_it_already_is_not_sent_it_again(device: Device) -> None:
    say(ExperiencePoint.objects.get(), sound__volume=0.5)
    digest = device.beat().configuration
    same = fetch(device, **{"If-None-Match": f'"{digest}"'})
    other = fetch(device, **{"If-None-Match": f'"{64 * "0"}"'})
    packed = fetch(device, **{"Accept-Encoding": "gzip"})
    assert (304, b"") == (same.status_code, same.content)
    assert 200 == other.status_code
    assert ("gzip", f'"{digest}"') == (packed["Content-Encoding"], packed["ETag"])
    assert other.content == gzip.decompress(packed.content)


def test_a_kiosk_gets_the_files_that_its_document_names_and_no_others(device: Device) -> None:
    for name, digest in (("logo-1.png", "1" * 64), ("other-2.png", "2" * 64)):
        StoredFile.objects.create(
            name=name, digest=digest, kind="picture", size=3, content=name.encode()
        )
    say(ExperiencePoint.objects.get(), brand__logo="logo-1.png")
    device.beat()
    (entry,) = document(device).files
    assert ("logo-1.png", "1" * 64, 3) == (entry.name, entry.digest, entry.size)
    assert b"logo-1.png" == fetch(device, f"files/{entry.digest}").content
    for path in ("2" * 64, "3" * 64, "x"):
        assert 404 == fetch(device, f"files/{path}").status_code


def test_nothing_is_told_without_a_credential(device: Device) -> None:
    say(ExperiencePoint.objects.get(), sound__volume=0.5)
    device.beat()
    device.credential = "x" * 43
    assert 401 == fetch(device).status_code
    assert 401 == fetch(device, "files/" + 64 * "1").status_code
    assert 405 == device.post("configuration", b"{}").status_code


def test_a_kiosk_that_is_moved_is_told_what_holds_there(device: Device) -> None:
    here = ExperiencePoint.objects.get()
    there = ExperiencePoint.objects.create(group=here.group, name="Side street")
    say(here, sound__volume=0.25)
    say(there, sound__volume=0.75)
    device.beat()
    assert {"sound": {"volume": 0.25}} == document(device).settings
    relocation.move_kiosk(device.row, there, clock.now_ms())
    device.beat()
    assert {"sound": {"volume": 0.75}} == document(device).settings


def test_kiosks_follow_a_group_that_is_moved(device: Device) -> None:
    point = ExperiencePoint.objects.get()
    above = Group.objects.create(name="Country")
    say(above, log_level="debug")
    device.beat()
    assert 404 == fetch(device).status_code
    Group.objects.filter(pk=point.group_id).update(parent=above)
    assert 1 == targets.follow_moves()
    assert {"log_level": "debug"} == document(device).settings
    assert 0 == targets.follow_moves()


def test_what_a_kiosk_says_of_its_configuration_is_kept(device: Device) -> None:
    device.beat()
    assert not KioskReport.objects.exists()
    said = ConfigurationReport(
        in_force="1" * 64,
        state="shown",
        refusal="2" * 64,
        reasons=("sound.volume: found 7",),
        staff=("sound.volume",),
        panel=Panel(1280, 800, 217, 136),
    )
    device.beat(configuration=said)
    first = KioskReport.objects.get()
    device.beat()
    device.beat(configuration=msgspec.structs.replace(said, state="good"))
    report = KioskReport.objects.get()
    assert ("good", ["sound.volume"]) == (report.state, report.staff)
    assert {"width": 1280, "height": 800, "width_mm": 217, "height_mm": 136} == report.panel
    assert first.since == report.since


def test_the_nearest_word_counts_of_each_setting_alone() -> None:
    rules = Rules(
        {
            "g1": {"sound.volume": Setting(0.1, locks=True), "language": Setting("fi")},
            "g2": {"sound.volume": Setting(0.2)},
            "k4": {"language": Setting(None, locks=True)},
        },
        {"g1": (Entry(1),), "p3": (Entry(2), Entry(3))},
    )
    chain = ("k4", "p3", "g2", "g1")
    assert {
        "sound.volume": Source(0.2, "g2", False, "g2"),
        "language": Source("fi", "g1", True, "k4"),
    } == rules.effective(chain)
    assert [2, 3, 1] == [entry.version for entry, _scope in rules.effective_schedule(chain)]


def test_a_change_can_be_taken_back() -> None:
    rules = Rules({"g1": {"sound.volume": Setting(0.1)}}, {"g1": (Entry(1),)})
    changes = (
        Change("g1", "sound.volume", Setting(0.1), Setting(0.2)),
        Change("g1", "language", None, Setting("fi")),
        Change("g1", schedule_before=(Entry(1),), schedule_after=(Entry(2), Entry(1))),
    )
    after = rules.after_changes(changes)
    assert Setting("fi") == after.setting("g1", "language")
    assert (Entry(2), Entry(1)) == after.schedule("g1")
    back = after.after_changes([change.reverse for change in reversed(changes)])
    assert rules == back


def test_an_old_kiosk_is_understood_and_says_nothing_of_configurations(device: Device) -> None:
    beat = msgspec.json.decode(device.heartbeat(), type=Heartbeat)
    assert msgspec.UNSET is beat.configuration
    say(ExperiencePoint.objects.get(), sound__volume=0.5)
    assert 64 == len(device.beat().configuration or "")


def test_no_setting_that_could_cut_a_kiosk_off_is_among_those_that_are_offered() -> None:
    assert 40 < len(SETTINGS)
    for name, setting in SETTINGS.items():
        assert name not in OWN_SETTINGS
        assert name.partition(".")[0] not in OWN_SETTINGS
        section, _dot, key = name.rpartition(".")
        raw = {section: {key: setting.default}} if section else {key: setting.default}
        if setting.default is not None:
            raw = msgspec.json.decode(msgspec.json.encode(raw))
            assert not settings_mistakes(raw, Path())
