"""No page says a word that is not translated: a made-up language marks those that are."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from addresses import routes
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from office import Device, answer
from results_data import SHOPS, plant

from config.loader import shipped_document
from headoffice.accounts.access import PUBLIC
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api import tokens
from headoffice.api.models import Token
from headoffice.authoring import history
from headoffice.authoring.models import DraftStep
from headoffice.configuration.models import RollOut
from headoffice.export.models import Export
from headoffice.fleet import enrolment
from headoffice.fleet.models import Alarm, ExperiencePoint, Group, Kiosk
from headoffice.messages.models import StoredMessage
from headoffice.notes.models import Note
from headoffice.questionnaires.models import Version
from headoffice.walls.links import create_link
from headoffice.walls.models import WallLink

pytestmark = pytest.mark.django_db
BEGIN, END = (
    "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}",
    "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}",
)
WORD = re.compile(r"[^\W\d_]{2,}")
SPOKEN = {"aria-label", "title", "alt", "placeholder", "data-label", "data-title"}
NOT_WORDS = {"script", "style", "code", "pre", "datalist"}
UNSPOKEN = {"kind", "links"}
"""What a chart is told and doesn't write."""
MORE = (
    "/?",
    "/results/?period=12-weeks",
    "/results/?period=today&place=p1",
    "/results/?period=no-such&questionnaire=no-such&language=%F0%9F%99%82",
    "/results/?from=2026-05-02&to=2026-05-01&test=1&misuse=1",
    "/results/?from=2020-05-02&to=2026-05-01",
    "/results/?from=yesterday&to=2099-01-01",
    "/results/?from=2099-01-01&to=2099-01-02",
    "/results/?questionnaire=visit&version=99",
    "/results/place?place=p1&period=12-weeks",
    "/results/place?place=g1&period=year",
    "/results/place?place=k1&period=12-weeks",
    "/results/compare?period=12-weeks&least=5",
    "/results/compare?period=12-weeks&least=9999",
    "/results/compare?period=7-days&place=p1&place=k1",
    "/results/compare?since=2026-01-01&until=2026-01-31",
    "/results/place?place=p1&since=2026-01-31&until=2026-01-01",
    "/results/questions?period=12-weeks",
    "/results/comments?period=12-weeks",
    "/results/comments?period=12-weeks&q=nothing+like+it",
    "/results/comments?from=2020-01-01&to=2020-01-02",
    "/wall?place=p1",
    "/nowhere",
    "/export/?period=all&place=p1",
)
FORMS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/kiosks/code", {"place": ""}),
    ("/kiosks/code", {"place": "Till"}),
    ("/kiosks/code", {"place": "North / New / Till"}),
    ("/kiosks/code", {"place": "North / New / Till", "new": "1"}),
    ("/kiosks/code", {"group": "1"}),
    ("/kiosks/code/withdraw", {}),
    ("/structure/group", {"name": "", "group": ""}),
    ("/structure/group", {"name": "a / b", "group": "4711"}),
    (
        "/structure/place",
        {"name": "x" * 200, "group": "", "time_zone": "Mars/Base", "opening_hours": "never"},
    ),
    (
        "/structure/place",
        {"name": "\x07", "group": "1", "time_zone": "", "opening_hours": "Mon 9:00-9:00"},
    ),
    (
        "/structure/place",
        {"name": "New", "group": "1", "time_zone": "UTC", "tags": "x" * 41, "custom": "x"},
    ),
    ("/kiosks/1/move", {"point": "4711", "since": "tomorrow"}),
    ("/kiosks/1/move", {"point": "1", "since": "2099-01-01T00:00"}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b"")}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b"group,name\n,B\nA,\n")}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b'group,name\nA,"B\n')}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b"group,name,colour\nA,B,c\n")}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b"group,name,tags\nA,B,c\n")}),
    ("/structure/import", {"file": SimpleUploadedFile("a.csv", b"id,group,name\np1,Else,Where\n")}),
    ("/structure/import/carry-out", {"text": "group,name\nA,B\n", "seal": "x"}),
    ("/questionnaires/new", {"title": "", "template": "none"}),
    ("/questionnaires/import", {"file": SimpleUploadedFile("a.toml", b"a = 1")}),
    ("/questionnaires/import", {"file": SimpleUploadedFile("a.xlsx", b"a,b")}),
    ("/results/notes/new", {"first": "", "text": ""}),
    ("/results/notes/new", {"first": "2026-05-02", "last": "2026-05-01", "text": "Strike"}),
    ("/people/", {"username": "", "role": "manager"}),
    ("/people/", {"username": "reader", "role": "analyst"}),
    ("/people/", {"username": "a b", "role": "king"}),
    ("/people/", {"username": "newcomer", "role": "analyst"}),
    ("/password", {"old_password": "x", "new_password1": "1", "new_password2": "2"}),
    ("/tokens/", {"name": ""}),
    ("/tokens/", {"name": "nightly", "scopes": "live"}),
)


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator of a head office in which everything there is has happened."""
    plant(SHOPS[:2], days=60)
    device = Device.enrolled("North / Old / Till")
    device.define()
    device.deliver(*(answer(seq, seq % 3) for seq in range(1, 9)))
    device.beat(state="paused")
    Device.enrolled("North / Older / Till")
    now = timezone.now()
    for kind in Alarm.Kind:
        Alarm.objects.create(
            kiosk=device.row,
            kind=kind,
            installation=device.installation,
            first_at=now,
            last_at=now,
            count=2,
            detail="Number 7 came again",
        )
    Kiosk.objects.filter(pk=device.row.pk).update(quarantined=3)
    user = create_user("reader", "puolukka-77x", role=Role.ADMINISTRATOR)
    group = Group.objects.order_by("pk").first()
    create_user("keeper", "puolukka-77x", role=Role.MANAGER, group=group)
    tokens.create_token("monthly", ["results"], user)
    today = now.date()
    Note.objects.create(first=today, last=today, text="New tills", author=user)
    for state in Export.State:
        for data in Export.Data:
            Export.objects.create(user=user, data=data, format="csv", query="", state=state, rows=3)
    client = Client()
    client.force_login(user)
    speak_marked(monkeypatch)
    return client


def speak_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on every translated text stands between brackets."""
    speaker: Any = translation._trans
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        translate: Callable[..., str] = getattr(speaker, name)
        monkeypatch.setattr(
            speaker, name, lambda *words, translate=translate: f"{BEGIN}{translate(*words)}{END}"
        )


class Unmarked(HTMLParser):
    """Collects the words of a page that stand outside the brackets."""

    def __init__(self, page: str, known: set[str]) -> None:
        super().__init__()
        self.known = known
        self.found: list[str] = []
        self._open: list[str] = []
        self._depth = 0
        self._json = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._json = given.get("type") == "application/json"
        foreign = given.get("lang") and tag != "html"
        if tag in NOT_WORDS or foreign or given.get("translate") == "no":
            self._open.append(tag)
        spoken = [value for name, value in attrs if name in SPOKEN and value]
        if tag == "input" and given.get("type") in ("submit", "button"):
            spoken.append(given.get("value") or "")
        for text in spoken:
            self.found += outside(text, 0, self.known)[0]

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._json and self._open:
            for text in texts_of(json.loads(data)):
                self.found += outside(text, 0, self.known)[0]
        elif not self._open:
            words, self._depth = outside(data, self._depth, self.known)
            self.found += words


def outside(text: str, depth: int, known: set[str]) -> tuple[list[str], int]:
    """The unknown words outside the brackets, and how many brackets are open afterwards."""
    plain = ""
    for sign in text:
        depth += (sign == BEGIN) - (sign == END)
        plain += " " if depth or sign == END else sign
    return [word for word in WORD.findall(plain) if word.casefold() not in known], depth


def texts_of(spec: object) -> Iterator[str]:
    """What a chart writes."""
    match spec:
        case dict():
            for name, value in spec.items():
                if name not in UNSPOKEN:
                    yield from texts_of(value)
        case list():
            for value in spec:
                yield from texts_of(value)
        case str():
            yield spec


def said_by_people() -> set[str]:
    """The words that somebody typed: names, questionnaires, comments."""
    typed: list[object] = list(Group.objects.values_list("name"))
    typed += ExperiencePoint.objects.values_list("name", "time_zone", "tags", "custom")
    typed += User.objects.values_list("username")
    typed += Token.objects.values_list("name")
    typed += Note.objects.values_list("text")
    typed += Kiosk.objects.values_list("version")
    typed += Version.objects.values_list("definition")
    typed += DraftStep.objects.values_list("content")
    typed += StoredMessage.objects.filter(value__regex='^["{]').values_list("value")
    # Of contact details only the page knows the words.
    typed.append("Anna anna@example.org")
    return words([*typed, "Hymio", *dict(settings.LANGUAGES).values()])


def words(texts: Iterable[object]) -> set[str]:
    return {word.casefold() for word in WORD.findall(" ".join(map(str, texts)))}


def samples() -> Mapping[str, object]:
    """One of everything that an address can name."""
    reachable = StoredMessage.objects.filter(value__contains='"box":')[0]
    boss = User.objects.get(username="reader")
    return {
        "kiosk": reachable.kiosk,
        "secret": create_link(boss, "Wall", "", "en"),
        "link": WallLink.objects.get().pk,
        "batch": enrolment.create_codes(ExperiencePoint.objects.all()[:2], "reader").id,
        "point": ExperiencePoint.objects.order_by("pk")[0].pk,
        "group": Group.objects.order_by("pk")[0].pk,
        "person": User.objects.get(username="keeper").pk,
        "export": Export.objects.filter(state="cancelled")[0].pk,
        "token": Token.objects.all()[0].pk,
        "note": Note.objects.all()[0].pk,
        "draft": history.begin(shipped_document("demonstration"), boss).pk,
        "version": Version.objects.exclude(definition=None)[0].pk,
        "digest": "0" * 64,
        "scope": f"g{Group.objects.order_by('pk')[0].pk}",
        "roll_out": RollOut.objects.create(title="Hymio").pk,
        "response": reachable.response,
    }


def test_no_page_says_a_word_that_is_not_translated(admin: Client) -> None:
    named = samples()
    known = said_by_people()
    addresses = [
        route.address(named)
        for route in routes()
        if route.admits & {PUBLIC, Role.ADMINISTRATOR} and not route.name.endswith("events")
    ]
    exports = [f"/export/{export.pk}" for export in Export.objects.all()]
    seen = 0
    for address in (*addresses, *exports, *MORE):
        response = admin.get(address)
        if response.get("Content-Type", "").startswith("text/html"):
            seen += 1
            page = response.content.decode()
            assert [] == Unmarked(page, known).found, address
            assert not page.count(BEGIN) - page.count(END), address
    assert seen > len(exports) + len(MORE) + 20


def test_no_form_answers_with_a_word_that_is_not_translated(admin: Client) -> None:
    for address, said in FORMS:
        response = admin.post(address, said, follow=True)
        known = said_by_people() | words(said.values())
        assert [] == Unmarked(response.content.decode(), known).found, (address, said)


def test_the_marks_are_missed_where_a_text_is_not_translated() -> None:
    page = (
        f"<h1>{BEGIN}Places{END}</h1><p title='Old'>{BEGIN}in {BEGIN}May{END}{END} Helsinki 7</p>"
    )
    assert ["Old", "Helsinki"] == Unmarked(page, set()).found
