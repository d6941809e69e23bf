"""Nothing is lost between versions of the schema that are drawn at random: read by one, saved by another."""
from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from metadata_schema.hard_changes import harder
from nothing_lost.kinds import KINDS
from nothing_lost.paths import PATHS
from nothing_lost.records import ROLES
from nothing_lost.tables import Tried, try_cells

from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.core.document import DocumentError, dump, read
from ckanext.civicswitchboard.metadata_schema import live

# Those that change the title alone, of which no drawn version asks anything new, or nothing.
NAMES = (
    "dataset form, unchanged",
    "dataset form, changed",
    "package_update of what was shown",
    "package_update of what was shown before the publish",
    "package_patch",
    "package_patch, indexed before the publish",
    "package_patch with its extras from before the publish",
    "package_revise",
    "bulk_update_private",
    "dump, then load over HTTP",
    "resource form, unchanged",
    "package_resource_reorder",
)
SAVES = [path for path in PATHS if path.name in NAMES]
assert len(SAVES) == len(NAMES)
MIXTURES = [
    replace(kind, columns={name: value for name, value in kind.columns.items() if name != "title"})
    for kind in KINDS
    if kind.sort == "mixture" and kind.entity != "organization"
]


def drawn(draw: random.Random, base: Snapshot, number: int) -> Snapshot:
    """A version with hard changes that keeps the rules of documents."""
    while True:
        try:
            return live.compiled(read(harder(draw, dump(base.document), times=12)), number)
        except DocumentError:
            continue


def save_between_versions(seed: int, everything: bool, shared: Any, *tools: Any) -> None:
    draw = random.Random(seed)
    portal, published = shared
    # Numbers of versions that are not published: forms name the one they are saved by.
    before, after = drawn(draw, published.before, 10_001), drawn(draw, published.before, 10_002)
    versions = replace(published, before=before, after=after)
    for number, path in enumerate(SAVES):
        turn = number + seed
        cells = [
            (kind, role)
            for place, kind in enumerate(MIXTURES)
            for rank, role in enumerate(ROLES)
            if everything or (place == turn % len(MIXTURES) and rank == turn % len(ROLES))
        ]
        import os
        if os.environ.get("DBG"):
            for v in (before, after):
                print("DBG", path.name, {n: (f.state, f.preset, f.expectation, f.vocabulary) for n in ("early_entries","people","geographic_unit","issued","turned_text") for f in v.document.dataset.fields if f.field_name == n})
        try_cells(replace(path, name=f"random versions, {path.name}"), cells, Tried(portal, versions, *tools))


@pytest.mark.parametrize("seed", range(2))
def test_between_random_versions(seed: int, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    save_between_versions(seed, False, table, app, cli, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 32))
def test_between_more_random_versions(seed: int, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    save_between_versions(seed, True, table, app, cli, tmp_path)
