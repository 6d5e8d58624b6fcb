"""How a person in a browser chooses places, and how many clicks a job takes them."""

from playwright.sync_api import Page


def choose_places(page: Page, *keys: str) -> None:
    """Open the tree and choose: no key is all places, one its name, several their ticks."""
    page.locator("[data-chooser]").click()
    tree = page.locator("#chooser")
    tree.locator(".choices").first.wait_for()
    if not keys:
        tree.locator("[data-do=all]").click()
        return
    for key in keys:
        wanted = tree.locator(f"[type=checkbox][value='{key}']")
        while not wanted.count():
            # Groups are opened from the top until it is seen.
            tree.locator("[aria-expanded=false]").first.click()
        if len(keys) == 1:
            tree.locator(f"[data-only='{key}']").click()
            return
        wanted.check()
    tree.locator("[data-do=show]").click()
