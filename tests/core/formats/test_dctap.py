"""The application profile as DCTAP."""
from __future__ import annotations

import csv
import io

from core.examples import after, document, fields, of_field, one

from ckanext.civicswitchboard.core.formats.dctap import dctap_csv
from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.core.schema.messages import first_language


def rows_of(document: Document) -> dict[tuple[str, str], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(dctap_csv(document, first_language), newline=""))
    return {(row["shapeID"], row["fieldName"]): row for row in rows}


def test_each_field_that_is_offered_has_a_row_in_its_shape() -> None:
    rows = rows_of(document())
    offered = [field["field_name"] for field in fields_of_the_base() if field.get("state") != "retired"]
    assert [name for shape, name in rows if shape == "dataset"] == offered
    assert ("resource", "encoding") in rows and ("organization", "roles") in rows
    assert "gone" in {field["field_name"] for field in fields_of_the_base()}


def fields_of_the_base() -> list[dict[str, str]]:
    from core.examples import base

    return fields(base())


def test_a_row_says_what_the_field_says() -> None:
    edited = after(
        of_field("must", mapping={"dcat": "dct:subject"}, help_text="Say it", pattern="[A-Z]+", preset="multiple_text")
    )
    row = rows_of(edited)["dataset", "must"]
    assert row == {
        "shapeID": "dataset", "shapeLabel": "Datasets", "propertyID": "dct:subject", "propertyLabel": "Must",
        "mandatory": "TRUE", "repeatable": "TRUE", "valueNodeType": "literal", "valueDataType": "",
        "valueConstraint": "[A-Z]+", "valueConstraintType": "pattern", "valueShape": "", "note": "Say it",
        "expectation": "required", "fieldName": "must",
        "minInclusive": "", "maxInclusive": "", "maxLength": "",
    }


def test_limits_are_constraints_by_their_names_in_the_standard() -> None:
    count = rows_of(document())["dataset", "count"]
    assert (count["valueConstraint"], count["valueConstraintType"]) == ("1", "minInclusive")
    assert (count["minInclusive"], count["maxInclusive"], count["maxLength"]) == ("1", "50", "")
    remark = rows_of(after(of_field("remark", max_length=300)))["dataset", "remark"]
    assert (remark["valueConstraint"], remark["valueConstraintType"], remark["maxLength"]) == ("300", "maxLength", "300")


def test_terms_are_a_list_to_pick_from_without_those_no_longer_offered() -> None:
    row = rows_of(document())["dataset", "unit"]
    assert (row["valueConstraint"], row["valueConstraintType"]) == ("tract|ward", "picklist")


def test_a_repeating_field_is_a_shape_of_its_own() -> None:
    rows = rows_of(document())
    outer, inner = rows["dataset", "rows"], rows["dataset_rows", "name"]
    assert (outer["valueNodeType"], outer["valueShape"], outer["repeatable"]) == ("bnode", "dataset_rows", "TRUE")
    assert (inner["shapeLabel"], inner["mandatory"]) == ("Rows", "FALSE")


def test_a_link_is_an_address() -> None:
    edited = after(lambda raw: one(fields(raw), "remark").update(preset="link", uri="http://example.org/remark"))
    row = rows_of(edited)["dataset", "remark"]
    assert (row["propertyID"], row["valueNodeType"]) == ("http://example.org/remark", "IRI")
