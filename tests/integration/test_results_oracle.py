"""Every figure of every page equals what plain Python works out from the raw answers.

Among the answers are late and repeated ones, changed ones, test taps, suspected misuse, broken-off
responses, two versions of one questionnaire and the hours in which clocks are put.
"""

import datetime as dt
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
import results_oracle as plain
from django.conf import settings
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from results_data import FIRST, FIVE, SECOND, SHOPS, Chain, planted
from results_oracle import MINIMUM, Days, Figure, Oracle, Question

from config.questionnaire import MultipleChoice, SingleChoice, canonical, digest
from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role
from headoffice.api import tokens
from headoffice.api.models import Scope
from headoffice.fleet.models import ExperiencePoint, Group

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHARES = ("easy", "service", "again", "reach")
AVERAGES = {("easy", 1), ("service", 1), ("clean", 0)}
"""Which measure of which question is a mean on a short scale."""
PERIODS = ("28-days", "7-days", "12-weeks", "month", "last-month", "year")


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted() as chain:
        yield chain


@pytest.fixture
def analyst(db: None) -> Client:
    del db
    client = Client()
    client.force_login(create_user("analyst", "puolukka-77x", role=Role.ANALYST))
    return client


def get(client: Client, path: str, **query: Any) -> str:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    return response.content.decode()


def today(*names: str) -> dt.date:
    """The latest day that has begun at any of these places; of all of them without names."""
    zones = {shop.zone for shop in SHOPS if not names or shop.path.split(" / ")[-1] in names}
    return max(clock.now().astimezone(ZoneInfo(zone)).date() for zone in zones)


def todays(chain: Chain, *names: str) -> dict[int, dt.date]:
    """What day it is at each of these places, or at all: around midnight not the same."""
    return {chain.points[name]: today(name) for name in names or chain.points}


def long(*names: str) -> tuple[tuple[Days, ...], dict[str, str]]:
    """Most of a year until today, and the query that asks for it.

    The period *this year* is short in January, and these tests want answers enough.
    """
    last = today(*names)
    days = Days(last - dt.timedelta(days=328), last)
    return plain.own_days(days), {"from": days.first.isoformat(), "to": days.last.isoformat()}


def today_at(chain_points: frozenset[int], chain: Chain) -> dt.date:
    """The same, of points."""
    return today(*(name for name, point in chain.points.items() if point in chain_points))


# --- what stands on a page ------------------------------------------------------------------


def number(value: float, decimals: int = 0) -> str:
    text = f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return text.lstrip("\N{MINUS SIGN}") if float(f"{value:.{decimals}f}") == 0 else text


def signed(value: float) -> str:
    return ("+" if float(f"{value:.1f}") > 0 else "") + number(value, 1)


def span(figure: Figure, decimals: int = 0) -> str:
    dash = "–" if figure.low >= 0 else " to "
    return number(figure.low, decimals) + dash + number(figure.high, decimals)


def text_of(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def piece(page: str, pattern: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    assert found, pattern
    return found[1]


def spec(page: str, key: str) -> Any:
    return json.loads(
        piece(page, rf'<script id="data-{key}" type="application/json">(.*?)</script>')
    )


def rows(page: str, start: str) -> list[list[str]]:
    """The cells of the body of the first table after a place in the page."""
    body = piece(page, rf"{start}.*?<tbody>(.*?)</tbody>")
    return [
        [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    ]


# --- headline: index, change, trend, volume, faces ------------------------------------------


def check_headline(page: str, oracle: Oracle, asked: Question, times: Any) -> None:
    whole = oracle.index(asked)
    if whole is None or whole.n < MINIMUM:
        assert "data-figure" not in page
        assert "<script id=" not in page
        assert ("Too few answers" if whole else "No answers in this period") in page
        return
    assert number(whole.value) == text_of(piece(page, r'data-figure="index">(.*?)<'))
    assert str(number(whole.n)) == text_of(piece(page, r'data-figure="n">(.*?)<'))
    assert f"95%: {span(whole)}" in text_of(page)
    check_changes(page, oracle, asked, whole, times)
    tallies = Counter((s.question, s.value) for s in oracle.ratings(asked))
    shown = [
        int(n)
        for n in re.findall(r'data-face="\d">\s*<img[^>]*>\s*<span class="count">(\d+)', page)
    ]
    scales = [q for q in ("mood", "face") if any(key[0] == q for key in tallies)]
    assert [tallies[q, face] for q in scales for face in range(plain.FACES[q])] == shown
    if asked.days.first != asked.days.last:
        check_trend(page, oracle, asked)
        check_quiet_lines(page, oracle, asked, times)


def check_changes(
    page: str, oracle: Oracle, asked: Question, whole: Figure, times: tuple[Days, ...]
) -> None:
    for place, days in enumerate(dict.fromkeys(times)):
        before = oracle.index(Question(**{**vars(asked), "days": days}))
        shown = text_of(piece(page, rf'data-change="{place}">(.*?)</li>'))
        if before is None or before.n < MINIMUM:
            assert "Too few answers to compare" in shown
            continue
        if not oracle.comparable(asked, days):
            assert "Too few days to compare" in shown
            assert "days have answers" in shown or "now" in shown
            continue
        d, low, high = plain.gap(whole, before)
        verdict = (
            "Clearly better" if low > 0 else "Clearly worse" if high < 0 else "No clear change"
        )
        if low > 0 or high < 0:
            points = abs(round(d, 1))
            verdict += ", small change" * (points < 3) + ", large change" * (points >= 10)
        assert f"{signed(d)} {verdict} 95%: {signed(low)} to {signed(high)}" in shown
        assert f"n = {number(before.n)}" in shown


def check_trend(page: str, oracle: Oracle, asked: Question) -> None:
    by_day = oracle.by(asked, lambda said: plain.local(said).date())
    parts: dict[Any, list[Any]] = {}
    whole, common = asked.days.whole, asked.days.common
    day = whole.first
    length = (whole.last - whole.first).days + 1
    size = plain.step_size(length, sum(map(len, by_day.values())))
    while day <= whole.last:
        week = day - dt.timedelta(days=day.weekday())
        key = {"day": day, "week": week, "month": day.replace(day=1)}[size]
        parts.setdefault(key, []).extend(by_day.get(day, ()))
        day += dt.timedelta(days=1)
    figures = [plain.index(part) for part in parts.values()]
    shown = [f if plain.enough(f) else None for f in figures]
    drawn = spec(page, "trend")
    assert [f and round(f.value, 2) for f in shown] == drawn["value"]
    assert [f and pytest.approx(f.low, abs=0.006) for f in shown] == drawn["low"]
    assert [f and pytest.approx(f.high, abs=0.006) for f in shown] == drawn["high"]
    assert [f.n if f else 0 for f in shown] == drawn["n"] == spec(page, "volume")["value"]
    begun = today_at(asked.points, oracle.chain)
    assert (whole.last >= begun) <= drawn["partial"][-1]
    if size == "day":
        # Of a day that is not over everywhere, or not asked about everywhere, there is a part.
        ends = min(day for point, day in todays(oracle.chain).items() if point in asked.points)
        assert [day not in common or day >= ends for day in parts] == drawn["partial"]
    table = rows(page, 'aria-label="As a table: Happiness index over time"')
    assert [number(f.value, 1) if f else "–" for f in shown] == [row[1] for row in table]
    moods = spec(page, "moods")["series"]
    for at, part in enumerate(parts.values()):
        if shown[at] is None:
            continue
        scale = len(moods)
        assert 100 == pytest.approx(sum(m["value"][at] for m in moods), abs=0.05)
        for face, mood in enumerate(moods):
            n = sum(s.value * (scale - 1) / (plain.FACES[s.question] - 1) == face for s in part)
            assert 100 * n / len(part) == pytest.approx(mood["value"][at], abs=0.006)


def check_quiet_lines(page: str, oracle: Oracle, asked: Question, times: tuple[Days, ...]) -> None:
    """Each as many days before the steps of the line as its time begins before the period."""
    drawn = spec(page, "trend")
    steps = [dict(parse_qsl(link.removeprefix("?"))) for link in drawn["links"]]
    spans = [
        Days(*(dt.date.fromisoformat(step[name]) for name in ("from", "to"))) for step in steps
    ]
    expected = []
    for days in dict.fromkeys(times):
        back = asked.days.whole.first - days.whole.first
        by_day = oracle.by(
            Question(**{**vars(asked), "days": days}), lambda said: plain.local(said).date()
        )
        parts = [
            plain.index([s for d, said in by_day.items() if d + back in span for s in said])
            for span in spans
        ]
        figures = [part if plain.enough(part) else None for part in parts]
        # One step alone is no line, so it is told in the table and not drawn.
        if any(one and following for one, following in pairwise(figures)):
            expected.append([f and round(f.value, 2) for f in figures])
    assert expected == [line["value"] for line in drawn["quiet"]]


@pytest.mark.parametrize("name", PERIODS)
def test_overview_and_place_equal_the_plain_figures(
    chain: Chain, analyst: Client, name: str
) -> None:
    oracle = Oracle(chain)
    days, *times = plain.period_at(name, todays(chain))
    asked = Question(frozenset(chain.points.values()), days)
    page = get(analyst, "/results/", period=name)
    check_headline(page, oracle, asked, times)
    check_standings(page, oracle, asked)
    for place, point in chain.points.items():
        # Around midnight it is tomorrow in Helsinki and still today in Rome.
        days, *times = plain.period(name, today(place))
        here = Question(frozenset({point}), days)
        page = get(analyst, "/results/place", place=f"p{point}", period=name)
        check_headline(page, oracle, here, times)
        if plain.enough(oracle.index(here)):
            check_heat(page, oracle, here)
            check_languages(page, oracle, here)
    south = Group.objects.get(name="South").pk
    names = ("Roma", "Budapest", "Genova")
    days, *times = plain.period_at(name, todays(chain, *names))
    here = Question(frozenset(chain.points[n] for n in names), days)
    check_headline(
        get(analyst, "/results/place", place=f"g{south}", period=name), oracle, here, times
    )


def test_places_of_a_tag_equal_the_plain_figures(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    names = ("Roma", "Budapest", "Pasila")
    for name in names:
        ExperiencePoint.objects.filter(pk=chain.points[name]).update(tags=["airport", name])
    (days, *times), when = long(*names)
    asked = Question(frozenset(chain.points[name] for name in names), days)
    page = get(analyst, "/results/", **when, tag="airport")
    check_headline(page, oracle, asked, times)
    check_standings(page, oracle, asked)
    assert "Tag of the location: airport" in page
    # Of a group the part that has it.
    south = Group.objects.get(name="South").pk
    (days, *times), when = long("Roma", "Budapest")
    here = Question(frozenset({chain.points["Roma"], chain.points["Budapest"]}), days)
    page = get(analyst, "/results/place", place=f"g{south}", **when, tag="airport")
    check_headline(page, oracle, here, times)
    compared = get(analyst, "/results/compare", **when, tag="airport", least=1)
    shown = {int(pk) for pk in re.findall(r'<tr data-place="p(\d+)">', compared)}
    assert asked.points == shown


def test_a_tag_that_no_place_has_is_told(chain: Chain, analyst: Client) -> None:
    ExperiencePoint.objects.filter(pk=chain.points["Roma"]).update(tags=["airport"])
    page = get(analyst, "/results/", period="year", tag="<b>")
    assert "No location has this tag" in page
    assert "&lt;b&gt;" not in page
    nordic = Group.objects.get(name="Nordic").pk
    page = get(analyst, "/results/", place=f"g{nordic}", period="year", tag="airport")
    assert "None of these locations has the tag “airport”." in page
    assert "No answers in this period" in page
    manager = Client()
    manager.force_login(
        create_user("mia", "puolukka-77x", role=Role.MANAGER, group=Group.objects.get(pk=nordic))
    )
    # Tags of other places are as absent as these.
    page = get(manager, "/results/", period="year", tag="airport")
    assert "No location has this tag" in page
    assert ">airport<" not in page


def check_standings(page: str, oracle: Oracle, asked: Question) -> None:
    by_point = oracle.by(asked, lambda said: said.point)
    figures = {point: plain.index(part) for point, part in by_point.items()}
    beside = plain.drawn({p: f.n for p, f in figures.items() if f is not None}, 30)
    ranked = {p: f for p, f in figures.items() if f is not None and p in beside}
    best_first = sorted(ranked, key=lambda p: -ranked[p].value)
    shown = re.findall(
        r'<li data-place="p(\d+)">.*?class="score">(\d+)<.*?n = (\d+)', page, re.DOTALL
    )
    if len(ranked) < 2:
        assert shown == []
        return
    half = (len(ranked) + 1) // 2
    order = best_first[:half] + best_first[half:][::-1]
    assert [(str(p), number(ranked[p].value), str(ranked[p].n)) for p in order] == shown


def check_heat(page: str, oracle: Oracle, asked: Question) -> None:
    if (asked.days.last - asked.days.first).days >= 92:
        first = asked.days.last - dt.timedelta(days=91)
        asked = Question(**{**vars(asked), "days": Days(first, asked.days.last)})
    cells = oracle.by(asked, lambda said: (plain.local(said).isoweekday(), plain.local(said).hour))
    if not any(plain.enough(plain.index(cell)) for cell in cells.values()):
        assert "heat-title" not in page
        return
    table = rows(page, 'id="heat-title"')
    assert min({hour for _day, hour in cells}) == int(table[0][0])
    shades = iter(re.findall(r'<td class="shade-(\w+)"', page))
    clear = clear_cells(cells)
    for row in table:
        for day, shown in enumerate(row[1:], start=1):
            figure = plain.index(cells.get((day, int(row[0])), ()))
            text = "·" if figure is None or figure.n < 5 else number(figure.value)
            assert ("" if figure is None else text) == shown.partition(" n = ")[0]
            shade = next(shades)
            if figure is not None and figure.n >= 5:
                assert f"{text} n = {number(figure.n)}" == shown
                assert shade in ("0", "m0", "p0") or (day, int(row[0])) in clear


def clear_cells(cells: dict[Any, list[Any]]) -> set[Any]:
    """Those that differ from all the others, among all that are drawn."""
    drawn = [key for key, said in cells.items() if len(said) >= 5]
    pairs, keys = [], []
    for key in drawn:
        rest = plain.index([s for other, said in cells.items() if other != key for s in said])
        own = plain.index(cells[key])
        if own is not None and plain.enough(rest):
            pairs.append((own, rest))
            keys.append(key)
    return {key for key, found in zip(keys, plain.clear(pairs), strict=True) if found}


def check_languages(page: str, oracle: Oracle, asked: Question) -> None:
    parts = oracle.by(asked, lambda said: said.language)
    if len(parts) < 2:
        assert "language-title" not in page
        return
    shown = {row[0]: row[1:] for row in rows(page, 'id="language-title"')}
    beside = plain.drawn({tag: len(part) for tag, part in parts.items()})
    for tag, part in parts.items():
        figure = plain.index(part)
        assert figure is not None
        name = {"en": "English", "fi": "suomi"}[tag]
        if tag not in beside:
            assert ["–", "–", "too few"] == shown[name]
        else:
            assert [number(figure.value), span(figure), number(figure.n)] == shown[name]


def test_every_filter_and_the_days_on_which_clocks_are_put(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    everywhere = frozenset(chain.points.values())
    days, *times = plain.period_at("12-weeks", todays(chain))
    first = digest(canonical(FIRST))
    for query, asked in (
        ({"test": "1"}, Question(everywhere, days, test=True)),
        ({"misuse": "1"}, Question(everywhere, days, misuse=True)),
        ({"test": "1", "misuse": "1"}, Question(everywhere, days, test=True, misuse=True)),
        ({"language": "fi"}, Question(everywhere, days, language="fi")),
        ({"questionnaire": "till"}, Question(everywhere, days, digests=frozenset({plain.TILL}))),
    ):
        check_headline(get(analyst, "/results/", period="12-weeks", **query), oracle, asked, times)
    for day in days_of_change("Europe/Helsinki"):
        days, *times = plain.own_days(Days(day, day))
        for point in ("Kamppi", "Roma"):
            asked = Question(frozenset({chain.points[point]}), days)
            page = get(
                analyst,
                "/results/place",
                place=f"p{chain.points[point]}",
                **{"from": day.isoformat(), "to": day.isoformat()},
            )
            check_headline(page, oracle, asked, times)
    version = {"questionnaire": "visit", "version": chain.versions[first]}
    days, *times = plain.own_days(Days(today() - dt.timedelta(days=419), today()))
    asked = Question(everywhere, days, digests=frozenset({first}))
    dates = {"from": days.first.isoformat(), "to": days.last.isoformat()}
    check_headline(get(analyst, "/results/", **version, **dates), oracle, asked, times)


def days_of_change(zone: str) -> list[dt.date]:
    """The days of the last year that had 23 or 25 hours."""
    found, midnight = [], dt.time(0, tzinfo=ZoneInfo(zone))
    for ago in range(1, 400):
        day = today() - dt.timedelta(days=ago)
        begins = dt.datetime.combine(day, midnight)
        ends = dt.datetime.combine(day + dt.timedelta(days=1), midnight)
        if begins.utcoffset() != ends.utcoffset():
            found.append(day)
    assert len(found) >= 2
    return found


# --- compare --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["28-days", "last-month", "year", "long"])
def test_comparison_equals_the_plain_figures(chain: Chain, analyst: Client, name: str) -> None:
    oracle = Oracle(chain)
    named = {"period": name}
    days, *times = long()[0] if name == "long" else plain.period_at(name, todays(chain))
    when = long()[1] if name == "long" else named
    page = get(analyst, "/results/compare", **when, least=10)
    figures = {
        point: figure
        for point in chain.points.values()
        if (figure := oracle.index(Question(frozenset({point}), days))) and figure.n >= 10
    }
    everyone = oracle.ratings(Question(frozenset(chain.points.values()), days))
    order = sorted(figures, key=lambda p: -figures[p].value)
    shown = re.findall(r'<tr data-place="p(\d+)">', page)
    assert [str(p) for p in order] == shown
    # At the begin of a year there is nobody to rank yet.
    ranked = rows(page, "ranking-title") if order else []
    pairs = list(combinations(order, 2))
    apart = plain.clear([(figures[a], figures[b]) for a, b in pairs])
    clear = {pair for pair, found in zip(pairs, apart, strict=True) if found}
    rests = [plain.index([s for s in everyone if s.point != point]) for point in order]
    against = [(figures[p], rest) for p, rest in zip(order, rests, strict=True) if rest is not None]
    differs = plain.clear(against)
    for place, (point, row) in enumerate(zip(order, ranked, strict=True)):
        own = figures[point]
        best = 1 + sum(lower == point for _higher, lower in clear)
        worst = len(order) - sum(higher == point for higher, _lower in clear)
        assert (str(best) if best == worst else f"{best}–{worst}") == row[0]
        assert [number(own.value), span(own), number(own.n)] == row[2:5]
        d = plain.gap(*against[place])[0]
        word = "No clear difference" if not differs[place] else "above" if d > 0 else "below"
        here = [s for s in everyone if s.point == point]
        low = sum(s.value < (plain.FACES[s.question] - 1) / 2 for s in here)
        assert f"{number(100 * low / len(here))}%" == row[5]
        assert word in row[6]
        for cell, before in zip(row[7:-1], dict.fromkeys(times), strict=True):
            then = oracle.index(Question(frozenset({point}), before))
            asked = Question(frozenset({point}), days)
            if then is None or then.n < MINIMUM or not oracle.comparable(asked, before):
                assert cell.split()[0] == "–"
            else:
                assert signed(plain.gap(own, then)[0]) == cell.split()[0]
        elsewhere = frozenset(chain.points.values()) - {point}
        then, others, others_then = (
            oracle.index(Question(points, when))
            for points, when in (
                (frozenset({point}), times[0]),
                (elsewhere, days),
                (elsewhere, times[0]),
            )
        )
        enough = then is not None and then.n >= MINIMUM and others is not None
        if not enough or others_then is None or not oracle.comparable(asked, times[0]):
            assert "–" == row[-1].split()[0]
        else:
            alone, together = plain.gap(own, then)[0], plain.gap(others, others_then)[0]
            assert signed(alone - together) == row[-1].split()[0]


def test_questionnaires_are_compared_and_days_of_ones_own(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    everywhere = frozenset(chain.points.values())
    days, *_times = plain.period_at("12-weeks", todays(chain))
    own = plain.Days(days.first - dt.timedelta(200), days.first - dt.timedelta(50))
    page = get(analyst, "/results/compare", period="12-weeks", since=own.first, until=own.last)
    titles = {"mood": "Your visit", "face": "At the till"}
    now, then = (
        oracle.by(Question(everywhere, when), lambda said: titles[said.question])
        for when in (days, own)
    )
    shown = rows(page, "questionnaires-title")
    assert set(titles.values()) == {row[1] for row in shown}
    for row in shown:
        figure, before = plain.index(now[row[1]]), plain.index(then[row[1]])
        assert figure is not None
        assert before is not None
        assert [number(figure.value), span(figure), number(figure.n)] == row[2:5]
        assert signed(plain.gap(figure, before)[0]) == row[-1].split()[0]
    wrong = get(analyst, "/results/compare", since="2026-05-02", until="2026-05-01")
    assert "comparison dates are invalid" in wrong


# --- questions ------------------------------------------------------------------------------


def test_every_question_equals_the_plain_figures(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    (days, *_times), when = long()
    both = frozenset(digest(canonical(q)) for q in (FIRST, SECOND))
    second = frozenset({digest(canonical(SECOND))})
    everywhere = frozenset(chain.points.values())
    asked = Question(everywhere, days, digests=both)
    page = get(analyst, "/results/questions", questionnaire="visit", **when)
    for question in SECOND.questions:
        # The two versions ask for satisfaction on other scales, which are not mixed.
        alike = second if question.id == "service" else both
        of = plain.of_question(oracle, asked, question.id, alike)
        part = piece(page, rf'data-question="{question.id}">(.*?)</section>')
        for name, n in (
            ("asked", of.answered + of.skipped + of.left),
            ("answered", of.answered),
            ("skipped", of.skipped),
            ("left", of.left),
        ):
            assert number(n) == text_of(piece(part, rf'data-count="{name}">(.*?)<')), question.id
        assert of.answered >= MINIMUM
        assert f"Time taken {number(of.seconds, 1)} s" in text_of(part)
        shown = re.findall(
            r'class="value small-value">(.*?)<.*?n = (.*?) · 95%: (.*?)<', part, re.DOTALL
        )
        unit = "\N{NO-BREAK SPACE}%"
        expected = []
        for place, figure in enumerate(of.measures):
            decimals = 2 if (question.id, place) in AVERAGES else 0
            share = unit if decimals == 0 and question.id in SHARES else ""
            expected.append(
                (
                    number(figure.value, decimals) + share,
                    number(figure.n),
                    span(figure, decimals) + share,
                )
            )
        assert expected == shown, question.id
        check_shares(part, question, of)
    ends = Counter(s.value[0] for s in oracle.asked(asked) if s.kind == "end")
    total = sum(ends.values())
    for outcome, name in (
        ("complete", "Completed"),
        ("partial", "Ended early"),
        ("timed_out", "Abandoned"),
    ):
        share = f"{name} {number(100 * ends[outcome] / total)}% {number(ends[outcome])}"
        assert share in text_of(page)


def check_shares(part: str, question: Any, of: plain.OfQuestion) -> None:
    if "data-chart" not in part:
        assert of.shares == {}
        return
    drawn = spec(part, f"q-{question.id}")
    shown = dict(zip(drawn["labels"], drawn["value"], strict=True))
    names = {"yes": "Yes", "no": "No", "other": "In own words"}
    if question.id == "mood":
        names = {"0": "Sad", "1": "Neutral", "2": "Happy"}
    if isinstance(question, SingleChoice | MultipleChoice):
        names |= {option.id: option.text["en"] for option in question.options}
    expected = {names.get(label, label): share for label, share in of.shares.items()}
    assert {k: v for k, v in shown.items() if v} == pytest.approx(expected, abs=0.006)


def test_what_people_say_most_equals_the_plain_figures(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    days, *times = plain.period_at("12-weeks", todays(chain))
    asked = Question(frozenset(chain.points.values()), days)
    page = get(analyst, "/results/", period="12-weeks")
    both = frozenset(digest(canonical(q)) for q in (FIRST, SECOND))
    for question in SECOND.questions:
        if not isinstance(question, SingleChoice | MultipleChoice):
            continue
        of = plain.of_question(oracle, asked, question.id, both)
        part = piece(page, rf">{re.escape(question.text['en'])}</h2>(.*?)</section>")
        names = {option.id: option.text["en"] for option in question.options}
        order = sorted(names, key=lambda o: (-of.shares.get(o, 0), names[o]))
        expected = [(names[o], f"{number(of.shares[o])}%") for o in order]
        said = re.findall(r'<th scope="row">(.*?)\n.*?class="much">(.*?)<', part, re.DOTALL)
        assert expected == said
        # Everywhere it is compared with the period before, and with nothing else.
        earlier = plain.of_question(oracle, replace(asked, days=times[0]), question.id, both)
        enough = earlier.answered >= MINIMUM
        often = {o: round(earlier.shares.get(o, 0) * earlier.answered / 100) for o in order}
        before = [
            f"{number(earlier.shares.get(o, 0))}%"
            for o in order
            if enough and (not often[o] or often[o] >= MINIMUM)
        ]
        if isinstance(question, SingleChoice) and 1 == sum(0 < n < MINIMUM for n in often.values()):
            continue  # A second one is hidden as well.
        assert before == re.findall(r"<td>(\d+%) <span", part)
        assert f"n = {number(of.answered)}" in part


# --- comments and the wall ------------------------------------------------------------------


def test_comments_equal_what_was_written(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    days, *_times = plain.period_at("12-weeks", todays(chain))
    asked = Question(frozenset(chain.points.values()), days)
    expected = plain.comments(oracle, asked)
    page = get(analyst, "/results/comments", period="12-weeks")
    assert f"Comments: {number(len(expected))}" in page
    names = {point: name for name, point in chain.points.items()}
    shown = re.findall(
        r'class="said-text"[^>]*>(.*?)</p>\s*<p class="sub">(.*?) · <time[^>]*>((?s:.*?))</time>',
        page,
    )
    for (said, text, _face), (words, place, at) in zip(expected, shown, strict=False):
        assert text == html.unescape(words)
        assert names[said.point] == place
        when = plain.local(said)
        assert f"{when.day} {when:%b %Y, %H:%M %Z}" == text_of(at)
    assert min(30, len(expected)) == len(shown)
    unhappy = [row for row in expected if row[2] == 0]
    assert f"Comments: {number(len(unhappy))}" in get(
        analyst, "/results/comments", period="12-weeks", mood="0-of-3"
    )
    queue = [row for row in expected if "queue" in row[1].casefold()]
    found = get(analyst, "/results/comments", period="12-weeks", q="queue")
    assert f"Comments: {number(len(queue))}" in found
    theme = re.search(r">queue</span> <span class=\"sub\">(\d+)<", page)
    assert theme is not None
    assert sum("queue" in plain.words(row[1]) for row in expected) == int(theme[1])


def test_wall_equals_what_was_tapped_today(chain: Chain, analyst: Client) -> None:
    oracle = Oracle(chain)
    (days, *_times) = plain.period_at("today", todays(chain))
    asked = Question(frozenset(chain.points.values()), days)
    ratings = oracle.ratings(asked)
    tallies = Counter((s.question, s.value) for s in ratings)
    page = get(analyst, "/wall")
    shown = [int(n) for n in re.findall(r'class="count">(\d+)<', page)]
    scales = [q for q in ("mood", "face") if any(key[0] == q for key in tallies)] or ["mood"]
    assert [tallies[q, face] for q in scales for face in range(plain.FACES[q])] == shown
    happy = sum(2 * s.value > plain.FACES[s.question] - 1 for s in ratings)
    assert happy > 1
    assert f"{happy} people left with a smile today" in page
    whole = oracle.index(asked)
    assert whole is not None
    index = f"Happiness index {number(whole.value)} n = {whole.n} · 95%: {span(whole)}"
    # Soon after midnight only a few have tapped.
    assert plain.enough(whole) == (index in text_of(page))
    assert plain.enough(whole) == ("Happiness index" in text_of(page))
    latest = sorted(ratings, key=lambda s: -s.at_ms)[:12]
    times = [plain.time_there(s, settings.TIME_ZONE) for s in latest]
    assert times == re.findall(r"<time[^>]*>(.*?)<", page)


# --- for programs ---------------------------------------------------------------------------

Told = Counter[tuple[Any, ...]]


def told(token: str, **query: Any) -> Told:
    """All counts of the API by what they are about; of days by the first of their month."""
    found: Told = Counter()
    while True:
        reply = Client().get("/api/v1/results", query, headers={"Authorization": f"Bearer {token}"})
        assert 200 == reply.status_code, reply.content
        body = reply.json()
        for row in body["data"]:
            month = row["begins"] and row["begins"][:7]
            for value, n in row["counts"].items():
                found[row["by"], month, row["questionnaire"], row["question"], value] += n
        if body["next"] is None:
            return found
        query["cursor"] = body["next"]


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("by", ["place", "all"])
@pytest.mark.parametrize("days", [(300, 0), (290, 45), (75, 10), (20, 3), (None, 40), (90, None)])
def test_months_and_whole_spans_are_the_sums_of_their_days(
    by: str, days: tuple[int | None, int | None]
) -> None:
    token = tokens.create_token(
        "bi", [Scope.RESULTS], create_user("bi", "puolukka-77x", role=Role.ANALYST)
    )
    query: dict[str, Any] = {"by": by, "limit": 2}
    for name, ago in zip(("first", "last"), days, strict=True):
        if ago is not None:
            query[name] = today() - dt.timedelta(days=ago)
    by_day = told(token, step="day", **query)
    assert by_day
    assert by_day == told(token, step="month", **query)
    whole: Told = Counter()
    for (key, _month, *rest), n in by_day.items():
        whole[key, None, *rest] += n
    assert whole == told(token, step="all", **query)


FIGURES = {
    "mood": ("happiness",),
    "face": ("happiness",),
    "friend": ("nps",),
    "easy": ("share_top", "mean"),
    "service": ("share_top", "mean"),
    "again": ("share_yes",),
    "clean": ("mean",),
    "reach": ("share_consent",),
}
"""What programs know the measures of each question by."""


@pytest.mark.parametrize(
    ("form", "where"),
    [
        (FIRST, "Kamppi"),
        (SECOND, "Kamppi"),
        (SECOND, "everywhere"),
        (FIVE, "everywhere"),
        (FIVE, "Genova"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_programs_get_the_plain_figures(chain: Chain, form: Any, where: str) -> None:
    oracle = Oracle(chain)
    own = digest(canonical(form))
    points = [*chain.points.values()] if where == "everywhere" else [chain.points[where]]
    # Of its two versions the questionnaire has the older one until 90 days ago.
    days = Days(today() - dt.timedelta(days=300), today() - dt.timedelta(days=100))
    if form is not FIRST:
        days = Days(today() - dt.timedelta(days=80), today())
    asked = Question(frozenset(points), days, digests=frozenset({own}))
    token = tokens.create_token(
        "bi", [Scope.RESULTS], create_user("bi", "puolukka-77x", role=Role.ANALYST)
    )
    query = {"by": "all", "questionnaire": form.id, "place": points, "first": days.first}
    reply = Client().get(
        "/api/v1/results",
        query | {"last": days.last},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert 200 == reply.status_code, reply.content
    rows = {row["question"]: row for row in reply.json()["data"]}
    said = [s for s in oracle.asked(asked) if s.kind != "end"]
    assert {s.question for s in said} == set(rows)
    for question, row in rows.items():
        expected = Counter(
            word for s in said if s.question == question for word in plain.counted_words(s)
        )
        assert expected == row["counts"], question
        of = plain.of_question(oracle, asked, question, frozenset({own}), 5 if form is FIRST else 7)
        measures = [m for m in of.measures if plain.enough(m)]
        names = FIGURES.get(question, ()) if measures else ()
        assert names == tuple(figure["name"] for figure in row["figures"]), question
        for measure, figure in zip(measures, row["figures"], strict=True):
            shown = Figure(*(figure[name] for name in ("value", "n", "low", "high")), measure.worth)
            assert vars(measure) == pytest.approx(vars(shown)), question
