"""Codes for many kiosks at once: made, printed, listed, withdrawn; no reload makes another."""

import csv
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from office import ServedOffice, new_id
from playwright.sync_api import Page, sync_playwright

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.accounts.sealing import seal, unseal
from headoffice.fleet import enrolment, places
from headoffice.fleet.enrolment import open_codes
from headoffice.fleet.models import EnrolmentCode, ExperiencePoint, Group
from headoffice.structure.code_forms import AT_ONCE
from headoffice.web.problems import RefusedError
from sync.messages import EnrolmentRequest


@pytest.fixture
def admin(db: None) -> Client:
    del db
    client = Client()
    client.force_login(create_user("boss", "puolukka-77x", role=Role.ADMINISTRATOR))
    return client


def make(client: Client, **form: Any) -> Any:
    response = client.post("/kiosks/code", form)
    return client.get(response["Location"]) if response.status_code == 302 else response


def join(code: str) -> str:
    return enrolment.enrol_kiosk(EnrolmentRequest(code, new_id(), "0.1"), "test").place


def chain(shops: int) -> Group:
    for n in range(shops):
        places.get_or_create_point(f"Chain / North / Shop {n}", "Europe/Helsinki")
    return Group.objects.get(name="Chain")


@pytest.mark.database
def test_a_group_gets_a_code_for_each_place_without_a_kiosk(admin: Client) -> None:
    group = chain(4)
    join(enrolment.create_code("Chain / North / Shop 0"))
    enrolment.create_code("Chain / North / Shop 1")
    page = make(admin, group=str(group.pk))
    paths = [card.path for card in page.context["cards"]]
    assert ["Chain / North / Shop 2", "Chain / North / Shop 3"] == paths
    # A place that is named itself gets one more.
    first = ExperiencePoint.objects.get(name="Shop 0")
    (card,) = make(admin, point=str(first.pk)).context["cards"]
    assert "Shop 0" == join(card.open.code)
    # Each code is for one place.
    codes = {card.path[-6:]: card.open.code for card in page.context["cards"]}
    assert ["Shop 2", "Shop 3"] == [join(codes[name]) for name in ("Shop 2", "Shop 3")]


@pytest.mark.database
def test_a_reload_makes_no_second_code(admin: Client) -> None:
    chain(1)
    response = admin.post("/kiosks/code", {"place": "Shop 0"})
    assert 302 == response.status_code
    texts = {admin.get(response["Location"]).content.decode().count("the-code") for _ in range(3)}
    assert {1} == texts
    assert 1 == EnrolmentCode.objects.count()


@pytest.mark.database
def test_a_slip_makes_no_place_until_somebody_says_that_it_is_new(admin: Client) -> None:
    chain(4)
    page = make(admin, place="Shop O3")
    assert 422 == page.status_code
    text = page.content.decode()
    assert "There is no location “Shop O3” yet. Did you mean: Shop 3" in text
    assert 4 == ExperiencePoint.objects.count()
    page = make(admin, place="Shop O3", new="1")
    assert "This location is new" in page.content.decode()
    assert 5 == ExperiencePoint.objects.count()


@pytest.mark.database
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "Choose at least one location"),
        ({"place": "Twin"}, "several locations called Twin"),
        ({"place": "x" * 121}, "at most 120 characters"),
        ({"point": "4711", "group": "x"}, "Choose at least one location"),
    ],
)
def test_what_is_wrong_is_said_and_makes_nothing(
    form: dict[str, str], words: str, admin: Client
) -> None:
    for path in ("A / Twin", "B / Twin"):
        places.get_or_create_point(path, "UTC")
    page = make(admin, **form)
    assert 422 == page.status_code
    assert words in page.content.decode()
    assert not EnrolmentCode.objects.exists()


@pytest.mark.database
def test_there_is_a_limit_to_what_is_made_at_once(admin: Client) -> None:
    chain(1)
    north = Group.objects.get(name="North")
    ExperiencePoint.objects.bulk_create(
        ExperiencePoint(group=north, name=f"More {n}") for n in range(AT_ONCE)
    )
    page = make(admin, group=str(north.pk))
    assert f"At most {AT_ONCE} codes" in page.content.decode()
    assert not EnrolmentCode.objects.exists()


@pytest.mark.database
def test_open_codes_are_listed_with_maker_and_end_and_can_be_withdrawn(admin: Client) -> None:
    group = chain(3)
    cards = make(admin, group=str(group.pk)).context["cards"]
    enrolment.create_code("By command")
    page = admin.get("/kiosks/code").content.decode()
    listed = page[page.index("<main") :]
    assert 3 == listed.count(">boss<")
    assert 1 == listed.count(">a command<")
    for card in cards:
        assert card.open.code in page
    join(cards[0].open.code)
    assert cards[0].open.code not in admin.get("/kiosks/code").content.decode()
    address = f"/kiosks/code/withdraw?code={cards[1].open.hex}&code={cards[0].open.hex}&code=x"
    asked = admin.get(address).content.decode()
    assert "Withdraw 1 code?" in asked
    assert cards[1].path in asked
    assert 3 == len(open_codes()), "asking withdraws nothing"
    gone = admin.post(address, follow=True).content.decode()
    assert "1 code is withdrawn." in gone
    with pytest.raises(RefusedError):
        join(cards[1].open.code)
    assert "Shop 2" == join(cards[2].open.code)
    # What has been used stays, so that a lost reply can be asked for again.
    assert EnrolmentCode.objects.filter(hash=cards[0].open.row.hash).exists()


@pytest.mark.database
def test_the_database_holds_no_code_that_opens_anything(admin: Client) -> None:
    group = chain(2)
    cards = make(admin, group=str(group.pk)).context["cards"]
    for row in EnrolmentCode.objects.values():
        assert not any(card.open.code[:4] in str(value) for card in cards for value in row.values())
    join(cards[0].open.code)
    assert "" == EnrolmentCode.objects.get(hash=cards[0].open.row.hash).box
    # Of another secret key a code can't be shown, and is listed all the same.
    EnrolmentCode.objects.filter(kiosk=None).update(box=seal("XXXX-XXXX", "another"))
    assert [""] == [each.code for each in open_codes()]
    assert "Shop 1" in admin.get("/kiosks/code").content.decode()
    # What has ended is forgotten with the next one that is made.
    EnrolmentCode.objects.filter(kiosk=None).update(expires_at=clock.now())
    enrolment.create_code("Shop 0")
    assert {""} == set(
        EnrolmentCode.objects.exclude(point__name="Shop 0").values_list("box", flat=True)
    )


def test_a_sealed_text_opens_for_its_purpose_alone() -> None:
    sealed = seal("KX7Q-29HM", "one")
    assert "KX7Q-29HM" == unseal(sealed, "one")
    assert None is unseal(sealed, "two")
    assert [None] * 3 == [unseal(text, "one") for text in ("", "é", sealed[:-4])]


@pytest.mark.database
def test_the_table_and_the_set_up_file_say_the_same_as_the_sheet(admin: Client) -> None:
    group = chain(3)
    places.get_or_create_point("Chain / =1+1", "UTC")
    page = make(admin, group=str(group.pk))
    batch = page.context["batch"]
    expected = {card.path: card.open.code for card in page.context["cards"]}
    table = admin.get(f"/kiosks/code/{batch}.csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert expected == {row["place"].removeprefix("'"): row["code"] for row in rows}
    for row in rows:
        assert f"hymio-kiosk enrol {row['code']} --url http://testserver" == row["command"]
    setup = tomllib.loads(admin.get(f"/kiosks/code/{batch}.toml").content.decode())
    assert {"url": "http://testserver", "codes": list(expected.values())} == setup
    assert 404 == admin.get(f"/kiosks/code/{new_id()}").status_code


# --- in a browser -------------------------------------------------------------------------


@pytest.fixture
def page(served: ServedOffice) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_context(base_url=served.url).new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        chromium.close()
        assert [] == wrong


@pytest.mark.e2e
def test_forty_kiosks_codes_are_a_printed_sheet_in_six_clicks(
    page: Page, served: ServedOffice, tmp_path: Path
) -> None:
    file = tmp_path / "places.csv"
    file.write_text("group,name\n" + "".join(f"Chain,Shop {n:02}\n" for n in range(40)))
    page.goto("/login")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(served.password)
    page.get_by_role("button", name="Log in").click()
    page.goto("/structure/import")
    page.locator("[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("checkbox", name="These new groups are meant").check()
    page.get_by_role("button", name="Apply changes").click()
    page.goto("/results/")
    clicks = (
        page.get_by_role("link", name="Kiosks", exact=True),
        page.get_by_role("link", name="Add kiosks"),
        page.get_by_role("checkbox", name="Chain"),
        page.get_by_role("button", name="Make codes"),
        page.get_by_role("button", name="Print"),
    )
    page.add_init_script("window.print = () => { document.title = 'printed'; };")
    for click in clicks:
        click.click()
    assert len(clicks) <= 6
    assert "printed" == page.title()
    assert 40 == page.locator(".code-cards li").count()
    assert 40 == page.locator(".square svg path").count()
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 4 <= pages <= 6


@pytest.mark.e2e
def test_a_place_is_found_by_typing_a_part_of_its_path(
    page: Page, served: ServedOffice, tmp_path: Path
) -> None:
    file = tmp_path / "places.csv"
    file.write_text(
        "group,name\n" + "".join(f"Chain/{a},Shop {a}{n}\n" for a in "AB" for n in range(9))
    )
    page.goto("/login")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(served.password)
    page.get_by_role("button", name="Log in").click()
    page.goto("/structure/import")
    page.locator("[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("checkbox", name="These new groups are meant").check()
    page.get_by_role("button", name="Apply changes").click()
    page.goto("/kiosks/code")
    page.get_by_label("Find a location").fill("shop b7")
    assert ["Shop B7"] == page.locator(".options li:visible").all_inner_texts()
    page.keyboard.press("Enter")
    assert page.url.endswith("/kiosks/code"), "searching makes no codes"
    page.get_by_role("checkbox", name="Shop B7").check()
    page.get_by_role("button", name="Make codes").click()
    page.get_by_role("heading", name="Code for one kiosk at Shop B7").wait_for()
