"""The review counts datasets, a repair counts records: each page says so beside its number."""
from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.tests import factories
from impact.writing import Row, describe, write
from repairs.test_pages import PAGE, REVIEW, curator, drafted, headers_of, member
from support.editing import act, changed, current_document, publish
from words.reading import text

from ckanext.civicswitchboard.repairs import runner

__all__ = ["curator"]

pytestmark = [pytest.mark.usefixtures("portal")]

FILE = ({"name": "data", "url_type": None}, '{"encoding": "latin"}')
GONE = ({"name": "old", "state": "deleted"}, '{"encoding": "latin"}')
MAPPED = {"kind": "map_values", "field": "encoding", "entity": "resource", "old": ["latin"], "new": ["1252"]}
OF_REVIEW = "The “Review and publish” page counts these as {}: each dataset once"


@pytest.fixture
def county(portal: dict[str, str]) -> str:
    return str(model.Group.get("county").id)


def files_in_every_state(owner: str) -> None:
    write([
        Row("several", owner, files=(FILE, FILE, FILE, GONE)),
        Row("one", owner, files=(FILE,)),
        Row("sketch", owner, files=(FILE, FILE), state="draft"),
        Row("gone", owner, files=(FILE,), state="deleted"),
    ])  # fmt: skip


def with_pattern(document: Any) -> Any:
    """A rule for files that their encoding breaks."""
    fields = [{**f, "pattern": "[0-9]+"} if f["id"] == "encoding" else f
              for f in document["dataset"]["resource_fields"]]  # fmt: skip
    return {**document, "dataset": {**document["dataset"], "resource_fields": fields}}


def test_files_and_drafts_are_told_by_the_review_the_preview_and_the_run(
    app: Any, curator: dict[str, str], county: str
) -> None:
    files_in_every_state(county)
    drafted(with_pattern(current_document()))
    review = text(app.get(REVIEW, headers=curator))
    assert "2 of 2 datasets affected , 4 files and links in them" in review
    assert "A repair may show a higher number because it also counts: each file and link separately; drafts." in review
    assert "it also counts: each file and link separately." in text(app.get(f"{REVIEW}?also=draft", headers=curator))

    params = {"field": "encoding", "entity": "resource", "values": {"latin": "1252"}}
    found = act("repair_preview", kind="map_values", params=params)
    counted = {"datasets": 3, "resources": 6, "drafts": 2, "deleted": 0, "as_reviewed": 2}
    assert (found["total"], found["counted"]) == (6, counted)
    preview = text(app.post(f"{PAGE}/new", headers=curator, data={**MAPPED, "do": "preview"}))
    said = (
        "These are files and links in 3 datasets, each counted separately. 2 are in drafts. " + OF_REVIEW.format(2)
    )
    assert "6 records affected. " + said in preview

    begun = act("repair_start", kind="map_values", params=params)["id"]
    page = f"{PAGE}/{begun}"
    assert "Each file or link counts as a record here" in text(app.get(page, headers=curator))
    assert act("repair_show", id=begun)["counted"] == {}
    runner.work(begun)
    shown = act("repair_show", id=begun)
    assert (shown["done"], shown["total"], shown["counted"]) == (6, 6, counted)
    done = text(app.get(page, headers=curator))
    assert "6 of 6 records " + said in done and "counts as a record here" not in done


def test_one_file_of_a_draft_is_not_told_of_as_several(app: Any, curator: dict[str, str], county: str) -> None:
    write([Row("sketch", county, files=(FILE,), state="draft")])
    preview = text(app.post(f"{PAGE}/new", headers=curator, data={**MAPPED, "do": "preview"}))
    assert "1 record affected. 1 is in a draft. " + OF_REVIEW.format(0) in preview


def test_a_rename_counts_deleted_ones_too_and_the_review_says_so(
    app: Any, curator: dict[str, str], county: str
) -> None:
    write([Row("one", county, extras={"department": "Parks"}),
           Row("secret", county, extras={"department": "Parks"}, private=True),
           Row("gone", county, extras={"department": "Parks"}, state="deleted")])  # fmt: skip
    drafted(changed(current_document(), "department", field_name="office", previous_names=["department"]))
    review = text(app.get(REVIEW, headers=curator))
    assert "2 of 2 datasets affected" in review
    assert "it also counts: deleted datasets and files." in review
    renamed = {"kind": "rename", "field": "department", "to": "office", "do": "preview"}
    preview = text(app.post(f"{PAGE}/new", headers=curator, data=renamed))
    assert "3 records affected. 1 is deleted. " + OF_REVIEW.format(2) in preview


def test_a_repair_of_datasets_and_files_tells_how_many_are_files(
    app: Any, curator: dict[str, str], county: str
) -> None:
    document = current_document()
    fields = [*document["dataset"]["resource_fields"],
              {"id": "pace", "field_name": "pace", "label": "Pace", "preset": "select", "vocabulary": "frequency"}]
    publish({**document, "dataset": {**document["dataset"], "resource_fields": fields}})
    file = ({"name": "data", "url_type": None}, '{"pace": "Monthly"}')
    write([Row("one", county, extras={"frequency_publishing": "Monthly"}, files=(file, file))])
    merged = {"kind": "merge_terms", "vocabulary": "frequency", "term": "Monthly", "into": "Annually", "do": "preview"}
    preview = text(app.post(f"{PAGE}/new", headers=curator, data=merged))
    assert (
        "3 records affected. 2 of these records are files and links, each counted separately."
        " In total they belong to 1 dataset. " + OF_REVIEW.format(1)
    ) in preview


def test_where_both_count_the_same_nothing_is_said(app: Any, curator: dict[str, str], county: str) -> None:
    write([Row("one", county, extras={"department": "Parks"}), Row("two", county, extras={"department": "Parks"})])
    drafted(changed(current_document(), "department", pattern="[0-9]+"))
    review = text(app.get(REVIEW, headers=curator))
    assert "2 of 2 datasets affected" in review and "A repair may show" not in review
    mapped = {"kind": "map_values", "field": "department", "old": ["Parks"], "new": ["7"], "do": "preview"}
    preview = text(app.post(f"{PAGE}/new", headers=curator, data=mapped))
    assert "2 records affected." in preview and "Review and publish” page counts" not in preview


def test_organizations_are_counted_alike_by_both(county: str) -> None:
    describe({factories.Organization(name="parks")["id"]: {"contact_name": "Parks desk"}})
    params = {"field": "contact_name", "entity": "organization", "values": {"Parks desk": "Desk"}}
    found = act("repair_preview", kind="map_values", params=params)
    assert found["total"] == found["counted"]["as_reviewed"] == 1 and found["counted"]["datasets"] == 0
    begun = act("repair_start", kind="map_values", params=params)["id"]
    runner.work(begun)
    assert act("repair_show", id=begun)["counted"] == found["counted"]


def test_the_review_tells_of_no_drafts_beside_a_number_of_organizations(
    app: Any, curator: dict[str, str], county: str
) -> None:
    files_in_every_state(county)
    describe({county: {"contact_name": "Parks desk"}})
    document = current_document()
    fields = [{**field, "pattern": "[0-9]+"} if field["id"] == "contact_name" else field
              for field in document["organization"]["fields"]]  # fmt: skip
    drafted({**document, "organization": {**document["organization"], "fields": fields}})
    review = text(app.get(REVIEW, headers=curator))
    assert "1 record affected" in review and "Replace values…" in review and "A repair may show" not in review


def test_who_only_drafts_reads_of_no_draft_of_others(app: Any, county: str) -> None:
    files_in_every_state(county)
    drafted(with_pattern(current_document()))
    editor = headers_of(member("university-library", "editor"))
    assert "A repair may show" not in text(app.get(REVIEW, headers=editor))
    app.post(f"{PAGE}/new", headers=editor, data={**MAPPED, "do": "preview"}, status=403)
