"""Who is which partner: known anew as soon as an organization differs."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.tests import factories
from support.crashing import elsewhere
from support.editing import call, current_document, publish

from ckanext.civicswitchboard.partners import registry

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.fixture
def branch() -> dict[str, Any]:
    organization("county", partner_type="local_government")
    return organization("branch", partner_type="public_library")


def organization(name: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = factories.Organization(name=name, title=name.title(), image_url="", **more)
    return made


def told() -> list[tuple[str, str, tuple[str, ...], str]]:
    everyone = registry.all_partners()
    assert registry.by_organization() == {each.name: each for each in everyone}
    return [
        (each.name, each.title, tuple(kind.name for kind in each.types), each.image_url) for each in everyone
    ]


COUNTY = ("county", "County", ("local_government",), "")
BRANCH = ("branch", "Branch", ("public_library",), "")


@pytest.mark.parametrize(
    ("differs", "seen"),
    [
        ({"partner_type": "academic_library"}, ("branch", "Branch", ("academic_library",), "")),
        ({"also_acts_as": ["data_intermediary"]}, ("branch", "Branch", ("public_library", "data_intermediary"), "")),
        ({"partner_type": ""}, ("branch", "Branch", (), "")),
        ({"title": "A branch"}, ("branch", "A branch", ("public_library",), "")),
        ({"name": "library"}, ("library", "Branch", ("public_library",), "")),
        ({"image_url": "http://example.org/a.png"}, ("branch", "Branch", ("public_library",), "http://example.org/a.png")),
    ],
)
def test_each_thing_that_differs_is_seen_at_once(
    branch: dict[str, Any], differs: dict[str, Any], seen: tuple[Any, ...]
) -> None:
    assert told() == [BRANCH, COUNTY]
    call("organization_patch", id=branch["id"], **differs)
    assert told() == [seen, COUNTY]
    back = {"partner_type": "public_library", "also_acts_as": [], "title": "Branch", "name": "branch", "image_url": ""}
    call("organization_patch", id=branch["id"], **back)
    assert told() == [BRANCH, COUNTY]


def test_what_another_process_saves_is_seen_and_what_is_not_committed_only_here(branch: dict[str, Any]) -> None:
    assert told() == [BRANCH, COUNTY]
    model.Session.rollback()
    with elsewhere() as cursor:
        cursor.execute("UPDATE \"group\" SET title = 'Zoo' WHERE name = 'branch'")
    assert told() == [COUNTY, ("branch", "Zoo", ("public_library",), "")]
    group = model.Group.get("branch")
    group.title = "Kept by nobody"
    model.Session.flush()
    assert ("branch", "Kept by nobody", ("public_library",), "") in told()
    model.Session.rollback()
    assert told() == [COUNTY, ("branch", "Zoo", ("public_library",), "")]


def test_who_comes_and_who_goes_is_seen(branch: dict[str, Any]) -> None:
    assert told() == [BRANCH, COUNTY]
    organization("attic")
    assert told() == [("attic", "Attic", (), ""), BRANCH, COUNTY]
    call("organization_delete", id=branch["id"])
    assert told() == [("attic", "Attic", (), ""), COUNTY]


def test_two_that_change_places_are_told_apart(branch: dict[str, Any]) -> None:
    call("organization_patch", id=branch["id"], partner_type="local_government")
    call("organization_patch", id="county", partner_type="public_library")
    assert [each[2] for each in told()] == [("local_government",), ("public_library",)]


def test_a_published_name_of_a_type_is_told(branch: dict[str, Any]) -> None:
    assert told() == [BRANCH, COUNTY]
    document = current_document()
    (kind,) = [each for each in document["partner_types"] if each["name"] == "public_library"]
    kind["label"] = "Library for all"
    publish(document)
    assert {each.types[0].label for each in registry.all_partners()} == {"Library for all", "Local government"}
