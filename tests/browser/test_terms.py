"""A curator's work on vocabularies by keyboard alone, and its pages by axe and in a narrow window."""
from __future__ import annotations

from typing import Any

import pytest
from browser.looking import violations_at

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]

DRAFT = "/metadata-schema/draft"
THEME = f"{DRAFT}/vocabularies/theme"


def press(page: Any, locator: Any, key: str = "Enter") -> None:
    """Reach a control as a keyboard does, and press a key there; the page that comes is waited for."""
    locator.focus()
    with page.expect_navigation():
        page.keyboard.press(key)


def choose(page: Any, selector: str, label: str) -> None:
    page.focus(selector)
    page.keyboard.type(label)


def test_a_curator_works_by_keyboard(page: Any, log_in: Any, picture: Any) -> None:
    log_in("portal_admin")
    page.goto(DRAFT)
    press(page, page.locator(f"form[action$='{DRAFT}/start'] button"))

    page.goto(f"{THEME}/list")
    page.focus("#pasted")
    page.keyboard.insert_text("Technology\nLibraries\nWifi\n")
    press(page, page.get_by_role("button", name="Preview list"))
    assert "2 terms added" in page.inner_text(".csw-take-sum")
    picture("paste-a-list", page.locator(".csw-draft"))
    press(page, page.get_by_role("button", name="Add list to draft"))
    assert page.locator(".csw-term-name").last.inner_text() == "Wifi"

    page.goto(f"{THEME}?term=libraries")
    choose(page, "#replaced_by", "Tech")
    picture("a-term", page.locator(".csw-term-open"), 900)
    press(page, page.get_by_role("button", name="Retire term"))
    assert "use “Technology” instead" in page.inner_text(".csw-term-open")

    page.goto(f"{THEME}?term=wifi")
    choose(page, "#into", "Tech")
    press(page, page.get_by_role("button", name="Merge", exact=True))
    assert "merged into “Technology”" in page.inner_text(".csw-term-open")
    press(page, page.locator("[data-term=wifi] .csw-term-name"), "Alt+ArrowUp")
    assert page.locator(".csw-term-name").nth(-2).inner_text() == "Wifi"
    assert page.evaluate("document.activeElement.textContent") == "Wifi", "the keyboard goes on from the moved term"

    page.goto(f"{DRAFT}/crosswalk")
    cell = page.get_by_label("Theme in MODS 3.8")
    cell.focus()
    page.keyboard.type("subject/topic")
    page.keyboard.press("Tab")
    page.locator("#about-theme-mods", has_text="a topic").wait_for()
    page.reload()
    assert page.get_by_label("Theme in MODS 3.8").input_value() == "subject/topic"

    paths = [f"{DRAFT}/vocabularies", f"{THEME}?term=health", f"{THEME}/list", f"{DRAFT}/crosswalk",
             f"{DRAFT}/partner-types?type=museum", f"{DRAFT}/translations?language=es"]
    found, widths = {path: violations_at(page, path) for path in paths}, {}
    page.set_viewport_size({"width": 320, "height": 900})
    for path in paths:
        page.goto(path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: ids for path, ids in found.items() if ids} == {}
    assert {path: width for path, width in widths.items() if width > 320} == {}
