"""From an empty page at the head office to an answer on a kiosk's screen, and back in one click."""

from collections.abc import Callable

import pytest
from browser import LivePage
from journey import HAPPY, PLACE, SAD, Finger, HeadOffice, Kiosk
from playwright.sync_api import Page, expect
from processes import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WITHIN_S = 60


def write_questionnaire(page: Page, title: str) -> None:
    """A rating in two languages, a follow-up after the worst face, and a text behind that."""
    page.get_by_role("link", name="New questionnaire").click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("checkbox", name="suomi").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Ready to be published").wait_for()
    page.get_by_role("checkbox", name="Sad").check()
    page.get_by_role("button", name="Several choices").click()
    for name, text in {
        "text.en": "What was wrong?", "text.fi": "Mikä oli vikana?",
        "options[0].text.en": "Queue", "options[0].text.fi": "Jono",
        "options[1].text.en": "Prices", "options[1].text.fi": "Hinnat",
    }.items():  # fmt: skip
        page.locator(f'[name="{name}"]').fill(text)
    expect(page.locator("#todo")).to_contain_text("Ready to be published")
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text(f"{title} is published.").wait_for()


def roll_out(page: Page, url: str, title: str) -> None:
    """Ask the questionnaire of this title at the kiosk's place from now on."""
    page.goto(f"{url}/kiosks/")
    page.get_by_role("link", name=PLACE).first.click()
    page.get_by_role("link", name="Settings").click()
    choice = page.locator("#schedule-0")
    value = choice.locator("option", has_text=title).get_attribute("value")
    assert value
    choice.select_option(value)
    page.get_by_role("button", name="Look at what this changes").click()
    page.get_by_text("1 kiosk is told something else").wait_for()
    page.get_by_label("Name", exact=True).fill(f"{title} begins")
    page.get_by_role("button", name="Roll out").click()


def wait_for_state(page: Page, state: str) -> None:
    """Look at the page of the roll-out again until it says so."""

    def look() -> bool:
        page.reload()
        return page.locator(".headline .pill").inner_text() == state

    wait_until(lambda: look() or None, f"the roll-out to be {state}", seconds=WITHIN_S)


def asks(kiosk: Kiosk, face: str, question: str | None) -> None:
    """Tap a face, and see which question comes below the thanks."""
    mark = kiosk.trace.mark()
    with Finger(kiosk) as finger:
        finger.answer(face)
    if question is not None:
        kiosk.trace.wait("shown", since=mark, question=question, seconds=WITHIN_S)


def test_a_questionnaire_is_written_rolled_out_answered_read_and_taken_back(
    head_office: HeadOffice,
    new_kiosk: Callable[..., Kiosk],
    look: Callable[[HeadOffice], LivePage],
) -> None:
    kiosk = new_kiosk(head_office)
    live = look(head_office)
    asks(kiosk, SAD, "better")
    page = live.page.context.new_page()
    page.goto(f"{head_office.url}/questionnaires/")
    write_questionnaire(page, "Winter")

    mark = kiosk.trace.mark()
    roll_out(page, head_office.url, "Winter")
    kiosk.trace.wait("first_frame", since=mark, seconds=WITHIN_S)
    kiosk.trace.wait("shown", since=mark, screen="rating", seconds=WITHIN_S)
    asks(kiosk, SAD, "what_was_wrong")
    wait_for_state(page, "Done")
    live.wait_for_count(PLACE, 0, 2, seconds=WITHIN_S)

    mark = kiosk.trace.mark()
    page.get_by_role("button", name="Take back").click()
    wait_for_state(page, "Taken back")
    kiosk.trace.wait("first_frame", since=mark, seconds=WITHIN_S)
    kiosk.trace.wait("shown", since=mark, screen="rating", seconds=WITHIN_S)
    asks(kiosk, SAD, "better")
    asks(kiosk, HAPPY, None)
    live.wait_for_count(PLACE, 0, 3, seconds=WITHIN_S)
    live.wait_for_count(PLACE, 2, 1, seconds=WITHIN_S)
    assert [] == live.troubles
