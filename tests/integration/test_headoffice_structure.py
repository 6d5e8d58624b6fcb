"""The tree and the people in it: forms, the CSV file with its preview, kiosks that move."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from office import Device, answer

from headoffice.accounts.models import Role, User
from headoffice.fleet import places
from headoffice.fleet.models import Assignment, ExperiencePoint, Group
from headoffice.fleet.tree import Tree
from headoffice.rollups.models import Daily
from headoffice.structure import csv_file, csv_import, validation

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def admin(db: None) -> Client:
    del db
    client = Client()
    client.force_login(User.objects.create(username="admin", role=Role.ADMINISTRATOR))
    return client


def everywhere() -> frozenset[int]:
    return frozenset(Tree.load().groups)


def paths() -> list[str]:
    tree = Tree.load()
    return sorted(tree.path_of(point) for point in ExperiencePoint.objects.all())


# --- opening hours and other texts --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Mon-Fri 9:00-21:00; Sat 10.00-18.00", "Mon-Fri 09:00-21:00; Sat 10:00-18:00"),
        ("mon 9:00-12:00, 13:00-17:00", "Mon 09:00-12:00, 13:00-17:00"),
        ("Mon-Sun 00:00-24:00", "Mon-Sun 00:00-24:00"),
        ("24/7", "Mon-Sun 00:00-24:00"),
        ("Fri-Sat 18:00-2:00, 10:00-14:00", "Fri-Sat 10:00-14:00, 18:00-02:00"),
        ("Mon 18:00-0:00", "Mon 18:00-24:00"),
        ("Wed 09:00-12:00\nTue 09:00-12:00", "Tue-Wed 09:00-12:00"),
        ("", ""),
    ],
)
def test_opening_hours_are_read_as_people_write_them(text: str, spelt: str) -> None:
    hours = validation.hours(text)
    assert spelt == validation.hours_text(hours)
    assert hours == validation.hours(spelt)


@pytest.mark.parametrize(
    "text",
    ["always", "Mon", "Mon 9", "Mon 25:00-26:00", "Mon 10:00-10:00",
     "Mon 09:00-12:00, 11:00-13:00", "Mon 09:00-10:60", "Mon 09:00-12:00; Mon 10:00-13:00"],
)  # fmt: skip
def test_opening_hours_that_make_no_sense_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        validation.hours(text)


@pytest.mark.parametrize("name", ["", "  ", "a / b", "x" * 121, "tab\x07bell"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        validation.clean_name(name)


# --- forms --------------------------------------------------------------------------------


def test_a_group_and_a_place_are_added_renamed_moved_and_removed(admin: Client) -> None:
    admin.post("/structure/group", {"name": "Finland", "group": ""})
    finland = Group.objects.get(name="Finland")
    admin.post("/structure/group", {"name": "Turku", "group": finland.pk})
    turku = Group.objects.get(name="Turku")
    said = {
        "name": "Exit",
        "group": turku.pk,
        "time_zone": "Europe/Helsinki",
        "opening_hours": "Mon-Sat 09:00-21:00",
        "tags": "city, big, city",
        "custom": "Floor: 2\nContact: Ann",
    }
    assert admin.post("/structure/place", said).status_code == 302
    exit_ = ExperiencePoint.objects.get()
    assert ["big", "city"] == exit_.tags
    assert {"Floor": "2", "Contact": "Ann"} == exit_.custom
    assert [["09:00", "21:00"]] == exit_.opening_hours["sat"]
    admin.post(f"/structure/place/{exit_.pk}", said | {"name": "Main exit", "group": finland.pk})
    assert ["Finland / Main exit"] == paths()
    admin.post(f"/structure/group/{turku.pk}", {"remove": "sure"})
    admin.post(f"/structure/place/{exit_.pk}", {"remove": "sure"})
    assert (1, 0) == (Group.objects.count(), ExperiencePoint.objects.count())


def test_what_is_in_use_is_not_removed(admin: Client) -> None:
    device = Device.enrolled("Finland / Turku / Exit")
    point = device.row.assignments.get().point
    for address in (f"/structure/place/{point.pk}", f"/structure/group/{point.group_id}"):
        asked = admin.post(address, {"remove": "1"}).content.decode()
        assert 'name="remove" value="sure"' in asked, "a slip of the mouse removes nothing"
        assert ExperiencePoint.objects.exists()
        answer_ = admin.post(address, {"remove": "sure"}, follow=True)
        assert answer_.status_code == 200
    assert ["Finland / Turku / Exit"] == paths()


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("time_zone", "Europe/Nowhere", "Unknown time zone"),
        ("name", "a / b", "path"),
        ("name", "Exit", "already"),
        ("opening_hours", "when we like", "is not like"),
        ("custom", "no colon", "is not like"),
        ("custom", "Floor: 1\nFloor: 2", "more than one “Floor”"),
        ("group", "4711", "valid choice"),
    ],
)
def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    admin: Client, field: str, value: str, hint: str
) -> None:
    group = places.get_or_create_point("Finland / Exit", "UTC").group
    said = {"name": "New", "group": group.pk, "time_zone": "UTC", "tags": "typed"}
    response = admin.post("/structure/place", said | {field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert hint in page
    assert "typed" in page
    assert ExperiencePoint.objects.count() == 1


def test_a_group_is_never_put_below_itself(admin: Client) -> None:
    below = places.get_or_create_point("Finland / Turku / Exit", "UTC").group
    top = below.parent
    assert top is not None
    response = admin.post(f"/structure/group/{top.pk}", {"name": "Finland", "group": below.pk})
    assert response.status_code == 422
    assert Group.objects.get(pk=top.pk).parent is None


def test_a_moved_kiosk_takes_along_what_it_heard_since(admin: Client) -> None:
    device = Device.enrolled("Finland / Exit")
    Assignment.objects.update(since_ms=0)
    device.deliver(answer(1))
    new = places.get_or_create_point("Sweden / Exit", "Europe/Stockholm")
    since = {"point": new.pk, "since": "2020-01-01T10:00"}
    moved = admin.post(f"/kiosks/{device.row.pk}/move", since, follow=True)
    assert "stands at Sweden / Exit." in moved.content.decode(), "Finland has an Exit as well"
    assert ">Finland / Exit<" in admin.get(f"/kiosks/{device.row.pk}/move").content.decode()
    assert {new.pk} == {row.point for row in Daily.objects.filter(count__gt=0)}
    stay = device.row.assignments.order_by("since_ms").last()
    assert stay is not None
    assert stay.since_ms == 1_577_869_200_000, "ten o'clock in Stockholm"
    later = {"point": new.pk, "since": "2999-01-01T10:00"}
    assert admin.post(f"/kiosks/{device.row.pk}/move", later).status_code == 422


# --- CSV ----------------------------------------------------------------------------------


def upload(client: Client, text: str | bytes) -> Any:
    data = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile("tree.csv", data, content_type="text/csv")
    return client.post("/structure/import", {"file": file})


def carry_out(client: Client, page: Any) -> Any:
    said = {"text": page.context["text"], "seal": page.context["plan"].seal, "groups": "1"}
    return client.post("/structure/import/carry-out", said, follow=True)


FILE = """\
id;kind;group;name;time_zone;opening_hours;tags;custom: Floor
;group;Finland;Oulu;;;;
;place;Finland / Turku;Exit;Europe/Helsinki;"Mon-Fri 09:00-21:00;
Sat 10:00-18:00";city, big;2
;place;Sweden / Malmö;Till;Europe/Stockholm;;;
"""


def test_a_file_makes_the_tree_after_showing_what_it_would(admin: Client) -> None:
    seen = upload(admin, FILE)
    plan = seen.context["plan"]
    assert (200, 3, ()) == (seen.status_code, len(plan.changes), plan.mistakes)
    assert [2, 3, 5] == [change.line for change in plan.changes]
    assert ExperiencePoint.objects.count() == 0, "seen, not done"
    carry_out(admin, seen)
    assert ["Finland / Turku / Exit", "Sweden / Malmö / Till"] == paths()
    point = ExperiencePoint.objects.get(name="Exit")
    assert ({"Floor": "2"}, ["big", "city"]) == (point.custom, point.tags)
    again = upload(admin, FILE).context["plan"]
    assert ((), 3) == (again.changes, again.unchanged)


def test_what_is_written_can_be_read_and_changes_nothing(admin: Client) -> None:
    carry_out(admin, upload(admin, FILE))
    ExperiencePoint.objects.filter(name="Till").update(tags=["=HYPERLINK(1)"], custom={"A": "-1"})
    response = admin.get("/structure/places.csv")
    assert "attachment" in response["Content-Disposition"]
    assert b"'=HYPERLINK" in response.content, "a spreadsheet must not calculate it"
    plan = upload(admin, response.content).context["plan"]
    assert ((), 7, ()) == (plan.changes, plan.unchanged, plan.mistakes)


def test_names_and_places_change_by_their_id(admin: Client) -> None:
    carry_out(admin, upload(admin, FILE))
    point, turku = ExperiencePoint.objects.get(name="Exit"), Group.objects.get(name="Turku")
    text = (
        "id,kind,group,name,time_zone\n"
        f"p{point.pk},place,Finland / Åbo,Main exit,Asia/Kolkata\n"
        f"g{turku.pk},group,Finland,Åbo,\n"
    )
    seen = upload(admin, text)
    assert {("name", "Exit", "Main exit"), ("time_zone", "Europe/Helsinki", "Asia/Kolkata")} <= {
        detail for change in seen.context["plan"].changes for detail in change.details
    }
    carry_out(admin, seen)
    assert "Finland / Åbo / Main exit" in paths()
    point.refresh_from_db()
    assert ("Asia/Kolkata", ["big", "city"]) == (point.time_zone, point.tags)


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("", 1, "“group” is missing"),
        ("group,name,colour\nA,B,red\n", 1, "“colour”"),
        ("group,name\nA,B\n,C\n", 3, "needs a group"),
        ("group,name\nA,\n", 2, "name is missing"),
        ("group,name,time_zone\nA,B,\nA,C,Mars/Base\n", 3, "Mars/Base"),
        ("group,name,opening_hours\nA,B,never\n", 2, "never"),
        ("id,group,name\np4711,A,B\n", 2, "p4711"),
        ("id,kind,group,name\ng1,place,A,B\n", 2, "that of a location with p"),
        ("group,name\nA,B\nA,B\n", 3, "the same one as line 2"),
        ("group,name\nA,B,C\n", 2, "more cells"),
        ('group,name\nA,"B\n', 0, "Not a valid CSV"),
        ("kind,group,name\nshop,A,B\n", 2, "“kind”"),
    ],
)
def test_mistakes_are_named_with_their_lines_and_nothing_changes(
    admin: Client, text: str, line: int, hint: str
) -> None:
    response = upload(admin, text)
    if not text:
        assert response.status_code == 422
        return
    mistakes = response.context["plan"].mistakes
    assert (422, line) == (response.status_code, mistakes[0].line)
    assert hint in mistakes[0].text
    admin.post("/structure/import/carry-out", {"text": text, "seal": "x"})
    assert (0, 0) == (Group.objects.count(), ExperiencePoint.objects.count())


def test_a_group_that_may_be_mistyped_is_named_and_has_to_be_confirmed(admin: Client) -> None:
    carry_out(admin, upload(admin, "group,name\nChain / South,Till\n"))
    text = "group,name\nChain / Suoth,Exit\nChain / Suoth,Entry\nElsewhere,Door\n"
    seen = upload(admin, text)
    plan, page = seen.context["plan"], seen.content.decode()
    assert [(2, "Chain / Suoth", "Chain / South"), (4, "Elsewhere", "")] == [
        *plan.groups_without_line
    ]
    assert "5 groups and locations will change" in page
    assert "Is Chain / South meant?" in page
    before = paths()
    said = {"text": text, "seal": plan.seal}
    refused = admin.post("/structure/import/carry-out", said)
    assert "the new groups are meant" in refused.content.decode()
    assert before == paths()
    done = carry_out(admin, seen)
    assert "Done: 5 groups and locations." in done.content.decode()


def test_a_group_with_a_row_of_its_own_is_meant(admin: Client) -> None:
    text = "kind,group,name\ngroup,,Chain\ngroup,Chain,South\nplace,Chain / South,Exit\n"
    assert () == upload(admin, text).context["plan"].groups_without_line


def test_a_file_that_is_no_text_is_explained(admin: Client) -> None:
    response = upload(admin, b"group,name\nA,\xff\n")
    assert response.status_code == 422
    assert "UTF-8" in response.content.decode()


def test_a_plan_that_no_longer_holds_is_shown_again(admin: Client) -> None:
    seen = upload(admin, FILE)
    places.get_or_create_point("Finland / Turku / Exit", "UTC")
    response = carry_out(admin, seen)
    assert "changed meanwhile" in response.content.decode()
    assert ["Finland / Turku / Exit"] == paths()


def test_a_group_in_a_file_is_never_put_below_itself() -> None:
    below = places.get_or_create_point("A / B / Exit", "UTC").group
    lines, wrong = csv_file.read_lines(f"id,group,name\ng{below.parent_id},A / B,A\n")
    plan = csv_import.plan_import(lines, wrong)
    assert ["A group can't stand below itself."] == [mistake.text for mistake in plan.mistakes]


# --- people -------------------------------------------------------------------------------


def test_an_account_is_made_with_a_password_that_is_shown_once(admin: Client) -> None:
    group = places.get_or_create_point("Finland / Exit", "UTC").group
    said = {"username": "mia", "role": "manager", "group": group.pk}
    made = admin.post("/people/", said)
    # A reload shows it again, and makes nothing.
    for _ in range(2):
        page = admin.get(made["Location"]).content.decode()
        found = re.search(r'id="password">([^<]+)<', page)
        assert found
    assert found[1] not in admin.get("/people/").content.decode()
    mia = Client()
    assert mia.login(username="mia", password=found[1])
    assert mia.get("/")["Location"] == "/password?next=%2F"
    user = User.objects.get(username="mia")
    assert Role.MANAGER == user.role
    assert [group.pk] == list(user.responsibilities.values_list("group", flat=True))


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ({"username": "mia", "role": "manager"}, "needs at least one group or location"),
        ({"username": "admin", "role": "analyst"}, "already exists"),
        ({"username": "a b", "role": "analyst"}, "valid username"),
        ({"username": "mia", "role": "king"}, "valid choice"),
    ],
)
def test_an_account_that_cannot_be_is_explained(
    admin: Client, said: dict[str, str], hint: str
) -> None:
    response = admin.post("/people/", said)
    assert response.status_code == 422
    assert hint in response.content.decode()
    assert User.objects.count() == 1


def test_who_is_shut_out_is_nobody_from_the_next_request_on(admin: Client) -> None:
    user = User.objects.create(username="ann", role=Role.ANALYST)
    ann = Client()
    ann.force_login(user)
    assert ann.get("/").status_code == 200
    asked = admin.get(f"/people/{user.pk}/deactivate")
    assert "Deactivate ann?" in asked.content.decode()
    assert ann.get("/").status_code == 200
    admin.post(f"/people/{user.pk}/deactivate")
    assert ann.get("/")["Location"].startswith("/login")
    admin.post(f"/people/{user.pk}", {"active": "1"})
    assert ann.get("/").status_code == 200


def test_a_new_password_ends_open_sessions(admin: Client) -> None:
    user = User.objects.create(username="ann", role=Role.ANALYST)
    ann = Client()
    ann.force_login(user)
    page = admin.post(f"/people/{user.pk}", {"password": "1"}, follow=True)
    assert 'id="password"' in page.content.decode()
    assert ann.get("/")["Location"].startswith("/login")


def test_nobody_shuts_out_or_demotes_themselves(admin: Client) -> None:
    me = User.objects.get(username="admin")
    admin.post(f"/people/{me.pk}", {"role": "analyst"})
    admin.post(f"/people/{me.pk}/deactivate")
    admin.post(f"/people/{me.pk}/remove")
    me.refresh_from_db()
    assert (True, Role.ADMINISTRATOR) == (me.is_active, me.role)
