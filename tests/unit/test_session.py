"""What the session decides, without a window, a clock or a disk."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.questionnaire import Nps, Questionnaire, Smiley, canonical, digest
from config.settings import Timing
from kiosk.errors import IllegalEventError
from kiosk.session import (
    PATIENCE_MS,
    RETRY_MS,
    Asking,
    Event,
    Ignore,
    LanguageChosen,
    OutOfOrder,
    Rules,
    State,
    StorageUnavailable,
    Store,
    Stored,
    StoreFailed,
    Storing,
    Thanking,
    Tick,
    Touched,
    begin,
    deadline,
    step,
)
from sync.messages import Answered, Body, Moment, Value

BOOT = "0b0a0c0d-0000-4000-8000-000000000001"
RESPONSE = "01900000-0000-7000-8000-000000000001"
ANOTHER = "01900000-0000-7000-8000-000000000002"
FORM = Questionnaire(
    id="checkout",
    title="Checkout",
    languages=("en", "fi"),
    questions=(
        Smiley(id="rating", text={"en": "How was it?", "fi": "Miten meni?"}),
        Nps(id="nps", text={"en": "Recommend?", "fi": "Suosittelisitko?"}),
    ),
)
RULES = Rules(FORM, digest(canonical(FORM)), "en", Timing(thanks=2.5, language=20))


def moment(at_ms: int) -> Moment:
    return Moment(wall_ms=1_700_000_000_000 + at_ms, boot=BOOT, mono_ms=at_ms)


def touch(at_ms: int, value: Value = 2, response: str = RESPONSE) -> Touched:
    return Touched(moment(at_ms), "rating", value, response)


def storing() -> State:
    return step(begin(RULES, 0), touch(4000), RULES).state


def thanking() -> State:
    return step(storing(), Stored(4010, 1), RULES).state


def out_of_order() -> State:
    return step(storing(), StoreFailed(4010, 1), RULES).state


ANSWER = Answered(
    response=RESPONSE,
    questionnaire=RULES.digest,
    language="en",
    question="rating",
    value=2,
    took_ms=4000,
)


def test_touch_is_stored_before_anyone_is_thanked() -> None:
    after = step(begin(RULES, 0), touch(4000), RULES)
    assert (Store(1, (ANSWER,), moment(4000)),) == after.effects
    assert isinstance(after.state.phase, Storing)


def test_thanks_follow_the_commit_and_end_by_themselves() -> None:
    state = thanking()
    assert Thanking(ANSWER, until_ms=6510) == state.phase
    assert 6510 == deadline(state, RULES)
    assert state == step(state, Tick(6509), RULES).state
    assert Asking("rating", "en", 6510, 6510) == step(state, Tick(6510), RULES).state.phase


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (storing(), "already_answered"),
        (thanking(), "thanking"),
        (out_of_order(), "out_of_order"),
    ],
)
@pytest.mark.parametrize("event", [touch(4005, 0, ANOTHER), LanguageChosen(4005, "fi")])
def test_first_touch_wins_until_idle_again(state: State, reason: str, event: Event) -> None:
    after = step(state, event, RULES)
    assert (Ignore(reason),) == after.effects  # type: ignore[arg-type]
    assert state is after.state


def test_touch_of_another_question_than_the_one_shown_is_ignored() -> None:
    asking_nps = State(Asking("nps", "en", 0, 0), 0)
    assert (Ignore("other_question"),) == step(asking_nps, touch(10), RULES).effects


@pytest.mark.parametrize("value", [-1, 3, True, "2", 1.0])
def test_value_that_no_face_has_is_illegal(value: Value) -> None:
    with pytest.raises(IllegalEventError, match="is no answer to 'rating'"):
        step(begin(RULES, 0), touch(10, value), RULES)


def test_unknown_question_is_illegal_in_every_phase() -> None:
    event = replace(touch(10), question="mood")
    for state in (begin(RULES, 0), storing(), thanking(), out_of_order()):
        with pytest.raises(IllegalEventError, match="no question 'mood'"):
            step(state, event, RULES)


def test_chosen_language_is_asked_and_stored_in() -> None:
    state = step(begin(RULES, 0), LanguageChosen(100, "fi"), RULES).state
    (store,) = step(state, touch(4000), RULES).effects
    assert isinstance(store, Store)
    assert isinstance(store.bodies[0], Answered)
    assert "fi" == store.bodies[0].language
    assert 4000 == store.bodies[0].took_ms


def test_chosen_language_returns_after_a_while_without_a_touch() -> None:
    state = step(begin(RULES, 0), LanguageChosen(100, "fi"), RULES).state
    assert 20_100 == deadline(state, RULES)
    state = step(state, LanguageChosen(10_000, "fi"), RULES).state
    assert 30_000 == deadline(state, RULES)
    back = step(state, Tick(30_000), RULES).state
    assert Asking("rating", "en", 0, 30_000) == back.phase
    assert deadline(back, RULES) is None


def test_choice_of_language_lasts_for_one_session() -> None:
    state = step(begin(RULES, 0), LanguageChosen(100, "fi"), RULES).state
    state = step(state, touch(200), RULES).state
    state = step(state, Stored(210, 1), RULES).state
    state = step(state, Tick(9000), RULES).state
    assert Asking("rating", "en", 9000, 9000) == state.phase


def test_language_that_the_questionnaire_lacks_is_illegal() -> None:
    with pytest.raises(IllegalEventError, match="no language 'sv'"):
        step(begin(RULES, 0), LanguageChosen(100, "sv"), RULES)


def test_failed_store_closes_the_kiosk_and_is_tried_again_until_it_works() -> None:
    state = out_of_order()
    assert 4010 + RETRY_MS == deadline(state, RULES)
    again = step(state, Tick(4010 + RETRY_MS), RULES)
    assert (Store(2, (ANSWER,), moment(4000)),) == again.effects
    assert deadline(again.state, RULES) is None
    failed = step(again.state, StoreFailed(8000, 2), RULES).state
    assert 8000 + RETRY_MS == deadline(failed, RULES)
    again = step(failed, Tick(8000 + RETRY_MS), RULES)
    recovered = step(again.state, Stored(12_000, 3), RULES).state
    assert Asking("rating", "en", 12_000, 12_000) == recovered.phase


def test_disk_that_hangs_closes_the_kiosk_without_storing_twice() -> None:
    hanging = step(storing(), Tick(4000 + PATIENCE_MS), RULES)
    assert () == hanging.effects
    assert OutOfOrder(1, (ANSWER,), moment(4000), None) == hanging.state.phase
    late = step(hanging.state, Stored(60_000, 1), RULES).state
    assert isinstance(late.phase, Asking)


def test_outbox_that_does_not_open_closes_the_kiosk_before_anyone_touches_it() -> None:
    state = step(begin(RULES, 0), StorageUnavailable(moment(50)), RULES).state
    assert OutOfOrder(0, (), moment(50), 50 + RETRY_MS) == state.phase
    again = step(state, Tick(50 + RETRY_MS), RULES)
    assert (Store(1, (), moment(50)),) == again.effects
    assert isinstance(step(again.state, Stored(4000, 1), RULES).state.phase, Asking)


@pytest.mark.parametrize("state", [storing(), thanking(), out_of_order()])
def test_unavailable_storage_says_nothing_new_after_a_touch(state: State) -> None:
    after = step(state, StorageUnavailable(moment(4020)), RULES)
    assert state is after.state
    assert isinstance(after.effects[0], Ignore)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (begin(RULES, 0), Stored(10, 1)),
        (begin(RULES, 0), StoreFailed(10, 1)),
        (storing(), Stored(10, 2)),
        (storing(), StoreFailed(10, 0)),
        (thanking(), Stored(10, 1)),
        (out_of_order(), Stored(10, 1)),
    ],
)
def test_report_that_nobody_waits_for_is_illegal(state: State, event: Event) -> None:
    with pytest.raises(IllegalEventError, match="nothing waits for ticket"):
        step(state, event, RULES)


# --- whatever happens -----------------------------------------------------------------------


@dataclass
class Shop:
    """Drives a session as a window and a disk would, and remembers what it was promised."""

    state: State = field(default_factory=lambda: begin(RULES, 0))
    now: int = 0
    under_way: Store | None = None
    stored: list[Body] = field(default_factory=list)
    thanked: list[Answered] = field(default_factory=list)

    def send(self, event: Event) -> None:
        after = step(self.state, event, RULES)
        if isinstance(after.state.phase, Thanking) and not isinstance(self.state.phase, Thanking):
            self.thanked.append(after.state.phase.answer)
        self.state = after.state
        for effect in after.effects:
            if isinstance(effect, Store):
                assert self.under_way is None, "two stores at once"
                self.under_way = effect

    def commit(self, *, works: bool) -> None:
        if self.under_way is None:
            return
        store, self.under_way = self.under_way, None
        if works:
            self.stored += store.bodies
            self.send(Stored(self.now, store.ticket))
        else:
            self.send(StoreFailed(self.now, store.ticket))


ACTIONS = st.one_of(
    st.tuples(st.just("touch"), st.integers(0, 2)),
    st.tuples(st.just("language"), st.sampled_from(["en", "fi"])),
    st.tuples(st.just("wait"), st.integers(0, 25_000)),
    st.tuples(st.just("commit"), st.booleans()),
)


@given(st.lists(ACTIONS, max_size=60))
def test_whatever_happens_the_thanked_are_stored_and_the_kiosk_comes_back(
    actions: list[tuple[str, int | str | bool]],
) -> None:
    shop = Shop()
    for number, (action, argument) in enumerate(actions):
        shop.now += 7
        match action:
            case "touch":
                response = f"01900000-0000-7000-8000-{number:012x}"
                shop.send(touch(shop.now, int(argument), response))
            case "language":
                shop.send(LanguageChosen(shop.now, str(argument)))
            case "wait":
                shop.now += int(argument)
                shop.send(Tick(shop.now))
            case "commit":
                shop.commit(works=bool(argument))
        assert all(answer in shop.stored for answer in shop.thanked)

    for _ in range(4):
        shop.commit(works=True)
        shop.now = max(shop.now, deadline(shop.state, RULES) or 0)
        shop.send(Tick(shop.now))
    assert isinstance(shop.state.phase, Asking)
    assert "en" == shop.state.phase.language
    responses = [body.response for body in shop.stored]
    assert len(responses) == len(set(responses))
