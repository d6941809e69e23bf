"""Relationships between datasets survive any save and keep no dataset from search; stock CKAN loses them."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.lib import search
from ckan.tests import factories, helpers


@pytest.fixture
def related(clean_portal: Any) -> tuple[str, str]:
    """Two datasets, of which the first links to the second."""
    first, second = (factories.Dataset(license_id="cc-by", notes="n")["id"] for _ in range(2))
    link = model.PackageRelationship(type="links_to", comment="as they are")
    link.subject, link.object = model.Package.get(first), model.Package.get(second)
    model.Session.add(link)
    model.Session.commit()
    return first, second


def stored() -> list[tuple[str, str, str]]:
    model.Session.remove()
    return [(link.type, link.comment, link.state) for link in model.Session.query(model.PackageRelationship)]


@pytest.mark.parametrize("side", [0, 1], ids=["subject", "object"])
def test_saves_keep_a_relationship_and_the_dataset_is_found(related: tuple[str, str], side: int) -> None:
    id_ = related[side]
    context = {"user": factories.Sysadmin()["name"]}
    helpers.call_action("package_patch", context, id=id_, notes="patched")
    helpers.call_action("package_update", context, **{**helpers.call_action("package_show", id=id_), "title": "Updated"})
    helpers.call_action("resource_create", context, package_id=id_, url="http://data.example.org/a.csv", name="A")
    search.rebuild(id_)
    assert stored() == [("links_to", "as they are", "active")]
    found = helpers.call_action("package_search", q=f"id:{id_}")["results"]
    assert [(record["title"], record["notes"]) for record in found] == [("Updated", "patched")]
