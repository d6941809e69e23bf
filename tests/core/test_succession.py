"""What may follow a published version."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.document import Document, dump, parse
from ckanext.civicswitchboard.core.files import read_folder
from ckanext.civicswitchboard.core.succession import faults_after


@pytest.fixture(scope="module")
def shipped() -> Document:
    return read_folder(Path(__file__).parents[2] / "schemas")


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
    assert "previous_names: has to be ['department']" in fault
    named = {"field_name": "office", "previous_names": ["department"]}
    assert faults(shipped, lambda raw: field_of(raw, "department").update(named)) == []
    (fault,) = faults(shipped, lambda raw: field_of(raw, "department").update(previous_names=["x"]))
    assert "has to be []" in fault
