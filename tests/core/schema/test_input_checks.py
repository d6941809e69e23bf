"""What a caller sends is looked at before anything reads it."""
from __future__ import annotations

from typing import Any

import pytest

from ckanext.civicswitchboard.core.schema.input_checks import (
    NO_CHARACTER,
    NO_RECORD,
    NO_TEXT,
    TOO_LONG,
    faults,
    make_texts,
)

HALF = "a\ud800b"


@pytest.mark.parametrize("text", ["a\0b", "\0", HALF])
@pytest.mark.parametrize("wrapped", [lambda t: t, lambda t: [t], lambda t: [{"a": [t]}], lambda t: {t: 1}])
def test_a_character_that_cannot_be_stored_is_told_at_its_field(text: str, wrapped: Any) -> None:
    assert faults("dataset", {"title": "T", "data_notes": wrapped(text)}) == {"data_notes": [NO_CHARACTER]}


def test_a_name_that_cannot_be_stored_is_told_without_the_character() -> None:
    assert faults("resource", {"we\0ird": "x"}) == {"weird": [NO_CHARACTER]}


def test_faults_of_files_stand_at_their_places() -> None:
    files = [{"url": "x"}, {"url": ["x"], "note": HALF}, "no record"]
    assert faults("dataset", {"resources": files}) == {
        "resources": [{}, {"url": [NO_TEXT], "note": [NO_CHARACTER]}, {"url": [NO_RECORD]}]
    }


@pytest.mark.parametrize("value", [True, [], ["x"], {"a": 1}])
@pytest.mark.parametrize("name", ["title", "notes", "owner_org", "tag_string", "type", "id"])
def test_where_core_reads_text_there_has_to_be_text(name: str, value: Any) -> None:
    assert faults("dataset", {name: value}) == {name: [NO_TEXT]}


def test_other_values_are_for_validation_to_judge() -> None:
    given = {"theme": ["a", 3, None], "places": {"a": True}, "private": False, "title": None, "notes": "\U0001f600"}
    assert faults("dataset", given) == {}


def test_depth_is_no_matter() -> None:
    deep: Any = "\0"
    for _level in range(5000):
        deep = [deep]
    assert faults("dataset", {"places": deep}) == {"places": [NO_CHARACTER]}


def test_numbers_become_texts_where_core_keeps_texts() -> None:
    given: dict[str, Any] = {"version": 2, "title": 7, "rows": 5, "resources": [{"name": 1, "rows": 5}, "x"]}
    make_texts("dataset", given)
    assert given == {
        "version": "2", "title": "7", "rows": 5, "resources": [{"name": "1", "rows": 5}, "x"]
    }  # fmt: skip


@pytest.mark.parametrize("name", ["resources", "extras", "tags", "groups", "users"])
@pytest.mark.parametrize("value", [7, True, "x", {"a": 1}, ["x"], [["x"]]])
def test_lists_of_records_have_to_be_some(name: str, value: Any) -> None:
    told = faults("organization", {name: value})
    # Core reads messages about tags and extras in forms of their own.
    inner = {"tags": [{"name": [NO_RECORD]}], "extras": [{"key": [NO_RECORD]}]}
    assert told == {name: inner.get(name, [NO_RECORD])}
    assert faults("organization", {name: [{"name": "x"}]}) == faults("organization", {name: None}) == {}


def test_a_type_is_a_short_name() -> None:
    assert faults("dataset", {"type": "x" * 101}) == {"type": [TOO_LONG]}
    assert faults("dataset", {"type": "x" * 100}) == faults("resource", {"type": "x" * 101}) == {}
