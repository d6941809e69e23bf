"""What core's actions are sent, before they read it."""
from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from ckanext.civicswitchboard.core import given


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("sent", "read"),
    [("7", 7), (7, 7), (" 7 ", 7), ("0", 0), ("", None), (" ", None), ("-1", None), ("1.5", None), ("²", None), ("١", None),
     (None, None), ([7], None), ("9" * 5000, 2**31 - 1), (2**64, 2**31 - 1), ("2147483648", 2**31 - 1)],
)
def test_a_whole_number(sent: Any, read: int | None) -> None:
    assert given.whole_number(sent) == read


def test_levels_are_counted() -> None:
    assert not given.is_too_deep(nested(given.MOST_LEVELS))
    assert given.is_too_deep(nested(given.MOST_LEVELS + 1)) and given.is_too_deep({"a": nested(100_000)})
    assert not given.is_too_deep({"a": ["b", {"c": []}]})


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"id": ["a"]}, {"id": given.NO_TEXT}), ({"id": {"a": 1}}, {"id": given.NO_TEXT}), ({"vocabulary_id": True}, {"vocabulary_id": given.NO_TEXT}),
        ({"id": "a\0"}, {"id": given.NO_CHARACTER}), ({"x": ["\ud800"]}, {"x": given.NO_CHARACTER}), ({"x": nested(101)}, {"x": given.TOO_DEEP}),
        ({None: "x"}, {"": given.NO_NAME}), ({"id": "a", "extras": [1]}, {}), ({"capacity": None}, {"capacity": given.NO_TEXT}), ({"id": None}, {}),
        ({"file": FileStorage(BytesIO(), "a.csv")}, {"file": given.NO_TEXT}), ({"upload": FileStorage(BytesIO(), "a.csv")}, {}),
        ({"schema_upload": FileStorage(BytesIO(), "a.csv")}, {}), ({"upload": FileStorage(BytesIO(), "\0.csv")}, {"upload": given.NO_CHARACTER}),
    ],
)  # fmt: skip
def test_what_no_action_can_read_is_named(sent: dict[Any, Any], fault: dict[str, str]) -> None:
    assert given.faults_of_call(sent) == {name: [message] for name, message in fault.items()}


def test_a_number_that_names_a_record_is_made_a_text() -> None:
    sent: dict[str, Any] = {"id": 7, "limit": 7}
    assert given.faults_of_call(sent) == {} and sent == {"id": "7", "limit": 7}


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"rows": "x"}, {"rows": given.NO_NUMBER}), ({"limit": []}, {"limit": given.NO_NUMBER}), ({"facet.limit": -1, "rows": "5"}, {}),
        ({"rows": -1}, {"rows": given.NO_NUMBER}), ({"include_users": "perhaps"}, {"include_users": given.NO_FLAG}),
        ({"include_users": "True", "all_fields": False}, {}), ({"extras": "x"}, {"extras": given.NO_PARAMETERS}), ({"sort": {}}, {"sort": given.NO_TEXT}),
        ({"sort": None, "q": "x"}, {}), ({"groups": [1]}, {"groups": given.NO_LIST}), ({"groups": ["a"], "fq_list": "x"}, {}),
    ],
)  # fmt: skip
def test_what_no_search_can_read_is_named(sent: dict[str, Any], fault: dict[str, str]) -> None:
    assert given.faults_of_question(sent) == {name: [message] for name, message in fault.items()}


def test_numbers_left_blank_are_left_out() -> None:
    sent: dict[str, Any] = {"rows": " ", "start": "", "facet.limit": None, "extras": "", "q": " "}
    assert given.faults_of_question(sent) == {} and sent == {"q": " "}


def test_numbers_that_no_database_counts_to_are_the_largest() -> None:
    sent: dict[str, Any] = {"offset": 2**63, "limit": "9" * 5000, "rows": 5}
    assert given.faults_of_question(sent) == {} and sent == {"offset": given.LARGEST, "limit": given.LARGEST, "rows": 5}


def test_a_record_may_have_fields_that_name_something_elsewhere() -> None:
    sent = {"capacity": ["20", "40"], "object": {"a": 1}, "order": [{"n": 1}], "name": "x"}
    assert given.faults_of_call(dict(sent), is_record=True) == {}
    assert set(given.faults_of_call(dict(sent))) == {"capacity", "object", "order"}
