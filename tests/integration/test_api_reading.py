"""The read API: tokens, pages that survive inserts, problems, and its document."""

import datetime as dt
import json
from typing import Any

import jsonschema
import msgspec
import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import BOOT, DEFINITION, DIGEST, Device, answer, new_id

from headoffice import clock
from headoffice.accounts.creation import create_user
from headoffice.accounts.issued_secrets import SHOWN_FOR_MS
from headoffice.accounts.models import Role, User
from headoffice.api import live, openapi, tokens
from headoffice.api.models import Scope, Token
from sync.messages import AnswerBody, EndBody, Message, Moment

pytestmark = [pytest.mark.database, pytest.mark.django_db]
API = "/api/v1"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came in is shown at once, as nothing else is on its way here."""
    monkeypatch.setattr("headoffice.api.answers.SETTLED_MS", -1000)


@pytest.fixture
def boss(db: None) -> User:
    del db
    return create_user("boss", "long enough 17", role=Role.ADMINISTRATOR)


class Program:
    """A program of others with a token."""

    def __init__(self, boss: User, *scopes: Scope) -> None:
        self.secret = tokens.create_token("test", scopes or tuple(Scope), boss)
        self.client = Client()

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}"} | headers
        reply = self.client.get(f"{API}/{path}", headers=headers)
        assert reply.status_code == status, reply.content
        return reply

    def data(self, path: str) -> list[dict[str, Any]]:
        return list(json.loads(self.get(path).content)["data"])

    def all(self, path: str, between: Any = None) -> list[dict[str, Any]]:
        """Every page; ``between`` is called after each."""
        found, more = [], ""
        while True:
            page = json.loads(self.get(f"{path}{more}").content)
            found += page["data"]
            if page["next"] is None:
                return found
            more = f"&cursor={page['next']}"
            if between:
                between()


@pytest.fixture
def program(boss: User) -> Program:
    return Program(boss)


@pytest.fixture
def kiosk(device: Device) -> Device:
    assert device.define().status_code == 204
    device.beat()
    return device


# --- who gets in ----------------------------------------------------------------------------


def test_a_token_is_shown_for_ten_minutes_to_its_maker_kept_as_a_hash_and_can_be_revoked(
    boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = Client(), Client()
    client.force_login(boss)
    other.force_login(create_user("ben", "long enough 17", role=Role.ADMINISTRATOR))
    made = client.post("/tokens/", {"name": "nightly", "scopes": ["places"]}, follow=True)
    secret = made.content.decode().split('id="secret">')[1].split("<")[0]
    row = Token.objects.get()
    assert secret not in (row.name, row.scopes, bytes(row.hash).hex())
    assert secret in client.get("/tokens/").content.decode()
    assert secret not in other.get("/tokens/").content.decode()
    later = clock.now_ms() + SHOWN_FOR_MS + 1
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now_ms", lambda: later)
        assert secret not in client.get("/tokens/").content.decode()
    assert secret not in client.get("/tokens/").content.decode()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert 200 == Client().get(f"{API}/places", headers=bearer).status_code
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert 302 == client.post(f"/tokens/{row.pk}/revoke").status_code
    refused = Client().get(f"{API}/places", headers=bearer)
    assert (401, "This token was revoked.") == (refused.status_code, refused.json()["detail"])


def test_a_token_opens_only_its_scopes(boss: User) -> None:
    program = Program(boss, Scope.RESULTS)
    assert program.data("results") == []
    problem = program.get("answers", status=403).json()
    assert "urn:hymio:problem:forbidden" == problem["type"]
    assert "answers" in problem["detail"]


@pytest.mark.parametrize("header", [None, "Basic x", "Bearer ", "Bearer nonsense"])
def test_without_a_token_nothing_is_told(header: str | None, db: None) -> None:
    del db
    headers = {} if header is None else {"Authorization": header}
    reply = Client().get(f"{API}/answers", headers=headers)
    assert 401 == reply.status_code
    assert "application/problem+json" == reply["Content-Type"]
    assert reply["WWW-Authenticate"].startswith("Bearer")


def test_only_administrators_make_tokens(db: None) -> None:
    del db
    client = Client()
    client.force_login(create_user("ana", "long enough 17", role=Role.ANALYST))
    assert 404 == client.get("/tokens/").status_code
    assert 404 == client.post("/tokens/", {"name": "x", "scopes": ["live"]}).status_code
    assert 200 == client.get(f"{API}/").status_code


def test_an_address_only_reads(program: Program) -> None:
    reply = program.client.post(
        f"{API}/places", headers={"Authorization": f"Bearer {program.secret}"}
    )
    assert (405, "GET, HEAD") == (reply.status_code, reply["Allow"])


# --- what is told ---------------------------------------------------------------------------


@pytest.mark.usefixtures("kiosk")
def test_places_kiosks_and_questionnaires_are_listed(program: Program) -> None:
    (place,) = program.data("places")
    assert ("Main street", ["Places"]) == (place["name"], place["group_path"])
    (row,) = program.data("kiosks")
    assert (place["id"], "open", False) == (row["place"], row["state"], row["overdue"])
    (form,) = program.data("questionnaires")
    assert (DIGEST, "checkout", ["mood"]) == (
        form["digest"],
        form["name"],
        [q["id"] for q in form["questions"]],
    )
    whole = program.get(f"questionnaires/{DIGEST}").json()
    assert json.loads(DEFINITION) == whole["definition"]
    program.get("questionnaires/0", status=404)


def test_answers_are_told_with_their_times_and_values(program: Program, kiosk: Device) -> None:
    kiosk.deliver(answer(1, 2))
    (row,) = program.data("answers")
    assert (1, "answer", "mood", 2, True) == (
        row["seq"],
        row["event"],
        row["question"],
        row["value"],
        row["last_word"],
    )
    happened = dt.datetime.fromisoformat(row["happened_at"])
    assert abs(clock.now() - happened) < dt.timedelta(minutes=1)
    assert happened == dt.datetime.fromisoformat(row["happened_local"])
    assert row["happened_local"][-6:] in ("+02:00", "+03:00")


def test_a_response_is_told_as_a_whole(program: Program, kiosk: Device) -> None:
    response = new_id()
    end = EndBody(response=response, questionnaire=DIGEST, language="en", outcome="complete")
    kiosk.deliver(
        answer(1, 0, response=response),
        answer(2, 1, response=response),
        Message(3, Moment(0, BOOT, 1000), end),
        answer(4, 2),
    )
    found = {row["id"]: row for row in program.data("responses")}
    assert 2 == len(found)
    assert (1, "complete", 1) == (
        found[response]["rating"],
        found[response]["outcome"],
        len(found[response]["answers"]),
    )


@pytest.mark.parametrize("path", ["answers", "responses"])
def test_pages_survive_what_comes_in_between(program: Program, kiosk: Device, path: str) -> None:
    kiosk.deliver(*(answer(seq, seq % 3) for seq in range(1, 8)))
    late = iter(range(8, 100))

    def more() -> None:
        kiosk.deliver(answer(next(late), 1))

    key = "id" if path == "responses" else "seq"
    before = {row[key] for row in program.all(f"{path}?limit=1000")}
    found = [row[key] for row in program.all(f"{path}?limit=2", between=more)]
    assert len(found) == len(set(found))
    assert before <= set(found)
    if path == "answers":
        assert found == sorted(found)


def test_who_comes_again_gets_only_what_is_new(program: Program, kiosk: Device) -> None:
    kiosk.deliver(answer(1), answer(2))
    page = program.get("answers").json()
    assert 2 == len(page["data"])
    last = dt.datetime.fromisoformat(page["data"][-1]["received_at"])
    begin = (last + dt.timedelta(milliseconds=1)).isoformat().replace("+00:00", "Z")
    assert [] == program.data(f"answers?received_from={begin}")
    kiosk.deliver(answer(3))
    assert [3] == [row["seq"] for row in program.data(f"answers?received_from={begin}")]


def test_what_may_still_be_on_its_way_is_held_back(
    program: Program, kiosk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.deliver(answer(1))
    assert 1 == len(program.data("answers"))
    monkeypatch.setattr("headoffice.api.answers.SETTLED_MS", 30_000)
    page = program.get("answers").json()
    assert [] == page["data"]
    assert dt.datetime.fromisoformat(page["complete_until"]) < clock.now()


def test_filters_narrow_what_is_told(program: Program, kiosk: Device) -> None:
    kiosk.deliver(answer(1), answer(2, test=True), answer(3, misuse=("held",), language="fi"))
    place = program.data("places")[0]["id"]
    for query, seqs in {
        "": [1],
        "test=true": [1, 2],
        "misuse=true": [1, 3],
        "misuse=true&language=fi": [3],
        f"place={place}": [1],
        f"place={place}&place=999": [1],
        "place=999": [],
        "kiosk=999": [],
        "question=mood": [1],
        "question=why": [],
        "questionnaire=checkout": [1],
        "questionnaire=other": [],
        "happened_before=2020-01-01T00:00:00Z": [],
        "happened_from=2020-01-01T00:00:00Z": [1],
    }.items():
        assert seqs == [row["seq"] for row in program.data(f"answers?{query}")], query


def test_results_carry_n_and_interval_and_keep_quiet_about_few(
    program: Program, kiosk: Device
) -> None:
    kiosk.deliver(*(answer(seq, 2 if seq > 2 else 0) for seq in range(1, 11)))
    (row,) = program.data("results")
    (figure,) = row["figures"]
    assert {"0": 2, "2": 8} == row["counts"]
    # Published: 8 of 10 is 49-94 %.
    assert ("happiness", 80.0, 10, 49, 94) == (
        figure["name"],
        figure["value"],
        figure["n"],
        round(figure["low"]),
        round(figure["high"]),
    )
    for by in ("place", "kiosk", "questionnaire", "all"):
        for step in ("day", "week", "month", "all"):
            (again,) = program.data(f"results?by={by}&step={step}")
            assert figure == again["figures"][0]
    Device.enrolled("Side street").deliver(answer(1, 2))
    few = program.data("results")[-1]
    assert ({"2": 1}, []) == (few["counts"], few["figures"])
    assert 2 == len(program.all("results?limit=1"))


def test_contact_details_stay_here(program: Program, kiosk: Device) -> None:
    from config.values import ContactDetails

    unknown = answer(1, ContactDetails(True, "Ann"), question="who", questionnaire="0" * 64)
    assert isinstance(unknown.body, AnswerBody)
    kiosk.deliver(unknown)
    (row,) = program.data("answers")
    assert {"type": "contact", "consent": True} == row["value"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "$.limit"),
        ("limit=abc", "$.limit"),
        ("limit=1&limit=2", "$.limit"),
        ("nonsense=1", "$"),
        ("place=x", "$.place[0]"),
        ("received_from=null", "$.received_from"),
        ("test=null", "$.test"),
        ("happened_from=yesterday", "$.happened_from"),
        # Not seconds since 1970 either: the document says a date and a time.
        ("received_from=0.5", "$.received_from"),
        ("happened_before=1767225600", "$.happened_before"),
        ("question=%00", "$.question"),
        ("test=perhaps", "$.test"),
    ],
)
def test_it_rejects_what_it_does_not_understand(program: Program, query: str, path: str) -> None:
    problem = program.get(f"answers?{query}", status=400).json()
    assert "urn:hymio:problem:parameters" == problem["type"]
    assert [path] == [error["path"] for error in problem["errors"]]


@pytest.mark.parametrize("cursor", ["%21%21", "W10", ""])
def test_a_page_that_was_never_named_is_not_there(program: Program, cursor: str) -> None:
    problem = program.get(f"answers?cursor={cursor}", status=404).json()
    assert ["$.cursor"] == [error["path"] for error in problem["errors"]]


@pytest.mark.parametrize("offset", ["+14:00", "-14:00", "Z"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_instants(program: Program, day: str, offset: str) -> None:
    at = f"{day}T12:00:00{offset}".replace("+", "%2B")
    program.get(f"answers?happened_from={at}&happened_before={at}")


def test_what_reads_is_told_to_get_it_on_every_address(program: Program) -> None:
    del program
    for path in ("live", "answers"):
        reply = Client(enforce_csrf_checks=True).post(f"{API}/{path}")
        assert (405, "GET, HEAD") == (reply.status_code, reply["Allow"])


@pytest.mark.usefixtures("kiosk")
def test_what_has_not_changed_is_not_sent_again(program: Program) -> None:
    first = program.get("places")
    again = program.get("places", status=304, **{"If-None-Match": first["ETag"]})
    assert b"" == again.content
    Device.enrolled("Another street")
    program.get("places", **{"If-None-Match": first["ETag"]})


# --- the document ---------------------------------------------------------------------------


def test_the_document_is_public_and_describes_every_address(db: None) -> None:
    del db
    whole = Client().get(f"{API}/openapi.json").json()
    assert "3.1.0" == whole["openapi"]
    assert {
        "/places", "/kiosks", "/questionnaires", "/questionnaires/{digest}", "/answers",
        "/responses", "/results", "/live",
    } == set(whole["paths"])  # fmt: skip
    for methods in whole["paths"].values():
        assert methods["get"]["summary"]
        for parameter in methods["get"]["parameters"]:
            assert parameter.get("description") or parameter["in"] == "path", parameter
            assert "null" not in str(parameter["schema"])
    for schema in whole["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


_NAMES = sorted(
    {
        (path, parameter["name"])
        for path, methods in openapi.document()["paths"].items()
        for parameter in methods["get"]["parameters"]
        if parameter["in"] == "query"
    }
)
_TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["true", "false", "day", "kiosk", "all", "", "W10", "WzFd", "WzEsMSwxLDFd"]),
    st.datetimes().map(lambda d: d.isoformat() + "Z"),
    st.dates().map(str),
)


@given(
    path=st.sampled_from(sorted(p for p in openapi.document()["paths"] if p != "/live")),
    picked=st.lists(st.tuples(st.integers(0, 20), _TEXT), max_size=3),
    digest=st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=70),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_asked_the_reply_is_as_described(
    program: Program, kiosk: Device, path: str, picked: list[tuple[int, str]], digest: str
) -> None:
    from urllib.parse import quote, urlencode

    if not Token.objects.filter(pk=-1).exists() and kiosk.row.last_answer_ms is None:
        kiosk.deliver(*(answer(seq, seq % 3) for seq in range(1, 8)))
    names = [name for at, name in _NAMES if at == path]
    query = urlencode([(names[n % len(names)], text) for n, text in picked] if names else [])
    address = path.removeprefix("/").format(digest=quote(digest, safe="") or "x")
    headers = {"Authorization": f"Bearer {program.secret}"}
    reply = program.client.get(f"{API}/{address}?{query}", headers=headers)
    whole = openapi.document()
    responses = whole["paths"][path]["get"]["responses"]
    assert str(reply.status_code) in responses, reply.content
    assert reply.status_code < 500
    content = responses[str(reply.status_code)]["content"][reply["Content-Type"]]
    schema = {**content["schema"], "components": whole["components"]}
    jsonschema.Draft202012Validator(schema).validate(reply.json())


# --- live -----------------------------------------------------------------------------------


def events(pieces: list[bytes]) -> list[dict[str, str]]:
    blocks = b"".join(pieces).decode().split("\n\n")
    return [dict(line.split(": ", 1) for line in b.split("\n")) for b in blocks if "data: " in b]


def last_id(pieces: list[bytes]) -> str:
    ids = [x[4:] for x in b"".join(pieces).decode().splitlines() if x.startswith("id: ")]
    return ids[-1]


@pytest.fixture
def no_streams_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_slots", live.threading.BoundedSemaphore(1))
    live._slots.acquire()


@pytest.mark.usefixtures("no_streams_held")
def test_a_stream_goes_on_after_the_last_event(program: Program, kiosk: Device) -> None:
    begin = list(program.get("live").streaming_content)
    assert [] == events(begin)
    assert b"retry: 2000" in b"".join(begin)
    kiosk.deliver(answer(1, 2), answer(2, 0), answer(3, 0, test=True))
    first = list(program.get("live", **{"Last-Event-ID": last_id(begin)}).streaming_content)
    values = [msgspec.json.decode(e["data"])["value"] for e in events(first)]
    assert [2, 0] == values
    only = events(first)[0]["id"]
    rest = list(program.get("live", **{"Last-Event-ID": only}).streaming_content)
    assert [0] == [msgspec.json.decode(e["data"])["value"] for e in events(rest)]
    none = list(program.get("live", **{"Last-Event-ID": last_id(first)}).streaming_content)
    assert [] == events(none)
    assert b": nothing new" in b"".join(none)
    assert last_id(first) == last_id(none)


def test_a_held_stream_tells_what_comes_and_beats_in_between(
    program: Program, kiosk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(live, "HEARTBEAT_EVERY_S", 0.0)
    pieces = iter(program.get("live").streaming_content)
    assert next(pieces).startswith(b"retry: 2000\nid: ")
    assert b": nothing new\n\n" == next(pieces)
    kiosk.deliver(answer(1, 2))
    assert [2] == [msgspec.json.decode(e["data"])["value"] for e in events([next(pieces)])]


def test_people_see_live_what_they_may_see(kiosk: Device, no_streams_held: None) -> None:
    del no_streams_held
    Device.enrolled("Elsewhere / Side street").deliver(answer(1, 0))
    group = next(p.group for p in [kiosk.row.assignments.get().point])
    client = Client()
    client.force_login(create_user("mia", "long enough 17", role=Role.MANAGER, group=group))
    begin = live.cursor_of((0, 0, 0, 0))
    kiosk.deliver(answer(1, 2))
    reply = client.get(f"/live/events?last_event_id={begin}")
    found = events(list(reply.streaming_content))
    assert [2] == [msgspec.json.decode(e["data"])["value"] for e in found]
    assert 401 == Client().get(f"{API}/live").status_code
