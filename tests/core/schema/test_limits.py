"""The limits of what a field takes, and when new ones let less through."""
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.schema.limits import beyond, bounds_of, tightened


@pytest.mark.parametrize("preset, limits, right, wrong", [
    ("number", {"minimum": "1", "maximum": "50"}, ["1", "50", "50.0", " 7", "1e1", "no number", ""], ["0.99", "50.01", "-3", "1e9"]),
    ("number", {"minimum": "-0.5"}, ["0", "-.5", "999999999999"], ["-0.51"]),
    ("partial_date", {"minimum": "2019-07", "maximum": "2020"}, ["2019", "2019-07", "2019-07-01", "2020-12-31", "no date"], ["2018", "2019-06-30", "2021-01"]),
    ("partial_date", {"minimum": "0900", "maximum": "2150"}, ["1066", "2150-12"], ["0899", "2151"]),
    ("", {"max_length": 3}, ["abc", "äöü", "a\r\nb"], ["abcd", "a\n\nbc"]),
    ("multiple_text", {"max_length": 3}, ["abc"], ["abcd"]),
    ("select", {"max_length": 3, "minimum": "5"}, ["abcd", "1"], []),
    ("number", {"minimum": "few", "maximum": ""}, ["-1", "1e9"], []),
    ("partial_date", {"minimum": "2019-13"}, ["1066"], []),
])  # fmt: skip
def test_what_a_field_takes(preset: str, limits: dict[str, Any], right: list[str], wrong: list[str]) -> None:
    bounds = bounds_of(preset, limits)
    assert [value for value in right if beyond(bounds, value)] == []
    assert [value for value in wrong if not beyond(bounds, value)] == []


def test_a_fault_names_the_value_and_the_limit() -> None:
    said = []
    for preset, limits, value in [
        ("number", {"minimum": "1"}, "0"), ("number", {"maximum": "5"}, "6"),
        ("partial_date", {"minimum": "1950"}, "1949-12"), ("partial_date", {"maximum": "2030"}, "2031"),
        ("", {"max_length": 2}, "abc"),
    ]:  # fmt: skip
        bound = beyond(bounds_of(preset, limits), value)
        assert bound is not None
        said.append(str(bound.fault(value)))
    assert said == [
        "“0” is less than 1", "“6” is more than 5", "“1949-12” is before 1950", "“2031” is after 2030",
        "This is 3 characters long. The limit is 2",
    ]  # fmt: skip


DATES = st.sampled_from(["", "2018", "2019", "2019-03", "2019-07", "2019-07-15", "2019-07-31", "2020", "2020-01"])
NUMBERS = st.sampled_from(["", "-1", "0", "0.5", "1", "1.0", "2", "10"])


@given(st.data())
def test_limits_that_are_not_tighter_take_every_value_that_was_taken(data: st.DataObject) -> None:
    preset, values = data.draw(st.sampled_from([("partial_date", DATES), ("number", NUMBERS)]))
    limits = st.fixed_dictionaries({"minimum": values, "maximum": values})
    before, after = (bounds_of(preset, data.draw(limits)) for _ in range(2))
    value = data.draw(values.filter(bool))
    if beyond(before, value) is None and beyond(after, value) is not None:
        assert tightened(before, after)


@given(NUMBERS, NUMBERS, DATES, DATES, st.integers(0, 5))
def test_the_same_limits_are_not_tighter(low: str, high: str, first: str, last: str, length: int) -> None:
    for preset, given_limits in [
        ("number", {"minimum": low, "maximum": high}), ("partial_date", {"minimum": first, "maximum": last}),
        ("", {"max_length": length}),
    ]:  # fmt: skip
        bounds = bounds_of(preset, given_limits)
        assert not tightened(bounds, bounds)
        assert not tightened(bounds, [])
