"""No client holds up others for being slow, silent or gone."""

import pytest
from attack import slow_clients
from attack.account import Attack, Tally
from attack.budget import carry_out
from attack.stage import Stage

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("attack", slow_clients.ATTACKS, ids=lambda attack: attack.name)
def test_slow_clients_hold_up_nobody(attack: Attack, stage: Stage, tallies: list[Tally]) -> None:
    carry_out(attack, stage, tallies)
