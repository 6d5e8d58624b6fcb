"""The table of transitions says something about every pair, once, and in the order one reads."""

from dataclasses import replace
from itertools import product
from typing import Any, get_args

import pytest
from visitor import moment, rules

from config.loader import load_questionnaire
from kiosk.errors import IllegalEventError
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    BackChosen,
    DraftChanged,
    Event,
    InvitationAnswered,
    KioskStopped,
    LanguageChosen,
    LeaveChosen,
    ScreenTouched,
    SkipChosen,
    StorageUnavailable,
    StoreFailed,
    Tick,
)
from kiosk.session.machine import step
from kiosk.session.state import (
    Asking,
    Attempt,
    Finishing,
    Idle,
    Inviting,
    Load,
    OutOfOrder,
    Phase,
    State,
    StoringRating,
    Thanking,
    Visit,
)
from kiosk.session.transitions import TABLE

RULES = rules(load_questionnaire("demonstration"))
BEHIND = RULES.questionnaire.questions[1]
VISIT = Visit("a" * 36, "en", 0)
NOW = moment(60_000)
PHASES: tuple[Phase, ...] = (
    Idle("en", 0, 0),
    StoringRating(VISIT),
    Asking(VISIT, BEHIND.id, 50_000, 50_000),
    Inviting(VISIT, 50_000, 50_000),
    Finishing(VISIT, BEHIND.id, None),
    Thanking(VISIT, 61_000),
    OutOfOrder(61_000),
)
EVENTS: tuple[Event, ...] = (
    AnswerGiven(NOW, "rating", 2, "b" * 36),
    DraftChanged(NOW, BEHIND.id, None),
    SkipChosen(NOW, BEHIND.id),
    BackChosen(NOW),
    LeaveChosen(NOW),
    InvitationAnswered(NOW, accepts=True),
    LanguageChosen(NOW, "fi"),
    ScreenTouched(NOW),
    Tick(NOW),
    AnswersStored(NOW, 1),
    StoreFailed(NOW, 1),
    StorageUnavailable(NOW),
    KioskStopped(NOW),
)
IMPOSSIBLE: tuple[Event, ...] = (
    AnswerGiven(NOW, "mood", 2, "b" * 36),
    AnswerGiven(NOW, "rating", 99, "b" * 36),
    DraftChanged(NOW, "mood", None),
    SkipChosen(NOW, "mood"),
    LanguageChosen(NOW, "tlh"),
    AnswersStored(NOW, 7),
    StoreFailed(NOW, 7),
)


def names(values: tuple[Any, ...]) -> list[str]:
    return [type(value).__name__ for value in values]


def being_stored(phase: Phase) -> State:
    return State(phase, ticket=1, attempt=Attempt(1, Load((), NOW), NOW.mono_ms))


def test_every_event_in_every_phase_has_one_line_in_order() -> None:
    pairs = list(product(get_args(Phase), get_args(Event)))
    assert pairs == [(line.phase, line.event) for line in TABLE]


def test_the_phases_and_events_tried_here_are_all_there_are() -> None:
    assert [phase.__name__ for phase in get_args(Phase)] == names(PHASES)
    assert [event.__name__ for event in get_args(Event)] == names(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=names(EVENTS))
@pytest.mark.parametrize("phase", PHASES, ids=names(PHASES))
def test_possible_event_leads_somewhere_in_every_phase(phase: Phase, event: Event) -> None:
    before = being_stored(phase)
    after = step(before, event, RULES)
    assert isinstance(after.state.phase, get_args(Phase))
    assert being_stored(phase) == before


@pytest.mark.parametrize("event", IMPOSSIBLE, ids=names(IMPOSSIBLE))
@pytest.mark.parametrize("phase", PHASES, ids=names(PHASES))
def test_impossible_event_is_illegal_in_every_phase(phase: Phase, event: Event) -> None:
    with pytest.raises(IllegalEventError, match="nothing was changed"):
        step(being_stored(phase), event, RULES)


def test_report_is_illegal_where_nothing_is_under_way() -> None:
    for phase in PHASES:
        with pytest.raises(IllegalEventError, match="nothing waits for ticket 1"):
            step(replace(being_stored(phase), attempt=None), AnswersStored(NOW, 1), RULES)
