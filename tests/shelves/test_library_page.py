"""A library's page: what the others publish that goes with its datasets."""
from __future__ import annotations

import pytest
from ckan.tests import factories
from shelves.conftest import NOBODY_LISTENS, change, page

from ckanext.civicswitchboard import shelves
from ckanext.civicswitchboard.helpers import shelves as shelf_helpers


def items(app, organization: str = "branch", user=None):
    return page(app, f"/organization/{organization}", user).select(".csw-alongside .csw-item")


def test_it_names_the_dataset_its_publisher_which_it_goes_with_and_why(app, portal):
    (item,) = items(app)
    assert item.h3.get_text() == "Landings"
    assert "The County" in item.get_text()
    told = [span.get_text() for span in item.select(".csw-reasons > span")]
    assert told == ["related to Timetables", "both about ferries"]


def test_groups_are_named_by_their_titles(app, portal):
    factories.Group(name="civic", title="Civic Life")
    for owner, name in ((portal.library, "branch-plans"), (portal.county, "county-plans")):
        portal.dataset(owner, name, "", title=name.partition("-")[0], groups=[{"name": "civic"}])
    assert "both in Civic Life" in " ".join(i.get_text() for i in items(app))


def test_others_pages_have_none(app, portal):
    assert items(app, "county") == []


def test_not_all_are_for_one_of_its_datasets(app, portal):
    portal.dataset(portal.library, "recipes", "cooking")
    portal.dataset(portal.county, "kitchens", "cooking")
    for number in range(2):
        portal.dataset(portal.county, f"ferry-{number}", "ferries crossings")
    beside = [i.select_one(".csw-reasons span").get_text() for i in items(app)]
    assert beside.count("related to Timetables") == 2
    assert beside.count("related to Recipes") == 1


def test_private_datasets_of_either_side_show_to_nobody(app, portal):
    sysadmin = factories.SysadminWithToken()
    portal.dataset(portal.library, "drafts", "secrets", private=True)
    portal.dataset(portal.county, "archive-plans", "secrets")
    portal.dataset(portal.county, "hidden-piers", "ferries", private=True)
    for user in (None, sysadmin):
        assert [i.h3.get_text() for i in items(app, user=user)] == ["Landings"]
    change("package_patch", id="landings", private=True)
    assert items(app) == []


def test_a_library_without_datasets_has_none(app, portal):
    factories.Organization(name="campus", partner_type="academic_library")
    assert items(app, "campus") == []


def test_in_trouble_the_shelf_says_so(portal, monkeypatch, ckan_config):
    monkeypatch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
    assert shelf_helpers.civicswitchboard_library_shelf(portal.library, [portal.ours]) is None
    with pytest.raises(shelves.search.SearchUnavailable):
        shelves.beside_library(portal.library, [portal.ours])
