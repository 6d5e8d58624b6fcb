"""Random walks over the pages of results: after every step the figures are those of the raw answers
for what the page itself says that it shows.

Nothing is taken from the address. What is chosen is read from the page, as its reader would; the
days of a named period are worked out from the clock of each place. ``HYMIO_WALKS`` says how many
walks there are (200 if it is not set): a quarter of them on SQLite, where coverage is measured and
makes them slow, the others on PostgreSQL.
"""

import csv
import datetime as dt
import io
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import results_oracle as plain
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from result_pages import Form, ResultPage, query
from results_data import FIRST, FIVE, SECOND, Chain, Said, Shop, planted
from results_oracle import Days, Oracle, Question

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results import places

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHOPS = (
    Shop("Nordic / Finland / Kamppi", "Europe/Helsinki", (FIRST, SECOND), (1, 2, 7), 50),
    Shop("Nordic / Finland / Pasila", "Europe/Helsinki", (SECOND,), (3, 2, 5), 30),
    Shop("South / Roma", "Europe/Rome", (FIVE,), (1, 1, 2, 3, 4), 40),
    Shop("Far / Auckland", "Pacific/Auckland", (SECOND,), (1, 2, 2), 40),
    Shop("Far / Denver", "America/Denver", (FIVE,), (1, 1, 2, 3, 4), 40),
)
ZONES = {shop.path.split(" / ")[-1]: shop.zone for shop in SHOPS}
TAGS = {"by rail": ("Kamppi", "Roma", "Auckland"), "outlet": ("Denver",)}
WALKS = int(os.environ.get("HYMIO_WALKS", "200"))
ON_POSTGRES = bool(os.environ.get("HYMIO_DATABASE_URL"))
HERE = range(WALKS // 4, WALKS) if ON_POSTGRES else range(WALKS // 4)
AT_ONCE = 25
STEPS = 4
PAGES = (
    "/results/",
    "/results/place",
    "/results/compare",
    "/results/questions",
    "/results/comments",
)
FORMS = (FIRST, SECOND, FIVE)
NAMED = {"visit": (FIRST, SECOND), "till": (FIVE,)}
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted(SHOPS, days=200) as chain:
        for tag, names in TAGS.items():
            for point in ExperiencePoint.objects.filter(name__in=names):
                point.tags = [*point.tags, tag]
                point.save()
        create_user("ana", "puolukka-77x", role=Role.ANALYST)
        create_user("ben", "puolukka-77x", role=Role.ANALYST)
        nordic = Group.objects.get(name="Nordic")
        create_user("mia", "puolukka-77x", role=Role.MANAGER, group=nordic)
        yield chain


class Truth:
    """What the pages should show, worked out from what the shoppers did."""

    def __init__(self, oracle: Oracle, visible: frozenset[int], now: dt.datetime) -> None:
        self.oracle, self.visible = oracle, visible
        chain = oracle.chain
        self.groups = {group.pk: group.parent_id for group in Group.objects.all()}
        self.in_group = dict(ExperiencePoint.objects.values_list("pk", "group"))
        self.digests = {number: digest_ for digest_, number in chain.versions.items()}
        self.names = {point: name for name, point in chain.points.items()}
        self.todays = {
            point: now.astimezone(ZoneInfo(ZONES[name])).date()
            for name, point in chain.points.items()
        }
        self.stands: dict[int, set[int]] = {}
        for said in chain.said:
            self.stands.setdefault(said.kiosk, set()).add(said.point)

    def points(self, key: str) -> frozenset[int]:
        """What a place of this key stands for."""
        kind, rest = key[0], key[1:]
        if kind == "g":

            def under(group: int | None) -> bool:
                return group is not None and (group == int(rest) or under(self.groups[group]))

            found = {pk for pk, group in self.in_group.items() if under(group)}
        elif kind == "t":
            found = {p for p, name in self.names.items() if name in TAGS[key.removeprefix("t-")]}
        else:
            found = self.stands[int(rest)] if kind == "k" else {int(rest)}
        return frozenset(found) & self.visible

    def asked(self, form: Form) -> Question:
        """What the filters of a page say that it shows."""
        keys = form.values("place")
        points = frozenset[int]().union(*map(self.points, keys)) if keys else self.visible
        if tag := form.value("tag"):
            points &= self.points(f"t-{tag}")
        kiosks = {int(key[1:]) for key in keys if key[0] == "k"}
        digests = None
        if name := form.value("questionnaire"):
            digests = frozenset(digest(canonical(f)) for f in NAMED[name])
        if version := form.value("version"):
            digests = frozenset({self.digests[int(version)]})
        return Question(
            points,
            self._days(form, points),
            form.value("language"),
            bool(form.values("test")),
            bool(form.values("misuse")),
            digests,
            frozenset(kiosks) if kiosks and len(kiosks) == len(keys) else None,
            self._hours(form),
        )

    def _days(self, form: Form, points: frozenset[int]) -> Days:
        first, last = (dt.date.fromisoformat(form.value(name)) for name in ("from", "to"))
        shown, name = Days(first, last), form.value("period")
        if not name or re.fullmatch(r"\d{4}-\d{2}", name):
            return shown
        own = {point: plain.days_of(name, self.todays[point]) for point in points}
        often = Counter(own.values())
        # The days that the page names are those of most places.
        assert not own or often[shown] == max(often.values()), (name, shown, often)
        return Days(first, last, own)

    @staticmethod
    def _hours(form: Form) -> frozenset[tuple[int, int]] | None:
        days = [int(day) for day in form.values("weekday")] or [*range(1, 8)]
        first, until = int(form.value("from_hour") or 0), int(form.value("to_hour") or 24)
        n = (until - first) % 24 or 24
        return frozenset(
            ((day - 1 + (first + hour) // 24) % 7 + 1, (first + hour) % 24)
            for day in days
            for hour in range(n)
        )


class Walker:
    """Somebody who walks from page to page, and looks at every figure."""

    def __init__(self, oracle: Oracle, name: str, seed: int) -> None:
        chain = oracle.chain
        self.chance = random.Random(seed)  # noqa: S311 - the same walk for the same seed
        self.now = clock.now() - dt.timedelta(hours=self.chance.randrange(30))
        mine = ("Kamppi", "Pasila") if name == "mia" else tuple(chain.points)
        self.truth = Truth(oracle, frozenset(chain.points[n] for n in mine), self.now)
        self.chain, self.clients = chain, {}
        self.name = name
        self.history: list[str] = []
        self.steps = [f"walk {seed} of {name} at {self.now:%Y-%m-%d %H:%M} UTC"]

    def client(self, name: str) -> Client:
        if name not in self.clients:
            self.clients[name] = Client()
            self.clients[name].force_login(User.objects.get(username=name))
        return self.clients[name]

    def walk(self, steps: int) -> None:
        """Begin somewhere, and take so many steps."""
        self.go(self.chance.choice(PAGES), "begin")
        doings = (
            self.change, self.change, self.change, self.choose, self.navigate, self.navigate,
            self.follow, self.speak, self.back, self.reload, self.share, self.export,
            self.look_live,
        )  # fmt: skip
        for _n in range(steps):
            self.chance.choice(doings)()

    def go(self, address: str, why: str) -> None:
        """Open an address, and check what stands there."""
        self.steps.append(f"{why}: {address}")
        self.history.append(address)
        self.page = self.read(address)
        self.check(address)

    def read(self, address: str, name: str = "") -> ResultPage:
        reply = self.client(name or self.name).get(address)
        assert reply.status_code == 200, (reply.status_code, self.steps)
        return ResultPage(reply.content.decode())

    @property
    def path(self) -> str:
        return urlsplit(self.history[-1]).path

    # --- steps ----------------------------------------------------------------------------

    def change(self) -> None:
        """Change one filter, by the page's script or without it."""
        form = self.page.form("filters")
        fields = [each for each in form.fields if each.options]
        each = self.chance.choice(fields)
        if len(each.options) == 1:  # a tick
            each.values = [] if each.values else [*each.options]
        else:
            each.values = [self.chance.choice(each.options)]
        if each.name == "period" and each.values == [""]:
            self._own_days(form)
        self._send(form, each.name)

    def _own_days(self, form: Form) -> None:
        last = self.now.date() - dt.timedelta(days=self.chance.randrange(3, 60))
        first = last - dt.timedelta(days=self.chance.randrange(40))
        for name, day in (("from", first), ("to", last)):
            next(each for each in form.fields if each.name == name).values = [day.isoformat()]

    def choose(self) -> None:
        """Choose locations, as the list of them sends them."""
        form = self.page.form("filters")
        form.fields = [each for each in form.fields if each.name != "place"]
        keys = [*(f"p{point}" for point in self.truth.visible)]
        keys += [f"k{k}" for k, at in self.truth.stands.items() if at <= self.truth.visible]
        tags = [tag for tag in TAGS if self.truth.points(f"t-{tag}")]
        keys += [f"g{group}" for group in self.truth.groups if self.truth.points(f"g{group}")]
        keys += [f"t-{tag}" for tag in tags]
        for key in self.chance.sample(keys, self.chance.randrange(3)):
            form.fields.append(type(form.fields[0])("place", [key]))
        self._send(form, "place")

    def _send(self, form: Form, what: str) -> None:
        sent = query(form.pairs(), short=self.chance.random() < 0.7)
        self.go(f"{self.path}?{sent}", f"change {what}")

    def navigate(self) -> None:
        """Go on by the head of the page; what is chosen stays."""
        asked = self.truth.asked(self.page.form("filters"))
        links = [link for link in self.page.navigation if urlsplit(link).path in PAGES]
        assert len(links) == len(PAGES), self.steps
        self.go(self.chance.choice(links), "navigate")
        assert asked == self.truth.asked(self.page.form("filters")), self.steps

    def follow(self) -> None:
        """Follow a link within the page to another one of these."""
        here = [link for link in self.page.links if urlsplit(link).path in PAGES]
        here += [f"{self.path}{link}" for link in self.page.links if link.startswith("?")]
        if here:
            self.go(self.chance.choice(here), "follow")

    def speak(self) -> None:
        """Read in another language; what is chosen stays."""
        asked = self.truth.asked(self.page.form("filters"))
        form = self.page.form("languages")
        said = {
            "language": self.chance.choice(("en", "fi", "de", "hu")),
            "next": form.value("next"),
        }
        reply: Any = self.client(self.name).post("/language", said)
        assert reply.status_code == 302, self.steps
        self.go(reply["Location"], f"speak {said['language']}")
        assert asked == self.truth.asked(self.page.form("filters")), self.steps

    def back(self) -> None:
        """Go back in the history."""
        if len(self.history) > 1:
            self.history.pop()
            self.go(self.history.pop(), "back")

    def reload(self) -> None:
        """Load the page again."""
        self.go(self.history.pop(), "reload")

    def share(self) -> None:
        """Send the address to a colleague who sees as much."""
        if self.name == "ana":
            asked = self.truth.asked(self.page.form("filters"))
            theirs = self.read(self.history[-1], "ben")
            assert asked == self.truth.asked(theirs.form("filters")), self.steps

    def look_live(self) -> None:
        """Look at the wall for the same places."""
        links = [link for link in self.page.links if urlsplit(link).path == "/wall"]
        if links:
            self.steps.append(f"wall: {links[0]}")
            asked = self.truth.asked(self.page.form("filters"))
            today = {point: Days(day, day) for point, day in self.truth.todays.items()}
            asked = replace(asked, days=replace(asked.days, at=today))
            page = self.read(links[0])
            shown = [int(n) for n in re.findall(r'class="count">(\d+)<', page.source)]
            assert len(self.truth.oracle.ratings(asked)) == sum(shown), self.steps

    def export(self) -> None:
        """Take away what is on the screen, as the link and the form of the page do it."""
        (link,) = {link for link in self.page.links if urlsplit(link).path == "/export/"}
        self.steps.append(f"export: {link}")
        asked = self.truth.asked(self.page.form("filters"))
        form = ResultPage(self.client(self.name).get(link).content.decode()).form("stack")
        reply: Any = self.client(self.name).post("/export/", dict_of(form.pairs()))
        assert reply.status_code == 302, self.steps
        file: Any = self.client(self.name).get(f"{reply['Location']}/file")
        text = b"".join(file.streaming_content).decode("utf-8-sig")
        # The separator follows the language.
        (between,) = re.findall(r'^"?\w+"?([,;\t])', text)
        table = csv.DictReader(io.StringIO(text), delimiter=between)
        expected = [s for s in self.chain.said if plain.counts(s, asked)]
        assert sorted((s.kiosk, s.seq) for s in expected) == sorted(
            (int(row["kiosk"]), int(row["seq"])) for row in table
        ), self.steps

    # --- figures --------------------------------------------------------------------------

    def check(self, address: str) -> None:
        """Every figure against the raw answers for what the page says."""
        form = self.page.form("filters")
        asked = self.truth.asked(form)
        ratings = self.truth.oracle.ratings(asked)
        try:
            {
                "/results/": self.check_headline,
                "/results/place": self.check_headline,
                "/results/compare": self.check_ranking,
                "/results/questions": self.check_questions,
                "/results/comments": self.check_comments,
            }[urlsplit(address).path](asked, ratings)
        except AssertionError as error:
            raise AssertionError("\n".join([*self.steps, repr(asked), str(error)])) from error

    def check_headline(self, _asked: Question, ratings: list[Said]) -> None:
        if urlsplit(self.history[-1]).path == "/results/place" and "hero" not in self.page.source:
            return  # the list of places
        index = plain.index(ratings)
        shown = self.page.number(r'data-figure="n">(.*?)<')
        if not plain.enough(index):
            assert shown is None
            return
        assert index is not None
        assert index.n == shown
        assert f"{index.value:.0f}" == self.page.text(r'data-figure="index">(.*?)<')
        tallies = Counter((plain.FACES[s.question], s.value) for s in ratings)
        faces = re.findall(
            r'data-face="(\d)">\s*<img[^>]*-of-(\d)[^>]*>\s*<span class="count">([^<]*)',
            self.page.source,
        )
        numbers = {(int(of), int(face)): n for face, of, n in faces}
        for key, n in numbers.items():
            if digits := re.sub(r"\D", "", n):
                assert tallies[key] == int(digits), key

    def check_ranking(self, asked: Question, ratings: list[Said]) -> None:
        del ratings
        rows = re.findall(r'<tr data-place="([^"]+)">(.*?)</tr>', self.page.source, re.DOTALL)
        for key, row in rows:
            points = self.truth.points(key) & asked.points
            kiosks = frozenset({int(key[1:])}) if key[0] == "k" else asked.kiosks
            own = Question(**vars(asked) | {"points": points, "kiosks": kiosks})
            index = plain.index(self.truth.oracle.ratings(own))
            assert index is not None, key
            cells = re.findall(r'class="number[^"]*">(.*?)<', row)
            assert f"{index.value:.0f}" in [cell.strip() for cell in cells], (key, index, cells)
            numbers = [re.sub(r"\D", "", cell) for cell in cells]
            assert str(index.n) in numbers, (key, index, cells)

    def check_questions(self, _asked: Question, ratings: list[Said]) -> None:
        for question, part in re.findall(
            r'data-question="([^"]+)">(.*?)</section>', self.page.source, re.DOTALL
        ):
            if question not in plain.FACES:
                continue
            n = sum(s.question == question and s.kind == "answer" for s in ratings)
            shown = re.search(r'data-count="answered">(.*?)<', part)
            if shown and (digits := re.sub(r"\D", "", shown[1])) and n >= plain.MINIMUM:
                assert n == int(digits), question

    def check_comments(self, asked: Question, ratings: list[Said]) -> None:
        written = plain.comments(self.truth.oracle, asked)
        if self.page.form("search").value("mood"):
            return
        sought = self.page.form("search").value("q").casefold()
        if sought:
            return
        n = len(written) if len(ratings) >= plain.MINIMUM else 0
        assert (n or None) == self.page.number(r'id="remarks-title">(.*?)</h2>')


def dict_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("begun", HERE[::AT_ONCE])
def test_every_step_of_a_walk_shows_what_the_page_says(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, begun: int
) -> None:
    oracle = Oracle(chain)
    for seed in range(begun, min(begun + AT_ONCE, HERE.stop)):
        walker = Walker(oracle, "mia" if seed % 5 == 4 else "ana", seed)
        # What day it is: everything else, such as sessions, keeps the present time.
        monkeypatch.setattr(
            places, "clock", SimpleNamespace(now=lambda at=walker.now: at, zone_of=clock.zone_of)
        )
        walker.walk(STEPS)
