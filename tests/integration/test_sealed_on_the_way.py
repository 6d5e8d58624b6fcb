"""Contact details from a kiosk's disk to the page of an analyst, with real programs between."""

import http.cookiejar
import re
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from office import ServedOffice, new_id

from config.questionnaire import Contact, Questionnaire, Smiley, canonical, digest
from config.values import ContactDetails
from sync import contact_sealing
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.messages import AnswerBody
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import VerifiedReceipt
from sync.relay import Relay
from sync.transport import HttpTransport

pytestmark = pytest.mark.e2e
FORM = canonical(
    Questionnaire(
        id="reach",
        title="Reach",
        languages=("en",),
        questions=(
            Smiley(id="mood", text={"en": "How was it?"}),
            Contact(id="who", text={"en": "Who?"}, purpose={"en": "To answer you"}),
        ),
    )
)


@pytest.mark.parametrize("served", ["sqlite", "postgres"], indirect=True)
def test_only_the_page_has_them(served: ServedOffice, tmp_path: Path) -> None:
    code = served.run("create-code", "--place", "Till").stdout.split()[-1]
    clock = SystemClock()
    with SqliteOutbox.open(tmp_path / "kiosk") as outbox:
        name = outbox.position().installation
        known = enrol(code, served.url, installation=name, version="1")
        outbox.remember_questionnaire(digest(FORM), FORM)
        transport = HttpTransport(known, clock)
        relay = Relay(outbox, transport, clock)
        condition = KioskCondition("1", digest(FORM))
        heartbeat = HeartbeatSender(outbox, transport, clock, relay, lambda: condition)
        assert isinstance(heartbeat.run(), VerifiedReceipt)
        details = ContactDetails(True, "Ann", "ann@example.org")
        answers = [said("mood", 0), said("who", details)]
        outbox.append(contact_sealing.seal_bodies(outbox, answers), clock.moment())
        assert relay.run() is None
    assert "Ann · ann@example.org" in page(served, "/results/comments?period=today&reach=1")
    for folder in (tmp_path / "kiosk", served.folder):
        for file in folder.rglob("*"):
            assert file.is_dir() or b"example.org" not in file.read_bytes(), file


RESPONSE = new_id()


def said(question: str, value: int | ContactDetails) -> AnswerBody:
    return AnswerBody(
        response=RESPONSE,
        questionnaire=digest(FORM),
        language="en",
        question=question,
        value=value,
        took_ms=1000,
    )


def page(served: ServedOffice, address: str) -> str:
    """A page as the first account sees it."""
    browser = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with browser.open(f"{served.url}/login", timeout=20) as form:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', form.read().decode())
    assert token is not None
    given = {"csrfmiddlewaretoken": token[1], "username": "admin", "password": served.password}
    body = urllib.parse.urlencode(given).encode()
    with browser.open(f"{served.url}/login", body, timeout=20):
        pass
    with browser.open(f"{served.url}{address}", timeout=20) as found:
        return str(found.read().decode())
