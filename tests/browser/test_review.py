"""The review page in a browser: by eye, by keyboard, and in a narrow window."""
from __future__ import annotations

from typing import Any

import pytest
from browser.looking import violations
from support.editing import act, changed, current_document, with_field

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]


def test_the_review_by_keyboard_and_in_a_narrow_window(page: Any, log_in: Any, picture: Any) -> None:
    draft = act("schema_draft_create")
    document = changed(current_document(), "department", expectation="required")
    act("schema_draft_update", revision=draft["revision"], document=with_field(document, field_name="reading_level"))
    log_in("portal_admin")
    page.goto("/metadata-schema/review")
    concerned = page.locator(".csw-impact", has_text="Department")
    assert "affected" in concerned.inner_text()
    assert page.get_by_role("button", name="Stop counting").is_hidden()
    concerned.locator("summary", has_text="by organization").focus()
    page.keyboard.press("Enter")
    assert concerned.locator("details[open] li").first.is_visible()
    picture("records-concerned", concerned)
    assert violations(page) == {}
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == {}
