"""Feeds of addresses that XML can't repeat."""
from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.mark.parametrize("query", ["q=%00", "q=a%01b", "a%02=b", "q=x&page=1%0B", "q=%EF%BF%BF"])
def test_control_characters_are_refused_in_words(app: Any, query: str) -> None:
    answer = app.get(f"/feeds/custom.atom?{query}")
    assert answer.status_code == 400 and "We can’t read this address" in answer.body


def test_other_addresses_are_answered(app: Any) -> None:
    answer = app.get("/feeds/custom.atom?q=caf%C3%A9%09%F0%9F%90%9F")
    assert answer.status_code == 200 and "<feed" in answer.body
