"""What a draft does to the records."""
from __future__ import annotations

from typing import Any

import pytest
from ckan.tests import factories
from impact.writing import Row, write
from metadata_schema.editing import act, changed, current_document, with_field

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def impact(document: Any, user: str | None = None, **more: Any) -> Any:
    return act("schema_impact", user=user, document=document, **more)


def only_change(document: Any, user: str | None = None, **more: Any) -> Any:
    (change,) = impact(document, user, **more)["changes"]
    return change


def test_every_place_where_values_are_stored_is_counted() -> None:
    county = factories.Organization(name="county")
    write([
        Row("one", county["id"], {"license_id": "notspecified"}, {"theme": '["health"]', "depth": "12"},
            tags=("wifi",), files=(({"name": "A"}, '{"rows": "many", "note": 1}'), ({"name": "B"}, None))),
        Row("two", county["id"], {"license_id": None}, {"theme": "[broken"},
            files=(({}, '{"rows": "12"}'), ({}, "not JSON"))),
        Row("three", None, {"license_id": "cc-by"}, {"theme": "[]"}, tags=("wifi", "maps")),
    ])  # fmt: skip
    document = current_document()
    told = impact(changed(document, "license_id", enforce="all"))
    assert told["datasets"] == 3 and told["resources"] == 4
    (license_,) = told["changes"]
    assert license_["affected"] == 2 and license_["organizations"] == [{"name": "county", "affected": 2}]
    assert license_["examples"] == ["one", "two"]
    assert [(f["entity"], f["field"], f["affected"], f["resources"]) for f in told["unreadable"]] == [
        ("dataset", "theme", 1, 0), ("resource", "", 1, 1)]  # fmt: skip
    assert only_change(changed(document, "theme", expectation="required"))["examples"] == ["three"]
    assert only_change(changed(document, "tag_string", expectation="required"))["examples"] == ["two"]
    fields = [{**f, "enforce": "all"} if f["id"] == "rows" else f for f in document["dataset"]["resource_fields"]]
    rows = only_change({**document, "dataset": {**document["dataset"], "resource_fields": fields}})
    assert (rows["affected"], rows["datasets"], rows["resources"]) == (1, 1, 1)
    assert rows["values"] == [{"value": "many", "count": 1}] and rows["examples"] == ["one"]
    added = only_change(with_field(document, field_name="depth"))
    assert added["other_keys"] == [{"key": "depth", "count": 1}] and added["affected"] == 1
