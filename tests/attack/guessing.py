"""Somebody who guesses: names spelt otherwise, other addresses, ports, many at once."""

import http.client
import json
import random
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from attack.account import Attack, Tally
from attack.stage import API, PASSWORD, Client, Stage

PER_ACCOUNT, PER_SOURCE = 10, 20
AT_HOME = "203.0.113.7"
SPELT: tuple[Callable[[str], str], ...] = (
    str, str.upper, str.title, lambda n: f" {n}", lambda n: f"{n} ", lambda n: f"\t{n}\n",
    lambda n: f"\u2003{n}", lambda n: f"{n}\u00a0", lambda n: f"\u3000{n}\u3000",
    lambda n: "".join(chr(ord(c) + 0xFEE0) for c in n),
    lambda n: "".join(chr(0x1D41A + ord(c) - 97) for c in n),
    lambda n: "".join(chr(0x24D0 + ord(c) - 97) for c in n), lambda n: f"{n[:1].upper()}{n[1:]}  ",
)  # fmt: skip
"""All of them are the same name once they are normalised."""


def _addresses(rng: random.Random, count: int) -> list[str]:
    """As many networks as that, one of which nobody can have by chance."""
    return [f"198.18.{rng.randrange(256)}.{n}" for n in range(1, count + 1)]


def _guess(stage: Stage, source: str, name: str, password: str = "wrong") -> int:  # noqa: S107
    client = Client(stage.office.port, X_Forwarded_For=source, X_Forwarded_Proto="https",
                    Referer=f"https://127.0.0.1:{stage.office.port}/login")  # fmt: skip
    try:
        # Hashing takes its time when there are many at once; that is told elsewhere.
        return client.log_in(name, password, seconds=120)
    except (OSError, http.client.HTTPException):
        return 0


def _all(
    stage: Stage, tally: Tally, tries: Sequence[tuple[str, str]], most: int, *, at_once: int = 3
) -> None:
    with ThreadPoolExecutor(at_once) as pool:
        told = list(pool.map(lambda one: _guess(stage, *one), tries))
    tally.tries += len(tries)
    looked_at = sum(status not in (429, 0) for status in told)
    tally.check(0 not in told, "no answer")
    tally.check(looked_at <= most, f"{looked_at} of {len(tries)} tries looked at, not {most}")
    tally.check(429 in told, "nobody is told to wait")


def _somebody(stage: Stage) -> str:
    name = "u" + "".join(random.SystemRandom().choices("abcdefghijklmnop", k=9))
    stage.office.create_user(name, PASSWORD)
    return name


def spell(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    rng, name = random.Random(seed), _somebody(stage)  # noqa: S311 - repeatable, not secret
    spelt = [rng.choice(SPELT)(name) for _ in range(16 * size)]
    sources = _addresses(rng, len(spelt))
    _all(stage, tally, list(zip(sources, spelt, strict=True)), PER_ACCOUNT)


def at_once(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    rng, name = random.Random(seed), _somebody(stage)  # noqa: S311 - likewise
    sources = _addresses(rng, 20 * size)
    _all(stage, tally, [(source, name) for source in sources], PER_ACCOUNT, at_once=len(sources))


def _one_source(spelling: Callable[[random.Random, int], str]) -> Callable[..., None]:
    def attack(stage: Stage, tally: Tally, seed: int, size: int) -> None:
        rng = random.Random(seed)  # noqa: S311 - likewise
        tries = [
            (spelling(rng, seed), f"nobody{rng.random()}") for _ in range(PER_SOURCE + 5 * size)
        ]
        _all(stage, tally, tries, PER_SOURCE)

    return attack


def _in_one_64(rng: random.Random, seed: int) -> str:
    return f"2001:db8:{seed % 60000:x}:1:{rng.randrange(65536):x}::{rng.randrange(65536):x}"


def _written_oddly(rng: random.Random, seed: int) -> str:
    inner, port = f"192.0.{seed % 256}.55", rng.randrange(1024, 65536)
    ways = (inner, f"::ffff:{inner}", f"[::ffff:{inner}]:{port}", f"{inner}:{port}",
            f'"{inner}"', f"  {inner} ", f"8.8.{rng.randrange(256)}.9, {inner}")  # fmt: skip
    return rng.choice(ways)


def lock_out(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    """Who has logged in from here before gets in, whatever others guess elsewhere."""
    rng, name = random.Random(seed), _somebody(stage)  # noqa: S311 - likewise
    tally.check(_guess(stage, AT_HOME, name, PASSWORD) == 302, "the right password fails")
    for source in _addresses(rng, PER_ACCOUNT + 2 * size):
        _guess(stage, source, name)
        tally.tries += 1
    told = _guess(stage, AT_HOME, name, PASSWORD)
    tally.check(told == 302, f"{told} for the right password from where it was right before")


def enrol(stage: Stage, tally: Tally, seed: int, size: int) -> None:
    """A stranger's wrong codes keep no kiosk from joining."""
    rng = random.Random(seed)  # noqa: S311 - likewise
    code = stage.code(f"Guessed at {seed}")

    def ask(source: str, code: str) -> int:
        asked = {"code": code, "installation": str(uuid.uuid4()), "version": "0"}
        client = Client(stage.office.port, X_Forwarded_For=source, X_Forwarded_Proto="https",
                        Content_Type="application/json")  # fmt: skip
        tally.tries += 1
        return client.ask("POST", f"{API}/enrolment", json.dumps(asked).encode()).status

    told = [ask(source, f"AAAA-{n:04}") for source in _addresses(rng, 25) for n in range(10 * size)]
    told += [ask(_in_one_64(rng, seed), "AAAA-BBBB") for _ in range(20)]
    tally.check(all(status < 500 and status != 200 for status in told), "a wrong code opens")
    tally.check(429 in told, "nobody is told to wait")
    right = ask("203.0.113.99", code)
    tally.check(right == 200, f"{right} for a right code after others' wrong ones")


_TEN = f"at most {PER_ACCOUNT} looked at, then 429"
_TWENTY = f"at most {PER_SOURCE} looked at, then 429"
ATTACKS = [
    Attack("passwords for one account, its name spelt in 13 ways, from everywhere", _TEN, spell),
    Attack("passwords for one account, 20 at once", _TEN, at_once),
    Attack("passwords from one IPv6 /64", _TWENTY, _one_source(_in_one_64)),
    Attack("passwords from one address, with many ports and written oddly", _TWENTY,
           _one_source(_written_oddly)),
    Attack("wrong passwords to shut somebody out", "who has logged in from there before gets in",
           lock_out),
    Attack("wrong codes to keep kiosks from joining", "429 for those; a right code gets 200",
           enrol),
]  # fmt: skip
