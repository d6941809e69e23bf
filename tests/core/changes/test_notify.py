"""What publishers notice of a new version."""
from __future__ import annotations

from typing import Any

import pytest
from core.examples import EXAMPLES, Example, after, document

from ckanext.civicswitchboard.core.changes import diff
from ckanext.civicswitchboard.core.changes.notify import forms_of, noticed

UNNOTICED = (
    "help example definition uri note mapping facet searchable presentation history description icon"
    " sector broader scope_note source about title section_page"
).split()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.kind} {each.level}")
def test_wording_order_and_exports_are_not_told(example: Example) -> None:
    (change,) = [each for each in diff(document(), after(example.edit)) if each.kind.name == example.kind]
    if any(word in example.kind for word in UNNOTICED):
        assert forms_of(change) == set()


def with_fields(**fields: dict[str, Any]) -> Any:
    raw = document().model_dump()
    for field in [*raw["dataset"]["fields"], *raw["organization"]["fields"]]:
        field.update(fields.get(field["id"], {}))
    return type(document()).model_validate(raw)


def test_what_a_form_asks_and_offers_is_told_fields_first() -> None:
    raw = document().model_dump()
    first, second = raw["dataset"]["fields"][:2]
    first["vocabulary"], first["preset"] = "unit", "select"
    before = type(document()).model_validate(raw)
    raw["vocabularies"][0]["terms"].append({"id": "street", "value": "street", "label": "Street"})
    second["expectation"] = "required" if second["expectation"] != "required" else "optional"
    second["help_text"] = "Another help"
    now = type(document()).model_validate(raw)
    kinds = [each.kind.name for each in noticed(before, now, ["dataset"])]
    assert len(kinds) == 2 and kinds[0].startswith("field_made_") and kinds[1] == "term_added"
    assert noticed(before, now, ["organization"]) == []


def test_a_field_that_is_not_offered_changes_unnoticed() -> None:
    first = document().dataset.fields[0].id
    before = with_fields(**{first: {"state": "retired"}})
    now = with_fields(**{first: {"state": "retired", "label": "Another"}})
    assert noticed(before, now, ["dataset"]) == []
    assert [each.kind.name for each in noticed(before, document(), ["dataset"])] == ["field_restored"]
