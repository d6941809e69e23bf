"""What is tried in a portal with other extensions; run by test_other_extensions.py."""
from __future__ import annotations

import json
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from support.editing import act, call, changed, current_document, publish

ODD = "line\r\nline"


@pytest.fixture(autouse=True)
def portal(with_plugins: Any) -> None:
    """The databases are new for this process; nothing is emptied between the stories."""


@pytest.fixture
def library() -> str:
    found = model.Group.get("library") or model.Group.get(factories.Organization(name="library")["id"])
    library_id: str = found.id
    return library_id


def make(name: str, library: str, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = call(
        "package_create", name=name, title="Wifi sessions", notes="By branch", owner_org=library,
        license_id="cc-by", department="Branches", data_notes="Counted by the router", theme=["technology"], tags=[{"name": "wifi"}],
        extras=[{"key": "guid", "value": ODD}],
        resources=[{"name": "Table", "url": "http://data.example.org/1.csv", "format": "CSV", "weird": "kept"}],
        **more,
    )
    return made


def stored(name: str) -> dict[str, Any]:
    model.Session.remove()
    return dict(model.Package.get(name).extras)


def test_all_of_them_run() -> None:
    for name in ("civicswitchboard", "dcat", "structured_data", "harvest", "ckan_harvester", "datastore", "xloader"):
        assert p.plugin_loaded(name), name


def test_saves_and_publishes_lose_nothing_and_xloader_queues_its_job(library: str) -> None:
    made = make("wifi", library)
    before = stored("wifi")
    publish(changed(current_document(), "department", expectation="required"))
    resource = made["resources"][0]
    call("resource_patch", id=resource["id"], description="Counts")
    call("package_patch", id="wifi", title="Wifi sessions by branch")
    after = call("package_show", id="wifi")
    assert stored("wifi") == before and before["guid"] == ODD
    assert after["resources"][0]["weird"] == "kept"
    # What xloader sets when it has loaded a file.
    call("resource_patch", id=resource["id"], datastore_active=True)
    call("resource_update", id=resource["id"], name="Table", url="http://data.example.org/2.csv")
    assert call("package_show", id="wifi")["title"] == "Wifi sessions by branch"
    jobs.get_queue().empty()
    call("resource_create", package_id="wifi", name="Guide", url="http://data.example.org/guide.pdf", format="PDF")
    call("resource_create", package_id="wifi", name="More", url="http://data.example.org/more.csv", format="CSV")
    assert ["xloader" in str(job.func_name) for job in jobs.get_queue().jobs] == [True]
    call("resource_delete", id=resource["id"])
    assert stored("wifi") == before


def test_a_dataset_is_exported_as_dcat_and_in_its_page(app: Any, library: str) -> None:
    from rdflib import Graph
    from rdflib.namespace import DCAT, DCTERMS, RDF

    make("exported", library)
    graph = Graph().parse(data=app.get("/dataset/exported.ttl").body, format="turtle")
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(graph.value(dataset, DCTERMS.title)) == "Wifi sessions"
    assert len(list(graph.objects(dataset, DCAT.distribution))) == 1
    page = app.get("/dataset/exported").body
    assert "application/ld+json" in page and page.count("schema.org") >= 1
    for path in ("/dataset/exported.jsonld", "/dataset/exported.rdf", "/catalog.ttl", "/dataset/edit/exported"):
        headers = {"Authorization": factories.APIToken(user=factories.Sysadmin()["name"])["token"]}
        app.get(path, headers=headers, status=200)


def exported(app: Any, path: str) -> dict[str, set[str]]:
    """What an export says of the dataset "renamed", by the properties' local names."""
    from rdflib import Graph, Literal
    from rdflib.namespace import DCTERMS, RDFS

    graph = Graph().parse(data=app.get(path, status=200).body, format="turtle")
    dataset = next(graph.subjects(DCTERMS.title, Literal("Renamed")))
    said = {name: set(graph.objects(dataset, DCTERMS[name])) for name in ("provenance", "language")}
    return {
        name: {str(graph.value(value, RDFS.label, default=value)) for value in values}
        for name, values in said.items()
    }


def test_an_export_is_by_the_new_version_while_the_jobs_wait(app: Any, library: str) -> None:
    make("renamed", library, methods="Counted by hand", language="en")
    call("package_patch", id="renamed", title="Renamed")
    paths = ("/dataset/renamed.ttl", "/catalog.ttl")
    for path in paths:
        assert exported(app, path) == {"provenance": set(), "language": {"en"}}
    jobs.get_queue().empty()
    document = changed(current_document(), "methods", field_name="provenance", previous_names=["methods"])
    draft = act("schema_draft_create")
    retired = changed(document, "language", state="retired")
    draft = act("schema_draft_update", revision=draft["revision"], document=retired)
    act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)
    assert len(jobs.get_queue().jobs) == 2 and stored("renamed")["methods"] == "Counted by hand"
    for path in paths:
        # What a retired field holds stays part of the record.
        assert exported(app, path) == {"provenance": {"Counted by hand"}, "language": {"en"}}


def source(library: str) -> dict[str, Any]:
    found: dict[str, Any] = call(
        "harvest_source_create", name="far-portal", title="A far portal", url="http://far.example.org",
        source_type="ckan", owner_org=library, frequency="MANUAL", config=json.dumps({"read_only": True}),
    )
    return found


def test_a_harvest_source_is_none_of_our_business(app: Any, library: str) -> None:
    made = source(library)
    package = model.Package.get(made["id"])
    assert package.type == "harvest"
    publish(changed(current_document(), "data_notes", expectation="required"))
    updated = call("harvest_source_update", id=made["id"], name=made["name"], url=made["url"],
                   title="A far portal, renamed", source_type="ckan", owner_org=library, frequency="WEEKLY")
    assert updated["title"] == "A far portal, renamed" and updated["frequency"] == "WEEKLY"
    assert call("harvest_source_show", id=made["id"])["frequency"] == "WEEKLY"
    for path in ("/harvest", f"/harvest/{made['name']}", "/dataset/"):
        app.get(path, status=200)
    assert "department" not in call("package_show", id=made["id"])


def harvested(library: str, **more: Any) -> Any:
    """Import an object as a harvester's class does, in a process of its own."""
    from ckanext.harvest.harvesters.base import HarvesterBase
    from ckanext.harvest.model import HarvestJob, HarvestObject, HarvestSource

    class Harvester(HarvesterBase):
        pass

    made = model.Session.query(HarvestSource).first() or HarvestSource.get(source(library)["id"])
    job = HarvestJob(source=made)
    job.save()
    brought = HarvestObject(guid="far-1", job=job, content="{}")
    brought.save()
    record = {"id": "far-1", "title": "Far records", "owner_org": library, "extras": [{"key": "guid", "value": ODD}], **more}
    done = Harvester()._create_or_update_package(record, brought, package_dict_form="package_show")
    faults = [each.message for each in brought.errors]
    model.Session.commit()
    return done, faults


def test_what_a_harvester_brings_may_have_gaps_and_is_kept_as_it_is(library: str) -> None:
    # Without a description, a license and the fields that are required by now.
    assert harvested(library, frequency_publishing="Now and then") == (True, [])
    assert stored("far-1") == {"guid": ODD, "frequency_publishing": "Now and then"}
    assert harvested(library, title="Far records, again", notes="About them") == (True, [])
    assert call("package_show", id="far-1")["title"] == "Far records, again"
    assert stored("far-1")["guid"] == ODD


def test_a_person_who_edits_it_is_asked_as_always(app: Any, library: str) -> None:
    token = factories.APIToken(user=factories.Sysadmin()["name"])["token"]
    answer = app.post("/api/action/package_patch", headers={"Authorization": token},
                      json={"id": "far-1", "data_steward_email": "nobody"}, status=409)
    assert "data_steward_email" in answer.json["error"]
    with pytest.raises(tk.ValidationError):
        call("package_create", name="strict", title="Strict", owner_org=library)
    app.post("/api/action/package_patch", headers={"Authorization": token},
             json={"id": "far-1", "title": "By a person"}, status=200)


def test_what_the_other_extensions_keep_stays_where_it_is() -> None:
    count = model.Session.scalar(sa.text("SELECT count(*) FROM harvest_object"))
    act("schema_rollback", version=1, note="Back")
    assert model.Session.scalar(sa.text("SELECT count(*) FROM harvest_object")) == count
