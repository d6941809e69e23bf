"""The order in which people read a document, and the words for its codes."""
from __future__ import annotations

from typing import Any, get_args

from ckanext.civicswitchboard.core.schema import labels, outline
from ckanext.civicswitchboard.core.schema.document import Entity, Expectation, Sector
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.rules import read

Raw = dict[str, Any]


def test_parts_hold_every_field_by_section(raw: Raw) -> None:
    raw["dataset"]["sections"].append({"id": "empty", "label": "Empty"})
    parts = outline.parts(read(raw))
    assert [(part.entity, [f.field_name for f in part.fields]) for part in parts] == [
        ("dataset", ["title", "unit"]),
        ("resource", ["dictionary"]),
        ("organization", ["roles"]),
    ]
    assert [section.id for section in parts[0].sections] == ["about"]


def test_sectors_without_a_partner_type_are_left_out(raw: Raw) -> None:
    by_sector = outline.types_by_sector(read(raw))
    assert {sector: [kind.name for kind in kinds] for sector, kinds in by_sector.items()} == {
        "library": ["public_library"]
    }


def test_what_partner_types_ask_is_counted_and_listed(raw: Raw) -> None:
    raw["partner_types"].append({"name": "archive", "label": "Archive", "sector": "community",
                                 "fields": [{"field": "roles", "expectation": "optional"}]})
    document = read(raw)
    assert outline.requests_of(document) == {"roles": {"required": 1, "optional": 1}}
    profile = outline.profile(document, document.partner_types[0])
    assert {e: [f.field_name for f in fields] for e, fields in profile.items()} == {"required": ["roles"]}


def test_there_are_words_for_every_code(raw: Raw) -> None:
    assert set(labels.ENTITIES) == set(get_args(Entity))
    assert set(labels.EXPECTATIONS) == set(get_args(Expectation))
    assert set(labels.SECTORS) == set(get_args(Sector))
    field = read(raw).fields_of("dataset")[0]
    said = {labels.filled_in(field.model_copy(update={"preset": name})) for name in FIELD_TYPES}
    assert all(said)


def test_fields_that_take_several_values_are_repeatable(raw: Raw) -> None:
    title = read(raw).fields_of("dataset")[0]
    kinds = {name for name in FIELD_TYPES if labels.repeatable(title.model_copy(update={"preset": name}))}
    assert kinds == {"tag_string_autocomplete", "partner_types", "multiple_select", "multiple_checkbox",
                     "multiple_text"}
    assert labels.repeatable(read(raw).fields_of("resource")[0])
