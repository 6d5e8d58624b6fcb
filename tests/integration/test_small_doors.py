"""Passwords, names, cookies and headers that make the small doors close."""

import time
import urllib.request
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from office import ServedOffice
from slowness import limit_s

from headoffice.accounts.creation import create_user
from headoffice.accounts.names import check_name
from headoffice.accounts.passwords import VisibleCharacters
from headoffice.errors import HeadOfficeError
from headoffice.structure.csv_file import read_lines

PASSWORD = "four quiet otters"


@pytest.mark.parametrize(
    "password",
    [
        " " * 8, " " * 12, "\t" * 20, "\N{NO-BREAK SPACE}" * 12, "\N{ZERO WIDTH SPACE}" * 30,
        " \N{EM SPACE}\N{ZERO WIDTH JOINER}\N{BRAILLE PATTERN BLANK}" * 4, "a" * 12, "aB" * 8,
        "abc abc abc abc", "\N{COMBINING ACUTE ACCENT}" * 12,
    ],
)  # fmt: skip
def test_what_can_not_be_seen_is_no_password(password: str) -> None:
    with pytest.raises(ValidationError):
        VisibleCharacters().validate(password)


@pytest.mark.parametrize(
    "password", [PASSWORD, "Ölgötze!", "salasana-77x", "пароль-и-ключ", "k1 \t9x"]
)
def test_what_can_be_seen_is_one(password: str) -> None:
    VisibleCharacters().validate(password)


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("password", [" " * 12, "\N{NO-BREAK SPACE}" * 12])
def test_blanks_are_refused_on_every_way_to_a_password(password: str) -> None:
    with pytest.raises(HeadOfficeError, match="visible"):
        create_user("ann", password)
    create_user("ann", PASSWORD)
    client = Client()
    client.post("/login", {"username": "ann", "password": PASSWORD})
    new = dict.fromkeys(("new_password1", "new_password2"), password)
    assert client.post("/password", {"old_password": PASSWORD, **new}).status_code == 422


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "Boss", "BOSS", "b0ss",
        "b\N{CYRILLIC SMALL LETTER O}ss", "bos\N{CYRILLIC SMALL LETTER DZE}",
        "\N{CYRILLIC CAPITAL LETTER VE}oss", "b\N{GREEK SMALL LETTER OMICRON}ss", "bos5",
        "b\N{ARMENIAN SMALL LETTER OH}ss",
    ],
)  # fmt: skip
def test_nobody_gets_a_name_that_looks_like_somebody_elses(name: str) -> None:
    create_user("boss", PASSWORD)
    with pytest.raises(HeadOfficeError, match="look"):
        create_user(name, PASSWORD)


@pytest.mark.database
@pytest.mark.django_db
def test_a_name_of_one_other_alphabet_is_a_name_but_not_a_double() -> None:
    for name in ("анна", "Ἑλένη", "anna.möller", "山田", "ann-2", "ann_3", "оператор"):
        create_user(name, PASSWORD)
    create_user("ecop", PASSWORD)
    whole = "".join(map("\N{CYRILLIC SMALL LETTER IE}\N{CYRILLIC SMALL LETTER ES}"
                        "\N{CYRILLIC SMALL LETTER O}\N{CYRILLIC SMALL LETTER ER}".__getitem__,
                        range(4)))  # fmt: skip
    with pytest.raises(ValidationError, match="ecop"):
        check_name(whole)


@pytest.mark.parametrize("header", ["group,name," + ",".join(f"x{n}" for n in range(20_000)),
                                    "group,name," + ",".join(["x"] * 20_000),
                                    ",".join(f"custom: {n}" for n in range(20_000))])  # fmt: skip
def test_a_file_of_many_columns_is_read_in_no_time(header: str) -> None:
    begun = time.monotonic()
    _lines, mistakes = read_lines(header + "\n" + "," * header.count(","))
    assert mistakes
    # A quarter of a second; it was five and grew with the square.
    assert time.monotonic() - begun < limit_s(1)


@pytest.mark.database
@pytest.mark.django_db
def test_strangers_are_not_told_the_version() -> None:
    from importlib.metadata import version

    body = Client().get("/api/v1/openapi.json").json()
    assert version("hymio") != body["info"]["version"]


def served_headers(office: ServedOffice, **sent: str) -> tuple[str | None, str]:
    asked = urllib.request.Request(f"{office.url}/login", headers=sent)  # noqa: S310 - the test's
    with urllib.request.urlopen(asked, timeout=30) as reply:  # noqa: S310 - likewise
        return reply.headers["Strict-Transport-Security"], reply.headers["Set-Cookie"]


@pytest.mark.e2e
def test_browsers_are_told_to_come_by_tls_for_a_year(tmp_path: Path) -> None:
    office = ServedOffice(tmp_path / "office")
    with office:
        assert (None, "hymio_csrf=") == (
            served_headers(office)[0], served_headers(office)[1][:11]
        )  # fmt: skip
    office.options += ["--behind-proxy"]
    with office:
        hsts, cookie = served_headers(office, **{"X-Forwarded-Proto": "https"})
        assert "max-age=31536000" == hsts
        assert cookie.startswith("__Host-hymio_csrf=")
        assert {"Secure", "Path=/", "HttpOnly"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
