"""Every kind of question has its figures, its values and its words, on pages and for programs."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from results_data import SECOND, Chain, Shop, planted

from config import questionnaire as definitions
from headoffice.accounts.creation import create_user
from headoffice.accounts.models import Role, User
from headoffice.api.models import Scope
from headoffice.api.tokens import create_token

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SHOPS = (Shop("Nordic / Kamppi", "Europe/Helsinki", (SECOND,), (3, 3, 4), 140),)
KINDS = get_args(definitions.Question)


class Expected(NamedTuple):
    """What a kind is to have."""

    title: str
    figures: tuple[str, ...]
    bars: int
    """How many values its chart has; of none there is no chart."""
    values: str
    """What every answer looks like in a file."""


EXPECTED = {
    definitions.Smiley: Expected("Faces", ("happiness",), 3, "[0-2]"),
    definitions.Nps: Expected("Recommendation", ("nps",), 11, r"\d|10"),
    definitions.Ces: Expected("Effort", ("share_top", "mean"), 7, "[1-7]"),
    definitions.Csat: Expected("Satisfaction", ("share_top", "mean"), 7, "[1-7]"),
    definitions.YesNo: Expected("Yes or no", ("share_yes",), 2, "yes|no"),
    definitions.Scale: Expected("Scale", ("mean",), 11, r"\d|10"),
    definitions.SingleChoice: Expected("One choice", (), 3, "food|gift|"),
    definitions.MultipleChoice: Expected("Several choices", (), 4, "(queue|prices|staff|;)*"),
    definitions.FreeText: Expected("Free text", (), 0, ".+"),
    definitions.Contact: Expected("Contact details", ("share_consent",), 0, "consent|declined"),
}


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Chain]:
    del django_db_setup
    with django_db_blocker.unblock(), planted(SHOPS, days=20) as chain:
        create_user("ana", "puolukka-77x", role=Role.ADMINISTRATOR)
        yield chain


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came in is shown at once, as nothing else is on its way here."""
    monkeypatch.setattr("headoffice.api.answers.SETTLED_MS", -1000)


@pytest.fixture
def member(db: None, chain: Chain) -> Client:
    del db, chain
    client = Client()
    client.force_login(User.objects.get(username="ana"))
    return client


@pytest.fixture
def token(member: Client) -> str:
    del member
    return create_token("bi", list(Scope), User.objects.get(username="ana"))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def question(request: pytest.FixtureRequest) -> Any:
    return next(q for q in SECOND.questions if isinstance(q, request.param))


def section(member: Client, question: Any) -> str:
    """What the page of questions shows about one."""
    page = member.get("/results/questions", {"period": "28-days"}).content.decode()
    found = re.search(rf'data-question="{question.id}">(.*?)</section>', page, re.DOTALL)
    assert found is not None
    return found[1]


def rows(token: str, path: str, **query: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    reply = Client().get(f"/api/v1/{path}", {**query, "limit": 1000}, headers=headers)
    assert 200 == reply.status_code, reply.content
    return list(reply.json()["data"])


def table(member: Client, data: str, **query: Any) -> list[dict[str, str]]:
    begun = member.post("/export/", {"period": "28-days", "data": data, "format": "csv", **query})
    assert 302 == begun.status_code
    reply: Any = member.get(f"{begun['Location']}/file")
    return list(csv.DictReader(io.StringIO(b"".join(reply.streaming_content).decode())))


def tag(question: Any) -> str:
    return str(question.__struct_config__.tag)


def answers(chain: Chain, question: Any) -> list[Any]:
    """What shoppers said to it that counts."""
    return [
        said
        for said in chain.counting()
        if said.question == question.id and said.kind == "answer" and not (said.test or said.misuse)
    ]


def test_every_kind_of_question_is_expected_and_asked() -> None:
    assert set(KINDS) == set(EXPECTED)
    assert set(KINDS) == {type(question) for question in SECOND.questions}


def test_page_shows_what_a_kind_has(chain: Chain, member: Client, question: Any) -> None:
    expected, shown = EXPECTED[type(question)], section(member, question)
    assert f"· {expected.title}</p>" in shown
    n = len(answers(chain, question))
    assert n >= 5
    assert f'data-count="answered">{n}</dd>' in shown
    assert len(expected.figures) == shown.count('class="measure"')
    assert (expected.bars > 0) == ("data-chart" in shown)
    labels = re.search(r'"labels": \[(.*?)\]', shown)
    assert expected.bars == (len(labels[1].split('", "')) if labels else 0)
    assert isinstance(question, definitions.FreeText) == ("Read the comments" in shown)


def test_programs_get_the_figures_of_the_page(
    chain: Chain, member: Client, token: str, question: Any
) -> None:
    expected = EXPECTED[type(question)]
    (row,) = (r for r in rows(token, "results", by="all") if r["question"] == question.id)
    assert tag(question) == row["kind"]
    assert expected.figures == tuple(figure["name"] for figure in row["figures"])
    assert {len(answers(chain, question))} >= {figure["n"] for figure in row["figures"]}
    shown = re.findall(r'class="value small-value">(.*?)<', section(member, question))
    for figure, text in zip(row["figures"], shown, strict=True):
        number = text.replace("\N{NO-BREAK SPACE}%", "").replace("\N{MINUS SIGN}", "-")
        decimals = len(number.partition(".")[2])
        assert f"{figure['value']:.{decimals}f}" == number
    (asked,) = (q for q in rows(token, "questionnaires")[0]["questions"] if q["id"] == question.id)
    assert tag(question) == asked["kind"]
    values = [
        row["value"]
        for row in rows(token, "answers", question=question.id)
        if row["event"] == "answer" and row["last_word"]
    ]
    assert len(answers(chain, question)) == len(values)
    assert None not in values


def test_files_hold_every_answer(chain: Chain, member: Client, question: Any) -> None:
    expected = EXPECTED[type(question)]
    own = [
        row
        for row in table(member, "answers", questionnaire="visit")
        if row["question"] == question.id
        and row["event"] == "answer"
        and row["last_word"] == "true"
    ]
    assert len(answers(chain, question)) == len(own)
    for row in own:
        assert tag(question) == row["question_kind"]
        assert re.fullmatch(expected.values, row["value"], re.DOTALL), row["value"]
        assert row["value"] or row["other"]
    columns = {name for name in own[0] if name.startswith(f"{question.id}:")}
    if isinstance(question, definitions.MultipleChoice):
        assert {f"{question.id}:{option.id}" for option in question.options} == columns
        said = [row["value"].count(";") + (row["value"] != "") for row in own]
        assert said == [sum(int(row[name]) for name in columns) for row in own]
    else:
        assert set() == columns
    counted = [row for row in table(member, "days") if row["question"] == question.id]
    assert {row["value"] for row in counted} - {"skipped"}
