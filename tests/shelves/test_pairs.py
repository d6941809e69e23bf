"""Pairs of records judged by hand: those that belong together are found, for the right reason."""
from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories, helpers
from shelves.records import GROUPS, LIBRARIES, MISTAKEN, PARTNERS, RECORDS, RELATED, UNRELATED, portal

from ckanext.civicswitchboard.core.related import reasons
from ckanext.civicswitchboard.core.related.decades import decades
from ckanext.civicswitchboard.core.related.reasons import Common, Comparable, Facts, Seeker
from ckanext.civicswitchboard.core.related.text import fold

FILLERS = 120


def facts(record: dict[str, Any]) -> Facts:
    owner = record["owner_org"]
    period = [record.get(key, "") for key in ("temporal_start", "temporal_end", "temporal_coverage")]
    return Facts(
        title=record["title"],
        tags=tuple(tag["name"] for tag in record["tags"]),
        groups={group["name"]: GROUPS[group["name"]] for group in record["groups"]},
        places=tuple(record.get("places", ())),
        collection=record.get("collection", ""),
        decades=decades(*period, record["title"]),
        publisher=(owner, PARTNERS[owner][0]),
        notes=record["notes"],
        by_neighborhood=record.get("geographic_unit") == "Neighborhood",
    )


BY_NAME = {record["name"]: facts(record) for record in RECORDS}


@pytest.fixture(scope="module")
def common() -> Common:
    total, counts = reasons.count(facts(each) for each in portal(FILLERS))
    stopped = ["harvested", "arcgis", "sd", "service definition"]
    return Common(total, counts, frozenset(map(fold, stopped)))


def told(one: str, other: str, common: Common) -> list[str]:
    return [
        reason.wording.format(things=", ".join(thing.text for thing in reason.things))
        for reason in Seeker(BY_NAME[one], common).reasons(Comparable(BY_NAME[other]))
    ]


def test_there_are_forty_pairs():
    pairs = {pair[:2] for pair in (*RELATED, *UNRELATED)}
    assert len(pairs) == 40


@pytest.mark.parametrize(("one", "other", "reason"), RELATED)
def test_related_for_a_reason(one: str, other: str, reason: str, common: Common):
    assert reason in told(one, other, common)


@pytest.mark.parametrize(("one", "other"), UNRELATED)
def test_unrelated(one: str, other: str, common: Common):
    assert told(one, other, common) == []


@pytest.mark.xfail(strict=True, reason="a jail's census and a country's share a rare tag")
@pytest.mark.parametrize(("one", "other"), MISTAKEN)
def test_mistaken(one: str, other: str, common: Common):
    assert told(one, other, common) == []


@pytest.mark.usefixtures("clean_portal")
def test_on_a_portal_the_shelves_hold_them():
    for name, (title, kind) in PARTNERS.items():
        factories.Organization(name=name, title=title, partner_type=kind)
    for name, title in GROUPS.items():
        factories.Group(name=name, title=title)
    user = factories.Sysadmin()["name"]
    for record in portal(20):
        tk.get_action("package_create")({"ignore_auth": True, "user": user}, dict(record))
    shelves = {
        name: {
            item["dataset"]: item["reasons"]
            for item in helpers.call_action("civicswitchboard_shelf_show", dataset_id=name, limit=20)
        }
        for name in BY_NAME
    }
    missed = [pair for pair in RELATED if pair[2] not in shelves[pair[0]].get(pair[1], [])]
    wrong = [pair for pair in UNRELATED if pair[1] in shelves[pair[0]]]
    owners = {record["name"]: record["owner_org"] for record in RECORDS}
    same_side = [
        (name, item)
        for name, items in shelves.items()
        for item in items
        if (owners[name] in LIBRARIES) == (owners.get(item) in LIBRARIES)
    ]
    assert (missed, wrong, same_side) == ([], [], [])
