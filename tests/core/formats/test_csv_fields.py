"""The table of fields, safe to open in a spreadsheet."""
from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.formats.csv_fields import csv_text, fields_csv, safe_cell
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.rules import read

Raw = dict[str, Any]


def english(text: Text) -> str:
    return text.get("en", "") if isinstance(text, dict) else text


def rows_of(raw: Raw) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(fields_csv(read(raw), english), newline="")))


def test_every_field_and_subfield_has_a_row(raw: Raw) -> None:
    rows = rows_of(raw)
    assert [(r["entity"], r["section"], r["part_of"], r["field_name"]) for r in rows] == [
        ("dataset", "About", "", "title"),
        ("dataset", "About", "", "unit"),
        ("resource", "", "", "dictionary"),
        ("resource", "", "dictionary", "column"),
        ("organization", "Work", "", "roles"),
    ]


def test_a_row_holds_what_the_document_says(raw: Raw) -> None:
    raw["dataset"]["fields"][1] |= {
        "expectation": "recommended",
        "help_text": {"en": "Choose, \"one\"\nof them", "es": "x"},
        "example": "A",
        "definition": "B",
        "uri": "http://example.org/unit",
        "mapping": {"dcat": "dct:x", "datacite": "y", "schema_org": "z", "mods": "m"},
        "state": "retired",
    }
    assert rows_of(raw)[1] == {
        "entity": "dataset",
        "section": "About",
        "part_of": "",
        "field_name": "unit",
        "label": "Unit",
        "expectation": "recommended",
        "filled_in_with": "one term from the list",
        "repeatable": "no",
        "vocabulary": "unit",
        "help_text": 'Choose, "one"\nof them',
        "example": "A",
        "definition": "B",
        "uri": "http://example.org/unit",
        "dcat": "dct:x",
        "datacite": "y",
        "schema_org": "z",
        "dublin_core": "",
        "mods": "m",
        "state": "retired",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=b", "1974-77", "{\"a\": 1}", "N/A", " a"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_a_formula_in_the_schema_is_made_safe(raw: Raw) -> None:
    raw["dataset"]["fields"][0]["label"] = '=HYPERLINK("http://example.org")'
    assert rows_of(raw)[0]["label"].startswith("'=")


def test_a_formula_in_a_heading_is_made_safe_too() -> None:
    assert csv_text(["=2+2", "b"], []) == "'=2+2,b\r\n"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2)))
def test_cells_come_back_whole(rows: list[list[str]]) -> None:
    text = csv_text(["a", "b"], rows)
    back = list(csv.reader(io.StringIO(text, newline="")))
    assert back == [["a", "b"], *([safe_cell(cell) for cell in row] for row in rows)]
