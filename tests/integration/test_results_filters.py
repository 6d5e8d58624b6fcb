"""Whatever reads answers or their counts takes the same rows for the same filters."""

import csv
import datetime as dt
import io
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
import results_oracle as plain
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from results_data import FIRST, FIVE, SECOND, Chain, Said, Shop, planted
from results_oracle import Days, Oracle, Question

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api.models import Scope
from headoffice.api.tokens import create_token
from headoffice.fleet.models import ExperiencePoint, Group
from headoffice.results import counts
from headoffice.results.catalogue import Catalogue
from headoffice.results.comments import newest_comments
from headoffice.results.places import Directory
from headoffice.results.query import parse_filters
from headoffice.results.today import read_today

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHOPS = (
    Shop("Nordic / Finland / Kamppi", "Europe/Helsinki", (FIRST, SECOND), (1, 2, 7), 70),
    Shop("Nordic / Finland / Pasila", "Europe/Helsinki", (SECOND,), (3, 2, 5), 50),
    Shop("South / Roma", "Europe/Rome", (FIVE,), (1, 1, 2, 3, 4), 40),
    Shop("Far / Auckland", "Pacific/Auckland", (SECOND,), (1, 2, 2), 30),
    Shop("Far / Kathmandu", "Asia/Kathmandu", (FIVE,), (1, 1, 2, 3, 4), 30),
)
TAGGED = ("Kamppi", "Roma", "Kathmandu")
ABOUT = {
    "everything": (None, {}),
    "a questionnaire": ((FIRST, SECOND), {"questionnaire": "visit"}),
    "a version": ((SECOND,), {"questionnaire": "visit"}),
}
WHERE = ("everywhere", "a group", "a place", "a kiosk", "a tag")
WEEK, DAY = range(1, 8), range(24)
TIMES: dict[str, tuple[frozenset[tuple[int, int]] | None, dict[str, Any]]] = {
    "any time": (None, {}),
    "evenings": (
        frozenset((day, hour) for day in WEEK for hour in range(17, 24)),
        {"from_hour": "17", "to_hour": "24"},
    ),
    "weekends": (
        frozenset((day, hour) for day in (6, 7) for hour in DAY),
        {"weekday": ["6", "7"]},
    ),
    "nights of Sunday": (
        frozenset({(7, 22), (7, 23), (1, 0), (1, 1), (1, 2), (1, 3)}),
        {"weekday": ["7"], "from_hour": "22", "to_hour": "4"},
    ),
}
DAYS = {"long": (300, 0), "before": (150, 2), "today": (0, 0)}
EVERY_WAY = tuple(
    itertools.product((False, True), (False, True), ("", "fi"), ABOUT, WHERE, DAYS, TIMES)
)
SOME_WAYS = random.Random(11).sample(EVERY_WAY, 24)  # noqa: S311 - the same ones in every run


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted(SHOPS, days=200) as chain:
        for point in ExperiencePoint.objects.filter(name__in=TAGGED):
            point.tags = ["by rail"]
            point.save()
        # Once for all, since a password takes longer to hash than most of these tests.
        create_user("ana", "puolukka-77x", role=Role.ADMINISTRATOR)
        yield chain


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came in is shown at once, as nothing else is on its way here."""
    monkeypatch.setattr("headoffice.api.answers.SETTLED_MS", -1000)


@pytest.fixture
def user(db: None, chain: Chain) -> User:
    del db, chain
    return User.objects.get(username="ana")


@pytest.fixture
def member(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def token(user: User) -> str:
    return create_token("bi", list(Scope), user)


@pytest.fixture(params=SOME_WAYS, ids=lambda way: "-".join(map(str, way)))
def way(request: pytest.FixtureRequest, chain: Chain) -> tuple[Question, dict[str, Any]]:
    """One way to filter: as plain Python has it, and as the address of a page."""
    test, misuse, language, about, where, days, times = request.param
    questionnaires, query = ABOUT[about]
    hours, more = TIMES[times]
    when = Days(*(today() - dt.timedelta(days=ago) for ago in DAYS[days]))
    digests = None
    if questionnaires is not None:
        digests = frozenset(digest(canonical(q)) for q in questionnaires)
    query = query | {"from": when.first.isoformat(), "to": when.last.isoformat()}
    if about == "a version":
        query |= {"version": str(chain.versions[digest(canonical(SECOND))])}
    points, kiosks = {*chain.points.values()}, None
    match where:
        case "a group":
            points = {chain.points["Kamppi"], chain.points["Pasila"]}
            query |= {"place": f"g{Group.objects.get(name='Finland').pk}"}
        case "a place":
            points = {chain.points["Roma"]}
            query |= {"place": f"p{chain.points['Roma']}"}
        case "a kiosk":
            kiosk = kiosk_at(chain, "Pasila")
            kiosks = frozenset({kiosk})
            query |= {"place": f"k{kiosk}"}
        case "a tag":
            points = {chain.points[name] for name in TAGGED}
            query |= {"tag": "by rail"}
    query |= {name: "1" for name, on in (("test", test), ("misuse", misuse)) if on}
    if language:
        query |= {"language": language}
    asked = Question(frozenset(points), when, language, test, misuse, digests, kiosks, hours)
    return asked, query | more


Way = tuple[Question, dict[str, Any]]


def today() -> dt.date:
    """The latest day that has begun at every place."""
    return min(clock.now().astimezone(ZoneInfo(shop.zone)).date() for shop in SHOPS)


def kiosk_at(chain: Chain, name: str) -> int:
    return next(said.kiosk for said in chain.said if said.point == chain.points[name])


def words(chain: Chain, said: list[Said], *, versions: bool) -> Counter[Any]:
    """What is to be counted, by version or questionnaire, question and word."""
    names = {digest(canonical(form)): form.id for form in (FIRST, SECOND, FIVE)}
    about = chain.versions if versions else names
    return Counter(
        (about[s.questionnaire], s.question, word) for s in said for word in plain.counted_words(s)
    )


def messages(said: list[Said]) -> list[tuple[int, int]]:
    return sorted((s.kiosk, s.seq) for s in said)


def table(member: Client, query: dict[str, Any], data: str) -> list[dict[str, str]]:
    """A file of the page of exports, row by row."""
    begun = member.post("/export/", {**query, "data": data, "format": "csv"})
    assert 302 == begun.status_code, begun.content
    reply: Any = member.get(f"{begun['Location']}/file")
    return list(csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode())))


def pages(token: str, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that an address of the API lists."""
    found: list[dict[str, Any]] = []
    query = {**query, "limit": 1000}
    while True:
        reply = Client().get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {token}"})
        assert 200 == reply.status_code, reply.content
        body = reply.json()
        found += body["data"]
        if body["next"] is None:
            return found
        query["cursor"] = body["next"]


def for_programs(asked: Question, query: dict[str, Any]) -> dict[str, Any]:
    """The parameters of the API that say the same, so far as it has them."""
    names = ("questionnaire", "language", "weekday", "from_hour", "to_hour")
    given: dict[str, Any] = {name: query[name] for name in names if name in query}
    given |= {name: "true" for name in ("test", "misuse") if name in query}
    return given | {"place": sorted(asked.points)}


def test_the_ways_to_filter_tell_something_apart(chain: Chain) -> None:
    days = Days(today() - dt.timedelta(days=300), today())
    everything = Question(frozenset(chain.points.values()), days, test=True, misuse=True)
    oracle = Oracle(chain)
    whole = len(oracle.asked(everything))
    for change in (
        {"test": False},
        {"misuse": False},
        {"language": "fi"},
        {"points": frozenset({chain.points["Roma"]})},
        {"days": Days(today(), today())},
        {"digests": frozenset({digest(canonical(SECOND))})},
        *({"hours": hours} for hours, _query in TIMES.values() if hours is not None),
    ):
        assert 0 < len(oracle.asked(replace(everything, **change))) < whole, change  # type: ignore[arg-type]


def test_counts_of_pages(chain: Chain, user: User, way: Way) -> None:
    asked, query = way
    catalogue = Catalogue.load()
    selection = parse_filters(
        QueryDict(urlencode(query, doseq=True)), Directory.of(user), catalogue
    )
    assert () == selection.problems
    found = counts.word_counts(selection, selection.period.span, {*catalogue.questions, ""})
    assert words(chain, Oracle(chain).asked(asked), versions=True) == Counter(
        {
            (version, question, word): counted.n
            for (version, question), by_word in found.items()
            for word, counted in by_word.items()
        }
    )


def test_comments(chain: Chain, user: User, way: Way) -> None:
    asked, query = way
    catalogue, directory = Catalogue.load(), Directory.of(user)
    selection = parse_filters(QueryDict(urlencode(query, doseq=True)), directory, catalogue)
    expected = [(said.kiosk, said.at_ms, text) for said, text, _face in written(chain, asked)]
    found = newest_comments(selection, directory, catalogue)
    assert sorted(expected) == sorted((c.kiosk, c.ms, c.text) for c in found)


def written(chain: Chain, asked: Question) -> list[tuple[Said, str, int | None]]:
    return plain.comments(Oracle(chain), asked)


def test_results_for_programs(chain: Chain, token: str, way: Way) -> None:
    asked, query = way
    if asked.kiosks is not None or "version" in query:
        pytest.skip("programs get all kiosks, and all versions")
    when = {"first": query["from"], "last": query["to"], "by": "all"}
    found: Counter[Any] = Counter()
    for row in pages(token, "results", for_programs(asked, query) | when):
        for word, n in row["counts"].items():
            found[row["questionnaire"], row["question"], word] += n
    said = [s for s in Oracle(chain).asked(asked) if s.kind != "end"]
    assert words(chain, said, versions=False) == found


@pytest.mark.parametrize("path", ["answers", "responses"])
def test_answers_for_programs(chain: Chain, token: str, way: Way, path: str) -> None:
    asked, query = way
    if "version" in query:
        pytest.skip("programs get all versions")
    given = for_programs(asked, query)
    if asked.kiosks is not None:
        given |= {"kiosk": sorted(asked.kiosks)}
    rows = pages(token, path, given)
    # Programs ask for instants, which are no days.
    everyday = replace(asked, days=Days(dt.date.min, dt.date.max))
    if path == "answers":
        expected = messages([s for s in chain.said if plain.counts(s, everyday)])
        assert expected == sorted((row["kiosk"], row["seq"]) for row in rows)
    else:
        expected_ids = {s.response for s in Oracle(chain).asked(everyday)}
        assert expected_ids == {row["id"] for row in rows}


@pytest.mark.parametrize("data", ["days", "hours"])
def test_exported_counts(chain: Chain, member: Client, way: Way, data: str) -> None:
    asked, query = way
    found: Counter[Any] = Counter()
    for row in table(member, query, data):
        found[int(row["version"]), row["question"], row["value"]] += int(row["count"])
    assert words(chain, Oracle(chain).asked(asked), versions=True) == found


def test_exported_answers(chain: Chain, member: Client, way: Way) -> None:
    asked, query = way
    expected = messages([s for s in chain.said if plain.counts(s, asked)])
    rows = table(member, query, "answers")
    assert expected == sorted((int(row["kiosk"]), int(row["seq"])) for row in rows)


@pytest.mark.parametrize("name", ["", "Kamppi"])
def test_today(chain: Chain, name: str) -> None:
    points = frozenset({chain.points[name]} if name else chain.points.values())
    ratings = []
    for point in points:
        zone = next(s.zone for s in chain.said if s.point == point)
        day = clock.now().astimezone(ZoneInfo(zone)).date()
        ratings += Oracle(chain).ratings(Question(frozenset({point}), Days(day, day)))
    expected = Counter((plain.FACES[s.question], s.value) for s in ratings)
    shown = read_today(points if name else None).faces.tallies
    assert +expected == +Counter(
        {(len(tally), face): n for tally in shown for face, n in enumerate(tally)}
    )


def test_wall(chain: Chain, member: Client, way: Way) -> None:
    asked, query = way
    ratings = Oracle(chain).ratings(replace(asked, days=replace(asked.days, at=todays(chain))))
    page = member.get("/wall", query).content.decode()
    shown = [int(n) for n in re.findall(r'class="count">(\d+)<', page)]
    assert len(ratings) == sum(shown)
    latest = sorted(ratings, key=lambda s: -s.at_ms)[:12]
    times = [plain.time_there(s, settings.TIME_ZONE) for s in latest]
    assert times == re.findall(r"<time[^>]*>(.*?)<", page)


def todays(chain: Chain) -> dict[int, Days]:
    """The day that it is now at each place."""
    zones = {s.path.split(" / ")[-1]: s.zone for s in SHOPS}
    days = {n: clock.now().astimezone(ZoneInfo(zones[n])).date() for n in chain.points}
    return {point: Days(days[name], days[name]) for name, point in chain.points.items()}
