"""A kiosk that joined and means ill: it may harm its own figures, and nothing else."""

import http.client
import json
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from attack.account import Attack, Tally
from attack.stage import API, DEFINITION, DIGEST, Client, Stage

from config.questionnaire import Questionnaire, canonical, digest

Json = Any
EDGES = (
    0,
    -1,
    3,
    4,
    5,
    8,
    10,
    11,
    127,
    2**31,
    2**53,
    -(2**53),
    2**63 - 1,
    2**63,
    10**30,
    1e308,
    0.5,
)
WORDS = (
    "", " ", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202eevil", "'; DROP TABLE x; --",
    "{{ 7*7 }}", "a" * 2000, "\x07\x1b[2J", "ﷺ" * 300, "\U0010ffff", "../../etc/passwd",
)  # fmt: skip
VALUES: tuple[Json, ...] = (
    *EDGES, *WORDS, True, False, None, [], ["x"], {}, {"type": "nope"},
    {"type": "chosen", "options": []}, {"type": "chosen", "options": ["x", "x", "z"]},
    {"type": "chosen", "options": ["x"], "other": "y"}, {"type": "chosen", "options": ["\0"]},
    {"type": "contact", "consent": True, "name": "=1+1"}, {"type": "contact", "consent": False},
    {"type": "sealed", "key": 2**53, "box": "AAAA"}, {"type": "sealed", "key": 1, "box": "?"},
)  # fmt: skip
TIMES = (0, -1, 1, 2**53, -(2**53), 253402300800000, -62135596800001, 4102444800000)
TEXT = {"en": "How?"}
ENDS = {"low": {"en": "a"}, "high": {"en": "b"}}
OPTIONS = [{"id": "x", "text": TEXT}, {"id": "y", "text": TEXT}]
KINDS: dict[str, dict[str, Json]] = {
    "smiley": {"faces": 3}, "nps": {}, "ces": {}, "csat": {}, "yes_no": {},
    "scale": {"ends": ENDS}, "single_choice": {"options": OPTIONS},
    "multiple_choice": {"options": OPTIONS}, "text": {},
    "contact": {"purpose": TEXT},
}  # fmt: skip


class Enemy:
    """A credential, and whatever one can say with it."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.installation = str(uuid.uuid4())
        self.boot = str(uuid.uuid4())
        self.seq = 0
        asked = {"code": stage.code(f"Enemy {self.installation[:8]}"), "version": "0",
                 "installation": self.installation}  # fmt: skip
        self.client = Client(stage.office.port, Content_Type="application/json")
        reply = self.client.ask("POST", f"{API}/enrolment", json.dumps(asked).encode())
        secret = json.loads(reply.body)["credential"]
        self.client.headers["Authorization"] = f"Bearer {secret}"

    def moment(self, wall_ms: int = 0, mono_ms: int = 5) -> Json:
        return {"wall_ms": wall_ms, "boot": self.boot, "mono_ms": mono_ms}

    def message(self, value: Json = 1, *, name: str = DIGEST, question: str = "rating") -> Json:
        self.seq += 1
        body = {"type": "answer", "response": str(uuid.uuid4()), "questionnaire": name,
                "language": "en", "question": question, "value": value, "took_ms": 9}  # fmt: skip
        return {"seq": self.seq, "moment": self.moment(), "body": body}

    def batch(self, *messages: Json, **more: Json) -> Json:
        return {"installation": self.installation, "oldest": 1, "sent": self.moment(),
                "messages": list(messages)} | more  # fmt: skip

    def beat(self, **more: Json) -> Json:
        outbox = {"waiting": 0, "quarantined": 0, "last_seq": 0}
        return {"installation": self.installation, "oldest": 1, "sent": self.moment(),
                "version": "0", "questionnaire": DIGEST, "outbox": outbox} | more  # fmt: skip

    def say(self, tally: Tally, where: str, what: Json, method: str = "POST") -> int:
        """Send it; 5xx, silence and a torn connection are what may not happen."""
        body = what if isinstance(what, bytes) else json.dumps(what).encode("utf-8", "replace")
        tally.tries += 1
        try:
            status = self.client.ask(method, f"{API}/{where}", body).status
        except (OSError, http.client.HTTPException) as error:
            tally.check(False, f"{where}: {error!r}")
            return 0
        where = where.partition("/")[0]
        tally.answered[f"{where} {status}"] += 1
        tally.check(status < 500, f"{where}: {status}")
        return status


def definition(mark: str, **questions: Json) -> bytes:
    """A questionnaire of one's own, canonical wherever it is one at all."""
    first = {"kind": "smiley", "id": "rating", "text": TEXT}
    asked = [first, *({"id": name, "text": TEXT} | more for name, more in questions.items())]
    whole = {"id": "q_" + mark, "title": mark, "languages": ["en"], "questions": asked}
    try:
        return canonical(msgspec.convert(whole, Questionnaire))
    except msgspec.ValidationError:
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()


def contradict(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    enemy = Enemy(stage, seed)
    for number in range(size):
        for first in ("definition", "values"):
            questions = {f"a_{kind}": {"kind": kind} | more for kind, more in KINDS.items()}
            whole = definition(f"{enemy.installation[:8]}{number}{first[0]}", **questions)
            name = digest(whole)
            put = lambda name=name, whole=whole: enemy.say(  # noqa: E731
                tally, f"questionnaires/{name}", whole, "PUT"
            )
            if first == "definition":
                put()
            for question in ("rating", *questions, "absent"):
                batch = [enemy.message(v, name=name, question=question) for v in VALUES]
                stored = enemy.say(tally, "batches", enemy.batch(*batch))
                tally.check(stored == 200, f"{stored} for messages that are wrong one by one")
            if first == "values":
                put()
        stage.look(tally)


def _spoiled_definitions(mark: str) -> Iterator[bytes]:
    broken: list[dict[str, Json]] = [
        {"text": {}}, {"text": {"fi": "vain"}}, {"text": {"en": ""}}, {"text": {"en": "a" * 5000}},
        {"kind": "smiley", "labels": [TEXT]}, {"kind": "smiley", "faces": 7},
        {"kind": "scale", "ends": ENDS, "low": 1, "high": 2**40}, {"kind": "nope"},
        {"kind": "single_choice", "options": []},
        {"kind": "scale", "ends": {"low": {}, "high": {}}},
        {"kind": "single_choice", "options": [OPTIONS[0], OPTIONS[0]]},
        {"kind": "contact", "purpose": {}}, {"kind": "contact", "purpose": TEXT, "ask": []},
        {"show_if": {"question": "more", "one_of": [1]}},
        {"show_if": {"question": "absent", "one_of": [1]}},
        {"show_if": {"question": "rating", "one_of": [10**30]}}, {"id": "rating"}, {"id": "\0"},
        {"id": "x" * 300}, {"text": {"e" * 50: "x"}}, {"text": TEXT | {"x\n": "y"}},
    ]  # fmt: skip
    for number, more in enumerate(broken):
        yield definition(f"{mark}{number}", more={"kind": "text"} | more)
    yield definition(f"{mark}a").replace(b'"languages":["en"]', b'"languages":[]')
    yield definition(f"{mark}b").replace(b'"languages":["en"]', b'"languages":["en","en"]')
    yield definition(f"{mark}c").replace(b'"questions":[', b'"questions":[[],')
    yield b"[" * 100_000
    yield b"9" * 5000
    yield b'{"id":' + b'{"a":' * 5000 + b"1" + b"}" * 5001


def define_nonsense(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    for number in range(size):
        enemy = Enemy(stage, seed + number)
        for whole in _spoiled_definitions(enemy.installation[:8]):
            name = digest(whole)
            values = [enemy.message(v, name=name, question="more") for v in (1, "x", True)]
            enemy.say(tally, "batches", enemy.batch(*values))
            enemy.say(tally, f"questionnaires/{name}", whole, "PUT")
            values = [enemy.message(v, name=name, question="more") for v in (0, "y", ["x"])]
            enemy.say(tally, "batches", enemy.batch(*values))
        stage.look(tally)


def define_much(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    enemy = Enemy(stage, seed)
    options = [{"id": f"o{n}", "text": {"en": "x" * 290}} for n in range(12)]
    for number in range(20 * size):
        many = {f"m{n}": {"kind": "single_choice", "options": options} for n in range(59)}
        whole = definition(f"{enemy.installation[:8]}{number}", **many)
        enemy.say(tally, "batches", enemy.batch(enemy.message(name=digest(whole))))
        enemy.say(tally, f"questionnaires/{digest(whole)}", whole, "PUT")
    stage.look(tally)


def beat_absurdly(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    enemy = Enemy(stage, seed)
    for edge in EDGES:
        outbox = {"waiting": edge, "quarantined": edge, "last_seq": edge, "oldest_waiting_ms": edge}
        for more in ({"outbox": outbox}, {"free_disk_bytes": edge}, {"clock_offset_ms": edge},
                     {"oldest": edge}, {"withheld": [edge]}, {"protocol": edge}):  # fmt: skip
            enemy.say(tally, "heartbeats", enemy.beat(**more))
    for word in WORDS:
        enemy.say(tally, "heartbeats", enemy.beat(version=word, state=word, questionnaire=word))
    for _ in range(1100 * size):
        gap = enemy.beat(installation=str(uuid.uuid4()), oldest=2**53)
        enemy.say(tally, "heartbeats", gap)
    stage.look(tally)


def play_with_numbers(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    victim = stage.kiosk.outbox.position().installation
    for number in range(size):
        enemy = Enemy(stage, seed + number)
        highest = enemy.message() | {"seq": 2**53}
        down = [enemy.message() for _ in range(50)][::-1]
        games: list[Json] = [
            enemy.batch(highest), enemy.batch(*down), enemy.batch(*(down[:1] * 900)),
            enemy.batch(*([enemy.message() | {"seq": 7}] * 3)),
            enemy.batch(enemy.message() | {"seq": 7}), enemy.batch(oldest=2**53),
            enemy.batch(enemy.message(), oldest=2**53, withheld=[2**53] * 1000),
            enemy.batch(enemy.message(), withheld=list(range(1, 1001))),
            enemy.batch(enemy.message(), installation=victim),
            enemy.batch(*(enemy.message() | {"seq": n} for n in range(1, 50)), installation=victim),
            enemy.batch(installation=victim, oldest=2**53),
            enemy.batch(installation=victim, withheld=list(range(1, 900))),
        ]  # fmt: skip
        for seq in (1, 2, 2**53):
            origin = {"installation": victim, "seq": seq}
            games.append(enemy.batch(enemy.message() | {"origin": origin}))
        enemy.rng.shuffle(games)
        for game in games:
            enemy.say(tally, "batches", game)
        response = stage.kiosk.thanked[0] if stage.kiosk.thanked else str(uuid.uuid4())
        taken = enemy.message()
        taken["body"]["response"] = response
        enemy.say(tally, "batches", enemy.batch(taken))
        stage.look(tally)


def flood_with_installations(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    enemy = Enemy(stage, seed)
    for number in range(400 * size):
        name = str(uuid.uuid4())
        if number % 2:
            enemy.say(tally, "heartbeats", enemy.beat(installation=name, oldest=number + 1))
        else:
            enemy.say(tally, "batches", enemy.batch(enemy.message(), installation=name))
    stage.look(tally)


def lie_about_time(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    for number in range(size):
        enemy = Enemy(stage, seed + number)
        for edge in TIMES:
            for other in TIMES:
                seen = {"boot": enemy.boot, "mono_ms": edge, "head_ms": other, "error_ms": 0}
                message = enemy.message()
                message["moment"] = enemy.moment(other, edge)
                sent = enemy.moment(edge, other)
                batch = enemy.batch(message, sightings=[seen] * 3, sent=sent)
                enemy.say(tally, "batches", batch)
            enemy.say(tally, "heartbeats", enemy.beat(sent=enemy.moment(edge, edge)))
        stage.look(tally)


def send_garbage(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    enemy = Enemy(stage, seed)
    rng = enemy.rng
    spoil: list[Callable[[bytes], bytes]] = [
        lambda b: b[: rng.randrange(len(b))],
        lambda b: b.replace(b"1", b"NaN", 1),
        lambda b: b.replace(b"1", b"9" * 5000, 1),
        lambda b: b.replace(b'"en"', b'"\\ud800"', 1),
        lambda b: b.replace(b'"en"', b'"\\u0000"', 1),
        lambda b: b.replace(b"{", b'{"x":' + b"[" * 3000 + b"]" * 3000 + b",", 1),
        lambda b: bytes(rng.randrange(256) for _ in b),
        lambda b: b * 3,
        lambda b: b"\xef\xbb\xbf" + b,
        lambda b: b.decode().encode("utf-16"),
        lambda b: b[:0],
        lambda b: b + b" " * 1_000_001,
    ]
    for _ in range(40 * size):
        valid = json.dumps(enemy.batch(enemy.message(rng.choice(VALUES)))).encode()
        enemy.say(
            tally, rng.choice(("batches", "heartbeats", "credential")), rng.choice(spoil)(valid)
        )
    enemy.say(tally, f"questionnaires/{DIGEST}", DEFINITION, "PUT")
    stage.look(tally)


_UNSEEN = "no 5xx; every page, export and programs' address answers; another kiosk delivers"
ATTACKS = [
    Attack("answers that contradict their questions, before and after the definition", _UNSEEN,
           contradict),
    Attack("definitions that no kiosk would ask", _UNSEEN, define_nonsense),
    Attack("large definitions without end", _UNSEEN, define_much),
    Attack("absurd heartbeats, with gaps of 2⁵³", _UNSEEN, beat_absurdly),
    Attack("games with numbers, origins and another kiosk's installation", _UNSEEN,
           play_with_numbers),
    Attack("a flood of installations", _UNSEEN, flood_with_installations),
    Attack("times at the ends of the calendar", _UNSEEN, lie_about_time),
    Attack("bytes that are no batch", _UNSEEN, send_garbage),
]  # fmt: skip
