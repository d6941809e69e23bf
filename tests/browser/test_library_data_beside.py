"""The demo with real records: an organization becomes a library partner, and its data stands beside the others'."""
from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from browser.keyboard import log_in_by_keyboard, press, tab_to
from browser.test_extents import check_search, found
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import helpers
from importer.real import REAL, where_they_are

from civicswitchboard_demo.command import seed
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900), where_they_are]

LIBRARY = "carnegie-library-of-pittsburgh"
TYPES = {
    "allegheny-county": "local_government",
    "city-of-pittsburgh": "local_government",
    "university-of-pittsburgh": "academic_library",
}
ROLE = "Publishing civic data"
# Around the library's branches and the city.
AREA = "-80.2,40.3,-79.8,40.6"


@pytest.fixture
def demo(clean_portal: None, portal_url: str, cli: Any) -> None:
    """The seed and the 207 records, with all types set but the library's."""
    result = cli.invoke(seed)
    assert result.exit_code == 0, result.output
    result = cli.invoke(ckan, ["civicswitchboard", "import", str(REAL)])
    assert "created 207, updated 0, unchanged 0, refused 0" in result.output
    for name, kind in TYPES.items():
        assert cli.invoke(ckan, ["civicswitchboard", "partners", "set", name, kind]).exit_code == 0
    model.Session.remove()


def words(locator: Any) -> str:
    return " ".join(locator.inner_text().split())


def test_a_library_becomes_a_partner_and_its_data_is_found_beside_the_others(page: Any, demo: None) -> None:
    the_story(page, narrow=False)
    helpers.call_action("organization_patch", {"user": "portal_admin"}, id=LIBRARY, partner_type="")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 320, "height": 900})
    the_story(page, narrow=True)


def the_story(page: Any, narrow: bool) -> None:
    """By keyboard alone."""
    log_in_by_keyboard(page, "portal_admin")
    make_it_a_library(page)
    see_who_does_what(page, narrow)
    count_by_kind_of_partner(page, narrow)
    find_library_data_beside_a_countys(page)
    search_for_housing(page, narrow)
    look_within_an_area(page, narrow)


def fits(page: Any) -> None:
    """Nothing runs out of the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def make_it_a_library(page: Any) -> None:
    page.goto(f"/organization/{LIBRARY}")
    assert page.locator(".csw-badge").count() == 0
    press(page, "Manage")
    page.wait_for_url(f"**/organization/edit/{LIBRARY}")
    tab_to(page, "field-partner_type")
    page.keyboard.type("Public library")
    role = page.get_by_role("checkbox", name=ROLE)
    # A type that has no roles keeps those that are stored.
    if not role.is_checked():
        tab_to(page, role.get_attribute("id"))
        page.keyboard.press("Space")
    fits(page)
    press(page, "Update Organization")
    page.wait_for_url(f"**/organization/{LIBRARY}")
    assert page.locator(".csw-badge", has_text="Public library").first.is_visible()
    fits(page)


def open_the_menu(page: Any, narrow: bool) -> None:
    """A narrow window folds the links and the search of the header away."""
    if narrow:
        press(page, "Toggle navigation")
        page.locator("#field-sitewide-search").wait_for()


def see_who_does_what(page: Any, narrow: bool) -> None:
    open_the_menu(page, narrow)
    press(page, "Partners")
    page.wait_for_url("**/partners")
    tab_to(page, "partners-role")
    page.keyboard.type(ROLE)
    press(page, "Find partners")
    page.wait_for_url("**role=**")
    assert page.locator(".csw-card", has_text="Carnegie Library of Pittsburgh").is_visible()
    table = page.locator(".csw-who-table")
    (column,) = [
        number for number, head in enumerate(table.locator("thead th").all_inner_texts())
        if "Carnegie Library of Pittsburgh" in head
    ]  # fmt: skip
    row = table.locator("tbody tr", has=page.locator("th", has_text=ROLE))
    assert words(row.locator("th, td").nth(column)) not in ("", "–")
    fits(page)


def counts() -> dict[str, int]:
    """How many datasets partners of each kind have, private ones too, which a sysadmin sees; as the database says."""
    labels = versions.current().document.partner_types
    found: Counter[str] = Counter()
    model.Session.remove()
    asked = sa.text(
        "SELECT g.extras ->> 'partner_type' AS own, g.extras -> 'also_acts_as' AS also, count(*) AS n"
        " FROM package p JOIN \"group\" g ON g.id = p.owner_org"
        " WHERE p.state = 'active' AND p.type = 'dataset' GROUP BY 1, 2"
    )
    for own, also, number in model.Session.execute(asked):
        for name in {own, *(json.loads(also) if isinstance(also, str) else also or [])} - {None, ""}:
            found[next(kind.label for kind in labels if kind.name == name)] += number
    return dict(found)


def count_by_kind_of_partner(page: Any, narrow: bool) -> None:
    page.goto("/dataset/")
    expected = counts()
    if narrow:
        assert not page.locator("#search-facets").is_visible()
        press(page, "Filter Results")
    facet = page.locator("#search-facets section", has=page.locator("h2", has_text="Published by"))
    facet.wait_for()
    told = dict(re.fullmatch(r"(.+) - (\d+)", words(line)).groups() for line in facet.locator("li.nav-item").all())
    assert {label: int(number) for label, number in told.items()} == expected
    press(page, "Published by: Public library")
    page.wait_for_url("**partner_type=public_library**")
    if narrow:
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.innerText").strip() == "Filter Results"
    assert words(page.locator("#search-results h1")).startswith(f"{expected['Public library']} datasets found")
    assert words(page.locator(".filter-list .pill").first) == "Public library"
    fits(page)


def find_library_data_beside_a_countys(page: Any) -> None:
    page.goto("/dataset/allegheny-county-boundary")
    beside = page.locator("#alongside")
    assert "both in Civic Vitality & Governance" in words(beside)
    fits(page)
    press(page, "CLP Public Wifi")
    page.wait_for_url("**/dataset/clp-public-wifi")
    assert "Allegheny County" in words(beside) and "City of Pittsburgh" in words(beside)
    fits(page)


def search_for_housing(page: Any, narrow: bool) -> None:
    open_the_menu(page, narrow)
    tab_to(page, "field-sitewide-search")
    page.keyboard.type("housing")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=housing**")
    lane = page.locator(".csw-lane")
    assert words(lane).startswith("From libraries for “housing”")
    on_page = page.locator(".dataset-heading").all_inner_texts()
    in_lane = lane.locator("li a").all_inner_texts()
    assert in_lane and not set(in_lane) & set(on_page)
    fits(page)
    press(page, "more from libraries")
    page.wait_for_url("**partner_sector=library**")
    assert lane.count() == 0


def look_within_an_area(page: Any, narrow: bool) -> None:
    page.goto("/dataset/")
    if narrow:
        press(page, "Map and coordinates")
    for side, number in zip(("west", "south", "east", "north"), AREA.split(",")):
        tab_to(page, f"csw-area-{side}")
        page.keyboard.type(number)
    page.keyboard.press("Enter")
    page.wait_for_url("**ext_bbox=**")
    check_search(page, AREA, 57)
    for _time in range(2):
        if narrow:
            press(page, "Filter Results")
        press(page, "Organizations: Allegheny County")
        page.wait_for_url("**organization=allegheny-county**")
        if narrow:
            page.keyboard.press("Escape")
        of_county = int(found(page).split()[0])
        check_search(page, AREA, of_county)
        tab_to(page, "field-order-by")
        # The first letter that fits sends the form.
        page.keyboard.type("L")
        page.wait_for_url("**sort=metadata_modified*desc**")
        check_search(page, AREA, of_county)
        press(page, "Next page")
        page.wait_for_url("**page=2**")
        check_search(page, AREA, of_county)
        press(page, "Navigate to dataset")
        page.wait_for_url(lambda url: urlsplit(url).path != "/dataset/")
        for asked, expected in (("page", of_county), ("sort", of_county), ("organization", of_county), ("ext_bbox", 57)):
            # As the Back button does: the address changes, then the page is asked for anew.
            with page.expect_event("load"):
                page.evaluate("setTimeout(() => history.back())")
            assert _last_asked(page.url) == asked
            check_search(page, AREA, expected)
    fits(page)


def _last_asked(url: str) -> str:
    """What was asked for last on the way: the area, an organization in it, an order, another page."""
    asked = parse_qs(urlsplit(url).query)
    return next(name for name in ("page", "sort", "organization", "ext_bbox") if name in asked)
