"""Settings are changed on a page, looked at before they are rolled out, and followed on another."""

import re
from html import unescape
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from office import DEFINITION, DIGEST, Device

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.configuration.catalogue import SETTINGS
from headoffice.configuration.divergence import PATIENCE
from headoffice.configuration.models import KioskTarget, RollOut, SettingValue, StoredFile
from headoffice.configuration.words import LABELS, SECTIONS
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.questionnaires.models import Publication, Version
from sync.configuration import ConfigurationReport

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00"
    b"IEND\xaeB`\x82"
)


def client(role: Role = Role.ADMINISTRATOR, group: Group | None = None) -> Client:
    made = Client()
    made.force_login(create_user(f"some-{role}", "puolukka-77x", role=role, group=group))
    return made


@pytest.fixture
def device(device: Device) -> Device:
    device.beat()
    device.beat(configuration=ConfigurationReport())
    return device


def scope() -> str:
    return f"p{ExperiencePoint.objects.get(name='Main street').pk}"


def text_of(response: Any) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", response.content.decode())))


def wire(response: Any) -> str:
    found = re.search(r'name="changes" value="([^"]*)"', response.content.decode())
    assert found is not None, text_of(response)
    return unescape(found[1])


def release(who: Client, fields: dict[str, str], **more: str) -> RollOut:
    preview = who.post(f"/settings/{scope()}", fields)
    done = who.post("/roll-outs/release", {"changes": wire(preview), "title": "Louder", **more})
    assert 302 == done.status_code, text_of(done)
    return RollOut.objects.latest("pk")


def test_a_change_is_looked_at_released_followed_and_taken_back(device: Device) -> None:
    who = client()
    preview = who.post(
        f"/settings/{scope()}",
        {"value-sound.volume": "0,75", "lock-sound.volume": "on", "value-hours.sunday": "-"},
    )
    text = text_of(preview)
    assert 200 == preview.status_code
    assert "Volume, 0 to 1 Main street – 0.75 · locked" in text
    assert "Sunday Main street – none" in text
    assert "1 kiosk is told something else" in text
    assert not SettingValue.objects.exists()
    who.post("/roll-outs/release", {"changes": wire(preview), "title": "Louder"})
    row = RollOut.objects.get()
    assert {"sound.volume": 0.75, "hours.sunday": []} == dict(
        SettingValue.objects.values_list("name", "value")
    )
    digest = device.beat().configuration
    device.beat(configuration=ConfigurationReport(in_force=digest or ""))
    page = text_of(who.get(f"/roll-outs/{row.pk}"))
    assert "Shown, and answered" in page
    assert "Louder Done 1 / 1" in text_of(who.get("/roll-outs/"))
    settings = who.get(f"/settings/k{device.row.pk}")
    assert "Further up: 0.75 (Main street)" in text_of(settings)
    assert "locked by Main street" in text_of(settings)
    who.post(f"/roll-outs/{row.pk}/undo")
    assert not SettingValue.objects.exists()
    assert "" == device.beat().configuration
    assert "Taken back" in text_of(who.get(f"/roll-outs/{row.pk}"))


def test_what_is_wrong_is_told_in_its_place_and_nothing_is_lost(device: Device) -> None:
    del device
    response = client().post(
        f"/settings/{scope()}", {"value-sound.volume": "loud", "value-screen.max_fps": "20"}
    )
    assert 422 == response.status_code
    assert "This is not a number." in text_of(response)
    assert 'value="loud"' in response.content.decode()
    assert 'value="20"' in response.content.decode()


def test_what_no_kiosk_takes_can_not_be_released(device: Device) -> None:
    who = client()
    preview = who.post(f"/settings/{scope()}", {"value-sound.volume": "7"})
    assert 422 == preview.status_code
    assert "These kiosks can’t take it" in text_of(preview)
    assert f"Kiosk {device.row.pk}" in text_of(preview)
    assert "sound.volume: found 7.0; allowed: a number" in text_of(preview)
    assert 'name="changes"' not in preview.content.decode()
    wrong = [{"scope": scope(), "name": "sound.volume", "after": {"value": 7}}]
    forced = who.post(
        "/roll-outs/release", {"changes": msgspec.json.encode(wrong).decode(), "title": "x"}
    )
    assert 422 == forced.status_code
    assert not RollOut.objects.exists()


def test_the_form_as_it_is_changes_nothing(device: Device) -> None:
    del device
    who = client()
    version = Version.objects.update_or_create(
        digest=DIGEST, defaults={"definition": DEFINITION.decode(), "title": "Checkout"}
    )[0]
    Publication.objects.create(version=version, title="Christmas")
    colours = {"background": "#ffffff", "text": "#000000", "accent": "#005500"}
    fields = {
        "value-sound.enabled": "off",
        "value-screen.theme": "dark",
        "value-timing.thanks": "2.5",
        "value-hours.monday": "09:00-12:00\n13:00-18:00",
        **{f"value-brand.colours-{key}": value for key, value in colours.items()},
        "lock-questionnaire": "on",
        "schedule-0-version": str(version.pk),
        "schedule-0-begins": "2026-12-01T00:00",
        "schedule-0-ends": "2030-12-27T00:00",
        "schedule-1-version": str(version.pk),
    }
    release(who, fields)
    page = who.get(f"/settings/{scope()}").content.decode()
    assert 'value="2026-12-01T00:00"' in page
    assert ">Christmas</option>" in page
    sent = dict.fromkeys(re.findall(r'name="((?:value|schedule)-[^"]+)"', page), "") | fields
    again = who.post(f"/settings/{scope()}", sent)
    assert 302 == again.status_code, text_of(again)


def test_a_picture_travels_with_the_settings(device: Device) -> None:
    who = client()
    file = SimpleUploadedFile("Our logo.PNG", PNG, "image/png")
    who.post(f"/settings/{scope()}", {"file": file})
    row = StoredFile.objects.get()
    assert re.fullmatch(r"Our-logo-[0-9a-f]{8}\.png", row.name)
    release(who, {"value-brand.logo": row.name})
    device.beat()
    assert [row.digest] == KioskTarget.objects.get().files
    wrong = SimpleUploadedFile("virus.exe", b"MZ", "image/png")
    refused = who.post(f"/settings/{scope()}", {"file": wrong}, follow=True)
    assert "Only PNG, JPEG and SVG pictures" in text_of(refused)


def test_a_picture_that_is_none_is_refused_before_it_reaches_a_kiosk(device: Device) -> None:
    del device
    who = client()
    who.post(f"/settings/{scope()}", {"file": SimpleUploadedFile("logo.png", b"no picture")})
    preview = who.post(f"/settings/{scope()}", {"value-brand.logo": StoredFile.objects.get().name})
    assert 422 == preview.status_code
    assert "brand.logo" in text_of(preview)


def test_managers_look_and_administrators_change(device: Device) -> None:
    del device
    point = ExperiencePoint.objects.get(name="Main street")
    manager, other = client(Role.MANAGER, point.group), Group.objects.create(name="Elsewhere")
    assert 200 == manager.get(f"/settings/{scope()}").status_code
    assert "Look at what this changes" not in text_of(manager.get(f"/settings/{scope()}"))
    manager.post(f"/settings/{scope()}", {"value-sound.volume": "0.5"})
    assert 404 == manager.post("/roll-outs/release", {"changes": "[]"}).status_code
    assert 404 == manager.get(f"/settings/g{other.pk}").status_code
    assert 404 == manager.get("/settings/x1").status_code
    assert 404 == manager.get("/settings/k999").status_code
    assert not RollOut.objects.exists()


def test_a_kiosks_page_says_what_is_meant_and_what_holds(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = client()
    release(who, {"value-sound.volume": "0.5"})
    digest = device.beat().configuration or ""
    said = ConfigurationReport(staff=("sound.volume",))
    device.beat(configuration=said)
    page = text_of(who.get(f"/kiosks/{device.row.pk}"))
    assert f"Meant for it {digest[:8]}" in page
    assert "In force the kiosk’s own file" in page
    assert "Changed by staff Volume, 0 to 1" in page
    assert "It does not have the settings yet" not in page
    later = clock.now_ms() + int(PATIENCE.total_seconds() * 1000) + 1000
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    device.beat()
    assert "It does not have the settings yet" in text_of(who.get(f"/kiosks/{device.row.pk}"))
    device.beat(configuration=ConfigurationReport(in_force=digest))
    assert "It does not have the settings yet" not in text_of(who.get(f"/kiosks/{device.row.pk}"))


def test_a_stopped_roll_out_says_why_and_goes_on_if_somebody_says_so(device: Device) -> None:
    who = client()
    row = release(who, {"value-sound.volume": "0.5"}, first="named", kiosks=str(device.row.pk))
    digest = device.beat().configuration or ""
    device.beat(configuration=ConfigurationReport(refusal=digest, reasons=("no room",)))
    page = text_of(who.get(f"/roll-outs/{row.pk}"))
    assert f"It stopped by itself: kiosk {device.row.pk}: refusal. no room" in page
    who.post(f"/roll-outs/{row.pk}/resume")
    row.refresh_from_db()
    assert "run" == row.state


def test_every_setting_has_a_name_and_a_section() -> None:
    assert set(SETTINGS) | {"questionnaire"} == set(LABELS)
    assert {each.section for each in SETTINGS.values()} == set(SECTIONS)
