"""One credential is not enough to harm anybody else."""

import pytest
from attack import hostile_kiosk
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("attack", hostile_kiosk.ATTACKS, ids=lambda attack: attack.name)
def test_a_hostile_kiosk_harms_nobody_else(
    attack: Attack, stage: Stage, tallies: list[Tally]
) -> None:
    carry_out(attack, stage, tallies)
