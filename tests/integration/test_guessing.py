"""Whoever guesses gets no further by writing names, addresses or times otherwise."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from django.test import Client, override_settings
from office import ServedOffice, new_id

from headoffice.accounts import known_places, throttle
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Attempts, KnownPlace
from headoffice.fleet import enrolment
from sync.messages import EnrolmentRequest

PASSWORD = "four quiet otters"
WRONG = "three loud otters"
AT_ONCE = 40
LIMIT = known_places.TRIES_PER_ACCOUNT
SPELLINGS = (
    "ana", " ana", "ana ", "\tana\n", "\N{NO-BREAK SPACE}ana", "ANA", "Ana",
    "\N{FULLWIDTH LATIN SMALL LETTER A}na", "\N{MATHEMATICAL BOLD SMALL A}na",
    "\N{FULLWIDTH LATIN SMALL LETTER A}n\N{MATHEMATICAL BOLD SMALL A}",
    "\N{FEMININE ORDINAL INDICATOR}na", "\N{CIRCLED LATIN SMALL LETTER A}na",
    "\N{EM SPACE}ana\N{IDEOGRAPHIC SPACE}", "\x1cana\x85",
)  # fmt: skip


@pytest.fixture
def ana(db: None) -> None:
    del db
    create_user("ana", PASSWORD)
    create_user("ben", PASSWORD)


@pytest.fixture
def behind_proxy() -> Iterator[None]:
    with override_settings(BEHIND_PROXY=True):
        yield


def log_in(
    source: str, password: str = WRONG, name: str = "ana", client: Client | None = None
) -> int:
    asked = {"username": name, "password": password}
    client = client or Client()
    return client.post("/login", asked, headers={"X-Forwarded-For": source}).status_code


def ask(code: str, source: str) -> int:
    body = msgspec.json.encode(EnrolmentRequest(code, new_id(), "0.1"))
    headers = {"X-Forwarded-For": source}
    kind = "application/json"
    path = "/api/kiosk/v1/enrolment"
    return Client().post(path, body, content_type=kind, headers=headers).status_code


pytestmark = [pytest.mark.database]


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_every_spelling_of_a_name_is_one_account() -> None:
    for n in range(LIMIT):
        assert log_in(f"5.5.0.{n}", name=SPELLINGS[n % len(SPELLINGS)]) == 200
    for n, spelling in enumerate(SPELLINGS):
        # Those that the log-in form would not take for ana are wrong anyway.
        assert log_in(f"5.6.0.{n}", PASSWORD, spelling) == 429, repr(spelling)
    assert log_in("5.7.0.1", PASSWORD, "ben") == 302


@pytest.mark.usefixtures("ana", "behind_proxy")
@pytest.mark.parametrize(
    "spelling",
    ["2001:db8::{n:x}", "[2001:db8::{n:x}]:{n}", "7.7.7.7:{n}", "1.1.1.{n}, 7.7.7.7", "junk{n}"],
)
def test_every_address_of_a_network_is_one_source(spelling: str) -> None:
    for n in range(known_places.TRIES_PER_SOURCE):
        assert log_in(spelling.format(n=n + 1), name=f"somebody-{n}") == 200
    assert log_in(spelling.format(n=99), PASSWORD) == 429
    assert log_in("9.9.9.9", PASSWORD) == 302


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_a_site_with_many_networks_is_limited_too() -> None:
    most = known_places.TRIES_PER_SOURCE * throttle.SITE_FACTOR
    for n in range(most):
        assert log_in(f"2001:db8:1:{n:x}::1", name=f"somebody-{n}") == 200
    assert log_in("2001:db8:1:ffff::1", PASSWORD) == 429
    assert log_in("2001:db8:2:1::1", PASSWORD) == 302


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_others_guesses_do_not_shut_out_who_comes_from_a_known_place() -> None:
    mine = Client()
    assert log_in("3.3.3.3", PASSWORD, client=mine) == 302
    for n in range(LIMIT):
        assert log_in(f"5.5.0.{n}") == 200
    # From the same network without the cookie, from elsewhere with it; not from elsewhere without.
    assert log_in("3.3.3.3", PASSWORD) == 302
    mine.cookies.pop("hymio_session")
    assert log_in("8.8.8.8", PASSWORD, client=mine) == 302
    assert log_in("4.4.4.4", PASSWORD) == 429


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_a_known_place_is_known_for_its_people_alone_and_limited_too() -> None:
    mine = Client()
    assert log_in("3.3.3.3", PASSWORD, client=mine) == 302
    mine.cookies.pop("hymio_session")
    for n in range(LIMIT):
        assert log_in(f"5.5.0.{n}", name="ben") == 200
    assert log_in("3.3.3.3", PASSWORD, "ben", mine) == 429
    for _ in range(LIMIT):
        assert log_in("3.3.3.3", client=mine) == 200
    assert log_in("3.3.3.3", PASSWORD, client=mine) == 429


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_a_forged_or_foreign_cookie_makes_no_place_known() -> None:
    for value in ("", "x", "eyJpZCI6IngifQ:1:2", '{"id":"x","people":[1]}'):
        stranger = Client()
        stranger.cookies["hymio_known"] = value
        assert log_in("5.5.5.5", client=stranger) == 200
    assert Attempts.objects.filter(failures=4).count() == 2


@pytest.mark.usefixtures("ana", "behind_proxy")
def test_known_places_hold_no_address_and_are_forgotten() -> None:
    log_in("3.3.3.3", PASSWORD)
    kept = repr([bytes(row.place) for row in KnownPlace.objects.all()])
    assert "3.3.3.3" not in kept
    assert "ana" not in kept
    known_places.forget_old_places()
    assert KnownPlace.objects.count() == 1
    KnownPlace.objects.update(seen_ms=0)
    known_places.forget_old_places()
    assert KnownPlace.objects.count() == 0


@pytest.mark.usefixtures("ana")
def test_success_gives_back_its_own_try_and_no_other() -> None:
    for _ in range(LIMIT - 1):
        assert log_in("-") == 200
    for _ in range(3):
        assert log_in("-", PASSWORD) == 302
    # Nine wrong ones count still, of a place that was unknown then.
    assert [9, 9] == sorted(
        Attempts.objects.filter(failures__gt=0).values_list("failures", flat=True)
    )


@pytest.mark.usefixtures("ana")
def test_a_window_from_the_future_shuts_nobody_out() -> None:
    for _ in range(LIMIT + 1):
        log_in("-")
    assert log_in("-", PASSWORD) == 429
    Attempts.objects.update(since_ms=2**52)
    assert log_in("-", PASSWORD) == 302
    throttle.forget_old_tries()
    assert not Attempts.objects.filter(since_ms=2**52).exists()


@pytest.mark.usefixtures("ana")
def test_old_passwords_are_guessed_ten_times_only() -> None:
    client = Client()
    log_in("-", PASSWORD, client=client)
    asked = {"new_password1": "five quiet otters", "new_password2": "five quiet otters"}
    for _ in range(LIMIT):
        assert client.post("/password", asked | {"old_password": "wrong"}).status_code == 422
    response = client.post("/password", asked | {"old_password": PASSWORD})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    # That was somebody at this open page: the log-in has its own count.
    assert log_in("-", PASSWORD) == 302


@pytest.mark.usefixtures("db", "behind_proxy")
@pytest.mark.parametrize("guessing", ["20 addresses", "one network", "many networks of one site"])
def test_strangers_wrong_codes_do_not_keep_kiosks_out(guessing: str) -> None:
    sources = {
        "20 addresses": [f"5.5.{n % 20}.1" for n in range(220)],
        "one network": [f"2001:db8::{n:x}" for n in range(220)],
        "many networks of one site": [f"2001:db8:0:{n:x}::1" for n in range(220)],
    }[guessing]
    told = Counter(ask("2222-2222", source) for source in sources)
    assert {403, 429} == set(told)
    assert told[403] <= enrolment.GUESSES_ALTOGETHER
    assert ask(enrolment.create_code("Main street"), "3.3.3.3") == 200
    # Also after a slip of the finger, and for the next kiosk of the same shop.
    assert ask("2222-2222", "3.3.3.3") == 403
    assert ask(enrolment.create_code("Main street"), "3.3.3.3") == 200


@pytest.mark.usefixtures("db", "behind_proxy")
def test_in_an_attack_each_network_has_fewer_guesses() -> None:
    for n in range(enrolment.GUESSES_ALTOGETHER):
        assert ask("2222-2222", f"5.5.{n}.1") == 403
    for _ in range(enrolment.GUESSES_IN_AN_ATTACK):
        assert ask("2222-2222", "3.3.3.3") == 403
    assert ask(enrolment.create_code("Main street"), "3.3.3.3") == 429


# --- many at once, against the real program ---------------------------------------------------


def status(url: str, body: bytes, **headers: str) -> int:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_of: object) -> None:
            return None

    request = urllib.request.Request(url, body, headers)  # noqa: S310 - the test's server
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=60) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True)
def test_of_many_guesses_at_once_no_more_than_the_limit_are_looked_at(served: ServedOffice) -> None:
    with urllib.request.urlopen(f"{served.url}/login", timeout=30) as page:  # noqa: S310 - it
        text, cookie = page.read().decode(), page.headers["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token is not None
    said = {"username": "admin", "password": "wrong", "csrfmiddlewaretoken": token[1]}
    form = urllib.parse.urlencode(said).encode()
    code = msgspec.json.encode(EnrolmentRequest("2222-2222", new_id(), "0.1"))
    address = f"{served.url}/api/kiosk/v1/enrolment"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tries = [pool.submit(status, f"{served.url}/login", form, Cookie=cookie)
                 for _ in range(AT_ONCE)]  # fmt: skip
        assert {200: LIMIT, 429: AT_ONCE - LIMIT} == Counter(one.result() for one in tries)
        headers = {"Content-Type": "application/json"}
        tries = [pool.submit(status, address, code, **headers) for _ in range(AT_ONCE)]
        most = enrolment.GUESSES_PER_SOURCE
        assert {403: most, 429: AT_ONCE - most} == Counter(one.result() for one in tries)
