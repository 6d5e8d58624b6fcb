"""A copy of the database opens nothing."""

import pytest
from attack import copies
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("attack", copies.ATTACKS, ids=lambda attack: attack.name)
def test_a_copy_opens_nothing(attack: Attack, stage: Stage, tallies: list[Tally]) -> None:
    carry_out(attack, stage, tallies)
