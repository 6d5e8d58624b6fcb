"""The look of the pages: many files for those who write it, one for the browser."""

import gzip
import re

import pytest
from django.test import Client
from processes import ROOT

from headoffice.web.style import PARTS

FOLDER = ROOT / "headoffice" / "static" / "hymio"


def test_every_part_is_sent_and_in_this_order() -> None:
    assert {f"{part}.css" for part in PARTS} == {path.name for path in FOLDER.glob("*.css")}
    parts = [(FOLDER / f"{part}.css").read_text() for part in PARTS]
    assert "".join(parts) == Client().get("/style.css").content.decode()


def test_a_browser_that_has_it_gets_nothing_new() -> None:
    packed = Client().get("/style.css", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.content) == Client().get("/style.css").content
    for known in (packed["ETag"], Client().get("/style.css")["ETag"]):
        again = Client().get("/style.css", headers={"If-None-Match": known})
        assert (304, b"") == (again.status_code, again.content)
    assert 200 == Client().get("/style.css", headers={"If-None-Match": '"other"'}).status_code


@pytest.mark.django_db
def test_a_page_asks_for_one_style() -> None:
    page = Client().get("/login").content.decode()
    assert ["/style.css"] == re.findall(r'<link rel="stylesheet" href="([^"]*)"', page)


def test_every_file_that_the_style_names_is_there() -> None:
    named = re.findall(r'url\("/static/([^"]*)"\)', Client().get("/style.css").content.decode())
    assert named
    assert [] == [path for path in named if not (ROOT / "assets" / path).is_file()]
