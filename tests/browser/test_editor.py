"""The draft edited, previewed, published and restored by a curator, in Chromium."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import Portal, enter
from browser.looking import violations
from ckan import model

pytestmark = [pytest.mark.browser]

DRAFT = "/metadata-schema/draft"


def saved(page: Any, changes: str) -> None:
    """Wait until the header says that so many changes are saved."""
    header = page.locator("#csw-draft-header")
    header.get_by_text(changes, exact=True).wait_for()
    page.locator("#csw-draft-saved time").wait_for()


def open_field(page: Any, field: str) -> None:
    page.click(f"#field-dataset-{field}")
    page.locator(f".csw-draft-field[data-field={field}]").wait_for()


def fill(page: Any, selector: str, text: str) -> None:
    page.fill(selector, text)
    page.press(selector, "Tab")


def test_a_curator_changes_the_schema_and_restores_it_while_a_form_is_open(
    page: Any, new_page: Any, log_in: Any, steward: Portal, picture: Any
) -> None:
    publisher = new_page()
    enter(publisher, steward.editor)
    publisher.goto("/dataset/edit/reading")
    before = stored("reading")

    log_in("metadata_curator")
    page.goto(DRAFT)
    page.get_by_role("button", name="Start a draft").click()
    saved(page, "0 changes")
    add_reading_level(page, picture)
    open_field(page, "geographic_unit")
    page.check("#edit-expectation-required")
    saved(page, "3 changes")
    picture("change-what-is-asked", page.locator("#csw-draft-panel"), 640)
    open_field(page, "data_notes")
    fill(page, "#edit-label", "Caveats")
    saved(page, "4 changes")
    assert page.locator("#row-dataset-data_notes").inner_text().startswith("Caveats")
    move_by_keyboard(page)
    preview(page)
    picture("preview", page.locator(".csw-draft"))
    publish(page, picture)

    publisher.fill("#field-title", "Summer reading by branch")
    publisher.locator("button[name=save].btn-primary").click()
    publisher.wait_for_url("**/dataset/reading")
    after = stored("reading")
    assert after.pop("title") == "Summer reading by branch" and before.pop("title") == "Summer reading"
    assert after == before
    publisher.goto("/dataset/edit/reading")
    assert publisher.locator("#field-reading_level option").all_inner_texts() == ["", "Easy", "Middle", "Hard"]
    assert "Caveats" in publisher.locator("label[for=field-data_notes]").inner_text()

    page.get_by_role("link", name="Restore version 1").click()
    page.fill("#field-note", "The terms are not agreed yet")
    picture("restore", page.locator(".csw-versions"))
    page.get_by_role("button", name="Publish version 3").click()
    page.get_by_text("Version 3 is published").wait_for()
    publisher.goto("/dataset/edit/reading")
    assert publisher.locator("#field-reading_level").count() == 0
    assert "Data notes" in publisher.locator("label[for=field-data_notes]").inner_text()


def add_reading_level(page: Any, picture: Any) -> None:
    section = page.locator("section[aria-labelledby=section-dataset-about]")
    section.locator("summary", has_text="Add a field").click()
    page.fill("#new-dataset-about", "Reading level")
    picture("add-a-field", section)
    page.keyboard.press("Enter")
    page.wait_for_url("**/fields/dataset/reading_level")
    saved(page, "1 change")
    page.locator("summary", has_text="New vocabulary").click()
    page.fill("#vocabulary-terms", "Easy\nMiddle\nHard")
    page.get_by_role("button", name="Create vocabulary").click()
    page.get_by_text("3 terms").first.wait_for()
    saved(page, "2 changes")
    assert page.locator(".csw-miniature #field-reading_level option").all_inner_texts() == [
        "", "Easy", "Middle", "Hard"
    ]
    picture("the-draft", page.locator(".csw-draft"))


def move_by_keyboard(page: Any) -> None:
    """Call number, the second in its section, goes up until it stands in the one before."""
    page.locator("#field-dataset-call_number").focus()
    for _step in range(2):
        page.keyboard.press("Alt+ArrowUp")
        page.wait_for_timeout(100)
    page.get_by_text("” in “Documentation”").wait_for(state="attached")
    page.wait_for_function("document.activeElement.id === 'field-dataset-call_number'")
    there = page.locator("ul[data-section=documentation] .csw-draft-open").last
    assert there.inner_text() == "Call number"
    saved(page, "5 changes")


def preview(page: Any) -> None:
    page.goto(f"{DRAFT}/preview?dataset=reading")
    draft, current = (page.frame_locator(f"section:has(#preview-{name}) iframe") for name in ("draft", "current"))
    assert draft.locator("#field-title").input_value() == "Summer reading"
    assert draft.locator("#field-reading_level option").count() == 4
    assert "Caveats" in draft.locator("label[for=field-data_notes]").inner_text()
    assert current.locator("#field-title").input_value() == "Summer reading"
    assert current.locator("#field-reading_level").count() == 0


def publish(page: Any, picture: Any) -> None:
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_text("“Geographic unit” becomes required").first.wait_for()
    page.get_by_role("button", name="Publish version 2").click()
    assert page.url.endswith("/review"), "without a note nothing is published"
    page.fill("#field-note", "For the summer reading program")
    picture("review", page.locator(".csw-versions"), 900)
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text("Version 2 is published").wait_for()
    picture("versions", page.locator("[role=main]"))


def stored(name: str) -> dict[str, Any]:
    model.Session.remove()
    package = model.Package.get(name)
    resources = [{**each.extras, "name": each.name, "url": each.url} for each in package.resources]
    columns = {key: getattr(package, key) for key in ("title", "notes", "license_id", "private", "state", "url")}
    return {**columns, "extras": dict(package.extras), "resources": resources,
            "tags": sorted(tag.name for tag in package.get_tags())}


def test_nothing_typed_is_lost(page: Any, new_page: Any, log_in: Any, steward: Portal) -> None:
    log_in("metadata_curator")
    page.goto(DRAFT)
    page.get_by_role("button", name="Start a draft").click()
    open_field(page, "data_notes")

    page.context.set_offline(True)
    fill(page, "#edit-label", "Caveats")
    page.get_by_text("not saved; trying again").wait_for()
    assert page.input_value("#edit-label") == "Caveats"
    page.context.set_offline(False)
    saved(page, "1 change")

    cookies = page.context.cookies()
    page.context.clear_cookies()
    fill(page, "#edit-help_text", "What a reader has to know")
    page.get_by_role("link", name="Log in using a new tab").wait_for()
    page.context.add_cookies(cookies)
    saved(page, "2 changes")
    assert page.locator("#csw-draft-login").is_hidden()

    assistant = new_page()
    enter(assistant, "metadata_assistant")
    assistant.goto(f"{DRAFT}/fields/dataset/data_notes")
    fill(assistant, "#edit-label", "Limits")
    fill(assistant, "#edit-example", "Counts under ten are left out")
    saved(assistant, "3 changes")
    fill(page, "#edit-definition", "What is known of the data")
    page.get_by_text("Changed in the meantime by metadata_assistant").first.wait_for()
    assert page.input_value("#edit-label") == "Limits"

    fill(assistant, "#edit-label", "Remarks")
    assistant.wait_for_url("**/data_notes")
    assistant.get_by_text("Changed in the meantime by metadata_curator").first.wait_for()
    fill(page, "#edit-label", "Notes on the data")
    page.get_by_text("Someone else changed the same thing").wait_for()
    assert page.get_by_label("By metadata_assistant").count() == 1
    page.get_by_label("Yours: ").check()
    page.get_by_role("button", name="Save choices").click()
    page.wait_for_load_state()
    assert page.input_value("#edit-label") == "Notes on the data"


def test_the_editor_is_accessible_and_fits_a_narrow_window(page: Any, log_in: Any, steward: Portal) -> None:
    log_in("metadata_curator")
    page.goto(DRAFT)
    found = {"start": violations(page, settled=300)}
    page.get_by_role("button", name="Start a draft").click()
    field = f"{DRAFT}/fields/dataset/geographic_unit"
    paths = [DRAFT, f"{DRAFT}/organization", field, f"{field}/move", f"{field}/records",
             f"{DRAFT}/sections/dataset/about", f"{DRAFT}/discard", f"{DRAFT}/preview?dataset=reading",
             "/metadata-schema/review", f"{DRAFT}/release", f"{DRAFT}/fields/organization/spaces"]
    widths = {}
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(path)
        found[path] = violations(page, settled=300)
        page.set_viewport_size({"width": 320, "height": 900})
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: ids for path, ids in found.items() if ids} == {}
    assert {path: width for path, width in widths.items() if width > 320} == {}
