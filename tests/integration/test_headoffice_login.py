"""Who gets in, and how often someone may guess."""

import pytest
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
    seen = client.get("/live").context["seen"]
    assert client.get(f"/live?seen={seen}").status_code == 204
    assert client.get("/live?seen=older").status_code == 200
