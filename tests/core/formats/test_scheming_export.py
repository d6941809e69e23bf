"""The shared schema in stock scheming's form."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.formats.scheming_export import (
    Files,
    StoredKeys,
    Unkeepable,
    detach,
    keys_of,
)
from ckanext.civicswitchboard.core.formats.scheming_import import Schemas, adopt
from ckanext.civicswitchboard.core.schema.document import Document, dump
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

SHIPPED = read_folder(Path(__file__).parents[3] / "schemas")
Raw = dict[str, Any]


def field(found: Files, name: str, part: str = "dataset_fields") -> Raw:
    fields = found.organization["fields"] if part == "organization" else found.dataset[part]
    return next(each for each in fields if each["field_name"] == name)


def with_state(field_id: str, state: str) -> Document:
    raw = dump(SHIPPED)
    for each in raw["dataset"]["fields"]:
        if each["id"] == field_id:
            each["state"] = state
    return read(raw)


def test_every_field_is_there_with_retired_ones_behind_their_label() -> None:
    found = detach(with_state("collection", "retired"), StoredKeys())
    names = [each["field_name"] for each in found.dataset["dataset_fields"]]
    assert sorted(names) == sorted(f.field_name for f in SHIPPED.dataset.fields)
    assert field(found, "collection")["label"] == "Collection (no longer offered)"


def test_terms_are_choices_and_so_is_what_records_hold() -> None:
    held = StoredKeys(values={("dataset", "geographic_unit"): ["Block face"]})
    choices = field(detach(SHIPPED, held), "geographic_unit")["choices"]
    assert choices[-1] == {"value": "Block face", "label": "Block face"}
    retired = [c["label"] for c in field(detach(SHIPPED, StoredKeys()), "frequency_publishing")["choices"]]
    assert any(label.endswith("(no longer offered)") for label in retired)
    types = field(detach(SHIPPED, StoredKeys()), "partner_type", "organization")
    assert types["preset"] == "select" and types["choices"][0]["value"] == "public_library"


def test_nothing_is_required_that_a_record_lacks() -> None:
    assert field(detach(SHIPPED, StoredKeys()), "license_id")["required"] is True
    found = detach(SHIPPED, StoredKeys(gaps=frozenset({("dataset", "license_id")})))
    assert "required" not in field(found, "license_id") and "'license_id' is not required" in found.remarks[0]


def test_patterns_and_limits_that_go_are_told() -> None:
    raw = dump(SHIPPED)
    for each in raw["dataset"]["fields"]:
        more: Raw = {"department": {"max_length": 40}, "temporal_end": {"maximum": "2030"}}
        each.update(more.get(each["id"], {"pattern": "[A-Z]+"} if each["id"] == "call_number" else {}))
    told = [remark for remark in detach(read(raw), StoredKeys()).remarks if "takes any value" in remark]
    assert [remark.split("'")[1] for remark in told] == ["department", "temporal_end", "call_number"]


def test_rows_that_stock_scheming_would_drop_or_fail_on_are_edited_as_text() -> None:
    found = detach(SHIPPED, StoredKeys(unreadable=frozenset({("resource", "dictionary")})))
    assert field(found, "spaces", "organization")["preset"] == "textarea"
    assert field(found, "dictionary", "resource_fields")["preset"] == "textarea"
    assert "repeating_subfields" in field(detach(SHIPPED, StoredKeys()), "dictionary", "resource_fields")


def test_keys_beyond_the_schema_become_fields_where_they_are_texts() -> None:
    found = detach(SHIPPED, StoredKeys(others={"dataset": ["guid"]}, untold={"dataset": ["deep"]}))
    assert found.dataset["dataset_fields"][-1]["field_name"] == "guid"
    assert any("'deep'" in remark for remark in found.remarks)


def test_what_leaves_can_be_taken_over_again() -> None:
    left = detach(SHIPPED, StoredKeys())
    presets = {each["preset_name"]: each["values"] for each in left.presets["presets"]}
    back = adopt(Schemas([left.dataset], [left.organization], presets), SHIPPED).document
    for before, after in zip(SHIPPED.dataset.fields, back.dataset.fields):
        assert (after.field_name, after.label, after.preset) == (before.field_name, before.label, before.preset)
        # Stock scheming knows nothing of recommended fields.
        assert (after.expectation == "required") == (before.expectation == "required")


def with_contact(**part: Any) -> Document:
    raw = dump(SHIPPED)
    raw["dataset"]["fields"].append({
        "id": "contact", "field_name": "contact", "label": "Contact", "section": "about",
        "repeating_subfields": [{"id": "name", "field_name": "name", "label": "Name", **part}],
    })
    return read(raw)


def test_parts_are_written_without_controls_of_core() -> None:
    found = detach(with_contact(preset="dataset_slug"), StoredKeys())
    assert field(found, "contact")["repeating_subfields"] == [{"field_name": "name", "label": "Name"}]


def test_what_entries_hold_beside_their_parts_becomes_parts() -> None:
    rows = [{"name": "Ada", "room": "12"}, {"agent": [{"mail": "a"}, {"at": [{"city": "x"}]}]}]
    held = StoredKeys(beside={("dataset", "contact"): keys_of(rows, {"name"})})
    _name, agent, room = sorted(
        field(detach(with_contact(), held), "contact")["repeating_subfields"],
        key=lambda part: ("name", "agent", "room").index(part["field_name"]),
    )
    assert room["validators"] == "ignore_missing unicode_safe"
    at, mail = agent["repeating_subfields"]
    assert mail["field_name"] == "mail" and at["repeating_subfields"][0]["field_name"] == "city"


@pytest.mark.parametrize("rows", [[{"a": {"b": 1}}], [{"a": ["x"]}], [{"a": "x"}, {"a": [{"b": "x"}]}]])
def test_entries_that_no_part_can_hold_are_told_apart(rows: list[Raw]) -> None:
    with pytest.raises(Unkeepable):
        keys_of(rows)


def test_values_of_parts_outside_their_vocabulary_are_choices() -> None:
    document = with_contact(preset="select", vocabulary="frequency")
    held = StoredKeys(values={("dataset", "contact.name"): ["cellar", True]})
    (name,) = field(detach(document, held), "contact")["repeating_subfields"]
    assert name["choices"][-2:] == [{"value": True, "label": "True"}, {"value": "cellar", "label": "cellar"}]


def test_what_core_reads_as_translations_is_written_as_objects() -> None:
    raw = dump(SHIPPED)
    raw["dataset"]["fields"].append(
        {"id": "title_translated", "field_name": "title_translated", "label": "T", "section": "about"})
    held = StoredKeys(translations={"dataset": ["title_translated"]})
    assert field(detach(read(raw), held), "title_translated")["preset"] == "json_object"
    names = [each["field_name"] for each in detach(read(raw), StoredKeys()).dataset["dataset_fields"]]
    assert "title_translated" not in names
