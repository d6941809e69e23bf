"""A document compiled to what CKAN sees."""
from __future__ import annotations

from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema.compiler import Snapshot, compile_document
from ckanext.civicswitchboard.core.schema.rules import read

Raw = dict[str, Any]
PRESETS = {
    "title": {"validators": "from preset", "label": "of the preset"},
    "select": {"form_snippet": "select.html"},
}


@pytest.fixture
def snapshot(raw: Raw) -> Snapshot:
    return compiled(raw)


def compiled(raw: Raw) -> Snapshot:
    return compile_document(read(raw), version=3, presets=PRESETS)


def test_fields_stand_in_their_order_with_what_a_save_needs(snapshot: Snapshot) -> None:
    fields = snapshot.fields["dataset"]
    assert list(fields) == ["title", "unit"]
    assert fields["title"].in_core and not fields["unit"].in_core
    assert snapshot.fields["resource"]["dictionary"].kind.shape == "rows"


def test_a_preset_gives_what_the_field_does_not_say(snapshot: Snapshot) -> None:
    scheming = snapshot.fields["dataset"]["title"].scheming
    assert scheming["validators"] == "from preset"
    assert scheming["label"] == "Title"
    assert scheming["preset"] == "title"


def test_presets_are_left_as_they_were(snapshot: Snapshot) -> None:
    snapshot.dataset_form["dataset_fields"][0]["validators"] = "changed"
    assert PRESETS["title"] == {"validators": "from preset", "label": "of the preset"}


def test_only_active_terms_are_offered_and_retired_ones_keep_their_label(snapshot: Snapshot) -> None:
    field = snapshot.fields["dataset"]["unit"].scheming
    assert field["choices"] == [{"value": "Census Tract", "label": "Census Tract"}]
    assert field["retired_choices"] == [{"value": "Ward", "label": "Ward"}]
    assert snapshot.terms["unit"]["Ward"].state == "retired"


def test_partner_types_are_the_choices_of_their_fields(raw: Raw) -> None:
    raw["organization"]["fields"].append(
        {"id": "partner_type", "field_name": "partner_type", "label": "Type", "section": "work",
         "preset": "partner_type"}
    )
    field = compiled(raw).fields["organization"]["partner_type"].scheming
    assert field["choices"] == [{"value": "public_library", "label": "Public library"}]


def test_a_retired_field_is_not_on_the_form(raw: Raw) -> None:
    raw["dataset"]["fields"][1]["state"] = "retired"
    assert list(compiled(raw).fields["dataset"]) == ["title"]


def test_a_retired_part_is_not_on_the_form_and_keeps_its_label(raw: Raw) -> None:
    part = {"id": "unit", "field_name": "unit", "label": "Unit", "state": "retired", "expectation": "required"}
    raw["dataset"]["resource_fields"][0]["repeating_subfields"].append(part)
    found = compiled(raw).fields["resource"]["dictionary"].scheming
    assert [each["field_name"] for each in found["repeating_subfields"]] == ["column"]
    assert [each["label"] for each in found["retired_subfields"]] == ["Unit"]


def test_the_forms_are_in_schemings_form(snapshot: Snapshot) -> None:
    dataset, organization = snapshot.dataset_form, snapshot.organization_form
    assert (dataset["scheming_version"], dataset["dataset_type"]) == (2, "dataset")
    assert dataset["resource_fields"][0]["repeating_subfields"][0]["field_name"] == "column"
    assert (organization["organization_type"], len(organization["fields"])) == ("organization", 1)
    assert dataset["sections"] == [{"id": "about", "label": "About", "description": ""}]


@pytest.mark.parametrize("expectation", ["required", "recommended", "optional"])
def test_only_required_fields_are_required(raw: Raw, expectation: str) -> None:
    raw["dataset"]["fields"][1]["expectation"] = expectation
    field = compiled(raw).fields["dataset"]["unit"]
    assert field.required == field.scheming["required"] == (expectation == "required")


def test_there_are_form_pages_only_where_a_section_starts_one(raw: Raw, snapshot: Snapshot) -> None:
    assert snapshot.form_pages == []
    raw["dataset"]["sections"].append({"id": "more", "label": "More", "page": True})
    raw["dataset"]["fields"][1]["section"] = "more"
    pages = compiled(raw).form_pages
    assert [(p["title"], [f["field_name"] for f in p["fields"]]) for p in pages] == [
        ("About", ["title"]),
        ("More", ["unit"]),
    ]


def test_facets_are_the_fields_to_filter_by(raw: Raw) -> None:
    raw["dataset"]["fields"][1]["facet"] = True
    assert list(compiled(raw).facets) == ["vocab_unit"]


def test_the_epoch_moves_just_when_a_record_would_read_differently(raw: Raw, snapshot: Snapshot) -> None:
    raw["dataset"]["fields"][1] |= {"label": "Another", "help_text": "More", "expectation": "required"}
    raw["vocabularies"][0]["terms"].append({"id": "new", "value": "New", "label": "New"})
    raw["organization"]["fields"].append(
        {"id": "more", "field_name": "more", "label": "More", "section": "work"}
    )
    assert compiled(raw).epoch == snapshot.epoch
    raw["dataset"]["fields"][1]["preset"] = "multiple_checkbox"
    assert compiled(raw).epoch != snapshot.epoch


def test_a_new_field_moves_the_epoch_and_its_place_does_not(raw: Raw, snapshot: Snapshot) -> None:
    raw["dataset"]["fields"].reverse()
    assert compiled(raw).epoch == snapshot.epoch
    raw["dataset"]["fields"].append({"id": "new", "field_name": "new", "label": "New", "section": "about"})
    assert compiled(raw).epoch != snapshot.epoch


def test_fields_that_take_each_others_names_move_the_epoch(raw: Raw) -> None:
    more = {"label": "More", "section": "about", "preset": "textarea"}
    raw["dataset"]["fields"] += [{"id": name, "field_name": name, **more} for name in ("one", "two")]
    before = compiled(raw)
    one, two = raw["dataset"]["fields"][-2:]
    one |= {"field_name": "two", "previous_names": ["one"]}
    two |= {"field_name": "one", "previous_names": ["two"]}
    after = compiled(raw)
    assert set(after.fields["dataset"]) == set(before.fields["dataset"])
    assert after.epoch != before.epoch
    assert after.by_id["dataset"]["one"].field_name == "two"
