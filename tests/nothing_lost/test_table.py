"""Nothing is lost: every way of saving × every kind of stored value × everybody who saves.

After any save, everything that the record's rows held is as it was, but for what the person or program
changed on purpose. Each cell of the table has a record of its own, put into the database row by row; its rows
are compared column by column. Columns that a save moves by itself stand in `paths`, each with the reason.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from nothing_lost.kinds import KINDS, Kind
from nothing_lost.paths import PATHS, Path
from nothing_lost.records import ROLES
from nothing_lost.tables import Tried, try_cells


def kinds_for(path: Path) -> list[Kind]:
    """The kinds of value that a record of the path may hold."""
    if path.about == "organization":
        return [kind for kind in KINDS if kind.entity == "organization"]
    return [kind for kind in KINDS if kind.entity != "organization"]


def cells_of(path: Path, everything: bool) -> Iterator[tuple[Kind, str]]:
    """The cells that a run tries: all of them, or the mixtures and some of the others by one person each."""
    turn = PATHS.index(path)
    for number, kind in enumerate(kinds_for(path)):
        chosen = kind.sort == "mixture" or (number + turn) % (16 if kind.leads else 80) == 0
        for role in ROLES:
            if everything or (chosen and ROLES[(number + turn) % len(ROLES)] == role):
                yield kind, role


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.replace(" ", "-"))
def test_nothing_is_lost(path: Path, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    try_cells(path, cells_of(path, False), Tried(*table, app, cli, tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.replace(" ", "-"))
def test_nothing_is_lost_in_any_cell(path: Path, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    try_cells(path, cells_of(path, True), Tried(*table, app, cli, tmp_path))
