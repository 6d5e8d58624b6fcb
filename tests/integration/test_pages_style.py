"""The look of the pages: many files for those who write it, one for the browser."""

import gzip
import re

import pytest
from django.test import Client
from django.urls import reverse
from processes import ROOT

from headoffice.web.style import PARTS

FOLDER = ROOT / "headoffice" / "static" / "hymio"


def test_every_part_is_sent_and_in_this_order() -> None:
    assert {f"{part}.css" for part in PARTS} == {path.name for path in FOLDER.glob("*.css")}
    written = "".join((FOLDER / f"{part}.css").read_text() for part in PARTS)
    sent = Client().get(reverse("style")).content.decode()
    assert written == re.sub(r"/static/(.*?)\.[0-9a-f]{12}(\.woff2)", r"static:\1\2", sent)


def test_a_browser_that_has_it_does_not_ask_again() -> None:
    whole = Client().get(reverse("style"))
    packed = Client().get(reverse("style"), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.content) == whole.content
    for reply in (whole, packed):
        assert "max-age=31536000, public, immutable" == reply["Cache-Control"]
        assert "Accept-Encoding" in reply["Vary"]


@pytest.mark.django_db
def test_a_page_asks_for_one_style() -> None:
    page = Client().get("/login").content.decode()
    assert [reverse("style")] == re.findall(r'<link rel="stylesheet" href="([^"]*)"', page)


@pytest.mark.django_db
def test_every_file_that_the_style_names_is_there() -> None:
    named = re.findall(r'url\("(/static/[^"]*)"\)', Client().get(reverse("style")).content.decode())
    assert named
    for path in named:
        reply = Client().get(path)
        assert 200 == reply.status_code
        reply.close()
