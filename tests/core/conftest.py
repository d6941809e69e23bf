"""A small schema document to bend in every direction."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema.document import DocumentError
from ckanext.civicswitchboard.core.schema.rules import read

Raw = dict[str, Any]


@pytest.fixture
def raw() -> Raw:
    """A small valid document as plain data."""
    return {
        "format": 1,
        "title": "A schema",
        "vocabularies": [
            {
                "id": "unit",
                "label": "Units",
                "terms": [
                    {"id": "tract", "value": "Census Tract", "label": "Census Tract"},
                    {"id": "old", "value": "Ward", "label": "Ward", "state": "retired"},
                ],
            }
        ],
        "partner_types": [
            {
                "name": "public_library",
                "label": "Public library",
                "sector": "library",
                "fields": [{"field": "roles", "expectation": "required"}],
            }
        ],
        "dataset": {
            "sections": [{"id": "about", "label": "About"}],
            "fields": [
                {"id": "title", "field_name": "title", "label": "Title", "section": "about", "preset": "title"},
                {
                    "id": "unit",
                    "field_name": "unit",
                    "label": "Unit",
                    "section": "about",
                    "preset": "select",
                    "vocabulary": "unit",
                },
            ],
            "resource_fields": [
                {
                    "id": "dictionary",
                    "field_name": "dictionary",
                    "label": "Dictionary",
                    "repeating_subfields": [{"id": "column", "field_name": "column", "label": "Column"}],
                }
            ],
        },
        "organization": {
            "sections": [{"id": "work", "label": "Work"}],
            "fields": [{"id": "roles", "field_name": "roles", "label": "Roles", "section": "work"}],
        },
    }


@pytest.fixture
def faults(raw: Raw) -> Callable[[], list[str]]:
    """What is wrong with the document as it now is: a line for each fault."""

    def told() -> list[str]:
        try:
            read(raw)
        except DocumentError as error:
            return [str(fault) for fault in error.faults]
        return []

    return told
