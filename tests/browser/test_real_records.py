"""A curator changes the shared schema of a portal with real records, and mends the records, by clicking."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from browser.conftest import PASSWORD
from browser.test_editor import fill, open_field, saved
from browser.test_repairs import looks_right
from ckan import model
from ckan.cli.cli import ckan
from ckan.lib import jobs
from ckan.tests import factories
from impact.checker import Checker
from importer.real import REAL, where_they_are
from support.editing import act, changed, current_document, publish

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800), where_they_are]

# Milliseconds that a worker may take to start and to do what waits, on a busy machine.
LONG = 240_000
DRAFT = "/metadata-schema/draft"
REVIEW = "/metadata-schema/review"
RENAMED = "is stored as “contact_email”, not “data_steward_email”"
REQUIRED = "“License” becomes required"
OF_ALL = "The rules for “License” also apply to existing records"
BEGUN = "“Coverage starts” becomes required"
REPLACED = "Use “Twice a year” instead of “Bi-Annually”"


@pytest.fixture
def portal(clean_portal: None, portal_url: str, cli: Any) -> None:
    """The real records under a schema that asks less, a steward, and its admin."""
    jobs.get_queue().empty()
    publish(changed(current_document(), "license_id", expectation="recommended", missing_values=[]))
    result = cli.invoke(ckan, ["civicswitchboard", "import", str(REAL)])
    assert "created 207, updated 0, unchanged 0, refused 0" in result.output
    curator = factories.User(name="metadata_curator", password=PASSWORD)
    steward = factories.Organization(
        name="university-library", title="University Library", partner_type="academic_library",
        users=[{"name": curator["name"], "capacity": "admin"}],
    )  # fmt: skip
    act("steward_update", organization_id=steward["id"])
    with working():
        pass
    model.Session.remove()


@contextmanager
def working() -> Iterator[None]:
    """The portal's own worker, until no job waits any more."""
    program = str(Path(sys.executable).with_name("ckan"))
    log = Path(os.environ["CKAN_INI"]).parent / "logs" / "Worker.log"
    with log.open("a") as out:
        worker = subprocess.Popen([program, "jobs", "worker", "--burst"], stdout=out, stderr=out)
        yield
        assert worker.wait(timeout=300) == 0


def values(key: str) -> dict[str, int]:
    """How many datasets store which value under a name."""
    model.Session.remove()
    asked = "SELECT extras ->> :key AS value, count(*) AS n FROM package WHERE extras ? :key GROUP BY 1"
    return {row.value: row.n for row in model.Session.execute(sa.text(asked), {"key": key})}


def change(page: Any, text: str) -> Any:
    """A change on the review page."""
    return page.locator(".csw-impact", has=page.locator(".csw-change-text", has_text=text))


def words(locator: Any) -> str:
    return " ".join(locator.inner_text().split())


def unfold(part: Any, name: str) -> str:
    """What stands in a fold, opened by its name."""
    fold = part.locator("details", has=part.page.locator("summary", has_text=name))
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    return words(fold.locator("ul"))


# The changes on the review page, and how the checker calls them.
WHICH = {
    RENAMED: ("field_renamed", "dataset", "data_steward_email", ""),
    REQUIRED: ("field_made_required", "dataset", "license_id", ""),
    OF_ALL: ("field_applied_to_all", "dataset", "license_id", ""),
    BEGUN: ("field_made_required", "dataset", "temporal_start", ""),
    REPLACED: ("term_replacement_changed", "vocabulary", "frequency", "bi_annually"),
}


def lines(part: Any, name: str) -> list[str]:
    """The lines that stand in a fold."""
    unfold(part, name)
    fold = part.locator("details", has=part.page.locator("summary", has_text=name))
    return [" ".join(each.split()) for each in fold.locator("li").all_inner_texts()]


def read(page: Any, action: str, **given: Any) -> Any:
    """What the API tells whoever is logged in."""
    answer = page.request.get(f"/api/3/action/{action}", params=given)
    assert answer.ok
    return answer.json()["result"]


def titles(page: Any) -> dict[str, str]:
    return {each["name"]: each["title"] for each in read(page, "organization_list", all_fields=True, limit=1000)}


def found_by_the_checker(page: Any) -> dict[Any, Any]:
    """What the draft does to each record, by the rules as they are published and reads of the API alone."""
    current = read(page, "civicswitchboard_schema_show")["document"]
    draft = read(page, "civicswitchboard_schema_draft_show")["document"]
    datasets = [read(page, "package_show", id=name) for name in read(page, "package_list")]
    organizations = [read(page, "organization_show", id=name) for name in read(page, "organization_list")]
    assert len(datasets) == 207
    return Checker(current, draft).check(datasets, organizations)


def test_the_schema_is_changed_and_the_real_records_are_mended(page: Any, log_in: Any, portal: None) -> None:
    log_in("metadata_curator")
    draft_the_changes(page)
    what_they_do_is_told(page)
    it_is_refused_while_licenses_are_missing(page)
    the_rename_is_previewed(page)
    publish_with_the_rename(page)
    terms = replace_the_term(page)
    fill_in_start_and_end(page)
    look_at_a_changed_dataset(page, terms)
    undo(page, terms)


def draft_the_changes(page: Any) -> None:
    page.goto("/metadata-schema")
    page.goto(DRAFT)
    page.get_by_role("button", name="Start a draft").click()
    saved(page, "0 changes")
    looks_right(page)

    open_field(page, "data_steward_email")
    page.get_by_role("link", name="name of Data steward email in records").click()
    page.fill("#name-stored", "contact_email")
    looks_right(page)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/fields/dataset/data_steward_email")
    saved(page, "1 change")

    page.goto(DRAFT)
    open_field(page, "license_id")
    page.check("#edit-expectation-required")
    saved(page, "2 changes")
    page.locator("summary", has_text="Validation").click()
    fill(page, "#edit-missing_values", "notspecified")
    saved(page, "3 changes")
    page.check("#edit-enforce")
    saved(page, "4 changes")

    page.get_by_role("link", name="Vocabularies", exact=True).click()
    page.get_by_role("link", name="Frequencies").first.click()
    page.locator(".csw-term-name", has_text="Bi-Annually").click()
    page.select_option("#replaced_by", label="Twice a year")
    page.get_by_role("button", name="Save replacement").click()
    page.get_by_text("use “Twice a year” instead").wait_for()
    saved(page, "5 changes")
    looks_right(page, ".csw-term-open")

    page.goto(DRAFT)
    open_field(page, "temporal_start")
    page.check("#edit-expectation-required")
    saved(page, "6 changes")


def what_they_do_is_told(page: Any) -> None:
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_text("Counted 207 datasets").wait_for()
    expected = found_by_the_checker(page)
    for text, key in WHICH.items():
        told, found = change(page, text), expected[key]
        count = len(found.datasets)
        assert f"{count} of 207 datasets affected" in words(told)
        by_organization = {title: int(number) for title, number in (
            line.rsplit(": ", 1) for line in lines(told, "by organization")
        )}  # fmt: skip
        assert by_organization == {titles(page)[name]: n for name, n in found.by_organization().items()}
        examples = lines(told, "examples")
        assert len(examples) == min(count, 20) and set(examples) <= set(found.datasets)
    renamed = change(page, RENAMED)
    assert "162 of 207 datasets affected" in words(renamed)
    assert renamed.get_by_role("link", name="Prepare rename…").is_visible()
    for text in (REQUIRED, OF_ALL):
        license_ = change(page, text)
        assert "66 of 207 datasets affected" in words(license_)
        assert unfold(license_, "by organization") == "Allegheny County: 37 City of Pittsburgh: 27 POGOH: 2"
        assert len(unfold(license_, "examples").split()) == 20
        assert unfold(license_, "values") == "“notspecified”: 54"
        assert license_.get_by_role("link", name="Fill in missing values…").is_visible()
    begun = change(page, BEGUN)
    assert begun.get_by_role("link", name="Split into start and end…").is_visible()
    assert "6 of 207 datasets affected" in words(change(page, REPLACED))
    assert "54 of 207 datasets affected" in words(change(page, "these count as missing: “notspecified”"))
    replaced = change(page, REPLACED)
    assert unfold(replaced, "values") == "“Bi-Annually”: 6"
    assert replaced.get_by_role("link", name="Replace values…").count() == 2
    looks_right(page)


def it_is_refused_while_licenses_are_missing(page: Any) -> None:
    page.fill("[name=note]", "One name for whom to ask; a license for every dataset")
    page.get_by_role("button", name="Publish version 3").click()
    refusal = page.get_by_role("alert")
    refusal.wait_for()
    told = words(refusal)
    assert "Nothing was published" in told and OF_ALL in told
    assert "66 (Allegheny County 37, City of Pittsburgh 27, POGOH 2), for example" in told
    assert page.input_value("[name=note]").startswith("One name for whom to ask")
    looks_right(page)
    assert act("schema_show")["version"] == 2

    page.goto(DRAFT)
    open_field(page, "license_id")
    page.locator("summary", has_text="Validation").click()
    page.uncheck("#edit-enforce")
    saved(page, "5 changes")


def the_rename_is_previewed(page: Any) -> None:
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_text("Counted 207 datasets").wait_for()
    change(page, RENAMED).get_by_role("link", name="Prepare rename…").click()
    assert page.input_value("#repair-field") == "data_steward_email"
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("162 records affected.").wait_for()
    looks_right(page)
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_text("Counted 207 datasets").wait_for()

    change(page, REQUIRED).get_by_role("link", name="Fill in missing values…").click()
    assert page.input_value("#repair-field") == "license_id"
    page.select_option("#repair-value", "cc-by")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("66 records affected.").wait_for()
    looks_right(page)
    page.goto(REVIEW)
    page.get_by_text("Counted 207 datasets").wait_for()

    change(page, REPLACED).locator("a[href*=frequency_publishing]").click()
    assert page.get_by_label("“Bi-Annually” becomes").input_value() == "Twice a year"
    page.goto(REVIEW)
    page.get_by_text("Counted 207 datasets").wait_for()

    change(page, BEGUN).get_by_role("link", name="Split into start and end…").click()
    assert [page.input_value(f"#repair-{name}") for name in ("field", "start", "end")] == [
        "temporal_coverage", "temporal_start", "temporal_end"
    ]
    page.goto(REVIEW)
    page.get_by_text("Counted 207 datasets").wait_for()


def watch(page: Any, records: int) -> None:
    """Look on while a repair that was started deals with so many records."""
    page.get_by_text("Waiting to start").wait_for()
    with working():
        page.get_by_text(f"{records} of {records} records").wait_for(timeout=LONG)
    page.get_by_text("Done").first.wait_for(timeout=LONG)
    looks_right(page)


def publish_with_the_rename(page: Any) -> None:
    held = values("data_steward_email")
    assert sum(held.values()) == 162
    page.fill("[name=note]", "One name for whom to ask")
    assert page.get_by_label("Repair records when this version is published").is_checked()
    page.get_by_role("button", name="Publish version 3").click()
    page.get_by_text("Version 3 is published").wait_for()
    assert page.get_by_text("Records are being repaired").is_visible()
    looks_right(page)
    page.get_by_role("link", name="Repairs of records").click()
    page.get_by_role("link", name="Values of “data_steward_email” move to its new name “contact_email”").click()
    watch(page, 162)
    assert values("contact_email") == held and values("data_steward_email") == {}


def replace_the_term(page: Any) -> dict[str, int]:
    before = values("frequency_publishing")
    page.get_by_role("link", name="Repairs", exact=True).click()
    page.get_by_role("link", name="Replace values").click()
    page.select_option("#repair-field", "frequency_publishing")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("“Bi-Annually” becomes").select_option("Twice a year")
    looks_right(page)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("5 records affected.").wait_for()
    looks_right(page)
    page.get_by_role("button", name="Repair 5 records").click()
    watch(page, 5)
    after = values("frequency_publishing")
    assert after == {**{k: n for k, n in before.items() if k != "Bi-Annually"}, "Twice a year": 5}
    return before


def fill_in_start_and_end(page: Any) -> None:
    page.get_by_role("link", name="Repairs", exact=True).click()
    page.get_by_role("link", name="Split a period into start and end").click()
    page.select_option("#repair-field", "temporal_coverage")
    page.select_option("#repair-start", "temporal_start")
    page.select_option("#repair-end", "temporal_end")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Skipped records").wait_for()
    left = words(page.locator(".csw-repair-left"))
    assert "2020-21" in left and "2016-01-01/2016-30-09" in left
    looks_right(page)
    page.get_by_role("button", name="Repair").click()
    watch(page, 121)
    assert values("temporal_start")["2011-01-01"] >= 4


def look_at_a_changed_dataset(page: Any, terms: dict[str, int]) -> None:
    page.get_by_role("link", name="Repairs", exact=True).click()
    page.get_by_role("link", name="“Bi-Annually” becomes “Twice a year”").click()
    page.locator(".csw-repair-examples a").first.click()
    page.wait_for_url("**/dataset/*")
    assert page.get_by_text("Twice a year").first.is_visible()
    page.get_by_role("link", name="Activity").first.click()
    history = page.locator(".csw-repair-history")
    assert "Bi-Annually → after: Twice a year" in words(history)
    looks_right(page, ".csw-repair-history")


def undo(page: Any, terms: dict[str, int]) -> None:
    page.locator(".csw-repair-history").get_by_role("link", name="“Bi-Annually” becomes “Twice a year”").click()
    page.get_by_role("button", name="Undo").click()
    with working():
        page.get_by_text("5 of 5 records restored").wait_for(timeout=LONG)
    page.get_by_text("Undone").first.wait_for(timeout=LONG)
    looks_right(page)
    assert values("frequency_publishing") == terms
    assert values("contact_email") and values("temporal_start"), "the other repairs stand"
