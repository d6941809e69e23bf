"""Merging what two people made of the same version."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.strategies import documents
from hypothesis import HealthCheck, given, settings

from ckanext.civicswitchboard.core.document import Document, dump, parse
from ckanext.civicswitchboard.core.files import read_folder
from ckanext.civicswitchboard.core.merging import merge, take_theirs

many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(documents(), documents())
def test_what_only_one_side_changed_is_taken(base: Document, other: Document) -> None:
    for merged in (merge(base, base, other), merge(base, other, base), merge(base, other, other)):
        assert merged.document == other and merged.conflicts == ()


@many
@given(documents(), documents(), documents())
def test_any_three_documents_can_be_merged(base: Document, ours: Document, theirs: Document) -> None:
    for conflict in merge(base, ours, theirs).conflicts:
        assert conflict.ours.after != conflict.theirs.after


@pytest.fixture(scope="module")
def shipped() -> Document:
    return read_folder(Path(__file__).parents[2] / "schemas")


def edited(document: Document, field_id: str, **attributes: Any) -> Document:
    raw = dump(document)
    next(each for each in raw["dataset"]["fields"] if each["id"] == field_id).update(attributes)
    return parse(raw)


def label_and_help(document: Document, field_id: str) -> tuple[Any, Any]:
    field = next(each for each in document.dataset.fields if each.id == field_id)
    return field.label, field.help_text


def test_different_attributes_of_a_field_are_both_taken(shipped: Document) -> None:
    merged = merge(
        shipped, edited(shipped, "data_notes", label="Caveats"), edited(shipped, "data_notes", help_text="More.")
    )
    assert label_and_help(merged.document, "data_notes") == ("Caveats", "More.")
    assert merged.conflicts == ()


def test_the_same_attribute_is_a_conflict_and_the_other_answer_can_be_taken(shipped: Document) -> None:
    merged = merge(
        shipped, edited(shipped, "data_notes", label="Caveats"), edited(shipped, "data_notes", label="Warnings")
    )
    (conflict,) = merged.conflicts
    told = conflict.dictize()
    assert (told["entity"], told["field"], told["attribute"]) == ("dataset", "data_notes", "label")
    assert (told["base"], told["ours"], told["theirs"]) == ("Data notes", "Caveats", "Warnings")
    assert label_and_help(merged.document, "data_notes")[0] == "Caveats"
    assert label_and_help(take_theirs(merged.document, conflict), "data_notes")[0] == "Warnings"


def test_a_rename_of_one_and_a_new_label_of_the_other_both_hold(shipped: Document) -> None:
    merged = merge(
        shipped,
        edited(shipped, "department", field_name="office", previous_names=["department"]),
        edited(shipped, "department", label="Office"),
    )
    field = next(each for each in merged.document.dataset.fields if each.id == "department")
    assert (field.field_name, field.label) == ("office", "Office") and merged.conflicts == ()
