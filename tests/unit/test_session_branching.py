"""The way through a questionnaire: follow-up, invitation, branches, back, skip, walking away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visitor import Visitor, rules, word

from config.loader import load_questionnaire
from config.questionnaire import (
    Condition,
    Contact,
    FreeText,
    MultipleChoice,
    Nps,
    Option,
    Questionnaire,
    SingleChoice,
    Smiley,
    YesNo,
)
from config.settings import QuestionRoute
from config.values import ChoiceValue, ContactDetails, Value
from kiosk.errors import IllegalEventError
from kiosk.session.branching import follow_ups, reachable_questions
from kiosk.session.deadlines import PATIENCE_MS, deadline
from kiosk.session.state import (
    Asking,
    Finishing,
    Idle,
    Inviting,
    OutOfOrder,
    StoringRating,
    Thanking,
)
from sync.messages import AnswerBody, EndBody


def text(english: str) -> dict[str, str]:
    return {"en": english, "fi": f"{english} suomeksi"}


FORM = Questionnaire(
    id="way",
    title="Way",
    languages=("en", "fi"),
    questions=(
        Smiley(id="rating", text=text("How was it?")),
        MultipleChoice(
            id="better",
            text=text("What could be better?"),
            options=(
                Option(id="queue", text=text("Queue")),
                Option(id="price", text=text("Price")),
            ),
            other=True,
            show_if=Condition("rating", (0, 1)),
        ),
        YesNo(id="found", text=text("Did you find it?")),
        FreeText(id="missing", text=text("What?"), show_if=Condition("found", (False,))),
        SingleChoice(
            id="shelf",
            text=text("Which shelf?"),
            options=(Option(id="top", text=text("Top")), Option(id="low", text=text("Low"))),
            show_if=Condition("found", (False,)),
        ),
        Nps(id="low_why", text=text("How low?"), show_if=Condition("shelf", ("low",))),
        Nps(id="nps", text=text("Recommend?")),
        Contact(id="contact", text=text("May we?"), purpose=text("To reply.")),
    ),
)
RULES = rules(FORM)


def shopper(*, slow: bool = False, way: QuestionRoute | None = None) -> Visitor:
    return Visitor(rules(FORM, way=way), slow=slow)


def invited(*, slow: bool = False) -> Visitor:
    """Happy, and willing to tell more."""
    return shopper(slow=slow).rate(2).commit().reply(accepted=True)


def test_happy_shopper_is_thanked_and_invited_at_once() -> None:
    visit = shopper().rate(2)
    assert isinstance(visit.phase, Inviting)
    assert visit.phase.thanks
    assert [("rating", 2)] == visit.told()


def test_sad_shopper_finds_the_follow_up_below_the_thanks() -> None:
    visit = shopper().rate(0)
    assert isinstance(visit.phase, Asking)
    assert ("better", True) == (visit.phase.question, visit.phase.thanks)


def test_follow_up_leads_to_the_invitation_and_the_invitation_on() -> None:
    visit = shopper().rate(0).answer(ChoiceValue(("queue",)))
    assert isinstance(visit.phase, Inviting)
    assert visit.phase.thanks
    visit.reply(accepted=True)
    assert "found" == visit.question


def test_whole_way_is_complete_and_thanked_once_more() -> None:
    visit = shopper().rate(0).answer(ChoiceValue(("price",), "light")).reply(accepted=True)
    visit.answer(value=False).answer("Oat milk").answer(ChoiceValue(("low",))).answer(3).answer(9)
    visit.answer(ContactDetails(consent=True, email="ada@example.com"))
    assert isinstance(visit.phase, Thanking)
    assert [
        ("rating", 0),
        ("better", ChoiceValue(("price",), "light")),
        ("found", False),
        ("missing", "Oat milk"),
        ("shelf", ChoiceValue(("low",))),
        ("low_why", 3),
        ("nps", 9),
        ("contact", ContactDetails(consent=True, email="ada@example.com")),
        ("", "complete"),
    ] == visit.told()
    assert visit.pass_s(3).is_idle()


def test_branch_that_does_not_apply_is_not_asked() -> None:
    visit = invited().answer(value=True)
    assert "nps" == visit.question


def test_declined_invitation_ends_partially_and_frees_the_kiosk_at_once() -> None:
    visit = shopper().rate(2).reply(accepted=False)
    assert visit.is_idle()
    assert [("rating", 2), ("", "partial")] == visit.told()


def test_skips_are_told_and_complete_the_way_too() -> None:
    visit = invited().skip().skip().skip()
    assert [
        ("rating", 2),
        ("found", "skipped"),
        ("nps", "skipped"),
        ("contact", "skipped"),
        ("", "complete"),
    ] == visit.told()
    assert isinstance(visit.phase, Thanking)


def test_back_and_change_is_another_answer() -> None:
    visit = invited().answer(value=True).answer(4).back()
    assert isinstance(visit.phase, Asking)
    assert ("nps", 4) == (visit.phase.question, visit.phase.draft)
    visit.answer(8)
    assert [("nps", 4), ("nps", 8)] == [w for w in visit.told() if w[0] == "nps"]
    assert "contact" == visit.question


def test_back_without_a_change_tells_nothing_new() -> None:
    visit = invited().answer(value=True).answer(4).back().answer(4)
    assert [("nps", 4)] == [w for w in visit.told() if w[0] == "nps"]


def test_changed_branch_takes_back_what_is_no_longer_reached() -> None:
    visit = invited().answer(value=False).answer("Milk").answer(ChoiceValue(("low",))).answer(2)
    visit.back().back().back().back()
    assert "found" == visit.question
    visit.answer(value=True)
    assert [
        ("found", True),
        ("missing", "skipped"),
        ("shelf", "skipped"),
        ("low_why", "skipped"),
    ] == visit.told()[-4:]
    assert "nps" == visit.question


def test_branch_that_is_entered_again_is_asked_afresh() -> None:
    visit = invited().answer(value=False).answer("Milk").back().back().answer(value=True)
    visit.back().answer(value=False)
    assert isinstance(visit.phase, Asking)
    assert ("missing", None) == (visit.phase.question, visit.phase.draft)


def test_skipping_an_answered_question_withdraws_the_answer() -> None:
    visit = invited().answer(value=False).answer("Milk").back().skip()
    assert [("missing", "Milk"), ("missing", "skipped")] == visit.told()[-2:]


def test_back_from_the_first_question_leads_to_the_follow_up() -> None:
    visit = shopper().rate(1).answer(ChoiceValue(("queue",))).reply(accepted=True).back()
    assert "better" == visit.question
    visit.answer(ChoiceValue(("queue", "price")))
    assert "found" == visit.question


def test_back_leads_nowhere_from_what_follows_the_rating() -> None:
    assert ["not_here"] == shopper().rate(0).back().ignored
    assert ["not_here"] == shopper().rate(2).back().ignored


def test_leaving_keeps_what_was_given() -> None:
    visit = invited().answer(value=True).leave()
    assert isinstance(visit.phase, Thanking)
    assert [("rating", 2), ("found", True), ("", "partial")] == visit.told()
    assert "nps" == ended(visit).question


def unsent(visit: Visitor) -> list[tuple[str, object]]:
    return [(b.question, b.value) for b in visit.stored if isinstance(b, AnswerBody) and b.unsent]


def test_options_that_were_only_ticked_are_kept_as_unsent_and_not_thanked_again() -> None:
    visit = shopper().rate(0).draft(ChoiceValue(("queue",))).pass_s(31)
    assert visit.is_idle()
    assert [("better", ChoiceValue(("queue",))), ("", "timed_out")] == visit.told()[1:]
    assert [("better", ChoiceValue(("queue",)))] == unsent(visit)
    assert 1 == len(visit.thanked)


def test_ticks_of_a_question_that_was_answered_before_leave_the_answer_as_it_was() -> None:
    visit = shopper().rate(0).answer(ChoiceValue(("queue",))).reply(accepted=True).answer(
        value=True
    )  # fmt: skip
    while visit.question != "better":
        visit.back()
    visit.draft(ChoiceValue(("queue", "prices"))).leave()
    assert [] == unsent(visit)
    assert [("better", ChoiceValue(("queue",)))] == [w for w in visit.told() if w[0] == "better"]


@pytest.mark.parametrize("how", ["walks away", "leaves", "is cut off"])
def test_typed_comment_is_an_answer_however_the_shopper_goes(how: str) -> None:
    visit = invited().answer(value=False).draft("Very rude  ")
    match how:
        case "walks away":
            visit.pass_s(30)
        case "leaves":
            visit.leave()
        case _:
            visit.switch_off()
    outcome = "timed_out" if how == "walks away" else "partial"
    assert [("missing", "Very rude"), ("", outcome)] == visit.told()[-2:]
    assert [] == unsent(visit)
    assert "missing" == ended(visit).question
    assert isinstance(visit.phase, Idle if how == "is cut off" else Thanking)


def test_own_words_make_an_answer_of_what_was_ticked_with_them() -> None:
    visit = shopper().rate(0).draft(ChoiceValue(("queue",), "half a sent")).pass_s(30)
    assert isinstance(visit.phase, Thanking)
    assert [("better", ChoiceValue(("queue",), "half a sent"))] == visit.told()[1:2]
    assert [] == unsent(visit)


def test_contact_details_that_were_not_sent_stay_private() -> None:
    visit = invited().answer(value=True).answer(5)
    visit.draft(ContactDetails(consent=True, email="ada@example.com")).leave()
    assert "ada" not in str(visit.stored)
    assert isinstance(visit.phase, Thanking)


def test_nothing_personal_is_stored_without_consent() -> None:
    visit = invited().answer(value=True).answer(5)
    with pytest.raises(IllegalEventError):
        visit.answer(ContactDetails(consent=False, email="ada@example.com"))
    visit.draft(ContactDetails(consent=False, email="ada@example.com")).pass_s(31)
    assert "ada" not in str(visit.stored)


@pytest.mark.parametrize("walk", ["better", "invitation", "found", "missing", "contact"])
def test_walking_away_is_noticed_warned_and_told(walk: str) -> None:
    visit = shopper().rate(0)
    limit = 12.0
    if walk != "better":
        visit.answer(ChoiceValue(("queue",)))
    if walk in ("found", "missing", "contact"):
        visit.reply(accepted=True)
        limit = 30.0
    if walk == "missing":
        visit.answer(value=False)
    if walk == "contact":
        visit.answer(value=True).answer(3)
    warning = min(10.0, limit / 2)
    assert not visit.pass_s(limit - warning - 0.1).phase.is_warned  # type: ignore[union-attr]
    assert visit.pass_s(0.2).phase.is_warned  # type: ignore[union-attr]
    assert not visit.pass_s(warning - 0.3).is_idle()
    # Thanked once more where something was said since the thanks for the rating.
    thanks = 0.0 if walk in ("better", "invitation") else 2.5
    assert visit.pass_s(0.3 + thanks).is_idle()
    assert "timed_out" == ended(visit).outcome
    assert (None if walk == "invitation" else walk) == ended(visit).question


def test_one_touch_anywhere_extends_the_time() -> None:
    visit = invited().pass_s(25)
    assert isinstance(visit.phase, Asking)
    assert visit.phase.is_warned
    visit.stir()
    assert not visit.phase.is_warned
    assert not visit.pass_s(19.9).phase.is_warned  # type: ignore[union-attr]
    assert visit.pass_s(13).is_idle()


def test_shopper_who_writes_below_the_thanks_has_the_time_of_a_question() -> None:
    visit = shopper().rate(0).draft(ChoiceValue((), "dus")).pass_s(19)
    assert not visit.phase.is_warned  # type: ignore[union-attr]


def test_language_may_change_on_the_way() -> None:
    visit = invited().choose("fi").answer(value=True)
    assert "fi" == visit.stored[-1].language
    visit.leave().pass_s(3)
    assert isinstance(visit.phase, Idle)
    assert "en" == visit.phase.language


def test_touch_that_was_meant_for_the_screen_before_is_not_taken() -> None:
    visit = invited()
    before = visit.state
    visit.pass_ms(-1000)
    visit.answer(value=True)
    assert ["too_early"] == visit.ignored
    assert before == visit.state


def test_touch_of_another_question_is_ignored() -> None:
    assert ["other_question"] == invited().answer(3, "nps").ignored


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("found", 1),
        ("nps", 11),
        ("nps", True),
        ("shelf", ChoiceValue(("top", "low"))),
        ("shelf", ChoiceValue((), "else")),
        ("better", ChoiceValue(())),
        ("better", ChoiceValue(("price", "queue"))),
        ("better", ChoiceValue(("gold",))),
        ("missing", ""),
        ("missing", "x" * 301),
        ("contact", ContactDetails(consent=False, name="Ada")),
    ],
)
def test_value_that_no_control_gives_is_illegal(question: str, value: Value) -> None:
    with pytest.raises(IllegalEventError, match="is no answer"):
        invited().answer(value, question)


def test_kiosk_may_leave_out_follow_up_and_invitation() -> None:
    assert isinstance(shopper(way=QuestionRoute(follow_up=False)).rate(0).phase, Inviting)
    plain = shopper(way=QuestionRoute(follow_up=False, invite=False)).rate(0)
    assert isinstance(plain.phase, Thanking)
    assert [("rating", 0), ("", "complete")] == plain.told()
    only = shopper(way=QuestionRoute(invite=False)).rate(0).answer(ChoiceValue(("queue",)))
    assert isinstance(only.phase, Thanking)


def test_follow_up_that_is_declined_frees_the_kiosk_at_once() -> None:
    visit = shopper(way=QuestionRoute(invite=False)).rate(0).skip()
    assert visit.is_idle()
    assert [("better", "skipped"), ("", "complete")] == visit.told()[1:]


# --- the disk -------------------------------------------------------------------------------


def test_slow_disk_holds_up_the_thanks_but_not_the_next_question() -> None:
    visit = shopper(slow=True).rate(2)
    assert isinstance(visit.phase, StoringRating)
    visit.commit().reply(accepted=True).answer(value=True)
    assert "nps" == visit.question
    visit.answer(7)
    assert "contact" == visit.question
    assert [("rating", 2)] == visit.told()
    visit.commit()
    assert [("rating", 2), ("found", True)] == visit.told()
    visit.commit()
    assert [("rating", 2), ("found", True), ("nps", 7)] == visit.told()


def test_end_is_thanked_only_when_everything_is_stored() -> None:
    visit = invited(slow=True).answer(value=True).answer(7).skip()
    assert isinstance(visit.phase, Finishing)
    visit.commit()
    assert isinstance(visit.phase, Finishing)
    visit.commit()
    assert isinstance(visit.phase, Thanking)
    assert [("nps", 7), ("contact", "skipped"), ("", "complete")] == visit.told()[2:]


def test_later_answer_never_overtakes_an_earlier_one_that_fails() -> None:
    visit = invited(slow=True).answer(value=True).answer(4).back().answer(9)
    visit.commit(works=False)
    assert isinstance(visit.phase, OutOfOrder)
    visit.pass_s(3).commit(works=False).pass_s(3).commit()
    assert visit.is_idle()
    assert [
        ("rating", 2),
        ("found", True),
        ("nps", 4),
        ("nps", 9),
        ("", "partial"),
    ] == visit.told()


def test_disk_that_hangs_in_the_middle_closes_the_kiosk_and_loses_nothing() -> None:
    visit = invited(slow=True).answer(value=True).answer(4)
    visit.pass_ms(PATIENCE_MS)
    assert isinstance(visit.phase, OutOfOrder)
    visit.commit().commit()
    assert visit.is_idle()
    assert [("found", True), ("nps", 4), ("", "partial")] == visit.told()[1:]


def test_next_shopper_may_rate_while_the_last_words_are_being_stored() -> None:
    visit = shopper(slow=True).rate(2).commit().reply(accepted=False).rate(0)
    assert isinstance(visit.phase, StoringRating)
    visit.commit()
    assert isinstance(visit.phase, StoringRating)
    visit.commit()
    assert [("rating", 2), ("", "partial"), ("rating", 0)] == visit.told()
    assert isinstance(visit.phase, Asking)


def test_kiosk_that_is_switched_off_ends_the_response_in_good_order() -> None:
    visit = invited().answer(value=True).switch_off()
    assert [("found", True), ("", "partial")] == visit.told()[1:]
    assert [("rating", 2), ("", "complete")] == shopper(
        way=QuestionRoute(follow_up=False, invite=False)
    ).rate(2).switch_off().told()


# --- whatever happens -----------------------------------------------------------------------

DEMONSTRATION = load_questionnaire("demonstration")
VALUES: dict[str, list[Value]] = {
    "better": [
        ChoiceValue(("queue",)),
        ChoiceValue((), "light"),
        ChoiceValue(("service", "prices")),
    ],
    "liked": [ChoiceValue(("service",)), ChoiceValue(("quality",), "all")],
    "found": [True, False],
    "missing": ["milk", "bread"],
    "staff": [1, 5],
    "range": [1, 7],
    "effort": [1, 7],
    "checkout": [ChoiceValue(("app",)), ChoiceValue((), "barter")],
    "crowded": [1, 5],
    "atmosphere": [0, 4],
    "music": [0, 3],
    "recommend": [0, 10],
    "comment": ["nice"],
    "contact": [ContactDetails(consent=False), ContactDetails(consent=True, phone="12345")],
}
ACTIONS = st.one_of(
    st.tuples(st.just("rate"), st.integers(0, 2)),
    st.tuples(st.just("answer"), st.integers(0, 2)),
    st.tuples(st.just("answer"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["skip", "back", "accept"]), st.just(0)),
    st.tuples(st.sampled_from(["leave", "decline", "stir", "fi"]), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from([100, 3000, 14_000, 40_000])),
    st.tuples(st.just("commit"), st.sampled_from([0, 1, 1, 1])),
)


def act(visit: Visitor, action: str, number: int) -> None:
    match action:
        case "rate":
            visit.rate(number)
        case "answer" | "skip" if isinstance(visit.phase, Asking):
            values = VALUES[visit.question]
            visit.skip() if action == "skip" else visit.answer(values[number % len(values)])
        case "back":
            visit.back()
        case "leave":
            visit.leave()
        case "accept" | "decline":
            visit.reply(accepted=action == "accept")
        case "stir":
            visit.stir()
        case "fi":
            visit.choose("fi")
        case "wait":
            visit.pass_ms(number)
        case "commit":
            visit.commit(works=bool(number))


@settings(max_examples=120, deadline=None)
@given(st.lists(ACTIONS, max_size=80), st.booleans())
def test_whatever_happens_every_response_ends_once_and_every_thanked_one_is_stored(
    actions: list[tuple[str, int]], slow: bool
) -> None:
    visit = Visitor(rules(DEMONSTRATION), slow=slow)
    for action, number in actions:
        act(visit, action, number)
        stored = {body.response for body in visit.stored}
        assert set(visit.thanked) <= stored

    for _ in range(40):
        visit.commit()
        visit.pass_ms(max(0, (deadline(visit.state, visit.rules) or 0) - visit.now))
        if visit.is_idle() and visit.under_way is None:
            break
    assert visit.is_idle()
    for response in {body.response for body in visit.stored}:
        words = [body for body in visit.stored if body.response == response]
        assert ["EndBody"] == [type(w).__name__ for w in words if isinstance(w, EndBody)]
        assert isinstance(words[-1], EndBody)
        last = dict(word(w) for w in words if not isinstance(w, EndBody))
        counted = {q: v for q, v in last.items() if v != "skipped"}
        on_the_way = {q.id for q in reachable_questions(visit.rules.questions, counted)}  # type: ignore[arg-type]
        assert counted.keys() <= on_the_way


def ended(visit: Visitor) -> EndBody:
    (end,) = (body for body in visit.stored if isinstance(body, EndBody))
    return end


def test_answers_tell_how_long_their_question_was_there() -> None:
    visit = invited().pass_s(4).answer(value=True)
    answer = visit.stored[-1]
    assert isinstance(answer, AnswerBody)
    assert 4900 == answer.took_ms


SAD, EMPTY_HANDED = Condition("rating", (0,)), Condition("found", (False,))


@pytest.mark.parametrize(
    ("rating", "found", "asked"),
    [
        (0, False, ["rating", "found", "each", "one", "mixed"]),
        (0, True, ["rating", "found", "one"]),
        (2, False, ["rating", "found", "one", "mixed"]),
        (2, True, ["rating", "found"]),
        (0, None, ["rating", "found", "one"]),
    ],
)
def test_each_of_all_and_one_of_any_must_hold(
    rating: int, found: bool | None, asked: list[str]
) -> None:
    questions = (
        Smiley(id="rating", text=text("How?")),
        YesNo(id="found", text=text("Found?")),
        YesNo(id="each", text=text("Both?"), show_if_all=(SAD, EMPTY_HANDED)),
        YesNo(id="one", text=text("Either?"), show_if_any=(SAD, EMPTY_HANDED)),
        YesNo(
            id="mixed",
            text=text("And?"),
            show_if=EMPTY_HANDED,
            show_if_any=(SAD, Condition("rating", (2,))),
        ),
    )
    reached = reachable_questions(questions, {"rating": rating, "found": found})
    assert asked == [question.id for question in reached]


def test_what_only_certain_ratings_lead_to_stands_below_the_thanks() -> None:
    questions = (
        Smiley(id="rating", text=text("How?")),
        YesNo(id="a", text=text("?"), show_if_any=(SAD, Condition("rating", (1,)))),
        YesNo(id="b", text=text("?"), show_if_all=(SAD, Condition("a", (True,)))),
        YesNo(id="c", text=text("?"), show_if_any=(SAD, Condition("a", (True,)))),
        YesNo(id="d", text=text("?"), show_if=SAD),
    )
    form = Questionnaire(id="f", title="F", languages=("en", "fi"), questions=questions)
    assert ["a", "b"] == [question.id for question in follow_ups(form)]
