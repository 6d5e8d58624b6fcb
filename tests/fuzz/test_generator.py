"""The requests that are made up: any seed makes some, and each can be written down."""

import json
import random

import pytest
from fuzz.generator import Generator, Json, spoiled
from processes import ROOT

SCHEMA = json.loads((ROOT / "docs" / "protocol.schema.json").read_text())
BODIES = ("Batch", "Heartbeat", "EnrolmentRequest", "CredentialRequest")
DEEPEST, LARGEST = 40, 20_000_000
SEEDS = (1, 7, 424242, 424242000, 2**31)


def depth(value: Json) -> int:
    """Falls over a value that holds itself."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, held), default=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_spoiled_value_holds_itself_or_outgrows_a_request(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    generator = Generator(SCHEMA, rng)
    for _ in range(500):
        value = spoiled(generator.valid(rng.choice(BODIES)), rng)
        assert depth(value) <= DEEPEST
        assert len(json.dumps(value)) <= LARGEST


def test_a_spoiled_value_leaves_the_next_one_alone() -> None:
    """What is put into one place must not be the thing that was put into another."""

    def made(times: int) -> list[str]:
        values = []
        for number in range(times):
            rng = random.Random(number)  # noqa: S311 - repeatable, not secret
            values.append(json.dumps(spoiled({"list": [[], {}, [1]], "text": "x"}, rng)))
        return values

    first = made(1500)
    assert first == made(1500)
