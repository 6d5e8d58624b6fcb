"""Every page within 300 ms, and no slower for what is stored and not shown.

    python bench/pages.py [--keep FOLDER] [--kiosks 999] [--days 730] [--rounds 8] [--only WORD]

The product: `hymio-headoffice serve` on a PostgreSQL of its own with 10 million raw answers, and
counts as of 100 million. People who are logged in, an analyst and the manager of a region, ask
for every page in its usual forms over HTTP. The peers: the same pages of a chain a tenth as large,
whose figures for one place or for a country are as many; and the bare SQL that adds up what the
longest page shows from the counts per day. Ends with 1 if a page takes more than 300 ms at the
95th percentile, or the web process more than 200 MB. On a machine that has other things to do the
clock says little, so the processor time of the web process and of PostgreSQL is told as well.

Filling takes some minutes; with --keep it is done once.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlencode

from export import PASSWORD, Office
from figures import ROOT, percentile

sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from prepare import find_initdb  # noqa: E402
from processes import PostgresServer, Program  # noqa: E402

GOAL_MS = 300
MOST_MB = 200
FULL, TENTH = "chain", "chain_tenth"
ZONE = "Europe/Helsinki"
PROGRAM = str(Path(sys.executable).parent / "hymio-headoffice")


class Form(NamedTuple):
    """One way to ask for a page."""

    page: str
    form: str
    address: str
    whose: str = "ana"


class KeptServer(PostgresServer):
    """A PostgreSQL that finds its cluster again, with a fair part of the memory."""

    def __init__(self, initdb: Path, folder: Path) -> None:
        super().__init__(initdb, folder)
        for setting in ("shared_buffers=2GB", "max_wal_size=8GB", "maintenance_work_mem=512MB"):
            self.command += ["-c", setting]

    def start(self, *, pass_fds: tuple[int, ...] = ()) -> Self:
        """Make the cluster unless it is there."""
        if not (self.folder / "cluster").exists():
            return super().start(pass_fds=pass_fds)
        self.password = (self.folder / "password").read_text()
        Program.start(self, pass_fds=pass_fds)
        self.wait()
        return self

    def cpu(self) -> float:
        """Processor time of all its processes so far, also of those that have ended."""
        ticks = 0
        for file in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, rest = int(file.parent.name), file.read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if pid == self.pid:
                ticks += sum(int(field) for field in rest[11:15])
            elif int(rest[1]) == self.pid:
                ticks += int(rest[11]) + int(rest[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="where the filled database stays")
    parser.add_argument("--kiosks", type=int, default=999)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        return fill(options.kiosks, options.days)
    with ExitStack() as stack:
        scratch = tempfile.TemporaryDirectory(prefix="hymio-bench-")
        folder = (options.keep or Path(stack.enter_context(scratch))).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        initdb = find_initdb()
        if initdb is None:
            raise SystemExit("PostgreSQL's initdb is not installed.")
        server = stack.enter_context(KeptServer(initdb, folder / "server").start())
        tenth = ask(server, folder, TENTH, options.kiosks // 30 * 3, options)
        full = ask(server, folder, FULL, options.kiosks, options)
    return verdict(full, tenth)


class Took(NamedTuple):
    """What one page took in ms: by the clock, and of processors."""

    clock: float
    cpu: float


class Asked(NamedTuple):
    """What pages took, and how much memory the web process."""

    times: dict[tuple[str, str], list[Took]]
    bare: dict[str, float]
    most_mb: float


def ask(
    server: KeptServer, folder: Path, name: str, kiosks: int, options: argparse.Namespace
) -> Asked:
    """Fill one database unless it is, and ask its head office for every page."""
    data = folder / name
    env = os.environ | {
        "HYMIO_DATA": str(data),
        "HYMIO_TIME_ZONE": ZONE,
        "HYMIO_DATABASE_URL": server.url_of(name),
    }
    if not (data / "filled").exists():
        create(server, name)
        data.mkdir(exist_ok=True)
        people = (
            ("ana", "--role", "analyst"),
            ("mia", "--role", "manager", "--group", "Chain / Finland / Finland 1"),
        )
        subprocess.run(
            [sys.executable, __file__, "--fill", f"--kiosks={kiosks}", f"--days={options.days}"],
            env=env,
            check=True,
        )
        for who in people:
            command = [PROGRAM, "create-user", *who, "--password-stdin"]
            subprocess.run(
                command, input=PASSWORD.encode(), env=env, check=True, stdout=subprocess.DEVNULL
            )
        (data / "filled").touch()
    said = subprocess.run(
        [sys.executable, __file__, "--fill", "--kiosks=0"],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    print(f"{name}: {said.stdout.strip()}", flush=True)
    bare = bare_sums(server.url_of(name))
    times: dict[tuple[str, str], list[Took]] = {}
    with Office(data, server.url_of(name)) as office:
        people_in = {"ana": office.opener, "mia": log_in(office, "mia")}
        for nth in range(options.rounds):
            for asked in forms(nth):
                if options.only not in f"{asked.page} {asked.form}":
                    continue
                used = office.cpu() + server.cpu()
                begun = time.perf_counter()
                with people_in[asked.whose].open(office.url + asked.address) as reply:
                    reply.read()
                clock = time.perf_counter() - begun
                used = office.cpu() + server.cpu() - used
                took = Took(1000 * clock, 1000 * used)
                times.setdefault((asked.page, asked.form), []).append(took)
        return Asked(times, bare, office.most_mb())


def create(server: KeptServer, name: str) -> None:
    """An empty database of this name."""
    import psycopg

    with psycopg.connect(server.url, autocommit=True) as line:
        line.execute(f"DROP DATABASE IF EXISTS {name}".encode())
        line.execute(f"CREATE DATABASE {name}".encode())


def fill(kiosks: int, days: int) -> int:
    """In a process of its own: fill the database that the environment names; 0: only look."""
    from headoffice.commands.opening import Allow, open_head_office

    open_head_office(Allow.CREATE | Allow.UPGRADE)  # a folder that is kept may be older
    import chain

    if kiosks:
        chain.fill(kiosks, days)
    else:
        print(chain.filled())
    return 0


def log_in(office: Office, name: str) -> urllib.request.OpenerDirector:
    """Another person's browser."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{office.url}/login").read().decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    fields = {"csrfmiddlewaretoken": token, "username": name, "password": PASSWORD}
    opener.open(f"{office.url}/login", urlencode(fields).encode())
    return opener


def forms(nth: int) -> Iterator[Form]:
    """Every page in its usual forms; from round to round of other places."""
    # Groups by number: 1 the chain, 2 a country, 3 a region of it, and some of the shops.
    shop, point = (4, 7, 10, 12)[nth % 4], 1 + 3 * nth
    periods = ("", "month", "last-month", "12-weeks", "year", "last-year")
    yield Form("today", "analyst", "/")
    yield Form("today", "renewed", "/live?seen=0")
    yield Form("today", "manager", "/", "mia")
    for period in periods:
        yield Form("overview", period or "28 days", f"/results/?period={period}")
    yield Form("overview", "manager, year", "/results/?period=year", "mia")
    yield Form("overview", "language, year", "/results/?period=year&language=en&test=1")
    for what, key in (("chain", "g1"), ("country", "g2"), ("region", "g3"), ("shop", f"g{shop}")):
        for period in ("28-days", "12-weeks", "year"):
            yield Form("place", f"{what}, {period}", f"/results/place?place={key}&period={period}")
    yield Form("place", "point, year", f"/results/place?place=p{point}&period=year")
    yield Form("place", "kiosk, year", f"/results/place?place=k{point}&period=year")
    yield Form("place", "to choose from", "/results/place")
    for period in ("28-days", "year"):
        yield Form("compare", f"all, {period}", f"/results/compare?period={period}")
        yield Form("compare", f"region, {period}", f"/results/compare?place=g3&period={period}")
        chosen = "".join(f"&place=p{1 + 3 * i}" for i in range(30))
        yield Form("compare", f"30 points, {period}", f"/results/compare?period={period}{chosen}")
        yield Form("compare", f"manager, {period}", f"/results/compare?period={period}", "mia")
    for period in ("28-days", "year"):
        yield Form("questions", f"all, {period}", f"/results/questions?period={period}")
        yield Form("questions", f"region, {period}", f"/results/questions?place=g3&period={period}")
    for period in ("28-days", "year"):
        yield Form("comments", f"all, {period}", f"/results/comments?period={period}")
        yield Form(
            "comments", f"search, {period}", f"/results/comments?period={period}&q=bread+queue"
        )
        yield Form("comments", f"sad, {period}", f"/results/comments?period={period}&mood=0-of-3")
        yield Form(
            "comments", f"shop, {period}", f"/results/comments?period={period}&place=g{shop}"
        )
        yield Form("comments", f"manager, {period}", f"/results/comments?period={period}", "mia")
    yield Form("wall", "all", "/wall")
    yield Form("wall", "renewed", "/wall/now?seen=0")
    yield Form("wall", "shop", f"/wall?place=g{shop}")
    yield Form("kiosks", "analyst", "/kiosks/")
    yield Form("kiosks", "manager", "/kiosks/", "mia")
    yield Form("structure", "analyst", "/structure/")
    yield Form("export", "to choose", "/export/")


def bare_sums(url: str) -> dict[str, float]:
    """What the engine needs for the sums of the longest pages, straight from the daily counts."""
    import psycopg

    sums = {
        "a year of the whole chain by day and face": "day, value",
        "a year of the whole chain by place and face": "point, value",
    }
    took = {}
    with psycopg.connect(url) as line:
        for title, columns in sums.items():
            statement = (
                f"SELECT {columns}, sum(count) FROM results_daily WHERE question = 'rating' "  # noqa: S608
                "AND day > current_date - 365 AND misuse = '' AND NOT test "
                f"GROUP BY {columns}"
            )
            begun = time.perf_counter()
            line.execute(statement.encode()).fetchall()
            took[title] = 1000 * (time.perf_counter() - begun)
    return took


def verdict(full: Asked, tenth: Asked) -> int:
    """Print what came of it; 1 above a goal."""
    print(f"{'':28} {'the chain':^20}   {'a tenth of it':^20}")
    print(f"{'ms':28} {'p50':>6} {'p95':>6} {'CPU':>6}   {'p50':>6} {'p95':>6} {'CPU':>6}")
    worst = 0.0
    for page in dict.fromkeys(page for page, _form in full.times):
        every = [form for of, form in full.times if of == page]
        late = line(f"{page}, all forms", page, every, full, tenth)
        worst = max(worst, late)
        for form in every:
            line(f"  {form}", page, [form], full, tenth)
    for title, ms in full.bare.items():
        print(f"bare SQL, {title}: {ms:.0f} ms, a tenth {tenth.bare[title]:.0f} ms")
    print(f"the web process needed at most {full.most_mb:.0f} MB (goal {MOST_MB})")
    print(f"the slowest page: {worst:.0f} ms at the 95th percentile (goal {GOAL_MS})")
    return 0 if worst <= GOAL_MS and full.most_mb <= MOST_MB else 1


def line(title: str, page: str, wanted: list[str], *chains: Asked) -> float:
    """Print one row; the 95th percentile of the first chain."""
    cells, found = [], []
    for chain in chains:
        took = [took for form in wanted for took in chain.times[page, form]]
        late = percentile((one.clock for one in took), 0.95)
        found.append(late)
        early = percentile((one.clock for one in took), 0.5)
        cpu = sum(one.cpu for one in took) / len(took)
        cells.append(f"{early:6.0f} {late:6.0f} {cpu:6.0f}")
    print(f"{title:28} {'   '.join(cells)}{'  late' if found[0] > GOAL_MS else ''}")
    return found[0]


if __name__ == "__main__":
    raise SystemExit(main())
