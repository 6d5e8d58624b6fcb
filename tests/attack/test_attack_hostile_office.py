"""What a head office says is believed by no kiosk beyond what can be."""

import pytest
from attack import hostile_office
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("attack", hostile_office.ATTACKS, ids=lambda attack: attack.name)
def test_a_kiosk_survives_a_hostile_head_office(
    attack: Attack, stage: Stage, tallies: list[Tally]
) -> None:
    carry_out(attack, stage, tallies)
