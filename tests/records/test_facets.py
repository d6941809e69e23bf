"""Filters by fields of the shared schema on search pages."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.lib import jobs
from ckan.tests import factories
from support.editing import act, call, changed, current_document, publish

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.fixture
def datasets(clean_portal: None) -> None:
    owner = factories.Organization(name="branch")
    values = {"owner_org": owner["id"], "license_id": "cc-by", "groups": [{"name": factories.Group(name="topic")["name"]}]}
    factories.Dataset(name="landings", theme=["health", "energy"], collection="Ferry papers", **values)
    factories.Dataset(name="timetables", theme=["health"], **values)


def page(app: Any, path: str = "/dataset/") -> BeautifulSoup:
    return BeautifulSoup(app.get(path, status=200).body, "html.parser")


def facets(found: BeautifulSoup) -> dict[str, list[str]]:
    """The values of each filter with their counts, by its heading."""
    return {
        section.h2.get_text(strip=True): [" ".join(item.get_text(" ").split()) for item in section.select("li.nav-item")]
        for section in found.select("section.module-narrow")
        if section.select_one("li.nav-item")
    }


def pills(found: BeautifulSoup) -> str:
    return " ".join(found.select_one("p.filter-list").get_text(" ").split())


def names(found: BeautifulSoup) -> set[str]:
    return {link["href"].rpartition("/")[2] for link in found.select(".dataset-heading a")}


@pytest.mark.usefixtures("datasets")
@pytest.mark.parametrize("path", ["/dataset/", "/organization/branch", "/group/topic"])
def test_they_are_offered_by_their_labels_with_terms_in_words(app: Any, path: str) -> None:
    offered = facets(page(app, path))
    assert offered["Theme"] == ["Health - 2", "Energy - 1"]
    assert offered["Collection"] == ["Ferry papers - 1"]
    assert "Geographic unit" not in page(app, path).get_text()
    filtered = page(app, f"{path}?vocab_theme=energy")
    assert pills(filtered) == "Theme: Energy" and names(filtered) == {"landings"}


@pytest.mark.usefixtures("datasets")
def test_what_finds_nothing_is_named_all_the_same(app: Any) -> None:
    assert pills(page(app, "/dataset/?vocab_theme=energy&q=nothingatall")) == "Theme: Energy"


@pytest.mark.usefixtures("datasets")
def test_a_version_changes_what_is_offered_at_once(app: Any) -> None:
    document = changed(current_document(), "theme", label="Subject")
    for vocabulary in document["vocabularies"]:
        for term in vocabulary["terms"]:
            if term["value"] == "health":
                term["label"] = "Health and care"
            if term["value"] == "energy":
                term["state"] = "retired"
    publish(changed(document, "collection", facet=False))
    offered = facets(page(app))
    assert offered["Subject"] == ["Health and care - 2", "Energy - 1"]
    assert not {"Theme", "Collection"} & set(offered)


@pytest.mark.usefixtures("datasets")
def test_a_renamed_field_filters_under_both_names_before_and_after_the_index_follows(app: Any) -> None:
    jobs.get_queue().empty()
    document = changed(
        current_document(), "collection", field_name="series", label="Series", previous_names=["collection"]
    )
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)
    factories.Dataset(name="moorings", license_id="cc-by", series="Ferry papers")
    for _before_and_after in range(2):
        assert facets(page(app))["Series"] == ["Ferry papers - 2"]
        for name in ("vocab_series", "vocab_collection"):
            assert names(page(app, f"/dataset/?{name}=Ferry+papers")) == {"landings", "moorings"}
        found = call("package_search", fq='vocab_series:"Ferry papers"', **{"facet.field": ["vocab_series"]})
        assert found["count"] == 2 and found["facets"] == {"vocab_series": {"Ferry papers": 2}}
        for job in jobs.get_queue().jobs:
            job.perform()
