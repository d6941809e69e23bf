"""Changes between documents: their laws, and what each kind says."""
from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from core.examples import EXAMPLES, Example, exchange_names, fields, of_field, one
from core.examples import after as after_
from core.examples import document as base_document
from core.laws import law
from core.strategies import documents, swapped
from hypothesis import given

from ckanext.civicswitchboard.core.changes import (
    KINDS,
    LEVELS,
    ChangeError,
    Kind,
    apply,
    diff,
    inverse,
    level_of,
)
from ckanext.civicswitchboard.core.changes.paths import COLLECTIONS, SCHEMA, SCHEMA_ATTRIBUTES
from ckanext.civicswitchboard.core.schema.document import Document

ROOT = Path(__file__).parents[3]
many = law(40)


@many
@given(documents())
def test_a_document_does_not_differ_from_itself(document: Document) -> None:
    assert diff(document, document) == []


@many
@given(documents(), documents())
def test_making_the_difference_gives_the_other_document_and_its_inverse_the_first(
    before: Document, after: Document
) -> None:
    changes = diff(before, after)
    assert apply(before, changes) == after
    assert apply(after, inverse(changes)) == before


@many
@given(documents())
def test_another_order_is_a_difference_that_can_be_made(document: Document) -> None:
    other = swapped(document)
    assert apply(document, diff(document, other)) == other


@many
@given(documents(), documents())
def test_every_change_can_be_told(before: Document, after: Document) -> None:
    for change in diff(before, after):
        told = change.as_dict()
        assert told["text"] and "{" not in told["text"] and told["level"] in LEVELS
        assert told["level"] in change.kind.levels
        assert all(question.field_name for question in change.questions)
        assert all(offer.kind for offer in change.repairs)


@many
@given(documents(), documents())
def test_what_changes_of_one_thing_is_told_together(before: Document, after: Document) -> None:
    places = [change.place for change in diff(before, after)]
    assert len(list(groupby(places))) == len(set(places))
    kinds = [(change.place, change.kind.name) for change in diff(before, after)]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.kind}-{example.level}")
def test_each_kind_has_its_name_level_words_and_way_back(example: Example) -> None:
    before, after = base_document(), after_(example.edit)
    (change,) = diff(before, after)
    assert (change.kind.name, change.level, change.as_dict()["text"]) == (example.kind, example.level, example.text)
    (back,) = inverse([change])
    assert back.kind.name in change.kind.inverses
    assert apply(after, [back]) == before


def test_the_examples_reach_every_kind_at_every_level_and_with_every_repair() -> None:
    edits = [*(example.edit for example in EXAMPLES), exchange_names]
    changes = [change for edit in edits for change in diff(base_document(), after_(edit))]
    assert {(change.kind.name, change.level) for change in changes} == {
        (kind.name, level) for kind in KINDS for level in kind.levels
    }
    assert {(change.kind.name, offer.kind) for change in changes for offer in change.repairs} == {
        (kind.name, offer) for kind in KINDS for offer in kind.offers
    }
    assert {name for kind in KINDS for name in kind.inverses} <= {kind.name for kind in KINDS}


def test_some_kind_tells_about_each_attribute() -> None:
    for collection in [SCHEMA, *COLLECTIONS.values(), *(c.inner for c in COLLECTIONS.values() if c.inner)]:
        told = {name for kind in KINDS if kind.thing == collection.thing for name in kind.attributes}
        assert set(collection.attributes if collection is not SCHEMA else SCHEMA_ATTRIBUTES) <= told


def test_two_fields_that_swap_names_are_two_renames() -> None:
    changes = diff(base_document(), after_(exchange_names))
    assert [change.kind.name for change in changes] == ["field_renamed", "field_renamed"]
    assert {offer.kind for change in changes for offer in change.repairs} == {"swap"}


def test_an_organization_field_that_is_renamed_changes_no_profile() -> None:
    def rename(raw: Any) -> None:
        one(raw["organization"]["fields"], "roles").update(field_name="tasks", previous_names=["roles"])
        raw["partner_types"][0]["fields"][0]["field"] = "tasks"

    (change,) = diff(base_document(), after_(rename))
    assert (change.kind.name, change.entity) == ("field_renamed", "organization")
    assert apply(base_document(), [change]) == after_(rename)


def test_braces_in_a_text_stand_for_themselves() -> None:
    (change,) = diff(base_document(), after_(of_field("remark", label="{what} %s")))
    assert change.as_dict()["text"] == "“Remark” is now called “{what} %s”"


def test_a_part_of_the_changes_can_be_made() -> None:
    def edit(raw: Any) -> None:
        of_field("remark", label="Comment")(raw)
        of_field("office", help_text="Which one")(raw)

    relabelled, helped = diff(base_document(), after_(edit))
    document = apply(base_document(), [relabelled])
    assert document == after_(of_field("remark", label="Comment"))
    assert apply(document, [helped]) == after_(edit)


def test_a_change_to_what_is_not_there_is_refused() -> None:
    (change,) = diff(base_document(), after_(of_field("remark", label="Comment")))
    without = after_(lambda raw: fields(raw).remove(one(fields(raw), "remark")))
    with pytest.raises(ChangeError, match=r"^dataset\.fields \(remark\): there is no such thing"):
        apply(without, [change])
    (added,) = diff(without, base_document())
    with pytest.raises(ChangeError, match="it is already there"):
        apply(base_document(), [added])


def test_an_empty_difference_is_editorial() -> None:
    assert level_of([]) == "editorial"


def test_the_documentation_has_a_line_for_every_kind() -> None:
    """When this fails, the line that is missing stands in the message."""
    lines = (ROOT / "docs" / "schema-changes.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `")] == [_line(kind) for kind in KINDS]
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def _line(kind: Kind) -> str:
    cells = [
        f"`{kind.name}`",
        kind.thing.replace("_", " "),
        ", ".join(kind.levels),
        kind.means,
        ", ".join(kind.inverses),
        ", ".join(kind.offers) or "–",
    ]
    return f"| {' | '.join(cells)} |"
