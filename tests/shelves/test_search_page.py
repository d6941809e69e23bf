"""The lane of libraries on the search page."""
from __future__ import annotations

import pytest
from shelves.conftest import NOBODY_LISTENS, change, page

from ckanext.civicswitchboard.shelves import search_page


@pytest.fixture
def small_pages(ckan_config, monkeypatch):
    """A search page shows two datasets."""
    monkeypatch.setitem(ckan_config, "ckan.datasets_per_page", 2)


@pytest.fixture
def drowned(portal, small_pages):
    """Libraries' datasets that a page of the county's hides."""
    for number in range(3):
        portal.dataset(portal.county, f"ferries-{number}", title=f"Ferries ferries {number}")
    for number in range(4):
        portal.dataset(portal.library, f"crossing-{number}", title=f"Crossing {number}")
    return portal


def lane_of(app, query: str, **more):
    return page(app, f"/dataset/?{query}", **more).select_one(".csw-lane")


def test_what_the_page_does_not_show_stands_in_the_lane(app, drowned):
    shown = lane_of(app, "q=ferries")
    assert " ".join(shown.h2.get_text().split()) == "From libraries for “ferries”"
    assert len(shown.select("li")) == 3
    assert "Branch Library" in shown.li.get_text()
    more = shown.select_one(".csw-lane-more")
    assert more.get_text(" ", strip=True) == "2 more from libraries →"
    assert more["href"].endswith("/dataset/?q=ferries&partner_sector=library")


def test_the_other_parameters_stay_in_the_link(app, drowned):
    more = lane_of(app, "q=ferries&tags=ferries&sort=title_string+desc&page=1").select_one(".csw-lane-more")
    assert more["href"].endswith("?q=ferries&tags=ferries&sort=title_string+desc&partner_sector=library")


def test_filters_without_words_have_a_lane_too(app, drowned):
    shown = lane_of(app, "tags=ferries&sort=title_string+desc")
    assert "From libraries for this search" in shown.get_text()


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20", "sort=title_string+asc", "q=ferries&page=2", "q=nothing",
              "q=ferries&organization=county"]
)  # fmt: skip
def test_where_it_helps_nobody_there_is_none(app, drowned, query):
    assert lane_of(app, query) is None


@pytest.mark.parametrize("name", ["partner_type", "partner_sector"])
def test_a_partner_filter_needs_no_lane(portal, name):
    assert search_page.search_lane([("q", "ferries"), (name, "library")], []) is None
    assert search_page.search_lane([("q", "ferries")], []) is not None


def test_when_the_page_shows_them_already_there_is_none(app, portal):
    assert lane_of(app, "q=ferries") is None


def test_without_libraries_there_is_none(app, drowned):
    change("organization_patch", id="branch", partner_type="museum")
    assert lane_of(app, "q=ferries") is None


def test_private_and_deleted_datasets_stand_and_count_nowhere(app, drowned):
    from ckan.tests import factories

    sysadmin = factories.SysadminWithToken()
    change("package_patch", id="crossing-0", private=True)
    change("package_delete", id="crossing-1")
    shown = lane_of(app, "q=ferries+crossing")
    for user in (None, sysadmin):
        shown = page(app, "/dataset/?q=ferries", user).select_one(".csw-lane")
        titles = {a.get_text() for a in shown.select("li a")}
        assert titles == {"Crossing 2", "Crossing 3", "Timetables"}
        assert shown.select_one(".csw-lane-more") is None


def test_it_comes_with_what_htmx_swaps(app, drowned):
    answer = app.get("/dataset/?q=ferries", headers={"HX-Request": "true"}, status=200)
    from bs4 import BeautifulSoup

    swapped = BeautifulSoup(answer.body, "html.parser").select_one("#search-results")
    assert swapped.select_one(".csw-lane")


def test_organizations_pages_have_none(app, drowned):
    assert page(app, "/organization/county?q=ferries").select(".csw-lane") == []


@pytest.mark.parametrize("query", ['q="', "q=title:(", "q={!x}", "q=a:b", 'tags="', "q=" + "x" * 1000, "q=ferries&page=x"])
def test_odd_searches_break_no_page(app, drowned, query):
    answer = app.get(f"/dataset/?{query}")
    assert answer.status_code in (200, 400)


def test_an_area_that_is_none_is_no_search(app, drowned):
    shown = page(app, "/dataset/?ext_bbox=1,2,3")
    assert shown.select_one(".csw-lane") is None
    assert page(app, "/dataset/?q=ferries&ext_bbox=1,2,3").select_one(".csw-lane")


def test_html_in_a_search_is_shown_as_text(app, drowned):
    for number in range(3):
        drowned.dataset(drowned.library, f"b-{number}", title="<b>x</b> y")
    shown = lane_of(app, "q=<b>x</b>")
    assert shown is None or not shown.select("b")


def test_in_trouble_the_page_keeps_its_own_answer(app, portal, monkeypatch, ckan_config):
    monkeypatch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
    assert search_page.search_lane([("q", "ferries")], []) is None
