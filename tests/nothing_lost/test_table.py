"""Nothing is lost: every way of saving × every kind of stored value × everybody who saves.

After any save, everything that the record's rows held is as it was, but for what the person or program
changed on purpose. Each cell of the table has a record of its own, put into the database row by row; its rows
are compared column by column. Columns that a save moves by itself are in `paths`, each with the reason.

Which cells fail when a fix is reverted (the mixtures find each of them in the default run):

- core columns without a field are kept (saving: bare columns): "bare column" on the forms and on "package_update
  with the live fields alone", "resource_update with the live fields alone"
- columns of retired fields are kept: "gone column" on the same paths, and on the forms opened before the publish
- a dict or an `extras` list read before a publish: "gone" and "turned" on "… of what was shown before the publish",
  "package_patch with its extras from before the publish", "organization_patch with its extras from …"
- unreadable values are shown in forms: "unreadable" on every form, unchanged too
- other dataset types: "other type" on "package_patch" and the bulk actions
- entries on form pages: "form pages, an entry changed", "form pages, an entry emptied"
- a form shown again after a fault: "gone" on "…, opened before the publish and sent back"
- values in the form that a field had before: "turned" on the forms opened before the publish
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from nothing_lost.kinds import KINDS, Kind
from nothing_lost.paths import PATHS, Path
from nothing_lost.records import ROLES
from nothing_lost.tables import Tried, try_cells

# A path for so few kinds tries them all.
FEW = 5


def kinds_for(path: Path) -> list[Kind]:
    """The kinds of value that a record of the path may hold."""
    if path.about == "organization":
        return [kind for kind in KINDS if kind.entity == "organization"]
    return [kind for kind in KINDS if kind.entity != "organization"]


def cells_of(path: Path, everything: bool) -> Iterator[tuple[Kind, str]]:
    """The cells that a run tries, each by one role in turn: every kind, or the mixtures and some of the others."""
    kinds, turn = kinds_for(path), PATHS.index(path)
    usable = {kind: roles for kind in kinds if (roles := [role for role in ROLES if not path.skip(kind, role)])}
    yield from ((kind, role) for kind in kinds for role in ROLES if path.skip(kind, role))
    for number, (kind, roles) in enumerate(usable.items(), start=turn):
        is_turn = number % (16 if kind.leads else 80) == 0
        if everything or kind.sort == "mixture" or is_turn or len(usable) < FEW:
            yield kind, roles[number % len(roles)]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.replace(" ", "-"))
def test_nothing_is_lost(path: Path, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    try_cells(path, cells_of(path, False), Tried(*table, app, cli, tmp_path))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.replace(" ", "-"))
def test_nothing_is_lost_of_any_kind(path: Path, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    try_cells(path, cells_of(path, True), Tried(*table, app, cli, tmp_path))
