"""Changes between documents: their laws, and what each kind says."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core.strategies import documents, swapped
from hypothesis import HealthCheck, given, settings

from ckanext.civicswitchboard.core.changes import KINDS, LEVELS, apply, diff, inverse, level_of
from ckanext.civicswitchboard.core.document import Document, dump, read
from ckanext.civicswitchboard.core.files import read_folder

ROOT = Path(__file__).parents[2]
many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(documents())
def test_a_document_does_not_differ_from_itself(document: Document) -> None:
    assert diff(document, document) == []


@many
@given(documents(), documents())
def test_making_the_difference_gives_the_other_document_and_its_inverse_the_first(
    before: Document, after: Document
) -> None:
    changes = diff(before, after)
    assert apply(before, changes) == after
    assert apply(after, inverse(changes)) == before


@many
@given(documents())
def test_another_order_is_a_difference_that_can_be_made(document: Document) -> None:
    other = swapped(document)
    assert apply(document, diff(document, other)) == other


@many
@given(documents(), documents())
def test_every_change_can_be_told(before: Document, after: Document) -> None:
    for change in diff(before, after):
        told = change.as_dict()
        assert told["text"] and "{" not in told["text"] and told["level"] in LEVELS
        assert told["level"] in change.kind.levels
        assert all(question.field_name for question in change.questions)
        assert all(offer.kind for offer in change.repairs)


@pytest.fixture(scope="module")
def shipped() -> Document:
    return read_folder(ROOT / "schemas")


def edited(document: Document, field_id: str, **attributes: Any) -> Document:
    raw = dump(document)
    for field in raw["dataset"]["fields"]:
        if field["id"] == field_id:
            field.update(attributes)
    return read(raw)


@pytest.mark.parametrize(
    ("field", "attributes", "kind", "level"),
    [
        ("data_notes", {"label": "Caveats"}, "field_relabelled", "editorial"),
        ("data_notes", {"help_text": "Say more."}, "field_help_changed", "editorial"),
        ("geographic_unit", {"expectation": "required"}, "field_made_required", "needs_attention"),
        ("geographic_unit", {"expectation": "optional"}, "field_made_optional", "compatible"),
        ("department", {"state": "retired"}, "field_retired", "compatible"),
        ("department", {"pattern": "[A-Z].*"}, "field_pattern_changed", "needs_attention"),
        ("department", {"enforce": "all"}, "field_applied_to_all", "records_first"),
        ("department", {"preset": "multiple_text"}, "field_type_changed", "records_first"),
        ("department", {"field_name": "office", "previous_names": ["department"]}, "field_renamed", "records_first"),
        ("frequency_publishing", {"vocabulary": "geographic_unit"}, "field_vocabulary_exchanged", "needs_attention"),
    ],
)
def test_each_kind_has_its_name_and_level(
    shipped: Document, field: str, attributes: dict[str, Any], kind: str, level: str
) -> None:
    (change,) = diff(shipped, edited(shipped, field, **attributes))
    assert (change.kind.name, change.level, change.field) == (kind, level, field)
    assert level_of([change]) == level


def test_two_fields_that_swap_names_are_two_renames(shipped: Document) -> None:
    raw = dump(shipped)
    for field in raw["dataset"]["fields"]:
        if field["id"] in ("methods", "limitations"):
            other = {"methods": "limitations", "limitations": "methods"}[field["id"]]
            field.update(field_name=other, previous_names=[field["id"]])
    changes = diff(shipped, read(raw))
    assert [change.kind.name for change in changes] == ["field_renamed", "field_renamed"]
    assert {offer.kind for change in changes for offer in change.repairs} == {"swap"}


def test_an_empty_difference_is_editorial() -> None:
    assert level_of([]) == "editorial"


def test_every_kind_is_listed_in_the_documentation() -> None:
    listed = (ROOT / "docs" / "schema-changes.md").read_text(encoding="utf-8")
    assert [kind.name for kind in KINDS if f"| `{kind.name}` |" not in listed] == []
    assert len({kind.name for kind in KINDS}) == len(KINDS)
