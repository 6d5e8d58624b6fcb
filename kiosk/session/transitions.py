"""The session's transitions: what each event does in each phase, one line for each pair.

Read a line as "in this phase, on this event, do this". The names behind what is done are guards:
the first one that objects says why the event means nothing there, and nothing changes. A line that
begins with ``ignore`` gives that reason itself. What no finger could do at all is told apart
before (:mod:`kiosk.session.machine`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from kiosk.session import answers, housekeeping, offers
from kiosk.session.answers import has_previous, has_settled, is_its_question
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    BackChosen,
    DraftChanged,
    Event,
    Ignore,
    InvitationAnswered,
    KioskStopped,
    LanguageChosen,
    LeaveChosen,
    Reason,
    ScreenTouched,
    SkipChosen,
    StorageUnavailable,
    StoreFailed,
    Tick,
)
from kiosk.session.handover import SessionStep
from kiosk.session.housekeeping import after_commit, stay, when_due
from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    OutOfOrder,
    Phase,
    Rules,
    State,
    StoringRating,
    Thanking,
)

P = TypeVar("P", bound=Phase)
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Transition:
    """One line of the table."""

    phase: type[object]
    event: type[object]
    do: Callable[[State, Event, Rules], SessionStep]


def on(
    phase: type[P],
    event: type[E],
    do: Callable[[State, P, E, Rules], SessionStep],
    *guards: Callable[[P, E], Reason | None],
) -> Transition:
    """Where no guard objects, this is done."""

    def guarded(state: State, happened: Event, rules: Rules) -> SessionStep:
        here, it = cast("P", state.phase), cast("E", happened)
        for guard in guards:
            if (reason := guard(here, it)) is not None:
                return SessionStep(state, (Ignore(reason),))
        return do(state, here, it, rules)

    return Transition(phase, event, guarded)


def ignore(phase: type[Phase], event: type[Event], reason: Reason) -> Transition:
    """An ordinary event that means nothing here."""
    return Transition(
        phase, event, lambda state, _event, _rules: SessionStep(state, (Ignore(reason),))
    )


TABLE = (
    # The rating is on the screen and nobody has touched it.
    on(Idle, AnswerGiven, answers.rate),
    ignore(Idle, DraftChanged, "not_here"),
    ignore(Idle, SkipChosen, "not_here"),
    ignore(Idle, BackChosen, "not_here"),
    ignore(Idle, LeaveChosen, "not_here"),
    ignore(Idle, InvitationAnswered, "not_here"),
    on(Idle, LanguageChosen, answers.choose_language),
    on(Idle, ScreenTouched, housekeeping.note_touch),
    on(Idle, Tick, when_due(housekeeping.reset_language)),
    on(Idle, AnswersStored, after_commit(stay)),
    on(Idle, StoreFailed, housekeeping.close_and_retry),
    on(Idle, StorageUnavailable, housekeeping.close_at_once),
    on(Idle, KioskStopped, stay),
    # The rating is on its way to the disk; nobody is thanked yet.
    ignore(StoringRating, AnswerGiven, "already_answered"),
    ignore(StoringRating, DraftChanged, "already_answered"),
    ignore(StoringRating, SkipChosen, "already_answered"),
    ignore(StoringRating, BackChosen, "already_answered"),
    ignore(StoringRating, LeaveChosen, "already_answered"),
    ignore(StoringRating, InvitationAnswered, "already_answered"),
    ignore(StoringRating, LanguageChosen, "already_answered"),
    on(StoringRating, ScreenTouched, housekeeping.note_touch),
    on(StoringRating, Tick, when_due(stay)),
    on(StoringRating, AnswersStored, after_commit(housekeeping.thank)),
    on(StoringRating, StoreFailed, housekeeping.close_and_retry),
    ignore(StoringRating, StorageUnavailable, "already_answered"),
    on(StoringRating, KioskStopped, housekeeping.cut_off),
    # A question behind the rating is on the screen.
    on(Asking, AnswerGiven, offers.answer, offers.is_its_question_or_rating, has_settled),
    on(Asking, DraftChanged, answers.change_draft, is_its_question, has_settled),
    on(Asking, SkipChosen, answers.skip, is_its_question, has_settled),
    on(Asking, BackChosen, answers.go_back, has_previous, has_settled),
    on(Asking, LeaveChosen, answers.leave, has_settled),
    ignore(Asking, InvitationAnswered, "not_here"),
    on(Asking, LanguageChosen, answers.choose_visit_language, has_settled),
    on(Asking, ScreenTouched, housekeeping.note_presence),
    on(Asking, Tick, when_due(housekeeping.warn_or_time_out)),
    on(Asking, AnswersStored, after_commit(stay)),
    on(Asking, StoreFailed, housekeeping.close_and_retry),
    ignore(Asking, StorageUnavailable, "already_answered"),
    on(Asking, KioskStopped, housekeeping.cut_off),
    # Would the shopper tell more?
    on(Inviting, AnswerGiven, offers.rate_next, offers.has_faces, has_settled),
    ignore(Inviting, DraftChanged, "other_question"),
    ignore(Inviting, SkipChosen, "other_question"),
    on(Inviting, BackChosen, answers.go_back, has_previous, has_settled),
    ignore(Inviting, LeaveChosen, "not_here"),
    on(Inviting, InvitationAnswered, answers.answer_invitation, has_settled),
    on(Inviting, LanguageChosen, answers.choose_visit_language, has_settled),
    on(Inviting, ScreenTouched, housekeeping.note_presence),
    on(Inviting, Tick, when_due(housekeeping.warn_or_time_out)),
    on(Inviting, AnswersStored, after_commit(stay)),
    on(Inviting, StoreFailed, housekeeping.close_and_retry),
    ignore(Inviting, StorageUnavailable, "already_answered"),
    on(Inviting, KioskStopped, housekeeping.cut_off),
    # The last answer is on its way to the disk.
    ignore(Finishing, AnswerGiven, "already_answered"),
    ignore(Finishing, DraftChanged, "already_answered"),
    ignore(Finishing, SkipChosen, "already_answered"),
    ignore(Finishing, BackChosen, "already_answered"),
    ignore(Finishing, LeaveChosen, "already_answered"),
    ignore(Finishing, InvitationAnswered, "already_answered"),
    ignore(Finishing, LanguageChosen, "already_answered"),
    on(Finishing, ScreenTouched, housekeeping.note_touch),
    on(Finishing, Tick, when_due(stay)),
    on(Finishing, AnswersStored, after_commit(housekeeping.thank)),
    on(Finishing, StoreFailed, housekeeping.close_and_retry),
    ignore(Finishing, StorageUnavailable, "already_answered"),
    on(Finishing, KioskStopped, housekeeping.cut_off),
    # Everything is safe and the shopper is told so.
    ignore(Thanking, AnswerGiven, "thanking"),
    ignore(Thanking, DraftChanged, "thanking"),
    ignore(Thanking, SkipChosen, "thanking"),
    ignore(Thanking, BackChosen, "thanking"),
    ignore(Thanking, LeaveChosen, "thanking"),
    ignore(Thanking, InvitationAnswered, "thanking"),
    ignore(Thanking, LanguageChosen, "thanking"),
    on(Thanking, ScreenTouched, housekeeping.make_way),
    on(Thanking, Tick, when_due(housekeeping.go_on_after_thanks)),
    on(Thanking, AnswersStored, after_commit(stay)),
    on(Thanking, StoreFailed, housekeeping.close_and_retry),
    ignore(Thanking, StorageUnavailable, "thanking"),
    on(Thanking, KioskStopped, housekeeping.cut_off),
    # Nothing can be stored, so nothing is asked.
    ignore(OutOfOrder, AnswerGiven, "out_of_order"),
    ignore(OutOfOrder, DraftChanged, "out_of_order"),
    ignore(OutOfOrder, SkipChosen, "out_of_order"),
    ignore(OutOfOrder, BackChosen, "out_of_order"),
    ignore(OutOfOrder, LeaveChosen, "out_of_order"),
    ignore(OutOfOrder, InvitationAnswered, "out_of_order"),
    ignore(OutOfOrder, LanguageChosen, "out_of_order"),
    on(OutOfOrder, ScreenTouched, housekeeping.note_touch),
    on(OutOfOrder, Tick, when_due(housekeeping.retry)),
    on(OutOfOrder, AnswersStored, after_commit(housekeeping.become_idle)),
    on(OutOfOrder, StoreFailed, housekeeping.close_and_retry),
    ignore(OutOfOrder, StorageUnavailable, "out_of_order"),
    on(OutOfOrder, KioskStopped, stay),
)

_BY_PAIR = {(each.phase, each.event): each.do for each in TABLE}


def apply(state: State, event: Event, rules: Rules) -> SessionStep:
    """What the table says."""
    return _BY_PAIR[type(state.phase), type(event)](state, event, rules)
