"""How long and with which seeds attacks are carried out."""

import os
import time

from attack.account import Attack, Tally
from attack.stage import Stage

SECONDS = float(os.environ.get("HYMIO_ATTACK_SECONDS", "0"))
SIZE = 3 if SECONDS else 1
SEED = int(os.environ.get("HYMIO_ATTACK_SEED", "1"))
ATTACKS = 40
"""About so many share the time."""


def carry_out(attack: Attack, stage: Stage, tallies: list[Tally]) -> None:
    """Once, and again with further seeds while its share of the time lasts."""
    tally = Tally(attack.name, attack.expected)
    tallies.append(tally)
    seed, ends = SEED, time.monotonic() + SECONDS / ATTACKS
    while True:
        attack.carry_out(stage, tally, seed, SIZE)
        seed += 1000
        stage.is_broken |= bool(tally.broke)
        if tally.broke or time.monotonic() >= ends:
            break
    assert tally.broke == [], f"{attack.name}, with seeds from {SEED}"
