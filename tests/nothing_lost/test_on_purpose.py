"""What deletes a value: sending it empty, or a list of extras without a key that was never a field."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from nothing_lost import rows
from nothing_lost.documents import Versions
from nothing_lost.kinds import Kind, text
from nothing_lost.paths import Cell
from nothing_lost.records import Portal, enter_dataset, enter_organization, index

from ckanext.civicswitchboard.schema_registry import versions

# A value of each key that a dataset and an organization may hold beside the fields of today.
HELD = {
    "guid": "never a field",
    "gone_text": "of a retired field",
    "gone_list": text(["River"]),
    "early_text": "under an earlier name",
    "turned_list": "A; B",
}
NEVER_A_FIELD = {"guid"}


@pytest.fixture(params=["package", "organization"])
def cell(request: Any, table: tuple[Portal, Versions], app: Any, cli: Any, tmp_path: Any) -> Any:
    portal, published = table
    if request.param == "package":
        kind = Kind("held", "dataset", "unknown", {"url": "http://data.example.org", "author": "Ada"}, HELD)
        record = enter_dataset(portal, kind)
        with versions.pinned(published.before):
            index([record.id])
    else:
        kind = Kind("held", "organization", "unknown", {"description": "of a retired field"}, HELD)
        record = enter_organization(portal, kind)
    with versions.pinned(published.after):
        yield Cell(kind, "admin", record, portal, published, app, cli, tmp_path)
    model.Session.remove()


def action_of(cell: Cell, verb: str) -> str:
    return f"{'organization' if cell.kind.entity == 'organization' else 'package'}_{verb}"


def held(cell: Cell) -> dict[str, Any]:
    found = rows.of_organization(cell.record.id) if cell.kind.entity == "organization" else rows.of_dataset(cell.record.id)
    names = {key.partition(".extras.")[2]: value for key, value in found.items() if key.startswith(("package.extras.", "group.extras."))}
    return {("early_text" if key == "late_text" else key): value for key, value in names.items() if key != "partner_type"}


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_an_empty_list_of_extras_deletes_what_was_never_a_field(cell: Cell, verb: str) -> None:
    shown = cell.show() if verb == "update" else {"id": cell.record.id}
    cell.act(action_of(cell, verb), **{**shown, "extras": []})
    after = held(cell)
    assert "guid" not in after
    kept = {key: value for key, value in HELD.items() if key not in NEVER_A_FIELD}
    if verb == "update":
        # What is shown among the extras may be a field's: a list without it leaves the field out.
        kept.pop("turned_list")
        after.pop("turned_list", None)
    assert after == kept


@pytest.mark.parametrize("key", sorted(set(HELD) - {"turned_list", "early_text"}))
@pytest.mark.parametrize("verb", ["update", "patch"])
def test_a_key_that_is_sent_empty_is_deleted(cell: Cell, verb: str, key: str) -> None:
    shown = cell.show()
    extras = [{**each, "value": ""} if each["key"] == key else each for each in shown["extras"]]
    sent = shown if verb == "update" else {"id": cell.record.id}
    cell.act(action_of(cell, verb), **{**sent, "extras": extras})
    after = held(cell)
    assert not after.pop(key, "")
    assert after == {name: value for name, value in HELD.items() if name != key}


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_a_column_that_is_sent_empty_is_emptied(cell: Cell, verb: str) -> None:
    column = next(iter(cell.kind.columns))
    sent = cell.show() if verb == "update" else {"id": cell.record.id}
    cell.act(action_of(cell, verb), **{**sent, column: ""})
    found = rows.of_organization(cell.record.id) if cell.kind.entity == "organization" else rows.of_dataset(cell.record.id)
    assert not next(value for key, value in found.items() if key in (f"package.{column}", f"group.{column}"))
    assert held(cell) == HELD


def test_a_live_field_that_package_update_leaves_out_is_cleared(
    table: tuple[Portal, Versions], app: Any, cli: Any, tmp_path: Any
) -> None:
    portal, published = table
    kind = Kind("held", "dataset", "known", {}, {"department": "Parks", "guid": "kept"})
    record = enter_dataset(portal, kind)
    with versions.pinned(published.after):
        index([record.id])
        cell = Cell(kind, "editor", record, portal, published, app, cli, tmp_path)
        shown = cell.show()
        del shown["department"]
        cell.act("package_update", **shown)
    assert held(cell) == {"guid": "kept"}
