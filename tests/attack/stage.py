"""What is attacked: a head office that is really served, with people, pages and a kiosk."""

import http.client
import re
import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from journey import HeadOffice
from processes import wait_until

from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import HeadOfficeSettings, Sync
from sync.clock import SystemClock
from sync.enrolment import enrol
from sync.identity import Identity
from sync.messages import AnswerBody
from sync.outbox.sqlite import SqliteOutbox
from sync.relay import Relay
from sync.transport import HttpTransport

API = "/api/kiosk/v1"
PASSWORD = "four quiet otters"
BOSS = "boss"
CSRF = "a" * 32
PATIENCE_S = 20.0
DEFINITION = canonical(load_questionnaire("checkout"))
DIGEST = digest(DEFINITION)
PAGES = (
    "/health", "/ready", "/", "/live", "/results/", "/results/place", "/results/compare",
    "/results/questions", "/results/comments", "/wall", "/wall/now", "/kiosks/", "/structure/",
    "/structure/places.csv", "/people/", "/tokens/", "/export/",
)  # fmt: skip
"""What an administrator looks at beside an attack."""
PROGRAMS = ("answers", "responses", "results", "places", "kiosks", "questionnaires")
"""What a program reads, below /api/v1/."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Client:
    """Somebody who speaks HTTP with the head office; keeps cookies as a browser does."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port = port
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        # A form's token is whatever its cookie says.
        self.cookies = {"hymio_csrf": CSRF, "__Host-hymio_csrf": CSRF}

    def ask(
        self, method: str, path: str, body: bytes = b"", seconds: float = PATIENCE_S, **more: str
    ) -> Reply:
        """One request on a connection of its own; OSError or HTTPException without a reply."""
        headers = self.headers | {name.replace("_", "-"): value for name, value in more.items()}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        tokens = [value for name, value in self.cookies.items() if name.endswith("csrf")]
        headers.setdefault("X-CSRFToken", tokens[-1])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        with closing(connection):
            connection.request(method, path, body or None, headers)
            got = connection.getresponse()
            # A live stream goes on for a minute; its first line tells whether it was opened.
            is_live = got.headers.get("Content-Type", "").startswith("text/event-stream")
            reply = Reply(got.status, got.headers, got.readline() if is_live else got.read())
        for line in reply.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            if name.endswith("csrf"):
                self.cookies = {n: v for n, v in self.cookies.items() if not n.endswith("csrf")}
            self.cookies[name] = value.strip('"')
        return reply

    def fill_in(self, path: str, seconds: float = PATIENCE_S, **fields: str) -> Reply:
        """Send a form."""
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(fields).encode(), seconds, Content_Type=kind)

    def log_in(self, name: str, password: str = PASSWORD, seconds: float = PATIENCE_S) -> int:
        """302: that was right; 200: it was looked at, and wrong; 429: not looked at."""
        return self.fill_in("/login", seconds, username=name, password=password).status


class Stage:
    """The head office, the one who is in charge there, and a kiosk that means well."""

    def __init__(self, folder: Path, database_url: str = "", options: Sequence[str] = ()) -> None:
        self.folder, self.database_url = folder, database_url
        self.office = HeadOffice(folder, database_url=database_url)
        self.office.options = list(options)
        self.office.start()
        self.office.create_user(BOSS, PASSWORD)
        self.boss = Client(self.office.port, Referer=f"https://127.0.0.1:{self.office.port}/")
        if self.boss.log_in(BOSS) != 302:
            raise AssertionError("the right password does not open")
        self.program = self.with_token("places", "answers", "results", "live", "metrics")
        self.kiosk = MeaningWell(folder / "kiosk", self.office.url, self.code("Victim"))
        self.read_to = 0
        self.is_broken = False

    def with_token(self, *scopes: str) -> Client:
        """A program with a token of its own."""
        fields = [("name", "reads"), *(("scopes", scope) for scope in scopes)]
        kind = "application/x-www-form-urlencoded"
        made = self.boss.ask("POST", "/tokens/", urlencode(fields).encode(), Content_Type=kind)
        page = self.boss.ask("GET", made.headers.get("Location", "/"))
        found = re.search(rb"hymio_[\w-]{40,}", page.body)
        if found is None:
            raise AssertionError("no token was made")
        return Client(self.office.port, Authorization=f"Bearer {found[0].decode()}")

    def code(self, place: str) -> str:
        """A one-time code for a kiosk."""
        made = self.boss.fill_in("/kiosks/code", place=place, new="1")
        page = self.boss.ask("GET", made.headers.get("Location", "/"))
        # Not what only looks like one, as parts of the sheet's address may.
        if found := re.search(rb">\s*([A-Z0-9]{4}(?:-[A-Z0-9]{4})+)\s*<", page.body):
            return found[1].decode()
        return self.office.enrolment_code(place)

    def ask(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Read from the database past the head office's code."""
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True) as server:
                return server.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.office.data / "headoffice.sqlite3", timeout=30)) as file:
            return file.execute(query).fetchall()

    def look(self, tally: "Any", *, seconds: float = PATIENCE_S) -> None:
        """Whoever means well notices nothing: pages, programs, monitoring and the kiosk."""
        for path in PAGES:
            self._look_at(tally, self.boss, path, seconds)
        for path in PROGRAMS:
            self._look_at(tally, self.program, f"/api/v1/{path}", seconds)
        told = self._look_at(tally, self.program, "/metrics", seconds)
        tally.check(b"hymio_database_up 1" in told, "monitoring is blind")
        self._take_away(tally, seconds)
        self.kiosk.tap(2)
        tally.check(self.kiosk.deliver(), "another kiosk can't deliver")
        known = self.counted(self.kiosk)
        lost = [r for r in self.kiosk.thanked if known.count(r) != 1]
        tally.check(not lost, f"{len(lost)} answers of another kiosk are not counted once")
        said = self.office.said()[self.read_to :]
        self.read_to += len(said)
        tally.check("Traceback" not in said, f"traceback: {said[said.find('Traceback') :][-200:]}")

    def _look_at(self, tally: "Any", who: Client, path: str, seconds: float) -> bytes:
        try:
            reply = who.ask("GET", path, seconds=seconds)
        except (OSError, http.client.HTTPException) as error:
            tally.check(False, f"{path}: {error!r}")
            return b""
        tally.check(reply.status in (200, 204), f"{path}: {self.why(reply)}")
        return reply.body

    def why(self, reply: Reply) -> str:
        """What a refusal says, and what the head office logged last."""
        if reply.status < 400:
            return str(reply.status)
        title = re.search(rb"<title>(.*?)</title>|\"title\":\"(.*?)\"", reply.body, re.DOTALL)
        words = title[0].decode() if title else ""
        return f"{reply.status} {words} {self.office.said().splitlines()[-3:]}"

    def _take_away(self, tally: "Any", seconds: float) -> None:
        """The raw answers as a file, all of them."""
        fields = {"data": "answers", "format": "csv", "period": "all"}
        where = self.boss.fill_in("/export/", **fields).headers.get("Location", "/export/none")
        file = self._look_at(tally, self.boss, f"{where}/file", seconds)
        tally.check(b"," in file, "a file of answers is empty")

    def counted(self, kiosk: "MeaningWell") -> list[str]:
        """The responses of a kiosk that are stored, as often as they are."""
        rows = self.ask(
            "SELECT k.uuid, m.response FROM ingest_storedmessage AS m "
            "JOIN fleet_kiosk AS k ON k.id = m.kiosk WHERE m.kind = 1"
        )
        mine = uuid.UUID(kiosk.identity.kiosk)
        return [str(uuid.UUID(str(said))) for name, said in rows if uuid.UUID(str(name)) == mine]

    def close(self) -> None:
        """End it."""
        self.kiosk.close()
        self.office.kill()


class MeaningWell:
    """A real outbox and relay; every answer put into it counts as thanked for."""

    def __init__(
        self,
        folder: Path,
        url: str,
        code: str,
        *,
        head_office: HeadOfficeSettings | None = None,
        **sync: float,
    ) -> None:
        folder.mkdir(mode=0o700)
        self.clock = SystemClock()
        self.outbox = SqliteOutbox.open(folder)
        installation = self.outbox.position().installation
        self.head_office = head_office or HeadOfficeSettings()
        self.identity = enrol(
            code, url, installation=installation, version="attack", head_office=self.head_office
        )
        self.outbox.remember_questionnaire(DIGEST, DEFINITION)
        self.sync = Sync(**({"connect_timeout": 5, "read_timeout": 10} | sync))  # type: ignore[arg-type]
        self.thanked: list[str] = []

    def tap(self, times: int) -> None:
        """Answers that are thanked for."""
        for number in range(times):
            body = AnswerBody(
                response=str(uuid.uuid4()), questionnaire=DIGEST, language="en",
                question="rating", value=number % 3, took_ms=800,
            )  # fmt: skip
            self.outbox.append((body,), self.clock.moment())
            self.thanked.append(body.response)

    def relay(self, identity: Identity | None = None) -> tuple[Relay, HttpTransport]:
        """A relay as after a start of the kiosk."""
        way = HttpTransport(identity or self.identity, self.clock, self.sync, self.head_office)
        return Relay(self.outbox, way, self.clock, self.sync), way

    def deliver(self, seconds: float = PATIENCE_S) -> bool:
        """Whether all that waits gets home in this time, tried again and again."""
        relay, _way = self.relay()

        def drained() -> bool:
            relay.run(now=True)
            return not self.outbox.counts().waiting

        try:
            return wait_until(drained, "the outbox to be empty", seconds=seconds)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the account
            del error
            return False

    def close(self) -> None:
        """Close the outbox."""
        self.outbox.close()
