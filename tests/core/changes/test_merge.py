"""Merging what two people made of the same version."""
from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from core.examples import Making, Raw, after, document, field, fields, of_field, one
from core.laws import law
from core.strategies import documents
from hypothesis import given

from ckanext.civicswitchboard.core.changes.diff import POSITION, Edit, edits, value_of
from ckanext.civicswitchboard.core.changes.merge import Conflict, Merged, merge, take
from ckanext.civicswitchboard.core.changes.paths import Place, by_ids, things
from ckanext.civicswitchboard.core.schema.document import Document, dump, parse
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

many = law(25)


@many
@given(documents(), documents())
def test_what_only_one_side_changed_is_taken(base: Document, other: Document) -> None:
    for merged in (merge(base, base, other), merge(base, other, base), merge(base, other, other)):
        assert merged.document == other and merged.conflicts == ()


def values(document: Document) -> dict[Place, Any]:
    return dict(things(by_ids(document)))


def covered(conflicts: Iterable[Conflict], edit: Edit) -> bool:
    """Whether an edit is part of what somebody has to choose about."""
    return any(
        edit.place == conflict.place or edit.place.holder == conflict.place != Place() for conflict in conflicts
    )


@many
@given(documents(), documents(), documents())
def test_nothing_that_one_side_did_is_lost_without_a_word(base: Document, ours: Document, theirs: Document) -> None:
    merged = merge(base, ours, theirs)
    state = values(merged.document)
    for edit in edits(base, ours):
        if edit.attribute != POSITION:
            assert value_of(state, edit.place, edit.attribute) == edit.after
    for edit in edits(base, theirs):
        if edit.attribute != POSITION and not covered(merged.conflicts, edit):
            assert value_of(state, edit.place, edit.attribute) == edit.after


@many
@given(documents(), documents(), documents())
def test_nothing_comes_from_nowhere(base: Document, ours: Document, theirs: Document) -> None:
    merged = values(merge(base, ours, theirs).document)
    assert set(merged) <= set(values(ours)) | set(values(theirs))


@many
@given(documents(), documents(), documents())
def test_a_conflict_can_be_settled_either_way(base: Document, ours: Document, theirs: Document) -> None:
    merged = merge(base, ours, theirs)
    for conflict in merged.conflicts:
        assert conflict.ours != conflict.theirs
        as_ours, as_theirs = take(merged, conflict, "ours"), take(merged, conflict, "theirs")
        assert as_ours.document == merged.document
        assert value_of(values(as_theirs.document), conflict.place, conflict.attribute) == conflict.theirs
        assert conflict not in as_ours.conflicts + as_theirs.conflicts
        assert len(as_ours.conflicts) == len(as_theirs.conflicts) == len(merged.conflicts) - 1


@many
@given(documents(), documents(), documents())
def test_both_sides_see_the_same_conflicts(base: Document, ours: Document, theirs: Document) -> None:
    seen = {(c.place, c.attribute, repr(c.ours), repr(c.theirs)) for c in merge(base, ours, theirs).conflicts}
    other = {(c.place, c.attribute, repr(c.theirs), repr(c.ours)) for c in merge(base, theirs, ours).conflicts}
    assert seen == other


@pytest.fixture(scope="module")
def shipped() -> Document:
    return read_folder(Path(__file__).parents[3] / "schemas")


def edited(document: Document, field_id: str, **attributes: Any) -> Document:
    raw = dump(document)
    next(each for each in raw["dataset"]["fields"] if each["id"] == field_id).update(attributes)
    return parse(raw)


def label_and_help(document: Document, field_id: str) -> tuple[Any, Any]:
    field = next(each for each in document.dataset.fields if each.id == field_id)
    return field.label, field.help_text


def test_different_attributes_of_a_field_are_both_taken(shipped: Document) -> None:
    merged = merge(
        shipped, edited(shipped, "data_notes", label="Caveats"), edited(shipped, "data_notes", help_text="More.")
    )
    assert label_and_help(merged.document, "data_notes") == ("Caveats", "More.")
    assert merged.conflicts == ()


def test_the_same_attribute_is_a_conflict_and_the_other_answer_can_be_taken(shipped: Document) -> None:
    merged = merge(
        shipped, edited(shipped, "data_notes", label="Caveats"), edited(shipped, "data_notes", label="Warnings")
    )
    (conflict,) = merged.conflicts
    told = conflict.dictize()
    assert (told["entity"], told["field"], told["attribute"]) == ("dataset", "data_notes", "label")
    assert (told["base"], told["ours"], told["theirs"]) == ("Data notes", "Caveats", "Warnings")
    assert label_and_help(merged.document, "data_notes")[0] == "Caveats"
    settled = take(merged, conflict, "theirs")
    assert label_and_help(settled.document, "data_notes")[0] == "Warnings" and settled.conflicts == ()


def test_a_rename_of_one_and_a_new_label_of_the_other_both_hold(shipped: Document) -> None:
    merged = merge(
        shipped,
        edited(shipped, "department", field_name="office", previous_names=["department"]),
        edited(shipped, "department", label="Office"),
    )
    field = next(each for each in merged.document.dataset.fields if each.id == "department")
    assert (field.field_name, field.label) == ("office", "Office") and merged.conflicts == ()


def merged_by(ours: Making, theirs: Making) -> Merged:
    return merge(document(), after(ours), after(theirs))


def told(merged: Merged) -> list[tuple[Any, ...]]:
    return [(c.place.id, c.place.part, c.attribute, c.ours, c.theirs) for c in merged.conflicts]


def remove(field_id: str) -> Making:
    return lambda raw: fields(raw).remove(one(fields(raw), field_id))


def insert(field_id: str, behind: str) -> Making:
    def edit(raw: Raw) -> None:
        place = fields(raw).index(one(fields(raw), behind)) + 1
        fields(raw).insert(place, field(field_id, field_id.title()))

    return edit


def order(merged: Merged) -> list[str]:
    return [each.id for each in merged.document.dataset.fields]


def test_what_one_removed_and_the_other_changed_is_one_conflict() -> None:
    changed = field("remark", "Comment", help_text="Say more")
    change = of_field("remark", label="Comment", help_text="Say more")
    for merged, ours, theirs in (
        (merged_by(remove("remark"), change), None, changed),
        (merged_by(change, remove("remark")), changed, None),
    ):
        assert told(merged) == [("remark", "", "item", ours, theirs)]
        assert ("remark" in order(merged)) == (ours is not None)
        settled = take(merged, merged.conflicts[0], "theirs")
        assert ("remark" in order(settled)) == (theirs is not None)
    (conflict,) = merged_by(remove("remark"), change).conflicts
    back = take(merged_by(remove("remark"), change), conflict, "theirs")
    assert order(back)[:3] == ["title", "remark", "office"]


def test_what_one_removed_and_the_other_only_moved_is_removed() -> None:
    def move(raw: Raw) -> None:
        fields(raw).append(fields(raw).pop(1))

    for merged in (merged_by(move, remove("remark")), merged_by(remove("remark"), move)):
        assert "remark" not in order(merged) and merged.conflicts == ()


def test_what_became_a_repeating_field_no_more_and_got_another_part_is_a_conflict() -> None:
    size = {"id": "size", "field_name": "size", "label": "Size"}
    merged = merged_by(
        of_field("rows", repeating_subfields=[]),
        lambda raw: one(fields(raw), "rows")["repeating_subfields"].append(size),
    )
    (conflict,) = merged.conflicts
    assert (conflict.place.id, conflict.attribute, conflict.ours) == ("rows", "repeating_subfields", [])
    assert [part["id"] for part in conflict.theirs] == ["name", "size"]


def test_two_that_add_at_the_same_place_both_add() -> None:
    merged = merged_by(insert("first", "remark"), insert("second", "remark"))
    assert order(merged)[1:5] == ["remark", "second", "first", "office"] and merged.conflicts == ()


def test_what_was_added_behind_something_removed_stands_where_that_stood() -> None:
    merged = merged_by(remove("remark"), insert("second", "remark"))
    assert order(merged)[:3] == ["title", "second", "office"] and merged.conflicts == ()


def test_of_two_orders_ours_stands() -> None:
    merged = merged_by(
        lambda raw: fields(raw).append(fields(raw).pop(1)), lambda raw: fields(raw).insert(5, fields(raw).pop(1))
    )
    assert order(merged)[-1] == "remark" and merged.conflicts == ()


def test_two_things_added_under_one_id_are_a_conflict_unless_they_are_the_same() -> None:
    assert told(merged_by(insert("more", "office"), insert("more", "title"))) == []
    other: Making = lambda raw: fields(raw).append(field("more", "Much more"))  # noqa: E731
    merged = merged_by(insert("more", "office"), other)
    ((_id, _part, attribute, ours, theirs),) = told(merged)
    assert (attribute, ours["label"], theirs["label"]) == ("item", "More", "Much more")
