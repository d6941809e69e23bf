"""Importing the portal's own records: nothing is added, moved or rewritten."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core.importer.plan import ExistingRecord, Plan
from ckanext.civicswitchboard.core.importer.planner import plan
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Field
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES

UNITS = Field(id="units", field_name="units", label="Units", preset="multiple_text")
FIELDS: Any = {"dataset": {}, "resource": {"units": CompiledField(UNITS, FIELD_TYPES["multiple_text"], False, {})}}
EXISTING = ExistingRecord(
    id="one",
    columns={"name": "maps", "state": "active", "private": False, "license_id": "odd", "organization": None},
    extras={},
    resources=({"id": "r", "url": "http://data.example.org/a.csv", "units": {"a": 1}, "other": 7},),
)


def planned(**record: Any) -> Plan:
    return plan({"id": "one", "name": "maps", **record}, FIELDS, {"cc-by"}, EXISTING)


def test_the_title_of_an_unknown_license_is_no_value_of_its_own() -> None:
    assert planned(license_id="odd", license_title="odd").extras == {}
    assert planned(license_id="odd", license_title="Odd license").extras == {"license_title_2": "Odd license"}


def test_relationships_of_the_same_dataset_are_left_to_ckan() -> None:
    shown = [{"type": "links_to", "comment": ""}]
    assert planned(relationships_as_subject=shown).extras == {}
    foreign = plan({"name": "maps", "relationships_as_subject": shown}, FIELDS, set(), None)
    assert list(foreign.extras) == ["relationships_as_subject_2"]


def test_values_that_a_resource_holds_are_sent_as_they_are_stored() -> None:
    (resource,) = planned(resources=[dict(EXISTING.resources[0])]).resources or ()
    assert resource["units"] == {"a": 1} and resource["other"] == 7


def test_tags_stay_in_their_vocabularies() -> None:
    shown = {"tags": [{"name": "road", "vocabulary_id": "v"}, {"name": "wifi"}, {"name": "both"}, {"name": "both", "vocabulary_id": "v"}]}
    tags = planned(tags=[{"name": name} for name in ("road", "wifi", "both", "new")]).to_update(shown, None, [])["tags"]
    sent = {(tag["name"], tag.get("vocabulary_id")) for tag in tags}
    assert sent == {("road", "v"), ("wifi", None), ("both", None), ("both", "v"), ("new", None)}
