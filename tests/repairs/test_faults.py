"""What may happen to a worker: killed, cut off, without a search engine."""
from __future__ import annotations

import os
import random
from typing import Any

import pysolr
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.tests import factories
from metadata_schema.crashing import crash_postgresql
from metadata_schema.editing import act, call
from repairs.conftest import counts, many, progress, wait_until, worker

from ckanext.civicswitchboard import checks
from ckanext.civicswitchboard.importing import indexing
from ckanext.civicswitchboard.repairs import indexing as catching_up
from ckanext.civicswitchboard.repairs import journal, run

pytestmark = [pytest.mark.usefixtures("portal")]

COUNT = 200
# Mapped twice, a value would be seen at once.
PARAMS = {"field": "department", "values": {"one": "two", "two": "three"}}


@pytest.fixture
def run_id(ckan_config: Any) -> str:
    many(COUNT, department="one")
    ckan_config["civicswitchboard.repairs.chunk"] = 10
    return str(act("repair_start", kind="map_values", params=PARAMS)["id"])


def not_indexed(monkeypatch: Any) -> None:
    monkeypatch.setattr(run, "catch_up", lambda run_id: True)


def test_a_worker_that_is_killed_at_any_step_is_followed_by_one_that_ends_it(run_id: str, monkeypatch: Any) -> None:
    not_indexed(monkeypatch)
    for _time in range(5):
        enough = min(progress(run_id).done + random.randrange(1, COUNT // 6), COUNT)
        with worker(run_id):
            wait_until(lambda enough=enough: progress(run_id).done >= enough)
        now = progress(run_id)
        assert counts("department") == {value: n for value, n in (("one", COUNT - now.done), ("two", now.done)) if n}
    act("repair_resume", id=run_id) if progress(run_id).state != "done" else None
    run.work(run_id)
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    act("repair_undo", id=run_id)
    with worker(run_id):
        wait_until(lambda: progress(run_id).undone >= COUNT // 3)
    run.work(run_id)
    assert progress(run_id).state == "undone" and progress(run_id).undone == COUNT
    assert counts("department") == {"one": COUNT}


def test_connections_that_are_cut_are_made_anew(run_id: str, monkeypatch: Any) -> None:
    not_indexed(monkeypatch)
    cut = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with worker(run_id):
        for share in (5, 2):
            wait_until(lambda share=share: progress(run_id).done >= COUNT // share)
            model.Session.execute(cut)
            model.Session.remove()
        wait_until(lambda: progress(run_id).state == "done")
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    assert counts("department") == {"two": COUNT}


def truth(run_id: str) -> tuple[int, int, int]:
    """At one moment: records done as the run says, as the journal says, and those that are so."""
    # Its connection may be one that PostgreSQL ended.
    model.Session().invalidate()
    model.Session.remove()
    model.meta.engine.dispose()
    row = model.Session.execute(
        sa.text(
            "SELECT done, (SELECT count(*) FROM civicswitchboard_repair_line WHERE run = r.id) AS lines,"
            " (SELECT count(*) FROM package WHERE extras ->> 'department' = 'two') AS changed"
            " FROM civicswitchboard_repair r WHERE id = :id"
        ),
        {"id": run_id},
    ).one()
    return row.done, row.lines, row.changed


def test_postgresql_restarts_in_the_middle_and_the_run_goes_on(run_id: str, ckan_config: Any) -> None:
    ckan_config["civicswitchboard.repairs.pause"] = 50
    with worker(run_id):
        for share in (5, 2):
            wait_until(lambda share=share: progress(run_id).done >= COUNT // share)
            crash_postgresql()
            done, lines, changed = truth(run_id)
            assert COUNT > done == lines == changed >= COUNT // share
        wait_until(lambda: progress(run_id).state == "done", seconds=60)
        wait_until(lambda: act("repair_show", id=run_id)["to_index"] == 0, seconds=60)
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    assert truth(run_id) == (COUNT, COUNT, COUNT)


def test_a_run_that_postgresql_left_halfway_is_told_and_goes_on_when_asked(
    run_id: str, ckan_config: Any, monkeypatch: Any
) -> None:
    ckan_config["civicswitchboard.repairs.pause"] = 50
    monkeypatch.setattr(run, "ATTEMPTS", 1)
    with worker(run_id) as process:
        wait_until(lambda: progress(run_id).done >= COUNT // 4)
        # Between two steps it would not notice when PostgreSQL is back before the next one.
        crash_postgresql(while_waiting_for="civicswitchboard_repair_line")
        wait_until(lambda: os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
    done, lines, changed = truth(run_id)
    assert COUNT > done == lines == changed >= COUNT // 4
    # It failed while the database was away, which could not be written down, or just after.
    monkeypatch.setattr(run, "STALE", 0)
    assert progress(run_id).state in ("running", "failed")
    assert run_id in checks.repairs().text
    act("repair_resume", id=run_id)
    run.work(run_id)
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    assert truth(run_id) == (COUNT, COUNT, COUNT)
    assert act("repair_show", id=run_id)["trouble"] == ""


def test_without_the_search_engine_the_records_are_done_and_the_index_follows(monkeypatch: Any) -> None:
    many(50, department="one")
    call("package_patch", id="many-0", title="Indexed")
    run_id = act("repair_start", kind="map_values", params=PARAMS)["id"]
    with monkeypatch.context() as patch:
        nobody_listens = pysolr.Solr("http://127.0.0.1:9/solr/nothing", timeout=5)
        patch.setattr(indexing, "make_connection", lambda **options: nobody_listens)
        run.work(run_id)
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["to_index"]) == ("done", 50, 50)
    assert shown["trouble"] == "The search index does not answer"
    assert call("package_show", id="many-0")["department"] == "two"
    run.work(run_id)
    shown = act("repair_show", id=run_id)
    assert (shown["to_index"], shown["trouble"]) == (0, "")
    assert {each["department"] for each in call("package_search", q="name:many*", rows=60)["results"]} == {"two"}


def created(name: str, when: str | None) -> None:
    """Without the time at which it was made no dataset can be made a document."""
    statement = sa.text("UPDATE package SET metadata_created = :when WHERE name = :name")
    model.Session.execute(statement, {"when": when, "name": name})
    model.Session.commit()


def test_a_dataset_that_can_not_be_indexed_is_tried_again_and_then_told(app: Any, monkeypatch: Any) -> None:
    for name in ("good", "mended", "bad"):
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", department="one")
        created(name, "2020-01-01" if name == "good" else None)
    failed: list[set[str]] = []

    def not_indexed(run_id: str, datasets: set[str]) -> None:
        noted(run_id, datasets)
        if datasets:
            failed.append({model.Package.get(each).name for each in datasets})
            created("mended", "2020-01-01")

    noted = journal.not_indexed
    monkeypatch.setattr(journal, "not_indexed", not_indexed)
    monkeypatch.setattr(catching_up, "PAUSE", 0)
    run_id = act("repair_start", kind="map_values", params=PARAMS)["id"]
    run.work(run_id)
    assert failed == [{"mended", "bad"}, {"bad"}, {"bad"}]
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["to_index"], shown["not_indexed"]) == ("done", 3, 0, ["bad"])
    found = call("package_search", fq="name:(good OR mended OR bad)")["results"]
    assert {each["name"]: each["department"] for each in found} == {"good": "two", "mended": "two", "bad": "one"}
    assert "as they were before a repair: bad." in checks.repairs().text
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    page = f"/metadata-schema/repairs/{run_id}"
    assert "search shows this dataset as it was" in app.get(page, headers=headers).body

    created("bad", "2020-01-01")
    search.rebuild(model.Package.by_name("bad").id)
    search.commit()
    assert act("repair_show", id=run_id)["not_indexed"] == []
    assert checks.repairs().level == "ok"
    assert "search shows this" not in app.get(page, headers=headers).body
