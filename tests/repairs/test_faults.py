"""What may happen to a worker: killed, cut off, without a search engine, met by others and by people."""
from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs, search
from ckan.tests import factories, helpers
from publishing.test_exclusion import Elsewhere, in_background
from repairs.conftest import counts, many, progress, stored, wait_until, worker
from rq.registry import StartedJobRegistry
from support.crashing import crash_postgresql, postgresql_hangs
from support.editing import act, call, changed
from support.working import ended, real_worker

from ckanext.civicswitchboard import doctor, job_queue
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.repairs import index_updates as catching_up
from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.repairs.runner import enqueue
from ckanext.civicswitchboard.search_index import batch

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
    monkeypatch.setattr(runner, "catch_up", lambda run_id: False)


def test_a_worker_that_is_killed_at_any_step_is_followed_by_one_that_ends_it(run_id: str, monkeypatch: Any) -> None:
    not_indexed(monkeypatch)
    for _time in range(5):
        enough = min(progress(run_id).done + random.randrange(1, COUNT // 6), COUNT)
        with worker(run_id):
            wait_until(lambda enough=enough: progress(run_id).done >= enough)
        now = progress(run_id)
        assert counts("department") == {value: n for value, n in (("one", COUNT - now.done), ("two", now.done)) if n}
    act("repair_resume", id=run_id) if progress(run_id).state != "done" else None
    runner.work(run_id)
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    act("repair_undo", id=run_id)
    with worker(run_id):
        wait_until(lambda: progress(run_id).undone >= COUNT // 3)
    runner.work(run_id)
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
    monkeypatch.setattr(runner, "ATTEMPTS", 1)
    with worker(run_id) as process:
        wait_until(lambda: progress(run_id).done >= COUNT // 4)
        # Between two steps it would not notice when PostgreSQL is back before the next one.
        crash_postgresql(while_waiting_for="civicswitchboard_repair_line")
        wait_until(lambda: os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
    done, lines, changed = truth(run_id)
    assert COUNT > done == lines == changed >= COUNT // 4
    # It failed while the database was away, which could not be written down, or just after.
    monkeypatch.setattr(runner, "STALE", 0)
    assert progress(run_id).state in ("running", "failed")
    assert run_id in doctor.repairs().text
    act("repair_resume", id=run_id)
    runner.work(run_id)
    assert tuple(progress(run_id))[:3] == ("done", COUNT, COUNT)
    assert truth(run_id) == (COUNT, COUNT, COUNT)
    assert act("repair_show", id=run_id)["trouble"] == ""


def test_without_the_search_engine_the_records_are_done_and_the_index_follows(monkeypatch: Any) -> None:
    many(50, department="one")
    call("package_patch", id="many-0", title="Indexed")
    run_id = act("repair_start", kind="map_values", params=PARAMS)["id"]
    with monkeypatch.context() as patch:
        nobody_listens = pysolr.Solr("http://127.0.0.1:9/solr/nothing", timeout=5)
        patch.setattr(batch, "make_connection", lambda **options: nobody_listens)
        runner.work(run_id)
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["to_index"]) == ("done", 50, 50)
    assert shown["trouble"] == "The search index isn't responding"
    assert call("package_show", id="many-0")["department"] == "two"
    runner.work(run_id)
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

    noted = repair_journal.not_indexed
    monkeypatch.setattr(repair_journal, "not_indexed", not_indexed)
    monkeypatch.setattr(catching_up, "PAUSE", 0)
    run_id = act("repair_start", kind="map_values", params=PARAMS)["id"]
    runner.work(run_id)
    assert failed == [{"mended", "bad"}, {"bad"}, {"bad"}]
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["to_index"], shown["not_indexed"]) == ("done", 3, 0, ["bad"])
    found = call("package_search", fq="name:(good OR mended OR bad)")["results"]
    assert {each["name"]: each["department"] for each in found} == {"good": "two", "mended": "two", "bad": "one"}
    assert "as they were before a repair: bad." in doctor.repairs().text
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    page = f"/metadata-schema/repairs/{run_id}"
    assert "search still shows the earlier values of this dataset" in app.get(page, headers=headers).body

    created("bad", "2020-01-01")
    search.rebuild(model.Package.by_name("bad").id)
    search.commit()
    assert act("repair_show", id=run_id)["not_indexed"] == []
    assert doctor.repairs().level == "ok"
    assert "search still shows" not in app.get(page, headers=headers).body


def in_search() -> Counter[str]:
    """How many of the datasets stand with which value in the index."""
    return Counter(each["department"] for each in call("package_search", q="name:many*", rows=100)["results"])


# Many are divided among processes.
@pytest.mark.parametrize(("count", "size"), [(50, 20), (100, 40)])
def test_the_search_engine_is_lost_between_two_batches_and_comes_back(
    monkeypatch: Any, count: int, size: int
) -> None:
    ids = [model.Package.by_name(name).id for name in many(count, department="one")]
    batch.index_datasets(ids, {})
    assert in_search() == {"one": count}
    run_id = act("repair_start", kind="map_values", params=PARAMS)["id"]
    monkeypatch.setattr(catching_up, "BATCH", size)
    noted = repair_journal.indexed
    with monkeypatch.context() as patch:

        def lost_after_it(run_id: str, datasets: set[str]) -> None:
            noted(run_id, datasets)
            nobody_listens = pysolr.Solr("http://127.0.0.1:9/solr/nothing", timeout=5)
            patch.setattr(batch, "make_connection", lambda **options: nobody_listens)

        patch.setattr(repair_journal, "indexed", lost_after_it)
        patch.setattr(job_queue, "PATIENCE", 0.0)
        # A job that fails is handed on.
        with pytest.raises(batch.IndexUnreachable):
            runner.job(run_id)
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["to_index"]) == ("done", count, count - size)
    assert shown["trouble"] == "The search index isn't responding"
    assert counts("department") == {"two": count}
    assert in_search() == {"one": count - size, "two": size}

    waiting = model.Package.get(repair_journal.datasets_to_index(run_id, 1)[0]).name
    call("package_patch", id=waiting, department="mine")
    runner.job(run_id)
    shown = act("repair_show", id=run_id)
    assert (shown["to_index"], shown["not_indexed"], shown["trouble"]) == (0, [], "")
    assert in_search() == counts("department") == {"two": count - 1, "mine": 1}


def test_of_two_repairs_of_the_same_values_that_are_started_at_once_one_is_refused(app: Any) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="one")
    asked: list[dict[str, Any]] = [
        {"kind": "map_values", "params": PARAMS},
        {"kind": "join", "params": {"fields": ["methods", "department"], "to": "data_notes", "separator": " "}},
    ]
    with Elsewhere() as held:
        held.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(runner.STARTING)))
        begun = [in_background(app, lambda each=each: act("repair_start", **each)) for each in asked]  # type: ignore[misc]
        wait_until(lambda: held.waiting() == len(asked))
        held.end()
        for thread, _results in begun:
            thread.join(30)
    (started,) = act("repair_list")
    outcomes = [outcome for _thread, results in begun for outcome in results]
    (refused,) = [each for each in outcomes if isinstance(each, tk.ValidationError)]
    assert [each["id"] for each in outcomes if each is not refused] == [started["id"]]
    assert refused.error_dict["kind"] == [
        f"Another repair is changing the same values: {started['text']}. Wait for it to finish, or cancel it"
    ]
    runner.work(started["id"])
    joined = {"department": "one", "data_notes": "one"}
    assert stored("one") == ({"department": "two"} if started["kind"] == "map_values" else joined)


def test_a_rename_is_not_published_while_a_repair_is_at_its_values(run_id: str, monkeypatch: Any) -> None:
    not_indexed(monkeypatch)
    names = {"field_name": "office", "previous_names": ["department"]}
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=changed(draft["document"], "department", **names))
    for repaired in (0, 10):
        with pytest.raises(tk.ValidationError, match="A repair is changing the values of a renamed field"):
            act("schema_publish", revision=draft["revision"], note="Clearer", with_repairs=True)
        assert act("schema_show")["version"] == 1 and act("schema_draft_show")["revision"] == draft["revision"]
        assert [each["id"] for each in act("repair_list")] == [run_id] and progress(run_id).done == repaired
        assert counts("department")["one"] == COUNT - repaired
        runner._step(run_id)
    runner.work(run_id)
    act("schema_publish", revision=draft["revision"], note="Clearer", with_repairs=True)
    # Restoring does not wait for the rename that it takes back.
    begun = act("repair_list")[0]["id"]
    runner._step(begun)
    act("schema_rollback", version=1, note="Back")
    back = act("repair_list")[0]["id"]
    assert (progress(begun).state, progress(begun).done) == ("cancelled", 10)
    runner.work(begun)
    runner.work(back)
    assert progress(back).state == "done" and counts("department") == {"two": COUNT}
    assert counts("office") == {None: COUNT}


def patching(pick: Callable[[], str | None], until: Callable[[], bool], **values: str) -> Callable[[], list[str]]:
    """A person's work: one record after the other is opened and saved with some values.

    :returns: does it, and gives the records' names
    """
    user = factories.Sysadmin()["name"]

    def work() -> list[str]:
        saved: list[str] = []
        while not until():
            name = pick()
            if name is not None and name not in saved:
                tk.get_action("package_patch")({"user": user, "ignore_auth": False}, {"id": name, **values})
                saved.append(name)
        return saved

    return work


def test_people_who_save_while_a_worker_is_at_it_win_and_nothing_is_mapped_twice(
    app: Any, run_id: str, ckan_config: Any
) -> None:
    ckan_config["civicswitchboard.repairs.chunk"] = 5
    ckan_config["civicswitchboard.repairs.pause"] = 150

    def one_of(where: str, share: str = "TRUE") -> Callable[[], str | None]:
        """A record, by whether the run has done with it; each person takes others."""
        done = "SELECT FROM civicswitchboard_repair_line j WHERE j.record = p.id AND j.run = :run"
        asked = f"SELECT name FROM package p WHERE {where} ({done}) AND {share}"
        return lambda: model.Session.scalar(sa.text(asked), {"run": run_id})

    def ended() -> bool:
        return bool(progress(run_id).state == "done")

    with worker(run_id):
        wait_until(lambda: progress(run_id).done > 0)
        people = [
            # As it was before the repair: it must not be taken for one that waits.
            in_background(app, patching(one_of("EXISTS", "name LIKE '%1' ORDER BY random()"), ended, department="one")),
            in_background(app, patching(one_of("NOT EXISTS", "name LIKE '%2' ORDER BY id DESC"), ended, department="mine")),
            # The very next ones, so that worker and person meet at a record.
            in_background(app, patching(one_of("NOT EXISTS", "name NOT LIKE '%1' AND name NOT LIKE '%2' ORDER BY id OFFSET 3"),
                                        ended, title="Edited")),
        ]
        wait_until(ended, seconds=90)
        for thread, _results in people:
            thread.join(30)
        wait_until(lambda: act("repair_show", id=run_id)["to_index"] == 0, seconds=60)
    back, ahead, beside = (results[0] for _thread, results in people)
    assert all(isinstance(each, list) and each for each in (back, ahead, beside)), (back, ahead, beside)

    lines = model.Session.execute(
        sa.text(
            "SELECT p.name, l.before, l.after, l.state FROM civicswitchboard_repair_line l"
            " JOIN package p ON p.id = l.record WHERE l.run = :run"
        ),
        {"run": run_id},
    ).all()
    assert {(line.before, line.after, line.state) for line in lines} == {
        (json.dumps({"department": "one"}), json.dumps({"department": "two"}), "changed")
    }
    run_did = {line.name: "two" for line in lines}
    expected = {**run_did, **dict.fromkeys(back, "one"), **dict.fromkeys(ahead, "mine")}
    now = {name: stored(name)["department"] for name in expected}
    assert now == expected and len(now) == COUNT
    assert {model.Package.by_name(name).title for name in beside} == {"Edited"}
    assert tuple(progress(run_id))[:4] == ("done", len(lines), len(lines), 0)
    assert set(now) - set(run_did) <= set(ahead)


def test_what_somebody_typed_that_the_repair_both_takes_and_makes_is_left_and_listed(run_id: str) -> None:
    first, second, third = (f"many-{number}" for number in (COUNT - 1, COUNT - 2, COUNT - 3))
    # It means what "two" is to mean; the repair makes "three" of the "two" that it found.
    call("package_patch", id=first, department="two")
    # There is no doubt about these.
    call("package_patch", id=second, title="Edited")
    call("package_patch", id=third, department="mine")
    runner.work(run_id)
    found = {name: stored(name)["department"] for name in (first, second, third)}
    assert found == {first: "two", second: "two", third: "mine"}
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["skipped"]) == ("done", COUNT - 1, 1)
    (left,) = shown["left"]
    assert (left["dataset"], left["reason"], left["values"]) == (first, "edited", {"department": "two"})
    act("repair_undo", id=run_id)
    runner.work(run_id)
    assert counts("department") == {"one": COUNT - 2, "two": 1, "mine": 1}


def test_a_run_whose_worker_died_goes_on_when_somebody_looks_at_its_page(
    app: Any, run_id: str, ckan_config: Any, monkeypatch: Any
) -> None:
    ckan_config["civicswitchboard.repairs.pause"] = 50
    monkeypatch.setattr(runner, "enqueue", enqueue)
    jobs.get_queue().empty()
    with worker(run_id):
        wait_until(lambda: progress(run_id).done >= COUNT // 4)
    curator = factories.UserWithToken()
    helpers.call_action("organization_member_create", id="university-library", username=curator["name"], role="admin")
    page, headers = f"/metadata-schema/repairs/{run_id}", {"Authorization": curator["token"]}
    app.get(page, headers=headers)
    # A moment of silence is no death.
    assert jobs.get_queue().jobs == []
    model.Session.execute(
        sa.text("UPDATE civicswitchboard_repair SET touched = touched - :quiet * interval '1 second' WHERE id = :id"),
        {"quiet": runner.STALE, "id": run_id},
    )
    model.Session.commit()
    app.get(page)
    assert jobs.get_queue().jobs == []
    for _look in range(2):
        shown = app.get(page, headers=headers).body
        assert "Running" in shown
    (job,) = jobs.get_queue().jobs
    done = progress(run_id).done
    assert COUNT // 4 <= done < COUNT and counts("department") == {"one": COUNT - done, "two": done}
    job.perform()
    jobs.get_queue().empty()
    shown = act("repair_show", id=run_id)
    assert (shown["state"], shown["done"], shown["total"], shown["to_index"]) == ("done", COUNT, COUNT, 0)
    assert counts("department") == {"two": COUNT}


def horse_of(worker: int) -> int:
    """The process in which a worker does its job."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


@pytest.fixture
def queued(run_id: str, ckan_config: Any, monkeypatch: Any) -> Iterator[str]:
    ckan_config["civicswitchboard.repairs.pause"] = 50
    jobs.get_queue().empty()
    assert enqueue(run_id)
    yield run_id
    jobs.get_queue().empty()


def test_a_job_whose_process_is_killed_is_gone_on_with_by_its_worker(queued: str) -> None:
    with real_worker() as process:
        wait_until(lambda: progress(queued).done >= COUNT // 4)
        os.kill(horse_of(process), signal.SIGKILL)
        wait_until(lambda: ended(process), seconds=60)
    assert tuple(progress(queued))[:3] == ("done", COUNT, COUNT)
    assert counts("department") == {"two": COUNT}
    assert act("repair_show", id=queued)["to_index"] == 0


def test_a_job_whose_worker_is_killed_is_gone_on_with_by_another_though_nobody_looks(queued: str) -> None:
    with real_worker() as process:
        wait_until(lambda: progress(queued).done >= COUNT // 4)
        horse = horse_of(process)
        os.kill(process, signal.SIGKILL)
        os.kill(horse, signal.SIGKILL)
    done = progress(queued).done
    assert COUNT // 4 <= done < COUNT and jobs.get_queue().jobs == []
    # What every worker does at its start and from time to time, once the dead one's signs of life have run out.
    StartedJobRegistry(queue=jobs.get_queue()).cleanup(timestamp=time.time() + jobs.Worker().job_monitoring_interval * 10)
    with real_worker() as process:
        wait_until(lambda: ended(process), seconds=60)
    assert tuple(progress(queued))[:3] == ("done", COUNT, COUNT)
    assert counts("department") == {"two": COUNT}


def test_a_postgresql_that_hangs_for_a_while_holds_a_worker_up_and_nothing_else(queued: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "STALE", 1)
    with real_worker() as process:
        wait_until(lambda: progress(queued).done >= COUNT // 4)
        model.Session.remove()
        with postgresql_hangs():
            time.sleep(2)
            assert not ended(process)
        done, lines, changed = truth(queued)
        assert COUNT > done == lines == changed >= COUNT // 4
        # It was silent for so long that it may be taken for dead: another one comes, and both are at it.
        runner.look_after(queued)
        with worker(queued):
            wait_until(lambda: ended(process), seconds=60)
    assert tuple(progress(queued))[:4] == ("done", COUNT, COUNT, 0)
    assert truth(queued) == (COUNT, COUNT, COUNT) and counts("department") == {"two": COUNT}
    shown = act("repair_show", id=queued)
    assert (shown["to_index"], shown["not_indexed"], shown["trouble"]) == (0, [], "")
    assert jobs.get_queue().jobs == []


def test_a_long_job_makes_way_for_others_and_goes_on(queued: str) -> None:
    jobs.get_queue().empty()
    turns = [queued]
    while turns:
        before = progress(queued).done
        runner.work(turns.pop(), turn=0.2, again=turns.append)
        assert progress(queued).done > before or progress(queued).state == "done"
    assert tuple(progress(queued))[:3] == ("done", COUNT, COUNT)
    assert act("repair_show", id=queued)["to_index"] == 0
