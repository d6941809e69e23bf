"""A curator mends records: previews, publishes a rename with its repair, watches, reads the history, undoes."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from browser.conftest import account
from browser.keyboard import log_in_by_keyboard, press, tab_to
from browser.looking import violations
from ckan import model
from ckan.tests import helpers
from support.editing import act, changed, current_document

from ckanext.civicswitchboard.repairs import runner

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]

COVERAGE = ["2013/2015", "2016-01-01/2016-12-31", "2016-12-01/", "2020-21", "current", "1974"]
WORDS_NEVER = ("JSON", "regex", "null", "boolean", "preset", "snapshot", "orphan", "migration")


@pytest.fixture
def curator(small_portal: Any, monkeypatch: Any) -> None:
    """An admin of the steward, and records of real shapes."""
    user = account("metadata_curator")
    helpers.call_action(
        "organization_member_create", id="university-library", username=user["name"], role="admin"
    )
    for number, coverage in enumerate(COVERAGE):
        tk.get_action("package_patch" if number < 4 else "package_create")(
            {"ignore_auth": True, "user": "portal_admin"},
            {
                "id" if number < 4 else "name": f"county-{number}", "title": f"Assessments {number}",
                "notes": "n", "owner_org": "county", "license_id": "cc-by",
                "temporal_coverage": coverage, "frequency_publishing": "Monthly",
                "data_steward_email": f"steward{number}@example.org",
            },
        )  # fmt: skip
    draft = act("schema_draft_create")
    document = changed(
        current_document(), "data_steward_email",
        field_name="contact_email", previous_names=["data_steward_email"],
    )  # fmt: skip
    act("schema_draft_update", revision=draft["revision"], document=document)


def work() -> None:
    """What the portal's worker does."""
    model.Session.remove()
    for each in act("repair_list"):
        runner.work(each["id"])
    model.Session.remove()


def looks_right(page: Any, part: str = "[role=main]") -> None:
    assert violations(page, part) == {}
    text = page.locator(part).inner_text()
    assert not [word for word in WORDS_NEVER if word in text]
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 900})


def test_from_the_review_to_the_undo(page: Any, log_in: Any, curator: None, picture: Any) -> None:
    log_in("metadata_curator")
    page.goto("/metadata-schema/review")
    page.fill("[name=note]", "One name for whom to ask")
    page.get_by_role("button", name="Publish version 2").click()
    page.wait_for_url("**/metadata-schema/versions")
    page.goto("/dataset/county-1")
    assert page.get_by_text("steward1@example.org").first.is_visible()

    page.goto("/metadata-schema/versions")
    page.get_by_role("link", name="Repairs of records").click()
    assert page.get_by_text("Waiting to start").is_visible()
    looks_right(page)
    page.get_by_role("link", name="Split a period into start and end").click()
    page.select_option("#repair-field", "temporal_coverage")
    page.select_option("#repair-start", "temporal_start")
    page.select_option("#repair-end", "temporal_end")
    page.locator("#repair-end").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "preview"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Preview").wait_for()
    assert page.get_by_text("6 records affected. 2 would be skipped").is_visible()
    looks_right(page)
    picture("repair-preview", page.locator(".csw-repairs"), 900)
    page.get_by_role("button", name="Repair 4 records").click()
    page.wait_for_url("**/metadata-schema/repairs/*-*")
    assert page.get_by_text("Waiting to start").is_visible()
    work()
    # The page asks by itself how far it is.
    page.get_by_text("6 of 6 records").wait_for(timeout=30_000)
    page.get_by_role("heading", name="Skipped records").wait_for()
    assert page.get_by_role("button", name="Undo").is_visible()
    looks_right(page)
    picture("repair-done", page.locator(".csw-repairs"))
    with page.expect_download() as table:
        page.get_by_role("link", name="All skipped records as a table").click()
    assert "county-3,can't be read,2020-21" in table.value.path().read_text("utf-8-sig")

    page.goto("/metadata-schema/repairs/new?kind=map_values&field=frequency_publishing")
    page.get_by_label("“Monthly” becomes").select_option("Quarterly")
    picture("repair-values", page.locator(".csw-repairs"))
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Repair").click()
    page.wait_for_url("**/metadata-schema/repairs/*-*")
    work()
    page.reload()
    assert page.get_by_text("Done").first.is_visible()
    mapped = page.url

    log_out_and_in(page, log_in, "library_editor")
    page.goto("/dataset/activity/county-1")
    assert page.get_by_role("heading", name="Repairs of this dataset").count() == 0
    log_out_and_in(page, log_in, "metadata_curator")
    page.goto("/dataset/activity/county-1")
    history = page.locator(".csw-repair-history").inner_text()
    assert "2016-01-01" in history and "Monthly → after: Quarterly" in " ".join(history.split())
    looks_right(page, ".csw-repair-history")
    page.goto("/organization/activity/county")
    assert "repaired records of" in page.locator(".activity").inner_text()

    tk.get_action("package_patch")(
        {"ignore_auth": True, "user": "portal_admin"}, {"id": "county-2", "frequency_publishing": "Daily"}
    )
    page.goto(mapped)
    page.get_by_role("button", name="Undo").click()
    work()
    page.reload()
    assert page.get_by_text("1 changed since and kept").is_visible()
    now = {n: model.Package.by_name(f"county-{n}").extras["frequency_publishing"] for n in (1, 2)}
    assert now == {1: "Monthly", 2: "Daily"}


def log_out_and_in(page: Any, log_in: Any, name: str) -> None:
    page.context.clear_cookies()
    log_in(name)


def test_a_repair_by_keyboard_alone(page: Any, curator: None) -> None:
    log_in_by_keyboard(page, "metadata_curator")
    page.goto("/metadata-schema/repairs")
    with page.expect_navigation():
        press(page, "Replace values")
    tab_to(page, "repair-field")
    page.keyboard.type("How often the data are published")
    with page.expect_navigation():
        press(page, "Continue")
    tab_to(page, "“Monthly” becomes")
    page.keyboard.type("Quarterly")
    with page.expect_navigation():
        press(page, "Preview")
    page.get_by_text("7 records affected.").wait_for()
    with page.expect_navigation():
        press(page, "Repair 7 records")
    work()
    page.get_by_text("7 of 7 records").wait_for(timeout=30_000)
    page.get_by_role("button", name="Undo").wait_for()
    with page.expect_navigation():
        press(page, "Undo")
    work()
    page.get_by_text("7 of 7 records restored").wait_for(timeout=30_000)
    held = {model.Package.by_name(f"county-{n}").extras["frequency_publishing"] for n in range(6)}
    assert held == {"Monthly"}


def test_a_file_is_found_by_its_name(page: Any, log_in: Any, curator: None) -> None:
    file = tk.get_action("package_show")({"ignore_auth": True}, {"id": "county-1"})["resources"][0]["id"]
    name = "Assessments_of_every_parcel_by_block_and_lot_with_owners_left_out.csv"
    tk.get_action("resource_patch")({"ignore_auth": True, "user": "portal_admin"}, {"id": file, "name": name})
    log_in("metadata_curator")
    page.goto("/metadata-schema/repairs/new?kind=map_values&field=format")
    page.get_by_label("“CSV” becomes").fill("TSV")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("link", name=name).wait_for()
    looks_right(page)
    page.get_by_role("button", name="Repair").click()
    page.wait_for_url("**/metadata-schema/repairs/*-*")
    work()
    page.reload()
    row = page.locator(".csw-repair-examples > li", has_text=name)
    assert row.get_by_role("link", name="Assessments 1").get_attribute("href").endswith("/dataset/county-1")
    looks_right(page)
    row.get_by_role("link", name=name).click()
    page.wait_for_url(f"**/dataset/county-1/resource/{file}")
