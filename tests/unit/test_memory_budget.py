"""What a worker keeps for its clients is bounded, and the slowest of them lose it first."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from headoffice.server import limits
from headoffice.server.budget import MemoryBudget, quickness


@dataclass(eq=False)
class Client:
    quick: float = 1.0
    admitted: bool = False
    dropped: list[str] = field(default_factory=list)

    def importance(self) -> tuple[bool, float]:
        return self.admitted, self.quick

    def drop(self) -> None:
        self.dropped.append("dropped")


def test_the_slowest_loses_what_is_kept_for_it_and_those_who_were_admitted_last() -> None:
    budget = MemoryBudget(most=100)
    slow_kiosk, slow, quick = Client(1, admitted=True), Client(1), Client(9)
    for client in (quick, slow_kiosk, slow):
        budget.take(client, 30)
    assert 90 == budget.held
    budget.take(quick, 11)
    assert (["dropped"], [], []) == (slow.dropped, quick.dropped, slow_kiosk.dropped)
    assert 71 == budget.held
    budget.take(slow_kiosk, 50)
    assert (["dropped"], []) == (quick.dropped, slow_kiosk.dropped)
    assert 80 == budget.held


def test_who_comes_when_all_is_in_use_is_the_one_that_loses() -> None:
    budget, used, late = MemoryBudget(most=100), Client(), Client(1000, admitted=True)
    budget.take(used, 95)
    size = budget.hand_over(used)
    budget.take(late, 10)
    assert ([], ["dropped"]) == (used.dropped, late.dropped)
    budget.release(used)
    assert 95 == size == budget.held, "it is used on, wherever its connection is"
    budget.give_back(size)
    assert 0 == budget.held


def test_what_the_kernel_takes_for_who_reads_nothing_makes_nobody_quicker_than_who_comes() -> None:
    comes, reads_nothing = quickness(0, 0.0), quickness(limits.PIECE_BYTES, 0.01)
    assert reads_nothing < comes
    assert comes < quickness(3 * limits.PIECE_BYTES, 1.0), "who really reads is quicker"


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from("thr"), st.integers(1, 60)), max_size=80)
)
def test_no_more_is_kept_than_the_limit_and_nothing_is_left_at_the_end(
    events: list[tuple[int, str, int]],
) -> None:
    budget, clients = MemoryBudget(most=100), [Client(n, admitted=n > 4) for n in range(10)]
    used = 0
    for who, what, size in events:
        if what == "t":
            budget.take(clients[who], size)
        elif what == "r":
            budget.release(clients[who])
        else:
            used += budget.hand_over(clients[who])
        assert used <= budget.held <= 100
    for client in clients:
        budget.release(client)
    budget.give_back(used)
    assert 0 == budget.held
