"""The job that has the search index follow a version: queued where it is needed, and never waited for."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.lib import jobs
from ckan.tests import factories
from metadata_schema.editing import act, call, changed, current_document, publish, with_field

from ckanext.civicswitchboard import checks

pytestmark = [pytest.mark.usefixtures("clean_portal", "no_jobs")]

Raw = dict[str, Any]


@pytest.fixture
def no_jobs() -> None:
    """What earlier tests left in the queue is gone."""
    jobs.get_queue().empty()


def waiting() -> list[str]:
    return [job.meta["title"] for job in jobs.get_queue().jobs]


THE_JOB = ["Index datasets by the new version of the shared schema"]


def with_terms(document: Raw, vocabulary: str, **attributes: Any) -> Raw:
    """A copy with other attributes of each of a vocabulary's terms."""
    vocabularies = [
        {**each, "terms": [{**term, **attributes} for term in each["terms"]]} if each["id"] == vocabulary else each
        for each in document["vocabularies"]
    ]
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
    assert waiting() == [] and checks.index().level == "ok"


def test_other_words_for_terms_queue_no_job() -> None:
    factories.Dataset(license_id="cc-by", theme=["health"])
    publish(with_terms(current_document(), "theme", definition="Another definition"))
    publish(with_terms(current_document(), "theme", state="retired"))
    assert act("schema_show")["version"] == 3
    assert waiting() == [] and checks.index().level == "ok"


@pytest.mark.parametrize(
    "attributes",
    [{"facet": True}, {"searchable": False}, {"state": "retired"}, {"preset": "multiple_text"},
     {"field_name": "office", "previous_names": ["department"]}],
)  # fmt: skip
def test_a_version_that_stands_otherwise_in_the_index_queues_exactly_one_job(attributes: Raw) -> None:
    factories.Dataset(license_id="cc-by")
    publish(changed(current_document(), "department", **attributes, help_text="Say it", label="Office"))
    assert waiting() == THE_JOB
    assert "holds 1 datasets as an older" in checks.index().text
    (job,) = jobs.get_queue().jobs
    job.perform()
    assert checks.index().level == "ok"


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
