"""How values are stored, read and compared: a value that only passed through a form is the same."""
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.schema.field_types import (
    FIELD_TYPES,
    ROWS,
    FieldType,
    field_type,
    is_empty,
    load,
    rows_type,
    same,
    same_row,
    shown_rows,
)

LINE, AREA = FIELD_TYPES[""], FIELD_TYPES["markdown"]
BOXES, TEXTS = FIELD_TYPES["multiple_checkbox"], FIELD_TYPES["multiple_text"]


def test_a_field_with_subfields_holds_rows_whatever_its_preset() -> None:
    assert field_type("", repeating=True) is ROWS
    assert field_type("markdown") is AREA


@pytest.mark.parametrize("value", [None, "", "[]", "null", [], [""], [{}]])
def test_nothing_is_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", ["0", "false", " ", 0, False, ["a"], [{"a": ""}], "{}"])
def test_whatever_says_something_is_not_empty(value: Any) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        (LINE, "[1, 2]", "[1, 2]"),
        (BOXES, '["a", "b"]', ["a", "b"]),
        (BOXES, ["a"], ["a"]),
        (BOXES, "", []),
        (BOXES, "free text", None),
        (BOXES, '"a"', None),
        (BOXES, "[1]", None),
        (BOXES, None, None),
        (BOXES, "[" * 100_000, None),
        (ROWS, '[{"a": "b"}]', [{"a": "b"}]),
        (ROWS, '["a"]', None),
        (ROWS, "{", None),
    ],
)
def test_a_stored_value_is_read_or_told_to_be_unreadable(kind: FieldType, stored: Any, expected: Any) -> None:
    assert load(kind, stored) == expected


@pytest.mark.parametrize(
    ("kind", "stored", "given_value"),
    [
        (AREA, "a\nb", "a\r\nb"),
        (AREA, "a\rb", "a\r\nb"),
        (AREA, "\na", "a"),
        (LINE, "a\r\nb", "ab"),
        (LINE, "7", 7),
        (LINE, None, ""),
        (BOXES, '["b", "a"]', ["a", "b"]),
        (BOXES, '["a", "a"]', "a"),
        (BOXES, "not a list", "not a list"),
        (BOXES, "[]", None),
        (BOXES, "[ ]", []),
        (TEXTS, '[""]', None),
        (ROWS, "[{}]", ""),
        (TEXTS, '["a", "b"]', ["a", "", "b"]),
        (ROWS, '[{"a": "x", "b": ""}]', [{"a": "x"}]),
        (ROWS, '[{"a": "x\\ny"}]', [{"a": "x\r\ny"}]),
    ],
)
def test_what_a_form_does_to_a_value_is_no_change(kind: FieldType, stored: Any, given_value: Any) -> None:
    assert same(kind, stored, given_value)


@pytest.mark.parametrize(
    ("kind", "stored", "given_value"),
    [
        (AREA, "a\nb", "a b"),
        (AREA, "\n\na", "a"),
        (LINE, "a", "A"),
        (LINE, "a", ""),
        (LINE, "", "a"),
        (BOXES, '["a"]', ["a", "b"]),
        (BOXES, "free, text", ["free", "text"]),
        (TEXTS, '["a", "b"]', ["b", "a"]),
        (ROWS, '[{"a": "x"}, {"a": "y"}]', [{"a": "y"}, {"a": "x"}]),
        (ROWS, '[{"a": "x"}]', [{"a": "x", "b": "y"}]),
    ],
)
def test_what_a_person_does_to_a_value_is_a_change(kind: FieldType, stored: Any, given_value: Any) -> None:
    assert not same(kind, stored, given_value)


def test_a_row_is_the_same_through_a_form() -> None:
    assert same_row(ROWS, {"a": "x\ny", "b": ""}, {"a": "x\r\ny", "c": None})
    assert not same_row(ROWS, {"a": "x"}, {"a": "y"})


def test_a_part_with_several_values_is_the_same_as_a_list_and_as_its_json() -> None:
    kind = rows_type({"who": "", "places": "multiple_text"})
    stored = {"who": "Ada", "places": '["U1", "U2"]'}
    for given_value in (["U1", "U2"], "U1\r\nU2", '["U1", "U2"]'):
        assert same_row(kind, stored, {"who": "Ada", "places": given_value})
    assert not same_row(kind, stored, {"who": "Ada", "places": ["U2", "U1"]})
    assert shown_rows(kind, [stored, {"who": '["x"]', "places": "[broken"}]) == [
        {"who": "Ada", "places": ["U1", "U2"]}, {"who": '["x"]', "places": "[broken"},
    ]


def test_a_number_or_a_yes_is_shown_in_a_form_as_json_has_it() -> None:
    assert same(FIELD_TYPES["select"], True, "true") and same(FIELD_TYPES[""], 12, "12")
    assert not same(FIELD_TYPES["select"], True, "false")
    assert same_row(ROWS, {"tidy": False, "rows": 12}, {"tidy": "false", "rows": "12"})


KINDS = st.sampled_from([*FIELD_TYPES.values(), ROWS])
ANY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n"))
VALUES = (
    st.none()
    | ANY_TEXT
    | st.lists(ANY_TEXT, max_size=3)
    | st.lists(st.dictionaries(st.sampled_from("ab"), ANY_TEXT), max_size=2)
    | st.lists(ANY_TEXT, max_size=3).map(json.dumps)
)


@given(KINDS, VALUES)
def test_every_value_is_the_same_as_itself(kind: FieldType, value: Any) -> None:
    assert same(kind, value, value)


@given(KINDS, VALUES, VALUES)
def test_sameness_goes_both_ways(kind: FieldType, one: Any, other: Any) -> None:
    assert same(kind, one, other) == same(kind, other, one)


@given(KINDS.filter(lambda kind: kind.shape == "text"), ANY_TEXT)
def test_a_text_is_the_same_after_its_control(kind: FieldType, text: str) -> None:
    """A browser drops or rewrites line ends, and a text area loses its first one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = lines.replace("\n", "") if kind.control == "line" else lines.removeprefix("\n")
    assert same(kind, text, shown.replace("\n", "\r\n"))


def test_a_line_of_line_ends_only_is_the_same_as_an_empty_one() -> None:
    line = FieldType(name="", shape="text", control="line")
    assert same(line, "\n", "") and not same(line, None, "None")


@given(KINDS.filter(lambda kind: kind.shape != "text"), VALUES)
def test_a_readable_value_is_the_same_as_what_it_reads_as(kind: FieldType, value: Any) -> None:
    loaded = load(kind, value)
    if loaded is not None:
        assert same(kind, json.dumps(loaded), value)


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_checked_boxes_means_nothing(values: list[str]) -> None:
    assert same(BOXES, '["a", "b", "c"]', values)


def test_the_only_one_of_several_is_itself_even_where_it_reads_as_none() -> None:
    several = FIELD_TYPES["multiple_text"]
    for text in ("[]", "null", '["a"]'):
        assert same(several, json.dumps([text]), text)
    assert not same(several, '["[]", "b"]', "[]")
