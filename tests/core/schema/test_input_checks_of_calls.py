"""What core's actions are sent, before they read it."""
from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from ckanext.civicswitchboard.core.schema import input_checks


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
    assert input_checks.whole_number(sent) == read


def test_levels_are_counted() -> None:
    assert not input_checks.is_too_deep(nested(input_checks.MOST_LEVELS))
    assert input_checks.is_too_deep(nested(input_checks.MOST_LEVELS + 1)) and input_checks.is_too_deep({"a": nested(100_000)})
    assert not input_checks.is_too_deep({"a": ["b", {"c": []}]})


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"id": ["a"]}, {"id": input_checks.NO_TEXT}), ({"id": {"a": 1}}, {"id": input_checks.NO_TEXT}), ({"vocabulary_id": True}, {"vocabulary_id": input_checks.NO_TEXT}),
        ({"id": "a\0"}, {"id": input_checks.NO_CHARACTER}), ({"x": ["\ud800"]}, {"x": input_checks.NO_CHARACTER}), ({"x": nested(101)}, {"x": input_checks.TOO_DEEP}),
        ({None: "x"}, {"": input_checks.NO_NAME}), ({"id": "a", "extras": [1]}, {}), ({"capacity": None}, {"capacity": input_checks.NO_TEXT}), ({"id": None}, {}),
        ({"file": FileStorage(BytesIO(), "a.csv")}, {"file": input_checks.NO_FILE}), ({"upload": FileStorage(BytesIO(), "a.csv")}, {}),
        ({"schema_upload": FileStorage(BytesIO(), "a.csv")}, {}), ({"upload": FileStorage(BytesIO(), "\0.csv")}, {"upload": input_checks.NO_CHARACTER}),
    ],
)  # fmt: skip
def test_what_no_action_can_read_is_named(sent: dict[Any, Any], fault: dict[str, str]) -> None:
    assert input_checks.faults_of_call(sent) == {name: [message] for name, message in fault.items()}


def test_a_number_that_names_a_record_is_made_a_text() -> None:
    sent: dict[str, Any] = {"id": 7, "limit": 7}
    assert input_checks.faults_of_call(sent) == {} and sent == {"id": "7", "limit": 7}


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ({"rows": "x"}, {"rows": input_checks.NO_NUMBER}), ({"limit": []}, {"limit": input_checks.NO_NUMBER}), ({"facet.limit": -1, "rows": "5"}, {}),
        ({"rows": -1}, {"rows": input_checks.NO_NUMBER}), ({"include_users": "perhaps"}, {"include_users": input_checks.NO_FLAG}),
        ({"include_users": "True", "all_fields": False}, {}), ({"extras": "x"}, {"extras": input_checks.NO_PARAMETERS}), ({"sort": {}}, {"sort": input_checks.NO_TEXT}),
        ({"sort": None, "q": "x"}, {}), ({"groups": [1]}, {"groups": input_checks.NO_LIST}), ({"groups": ["a"], "fq_list": "x"}, {}),
    ],
)  # fmt: skip
def test_what_no_search_can_read_is_named(sent: dict[str, Any], fault: dict[str, str]) -> None:
    assert input_checks.faults_of_question(sent) == {name: [message] for name, message in fault.items()}


def test_numbers_left_blank_are_left_out() -> None:
    sent: dict[str, Any] = {"rows": " ", "start": "", "facet.limit": None, "extras": "", "q": " "}
    assert input_checks.faults_of_question(sent) == {} and sent == {"q": " "}


def test_numbers_that_no_database_counts_to_are_the_largest() -> None:
    sent: dict[str, Any] = {"offset": 2**63, "limit": "9" * 5000, "rows": 5}
    assert input_checks.faults_of_question(sent) == {} and sent == {"offset": input_checks.LARGEST, "limit": input_checks.LARGEST, "rows": 5}


def test_a_record_may_have_fields_that_name_something_elsewhere() -> None:
    sent = {"capacity": ["20", "40"], "object": {"a": 1}, "order": [{"n": 1}], "name": "x"}
    assert input_checks.faults_of_call(dict(sent), is_record=True) == {}
    assert set(input_checks.faults_of_call(dict(sent))) == {"capacity", "object", "order"}
