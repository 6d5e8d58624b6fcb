"""A finger on a face becomes a number at the head office, whatever happens in between."""

import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg
import pytest
from browser import LivePage
from faults.proxy import Fault, FaultyLine
from journey import HAPPY, NEUTRAL, PLACE, SAD, Finger, HeadOffice, Kiosk
from processes import wait_until
from touch_panel import TouchPanel

HAPPY_VALUE, NEUTRAL_VALUE, SAD_VALUE = 2, 1, 0
# What is offered below the thanks stays long enough for a second touch to fall on it.
UNHURRIED = "[timing]\ninvitation = 2\n[misuse]\nenabled = false\n"

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NewHeadOffice = Callable[..., HeadOffice]
NewKiosk = Callable[..., Kiosk]
Look = Callable[[HeadOffice], LivePage]


def test_a_tap_is_counted_on_the_live_page_within_two_seconds(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    kiosk = new_kiosk(head_office)
    page = look(head_office)
    finger = stack.enter_context(Finger(kiosk))

    finger.answer(HAPPY)
    page.wait_for_count(PLACE, HAPPY_VALUE, 1, seconds=2)
    finger.answer(SAD)
    page.wait_for_count(PLACE, SAD_VALUE, 1, seconds=2)

    assert {SAD_VALUE: 1, NEUTRAL_VALUE: 0, HAPPY_VALUE: 1} == page.counts(PLACE)
    assert page.troubles == []


def test_a_tap_is_counted_by_a_head_office_on_postgresql(
    postgres_url: str,
    new_head_office: NewHeadOffice,
    new_kiosk: NewKiosk,
    look: Look,
    stack: ExitStack,
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE hymio_e2e")
    try:
        url = urlsplit(postgres_url)._replace(path="/hymio_e2e").geturl()
        office = new_head_office(url)
        kiosk = new_kiosk(office)
        page = look(office)

        stack.enter_context(Finger(kiosk)).answer(NEUTRAL)
        page.wait_for_count(PLACE, NEUTRAL_VALUE, 1)

        assert not (office.data / "headoffice.sqlite3").exists()
    finally:
        stack.close()
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("DROP DATABASE hymio_e2e WITH (FORCE)")


def test_fifty_answers_given_while_the_head_office_was_down_count_once_each(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    kiosk = new_kiosk(head_office)
    finger = stack.enter_context(Finger(kiosk))
    head_office.stop()

    for turn in range(50):
        finger.answer((SAD, NEUTRAL, HAPPY, HAPPY, HAPPY)[turn % 5])
    assert 50 == len({e["response"] for e in kiosk.trace.all("stored", question="rating")})

    head_office.start()
    page = look(head_office)
    page.wait_for_count(PLACE, HAPPY_VALUE, 30, seconds=60)
    everything_is_delivered(kiosk)
    assert {SAD_VALUE: 10, NEUTRAL_VALUE: 10, HAPPY_VALUE: 30} == page.counts(PLACE)


def test_an_answer_counts_once_when_the_kiosk_is_killed_while_it_thanks(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look
) -> None:
    kiosk = new_kiosk(head_office)
    head_office.stop()
    with Finger(kiosk) as finger:
        finger.answer(HAPPY)
        kiosk.kill()

    head_office.start()
    kiosk.start()
    page = look(head_office)
    page.wait_for_count(PLACE, HAPPY_VALUE, 1, seconds=30)
    everything_is_delivered(kiosk)
    assert {SAD_VALUE: 0, NEUTRAL_VALUE: 0, HAPPY_VALUE: 1} == page.counts(PLACE)


def test_an_answer_counts_once_when_the_head_office_is_killed_before_its_reply_leaves(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    batches: list[int] = []

    def fault(path: str) -> Fault:
        is_first = path.endswith("/batches") and not batches
        return Fault.CUT_AFTER_REQUEST if is_first else Fault.NONE

    def heard(path: str, status: int) -> None:
        if path.endswith("/batches"):
            batches.append(status)
            if len(batches) == 1:
                head_office.kill()

    line = stack.enter_context(FaultyLine(("127.0.0.1", head_office.port), fault))
    line.heard = heard
    kiosk = new_kiosk(head_office, url=line.url)
    finger = stack.enter_context(Finger(kiosk))

    finger.answer(SAD)
    wait_until(
        lambda: not head_office.is_running(), "the head office to be killed", seconds=30,
        watched=(kiosk,),
    )  # fmt: skip
    head_office.start()

    wait_until(
        lambda: len(batches) > 1, "the batch to be repeated", seconds=60,
        watched=(kiosk, head_office),
    )  # fmt: skip
    assert [200, 200] == batches[:2]
    assert 1 == line.met[Fault.CUT_AFTER_REQUEST]
    page = look(head_office)
    page.wait_for_count(PLACE, SAD_VALUE, 1)
    everything_is_delivered(kiosk)
    assert {SAD_VALUE: 1, NEUTRAL_VALUE: 0, HAPPY_VALUE: 0} == page.counts(PLACE)


def test_a_head_office_restored_from_an_earlier_copy_gets_again_what_it_lost(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    kiosk = new_kiosk(head_office)
    finger = stack.enter_context(Finger(kiosk))
    for _ in range(3):
        finger.answer(HAPPY)
    everything_is_delivered(kiosk)
    database = head_office.data / "headoffice.sqlite3"
    copy = head_office.data / "earlier.sqlite3"
    with (
        contextlib.closing(sqlite3.connect(database)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    for _ in range(4):
        finger.answer(SAD)
    everything_is_delivered(kiosk)

    head_office.stop()
    for leftover in head_office.data.glob("headoffice.sqlite3-*"):
        leftover.unlink()
    copy.replace(database)
    head_office.start()

    page = look(head_office)
    page.wait_for_count(PLACE, SAD_VALUE, 4, seconds=60)
    finger.answer(NEUTRAL)
    page.wait_for_count(PLACE, NEUTRAL_VALUE, 1)
    everything_is_delivered(kiosk)
    assert {SAD_VALUE: 4, NEUTRAL_VALUE: 1, HAPPY_VALUE: 3} == page.counts(PLACE)


def test_two_fingers_on_two_faces_give_one_answer(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    panel = TouchPanel(1280, 800)
    stack.callback(panel.close)
    kiosk = new_kiosk(head_office, settings=f'{UNHURRIED}[screen]\ntouch = "{panel.setting}"\n')
    targets = kiosk.trace.all("shown")[-1]["targets"]

    panel.press({1: middle(targets[HAPPY]), 2: middle(targets[SAD])})
    panel.release()

    kiosk.trace.wait("shown", screen="thanks")
    page = look(head_office)
    one_answer_is_counted(page, kiosk)


def test_two_quick_clicks_on_two_faces_give_one_answer(
    head_office: HeadOffice, new_kiosk: NewKiosk, look: Look, stack: ExitStack
) -> None:
    kiosk = new_kiosk(head_office, settings=UNHURRIED)
    finger = stack.enter_context(Finger(kiosk))
    targets = kiosk.trace.all("shown")[-1]["targets"]

    finger.point_at(SAD, targets)
    finger.tap()
    finger.point_at(HAPPY, targets)
    finger.tap()

    kiosk.trace.wait("shown", screen="thanks")
    page = look(head_office)
    page.wait_for_count(PLACE, SAD_VALUE, 1)
    one_answer_is_counted(page, kiosk)


def middle(target: list[float]) -> tuple[float, float]:
    x, y, width, height = target
    return x + width / 2, y + height / 2


def everything_is_delivered(kiosk: Kiosk) -> None:
    wait_until(
        lambda: kiosk.status()["waiting"] == 0, "the outbox to be empty", seconds=60,
        watched=(kiosk,),
    )  # fmt: skip


def one_answer_is_counted(page: LivePage, kiosk: Kiosk) -> None:
    wait_until(
        lambda: kiosk.trace.all("shown")[-1]["screen"] == "rating", "the next question",
        seconds=10, watched=(kiosk,),
    )  # fmt: skip
    everything_is_delivered(kiosk)
    assert 1 == len(kiosk.trace.all("stored", question="rating"))
    wait_until(lambda: sum(page.counts(PLACE).values()) == 1, "one answer on the page", seconds=5)
