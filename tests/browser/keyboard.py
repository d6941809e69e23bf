"""What somebody does who has no mouse."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import PASSWORD

MOST_STOPS = 250
CALLED = """() => {
  const here = document.activeElement;
  const words = here.getAttribute('aria-label') || (here.matches('select') ? '' : here.innerText) || '';
  return words.replace(/\\s+/g, ' ').trim();
}"""


def called(page: Any) -> str:
    """What the control with the focus is called by."""
    return str(page.evaluate(CALLED))


def tab_to(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on a control.

    :param wanted: its id, or words that it is called by
    """
    for _times in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted or wanted in called(page):
            return
    pytest.fail(f"Tab never comes to {wanted!r}")


def press(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on a link or button, and Enter there."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def log_in_by_keyboard(page: Any, name: str) -> None:
    """Fill in CKAN's form as an account of the demo or the small portal."""
    page.goto("/user/login")
    tab_to(page, "field-login")
    page.keyboard.type(name)
    tab_to(page, "field-password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/**")
