"""What breaks in the middle of a publish leaves the old version or the new one, whole."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import rq
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.common import config
from ckan.lib import jobs
from ckan.tests import factories, helpers
from publishing.test_exclusion import in_background
from support.crashing import (
    back_up,
    crash_postgresql,
    elsewhere,
    end_all_connections,
    postgresql_hangs,
    restore,
    somebody_waits,
)
from support.editing import act, call, changed, current_document, publish, with_field
from support.working import ended, real_worker

from ckanext.civicswitchboard import connections, doctor, job_queue
from ckanext.civicswitchboard.cli import setup
from ckanext.civicswitchboard.model.schema_versions import Generation, Version
from ckanext.civicswitchboard.publishing import publish as publishing
from ckanext.civicswitchboard.schema_registry import drafts, locks, versions
from ckanext.civicswitchboard.search_index import health, reindex

pytestmark = [pytest.mark.usefixtures("clean_portal")]

Raw = dict[str, Any]
NOBODY_LISTENS = "http://127.0.0.1:9/solr/none"
NO_REDIS = "redis://127.0.0.1:9/0"
# What the page for publishing says.
NO_SEARCH = "search will be updated when the search engine is back"
NO_TASKS = "background tasks have stopped"
LAGS = "Search is updating ("

# After, or before, which function of a publish the process is killed, in their order.
STEPS: list[tuple[str, Any, str, str]] = [
    ("the lock is held", locks, "publishing", "after"),
    ("the document is checked", publishing.Succession, "faults", "after"),
    ("the version is written", publishing, "_insert", "after"),
    ("the draft is ended", drafts, "discard", "after"),
    ("it is committed", versions, "follow", "before"),
    ("its job is to be queued", publishing, "_index_anew", "before"),
    ("its job is queued", jobs, "enqueue", "after"),
]


def draft(document: Raw) -> Raw:
    started = act("schema_draft_create")
    made: Raw = act("schema_draft_update", revision=started["revision"], document=document)
    return made


def killed(place: Any, name: str, when: str, work: Callable[[], Any]) -> None:
    """Do the work in a process that is killed at a step of it."""
    model.Session.remove()
    child = os.fork()
    if child == 0:
        # The parent's connections are the parent's.
        model.meta.engine.dispose(close=False)
        original = getattr(place, name)

        def step(*args: Any, **kwargs: Any) -> Any:
            if when == "after":
                original(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(place, name, step)
        try:
            work()
        finally:
            os._exit(3)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"{name} was not reached"


def stored_versions() -> tuple[list[int], int]:
    model.Session.expire_all()
    numbers = list(model.Session.scalars(sa.select(Version.number).order_by(Version.number)))
    current = model.Session.scalar(sa.select(Generation.version))
    model.Session.rollback()
    return numbers, current or 0


def stored(dataset_id: str) -> Raw:
    model.Session.expire_all()
    return dict(model.Package.get(dataset_id).extras)


def save(dataset: Raw) -> None:
    call("package_update", **{**helpers.call_action("package_show", id=dataset["id"]), "title": "Saved"})


def test_killed_at_any_step_the_old_or_the_new_version_stands_whole() -> None:
    dataset = factories.Dataset(license_id="cc-by", data_notes="Kept  as it is")
    before = stored(dataset["id"])
    publish(changed(current_document(), "collection", label="Collections"))
    for number, (what, place, name, when) in enumerate(STEPS):
        expected = versions.newest().version
        field = with_field(current_document(), field_name=f"step_{number}", facet=True)
        drafted = draft(field)
        killed(place, name, when, lambda: act("schema_publish", revision=drafted["revision"], note="x"))  # noqa: B023
        numbers, current = stored_versions()
        published = number >= 4
        assert current == expected + published, what
        assert numbers == list(range(1, current + 1)), what
        assert versions.newest().version == current, what
        if published:
            with pytest.raises(Exception, match="There's no draft"):
                act("schema_draft_show")
        else:
            # Nothing that was drafted is lost, and publishing goes on at once.
            assert act("schema_draft_show")["document"] == field, what
            assert act("schema_publish", revision=drafted["revision"], note="x")["version"] == expected + 1
        save(dataset)
        assert stored(dataset["id"]) == before, what


def test_a_job_that_was_never_queued_is_told_and_made_up_for(cli: Any, app: Any) -> None:
    factories.Dataset(license_id="cc-by")
    drafted = draft(with_field(current_document(), field_name="reading_level", facet=True))
    revision = drafted["revision"]
    killed(publishing, "_index_anew", "before", lambda: act("schema_publish", revision=revision, note="x"))
    assert "holds 1 datasets as an older" in doctor.index().text
    draft(changed(current_document(), "data_notes", label="Caveats"))
    page = app.get("/metadata-schema/review", headers=sysadmin()).body
    assert "Search is updating (0 of 1)" in page and "Publish version 3" in page
    assert "Datasets reindexed: 1." in cli.invoke(ckan, ["civicswitchboard", "init"]).output
    assert doctor.index().level == "ok"
    assert "datasets so far" not in app.get("/metadata-schema/review", headers=sysadmin()).body


def sysadmin() -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


def test_when_postgresql_restarts_the_next_request_goes_on(monkeypatch: Any, app: Any) -> None:
    dataset = factories.Dataset(license_id="cc-by", data_notes="Kept  as it is")
    before = stored(dataset["id"])
    publish(changed(current_document(), "collection", label="Collections"))
    faults = [(step, fault) for fault in (end_all_connections, crash_postgresql) for step in ("_insert", "_index_anew")]
    for number, (step, fault) in enumerate(faults):
        expected = versions.newest().version
        document = with_field(current_document(), field_name=f"fault_{number}", facet=True)
        drafted = draft(document)
        with monkeypatch.context() as patch:
            patch.setattr(publishing, step, _followed_by(getattr(publishing, step), fault))
            try:
                act("schema_publish", revision=drafted["revision"], note="x")
            except sa.exc.DBAPIError:
                model.Session.remove()
        published = step == "_index_anew"
        # The very next look is at what is true, not at what this process remembers.
        assert versions.newest().version == expected + published
        model.Session.remove()
        assert stored_versions() == (list(range(1, expected + published + 1)), expected + published)
        assert app.get("/metadata-schema/versions").status_code == 200
        if not published:
            assert act("schema_draft_show")["document"] == document
            act("schema_publish", revision=drafted["revision"], note="x")
        save(dataset)
        assert stored(dataset["id"]) == before


def test_when_postgresql_hangs_a_publish_waits_and_is_then_whole(app: Any) -> None:
    dataset = factories.Dataset(license_id="cc-by", data_notes="Kept  as it is")
    before = stored(dataset["id"])
    drafted = draft(with_field(current_document(), field_name="reading_level", facet=True))
    with elsewhere() as holding, elsewhere() as witness:
        # Its transaction has begun, and stands before what it writes.
        holding.execute("BEGIN; LOCK TABLE civicswitchboard_version IN EXCLUSIVE MODE")
        revision = drafted["revision"]
        thread, results = in_background(app, lambda: act("schema_publish", revision=revision, note="x"))
        until(lambda: somebody_waits(witness))
        model.Session.remove()
        with postgresql_hangs():
            thread.join(2)
            assert results == []
        holding.execute("ROLLBACK")
        thread.join(30)
    assert [result["version"] for result in results] == [2]
    assert stored_versions() == ([1, 2], 2) and "reading_level" in versions.newest().fields["dataset"]
    save(dataset)
    assert stored(dataset["id"]) == before


def _followed_by(original: Callable[..., Any], fault: Callable[[], None]) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        fault()
        return result

    return failing


def test_a_database_that_is_older_than_the_index_is_served_as_it_is(cli: Any, app: Any) -> None:
    dataset = factories.Dataset(license_id="cc-by", collection="Maps")
    before = stored(dataset["id"])
    publish(changed(current_document(), "data_notes", label="Caveats"))
    publish(changed(current_document(), "collection", state="retired"))
    reindex.catch_up()
    assert doctor.index().level == "ok" and versions.newest().version == 3
    restore_to(2)
    assert versions.newest().version == 2
    shown = helpers.call_action("package_show", id=dataset["id"])
    found = helpers.call_action("package_search", q="*:*")["results"][0]
    assert shown["collection"] == found["collection"] == "Maps"
    assert "holds 1 datasets as an older" in doctor.index().text
    save(dataset)
    assert stored(dataset["id"]) == before
    # Another version 3 than the one that this process has known.
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    assert versions.newest().version == 3
    assert "reading_level" in versions.newest().fields["dataset"] and "collection" in versions.newest().fields["dataset"]
    assert "Datasets reindexed: 1." in cli.invoke(ckan, ["civicswitchboard", "init"]).output
    assert doctor.index().level == "ok"


def restore_to(number: int) -> None:
    """Put the database back to how a backup has it."""
    model.Session.execute(sa.text("SET LOCAL civicswitchboard.maintenance = 'on'"))
    model.Session.execute(sa.delete(Version).where(Version.number > number))
    model.Session.execute(sa.update(Generation).values(version=number))
    model.Session.commit()
    model.Session.remove()


def test_without_search_engine_redis_or_worker_a_version_is_in_use_at_once(
    app: Any, monkeypatch: Any, ckan_config: Any
) -> None:
    dataset = factories.Dataset(license_id="cc-by", data_notes="Kept  as it is")
    before = stored(dataset["id"])
    drafted = draft(with_field(current_document(), field_name="reading_level", facet=True))
    headers = sysadmin()
    with monkeypatch.context() as patch:
        patch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
        patch.setitem(ckan_config, "ckan.redis.url", NO_REDIS)
        patch.setattr("ckan.lib.redis._connection_pool", None)
        # A queue keeps the connection that it was made with.
        patch.setattr("ckan.lib.jobs._queues", {})
        review = app.get("/metadata-schema/review", headers=headers)
        assert review.status_code == 200
        assert NO_SEARCH in review.body
        assert NO_TASKS in review.body and "Publish version 2" in review.body
        assert act("schema_publish", revision=drafted["revision"], note="x")["version"] == 2
        assert "reading_level" in versions.newest().fields["dataset"]
        assert doctor.search_engine().breaks and doctor.background_jobs().breaks
        assert doctor.schema().text == "Version 2 of the shared schema is in use."
    assert doctor.background_jobs().level == "attention"
    assert "holds 1 datasets as an older" in doctor.index().text
    assert helpers.call_action("package_show", id=dataset["id"])["data_notes"] == "Kept  as it is"
    save(dataset)
    assert stored(dataset["id"]) == before
    # With a worker away the job waits, and does its work whenever one comes.
    publish(with_field(current_document(), field_name="audience_note", facet=True))
    waiting = [job for job in jobs.get_queue().jobs if "new version" in job.meta["title"]][-1]
    assert "holds 1 datasets as an older" in doctor.index().text
    waiting.perform()
    assert doctor.index().level == "ok"


def test_after_an_outage_search_follows_when_a_curator_looks(app: Any, monkeypatch: Any, ckan_config: Any) -> None:
    monkeypatch.setattr(job_queue, "PATIENCE", 0.0)
    headers, queue = sysadmin(), jobs.get_queue()
    dataset = factories.Dataset(license_id="cc-by")
    queue.empty()
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    with monkeypatch.context() as patch:
        patch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
        with real_worker() as process:
            until(lambda: ended(process))
    # It was tried as often as a job is, and then given up.
    assert queue.jobs == [] and reindex.behind() == [dataset["id"]]
    for _look in range(2):
        page = app.get("/metadata-schema/versions", headers=headers).body
        assert f"{LAGS}0 of 1" in page
    assert len(queue.jobs) == 1
    with real_worker() as process:
        until(lambda: ended(process))
    assert reindex.behind() == []
    assert LAGS not in app.get("/metadata-schema/versions", headers=headers).body and queue.jobs == []


def review(app: Any, headers: Raw) -> str:
    """The page for publishing, on which a version can be published whatever is down."""
    page = app.get("/metadata-schema/review", headers=headers)
    assert page.status_code == 200 and "Publish version" in page.body
    return str(page.body)


def lines(done: Any) -> list[str]:
    """What `doctor` printed that is no good news, each with what to do."""
    told = done.output.replace("\n            What to do:", " What to do:").splitlines()
    return [" ".join(line.split()) for line in told if line.startswith(("Broken", "Attention", "Error"))]


NO_STEWARD = (
    "Attention No organization is named that maintains the shared schema."
    " What to do: run `ckan civicswitchboard steward NAME`"
)
NO_WORKER = (
    "Attention No worker runs background jobs; they wait until one does. What to do: keep `ckan jobs worker` running"
)


@contextmanager
def a_worker() -> Iterator[int]:
    """A worker of background jobs, in a process of its own that leads a group.

    :returns: the group's number
    """
    command = [str(Path(sys.executable).with_name("ckan")), "-c", config["__file__"], "jobs", "worker"]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **quiet, start_new_session=True)
    try:
        until(health.worker_waits)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.usefixtures("clean_redis")
def test_without_a_worker_doctor_and_the_review_page_say_what_waits_until_one_comes(cli: Any, app: Any) -> None:
    headers = sysadmin()
    factories.Dataset(license_id="cc-by")
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    draft(changed(current_document(), "data_notes", label="Caveats"))
    done = cli.invoke(setup.run_doctor)
    assert done.exit_code == 0
    lagging = (
        "Attention The search index holds 1 datasets as an older schema read them: pages are right, but slower."
        " What to do: run `ckan civicswitchboard init`"
    )
    assert lines(done) == [lagging, NO_WORKER, NO_STEWARD]
    page = review(app, headers)
    assert NO_TASKS in page and f"{LAGS}0 of 1" in page and NO_SEARCH not in page
    with a_worker():
        until(lambda: not reindex.behind())
        assert lines(cli.invoke(setup.run_doctor)) == [NO_STEWARD]
        page = review(app, headers)
        assert NO_TASKS not in page and LAGS not in page and NO_SEARCH not in page
    assert lines(cli.invoke(setup.run_doctor)) == [NO_WORKER, NO_STEWARD]
    assert NO_TASKS in review(app, headers)


@pytest.mark.usefixtures("clean_redis")
def test_a_worker_that_was_killed_is_no_worker_though_the_queue_has_it_on_its_list(cli: Any) -> None:
    redis = connections.redis()
    with a_worker() as group:
        # One that lost its connection, and made another, is one all the same.
        assert redis.client_kill_filter(_type="pubsub") == 1
        until(health.worker_waits)
        assert lines(cli.invoke(setup.run_doctor)) == [NO_STEWARD]
        # With the process for jobs of a set time, as services and containers are killed.
        os.killpg(group, signal.SIGKILL)
        until(lambda: not health.worker_waits())
        assert [each.pid for each in rq.Worker.all(connection=redis)] == [group]
        assert lines(cli.invoke(setup.run_doctor)) == [NO_WORKER, NO_STEWARD]


@pytest.mark.usefixtures("clean_redis")
def test_doctor_and_the_review_page_name_the_service_that_is_away(
    cli: Any, app: Any, monkeypatch: Any, ckan_config: Any
) -> None:
    headers = sysadmin()
    factories.Dataset(license_id="cc-by")
    draft(changed(current_document(), "data_notes", label="Caveats"))
    with a_worker():
        with monkeypatch.context() as patch:
            patch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
            done, page = cli.invoke(setup.run_doctor), review(app, headers)
        assert done.exit_code == 1
        assert lines(done) == [
            "Broken The search engine does not answer. What to do: start Solr and check solr_url",
            "Broken The search index could not be counted. What to do: see the search engine",
            NO_STEWARD,
            "Error: Problems to fix before the portal works as it should: 2.",
        ]
        assert NO_SEARCH in page and NO_TASKS not in page and LAGS not in page
        with monkeypatch.context() as patch:
            patch.setitem(ckan_config, "ckan.redis.url", NO_REDIS)
            patch.setattr("ckan.lib.redis._connection_pool", None)
            done, page = cli.invoke(setup.run_doctor), review(app, headers)
        assert done.exit_code == 1
        redis, *others = lines(done)
        assert redis.startswith("Broken Redis does not answer: ")
        assert redis.endswith(" What to do: start Redis and check ckan.redis.url")
        assert others == [NO_STEWARD, "Error: Problems to fix before the portal works as it should: 1."]
        assert NO_TASKS in page and NO_SEARCH not in page and LAGS not in page


@contextmanager
def hanging() -> Iterator[str]:
    """Where a service takes connections and what it is asked, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    """What comes of some work, and how long it took."""
    began = time.monotonic()
    result = work()
    return result, time.monotonic() - began


# For what is done beside waiting.
AT_WORK = 2


@pytest.mark.usefixtures("clean_redis")
def test_doctor_and_the_review_page_wait_for_seconds_only_where_the_search_engine_hangs(
    cli: Any, app: Any, monkeypatch: Any, ckan_config: Any
) -> None:
    headers = sysadmin()
    factories.Dataset(license_id="cc-by")
    draft(changed(current_document(), "data_notes", label="Caveats"))
    with a_worker(), hanging() as address, monkeypatch.context() as patch:
        patch.setitem(ckan_config, "solr_url", f"http://{address}/solr/none")
        done, waited = seconds(lambda: cli.invoke(setup.run_doctor))
        # For the search engine itself, and for the index.
        assert waited < 2 * connections.SECONDS + AT_WORK
        page, waited = seconds(lambda: review(app, headers))
        assert waited < connections.SECONDS + AT_WORK
    assert done.exit_code == 1
    assert lines(done) == [
        "Broken The search engine takes what it is asked, but gives no answer."
        " What to do: see Solr's log, restart Solr and check solr_url; where ckan.ini has no solr_timeout,"
        " set it to 10, so that pages do not wait for a minute",
        "Broken The search index could not be counted. What to do: see the search engine",
        NO_STEWARD,
        "Error: Problems to fix before the portal works as it should: 2.",
    ]
    assert NO_SEARCH in page and NO_TASKS not in page and LAGS not in page


@pytest.mark.usefixtures("clean_redis")
def test_doctor_and_the_pages_of_the_schema_wait_for_seconds_only_where_redis_hangs(
    cli: Any, app: Any, monkeypatch: Any, ckan_config: Any
) -> None:
    headers = sysadmin()
    factories.Dataset(license_id="cc-by")
    drafted = draft(with_field(current_document(), field_name="reading_level", facet=True))
    at_most = connections.REDIS_SECONDS + AT_WORK
    for ask in ("doctor", "/metadata-schema/review", "/metadata-schema", "/metadata-schema/versions"):
        with hanging() as address, monkeypatch.context() as patch:
            patch.setitem(ckan_config, "ckan.redis.url", f"redis://{address}/0")
            patch.setattr("ckan.lib.redis._connection_pool", None)
            if ask == "doctor":
                done, waited = seconds(lambda: cli.invoke(setup.run_doctor))
                assert lines(done) == [
                    "Broken Redis takes what it is asked, but gives no answer."
                    " What to do: see Redis's log, restart Redis and check ckan.redis.url",
                    NO_STEWARD,
                    "Error: Problems to fix before the portal works as it should: 1.",
                ]
            else:
                get = partial(app.get, ask, headers=headers, status=200)
                page, waited = seconds(get)
                assert (NO_TASKS in page.body) == (ask != "/metadata-schema"), ask
                # The next page does not wait for what gave no answer a moment ago.
                assert seconds(get)[1] < AT_WORK
            assert waited < at_most, (ask, waited)
    with hanging() as address, monkeypatch.context() as patch:
        patch.setitem(ckan_config, "ckan.redis.url", f"redis://{address}/0")
        patch.setattr("ckan.lib.redis._connection_pool", None)
        patch.setattr("ckan.lib.jobs._queues", {})
        published, waited = seconds(partial(act, "schema_publish", revision=drafted["revision"], note="x"))
        assert waited < at_most and published["version"] == versions.newest().version == 2
    assert doctor.background_jobs().level == "attention"


def test_doctor_and_the_review_page_tell_that_the_index_is_newer_than_the_database(cli: Any, app: Any) -> None:
    headers = sysadmin()
    kept = factories.Dataset(name="kept", title="As it was", license_id="cc-by")
    ended = factories.Dataset(name="ended", license_id="cc-by")
    publish(changed(current_document(), "data_notes", label="Caveats"))
    draft(changed(current_document(), "methods", label="How it was made"))
    back_up()
    act("schema_draft_delete")
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    reindex.catch_up()
    factories.Dataset(name="later", license_id="cc-by")
    call("package_patch", id=kept["id"], title="As it was later")
    call("package_delete", id=ended["id"])
    restore()

    done = cli.invoke(setup.run_doctor)
    assert done.exit_code == 1
    assert "OK          Version 2 of the shared schema is in use." in done.output
    assert (
        "Broken Datasets in the search index that the database does not have, or has as deleted: 1."
        " What to do: run `ckan civicswitchboard init`"
    ) in lines(done)
    page = review(app, headers)
    assert "Publish version 3" in page and f"{LAGS}0 of 2)" in page
    assert helpers.call_action("package_show", id="kept")["title"] == "As it was"

    done = cli.invoke(setup.init)
    assert "Removed from the search index (not in the database): 1." in done.output
    assert "Datasets reindexed: 2." in done.output
    found = {each["name"]: each["title"] for each in helpers.call_action("package_search")["results"]}
    assert found == {"kept": "As it was", "ended": ended["title"]}
    assert doctor.index().level == "ok"
    assert LAGS not in review(app, headers)


def test_a_record_that_is_older_than_the_index_is_told_without_any_version(cli: Any) -> None:
    kept = factories.Dataset(name="kept", title="As it was", license_id="cc-by")
    back_up()
    call("package_patch", id=kept["id"], title="As it was later")
    restore()
    assert doctor.index().breaks and "with contents they no longer have: 1." in doctor.index().text
    assert "Datasets reindexed: 1." in cli.invoke(setup.init).output
    assert helpers.call_action("package_search")["results"][0]["title"] == "As it was"
    assert doctor.index().level == "ok"
