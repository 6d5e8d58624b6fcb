"""Dates at the ends of the calendar are answered with a page or with words, never with an error."""

from itertools import product

import pytest
from django.test import Client
from office import Device, answer

from headoffice.accounts.models import Role, User
from headoffice.api.models import Scope
from headoffice.api.tokens import create_token
from headoffice.fleet.models import Assignment, ExperiencePoint

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAYS = (
    "0001-01-01", "0001-01-02", "0001-12-31", "1582-10-15", "1899-12-31", "1970-01-01",
    "9999-12-31",
    "9999-01-01", "0000-01-01", "10000-01-01", "-0001-01-01", "99999999999999999999", "2026-02-30",
    "٢٠٢٦-٠١-٠١", "20260101", "2026-W01-1", "", "\x01",
)  # fmt: skip
PAGES = (
    "/results/", "/results/place", "/results/compare", "/results/questions", "/results/comments",
    "/wall", "/wall/now", "/export/", "/kiosks/",
)  # fmt: skip


@pytest.fixture
def administrator(device: Device) -> User:
    device.define()
    device.deliver(answer(1))
    return User.objects.create(username="ann", role=Role.ADMINISTRATOR)


def test_pages_take_any_date(administrator: User) -> None:
    client = Client()
    client.force_login(administrator)
    for first, last in product(DAYS, ("0001-01-02", "9999-12-31", "2026-01-01", "10000-01-01")):
        for page in PAGES if first[:4] in ("0001", "9999") else PAGES[:1]:
            asked = {"from": first, "to": last}
            assert client.get(page, asked).status_code < 500, (page, asked)
        asked = {"since": first, "until": last}
        assert client.get("/results/compare", asked).status_code < 500, asked
    for page in PAGES:
        many = {"version": "9" * 5000, "questionnaire": "checkout", "page": "9" * 5000}
        assert client.get(page, many).status_code < 500


def test_programs_are_told_what_is_wrong(administrator: User) -> None:
    secret = create_token("all", list(Scope), administrator)
    client, headers = Client(), {"Authorization": f"Bearer {secret}"}
    for day, step in product(DAYS, ("day", "week", "month", "all")):
        for name in ("first", "last"):
            asked = {name: day, "step": step}
            status = client.get("/api/v1/results", asked, headers=headers).status_code
            assert status in (200, 400), (asked, status)
    for day, offset in product(DAYS, ("Z", "+14:00", "-12:00", "+23:59", "-23:59")):
        for name in ("happened_from", "happened_before", "received_from"):
            asked = {name: f"{day}T00:00:00{offset}"}
            status = client.get("/api/v1/answers", asked, headers=headers).status_code
            # Nothing was received later than now: that is said by a status of its own.
            fine = (200, 400, 409) if name == "received_from" else (200, 400)
            assert status in fine, (asked, status)


def test_a_kiosk_may_be_moved_as_of_any_date(administrator: User, device: Device) -> None:
    client = Client()
    client.force_login(administrator)
    point = ExperiencePoint.objects.get()
    for day in DAYS:
        asked = {"point": point.pk, "since": f"{day}T00:00"}
        response = client.post(f"/kiosks/{device.row.pk}/move", asked)
        assert response.status_code in (302, 422, 200), (day, response.status_code)
        assert client.get(f"/kiosks/{device.row.pk}/move").status_code < 500
    assert not Assignment.objects.filter(since_ms__lt=0).exists()
