"""Searches and facets by kind of partner, on the real search engine."""
from __future__ import annotations

import itertools
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.lib import search
from ckan.lib.search import SearchQueryError
from ckan.lib.search.common import make_connection
from ckan.tests import factories, helpers

from ckanext.civicswitchboard.partners import filters

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PAGES = ("/dataset/", "/organization/branch", "/group/topic")
KINDS = {
    "branch": ("public_library", []),
    "campus": ("academic_library", ["data_intermediary"]),
    "county": ("local_government", []),
    "friends": ("", []),
}


@pytest.fixture
def portal() -> dict[str, dict[str, Any]]:
    """Four organizations; the library with two datasets and a private one, the others with one."""
    owners = {
        name: factories.Organization(name=name, title=name.title(), partner_type=kind, also_acts_as=also)
        for name, (kind, also) in KINDS.items()
    }
    topic = factories.Group(name="topic")
    for name, owner in owners.items():
        dataset(owner, f"{name}-1", groups=[{"name": topic["name"]}])
    dataset(owners["branch"], "branch-2", tags=[{"name": "wifi"}])
    dataset(owners["branch"], "branch-private", private=True)
    return owners


def dataset(owner: dict[str, Any], name: str, **more: Any) -> None:
    factories.Dataset(owner_org=owner["id"], name=name, title=name, license_id="cc-by", **more)


def find(context: Any = None, **asked: Any) -> dict[str, Any]:
    anybody = {"user": "", "auth_user_obj": model.AnonymousUser(), "ignore_auth": False}
    return tk.get_action("package_search")({**anybody, **(context or {})}, asked)


def names(**asked: Any) -> set[str]:
    return {each["name"] for each in find(**asked)["results"]}


def counts(**asked: Any) -> dict[str, int]:
    return find(rows=0, **{"facet.field": [filters.TYPE], **asked})["facets"][filters.TYPE]


class TestFilter:
    def test_finds_what_such_partners_publish(self, portal):
        everything = {"branch-1", "branch-2", "campus-1", "county-1", "friends-1"}
        cases = {
            'partner_type:"public_library"': {"branch-1", "branch-2"},
            '+partner_type:"data_intermediary"': {"campus-1"},
            '-partner_type:"public_library"': {"campus-1", "county-1", "friends-1"},
            'partner_type:"public_library" tags:"wifi"': {"branch-2"},
            'partner_type:("public_library" OR "local_government")': {"branch-1", "branch-2", "county-1"},
            'partner_type:"academic_library" partner_type:"data_intermediary"': {"campus-1"},
            'partner_type:"museum"': set(),
            '(tags:"wifi" OR partner_type:"museum")': {"branch-2"},
            '-partner_type:"museum"': everything,
            'partner_type:""': set(),
            'partner_sector:"library"': {"branch-1", "branch-2", "campus-1"},
            'partner_sector:"intermediary" partner_sector:"government"': {"campus-1", "county-1"},
        }
        assert {fq: names(fq=fq) for fq in cases} == cases
        assert {fq: names(fq_list=[fq]) for fq in cases} == cases

    def test_a_changed_type_is_found_at_once_without_indexing(self, portal):
        site_user = helpers.call_action("get_site_user")["name"]
        helpers.call_action(
            "organization_patch", {"user": site_user}, id="friends", partner_type="public_library"
        )
        assert names(fq='partner_type:"public_library"') == {"branch-1", "branch-2", "friends-1"}
        assert counts()["public_library"] == 3

    def test_one_that_cannot_be_rewritten_is_refused(self, portal, app):
        with pytest.raises(SearchQueryError, match="partner_type"):
            find(fq="partner_type:pub*")
        with pytest.raises(SearchQueryError, match="partner_sector"):
            find(fq_list=["tags:x", "partner_sector:[* TO *]"])
        url = "/api/3/action/package_search?fq=partner_type:*"
        assert app.get(url, status=400).json["error"]["__type"] == "Search Query Error"

    def test_nothing_in_an_address_is_an_error_of_ours(self, portal, app):
        for value in ('a"b', "a\\", '"', "a" * 1000, "*", "(", "ж", "a b", " "):
            for param, page in itertools.product(filters.FIELDS, PAGES):
                answer = app.get(page, query_string={param: value})
                assert answer.status_code in (200, 400), (page, param, value)

    def test_private_datasets_are_found_by_who_may_read_them(self, portal):
        editor = factories.User()
        helpers.call_action(
            "organization_member_create", id="branch", username=editor["name"], role="editor"
        )
        context = {"user": editor["name"], "auth_user_obj": model.User.get(editor["id"])}
        asked = {"fq": 'partner_type:"public_library"', "include_private": True}
        assert find(context, **asked)["count"] == 3
        assert find(**asked)["count"] == 2


class TestFacet:
    def test_counts_each_type_and_what_partners_also_act_as(self, portal):
        assert counts() == {
            "public_library": 2, "academic_library": 1, "data_intermediary": 1, "local_government": 1,
        }

    def test_sectors_count_a_dataset_once(self, portal):
        helpers.call_action(
            "organization_patch", {"user": helpers.call_action("get_site_user")["name"]},
            id="branch", also_acts_as=["special_library"],
        )
        found = find(rows=0, **{"facet.field": [filters.SECTOR]})["facets"][filters.SECTOR]
        assert found == {"library": 3, "intermediary": 1, "government": 1}

    def test_it_has_labels_and_leaves_the_other_facets_as_they_are(self, portal):
        found = find(rows=0, **{"facet.field": ["tags", filters.TYPE]})
        assert set(found["facets"]) == set(found["search_facets"]) == {"tags", filters.TYPE}
        items = found["search_facets"][filters.TYPE]["items"]
        assert {"name": "public_library", "display_name": "Public library", "count": 2} in items
        both = find(rows=0, **{"facet.field": ["organization", filters.TYPE]})
        assert both["facets"]["organization"]["branch"] == 2

    def test_it_narrows_with_the_search(self, portal):
        assert counts(q='name:"branch-2"') == counts(fq="tags:wifi") == {"public_library": 1}
        assert counts(fq='partner_type:"data_intermediary"') == {
            "academic_library": 1, "data_intermediary": 1,
        }

    def test_without_facets_or_typed_partners_it_is_empty(self, portal):
        assert find(facet="false", **{"facet.field": [filters.TYPE]})["facets"] == {}
        assert counts(fq="organization:friends") == {}

    def test_private_datasets_are_counted_for_who_may_read_them(self, portal):
        sysadmin = factories.Sysadmin()
        context = {"user": sysadmin["name"], "auth_user_obj": model.User.get(sysadmin["id"])}
        asked = {"rows": 0, "include_private": True, "facet.field": [filters.TYPE]}
        for limit in (50, 1):
            found = find(context, **asked, **{"facet.limit": limit})["facets"][filters.TYPE]
            assert found["public_library"] == 3
            assert find(**asked, **{"facet.limit": limit})["facets"][filters.TYPE]["public_library"] == 2

    def test_callers_cannot_ask_for_it_through_the_extras(self, portal):
        found = find(rows=0, extras={filters._ASKED: {"fields": ["x"]}}, **{"facet.field": ["tags"]})
        assert set(found["facets"]) == {"tags"}

    def test_limit_and_mincount_hold(self, portal):
        assert counts(**{"facet.limit": 1}) == {"public_library": 2}
        assert counts(**{"facet.mincount": 2}) == {"public_library": 2}
        assert counts(**{"facet.limit": 0}) == {}
        assert len(counts(**{"facet.limit": -1})) == 4


class TestManyOrganizations:
    """Organizations and documents made at once: what matters is their number."""

    def fill(self, number: int) -> None:
        """So many organizations with a dataset each, every other a library, some with two."""
        solr = make_connection(decode_dates=False)
        made = factories.Dataset(owner_org=factories.Organization(name="first")["id"], name="made",
                                 license_id="cc-by")
        (pattern,) = solr.search(f"id:{made['id']}").docs
        for key in ("_version_", "indexed_ts"):
            pattern.pop(key, None)
        # Who may see it is indexed, but not stored.
        pattern["permission_labels"] = ["public"]
        documents = []
        for place in range(number):
            kind = "public_library" if place % 2 else "county_office"
            group = model.Group(name=f"org-{place}", type="organization", is_organization=True)
            group.id = f"id-{place}"
            group.extras = {"partner_type": kind}
            model.Session.add(group)
            for copy in range(1 + (place % 4 == 1)):
                documents.append({**pattern, "id": f"{place}-{copy}", "index_id": f"{place}-{copy}",
                                  "organization": f"org-{place}", "owner_org": group.id})
        model.Session.commit()
        solr.add(documents, commit=True)

    @pytest.mark.parametrize("number", [60, 1000, 3000])
    def test_counts_and_filter_are_exact(self, number, monkeypatch):
        self.fill(number)
        asked = []
        run = pysolr.Solr.search
        monkeypatch.setattr(pysolr.Solr, "search", lambda *a, **k: asked.append(k) or run(*a, **k))
        libraries = number // 2 + number // 4
        assert counts() == {"public_library": libraries}
        assert len(asked) == 1
        fq = 'partner_type:"public_library"'
        assert find(rows=0, fq=fq)["count"] == libraries
        assert find(rows=0, fq=f"-{fq}")["count"] == number - number // 2 + 1
        assert counts(fq=fq) == {"public_library": libraries}
        search.clear_all()

    def test_the_organizations_counts_beside_it_keep_to_the_callers_limit(self):
        self.fill(60)
        both = {"facet.field": ["organization", filters.TYPE], "facet.limit": 5}
        found = find(rows=0, **both)
        assert found["facets"][filters.TYPE] == {"public_library": 45}
        assert len(found["facets"]["organization"]) == 5
        assert found["search_facets"].keys() == {"organization", filters.TYPE}
        search.clear_all()


class TestPages:
    def page(self, app: Any, url: str) -> BeautifulSoup:
        return BeautifulSoup(app.get(url, status=200).body, "html.parser")

    def facet(self, page: BeautifulSoup) -> dict[str, Any]:
        nav = page.find("nav", attrs={"aria-label": "Filter by: Published by"})
        return {a.select_one(".item-label").get_text(strip=True): a for a in nav.find_all("a")} if nav else {}

    @pytest.mark.parametrize("url", ["/dataset/", "/group/topic"])
    def test_the_facet_comes_first_in_words(self, app, portal, url):
        page = self.page(app, url)
        first = page.select_one("#search-facets .module-heading").get_text(strip=True)
        assert first == "Published by"
        links = self.facet(page)
        assert set(links) == {"Public library", "Academic library", "Civic data intermediary",
                              "Local government"}
        link = links["Civic data intermediary"]
        assert link["aria-label"] == "Search datasets by Published by: Civic data intermediary"
        assert "partner_type=data_intermediary" in link["href"]

    def test_an_organizations_own_page_has_none(self, app, portal):
        assert not self.facet(self.page(app, "/organization/branch"))

    def test_without_a_typed_partner_there_is_no_heading(self, app):
        dataset(factories.Organization(), "lonely")
        assert "Published by" not in app.get("/dataset/").body

    def test_the_pill_says_it_in_words_even_without_results(self, app, portal):
        labels = {
            "partner_type=public_library": "Public library",
            "partner_type=museum": "Museum",
            "partner_sector=library": "Libraries",
            "partner_sector=government&q=nothing-like-it": "Governments",
        }
        for query, label in labels.items():
            page = self.page(app, f"/dataset/?{query}")
            pill = page.select_one(".filter-list .pill")
            assert pill.get_text(strip=True) == label
            assert page.select_one(".filter-list .facet").get_text(strip=True) == "Published by:"
            assert pill.a["aria-label"] == f"Remove applied filter: {label}"

    def test_other_pills_are_read_as_they_stand_too(self, app, portal):
        pill = self.page(app, "/dataset/?organization=branch").select_one(".filter-list .pill")
        assert pill.a["aria-label"] == "Remove applied filter: Branch"

    def test_html_in_a_filter_is_text(self, app, portal):
        body = app.get("/dataset/", query_string={"organization": "<script>x</script>"}).body
        assert "<script>x" not in body

    def test_the_home_pages_links_lead_to_the_sectors(self, app, portal):
        for number in range(3):
            dataset(portal["branch"], f"more-{number}")
            dataset(portal["county"], f"records-{number}")
        links = [a["href"] for a in self.page(app, "/").select(".csw-shelf-all a")]
        assert "partner_sector=library" in links[0]
        assert "partner_sector=government" in links[1] and "partner_sector=intermediary" in links[1]
        for link, number in zip(links, (6, 5)):
            page = self.page(app, link)
            assert f"{number} datasets found" in page.select_one("#search-results h1").get_text()
