"""Rows of a repeating field as a form sends them."""
from __future__ import annotations

from ckanext.civicswitchboard.core.rows import gather


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
