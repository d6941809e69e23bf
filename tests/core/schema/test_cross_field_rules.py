"""Rules across fields of a record."""
from __future__ import annotations

from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema.cross_field_rules import RULES, applied
from ckanext.civicswitchboard.core.schema.document import Field


def fields(**changes: Any) -> list[Field]:
    found = []
    for name, label in {"temporal_start": "Coverage starts", "temporal_end": "Coverage ends"}.items():
        more = changes.get(name, {})
        found.append(Field(**{"id": name, "field_name": name, "label": label, "preset": "partial_date", **more}))
    return found


@pytest.mark.parametrize(("start", "end", "broken"), [
    ("2016", "2015", True), ("2016-05-02", "2016-05-01", True), ("2016-05", "2016-04-30", True),
    ("2016", "2016", False), ("2016", "2016-01", False), ("2016-05", "2016", False), ("2015", "2016", False),
    ("2016", "", False), ("", "2015", False), ("2016", None, False), ("sometime", "2015", False), ("2016", ["2015"], False),
])
def test_a_period_does_not_end_before_it_begins(start: Any, end: Any, broken: bool) -> None:
    (rule,) = applied("dataset", fields())
    assert rule.broken_by([start, end]) is broken
    assert str(rule.message) == "“Coverage ends” is before “Coverage starts”"


def test_it_applies_under_whatever_name_and_only_to_dates_on_offer() -> None:
    (renamed,) = applied("dataset", fields(temporal_end={"field_name": "until", "previous_names": ["temporal_end"]}))
    assert [each.field_name for each in renamed.fields] == ["temporal_start", "until"]
    assert applied("dataset", fields(temporal_end={"preset": ""})) == []
    assert applied("dataset", fields(temporal_start={"state": "retired"})) == []
    assert applied("dataset", fields()[:1]) == []
    assert applied("organization", fields()) == []


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_is_wrong_with_all_of_its_fields(rule: Any) -> None:
    assert all(f"{{{name}}}" in rule.text for name in rule.fields)
