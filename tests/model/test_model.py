"""Whatever happens in whatever order: nothing thanked is missing, nothing counts twice."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model.wire import FATES
from model.world import AUTUMN_MS, DAY_MS, HOUR_MS, KEEP_ALL, SPRING_MS, YEAR_MS, Card, World

PROFILE = os.environ.get("HYMIO_MODEL_PROFILE", "model-modest")
SEED = os.environ.get("HYMIO_MODEL_SEED")
"""Without one it is other orders each time; what failed once is tried again first."""
told: Counter[str] = Counter()
OFFICE_CLOCKS = (0, 0, YEAR_MS, -YEAR_MS, -91 * DAY_MS, 10 * HOUR_MS, 1000)
any_card = st.integers(0, 2)
fates = st.lists(st.sampled_from(FATES), min_size=1, max_size=5).map(tuple)


class Home(RuleBasedStateMachine):
    """Every rule is something that happens to kiosks, lines or head offices."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        told["orders of events"] += 1
        self.images: list[Path] = []

    def teardown(self) -> None:
        try:
            self.in_the_end_all_is_home()
        finally:
            told["answers thanked"] += len(self.world.thanked)
            told["requests"] += self.world.met.total()
            told["refused while the clock was in doubt"] += self.world.doubted
            self.world.end()

    def card(self, which: int) -> Card:
        return self.world.cards[which % len(self.world.cards)]

    # --- at the kiosk ---------------------------------------------------------------------

    @rule(which=any_card, count=st.integers(1, 4), nonsense=st.sampled_from((False,) * 7 + (True,)))
    def tap(self, which: int, count: int, nonsense: bool) -> None:
        self.card(which).tap(count, nonsense=nonsense)

    @rule(which=any_card, fates=fates)
    def upload(self, which: int, fates: tuple[str, ...]) -> None:
        self.card(which).upload(fates)

    @rule(which=any_card, fates=fates)
    def beat(self, which: int, fates: tuple[str, ...]) -> None:
        self.card(which).beat(fates)

    @rule(which=any_card)
    def crash(self, which: int) -> None:
        self.card(which).crash()

    @rule(which=any_card)
    def reboot(self, which: int) -> None:
        self.card(which).reboot()

    @rule(which=any_card)
    def renew(self, which: int) -> None:
        self.card(which).outbox.renew()

    @rule(which=any_card, keep=st.integers(0, 6) | st.just(KEEP_ALL))
    def trim(self, which: int, keep: int) -> None:
        self.card(which).trim(keep)

    @rule(which=any_card)
    def withhold(self, which: int) -> None:
        outbox = self.card(which).outbox
        for message in outbox.next_batch(1, 10**6):
            outbox.withhold(message.seq, "made up")

    @rule(which=any_card, nth=st.integers(0, 3))
    def send_again(self, which: int, nth: int) -> None:
        outbox = self.card(which).outbox
        for each in outbox.quarantine()[nth : nth + 1]:
            outbox.send_again(each.id)

    @rule(
        which=any_card,
        to=st.sampled_from((0, AUTUMN_MS, SPRING_MS, AUTUMN_MS - 500, SPRING_MS - 500)),
    )
    def set_clock(self, which: int, to: int) -> None:
        self.card(which).clock.wall_ms = to

    @rule(
        which=any_card, by=st.sampled_from((HOUR_MS, -HOUR_MS, 10 * YEAR_MS, -10 * YEAR_MS, DAY_MS))
    )
    def jump(self, which: int, by: int) -> None:
        self.card(which).clock.wall_ms += by

    # --- on the way -----------------------------------------------------------------------

    @precondition(lambda self: self.world.late)
    @rule(nth=st.integers(0, 5))
    def arrive_late(self, nth: int) -> None:
        late = self.world.late
        self.world.receive(late.pop(nth % len(late)))

    @precondition(lambda self: not self.world.poison)
    @rule(which=any_card)
    def poison(self, which: int) -> None:
        for message in self.card(which).outbox.next_batch(1, 10**6):
            self.world.poison.add(message.body.response)

    # --- at the head office ---------------------------------------------------------------

    @rule(days=st.integers(0, 2))
    def time_passes(self, days: int) -> None:
        self.world.time_passes(days * DAY_MS + HOUR_MS)

    @rule(off=st.sampled_from(OFFICE_CLOCKS), restarted=st.booleans(), believed=st.booleans())
    def set_office_clock(self, off: int, restarted: bool, believed: bool) -> None:
        """Also to the right time; somebody may say that it is right, be it or not."""
        self.world.set_office_clock(off)
        if restarted:
            self.world.restart_office()
        if believed:
            self.world.accept_office_clock()

    @rule()
    def copy_office(self) -> None:
        self.world.copy_office()

    @precondition(lambda self: self.world.copies)
    @rule(nth=st.integers(0, 5))
    def restore_office(self, nth: int) -> None:
        self.world.restore_office(nth % self.world.copies)

    # --- cards ----------------------------------------------------------------------------

    @rule(which=any_card)
    def copy_card(self, which: int) -> None:
        self.images.append(self.card(which).copy())

    @precondition(lambda self: self.images)
    @rule(which=any_card, nth=st.integers(0, 5))
    def restore_card(self, which: int, nth: int) -> None:
        self.card(which).restore(self.images[nth % len(self.images)])

    @precondition(lambda self: len(self.world.cards) < 3 and not self.world.trimmed)
    @rule(which=any_card)
    def clone(self, which: int) -> None:
        self.world.clone(self.card(which))

    # --- what always holds ----------------------------------------------------------------

    @invariant()
    def time_goes_on(self) -> None:
        told["steps"] += 1

    @invariant()
    def nothing_thanked_is_missing(self) -> None:
        missing = self.world.thanked - self.world.gone - self.world.somewhere()
        assert missing == set()

    @invariant()
    def nothing_counts_twice(self) -> None:
        assert {} == {r: n for r, n in self.world.counted().items() if n > 1}

    @invariant()
    def counts_equal_what_is_stored(self) -> None:
        assert self.world.counted_again() == self.world.rolled_up()
        assert self.world.set_aside() <= self.world.nonsense

    @invariant()
    def the_head_office_claims_only_what_it_can_account_for(self) -> None:
        assert [] == self.world.unaccounted()

    @rule()
    def in_the_end_all_is_home(self) -> None:
        """Calm weather brings home all that was thanked, or quarantine keeps it."""
        world = self.world
        for card in world.cards:
            card.tap(1)  # a kiosk with nothing to send may not notice what is missing
        world.settle()
        assert world.thanked - world.gone - world.home() == set()
        self.nothing_counts_twice()
        world.mend_times()
        self.nothing_counts_twice()
        self.counts_equal_what_is_stored()


@pytest.mark.database
@pytest.mark.django_db
def test_nonsense_that_came_before_its_question_is_set_aside() -> None:
    state = Home()
    state.renew(which=0)
    state.clone(which=0)
    state.trim(keep=0, which=0)
    state.tap(count=1, nonsense=True, which=0)
    state.in_the_end_all_is_home()
    state.counts_equal_what_is_stored()
    assert state.world.set_aside() == state.world.nonsense
    state.teardown()


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_any_order_of_events_brings_every_answer_home_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told.clear()
    machine = Home if SEED is None else seed(int(SEED))(Home)
    run_state_machine_as_test(machine, settings=settings.get_profile(PROFILE))
    with capsys.disabled():
        sys.stdout.write(f"\nThe model: {', '.join(f'{n} {what}' for what, n in told.items())}\n")
    assert told["steps"] > told["orders of events"]
