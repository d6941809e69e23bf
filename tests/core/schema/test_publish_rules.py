"""What may follow a published version."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.examples import after, document, exchange_names, of_field

from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, dump, parse
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder


@pytest.fixture(scope="module")
def shipped() -> Document:
    return read_folder(Path(__file__).parents[3] / "schemas")


def faults(before: Document, edit: Any) -> list[str]:
    raw = dump(before)
    edit(raw)
    return [str(fault) for fault in faults_after(before, parse(raw))]


def field_of(raw: Any, field_id: str) -> Any:
    return next(each for each in raw["dataset"]["fields"] if each["id"] == field_id)


def test_the_same_document_may_follow(shipped: Document) -> None:
    assert faults_after(shipped, shipped) == []


def test_a_published_field_is_not_removed_but_retired(shipped: Document) -> None:
    (fault,) = faults(shipped, lambda raw: raw["dataset"]["fields"].remove(field_of(raw, "department")))
    assert fault.startswith("dataset.fields (department): a published field stays")
    assert faults(shipped, lambda raw: field_of(raw, "department").update(state="retired")) == []


def test_a_published_term_is_not_removed_and_keeps_its_value(shipped: Document) -> None:
    (fault,) = faults(shipped, lambda raw: raw["vocabularies"][0]["terms"].pop())
    assert "a published term stays" in fault
    (fault,) = faults(shipped, lambda raw: raw["vocabularies"][0]["terms"][0].update(value="other"))
    assert ".value: records hold" in fault


def test_a_vocabulary_may_go_with_its_terms(shipped: Document) -> None:
    assert faults(shipped, lambda raw: raw["vocabularies"].pop()) == []


def test_a_new_name_remembers_the_old_one(shipped: Document) -> None:
    (fault,) = faults(shipped, lambda raw: field_of(raw, "department").update(field_name="office"))
    assert "previous_names: has to be 'department':" in fault
    named = {"field_name": "office", "previous_names": ["department"]}
    assert faults(shipped, lambda raw: field_of(raw, "department").update(named)) == []
    (fault,) = faults(shipped, lambda raw: field_of(raw, "department").update(previous_names=["x"]))
    assert "has to be empty:" in fault


def test_a_new_field_takes_no_name_that_another_had(shipped: Document) -> None:
    raw = dump(shipped)
    field_of(raw, "department").update(field_name="bureau", previous_names=["department", "office"])
    before = parse(raw)

    def add(raw: Any) -> None:
        raw["dataset"]["fields"].append({"id": "office", "field_name": "office", "label": "Office"})

    assert faults(before, add) == [
        "dataset.fields (office).field_name: records may hold values of 'department' as 'office';"
        " choose another name"
    ]


def test_two_published_fields_may_take_each_others_names() -> None:
    assert faults_after(document(), after(exchange_names)) == []


def test_a_part_of_a_repeating_field_stays_and_so_does_the_whole_list() -> None:
    for parts in ([], [{"id": "other", "field_name": "other", "label": "Other"}]):
        (fault,) = faults_after(document(), after(of_field("rows", repeating_subfields=parts)))
        assert str(fault).startswith("dataset.fields (rows).repeating_subfields (name): a published field stays")


def test_an_organization_field_stays_and_a_partner_type_may_go() -> None:
    removed = after(lambda raw: raw["organization"]["fields"].pop())
    assert [fault.path for fault in faults_after(document(), removed)] == ["organization.fields (since)"]
    assert faults_after(document(), after(lambda raw: raw["partner_types"].clear())) == []
    assert faults_after(document(), after(lambda raw: raw["partner_types"][0]["fields"].clear())) == []


def test_a_section_without_fields_and_a_vocabulary_without_use_may_go_and_no_others() -> None:
    assert faults_after(document(), after(lambda raw: raw["dataset"]["sections"].pop())) == []
    assert faults_after(document(), after(lambda raw: raw["vocabularies"].pop())) == []
    with pytest.raises(DocumentError, match="there is no section 'about'"):
        after(lambda raw: raw["dataset"]["sections"].pop(0))
    with pytest.raises(DocumentError, match="no vocabulary has the id 'unit'"):
        after(lambda raw: raw["vocabularies"].pop(0))
