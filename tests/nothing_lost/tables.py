"""Tries cells of the table: saves, and compares the rows before and after."""
from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path as File
from typing import Any

from ckan import model
from nothing_lost import rows
from nothing_lost.counting import COUNTS
from nothing_lost.documents import Versions
from nothing_lost.kinds import Kind
from nothing_lost.paths import MOVES, Cell, Path, Refused
from nothing_lost.records import Portal, Record, enter_dataset, enter_organization, index

from ckanext.civicswitchboard.schema_registry import versions


@dataclass(frozen=True)
class Tried:
    """What cells are tried on: the portal, versions of the schema, and pytest's tools."""

    portal: Portal
    versions: Versions
    app: Any
    cli: Any
    folder: File


def try_cells(path: Path, wanted: Iterable[tuple[Kind, str]], on: Tried) -> None:
    """Try kinds of value by roles on a path; all faults are told at once."""
    portal, published = on.portal, on.versions
    cells = []
    for kind, role in wanted:
        if reason := path.skip(kind, role):
            COUNTS.skipped(path.name, str(kind), role, reason)
            continue
        enter = enter_organization if path.about == "organization" else enter_dataset
        cells.append(Cell(kind, role, enter(portal, kind), portal, published, on.app, on.cli, on.folder))
    if path.about != "organization":
        with versions.pinned(published.before if path.indexed == "before" else published.after):
            index([cell.record.id for cell in cells])
    lost = {}
    with versions.pinned(published.after):
        for cell in cells:
            COUNTS.run(path.name, str(cell.kind), cell.role)
            if found := what_is_lost(path, cell):
                lost[f"{cell.kind} (by {cell.role})"] = found
    COUNTS.failed(path.name, lost)
    assert not lost, "\n".join([f"{len(lost)} of {len(cells)} cells:", *(f"- {k}: {v}" for k, v in lost.items())])


def what_is_lost(path: Path, cell: Cell) -> str:
    """What a save did that nobody asked for, empty when it did nothing."""
    before = rows_of(cell, cell.record)
    refused, purpose = "", {}
    try:
        purpose = path.run(cell)
    except Refused as error:
        refused = str(error)
    except Exception as error:
        # One cell that breaks keeps the others from nothing.
        return f"broke: {type(error).__name__}: {error}"
    finally:
        model.Session.rollback()
        model.Session.remove()
    wanted = path.refuses(cell.kind, cell.role)
    if refused and not (wanted or path.may_refuse(cell.kind, cell.role)):
        return f"refused: {refused[:400]}"
    if wanted and not refused:
        return f"not refused, although {wanted}"
    after = rows_of(cell, cell.copied_to or cell.record)
    moves = [] if refused else [*MOVES, *path.moves]
    if cell.kind.entity == "resource" and any(key.startswith("early_") for key in cell.kind.keys):
        # The value moves under its field's name of today.
        moves.append("resource *.metadata_modified")
    if not refused:
        before = {**before, **purpose}
    if path.by_meaning:
        before, after = (
            {key: said for key, value in it.items() if (said := meant(value)) is not None} for it in (before, after)
        )
    differences = rows.differences(before, after)
    return "; ".join(
        f"{key} has to be {_short(right)}, is {_short(now)}"
        for key, (right, now) in differences.items()
        if not any(fnmatchcase(key, name) for name in moves)
    )


def meant(value: Any) -> Any:
    """A value apart from how it is written: several texts in any order, each once and one a line, entries without
    empty parts. None where nothing is said."""
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        value = [value]
    if not isinstance(value, list):
        return value
    if all(isinstance(text, str) for text in value):
        return sorted({line for text in value for line in text.splitlines() if line.strip()}) or None
    entries = [{k: v for k, v in it.items() if v != ""} if isinstance(it, dict) else it for it in value]
    return [entry for entry in entries if entry] or None


def rows_of(cell: Cell, record: Record) -> rows.Rows:
    """The rows of a cell's record, named alike before and after."""
    if cell.kind.entity == "organization":
        return followed(rows.of_organization(record.id), "group")
    ids = dict(zip(record.resources, ("One", "Two")))
    named = {}
    for key, value in rows.of_dataset(record.id).items():
        named[re.sub(r"^resource (\S{36})", lambda m: f"resource {ids.get(m[1], 'Three')}", key)] = value
    return followed(named, "package", "resource One", "resource Two")


def followed(found: rows.Rows, *things: str) -> rows.Rows:
    """The same with renamed values under their fields' names of today, where a save moves them."""
    for thing in things:
        for name in ("text", "list", "entries"):
            early, late = f"{thing}.extras.early_{name}", f"{thing}.extras.late_{name}"
            if early in found and late not in found:
                found[late] = found.pop(early)
    return found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 100 else f"{text[:97]}…"
