"""Pages travel packed, files are named after their content, and streams stay as they are."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.templatetags.static import static
from django.test import Client

from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.web.static_files import PageFiles, hashed_name

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PACKED = {"Accept-Encoding": "gzip"}
CHARTS = "vendor/echarts-6.1.0.charts.min.js"
FILES = [
    f"{storage.prefix}/{path}" if storage.prefix else path
    for path, storage in PageFiles().list(None)
]
KIB = 1024
HTML = 40 * KIB
"""What is left for the page itself."""


def fetch(
    address: str, headers: dict[str, str] = PACKED, *, method: str = "get"
) -> tuple[HttpResponse, bytes]:
    reply = getattr(Client(), method)(address, headers=headers)
    body = b"".join(reply) if reply.streaming else reply.content
    reply.close()
    return reply, body


@pytest.mark.parametrize("name", ["hymio/charts.js", CHARTS, "hymio/Figtree-Medium.woff2"])
def test_a_file_is_kept_for_a_year_under_the_name_of_its_content(name: str) -> None:
    found = Path(str(finders.find(name)))
    assert hashlib.sha256(found.read_bytes()).hexdigest()[:12] in static(name)
    for headers in ({}, PACKED):
        reply, got = fetch(static(name), headers)
        assert "max-age=31536000, public, immutable" == reply["Cache-Control"]
        if reply.get("Content-Encoding") == "gzip":
            got = gzip.decompress(got)
        assert found.read_bytes() == got


def test_under_its_plain_name_a_file_is_not_kept() -> None:
    reply, _body = fetch("/static/hymio/charts.js")
    assert "max-age=60, public" == reply["Cache-Control"]


def test_a_file_of_another_content_is_not_there() -> None:
    assert 404 == Client().get("/static/hymio/charts.000000000000.js").status_code


def test_every_file_has_an_address_and_is_sent() -> None:
    assert {f"/static/{hashed_name(name)}": 200 for name in FILES} == {
        address: fetch(address)[0].status_code
        for address in (f"/static/{hashed_name(name)}" for name in FILES)
    }


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match=r"nowhere\.js"):
        hashed_name("nowhere.js")


def test_a_part_of_a_file_is_a_part_of_the_file_itself() -> None:
    reply, body = fetch(static(CHARTS), PACKED | {"Range": "bytes=0-9"})
    assert (206, None) == (reply.status_code, reply.get("Content-Encoding"))
    assert Path(str(finders.find(CHARTS))).read_bytes()[:10] == body


def test_head_says_what_get_would_send() -> None:
    there, reply = (
        getattr(Client(), way)(static(CHARTS), headers=PACKED) for way in ("get", "head")
    )
    assert b"" == reply.content
    assert there["Content-Encoding"] == reply["Content-Encoding"] == "gzip"


@pytest.fixture
def analyst() -> Client:
    client = Client()
    client.force_login(create_user("ana", "puolukka-77x", role=Role.ANALYST))
    return client


def test_a_page_travels_packed_and_its_length_says_little(analyst: Client) -> None:
    sizes = {len(analyst.get("/results/help", headers=PACKED).content) for _again in range(40)}
    # Which of 100 lengths comes by chance: two replies alone would tell a guesser something.
    assert len(sizes) > 5
    reply = analyst.get("/results/help", headers=PACKED)
    assert "Accept-Encoding" in reply["Vary"]
    assert b"<h1>" in gzip.decompress(reply.content)
    assert b"<h1>" in analyst.get("/results/help").content


def test_what_is_made_while_it_is_sent_is_not_packed(analyst: Client) -> None:
    reply = analyst.get("/live/events", headers=PACKED)
    assert reply.streaming
    assert "Content-Encoding" not in reply
    reply.close()


@pytest.mark.parametrize(
    ("address", "charts"),
    [("/", False), ("/results/", False), ("/results/compare", False), ("/results/comments", False)],
)
def test_what_draws_charts_is_asked_for_where_one_is(
    analyst: Client, address: str, charts: bool
) -> None:
    page = analyst.get(address).content.decode()
    assert charts == bool(re.search(r'rel="preload"[^>]*echarts', page))


def weight(page: str) -> dict[str, int]:
    """What a browser fetches with a page for the first time, and how much of each travels."""
    named = {*re.findall(r'(?:href|src)="(/(?:static/|style\.)[^"]*)"', page)}
    style = next(address for address in named if "/style." in address)
    body = gzip.decompress(fetch(style)[1]).decode()
    named |= {*re.findall(r'url\("(/static/[^"]*)"\)', body)}
    return {address: len(fetch(address)[1]) for address in named}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/results/compare",
        "/results/comments",
        "/results/place",
        "/kiosks/",
        "/wall",
        "/export/",
    ],
)
def test_a_page_without_a_chart_weighs_120_kib_at_most(analyst: Client, address: str) -> None:
    parts = weight(analyst.get(address).content.decode())
    assert sum(parts.values()) + HTML <= 120 * KIB, parts


def test_a_page_with_charts_weighs_320_kib_at_most(analyst: Client) -> None:
    parts = weight(analyst.get("/results/").content.decode())
    assert not any("echarts" in address for address in parts)
    charts = len(fetch(static(CHARTS))[1])
    assert sum(parts.values()) + charts + HTML <= 320 * KIB, parts
