"""Somebody who is no programmer writes a questionnaire in two languages from nothing."""

import pytest
from office import ServedOffice
from playwright.sync_api import Page, expect
from test_pages_results import browser, log_in, page, planted, violations

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
__all__ = ["browser", "page", "planted"]


def saved(page: Page) -> None:
    """Wait until the head office has what was typed."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator("#kept")).to_have_text("Saved")


def write(page: Page, **texts: str) -> None:
    for name, text in texts.items():
        path, _dot, language = name.rpartition("_")
        page.locator(f'[name="{path}.{language}"]').fill(text)


def test_a_questionnaire_is_written_from_nothing_and_published(
    page: Page, planted: ServedOffice
) -> None:
    log_in(page, "admin", planted.password)
    page.goto("/questionnaires/")
    page.get_by_role("link", name="New questionnaire").click()
    page.get_by_label("Title").fill("Winter")
    page.get_by_role("checkbox", name="suomi").check()
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Ready to be published").wait_for()

    # A follow-up after the two worse faces.
    page.get_by_role("checkbox", name="Sad").check()
    page.get_by_role("checkbox", name="Neutral").check()
    page.get_by_role("button", name="Several choices").click()
    write(page, text_en="What was wrong?", text_fi="Mikä oli vikana?")
    write(page, **{"options[0].text_en": "Queue", "options[1].text_en": "Prices"})
    write(page, **{"options[0].text_fi": "Jono", "options[1].text_fi": "Hinnat"})
    saved(page)
    page.get_by_role("button", name="Add a choice").click()
    expect(page.locator('[name="options[2].text.en"]')).to_be_focused()
    page.keyboard.type("Music")
    page.keyboard.press("Tab")
    page.keyboard.type("Musiikki")
    saved(page)
    expect(page.locator("#todo")).to_contain_text("Ready to be published")

    # Asked of those who named the queue, or were in the middle.
    page.get_by_text("Add a question").click()
    page.get_by_role("button", name="Own words").click()
    write(page, text_en="When was that?", text_fi="Milloin?")
    page.get_by_role("button", name="Ask only after certain answers").click()
    page.get_by_label("After the question").select_option("2. What was wrong?")
    page.get_by_role("checkbox", name="Queue").check()
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_label("After the question").nth(1).select_option(index=1)
    page.get_by_role("group", name="Condition 2").get_by_role("checkbox", name="Neutral").check()
    page.get_by_label("Asked if").select_option("one of these holds")
    saved(page)
    assert [] == violations(page)

    # By keys, and by dragging: in both orders the mistake is said and gone.
    up = page.get_by_role("button", name="Move question 3 up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#question .wrong:not(:empty)")).to_contain_text("asked earlier")
    grip = page.locator("[data-grip]").nth(1).bounding_box()
    first = page.locator(".question-row").nth(1).bounding_box()
    assert grip is not None and first is not None  # noqa: PT018 - both are on the screen
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, first["y"] + 2, steps=4)
    page.mouse.up()
    expect(page.locator("#todo")).to_contain_text("Ready to be published")

    page.locator('[name="text.fi"]').fill("")
    expect(page.locator("#mark-text-fi")).to_have_text("Still missing: suomi")
    page.get_by_role("link", name="Publish").click()
    page.get_by_text("Not everything is ready yet").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Winter is published.").wait_for()
    assert "when_was_that" in page.locator("#main").inner_text()
    assert [] == violations(page)


def test_what_was_typed_last_is_kept_when_somebody_goes_elsewhere(
    page: Page, planted: ServedOffice
) -> None:
    log_in(page, "admin", planted.password)
    page.goto("/questionnaires/drafts/1?question=comment")
    page.locator('[name="text.en"]').press_sequentially("!!!", delay=5)
    page.get_by_role("link", name="3. Several choices").click()
    page.get_by_role("heading", name="3. Several choices").wait_for()
    page.locator(".current").get_by_role("link", name="3. Several choices").wait_for()
    page.goto("/questionnaires/drafts/1?question=comment")
    assert "!!!" in page.locator('[name="text.en"]').input_value()
