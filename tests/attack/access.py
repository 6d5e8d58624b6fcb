"""Every address of the head office, by every kind of caller, in every method."""

import http.client
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attack.account import Attack, Tally
from attack.hostile_kiosk import Enemy
from attack.stage import PASSWORD, Client, Stage
from processes import run_to_end

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
READING = ("GET", "HEAD", "OPTIONS", "TRACE")
ROLES = ("administrator", "analyst", "manager")
SAMPLES = {
    "kiosk": "1", "point": "1", "group": "1", "person": "1", "token": "1", "digest": "0" * 64,
    "questionnaire": "checkout", "path": "x", "export": str(uuid.UUID(int=5)),
    "response": str(uuid.UUID(int=7)), "note": "1", "batch": str(uuid.UUID(int=9)), "link": "1",
    "secret": "a" * 43, "scope": "p1", "roll_out": "1", "draft": "1", "version": "1",
}  # fmt: skip
WHO_IS_WHO = {
    "people": "SELECT id, username, role, password, is_active FROM accounts_user ORDER BY id",
    "tokens": "SELECT id, name, scopes, revoked_at FROM api_token ORDER BY id",
    "kiosks": "SELECT id, uuid, revoked_at FROM fleet_kiosk ORDER BY id",
    "places": "SELECT id, name, group_id FROM fleet_experiencepoint ORDER BY id",
    "groups": "SELECT id, name, parent_id FROM fleet_group ORDER BY id",
    "answers": "SELECT count(*) FROM ingest_storedmessage",
}


def addresses() -> list[dict[str, Any]]:
    """All of them, as the head office's router knows them."""
    program = Path(__file__).with_name("addresses_of.py")
    return list(json.loads(run_to_end([sys.executable, str(program)])))


def _fill(route: dict[str, Any]) -> str:
    address = "/" + route["pattern"]
    for name, converter in route["arguments"].items():
        for spelt in (f"<{converter}:{name}>", f"<{name}>"):
            address = address.replace(spelt, SAMPLES[name])
    return address


def _callers(stage: Stage, seed: int) -> Iterator[tuple[str, str, Client]]:
    """(name, what it may pass for, client)."""
    port = stage.office.port
    yield "anonymous", "nobody", Client(port)
    yield "a forged session", "nobody", _with_session(port, "a" * 32)
    yield "a made-up token", "nobody", Client(port, Authorization="Bearer hymio_" + "a" * 43)
    yield "a made-up credential", "nobody", Client(port, Authorization="Bearer " + "a" * 43)
    enemy = Enemy(stage, seed)
    yield "a kiosk", "kiosks", enemy.client
    out = Enemy(stage, seed + 1)
    newest = stage.ask("SELECT max(id) FROM fleet_kiosk")[0][0]
    stage.office._ask("revoke", str(newest))
    yield "a kiosk that was shut out", "nobody", out.client
    for scopes in (("live",), ("results",)):
        yield f"a token for {scopes[0]}", "tokens", stage.with_token(*scopes)
    for role in ("analyst", "manager"):
        name = f"{role}{seed}"
        more = ("--group", "Elsewhere") if role == "manager" else ()
        stage.office._ask(
            "create-user", name, "--role", role, *more, "--password-stdin", stdin=f"{PASSWORD}\n"
        )
        client = Client(port)
        if client.log_in(name) != 302:
            raise AssertionError(f"{name} does not get in")
        yield role, role, client


def _with_session(port: int, session: str) -> Client:
    client = Client(port)
    client.cookies |= {"hymio_session": session, "__Host-hymio_session": session}
    return client


def walk(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    stage.boss.fill_in("/structure/group", name="Elsewhere", parent="")
    stage.code("Elsewhere / Till")
    routes = addresses()
    callers = list(_callers(stage, seed))
    before = {what: stage.ask(query) for what, query in WHO_IS_WHO.items()}
    for caller in callers:
        _name, passes_for, client = caller
        for number, route in enumerate(routes):
            if passes_for in ROLES and "logout" in route["pattern"]:
                continue
            # In a short run each address meets the usual methods and one more of the others.
            others = METHODS if size > 1 else (METHODS[2 + (number + seed) % 7],)
            for method in dict.fromkeys(("GET", "POST", *others)):
                _try(tally, caller, route, method)
        client.cookies.clear()
    for what, query in WHO_IS_WHO.items():
        tally.check(before[what] == stage.ask(query), f"{what} were changed by who may not")
    stage.look(tally)


def _try(tally: Tally, caller: tuple[str, str, Client], route: dict[str, Any], method: str) -> None:
    name, passes_for, client = caller
    address, admits = _fill(route), set(route["admits"])
    tally.tries += 1
    try:
        reply = client.ask(method, address, b"" if method in READING else b"x=1")
    except (OSError, http.client.HTTPException) as error:
        tally.check(False, f"{method} {address} by {name}: {error!r}")
        return
    what = f"{method} {address} by {name}: {reply.status}"
    tally.check(reply.status < 500, what)
    if admits & {"anyone", passes_for}:
        return
    led_away = reply.status in (302, 204) and "/login" in (
        reply.headers.get("Location") or reply.headers.get("HX-Redirect") or ""
    )
    tally.check(led_away or reply.status >= 400, what)


ATTACKS = [
    Attack(
        "every address, by 10 kinds of callers, in 9 methods",
        "nobody gets in but whom the address admits; nothing is changed by who may not; no 5xx",
        walk,
    )
]
