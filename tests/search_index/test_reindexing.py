"""The job that has the search index follow a version: queued where it is needed, and never waited for."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from support.editing import act, call, changed, current_document, publish, with_field

from ckanext.civicswitchboard import doctor
from ckanext.civicswitchboard.search_index import batch, reindex
from ckanext.civicswitchboard.shelves import value_counts

pytestmark = [pytest.mark.usefixtures("clean_portal", "no_jobs")]

Raw = dict[str, Any]


@pytest.fixture
def no_jobs() -> None:
    """What earlier tests left in the queue is gone."""
    jobs.get_queue().empty()


def waiting() -> list[str]:
    return [job.meta["title"] for job in jobs.get_queue().jobs]


THE_JOB = ["Index datasets by the new version of the shared schema"]


def with_terms(document: Raw, vocabulary: str, value: str = "", **attributes: Any) -> Raw:
    """A copy with other attributes of a vocabulary's term, or of each of them."""
    vocabularies = [
        {**each, "terms": [{**term, **attributes} if value in ("", term["value"]) else term for term in each["terms"]]}
        if each["id"] == vocabulary else each
        for each in document["vocabularies"]
    ]  # fmt: skip
    return {**document, "vocabularies": vocabularies}


@pytest.mark.parametrize(
    ("level", "attributes"),
    [
        ("editorial", {"help_text": "Say what a careful reader has to know"}),
        ("editorial", {"label": "Caveats"}),
        ("editorial", {"section": "about"}),
        ("editorial", {"mapping": {"dcat": "rdfs:comment"}}),
        ("needs_attention", {"expectation": "required"}),
        ("needs_attention", {"max_length": 2}),
    ],
)
def test_a_version_that_stands_the_same_in_the_index_queues_no_job(level: str, attributes: Raw) -> None:
    factories.Dataset(license_id="cc-by", data_notes="Counted by the router")
    version = publish(changed(current_document(), "data_notes", **attributes))
    assert (version["version"], version["level"]) == (2, level)
    assert waiting() == [] and doctor.index().level == "ok"


def test_other_words_for_terms_queue_no_job() -> None:
    factories.Dataset(license_id="cc-by", theme=["health"])
    publish(with_terms(current_document(), "theme", definition="Another definition"))
    publish(with_terms(current_document(), "theme", state="retired"))
    assert act("schema_show")["version"] == 3
    assert waiting() == [] and doctor.index().level == "ok"


@pytest.mark.parametrize(
    "attributes",
    [{"facet": True}, {"searchable": False}, {"state": "retired"}, {"preset": "multiple_text"},
     {"field_name": "office", "previous_names": ["department"]}],
)  # fmt: skip
def test_a_version_that_stands_otherwise_in_the_index_queues_exactly_one_job(attributes: Raw) -> None:
    factories.Dataset(license_id="cc-by")
    publish(changed(current_document(), "department", **attributes, help_text="Say it", label="Office"))
    assert waiting() == THE_JOB
    assert "holds 1 datasets as an older" in doctor.index().text
    (job,) = jobs.get_queue().jobs
    job.perform()
    assert doctor.index().level == "ok"


def test_a_new_field_and_a_restore_queue_one_job_each() -> None:
    factories.Dataset(license_id="cc-by")
    publish(with_field(current_document(), field_name="reading_level"))
    assert waiting() == THE_JOB
    act("schema_rollback", version=1, note="Not yet")
    assert waiting() == THE_JOB * 2


def test_a_version_that_is_refused_queues_no_job() -> None:
    factories.Dataset(license_id="cc-by", department="Parks")
    renamed = changed(current_document(), "department", field_name="office", previous_names=["department"])
    with pytest.raises(tk.ValidationError, match="Records must be fixed first"):
        publish(renamed)
    assert waiting() == []


def test_a_field_that_visitors_can_filter_by_is_one_when_the_job_is_done() -> None:
    factories.Dataset(name="wifi", license_id="cc-by", department="Parks")
    publish(changed(current_document(), "department", facet=True))
    (job,) = jobs.get_queue().jobs
    job.perform()
    found = call("package_search", fq='vocab_department:"Parks"', **{"facet.field": ["vocab_department"]})
    assert [each["name"] for each in found["results"]] == ["wifi"]
    assert found["facets"]["vocab_department"] == {"Parks": 1}


VALUES: Raw = {
    "license_id": "cc-by", "theme": ["health"], "collection": "Ferry papers", "department": "Parks",
    "methods": "Counted by hand", "data_notes": "Winters are missing", "frequency_publishing": "Annually",
    "extras": [{"key": "reading_level", "value": "Grade 6"}],
}  # fmt: skip


def renamed(document: Raw, field_id: str, name: str) -> Raw:
    return changed(document, field_id, field_name=name, label=name.capitalize(), previous_names=[field_id])


def publish_with_repairs(document: Raw) -> None:
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)


@pytest.fixture
def two_datasets(clean_portal: None, no_jobs: None) -> None:
    """A library's dataset and the county's, which go together, and a new version whose jobs wait."""
    kinds = {"timetables": "public_library", "landings": "local_government"}
    for name, kind in kinds.items():
        owner = factories.Organization(partner_type=kind)
        factories.Dataset(name=name, title=name.capitalize(), owner_org=owner["id"], **VALUES)
    document = renamed(renamed(current_document(), "department", "office"), "collection", "series")
    document = changed(renamed(document, "theme", "subject"), "data_notes", label="Caveats")
    document = with_field(changed(document, "methods", state="retired"), field_name="reading_level")
    document = with_terms(document, "theme", "health", label="Health and care")
    document = with_terms(document, "frequency", "Annually", state="retired", label="Each year")
    publish_with_repairs(document)
    # One for the index, and one for each of three fields whose values get another name.
    assert sorted(waiting()) == [*THE_JOB, *["Repair records"] * 3]


def found(**asked: Any) -> list[Raw]:
    results: list[Raw] = call("package_search", sort="name asc", **asked)["results"]
    return results


def page(app: Any, path: str) -> BeautifulSoup:
    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    return BeautifulSoup(app.get(path, headers=headers, status=200).body, "html.parser")


@pytest.mark.usefixtures("two_datasets")
class TestUntilTheJobsAreDone:
    """The version is in use at once, whatever the index and the records' keys are still like."""

    def test_show_and_search_give_what_records_are_by_the_new_version(self) -> None:
        shown = call("package_show", id="landings")
        today = {
            "subject": ["health"], "series": "Ferry papers", "office": "Parks", "reading_level": "Grade 6",
            "data_notes": "Winters are missing", "frequency_publishing": "Annually",
        }  # fmt: skip
        assert {name: shown[name] for name in today} == today
        assert not {"theme", "collection", "department", "methods"} & set(shown)
        assert shown["extras"] == [{"key": "methods", "value": "Counted by hand"}]
        assert found(q="*:*") == [shown, call("package_show", id="timetables")]
        for words in ("Parks", "Counted by hand", "Ferry papers", "Grade 6", "Winters"):
            assert found(q=f'"{words}"')[0] == shown, words

    def test_pages_and_forms_say_it_in_the_new_words(self, app: Any) -> None:
        shown = page(app, "/dataset/landings").select_one("main, .main").get_text(" ", strip=True)
        told = ("Subject Health and care", "Series Ferry papers", "Office Parks", "Reading level Grade 6",
                "Caveats Winters are missing", "methods Counted by hand", "Each year")  # fmt: skip
        for words in told:
            assert words in shown
        for words in ("Department", "Collection", "Data notes", "Annually"):
            assert words not in shown
        form = page(app, "/dataset/edit/landings").find("form", id="dataset-edit")
        named = {control["name"] for control in form.select("[name]")}
        assert {"subject", "series", "office", "reading_level"} <= named
        assert not {"theme", "collection", "department", "methods"} & named
        assert form.find(attrs={"name": "office"})["value"] == "Parks"
        assert form.select_one('[name="frequency_publishing"] option[selected]').text.strip().startswith("Each year")

    def test_shelves_hold_the_same_for_the_same_reasons_in_the_new_words(self, app: Any) -> None:
        for one, other in (("landings", "timetables"), ("timetables", "landings")):
            (item,) = act("shelf_show", dataset_id=one)
            assert item["dataset"] == other
            assert item["reasons"] == ["both from the collection Ferry papers", "both about Health and care"]
        beside = page(app, "/dataset/landings").select_one("#alongside").get_text(" ", strip=True)
        assert "both about Health and care" in beside

    def test_what_somebody_found_and_sends_back_loses_nothing(self) -> None:
        (before,) = found(fq="name:landings")
        call("package_update", **{**before, "title": "Landings by pier"})
        held = model.Package.by_name("landings").extras
        assert held == {
            "subject": '["health"]', "series": "Ferry papers", "office": "Parks", "methods": "Counted by hand",
            "data_notes": "Winters are missing", "frequency_publishing": "Annually", "reading_level": "Grade 6",
        }  # fmt: skip

    def test_when_they_are_done_nothing_reads_otherwise(self) -> None:
        before = found(q="*:*")
        shelf = act("shelf_show", dataset_id="landings")
        for job in jobs.get_queue().jobs:
            job.perform()
            model.Session.remove()
        after = found(q="*:*")
        assert [{**each, "metadata_modified": ""} for each in after] == [
            {**each, "metadata_modified": ""} for each in before
        ]
        value_counts.forget()
        assert act("shelf_show", dataset_id="landings") == shelf
        assert doctor.index().level == "ok"
        assert len(found(fq='vocab_series:"Ferry papers" vocab_subject:"health"')) == 2


def test_fields_that_took_each_others_names_are_found_as_they_are_shown() -> None:
    factories.Dataset(name="wifi", license_id="cc-by", methods="how", limitations="what not")
    document = changed(current_document(), "methods", field_name="limitations", previous_names=["methods"])
    publish_with_repairs(changed(document, "limitations", field_name="methods", previous_names=["limitations"]))
    (wifi,) = found(q="name:wifi")
    assert (wifi["methods"], wifi["limitations"]) == ("what not", "how")
    assert wifi == call("package_show", id="wifi")
    call("package_update", **{**wifi, "title": "Sent back as it was found"})
    assert model.Package.by_name("wifi").extras == {"methods": "what not", "limitations": "how"}


def test_what_is_saved_while_it_is_indexed_is_found_as_it_was_saved(monkeypatch: Any) -> None:
    dataset = factories.Dataset(title="Before", license_id="cc-by")
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    post = batch._post

    def after_a_save(*arguments: Any) -> None:
        # The job has read the record, and has not sent it yet.
        monkeypatch.setattr(batch, "_post", post)
        call("package_patch", id=dataset["id"], title="Meanwhile")
        post(*arguments)

    monkeypatch.setattr(batch, "_post", after_a_save)
    reindex.catch_up()
    assert [each["title"] for each in found()] == ["Meanwhile"]
    assert reindex.behind() == []


def test_the_job_makes_way_for_others_and_goes_on_as_another(monkeypatch: Any) -> None:
    for _number in range(3):
        factories.Dataset(license_id="cc-by")
    publish(with_field(current_document(), field_name="reading_level", facet=True))
    jobs.get_queue().empty()
    monkeypatch.setattr(reindex, "CHUNK", 1)
    reindex.catch_up(turn=0)
    assert len(reindex.behind()) == 2
    (job,) = jobs.get_queue().jobs
    job.perform()
    assert reindex.behind() == []
    jobs.get_queue().empty()
