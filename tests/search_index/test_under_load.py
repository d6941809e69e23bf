"""People save while a worker indexes: when all is quiet, search holds what the database holds."""
from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from search_index.test_never_stale import SAVES, assert_search_is_right, stored
from support.editing import act, changed, current_document, publish
from support.working import ended, process_for, real_worker

from ckanext.civicswitchboard.importer.run import Import
from ckanext.civicswitchboard.search_index import reindex
from ckanext.civicswitchboard.search_index.batch import index_datasets

pytestmark = [pytest.mark.usefixtures("clean_portal", "clean_redis")]

KINDS = ("replaced", "deleted", "purged", "made private", "made private in bulk")
SAVERS = 2
# How long the saves of one dataset of each kind may take on a busy machine.
SECONDS_EACH = 20

ROW = sa.text(
    "INSERT INTO package (id, name, title, notes, type, state, private, owner_org, license_id, extras, creator_user_id,"
    " metadata_created, metadata_modified) VALUES (:id, :name, 'Before', 'Before', 'dataset', 'active', false, :owner,"
    " 'cc-by', '{\"department\": \"one\"}', :user, now() AT TIME ZONE 'utc', now() AT TIME ZONE 'utc')"
)


@pytest.fixture
def datasets() -> Callable[[int], dict[str, list[str]]]:
    """Datasets that search finds, so many for each kind of save: their ids, which are their names."""

    def make(count: int) -> dict[str, list[str]]:
        owner, user = factories.Organization()["id"], factories.Sysadmin()["id"]
        made = {kind: [f"{kind.replace(' ', '-')}-{n}" for n in range(count)] for kind in KINDS}
        names = [name for each in made.values() for name in each]
        model.Session.execute(ROW, [{"id": n, "name": n, "owner": owner, "user": user} for n in names])
        model.Session.commit()
        assert index_datasets(names, {}) == {}
        assert_search_is_right()
        return made

    return make


# Work step by step, without end: true where no process is at it.
Work = Iterator[bool]


def published() -> Work:
    """A version that has every dataset indexed again, and the worker that does it."""
    facet = True
    while True:
        publish(changed(current_document(), "department", facet=facet))
        facet = not facet
        yield from worked()
        yield True


def repaired() -> Work:
    """A repair of every dataset, there and back."""
    values = [("one", "two"), ("two", "one")]
    while True:
        for before, after in values:
            params = {"field": "department", "values": {before: after}}
            act("repair_start", kind="map_values", params=params)
            yield from worked()
            yield True


def worked() -> Work:
    while jobs.get_queue().jobs:
        with real_worker() as process:
            while not ended(process):
                time.sleep(0.05)
                yield False


def imported(path: Path, names: list[str]) -> Work:
    """An import of every dataset with another description each time."""
    shown = {name: stored(name) for name in names}
    number = 0
    while True:
        number += 1
        records = [{**each, "notes": f"Imported {number}"} for each in shown.values()]
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        with process_for(Import(path).run) as process:
            while not ended(process):
                time.sleep(0.05)
                yield False
        yield True


def save_all(share: list[tuple[str, str]], faults: Path) -> None:
    for kind, name in share:
        try:
            SAVES[kind](name)
        except Exception as error:
            with faults.open("a") as file:
                file.write(f"{kind} {name}: {error!r} {getattr(error, 'error_dict', '')}\n")


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("beside", ["publish", "repair", "import"])
@pytest.mark.parametrize("count", [12, pytest.param(100, marks=pytest.mark.long)])
def test_nothing_is_wrong_when_all_is_quiet(
    count: int, beside: str, datasets: Any, tmp_path: Path
) -> None:
    made = datasets(count)
    saves = [(kind, name) for kind, names in made.items() for name in names]
    random.Random(count).shuffle(saves)
    names = [name for _kind, name in saves]
    writing = {"publish": published, "repair": repaired, "import": lambda: imported(tmp_path / "f.jsonl", names)}
    indexing, faults = writing[beside](), tmp_path / "faults"
    began = time.monotonic()
    next(indexing)
    with ExitStack() as processes:
        savers = [
            processes.enter_context(process_for(lambda n=n: save_all(saves[n::SAVERS], faults)))
            for n in range(SAVERS)
        ]
        at_work, is_quiet = set(savers), False
        # No process is stopped: each ends by itself.
        while at_work or not is_quiet:
            at_work -= {each for each in at_work if ended(each)}
            is_quiet = next(indexing)
            assert time.monotonic() - began < SECONDS_EACH * count
    finish()
    assert not faults.exists(), faults.read_text()
    model.Session.remove()
    for kind, each in ((kind, name) for kind, name in saves if beside != "import"):
        package = model.Package.get(each)
        is_done = {
            "replaced": package and package.title == "Saved meanwhile",
            "deleted": package and package.state == "deleted",
            "purged": package is None,
        }.get(kind, package and package.private)
        assert is_done, (kind, each)
    assert_search_is_right()
    assert reindex.strangers() == []
    everything = tk.get_action("package_search")(
        {"ignore_auth": True}, {"rows": 1000, "include_private": True}
    )["results"]
    active = model.Session.query(model.Package).filter_by(state="active").count()
    assert len(everything) == active


def finish() -> None:
    """Let a worker end what waits."""
    for _step in worked():
        pass
