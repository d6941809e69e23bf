"""Partners in Chromium: made by one edit, found by keyboard, read in a narrow window."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import enter
from browser.keyboard import called, tab_to
from ckan import model
from ckan.tests import factories, helpers

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]

SPACES = [{"name": "Hall", "equipment": "Screen\r\nPiano"}, {"name": "Lab", "capacity": "12"}]
MISSION = [
    {"plan": "2018-2022 Plan", "period_end": "2022", "focus_area": "Open", "statement": "It shows."}
]


@pytest.fixture
def plain(small_portal: Any) -> str:
    """An organization without a partner type, but with a profile from when it was a library."""
    factories.Organization(
        name="branch", title="Branch", partner_type="public_library", spaces=SPACES,
        mission_alignment=MISSION, roles=["publishing_civic_data"],
    )
    site_user = helpers.call_action("get_site_user")["name"]
    helpers.call_action("organization_patch", {"user": site_user}, id="branch", partner_type="")
    return "branch"


def stored() -> dict[str, Any]:
    model.Session.remove()
    return dict(model.Group.get("branch").extras)


def save(page: Any) -> None:
    page.locator("button[name=save].btn-primary").click()
    page.wait_for_url("**/organization/branch")


def test_an_organization_is_made_a_library_partner_and_back(page: Any, log_in: Any, plain: str) -> None:
    before = stored()
    log_in("portal_admin")
    page.goto("/organization/edit/branch")
    spaces = page.locator("[name='spaces-0-name']")
    assert not spaces.is_visible()
    page.select_option("#field-partner_type", "public_library")
    assert spaces.is_visible() and spaces.input_value() == "Hall"
    assert page.get_by_text("The fields below are for: Public library").is_visible()
    save(page)
    assert stored() == {**before, "partner_type": "public_library"}
    assert page.locator(".context-info .csw-badge").inner_text() == "Public library"

    page.goto("/organization/edit/branch")
    page.select_option("#field-partner_type", "business")
    assert not page.locator("[name='spaces-0-name']").is_visible()
    save(page)
    page.goto("/organization/edit/branch")
    page.select_option("#field-partner_type", "")
    save(page)
    after = stored()
    assert (after["spaces"], after["mission_alignment"]) == (before["spaces"], before["mission_alignment"])
    assert {k: v for k, v in after.items() if k != "partner_type"} == {
        k: v for k, v in before.items() if k != "partner_type"}


def test_what_a_type_requires_is_marked_at_once(page: Any, log_in: Any, plain: str) -> None:
    log_in("portal_admin")
    page.goto("/organization/edit/branch")
    star = page.locator("fieldset.csw-checkboxes", has_text="Roles").first.locator(".control-required")
    page.select_option("#field-partner_type", "museum")
    assert not star.is_visible()
    page.get_by_label("State library").check()
    assert star.is_visible()


def test_entries_are_added_and_removed_by_keyboard(page: Any, log_in: Any, plain: str) -> None:
    log_in("portal_admin")
    page.goto("/organization/edit/branch")
    page.select_option("#field-partner_type", "public_library")
    spaces = page.locator("fieldset.csw-entries").first
    spaces.get_by_role("button", name="Add an entry").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("Garden")
    spaces.get_by_role("button", name="Remove Spaces, entry 1").focus()
    page.keyboard.press("Space")
    assert "Add an entry" in called(page)
    assert spaces.get_by_text("Spaces, entry 1 will be removed when you save.").is_visible()
    save(page)
    shown = helpers.call_action("organization_show", id="branch")
    assert [space["name"] for space in shown["spaces"]] == ["Lab", "Garden"]
    page.goto("/organization/edit/branch")
    for _entry in shown["spaces"]:
        spaces.get_by_role("button", name="Remove").first.click()
    save(page)
    assert "spaces" not in stored()


def test_entries_without_script(new_page: Any, plain: str) -> None:
    page = new_page(javascript=False)
    enter(page, "portal_admin")
    page.goto("/organization/edit/branch")
    page.select_option("#field-partner_type", "public_library")
    save(page)
    page.goto("/organization/edit/branch")
    page.fill("[name='spaces-2-name']", "Garden")
    page.fill("[name='spaces-0-name']", "")
    page.fill("[name='spaces-0-equipment']", "")
    save(page)
    shown = helpers.call_action("organization_show", id="branch")
    assert [space["name"] for space in shown["spaces"]] == ["Lab", "Garden"]
    assert shown["mission_alignment"] == MISSION


def test_published_by_is_chosen_and_taken_away_by_keyboard(page: Any) -> None:
    page.goto("/dataset/")
    tab_to(page, "Search datasets by Published by: Public library")
    page.keyboard.press("Enter")
    page.wait_for_url("**partner_type=public_library**")
    page.wait_for_selector(".filter-list .pill")
    assert page.locator(".filter-list .pill").inner_text().strip() == "Public library"
    assert page.locator("h1:has-text('1 dataset found')").is_visible()
    tab_to(page, "Remove applied filter: Public library")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('5 datasets found')")
    assert "partner_type" not in page.url


def test_partners_in_a_narrow_window(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto("/partners")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    table = page.locator(".csw-who-scroll")
    assert table.evaluate("e => e.scrollWidth > e.clientWidth")
    table.focus()
    for _times in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.csw-who-scroll').scrollLeft > 0")
    head = page.locator(".csw-who-table tbody th").first.bounding_box()
    assert head["x"] >= 0 and head["x"] < 40


def test_partners_are_filtered_by_keyboard(page: Any) -> None:
    page.goto("/partners")
    page.locator("#partners-type").focus()
    page.keyboard.type("Academic")
    tab_to(page, "Find partners")
    page.keyboard.press("Enter")
    page.wait_for_url("**partner_type=academic_library**")
    assert page.locator(".csw-card").count() == 1
    assert page.get_by_text("Steward of the shared schema").is_visible()
    tab_to(page, "University library")
    page.keyboard.press("Enter")
    page.wait_for_url("**/organization/university-library")
