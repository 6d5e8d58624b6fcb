"""Nobody gets in but whom an address admits."""

import pytest
from attack import access
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("attack", access.ATTACKS, ids=lambda attack: attack.name)
def test_nobody_gets_in_where_they_are_not_admitted(
    attack: Attack, stage: Stage, tallies: list[Tally]
) -> None:
    carry_out(attack, stage, tallies)
