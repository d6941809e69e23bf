"""What stands beside a dataset and beside a search, in Chromium."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import enter, make_dataset
from browser.keyboard import press
from browser.looking import violations_at

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ferries(shared_portal: Any) -> None:
    """A library's datasets that go with the county's, and more of the county's than a page shows."""
    shared_portal("ferries", make_ferries)


def make_ferries() -> None:
    for number in range(4):
        make_dataset(f"ferry-{number}", f"Ferry landings {number}", "county", tag_string="ferries")
    make_dataset("timetables", "Timetables", "public-library", tag_string="Ferry")
    make_dataset("postcards", "Postcards", "public-library", tag_string="ferries")
    for number in range(20):
        make_dataset(f"barge-{number}", f"Barges {number}", "county", notes="ferry ferry ferry")


def titles(page: Any) -> list[str]:
    return page.locator("#alongside .csw-item h3").all_inner_texts()


@pytest.mark.usefixtures("ferries")
def test_a_county_dataset_names_the_librarys_and_why(page: Any) -> None:
    page.goto("/dataset/ferry-0")
    assert sorted(titles(page)) == ["Postcards", "Timetables"]
    section = page.locator("#alongside")
    assert section.get_by_text("both about ferries").first.is_visible()
    assert section.get_by_text("Public library", exact=True).first.is_visible()
    section.get_by_role("link", name="Timetables").click()
    page.wait_for_url("**/dataset/timetables")
    assert titles(page)[0].startswith("Ferry landings")


@pytest.mark.usefixtures("ferries", "changes_the_portal")
@pytest.mark.parametrize("javascript", [True, False])
def test_an_editor_pins_hides_and_brings_back_by_keyboard(
    new_page: Any, javascript: bool, picture: Any
) -> None:
    page = new_page(javascript=javascript)
    enter(page, "portal_admin")
    page.goto("/dataset/ferry-0")
    last = titles(page)[-1]
    first = titles(page)[0]

    press(page, f"Pin {last}")
    page.wait_for_url("**?shelf=pin#alongside")
    assert titles(page) == [last, first]
    assert page.locator("#alongside [role=status]").is_visible()

    press(page, f"Hide {first}")
    page.wait_for_url("**?shelf=hide#alongside")
    assert titles(page) == [last]

    press(page, f"Show again {first}")
    page.wait_for_url("**?shelf=reset#alongside")
    assert sorted(titles(page)) == sorted([first, last])

    press(page, "Choose related datasets")
    page.keyboard.press("Tab")
    page.keyboard.type("/dataset/county-1")
    page.keyboard.press("Enter")
    page.wait_for_url("**?shelf=pin#alongside")
    assert titles(page)[:2] == [last, "Property assessments 1"]
    picture("alongside", page.locator("#alongside"))


@pytest.mark.usefixtures("ferries")
def test_the_lane_follows_the_search(page: Any) -> None:
    page.goto("/dataset/?q=ferry")
    lane = page.locator(".csw-lane")
    assert "From libraries for “ferry”" in " ".join(lane.inner_text().split())
    assert lane.get_by_role("link", name="Timetables").is_visible()

    page.fill("#field-giant-search", "Property")
    page.press("#field-giant-search", "Enter")
    page.wait_for_url("**q=Property**")
    page.get_by_text("4 datasets found").wait_for()
    assert lane.count() == 0

    page.fill("#field-giant-search", "ferry")
    page.press("#field-giant-search", "Enter")
    page.wait_for_url("**q=ferry**")
    lane.wait_for()
    assert lane.get_by_role("link", name="Timetables").is_visible()


@pytest.mark.usefixtures("ferries")
def test_a_librarys_page_names_what_goes_with_its_datasets(page: Any) -> None:
    page.goto("/organization/public-library")
    section = page.locator(".csw-alongside")
    assert section.get_by_role("link", name="Ferry landings").first.is_visible()
    assert section.get_by_text("related to").first.is_visible()


@pytest.mark.usefixtures("ferries")
@pytest.mark.parametrize("path", ["/dataset/ferry-0", "/dataset/?q=ferry", "/organization/public-library"])
def test_nothing_runs_out_of_a_narrow_window_and_axe_is_content(page: Any, log_in: Any, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    log_in("portal_admin")
    assert violations_at(page, path) == {}
    assert page.locator(".csw-alongside, .csw-lane").is_visible()
    if page.locator(".csw-choices").count():
        page.locator(".csw-choices summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
