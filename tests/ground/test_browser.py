"""A browser reaches a real portal that runs on the tests' services."""
from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.browser
@pytest.mark.usefixtures("clean_portal")
def test_the_home_page_opens_without_errors_in_the_console(page: Any) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto("/")
    assert answer.status == 200
    assert page.locator("h1, h2").count() > 0
    assert errors == []
