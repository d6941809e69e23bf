"""What was typed stays: where a login has ended, the portal does not answer, or a page comes anew."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browser.conftest import Portal
from browser.test_editor import DRAFT
from support.editing import act, changed, current_document

pytestmark = [pytest.mark.browser]

SCHEMA = "/metadata-schema"
NOTE = "Asked for by three branches,\nand by the county."


@pytest.fixture
def draft(steward: Portal) -> None:
    """A draft that renames a field."""
    begun = act("schema_draft_create")
    document = changed(
        current_document(), "data_steward_email", field_name="contact_email", previous_names=["data_steward_email"]
    )
    act("schema_draft_update", revision=begun["revision"], document=document)


@pytest.fixture
def log_out(page: Any) -> Callable[[], None]:
    """End the login, as time or another tab does."""
    return lambda: page.context.clear_cookies()


def log_in_elsewhere(page: Any, name: str) -> None:
    """Log in in another tab, which the notice's link opens."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Log in using a new tab").click()
    tab = opened.value
    tab.fill("#field-login", name)
    tab.fill("#field-password", "civicswitchboard")
    tab.press("#field-password", "Enter")
    tab.wait_for_url("**/dashboard/**")
    tab.close()


def send_after_the_login_has_ended(page: Any, log_out: Callable[[], None], name: str, button: str) -> None:
    """Press a form's button in vain, log in in another tab, and press it again."""
    log_out()
    page.get_by_role("button", name=button).click()
    log_in_elsewhere(page, name)
    page.get_by_role("button", name=button).click()


def test_a_note_outlives_the_login_and_is_published_with(
    page: Any, log_in: Any, draft: None, log_out: Callable[[], None]
) -> None:
    log_in("metadata_curator")
    page.goto(f"{SCHEMA}/review")
    page.fill("#field-note", NOTE)
    log_out()
    page.get_by_role("button", name="Publish version 2").click()
    notice = page.get_by_text("You've been logged out")
    notice.wait_for()
    assert page.locator(".csw-asked-first").evaluate("e => e === document.activeElement")
    assert page.input_value("#field-note") == NOTE
    log_in_elsewhere(page, "metadata_curator")
    page.get_by_role("button", name="Publish version 2").click()
    page.wait_for_url("**/versions")
    shown = act("schema_show")
    assert (shown["version"], shown["note"].replace("\r", "")) == (2, NOTE)
    assert act("repair_list")[0]["kind"] == "rename"


def test_a_note_outlives_a_lost_connection(page: Any, log_in: Any, draft: None) -> None:
    log_in("metadata_curator")
    page.goto(f"{SCHEMA}/review")
    page.fill("#field-note", NOTE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text("The portal isn't responding").wait_for()
    page.context.set_offline(False)
    page.get_by_role("button", name="Publish version 2").click()
    page.wait_for_url("**/versions")
    assert act("schema_show")["version"] == 2


def test_enter_elsewhere_publishes_nothing(page: Any, log_in: Any, draft: None) -> None:
    log_in("metadata_curator")
    page.goto(f"{SCHEMA}/review")
    page.fill("#field-note", "Enough of a note")
    page.focus("input[name=with_repairs]")
    page.keyboard.press("Enter")
    page.focus("#field-note")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    assert page.url.endswith("/review") and act("schema_show")["version"] == 1
    page.get_by_role("button", name="Publish version 2").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions")
    assert act("schema_show")["version"] == 2


def test_a_suggestion_and_its_answer_outlive_the_login(
    page: Any, log_in: Any, steward: Portal, log_out: Callable[[], None]
) -> None:
    log_in("library_editor")
    page.goto(f"{SCHEMA}/suggestions/new?field=theme")
    page.fill("#field-text", "We need a term for bookmobiles")
    send_after_the_login_has_ended(page, log_out, "library_editor", "Send to curators")
    page.wait_for_url("**/suggestions")
    (suggestion,) = act("suggestion_list")
    assert suggestion["text"] == "We need a term for bookmobiles"

    log_out()
    log_in("metadata_curator")
    page.goto(f"{SCHEMA}/suggestions/{suggestion['id']}")
    page.fill("#field-reply", "Use “Mobile services”")
    send_after_the_login_has_ended(page, log_out, "metadata_curator", "Decline")
    page.wait_for_url("**/suggestions")
    (answered,) = act("suggestion_list")
    assert (answered["state"], answered["reply"]) == ("declined", "Use “Mobile services”")


def test_a_list_to_take_in_outlives_the_login(
    page: Any, log_in: Any, draft: None, log_out: Callable[[], None]
) -> None:
    log_in("metadata_curator")
    page.goto(f"{DRAFT}/vocabularies/theme/list")
    page.fill("#pasted", "Bookmobiles\nMakerspaces")
    send_after_the_login_has_ended(page, log_out, "metadata_curator", "Preview list")
    page.get_by_text("2 terms added").wait_for()


@pytest.mark.parametrize(("path", "opened", "inputs"), [
    ("", "#add-dataset-about summary", {"#new-dataset-about": "Reading level"}),
    ("", "#add-section-dataset summary", {"#new-section-dataset": "Access"}),
    ("/vocabularies", "", {"#new-label": "Formats of media", "#new-description": "Of what is lent"}),
    ("/vocabularies/theme", "", {"#term-label": "Bookmobiles", "#term-definition": "Libraries on wheels"}),
    ("/partner-types", "", {"#new-label": "Historical society"}),
])
def test_what_is_to_be_added_comes_back_with_the_page(
    page: Any, log_in: Any, draft: None, path: str, opened: str, inputs: dict[str, str]
) -> None:
    log_in("metadata_curator")
    page.goto(f"{DRAFT}{path}")
    if opened:
        page.click(opened)
    for selector, words in inputs.items():
        page.fill(selector, words)
    page.reload()
    page.get_by_text("What you typed earlier is back in the form.").wait_for()
    assert {selector: page.input_value(selector) for selector in inputs} == inputs
    page.press(next(iter(inputs)), "Enter")
    page.locator("#csw-draft-header[data-revision='3']").wait_for()
    page.reload()
    assert not page.get_by_text("What you typed earlier is back in the form.").is_visible()
