"""Saves and publishing exclude each other; every process serves what was published."""
from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from support.editing import act, call, changed, current_document, publish, with_field

from ckanext.civicswitchboard.schema_registry import locks, versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]


class Elsewhere:
    """Another process of the portal, as the database sees it: a connection of its own."""

    def __init__(self) -> None:
        self.connection = model.meta.engine.connect()

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_error: Any) -> None:
        self.connection.close()

    def execute(self, function: str) -> None:
        self.connection.execute(sa.text(f"SELECT {function}({locks.KEY})"))

    def end(self) -> None:
        self.connection.commit()

    def waiting(self) -> int:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return int(self.connection.scalar(sa.text(query)))


def in_background(app: Any, work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    results: list[Any] = []

    def run() -> None:
        with app.flask_app.test_request_context():
            try:
                results.append(work())
            except Exception as error:
                results.append(error)
            finally:
                model.Session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def wait_for_a_waiter(elsewhere: Elsewhere, thread: threading.Thread) -> None:
    while elsewhere.waiting() == 0 and thread.is_alive():
        thread.join(0.02)
    assert elsewhere.waiting() == 1


def test_a_publish_waits_for_a_save_that_has_begun(app: Any) -> None:
    document = with_field(current_document(), field_name="reading_level")
    with Elsewhere() as saving:
        saving.execute("pg_advisory_xact_lock_shared")
        thread, results = in_background(app, lambda: publish(document))
        wait_for_a_waiter(saving, thread)
        assert act("schema_show")["version"] == 1
        saving.end()
        thread.join(20)
        assert results[0]["version"] == 2 and versions.newest().version == 2


def test_a_save_that_waited_for_a_publish_goes_by_the_new_version(app: Any) -> None:
    organization = factories.Organization()
    document = with_field(current_document(), field_name="reading_level", expectation="required")
    with Elsewhere() as publishing:
        publishing.execute("pg_advisory_xact_lock")
        make = lambda: call(  # noqa: E731
            "package_create", name="late", owner_org=organization["id"], title="Late", notes="x",
            license_id="cc-by",
        )
        thread, results = in_background(app, make)
        wait_for_a_waiter(publishing, thread)
        # The publish itself needs the lock that stands for it here: its rows are written by hand.
        publishing.connection.execute(
            sa.text(
                "INSERT INTO civicswitchboard_version (number, document, level, change_count, note, author,"
                " published) VALUES (1, :document, 'compatible', 0, '', '', now())"
            ),
            {"document": json.dumps(document)},
        )
        publishing.connection.execute(
            sa.text("INSERT INTO civicswitchboard_generation (id, version, shipped) VALUES (1, 1, '{}')")
        )
        publishing.end()
        thread.join(20)
        assert isinstance(results[0], tk.ValidationError)
        assert list(results[0].error_dict) == ["reading_level"]


def test_saves_do_not_wait_for_each_other(app: Any) -> None:
    organization = factories.Organization()
    with Elsewhere() as saving:
        saving.execute("pg_advisory_xact_lock_shared")
        call(
            "package_create", name="beside", owner_org=organization["id"], title="B", notes="x", license_id="cc-by"
        )
        saving.end()


def test_a_publish_gives_up_when_saves_do_not_end(app: Any, monkeypatch: Any) -> None:
    document = changed(current_document(), "data_notes", label="Caveats")
    with Elsewhere() as saving:
        saving.execute("pg_advisory_xact_lock_shared")
        with monkeypatch.context() as impatient, pytest.raises(tk.ValidationError, match="nothing was published"):
            impatient.setattr(locks, "PATIENCE", "200ms")
            publish(document)
        saving.end()
        draft = act("schema_draft_show")
        assert act("schema_publish", revision=draft["revision"], note="Again")["version"] == 2


def test_a_request_is_served_by_one_version_throughout(app: Any) -> None:
    with app.flask_app.test_request_context("/"):
        first = versions.current()
        thread, _results = in_background(
            app, lambda: publish(changed(current_document(), "data_notes", label="Caveats"))
        )
        thread.join(20)
        assert versions.current() is first
    assert versions.current().version == 2


def test_another_process_serves_the_new_version_at_its_next_request(portal_url: str) -> None:
    address = f"{portal_url}/api/3/action/scheming_dataset_schema_show?type=dataset"
    labels = lambda: {  # noqa: E731
        f["field_name"]: f["label"] for f in requests.get(address, timeout=20).json()["result"]["dataset_fields"]
    }
    assert "reading_level" not in labels()
    publish(with_field(current_document(), field_name="reading_level", label="Reading level"))
    assert labels()["reading_level"] == "Reading level"
    act("schema_rollback", version=1, note="Back")
    assert "reading_level" not in labels()


def test_where_the_tables_are_missing_the_last_good_version_is_served(monkeypatch: Any) -> None:
    publish(with_field(current_document(), field_name="reading_level"))
    monkeypatch.setattr(versions.schema_versions, "current", lambda: sa.text("SELECT * FROM nowhere"))
    assert "reading_level" in versions.current().fields["dataset"]
    assert model.Session.execute(sa.text("SELECT 1")).scalar() == 1
