"""Nothing is lost between versions of the schema that are drawn at random: read by one, saved by another."""
from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from nothing_lost.kinds import KINDS
from nothing_lost.paths import PATHS
from nothing_lost.records import ROLES
from nothing_lost.tables import Tried, try_cells
from support.editing import act, publish
from support.hard_changes import harder

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import DocumentError, dump
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.schema_registry import versions

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


def published(draw: random.Random, base: Snapshot) -> Snapshot:
    """A version with hard changes, published: whoever saves goes by the newest version."""
    refusals = []
    for _attempt in range(50):
        raw = harder(draw, dump(base.document), times=6)
        try:
            read(raw)
            number = publish(raw)["version"]
        except DocumentError as error:
            refusals.append(str(error))
            continue
        except tk.ValidationError as error:
            refusals.append(str(error))
            act("schema_draft_delete")
            continue
        found = versions.of_version(number)
        assert found is not None
        return found
    raise AssertionError(f"none of the drawn versions could be published: {refusals[-3:]}")


def save_between_versions(seed: int, everything: bool, kept: Any, table: Any, *tools: Any) -> None:
    draw = random.Random(seed)
    portal, released = table
    # Other tests need their own version to be the newest.
    kept.portal = ""
    before = published(draw, released.after)
    tried = Tried(portal, replace(released, before=before, after=published(draw, before)), *tools)
    for number, path in enumerate(SAVES):
        turn = number + seed
        cells = [
            (kind, role)
            for place, kind in enumerate(MIXTURES)
            for rank, role in enumerate(ROLES)
            if everything or (place == turn % len(MIXTURES) and rank == turn % len(ROLES))
        ]
        try_cells(replace(path, name=f"random versions, {path.name}"), cells, tried)


@pytest.mark.parametrize("seed", range(1))
def test_between_random_versions(seed: int, kept: Any, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    save_between_versions(seed, False, kept, table, app, cli, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(1, 31))
def test_between_more_random_versions(seed: int, kept: Any, table: Any, app: Any, cli: Any, tmp_path: Any) -> None:
    save_between_versions(seed, True, kept, table, app, cli, tmp_path)
