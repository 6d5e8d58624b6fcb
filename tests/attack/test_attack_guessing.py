"""No trick gives somebody who guesses more tries, or shuts out who is right."""

from collections.abc import Callable

import pytest
from attack import guessing
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture
def behind_a_proxy(stages: Callable[..., Stage]) -> Stage:
    """So that one machine can come from everywhere."""
    return stages("--behind-proxy")


@pytest.mark.parametrize("attack", guessing.ATTACKS, ids=lambda attack: attack.name)
def test_no_trick_helps_who_guesses(
    attack: Attack, behind_a_proxy: Stage, tallies: list[Tally]
) -> None:
    carry_out(attack, behind_a_proxy, tallies)
