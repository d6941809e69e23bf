"""Rows of a repeating field as a form sends them."""
from __future__ import annotations

import json

from ckanext.civicswitchboard.core.schema.repeating_rows import KEPT, gather, kept_text


def test_rows_come_in_the_order_of_their_numbers() -> None:
    data = {f"spaces-{n}-name": str(n) for n in (10, 2, 0, 11)} | {"title": "x"}
    gather(data, ["spaces"])
    assert data == {"title": "x", "spaces": [{"name": n} for n in ("0", "2", "10", "11")]}


def test_a_form_that_has_the_field_but_no_row_sends_an_empty_list() -> None:
    data = {"spaces-entries": "", "spaces-INDEX-name": ""}
    gather(data, ["spaces", "mission"])
    assert data == {"spaces": []}


def test_a_field_that_is_there_as_itself_is_left_alone() -> None:
    data = {"spaces": [{"name": "a"}], "spaces-0-name": "b"}
    gather(data, ["spaces"])
    assert data["spaces"] == [{"name": "a"}]


def test_odd_names_break_nothing() -> None:
    data = {"spaces-²-name": "a", "spaces-99999999999999-name": "b", "spaces-1": "c", "spaces--": "d"}
    gather(data, ["spaces"])
    assert data == {"spaces": []}


def test_parts_may_have_dashes() -> None:
    data = {"spaces-0-a-b": "x"}
    gather(data, ["spaces"])
    assert data == {"spaces": [{"a-b": "x"}]}


def test_what_a_form_does_not_show_goes_along_with_its_row() -> None:
    row = {"name": "Hall", "retired": "two\nlines", "odd": {"deep": [1, None]}}
    text = kept_text(row, {"name"})
    assert "\n" not in text and kept_text({"name": "Hall"}, {"name"}) == ""
    data = {"spaces-0-name": "Great hall", f"spaces-0-{KEPT}": text}
    gather(data, ["spaces"])
    assert data == {"spaces": [{**row, "name": "Great hall"}]}


def test_a_forged_rest_of_a_row_breaks_nothing() -> None:
    for forged in ("[1]", "{", "null", "[" * 100_000, json.dumps({"name": "other"})):
        data = {"spaces-0-name": "Hall", f"spaces-0-{KEPT}": forged}
        gather(data, ["spaces"])
        assert data == {"spaces": [{"name": "Hall"}]}
