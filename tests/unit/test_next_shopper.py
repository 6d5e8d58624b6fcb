"""Whoever comes next may rate at once, and never answers for the one before."""

import pytest
from visitor import Visitor, moment, rules

from config.loader import load_questionnaire
from config.questionnaire import Condition as If
from config.questionnaire import FreeText, Nps, Questionnaire, Smiley
from config.settings import Timing
from config.values import ChoiceValue, Value
from kiosk.session.deadlines import SETTLE_MS
from kiosk.session.events import AnswerGiven, DraftChanged, LeaveChosen, ScreenTouched
from kiosk.session.offers import SURE_MS
from kiosk.session.state import Asking, Idle, Inviting, StoringRating, Thanking
from kiosk.session.touch import KEY, Spot, Touch
from kiosk.session.views import InvitationView, QuestionView, view
from sync.messages import AnswerBody

CHECKOUT = load_questionnaire("checkout")
DEMONSTRATION = load_questionnaire("demonstration")
SPOT = Spot(100.0, 30.0, 14.0)
SERVICE, PRICES = ChoiceValue(("service",)), ChoiceValue(("prices",))
NEW = "01900000-0000-7000-8000-0000000000ff"


def after_rating(value: int = 2, form: Questionnaire = CHECKOUT) -> Visitor:
    """The first shopper has rated, been thanked, and gone."""
    return Visitor(rules(form, timing=Timing())).rate(value)


def touch_reason(
    visit: Visitor,
    value: Value = SERVICE,
    touch: Touch = Touch(80, SPOT),  # noqa: B008 - frozen
) -> Visitor:
    assert isinstance(visit.phase, Asking)
    visit.send(ScreenTouched(moment(visit.now - touch.held_ms)))
    return visit.send(AnswerGiven(moment(visit.now), visit.question, value, "unused", touch))


def touch_face(visit: Visitor, value: int) -> Visitor:
    visit.send(ScreenTouched(moment(visit.now - 80)))
    return visit.send(AnswerGiven(moment(visit.now), "rating", value, NEW, Touch(80, SPOT)))


def reasons(visit: Visitor) -> list[AnswerBody]:
    return [b for b in visit.stored if isinstance(b, AnswerBody) and b.question != "rating"]


def ratings(visit: Visitor) -> list[object]:
    return [b.value for b in visit.stored if isinstance(b, AnswerBody) and b.question == "rating"]


# --- one touch -------------------------------------------------------------------------------


def test_one_touch_on_a_reason_sends_it_thanks_and_makes_room_for_the_next() -> None:
    visit = touch_reason(after_rating().pass_ms(1500))
    assert [SERVICE] == [reason.value for reason in reasons(visit)]
    assert not reasons(visit)[0].unsent
    assert isinstance(visit.phase, Thanking)
    assert visit.pass_s(2.1).is_idle()
    assert [("rating", 2), ("liked", SERVICE), ("", "complete")] == visit.told()


def test_reason_is_thanked_for_when_it_is_stored_and_more_is_offered_after_it() -> None:
    visit = Visitor(rules(DEMONSTRATION, timing=Timing()), slow=True).rate(2).commit()
    touch_reason(visit.pass_ms(1500))
    assert not isinstance(visit.phase, Thanking)
    visit.commit()
    assert isinstance(visit.phase, Inviting)
    assert visit.phase.thanks


def test_untouched_offer_is_gone_within_six_seconds() -> None:
    visit = after_rating().pass_s(5.9)
    assert isinstance(visit.phase, Asking)
    assert visit.pass_s(0.2).is_idle()


def test_touches_beside_everything_do_not_hold_the_next_shopper_up() -> None:
    visit = after_rating()
    for _ in range(12):
        visit.pass_s(0.5).stir()
    assert visit.is_idle()


# --- a touch that may be somebody else's ----------------------------------------------------


@pytest.mark.parametrize(
    ("after_s", "touch"),
    [
        (0.4, Touch(80, SPOT, on_former_face=True)),
        (1.5, Touch(80, SPOT, on_former_face=True)),
        (3.0, Touch(80, SPOT)),
        (5.0, Touch(80, SPOT)),
        (3.0, KEY),
    ],
)
def test_touch_that_may_be_a_newcomers_is_no_answer_but_kept_as_unsent(
    after_s: float, touch: Touch
) -> None:
    visit = touch_reason(after_rating().pass_s(after_s), touch=touch)
    assert isinstance(visit.phase, Asking)
    assert visit.phase.is_doubtful
    seen = view(visit.state, visit.rules)
    assert isinstance(seen, QuestionView)
    assert ("Send", SERVICE) == (seen.submit, seen.answer)
    visit.pass_s(6.1)
    assert visit.is_idle()
    assert [(SERVICE, True)] == [(reason.value, reason.unsent) for reason in reasons(visit)]
    assert "timed_out" == visit.told()[-1][1]


@pytest.mark.parametrize(("late_ms", "sent"), [(0, True), (1, False)])
def test_it_counts_when_the_finger_came_down(late_ms: int, sent: bool) -> None:
    held_ms = 400
    visit = after_rating()
    assert isinstance(visit.phase, Asking)
    thanked_ms = visit.phase.since_ms - 600
    visit.pass_ms(thanked_ms + SURE_MS + late_ms + held_ms - visit.now)
    touch_reason(visit, touch=Touch(held_ms, SPOT))
    assert sent == bool(reasons(visit))


def test_once_in_doubt_every_touch_is_until_it_is_sent() -> None:
    visit = touch_reason(after_rating().pass_s(1), touch=Touch(80, SPOT, on_former_face=True))
    touch_reason(visit.pass_s(0.5), PRICES)
    assert [] == reasons(visit)
    touch_reason(visit.pass_s(0.5), PRICES, Touch(80, SPOT, hands_over=True))
    assert [(PRICES, False)] == [(reason.value, reason.unsent) for reason in reasons(visit)]
    assert isinstance(visit.phase, Thanking)


def test_number_below_the_thanks_is_chosen_and_sent_in_the_same_way() -> None:
    form = Questionnaire(
        id="q",
        title="Q",
        languages=("en",),
        questions=(
            Smiley(id="rating", text={"en": "?"}),
            Nps(id="nps", text={"en": "?"}, show_if=If("rating", (0,))),
        ),
    )
    visit = touch_reason(after_rating(0, form).pass_s(4), 7)
    assert [] == reasons(visit)
    seen = view(visit.state, visit.rules)
    assert isinstance(seen, QuestionView)
    assert "Send" == seen.submit
    touch_reason(visit.pass_s(1), 7, Touch(hands_over=True))
    assert [7] == [reason.value for reason in reasons(visit)]


# --- the faces in reach -----------------------------------------------------------------------


@pytest.mark.parametrize("after_s", [0.5, 1, 2, 3, 5])
def test_newcomer_rates_by_one_touch_on_the_faces(after_s: float) -> None:
    visit = touch_face(after_rating(2).pass_s(after_s), 0)
    assert [2, 0] == ratings(visit)
    assert isinstance(visit.phase, Thanking)
    assert NEW == visit.stored[-1].response != visit.stored[0].response
    assert [("rating", 2), ("", "timed_out"), ("rating", 0)] == visit.told()
    visit.pass_moment()
    assert "better" == visit.question


def test_newcomer_can_rate_within_two_seconds_of_the_thanks() -> None:
    visit = Visitor(rules(CHECKOUT, timing=Timing()))
    visit.pass_ms(900).send(AnswerGiven(moment(visit.now), "rating", 2, "a" * 36, KEY))
    thanked_ms = visit.now
    while ratings(touch_face(visit.pass_ms(50), 0)) == [2]:
        pass
    assert visit.now - thanked_ms < 2000


def test_what_the_first_had_chosen_and_not_sent_stays_the_firsts() -> None:
    visit = touch_reason(after_rating().pass_s(3))
    first = visit.stored[0].response
    touch_face(visit.pass_s(1), 1)
    (reason,) = reasons(visit)
    assert (first, SERVICE, True) == (reason.response, reason.value, reason.unsent)
    assert [("rating", 2), ("liked", SERVICE), ("", "timed_out"), ("rating", 1)] == visit.told()


def test_faces_are_offered_beside_the_invitation_too_while_it_stands_below_the_thanks() -> None:
    visit = touch_reason(after_rating(2, DEMONSTRATION).pass_s(1))
    visit.pass_moment().pass_s(1)
    seen = view(visit.state, visit.rules)
    assert isinstance(seen, InvitationView)
    assert seen.next_shopper is not None
    touch_face(visit, 0)
    assert [2, 0] == ratings(visit)


def test_faces_go_while_words_are_written_and_a_stray_rating_means_nothing() -> None:
    visit = after_rating(0).pass_s(1)
    visit.send(DraftChanged(moment(visit.now), "better", ChoiceValue((), "Dus")))
    seen = view(visit.state, visit.rules)
    assert isinstance(seen, QuestionView)
    assert ("Send", None) == (seen.submit, seen.next_shopper)
    touch_face(visit.pass_s(1), 2)
    assert [0] == ratings(visit)
    assert ["other_question"] == visit.ignored


def test_entry_that_nobody_writes_in_gives_way_as_soon_as_any_offer() -> None:
    visit = after_rating(0).pass_s(1)
    visit.send(DraftChanged(moment(visit.now), "better", ChoiceValue((), "")))
    seen = view(visit.state, visit.rules)
    assert isinstance(seen, QuestionView)
    assert "Send" == seen.submit
    assert visit.pass_s(6.1).is_idle()
    assert [True] == [reason.unsent for reason in reasons(visit)]


def test_second_tap_of_the_same_finger_is_not_the_next_shoppers() -> None:
    visit = after_rating()
    touch_face(visit.pass_ms(SETTLE_MS - 1), 0)
    assert [2] == ratings(visit)
    assert ["too_early"] == visit.ignored


def test_newcomer_is_asked_in_the_shops_language() -> None:
    visit = Visitor(rules(CHECKOUT, timing=Timing())).choose("fi").rate(2).pass_s(1)
    touch_face(visit, 0)
    assert ["fi", "en"] == [b.language for b in visit.stored if isinstance(b, AnswerBody)]


# --- the thanks make way ----------------------------------------------------------------------


def test_touch_on_the_last_thanks_brings_the_faces() -> None:
    visit = touch_reason(after_rating().pass_s(1))
    visit.pass_s(0.5).stir()
    assert isinstance(visit.phase, Thanking)
    visit.pass_s(0.2).stir()
    assert isinstance(visit.phase, Idle)


def test_first_thanks_stand_for_their_moment_whatever_is_touched() -> None:
    visit = Visitor(rules(CHECKOUT, timing=Timing()))
    visit.pass_ms(900).send(AnswerGiven(moment(visit.now), "rating", 2, "a" * 36, KEY))
    for _ in range(5):
        visit.pass_ms(100).stir().send(LeaveChosen(moment(visit.now)))
        assert isinstance(visit.phase, Thanking)
    assert isinstance(visit.pass_ms(100).phase, Asking)


def test_response_that_is_cut_off_while_it_is_thanked_ends_once() -> None:
    visit = Visitor(rules(CHECKOUT, timing=Timing()))
    visit.pass_ms(900).send(AnswerGiven(moment(visit.now), "rating", 2, "a" * 36, KEY))
    visit.switch_off()
    assert [("rating", 2), ("", "partial")] == visit.told()


def test_free_text_below_the_thanks_is_handed_over_by_its_own_control() -> None:
    form = Questionnaire(
        id="q",
        title="Q",
        languages=("en",),
        questions=(
            Smiley(id="rating", text={"en": "?"}),
            FreeText(id="why", text={"en": "?"}, show_if=If("rating", (0,))),
        ),
    )
    visit = after_rating(0, form).pass_s(1).draft("Cold").pass_s(5)
    touch_reason(visit, "Cold", Touch(hands_over=True))
    assert ["Cold"] == [reason.value for reason in reasons(visit)]


def test_a_newcomers_rating_waits_for_the_disk_like_any_other() -> None:
    visit = Visitor(rules(CHECKOUT, timing=Timing()), slow=True).rate(2).commit()
    touch_face(visit.pass_s(1), 0)
    assert isinstance(visit.phase, StoringRating)
    assert 1 == len(visit.thanked)
    visit.commit()
    assert 2 == len(visit.thanked)
