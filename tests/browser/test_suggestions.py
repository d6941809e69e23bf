"""A publisher suggests, a curator answers; after a publish the form says once what changed."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import account, enter
from browser.looking import violations
from support.editing import act, call, changed, current_document, publish, with_field

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]


def check(page: Any, *stock: str) -> None:
    """Neither axe nor a narrow window finds anything."""
    found = violations(page, settled=200)
    assert {rule: html for rule, html in found.items() if rule not in stock} == {}, page.url
    page.set_viewport_size({"width": 320, "height": 800})
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 1280, "height": 900})


def log_in(page: Any, name: str) -> None:
    page.context.clear_cookies()
    enter(page, name)
    # CKAN leads to the datasets; what is new stands here.
    page.goto("/dashboard/")


def press(page: Any, role: str, name: str, inside: str = "body") -> None:
    """Press a link or button by keyboard alone."""
    found = page.locator(inside).get_by_role(role, name=name).first
    found.focus()
    assert found.evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")


def test_from_a_wish_at_a_field_to_the_line_above_the_form(page: Any, picture: Any) -> None:
    account("metadata_curator")
    call("organization_member_create", id="university-library", username="metadata_curator", role="admin")

    log_in(page, "library_editor")
    page.goto("/metadata-schema")
    press(page, "link", "Suggest a change", "#dataset-field-department")
    page.wait_for_url("**/suggestions/new**")
    assert page.get_by_role("heading", level=1).inner_text() == "Suggest a change to “Department”"
    check(page)
    page.get_by_label("Your suggestion and the reason").fill("We need terms for the shelf marks <E> and <J>")
    picture("suggest-a-change", page.locator(".csw-versions"))
    press(page, "button", "Send to curators")
    page.wait_for_url("**/suggestions")
    assert page.get_by_text("waiting for an answer").is_visible()
    check(page)

    log_in(page, "metadata_curator")
    assert page.get_by_text("suggested a change to the shared schema").is_visible()
    page.goto("/metadata-schema/suggestions")
    check(page)
    press(page, "link", "Answer", ".csw-version-list")
    page.wait_for_url("**/suggestions/*-*")
    assert page.get_by_text("We need terms for the shelf marks <E> and <J>").is_visible()
    picture("answer-a-suggestion", page.locator(".csw-versions"))
    press(page, "button", "Decline")
    page.wait_for_selector("[role=alert]")
    check(page)
    page.get_by_label("Reply to the sender").fill("Put them under Tags for now")
    press(page, "button", "Decline")
    page.wait_for_url("**/suggestions")
    assert page.get_by_text("No suggestions are waiting for an answer").is_visible()

    log_in(page, "library_editor")
    press(page, "link", "a suggestion for the shared schema")
    page.wait_for_url("**/suggestions/*-*")
    assert page.get_by_text("Put them under Tags for now").is_visible()
    check(page)

    publish(changed(with_field(current_document(), field_name="reading_level"), "geographic_unit",
                    expectation="required"))
    assert act("schema_show")["version"] == 2
    page.goto("/dashboard/")
    assert page.get_by_text("“Geographic unit” becomes required").is_visible()
    check(page)
    page.goto("/dataset/edit/wifi")
    line = page.get_by_text("The form changed on")
    assert "“Reading level” is added to “About”, optional" in line.inner_text()
    check(page, "aria-input-field-name")
    picture("what-is-new", page.locator("[role=main]"), 420)
    page.fill("#field-title", "Typed before dismissing")
    press(page, "button", "Dismiss", ".csw-form-news")
    line.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "status"
    assert page.input_value("#field-title") == "Typed before dismissing"
    page.goto("/dataset/edit/wifi")
    assert line.count() == 0
