"""What somebody does who has no mouse."""
from __future__ import annotations

from typing import Any

import pytest

MOST_STOPS = 250
# Its id, and what it is called by.
HERE = """() => {
  const here = document.activeElement;
  const called = here.getAttribute('aria-label') || (here.matches('select') ? '' : here.innerText) || '';
  return [here.id, called.replace(/\\s+/g, ' ').trim()];
}"""


def tab_to(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on a control.

    :param wanted: its id, or words that it is called by
    """
    for _times in range(MOST_STOPS):
        page.keyboard.press("Tab")
        element_id, called = page.evaluate(HERE)
        if wanted == element_id or wanted in called:
            return
    pytest.fail(f"Tab never comes to {wanted!r}")


def press(page: Any, wanted: str) -> None:
    """Press Tab until the focus is on a link or button, and Enter there."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")
