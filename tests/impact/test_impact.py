"""What a draft does to the records."""
from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from impact.writing import Row, write
from support.editing import act, changed, current_document, publish, with_field

from ckanext.civicswitchboard.impact import sampling

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


def test_values_that_count_as_none_are_listed_with_how_many_records_hold_them() -> None:
    rows = [{"name": "A", "kind": "unknown"}, {"name": "B", "kind": "n/a"}, {"name": "C"}]
    write([
        Row("one", None, {"license_id": "notspecified"}, {"spaces_of": json.dumps(rows[:2])}),
        Row("two", None, {"license_id": "notspecified"}, {"spaces_of": json.dumps(rows[2:])}),
        Row("three", None, {"license_id": None}),
        Row("four", None, {"license_id": "cc-by"}),
        Row("secret", None, {"license_id": "closed"}, private=True),
    ])  # fmt: skip
    parts = [{"id": "name", "field_name": "name", "label": "Name"},
             {"id": "kind", "field_name": "kind", "label": "Kind"}]  # fmt: skip
    before = changed(current_document(), "license_id", expectation="recommended", missing_values=[])
    before = with_field(before, field_name="spaces_of", repeating_subfields=parts)
    publish(before)
    document = changed(current_document(), "license_id", expectation="required", enforce="all",
                       missing_values=["notspecified", "closed"])  # fmt: skip
    kind = {**parts[1], "expectation": "required", "missing_values": ["unknown", "n/a"]}
    document = changed(document, "spaces_of", repeating_subfields=[parts[0], kind])
    reader = factories.User()
    # Who may publish gets counts of all records.
    steward = factories.Organization(users=[{"name": reader["name"], "capacity": "admin"}])
    act("steward_update", organization_id=steward["id"])
    told = {(c["kind"], c["part"]): c for c in impact(document, reader["name"])["changes"]}
    for kind_of_change in ("field_made_required", "field_applied_to_all"):
        change = told[kind_of_change, ""]
        assert change["affected"] == 4, kind_of_change
        # What only a private record holds is nobody else's to read.
        assert change["values"] == [{"value": "notspecified", "count": 2}], kind_of_change
    assert told["field_missing_values_changed", ""]["affected"] == 3
    within = told["field_made_required", "kind"]
    assert (within["affected"], within["examples"]) == (2, ["one", "two"])
    assert within["values"] == [{"value": "n/a", "count": 1}, {"value": "unknown", "count": 1}]


def test_rules_across_fields_are_tried_on_a_sample_that_is_told(monkeypatch: Any) -> None:
    periods = {"before": ("2016", "2017-01-31"), "after": ("2016-05", "2015"), "open": ("2016", ""),
               "hidden": ("2017", "2016"), "words": ("sometime", "2015")}  # fmt: skip
    write([
        Row(name, None, {}, {"temporal_start": start, "temporal_end": end}, private=name == "hidden")
        for name, (start, end) in periods.items()
    ])  # fmt: skip
    reader = factories.User()
    # Who may publish gets counts of all records.
    steward = factories.Organization(users=[{"name": reader["name"], "capacity": "admin"}])
    act("steward_update", organization_id=steward["id"])
    document = changed(current_document(), "temporal_end", field_name="until", previous_names=["temporal_end"])
    told, _plans = impact(document, reader["name"])["across_fields"]
    assert told == {"entity": "dataset", "fields": ["temporal_start", "temporal_end"], "sample": 4, "breaking": 2,
                    "text": "“Coverage ends” is before “Coverage starts”", "examples": ["after"]}  # fmt: skip
    monkeypatch.setattr(sampling, "MOST_RECORDS", 3)
    told, _plans = impact(document)["across_fields"]
    assert told["sample"] == 3 and told["breaking"] <= 2
    (told,) = impact(changed(document, "temporal_start", preset=""))["across_fields"]
    assert told["entity"] == "organization"


def test_a_rule_within_entries_is_tried_on_each_of_them() -> None:
    right, wrong = {"period_start": "2020", "period_end": "2025"}, {"period_start": "2020", "period_end": "2019"}
    plans = {"good": [right], "bad": [right, {"period_start": "2021"}, wrong], "open": [{"period_start": "2020"}]}
    for name, entries in plans.items():
        factories.Organization(name=name)
        model.Session.execute(
            sa.text('UPDATE "group" SET extras = CAST(:extras AS jsonb) WHERE name = :name'),
            {"name": name, "extras": json.dumps({"mission_alignment": json.dumps(entries)})},
        )
    model.Session.commit()
    _periods, told = impact(current_document())["across_fields"]
    assert told == {"entity": "organization", "fields": ["period_start", "period_end"], "sample": 2, "breaking": 1,
                    "text": told["text"], "examples": ["bad"]}  # fmt: skip
