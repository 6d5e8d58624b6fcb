"""Who gets in, and how often someone may guess."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Attempts
from headoffice.people import sign_in

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "four quiet otters"


@pytest.fixture(autouse=True)
def ann() -> None:
    create_user("ann", PASSWORD)


def log_in(client: Client, password: str, name: str = "ann") -> int:
    return client.post("/login", {"username": name, "password": password}).status_code


def test_the_right_password_opens_and_logging_out_closes() -> None:
    client = Client()
    assert log_in(client, PASSWORD) == 302
    assert client.get("/").status_code == 200
    client.post("/logout")
    assert client.get("/").status_code == 302


def test_ten_wrong_passwords_make_even_the_right_one_wait() -> None:
    client = Client()
    for _ in range(sign_in.TRIES_PER_ACCOUNT):
        assert log_in(client, "wrong") == 200
    response = client.post("/login", {"username": "ann", "password": PASSWORD})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    assert client.get("/").status_code == 302
    # The window passes.
    Attempts.objects.update(since_ms=0)
    assert log_in(client, PASSWORD) == 302


def test_names_and_addresses_of_failed_tries_are_not_kept() -> None:
    log_in(Client(), "wrong")
    kept = repr([bytes(row.source) for row in Attempts.objects.all()])
    assert "ann" not in kept
    assert "127.0.0.1" not in kept


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/login", {"username": "ann", "password": PASSWORD})
    assert response.status_code == 403
    assert b"no longer valid" in response.content


def test_a_live_page_without_a_session_is_sent_to_the_login_as_a_whole() -> None:
    response = Client().get("/live", headers={"HX-Request": "true"})
    assert (204, "/login") == (response.status_code, response["HX-Redirect"])


def test_the_live_part_is_silent_while_nothing_changes() -> None:
    client = Client()
    log_in(client, PASSWORD)
    seen = ".".join(part.mark for part in client.get("/live").context["in_order"])
    assert client.get(f"/live?seen={seen}").status_code == 204
    assert client.get("/live?seen=older").status_code == 200


ASKED = "/results/comments?place=p1&period=year"
HERE = "http://testserver"


def on_the_way(response: HttpResponse) -> dict[str, list[str]]:
    address = response.get("Location") or response["HX-Redirect"]
    return parse_qs(urlsplit(address).query)


def test_a_page_that_was_asked_for_survives_the_login_and_the_forced_change() -> None:
    create_user("bob", PASSWORD, temporary=True)
    client = Client()
    login = client.get(ASKED)["Location"]
    there = client.post(login, {"username": "bob", "password": PASSWORD, "next": ASKED})
    assert ASKED == there["Location"]
    change = client.get(ASKED)["Location"]
    assert change.startswith("/password?")
    new = "five quiet otters"
    for chosen in ("short", new):
        answers = {"old_password": PASSWORD, "new_password1": chosen, "new_password2": chosen}
        response = client.post(change, answers)
    assert ASKED == response["Location"]


@pytest.mark.parametrize(
    "then", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_nobody_is_sent_elsewhere_after_a_change_of_the_password(then: str) -> None:
    client = Client()
    log_in(client, PASSWORD)
    answers = {"old_password": PASSWORD, "new_password1": "five quiet otters"}
    answers["new_password2"] = answers["new_password1"]
    address = f"/password?{urlencode({'next': then})}"
    assert "/" == client.post(address, answers)["Location"]


def test_a_form_without_a_session_leads_back_to_where_it_stood() -> None:
    response = Client().post("/kiosks/code", headers={"Referer": f"{HERE}/kiosks/code?place=p1"})
    assert {"next": ["/kiosks/code?place=p1"], "ended": ["1"]} == on_the_way(response)
    page = Client().get(response["Location"]).content.decode()
    assert "You had been logged out, so nothing was changed" in page


def test_a_part_of_a_page_without_a_session_leads_back_to_the_page() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{HERE}{ASKED}"}
    assert {"next": [ASKED]} == on_the_way(Client().get(ASKED, headers=headers))


@pytest.mark.parametrize("source", ["https://elsewhere.example/x", "//[", ""])
def test_another_site_is_no_page_to_come_back_to(source: str) -> None:
    response = Client().post("/kiosks/code", headers={"Referer": source})
    assert {"ended": ["1"]} == on_the_way(response)
