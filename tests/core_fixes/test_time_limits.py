"""What hangs keeps nobody waiting for long: Redis, somebody else's lock, a question to the database."""
from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from publishing.test_faults import hanging
from support.crashing import elsewhere
from support.editing import act, changed
from support.people import enter_people

from ckanext.civicswitchboard import connections, doctor
from ckanext.civicswitchboard.core_fixes import time_limits
from ckanext.civicswitchboard.model.schema_versions import Draft

pytestmark = [pytest.mark.usefixtures("clean_portal")]

# For what a page does beside waiting, on a machine kept busy.
AT_WORK = 4
BUSY = "Someone else is changing this"
SLOW = "The database took too long to answer"


def seconds(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


@contextmanager
def redis_stands_still() -> Iterator[None]:
    """For a while Redis takes connections and questions, and answers none."""
    process = connect_to_redis().info("server")["process_id"]
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)
        connections._silent_until.clear()


@contextmanager
def locked(statement: str) -> Iterator[None]:
    """Somebody else holds a lock, who does not go on."""
    with elsewhere() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(statement)
        yield
        cursor.execute("ROLLBACK")


PAGES = ["/", "/dataset/", "/dataset/open", "/dataset/new", "/organization/public-library", "/partners",
         "/metadata-schema", "/metadata-schema/versions", "/metadata-schema/review", "/metadata-schema/repairs",
         "/metadata-schema/draft", "/metadata-schema/draft/fields/dataset/department",
         "/metadata-schema/draft/vocabularies", "/metadata-schema/draft/vocabularies/frequency"]


@pytest.mark.usefixtures("clean_redis")
def test_every_page_comes_in_seconds_while_redis_hangs(app: Any, monkeypatch: Any) -> None:
    people = enter_people()
    factories.Dataset(name="open", owner_org="public-library", license_id="cc-by")
    act("schema_draft_create")
    headers = people.headers("sysadmin")
    for path in PAGES:
        app.get(path, headers=headers, status=200)
    waited = {}
    with redis_stands_still():
        for path in PAGES:
            # As a process that has not asked it yet.
            connections._silent_until.clear()
            waited[path] = seconds(lambda path=path: app.get(path, headers=headers, status=200))[1]
        assert doctor.background_jobs().text == "Redis takes what it is asked, but gives no answer."
    most = connections.REDIS_SECONDS + AT_WORK
    assert {path: took for path, took in waited.items() if took > most} == {}
    assert max(waited.values()) >= connections.REDIS_SECONDS


@pytest.mark.usefixtures("clean_redis")
def test_a_save_and_a_publish_are_done_in_seconds_while_redis_hangs(monkeypatch: Any, ckan_config: Any) -> None:
    with hanging() as address:
        monkeypatch.setitem(ckan_config, "ckan.redis.url", f"redis://{address}/0")
        monkeypatch.setattr("ckan.lib.redis._connection_pool", None)
        monkeypatch.setattr("ckan.lib.jobs._queues", {})
        draft = act("schema_draft_create")
        document = changed(draft["document"], "department", label="Office")
        draft = act("schema_draft_update", revision=draft["revision"], document=document)
        publish = lambda: act("schema_publish", revision=draft["revision"], note="x")  # noqa: E731
        published, took = seconds(publish)
    assert published["version"] == 2 and took < connections.REDIS_SECONDS + AT_WORK


def test_a_save_of_what_somebody_else_holds_is_refused_in_words(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(time_limits, "LOCK_SECONDS", 1)
    people = enter_people()
    factories.Dataset(name="open", owner_org="public-library", license_id="cc-by", title="As it was")
    headers = people.headers("sysadmin")
    with locked("SELECT FROM package WHERE name = 'open' FOR UPDATE"):
        for path, sent in (
            ("/api/3/action/package_patch", {"json": {"id": "open", "title": "New"}}),
            ("/api/3/action/package_delete", {"json": {"id": "open"}}),
        ):
            answer, took = seconds(lambda path=path, sent=sent: app.post(path, headers=headers, **sent))
            assert answer.status_code == 409 and BUSY in answer.body and took < 1 + AT_WORK, answer.body
        form = {"title": "New", "name": "open", "license_id": "cc-by", "owner_org": "public-library", "save": "save"}
        answer, took = seconds(lambda: app.post("/dataset/edit/open", headers=headers, data=form))
        assert answer.status_code == 200 and BUSY in answer.body and took < 1 + AT_WORK
    assert app.post("/api/3/action/package_patch", headers=headers, json={"id": "open", "title": "New"}).status_code == 200


def test_a_page_says_that_the_database_took_too_long(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(time_limits, "ANSWER_SECONDS", 1)
    headers = enter_people().headers("sysadmin")
    act("schema_draft_create")
    with locked(f"LOCK TABLE {Draft.__tablename__} IN ACCESS EXCLUSIVE MODE"):
        for path in ("/metadata-schema/draft", "/metadata-schema/review"):
            answer, took = seconds(lambda path=path: app.get(path, headers=headers))
            assert answer.status_code == 503 and SLOW in answer.body and took < 1 + AT_WORK, (path, answer.status_code)
    assert app.get("/metadata-schema/draft", headers=headers).status_code == 200


@pytest.mark.parametrize("table", ["user", "package", "group", "activity"])
def test_a_page_says_so_too_when_what_surrounds_it_is_locked(app: Any, monkeypatch: Any, table: str) -> None:
    monkeypatch.setattr(time_limits, "ANSWER_SECONDS", 1)
    headers = enter_people().headers("sysadmin")
    factories.Dataset(name="open", owner_org="public-library", license_id="cc-by")
    answers = {}
    with locked(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE'):
        for path in ("/dataset/open", "/metadata-schema"):
            answers[path], took = seconds(lambda path=path: app.get(path, headers=headers))
            assert took < 2 + AT_WORK
    assert {each.status_code for each in answers.values()} <= {200, 503}
    assert all(SLOW in each.body for each in answers.values() if each.status_code == 503)
    assert app.get("/dataset/open", headers=headers).status_code == 200


def test_doctor_says_that_the_database_does_not_answer(monkeypatch: Any) -> None:
    monkeypatch.setattr(connections, "SECONDS", 1)
    with locked("LOCK TABLE package IN ACCESS EXCLUSIVE MODE"):
        finding, took = seconds(doctor.database)
    assert finding.text.startswith("The database does not answer: ") and "timeout" in finding.text and took < 1 + AT_WORK
    assert doctor.database().level == "ok"
