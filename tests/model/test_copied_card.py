"""Two cards under one name beside a head office that is put back: what each delivered is known."""

from collections.abc import Iterator

import pytest
from model.world import World

ARRIVES = ("arrives",) * 20


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.end()


pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("goes_on", [True, False], ids=["goes on", "has nothing more to say"])
@pytest.mark.parametrize("theirs", [1, 2, 3, 12])
def test_the_other_card_fills_the_numbers_of_a_head_office_that_was_put_back(
    world: World, theirs: int, goes_on: bool
) -> None:
    first = world.cards[0]
    first.tap(5)
    first.upload(ARRIVES)
    world.clone(first)
    world.copy_office()
    first.tap(2)
    first.upload(ARRIVES)
    world.restore_office(0)
    world.cards[1].tap(theirs)
    world.cards[1].upload(ARRIVES)
    if goes_on:
        first.tap(1)
    world.settle()
    assert set() == world.gone
    assert world.thanked == set(world.counted())
    assert 1 == max(world.counted().values())


def test_a_new_installation_with_nothing_to_send_notices_that_the_head_office_was_put_back(
    world: World,
) -> None:
    card = world.cards[0]
    world.copy_office()
    card.tap(4)
    card.upload(ARRIVES)
    card.outbox.renew()
    card.upload(ARRIVES)
    world.restore_office(0)
    world.settle()
    assert world.thanked == set(world.counted())


def test_a_power_cut_after_the_new_installation_began_leaves_nothing_behind(world: World) -> None:
    first = world.cards[0]
    first.tap(5)
    first.upload(ARRIVES)
    world.clone(first)
    world.copy_office()
    first.tap(2)
    first.upload(ARRIVES)
    world.restore_office(0)
    world.cards[1].tap(3)
    world.cards[1].upload(ARRIVES)
    before = first.outbox.position().installation
    first.beat(ARRIVES)
    assert before != first.outbox.position().installation
    first.crash()
    world.settle()
    assert world.thanked == set(world.counted())
    assert 1 == max(world.counted().values())
