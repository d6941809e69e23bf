"""How common values are: counted over public datasets, kept for a while."""
from __future__ import annotations

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from shelves.conftest import change, shelf

from ckanext.civicswitchboard.core.related.reasons import Facts
from ckanext.civicswitchboard.shelves import value_counts

FERRY = Facts("Any", tags=("ferries",))


def counted() -> tuple[int, int]:
    found = value_counts.common_for([FERRY])
    return found.total, found.counts.get(("tag", "ferry"), 1)


def test_public_active_datasets_are_counted(portal):
    portal.dataset(portal.county, "secret", private=True)
    portal.dataset(portal.county, "gone")
    change("package_delete", id="gone")
    portal.dataset(portal.county, "spelled", "Ferry")
    factories.Dataset(type="other", tags=[{"name": "ferries"}])
    assert counted() == (3, 3)


def test_nothing_that_private_datasets_alone_hold_is_kept(portal):
    for number in range(3):
        portal.dataset(portal.county, f"secret-{number}", "clandestine", private=True)
    counted()
    kept = connect_to_redis().hgetall(value_counts._name("counts"))
    assert b"tag\tferry" in kept
    assert not [key for key in kept if b"clandestine" in key or b"secret" in key]


def test_the_same_count_is_used_for_a_while(portal):
    assert counted() == (2, 2)
    portal.dataset(portal.county, "third")
    assert counted() == (2, 2)
    connect_to_redis().delete(value_counts._name("fresh"))
    assert counted() == (3, 3)


def test_a_small_portal_counts_often_and_none_for_longer_than_the_setting(portal, ckan_config, monkeypatch):
    counted()
    assert 1 <= connect_to_redis().ttl(value_counts._name("fresh")) <= 600
    monkeypatch.setitem(ckan_config, "civicswitchboard.shelves.count_seconds", 2)
    connect_to_redis().delete(value_counts._name("fresh"))
    counted()
    assert 1 <= connect_to_redis().ttl(value_counts._name("fresh")) <= 2


def test_while_one_counts_the_others_use_the_old_count(portal):
    counted()
    portal.dataset(portal.county, "third")
    connect_to_redis().set(value_counts._name("fresh"), 1)
    assert counted() == (2, 2)


def test_a_tag_of_more_than_a_fifth_is_no_reason_any_more(portal):
    for number in range(16):
        portal.dataset(portal.county, f"filler-{number}", "", title=f"Filler {number}")
    for number in range(2):
        portal.dataset(portal.county, f"quay-{number}")
    value_counts.forget()
    # 4 of 20 have it: fewer than five.
    assert shelf("landings")[0]["reasons"] == ["both about ferries"]
    portal.dataset(portal.county, "quay-2")
    value_counts.forget()
    assert shelf("landings") == []


@pytest.mark.parametrize("key", ["theme", "places"])
def test_values_of_several_are_read_however_they_are_stored(portal, key):
    value = ["health", "energy"]
    portal.dataset(portal.county, "aa", "", **{key: value})
    portal.dataset(portal.county, "bb", "", **{key: value})
    facts = Facts("Any", places=("health",), themes={"health": "Health"})
    found = value_counts.common_for([facts])
    kind = "theme" if key == "theme" else "place"
    assert found.counts[kind, "health"] == 2
