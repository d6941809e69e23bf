"""What people do first, in Chromium."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import make_dataset
from browser.keyboard import log_in_by_keyboard, press, tab_to
from ckan import model

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]


def shelf(page: Any, words: str) -> Any:
    return page.locator("section, div.csw-shelf").filter(has=page.locator(f"h2:has-text('{words}')")).last


def test_the_home_page_shows_library_data_beside_the_governments(page: Any) -> None:
    page.goto("/")
    libraries, others = shelf(page, "librar"), shelf(page, "overnment")
    assert libraries.get_by_text("Public wifi sessions").is_visible()
    assert others.get_by_text("Property assessments 3").is_visible()
    assert libraries.get_by_text("Public library", exact=False).first.is_visible()
    assert others.get_by_text("Local government", exact=False).first.is_visible()
    assert page.get_by_text("Private plans").count() == 0
    left, right = libraries.bounding_box(), others.bounding_box()
    assert left["x"] < right["x"] and abs(left["y"] - right["y"]) < 2


def test_shelves_stack_on_a_narrow_screen_libraries_first(page: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto("/")
    libraries, others = shelf(page, "librar").bounding_box(), shelf(page, "overnment").bounding_box()
    assert libraries["y"] + libraries["height"] <= others["y"]


def test_a_visitor_comes_from_the_home_page_to_a_librarys_dataset_by_keyboard_alone(page: Any) -> None:
    make_dataset("landings", "Ferry landings", "county", tag_string="ferries")
    make_dataset("timetables", "Timetables", "public-library", tag_string="ferries")
    page.goto("/")
    tab_to(page, "field-main-search")
    page.keyboard.type("ferries")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=ferries**")
    press(page, "Local government")
    page.wait_for_url("**partner_type=local_government**")
    page.locator("h1", has_text="1 dataset found").wait_for()
    press(page, "Ferry landings")
    page.wait_for_url("**/dataset/landings")
    press(page, "Timetables")
    page.wait_for_url("**/dataset/timetables")
    assert page.locator("#alongside").get_by_text("both about ferries").is_visible()


def test_an_editor_publishes_by_keyboard_alone_and_sees_it_on_the_home_page(
    page: Any, picture: Any
) -> None:
    log_in_by_keyboard(page, "library_editor")
    page.goto("/dataset/new")
    tab_to(page, "field-title")
    page.keyboard.type("Summer reading by branch")
    tab_to(page, "field-notes")
    page.keyboard.type("Finished books by branch and week")
    choose_by_keyboard(page, "field-private", "Public")
    choose_by_keyboard(page, "field-license_id", "Creative Commons Attribution")
    press(page, "Next: Add Data")
    page.wait_for_url("**/resource/new")
    press(page, "Link")
    page.keyboard.type("http://data.example.org/reading.csv")
    tab_to(page, "field-name")
    page.keyboard.type("Weekly counts")
    press(page, "Publish")
    page.wait_for_url("**/dataset/summer-reading-by-branch")
    page.goto("/")
    assert shelf(page, "librar").get_by_text("Summer reading by branch").is_visible()
    picture("home", page.locator(".csw-shelves"))


def test_a_saved_form_leaves_other_fields_and_untouched_values(page: Any, log_in: Any, picture: Any) -> None:
    before = dict(model.Package.get("wifi").extras)
    model.Session.remove()
    log_in("library_editor")
    page.goto("/dataset/edit/wifi")
    assert page.get_by_role("heading", name="Other fields").is_visible()
    picture("other-fields", page.locator("[aria-labelledby=section-other-fields]"))
    page.fill("#field-title", "Public wifi sessions by branch")
    page.press("#field-title", "Enter")
    page.wait_for_url("**/dataset/wifi")
    model.Session.remove()
    package = model.Package.get("wifi")
    assert package.title == "Public wifi sessions by branch"
    assert package.state == "active"
    assert dict(package.extras) == before
    assert dict(package.resources[0].extras)["weird"] == [1, 2]


def test_an_other_field_goes_when_its_box_is_ticked(page: Any, log_in: Any) -> None:
    log_in("library_editor")
    page.goto("/dataset/edit/wifi")
    page.get_by_label("Remove guid").check()
    page.locator("button[name=save].btn-primary").click()
    page.wait_for_url("**/dataset/wifi")
    model.Session.remove()
    assert "guid" not in model.Package.get("wifi").extras


def test_the_shared_schema_is_described_to_everybody(page: Any) -> None:
    page.goto("/metadata-schema")
    assert page.get_by_role("heading", level=1).count() == 1
    for words in ("Geographic unit", "University library", "dct:title"):
        assert page.get_by_text(words).first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="YAML").click()
    assert download.value.path().read_text().startswith("format: 1")


HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
TEXTS = ["title", "department", "citation", "collection", "call_number", "places", "temporal_coverage"]
MARKDOWN = ["notes", "data_notes", "methods", "access_level_comment"]


def test_html_in_every_text_is_shown_as_text(page: Any, log_in: Any) -> None:
    log_in("library_editor")
    page.goto("/dataset/edit/wifi")
    for name in TEXTS + MARKDOWN:
        page.fill(f"#field-{name}", HOSTILE)
    page.locator("button[name=save].btn-primary").click()
    page.wait_for_url("**/dataset/wifi")
    for path in ("/dataset/wifi", "/dataset/edit/wifi", "/", "/dataset/", "/organization/public-library"):
        page.goto(path)
        page.wait_for_timeout(200)
        assert page.title() != "run", path
        # CKAN's Markdown lets a picture through, without what would run.
        assert page.locator("[onerror]").count() == 0, path
    page.goto("/dataset/wifi")
    assert page.get_by_role("heading", level=1).inner_text().startswith("<img src=x onerror")


def choose_by_keyboard(page: Any, element_id: str, label: str) -> None:
    tab_to(page, element_id)
    page.keyboard.type(label)
