"""The search index never holds what is older than the database, whoever saves beside whoever indexes."""
from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import logic, model
from ckan.common import config
from ckan.lib import jobs, search
from ckan.tests import factories, helpers
from support.editing import changed, current_document, publish
from support.working import ended, process_for

from ckanext.civicswitchboard import doctor
from ckanext.civicswitchboard.cli import setup
from ckanext.civicswitchboard.search_index import batch, fingerprints, reindex
from ckanext.civicswitchboard.search_index.batch import index_datasets

pytestmark = [pytest.mark.usefixtures("clean_portal", "no_jobs")]

Record = dict[str, Any]
Save = Callable[[str], object]


@pytest.fixture
def no_jobs() -> None:
    """What earlier tests left in the queue is gone."""
    jobs.get_queue().empty()


def call(action: str, **data: Any) -> Any:
    """Call one of core's actions as the portal's own sysadmin, on nothing that was read before."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    model.Session.remove()
    return tk.get_action(action)({"user": user, "ignore_auth": True}, data)


def found(**asked: Any) -> dict[str, Record]:
    """What anybody's search finds, by name."""
    anybody = {"user": "", "auth_user_obj": model.AnonymousUser(), "ignore_auth": False}
    results = tk.get_action("package_search")(anybody, {"rows": 1000, **asked})["results"]
    return {each["name"]: each for each in results}


def stored(name: str) -> Record:
    """A dataset as the database holds it."""
    model.Session.remove()
    shown: Record = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": name})
    return shown


def assert_search_is_right() -> None:
    """Search has every public dataset as the database holds it, and nothing else."""
    model.Session.rollback()
    asked = model.Session.query(model.Package.name).filter_by(state="active", private=False)
    names = [row.name for row in asked]
    everything = found()
    assert sorted(everything) == sorted(names)
    for name in names:
        assert everything[name] == stored(name), name
    assert reindex.wrong_documents() == {}


def in_another_process(save: Save, dataset_id: str) -> None:
    """Save as another process does, to its end."""
    with process_for(lambda: save(dataset_id)) as process:
        while not ended(process):
            pass


def replaced(dataset_id: str) -> None:
    """A sysadmin sends the whole dataset back, with its time of change, as scripts do."""
    shown = stored(dataset_id)
    call("package_update", **{**shown, "title": "Saved meanwhile"})


SAVES: dict[str, Save] = {
    "replaced": replaced,
    "deleted": lambda id_: call("package_delete", id=id_),
    "purged": lambda id_: call("dataset_purge", id=id_),
    "made private": lambda id_: call("package_patch", id=id_, private=True),
    "made private in bulk": lambda id_: call(
        "bulk_update_private", datasets=[id_], org_id=model.Package.get(id_).owner_org
    ),
    "tagged": lambda id_: call("package_patch", id=id_, tags=[{"name": "wifi"}]),
    "filed": lambda id_: call("member_create", id="topic", object=id_, object_type="package", capacity="public"),
    "given away": lambda id_: call("package_owner_org_update", id=id_, organization_id="other"),
}  # fmt: skip


@pytest.fixture
def dataset_id() -> str:
    factories.Group(name="topic")
    factories.Organization(name="other")
    owner = factories.Organization(name="owner")
    made = factories.Dataset(name="one", title="Before", license_id="cc-by", owner_org=owner["id"])
    return str(made["id"])


@pytest.mark.parametrize("kind", SAVES)
@pytest.mark.parametrize("step", ["_read", "_post", "unchanged"])
class TestAtEachStep:
    """Somebody saves between two steps of a batch."""

    def test_what_is_saved_before_a_step_is_found(
        self, kind: str, step: str, dataset_id: str, monkeypatch: Any
    ) -> None:
        place = fingerprints if step == "unchanged" else batch
        original = getattr(place, step)

        def after_a_save(*arguments: Any) -> Any:
            monkeypatch.setattr(place, step, original)
            if step != "_read":
                model.Session.rollback()
            in_another_process(SAVES[kind], dataset_id)
            return original(*arguments)

        monkeypatch.setattr(place, step, after_a_save)
        assert index_datasets([dataset_id], {}) == {}
        assert_search_is_right()


@pytest.mark.parametrize("kind", ["replaced", "deleted", "purged", "made private"])
def test_what_is_saved_while_a_record_is_read_is_found(kind: str, dataset_id: str, monkeypatch: Any) -> None:
    make = batch._make_document

    def after_a_save(*arguments: Any) -> None:
        make(*arguments)
        monkeypatch.setattr(batch, "_make_document", make)
        in_another_process(SAVES[kind], dataset_id)

    monkeypatch.setattr(batch, "_make_document", after_a_save)
    assert index_datasets([dataset_id], {}) == {}
    assert_search_is_right()


@pytest.mark.parametrize("commits", [True, False])
@pytest.mark.parametrize("kind", ["replaced", "deleted", "made private"])
def test_a_save_that_is_not_committed_when_the_batch_checks_is_waited_for(
    kind: str, commits: bool, dataset_id: str, monkeypatch: Any, tmp_path: Any
) -> None:
    unchanged = fingerprints.unchanged
    posted = tmp_path / "posted"

    def save_slowly() -> None:
        """Index, wait until the batch waits for the row, then commit or fail."""

        def commit() -> None:
            posted.write_text("")
            until(somebody_waits)
            if not commits:
                raise RuntimeError("The commit fails")
            model.Session.commit()

        model.repo.commit = commit
        SAVES[kind](dataset_id)

    def beside_the_save(read: Any) -> Any:
        monkeypatch.setattr(fingerprints, "unchanged", unchanged)
        beside.enter_context(process_for(save_slowly))
        until(posted.exists)
        return unchanged(read)

    with ExitStack() as beside:
        monkeypatch.setattr(fingerprints, "unchanged", beside_the_save)
        assert index_datasets([dataset_id], {}) == {}
    assert (stored("one")["title"], stored("one")["state"], stored("one")["private"]) == (
        ("Saved meanwhile" if commits and kind == "replaced" else "Before"),
        ("deleted" if commits and kind == "deleted" else "active"),
        commits and kind == "made private",
    )
    assert_search_is_right()


WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    " AND query LIKE '%FOR SHARE%'"
)


def somebody_waits() -> bool:
    with model.meta.engine.connect() as connection:
        return bool(connection.scalar(sa.text(WAITING)))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestDoctorAndInit:
    def test_a_save_that_fails_after_it_was_indexed_is_found_and_healed(
        self, cli: Any, dataset_id: str, monkeypatch: Any
    ) -> None:
        def fails() -> None:
            raise RuntimeError("The commit fails")

        with monkeypatch.context() as patch, pytest.raises(RuntimeError):
            patch.setattr(model.repo, "commit", fails)
            call("package_patch", id=dataset_id, title="Never stored")
        model.Session.rollback()
        assert found()["one"]["title"] == "Never stored"
        self.is_healed(cli, "with contents they no longer have: 1.")

    def test_deleted_datasets_that_search_finds(self, cli: Any, dataset_id: str) -> None:
        self.posted_after(dataset_id, "UPDATE package SET state = 'deleted'")
        self.is_healed(cli, "or has as deleted: 1.")
        assert found() == {}

    def test_purged_datasets_that_search_finds(self, cli: Any, dataset_id: str) -> None:
        read = logic.package_show_default_and_custom_schemas({"ignore_auth": True}, dataset_id)
        call("dataset_purge", id=dataset_id)
        logic.index_update_package_dicts(read)
        assert reindex.strangers() == [dataset_id]
        self.is_healed(cli, "or has as deleted: 1.")
        assert reindex.strangers() == []

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE package SET private = true",
            "UPDATE package SET title = 'After'",
            """UPDATE package SET extras = '{"department": "Parks"}'""",
            "UPDATE resource SET name = 'After'",
            "UPDATE tag SET name = 'after'",
            "UPDATE package_tag SET state = 'deleted'",
            "UPDATE member SET state = 'deleted' WHERE table_name = 'package'",
            """UPDATE "group" SET title = 'After'""",
            "DELETE FROM resource",
        ],
    )
    def test_stale_contents_with_the_same_time_of_change(self, cli: Any, change: str) -> None:
        topic, owner = factories.Group(name="topic"), factories.Organization(name="owner")
        resources = [{"url": "https://example.org/data.csv", "name": "Before"}]
        made = factories.Dataset(
            name="one", license_id="cc-by", owner_org=owner["id"], resources=resources,
            tags=[{"name": "before"}], groups=[{"name": topic["name"]}],
        )  # fmt: skip
        assert doctor.index().level == "ok"
        self.posted_after(made["id"], change)
        self.is_healed(cli, "with contents they no longer have: 1.")

    def posted_after(self, dataset_id: str, change: str) -> None:
        """Change the database alone: the index holds what was read before it."""
        read = logic.package_show_default_and_custom_schemas({"ignore_auth": True}, dataset_id)
        model.Session.execute(sa.text(change))
        model.Session.commit()
        logic.index_update_package_dicts(read)

    def is_healed(self, cli: Any, told: str) -> None:
        finding = doctor.index()
        assert finding.breaks and told in finding.text and "init" in finding.advice
        assert cli.invoke(setup.init).exit_code == 0
        assert doctor.index().level == "ok"
        assert_search_is_right()


class TestSavesBeginWithTheDatabase:
    """The index is stale, and does not say so by the time of change."""

    @pytest.fixture
    def stale(self, dataset_id: str) -> str:
        resources = [{"url": "https://example.org/data.csv", "name": "Old"}]
        call("package_patch", id=dataset_id, title="Old", department="Old", resources=resources)
        read = logic.package_show_default_and_custom_schemas({"ignore_auth": True}, dataset_id)
        for change in ("package SET title = 'New', extras = '{\"department\": \"New\"}'", "resource SET name = 'New'"):
            model.Session.execute(sa.text(f"UPDATE {change}"))
        model.Session.commit()
        logic.index_update_package_dicts(read)
        assert found()["one"]["title"] == "Old"
        model.Session.remove()
        return dataset_id

    def values(self) -> tuple[str, str, str]:
        shown = stored("one")
        return shown["title"], shown["department"], shown["resources"][0]["name"]

    @pytest.mark.parametrize(
        ("action", "sent"),
        [
            ("package_patch", {"id": "one", "notes": "Sent"}),
            ("package_revise", {"match": {"name": "one"}, "update": {"notes": "Sent"}}),
            ("resource_create", {"package_id": "one", "url": "https://example.org/more.csv", "name": "More"}),
        ],
    )
    def test_another_field_is_saved(self, stale: str, action: str, sent: Record) -> None:
        call(action, **sent)
        assert self.values() == ("New", "New", "New")
        assert_search_is_right()

    def test_a_resource_is_saved_and_removed(self, stale: str) -> None:
        (resource,) = stored("one")["resources"]
        call("resource_patch", id=resource["id"], description="Sent")
        assert self.values() == ("New", "New", "New")

    def test_what_search_has_is_sent_as_a_change(self, stale: str) -> None:
        shown = found()["one"]
        call("package_update", **shown)
        assert self.values() == ("Old", "Old", "Old")

    def test_forms_show_what_is_stored(self, stale: str, app: Any) -> None:
        headers = {"Authorization": factories.SysadminWithToken()["token"]}
        (resource,) = stored("one")["resources"]
        for page in ("/dataset/edit/one", f"/dataset/one/resource/{resource['id']}/edit"):
            model.Session.remove()
            body = app.get(page, headers=headers).body
            assert 'value="New"' in body and 'value="Old"' not in body, page


class TestRenamedOrganization:
    @pytest.fixture
    def library(self) -> Record:
        made = factories.Organization(name="case-lib", title="Case Library", partner_type="public_library")
        topic = factories.Group(name="topic", title="Topic")
        factories.Dataset(name="case-ds", title="Case ds", license_id="cc-by", owner_org=made["id"],
                          groups=[{"name": topic["name"]}])  # fmt: skip
        call("organization_patch", id="case-lib", name="case-library", title="The Case Library")
        call("group_patch", id="topic", name="subject", title="Subject")
        return made

    def is_right(self, app: Any) -> None:
        asked = {"fq": "partner_type:public_library AND name:case-ds", "facet.field": ["partner_type"]}
        answer = helpers.call_action("package_search", **asked)
        assert answer["count"] == 1 and answer["facets"]["partner_type"] == {"public_library": 1}
        for shown in (answer["results"][0], helpers.call_action("package_show", id="case-ds")):
            owner, (topic,) = shown["organization"], shown["groups"]
            assert (owner["name"], owner["title"]) == ("case-library", "The Case Library")
            assert (topic["name"], topic["title"], topic["display_name"]) == ("subject", "Subject", "Subject")
        (short,) = helpers.call_action("package_search", fl="id,name,organization")["results"]
        assert short["organization"] == "case-library"
        for page in ("/", "/dataset/", "/dataset/case-ds"):
            body = app.get(page).body
            assert "/organization/case-library" in body and "/organization/case-lib" + '"' not in body, page
            assert "The Case Library" in body, page
        assert "Case ds" in app.get("/").body

    def test_its_datasets_stay_found_at_once_and_a_job_indexes_them(self, library: Record, app: Any) -> None:
        self.is_right(app)
        assert "with contents they no longer have: 1." in doctor.index().text
        waiting = jobs.get_queue().jobs
        assert {job.meta["title"] for job in waiting} == {
            "Index datasets whose organization, group or tag changed"
        }
        waiting[0].perform()
        assert doctor.index().level == "ok"
        self.is_right(app)
        assert set(found(fq="organization:case-library groups:subject")) == {"case-ds"}

    def test_another_description_queues_no_job(self, library: Record) -> None:
        jobs.get_queue().empty()
        call("organization_patch", id="case-library", description="Another")
        assert jobs.get_queue().jobs == []


def test_datasets_of_a_group_that_is_gone_are_indexed_by_a_job(dataset_id: str) -> None:
    SAVES["filed"](dataset_id)
    assert set(found(fq="groups:topic")) == {"one"}
    call("group_purge", id="topic")
    (job,) = jobs.get_queue().jobs
    job.perform()
    assert_search_is_right()


def test_a_batch_keeps_nobody_from_saving(dataset_id: str, monkeypatch: Any) -> None:
    publish(changed(current_document(), "department", facet=True))
    post = batch._post

    def beside_a_save(*arguments: Any) -> None:
        # Would be refused at once if the batch held the row.
        with model.meta.engine.begin() as other:
            other.execute(sa.text("SELECT id FROM package FOR UPDATE NOWAIT"))
        post(*arguments)

    monkeypatch.setattr(batch, "_post", beside_a_save)
    reindex.catch_up()
    assert_search_is_right()
    assert config["ckan.search.remove_deleted_packages"]
    search.commit()
