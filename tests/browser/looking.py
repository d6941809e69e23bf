"""What axe says of a page: WCAG 2.1, levels A and AA."""
from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

TAGS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


def violations(page: Any, part: str | None = None, settled: int = 0) -> dict[str, str]:
    """What is wrong with the page as a person sees it.

    The words of a page can be found before its styles have come, and without them a link has no line below it:
    so axe looks when the page has loaded.

    :param part: a selector of the part that is looked at; without it, the whole page
    :param settled: how long the page is left alone before, in milliseconds
    :return: HTML of the first element concerned, by the rule of axe that it breaks
    """
    page.wait_for_load_state()
    page.wait_for_timeout(settled)
    found = Axe().run(page, context=part, options=TAGS).response["violations"]
    return {each["id"]: each["nodes"][0]["html"] for each in found}


def violations_at(page: Any, path: str) -> dict[str, str]:
    """What is wrong with the page of an address; see `violations`."""
    page.goto(path)
    return violations(page, settled=300)
