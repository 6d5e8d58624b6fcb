"""How fast raw answers leave, and what the web process needs for it.

    .venv/bin/python bench/export.py [--rows 400000] [--formats csv xlsx parquet]

Claim: CSV at 200,000 rows/s, or half of what the engine itself can write. The limits are measured
in the same run on the same rows: PostgreSQL's COPY of the bare table (with HYMIO_DATABASE_URL,
an empty database that is filled here), or the sqlite3 shell's CSV of it; and the engine working
out the columns of the file on one connection (COPY of the same SELECT on PostgreSQL), sent
nowhere. Downloads go over HTTP from a real `hymio-headoffice serve`. On a machine that has other
things to do the clock says little; so the processor time is compared as well: of the web process
and of the engine together. Ends with 1 if CSV reaches neither 200,000 rows/s nor half of a limit.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from figures import ROOT, cpu_seconds, parent_of  # first: it makes the next ones findable
from processes import Program, wait_until

from config.questionnaire import FreeText, Questionnaire, Smiley, canonical, digest

KIOSKS = 20
YEAR_MS = 31_000_000_000
START_MS = time.time_ns() // 1_000_000 - YEAR_MS - 3_600_000
"""A year that ends just now: a head office doubts its clock when what was stored last is old."""
PASSWORD = "four quiet otters"  # noqa: S105 - of a head office that lives for a minute
FORM = canonical(
    Questionnaire(
        id="checkout",
        title="Checkout",
        languages=("en",),
        questions=(
            Smiley(id="mood", text={"en": "How was it?"}),
            FreeText(id="why", text={"en": "Tell us more"}),
        ),
    )
)


GOAL = 200_000


def main() -> int:
    """Fill, measure, print; 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--formats", nargs="+", default=["csv", "xlsx", "parquet"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hymio-bench-") as name:
        folder = Path(name)
        os.environ["HYMIO_DATA"] = str(folder)
        os.environ["HYMIO_TIME_ZONE"] = "Europe/Helsinki"
        url = os.environ.get("HYMIO_DATABASE_URL", "")
        add_user = [str(Path(sys.executable).parent / "hymio-headoffice"), "create-user"]
        add_user += ["ana", "--new", "--password-stdin"]
        subprocess.run(add_user, input=PASSWORD.encode(), check=True, stdout=subprocess.DEVNULL)
        fill(options.rows)
        used, begun = engine_cpu(), time.monotonic()
        engine_limit(folder)
        limit = options.rows / (time.monotonic() - begun)
        limit_cpu = options.rows / (engine_cpu() - used)
        used, begun = engine_cpu() + time.process_time(), time.monotonic()
        same_columns()
        same = options.rows / (time.monotonic() - begun)
        same_cpu = options.rows / (engine_cpu() + time.process_time() - used)
        print(f"{options.rows} rows, {'PostgreSQL' if url else 'SQLite'}")
        print(f"{'':24} {'rows/s':>9} {'of limit':>8} {'rows/CPU s':>10} {'of limit':>8}")
        print(f"{'the engine, bare table':24} {limit:9,.0f} {1:8.2f} {limit_cpu:10,.0f} {1:8.2f}")
        print(
            f"{'the engine, same columns':24} {same:9,.0f} {same / limit:8.2f} {same_cpu:10,.0f}"
            f" {same_cpu / limit_cpu:8.2f}"
        )
        csv = 0.0
        with Office(folder, url) as office:
            for kind in options.formats:
                used = office.cpu() + engine_cpu()
                seconds, size = office.download(kind)
                speed = options.rows / seconds
                speed_cpu = options.rows / (office.cpu() + engine_cpu() - used)
                if kind == "csv":
                    csv = speed
                print(
                    f"{kind + ' over HTTP':24} {speed:9,.0f} {speed / limit:8.2f}"
                    f" {speed_cpu:10,.0f} {speed_cpu / limit_cpu:8.2f}"
                    f"  {size / 1e6:.1f} MB, memory at most {office.most_mb():.0f} MB"
                )
    if "csv" in options.formats:
        print(
            f"CSV leaves at {csv:,.0f} rows/s: {csv / same:.2f} of the engine's same columns on one"
            f" connection, {csv / limit:.2f} of its bare table"
        )
    return 0 if csv >= min(GOAL, limit / 2, same / 2) else 1


def fill(rows: int) -> None:
    """Answers of a year at some kiosks; one in five has a text."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "headoffice.settings"
    import django

    django.setup()
    from django.db import connection, transaction

    from headoffice.fleet import places
    from headoffice.fleet.models import Assignment, Kiosk
    from headoffice.messages.models import Installation
    from headoffice.messages.rows import MessageRow, message_table
    from headoffice.questionnaires.models import Version

    each = rows // KIOSKS
    with transaction.atomic():
        for number in range(KIOSKS):
            point = places.get_or_create_point(f"Chain / Shop {number}", "Europe/Helsinki")
            kiosk = Kiosk.objects.create()
            Assignment.objects.create(kiosk=kiosk, point=point, since_ms=0)
            version, _made = Version.objects.get_or_create(
                digest=digest(FORM),
                defaults={
                    "definition": FORM.decode(),
                    "name": "checkout",
                    "title": "Checkout",
                    "first_kiosk": kiosk,
                },
            )
            run = Installation.objects.create(kiosk=kiosk, uuid=uuid.uuid4()).pk
            made: list[Any] = []
            response = ""
            for seq in range(1, each + 1):
                at = START_MS + seq * YEAR_MS // each
                text = seq % 5 == 0
                if not text:
                    response = str(uuid.UUID(int=(at << 80) | (7 << 76) | (2 << 62) | seq))
                made.append(
                    MessageRow(
                        kiosk=kiosk.pk,
                        installation=run,
                        seq=seq,
                        fingerprint=seq.to_bytes(16, "big"),
                        kind=1,
                        response=response,
                        version=version.pk,
                        point=point.pk,
                        question="why" if text else "mood",
                        value='"Friendly, but the queue was \\"long\\""' if text else str(seq % 3),
                        language="en",
                        test=False,
                        misuse="",
                        took_ms=900,
                        wall_ms=at,
                        boot=response,
                        mono_ms=seq,
                        happened_ms=at,
                        certain=True,
                        received_ms=at + 1500,
                    )
                )
                if len(made) == 5000 or seq == each:
                    message_table.insert(made)
                    made = []
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def engine_limit(folder: Path) -> None:
    """Let the engine write the bare table, with nothing around it."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY ingest_storedmessage TO STDOUT (FORMAT csv)") as copy,
        ):
            for _piece in copy:
                pass
        return
    shell = shutil.which("sqlite3")
    if shell is None:
        raise SystemExit("The sqlite3 shell is not installed: it is the limit to compare with.")
    subprocess.run(
        [shell, "-csv", folder / "headoffice.sqlite3", "SELECT * FROM ingest_storedmessage"],
        stdout=subprocess.DEVNULL,
        check=True,
    )


def same_columns() -> None:
    """Let the engine work out the file's lines on one connection, in statements of any length."""
    from headoffice import clock
    from headoffice.export import reading
    from headoffice.export.csv import CsvStyle
    from headoffice.export.selection import ExportSelection
    from headoffice.fleet.models import ExperiencePoint

    reading.PORTION, reading.READERS = 10**9, 0
    points = frozenset(ExperiencePoint.objects.values_list("pk", flat=True))
    for _piece in reading.AnswerRows(ExportSelection(points), clock.now_ms()).lines(CsvStyle()):
        pass


def engine_cpu() -> float:
    """Processor time of the engine: PostgreSQL's processes, or the shells of SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    # A process that is about to end is in neither sum for a moment.
    found, before = postgres_cpu(), -1.0
    while found != before:
        time.sleep(0.1)
        found, before = postgres_cpu(), found
    return found


def postgres_cpu() -> float:
    """Processor time of the backends of this database, and of all that have ended."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        backends = [pid for (pid,) in cursor.fetchall()]
    server = parent_of(connection.connection.info.backend_pid)
    running = [pid for pid in backends if Path(f"/proc/{pid}").exists()]
    return sum(map(cpu_seconds, running)) + cpu_seconds(server, ended=True)


class Office(Program):
    """A served head office with somebody who is logged in."""

    def __init__(self, folder: Path, url: str) -> None:
        command = [str(Path(sys.executable).parent / "hymio-headoffice"), "serve", "--port", "0"]
        given = {"HYMIO_DATA": str(folder), "HYMIO_TIME_ZONE": "Europe/Helsinki"}
        env = given | ({"HYMIO_DATABASE_URL": url} if url else {})
        super().__init__("head office", command, folder / "serve.log", env=env)

    def __enter__(self) -> Self:
        self.start()
        self.url = wait_until(
            lambda: self.said().partition("ready at ")[2].split("\n")[0] or None,
            "the head office",
            seconds=60,
            watched=(self,),
        )
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.post("/login", {"username": "ana", "password": PASSWORD})
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def post(self, path: str, fields: dict[str, str]) -> Any:
        """Send a form of the pages; where it led to."""
        page = self.opener.open(f"{self.url}/login" if path == "/login" else f"{self.url}/export/")
        token = page.read().decode().split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        body = urlencode({"csrfmiddlewaretoken": token} | fields).encode()
        return self.opener.open(self.url + path, body)

    def download(self, kind: str) -> tuple[float, int]:
        """Seconds and bytes of everything as one file."""
        fields = {"data": "answers", "format": kind, "period": "all"}
        page = self.post("/export/", fields)
        begun, size = time.monotonic(), 0
        with self.opener.open(f"{page.url}/file") as reply:
            while piece := reply.read(1 << 20):
                size += len(piece)
        return time.monotonic() - begun, size

    def most_mb(self) -> float:
        """The highest resident memory of any process of it so far, in MB."""
        return max(
            int(line.split()[1]) * 1024 / 1e6
            for pid in self.pids()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmHWM:")
        )

    def cpu(self) -> float:
        """Processor time that they have used."""
        return sum(cpu_seconds(pid) for pid in self.pids())

    def pids(self) -> list[int]:
        """It and its workers."""
        found = [self.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            found += [int(child) for child in children]
        return found


if __name__ == "__main__":
    sys.exit(main())
