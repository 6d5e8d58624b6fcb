"""Every case of what to do after an attempt."""

import pytest

from sync.messages import FieldError, Problem
from sync.outcome import (
    Interruption,
    NetworkFailure,
    NotAReceipt,
    QuestionnaireStored,
    Rejection,
    SendOutcome,
)
from sync.policy import (
    CAP_S,
    LONGEST_RETRY_AFTER_S,
    Halve,
    Isolate,
    Pause,
    Stop,
    SyncDecision,
    Wait,
    back_off_s,
    decide,
    retry_after_s,
)

DATE = "Sat, 14 Jun 2025 12:00:00 GMT"
TWO_MINUTES_LATER = "Sat, 14 Jun 2025 12:02:00 GMT"


def decided(outcome: SendOutcome, attempts: int = 0, messages: int = 10) -> SyncDecision:
    return decide(outcome, attempts=attempts, messages=messages, now_s=0, random=lambda: 0.5)


@pytest.mark.parametrize(
    ("outcome", "messages", "expected"),
    [
        (Rejection(401), 10, Pause),
        (Rejection(403), 1, Pause),
        (Rejection(413), 10, Halve),
        (Rejection(413), 1, Isolate),
        (Rejection(422), 10, Halve),
        (Rejection(400), 1, Isolate),
        (Rejection(422), 0, Wait),
        (Rejection(404), 1, Wait),
        (Rejection(407), 10, Wait),
        (Rejection(415), 1, Wait),
        (Rejection(429), 1, Wait),
        (Rejection(500), 10, Wait),
        (Rejection(502), 1, Wait),
        (NetworkFailure("name", ""), 10, Wait),
        (NotAReceipt("not_json", "<html>"), 10, Wait),
        (QuestionnaireStored(), 10, Wait),
        (Interruption(), 10, Stop),
    ],
)
def test_each_outcome_has_its_decision(
    outcome: SendOutcome, messages: int, expected: type[SyncDecision]
) -> None:
    assert expected is type(decided(outcome, messages=messages))


def problem(word: str, status: int, *paths: str) -> Rejection:
    errors = tuple(FieldError(path, "wrong") for path in paths)
    return Rejection(status, Problem(f"urn:hymio:problem:{word}", "No", status, errors=errors))


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (problem("protocol", 400), Pause),
        (problem("not_found", 404), Pause),
        (problem("method", 405), Pause),
        (problem("unsupported_media", 415), Pause),
        (problem("invalid", 422, "$.sent"), Pause),
        (problem("invalid", 422, "$"), Pause),
        (problem("invalid", 422, "$.messages[3].seq"), Halve),
        (problem("invalid", 422), Halve),
        (problem("malformed", 400), Halve),
        (problem("too_large", 413), Halve),
        (problem("unavailable", 503), Wait),
        (problem("throttled", 429), Wait),
        (Rejection(400, Problem("about:blank", "Blocked by the firewall", 400)), Halve),
    ],
)
def test_only_a_fault_that_a_message_can_have_is_looked_for_among_the_messages(
    outcome: SendOutcome, expected: type[SyncDecision]
) -> None:
    assert expected is type(decided(outcome))


@pytest.mark.parametrize(("kind", "smaller"), [("timeout", True), ("cut", True), ("tls", False)])
def test_a_slow_or_cut_line_gets_smaller_batches(kind: str, smaller: bool) -> None:
    decision = decided(NetworkFailure(kind, ""))  # type: ignore[arg-type]
    assert isinstance(decision, Wait)
    assert smaller is decision.smaller


def test_back_off_doubles_to_the_cap_and_is_never_given_up() -> None:
    waits = [back_off_s(n, lambda: 1.0) for n in (0, 1, 2, 3)]
    assert [2, 4, 8, 16] == waits
    assert CAP_S == back_off_s(10**9, lambda: 1.0)
    assert 0 == back_off_s(5, lambda: 0.0)


@pytest.mark.parametrize(
    ("text", "date", "seconds"),
    [
        ("120", None, 120),
        (TWO_MINUTES_LATER, DATE, 120),
        (DATE, TWO_MINUTES_LATER, 0),
        ("9" * 5000, None, LONGEST_RETRY_AFTER_S),
        ("-5", None, 0),
        ("soon", None, 0),
        ("", DATE, 0),
        (TWO_MINUTES_LATER, "rubbish", LONGEST_RETRY_AFTER_S),
    ],
)
def test_retry_after_in_both_forms(text: str, date: str | None, seconds: float) -> None:
    assert seconds == retry_after_s(text, date, now_s=0)


def test_retry_after_is_honoured() -> None:
    decision = decided(Rejection(503, retry_after="90"))
    assert isinstance(decision, Wait)
    assert 90 <= decision.seconds <= 99


def test_staff_read_what_the_head_office_says() -> None:
    decision = decided(Rejection(500, Problem("urn:x", "Out of space", 500)))
    assert isinstance(decision, Wait)
    assert "Out of space" in decision.reason
