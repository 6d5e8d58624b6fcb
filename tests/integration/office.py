"""A kiosk of the tests at the head office's door, in process and over real HTTP."""

import atexit
import gzip
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

import msgspec
import psycopg
from django.test import Client
from prepare import find_initdb

from config.questionnaire import Questionnaire, Smiley, canonical, digest
from headoffice import clock
from headoffice.fleet import enrolment
from headoffice.fleet.models import Kiosk
from sync.messages import (
    AnswerBody,
    Batch,
    EnrolmentRequest,
    Heartbeat,
    Message,
    Moment,
    OutboxReport,
    Receipt,
    Sighting,
)

API = "/api/kiosk/v1"
QUESTIONNAIRE = Questionnaire(
    id="checkout",
    title="Checkout",
    languages=("en",),
    questions=(Smiley(id="mood", text={"en": "How was it?"}),),
)
DEFINITION = canonical(QUESTIONNAIRE)
DIGEST = digest(DEFINITION)
BOOT = str(uuid.uuid4())


def new_id() -> str:
    return str(uuid.uuid4())


def moment(mono_ms: int = 1000, wall_ms: int | None = None, boot: str = BOOT) -> Moment:
    return Moment(clock.now_ms() if wall_ms is None else wall_ms, boot, mono_ms)


def answer(seq: int, value: Any = 2, *, mono_ms: int = 1000, **more: Any) -> Message:
    at = more.pop("at", None) or Moment(0, BOOT, mono_ms)
    origin = more.pop("origin", None)
    fields = {
        "response": new_id(),
        "questionnaire": DIGEST,
        "language": "en",
        "question": "mood",
        "took_ms": 900,
    } | more
    return Message(seq, at, AnswerBody(value=value, **fields), origin)


class Device:
    """An enrolled kiosk; replies come back as Django's test responses."""

    def __init__(self, credential: str, kiosk: str, installation: str) -> None:
        self.credential, self.kiosk, self.installation = credential, kiosk, installation
        self.client = Client(raise_request_exception=True)

    @classmethod
    def enrolled(cls, place: str) -> "Device":
        installation = new_id()
        reply = enrolment.enrol_kiosk(
            EnrolmentRequest(enrolment.create_code(place), installation, "0.1"), "test"
        )
        return cls(reply.credential, reply.kiosk, installation)

    @property
    def row(self) -> Kiosk:
        return Kiosk.objects.get(uuid=self.kiosk)

    def post(self, path: str, body: bytes, method: str = "POST", **headers: str) -> Any:
        headers = {"Authorization": f"Bearer {self.credential}"} | headers
        kind = headers.pop("Content-Type", "application/json")
        # Said as a header too: Django's client leaves it out for an empty body.
        headers["Content-Type"] = kind
        return self.client.generic(
            method, f"{API}/{path}", body, content_type=kind, headers=headers
        )

    def batch(
        self,
        *messages: Message,
        oldest: int = 1,
        installation: str | None = None,
        sightings: tuple[Sighting, ...] = (),
        sent: Moment | None = None,
    ) -> bytes:
        whole = Batch(
            installation=installation or self.installation,
            oldest=oldest,
            sent=sent or Moment(0, BOOT, 5000),
            messages=messages,
            sightings=sightings,
        )
        return msgspec.json.encode(whole)

    def deliver(self, *messages: Message, **more: Any) -> Receipt:
        body = self.batch(*messages, **more)
        response = self.post("batches", body)
        assert response.status_code == 200, response.content
        receipt = msgspec.json.decode(response.content, type=Receipt)
        assert receipt.echo == hashlib.sha256(body).hexdigest()
        return receipt

    def heartbeat(self, **more: Any) -> bytes:
        fields = {
            "installation": self.installation,
            "oldest": 1,
            "sent": moment(),
            "version": "0.1",
            "questionnaire": DIGEST,
            "outbox": OutboxReport(waiting=0, quarantined=0, last_seq=0),
        } | more
        return msgspec.json.encode(Heartbeat(**fields))

    def beat(self, **more: Any) -> Receipt:
        response = self.post("heartbeats", self.heartbeat(**more))
        assert response.status_code == 200, response.content
        return msgspec.json.decode(response.content, type=Receipt)

    def define(self, definition: bytes = DEFINITION, name: str | None = None) -> Any:
        return self.post(f"questionnaires/{name or digest(definition)}", definition, "PUT")


class ServedOffice:
    """A real head office process, and HTTP to it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder, self.database = folder, database
        self.options = ["--port", "0"]
        self.variables: dict[str, str] = {}
        """Of its environment, besides those that every test has."""
        self.errors: int | None = None
        """What becomes of stderr: None shows it with the test's own."""
        self.last_headers = message.Message()
        """Of the last reply that was a problem document."""
        self.said: list[str] = []
        """What it printed until it was ready."""
        self.password = self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        if not self.database and not (self.folder / "headoffice.sqlite3").exists():
            shutil.copytree(prepared().folder, self.folder, dirs_exist_ok=True)
        self._process = subprocess.Popen(
            [*self._program(), "serve", *self.options, "--data", str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            cwd="/",
            env=self._environment(),
        )
        assert self._process.stdout is not None
        self.said.clear()
        for line in self._process.stdout:
            self.said.append(line)
            if found := re.search(r"password: (\S+)", line):
                self.password = found[1]
            if found := re.search(r"ready at (\S+)", line):
                self.url = found[1]
                return
        raise AssertionError("the head office did not start")

    @property
    def pids(self) -> list[int]:
        """Of the process that was started and of its workers."""
        assert self._process is not None
        first = self._process.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        code = process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._program(), *arguments, "--data", str(self.folder)],
            capture_output=True,
            text=True,
            cwd="/",
            input=given,
            env=self._environment(),
            check=False,
        )

    def send(self, path: str, body: bytes, method: str = "POST", **headers: str) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"} | headers
        if headers.get("Content-Encoding") == "gzip" and body[:2] != b"\x1f\x8b":
            body = gzip.compress(body)
        request = urllib.request.Request(f"{self.url}{API}/{path}", body, headers, method=method)  # noqa: S310 - the test's server
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - likewise
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                if error.headers["Content-Type"] != "application/problem+json":
                    raise AssertionError(error.read()) from error
                self.last_headers = error.headers
                return error.code, json.loads(error.read())

    def enrol(self, place: str) -> Device:
        code = self.run("create-code", "--place", place).stdout.split()[-1]
        installation = new_id()
        asked = msgspec.json.encode(EnrolmentRequest(code, installation, "0.1"))
        status, reply = self.send("enrolment", asked)
        assert status == 200, reply
        return Device(reply["credential"], reply["kiosk"], installation)

    def log_in(self, name: str, password: str) -> str:
        """The header of somebody who is logged in, as it stands in a request."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        connection.request("GET", "/login")
        page = connection.getresponse()
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        found = re.search(rb'csrfmiddlewaretoken" value="(\w+)"', page.read())
        assert found is not None
        form = urlencode(
            {"csrfmiddlewaretoken": found[1].decode(), "username": name, "password": password}
        )
        kind = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/login", form, kind)
        reply = connection.getresponse()
        reply.read()
        connection.close()
        assert 302 == reply.status
        sent = [line for line in reply.headers.get_all("Set-Cookie", []) if "session" in line]
        return f"Cookie: {sent[0].partition(';')[0]}\r\n"

    @staticmethod
    def _program() -> list[str]:
        return [
            sys.executable,
            "-c",
            "import sys; from headoffice.cli import main; sys.exit(main())",
        ]

    def _environment(self) -> dict[str, str]:
        # The program's database is its own, so that the tests' one stays theirs.
        hidden = ("HYMIO_", "DJANGO_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        if self.database:
            kept["HYMIO_DATABASE_URL"] = self.database
        return {**kept, "HYMIO_TIME_ZONE": "Europe/Helsinki", **self.variables}


def logged_lines(log: Path) -> list[str]:
    """What a head office has logged, but for lines about security; each after its date."""
    dated = re.findall(r"^\d{4}-\d\d-\d\d [\d:,]+ (.*)$", log.read_text(), re.MULTILINE)
    return [line for line in dated if " hymio.security: " not in line]


class Prepared(NamedTuple):
    """An empty head office, to be copied: migrations take most of a first start."""

    folder: Path
    database: str
    """Its name on PostgreSQL, where it stays: the tests' server is thrown away as a whole."""


@cache
def prepared(server: str = "") -> Prepared:
    """In a SQLite file, or on this PostgreSQL server."""
    folder, name, url = Path(tempfile.mkdtemp(prefix="hymio-prepared-")), "", ""
    atexit.register(shutil.rmtree, folder)
    if server:
        name = f"hymio_prepared_{os.getpid()}"
        url = f"{server.rpartition('/')[0]}/{name}"
        with psycopg.connect(server, autocommit=True) as keeper:
            keeper.execute(f"CREATE DATABASE {name}")
    done = ServedOffice(folder, database=url).run("seed-demo", "--remove", "--new")
    assert done.returncode == 0, done.stderr
    return Prepared(folder, name)


@contextmanager
def served_on(engine: str, folder: Path, server: str) -> Iterator[ServedOffice]:
    """A real, empty head office on SQLite, or (``postgres``) on this PostgreSQL server."""
    with ExitStack() as stack:
        url = ""
        if engine == "postgres":
            shutil.copytree(prepared(server).folder, folder, dirs_exist_ok=True)
            url = stack.enter_context(other_database(server, prepared(server).database))
        yield stack.enter_context(ServedOffice(folder, database=url))


@contextmanager
def other_database(server: str, template: str = "template1") -> Iterator[str]:
    """The address of one more database on the server, for as long as the block lasts."""
    name = f"hymio_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as keeper:
        keeper.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            keeper.execute(f"DROP DATABASE {name} WITH (FORCE)")


def server_tool(name: str) -> str:
    """A program of the server's own version: its client may be installed in another one."""
    initdb = find_initdb()
    assert initdb is not None
    return str(initdb.resolve().with_name(name))
