"""``ckan civicswitchboard schema``."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories
from support.editing import act, call, changed, current_document, field_of, publish, with_field

from ckanext.civicswitchboard.cli.schema import schema
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.core.schema.yaml_files import parse_yaml

pytestmark = [pytest.mark.usefixtures("clean_portal")]

SCHEMAS = Path(__file__).parents[2] / "schemas"


def run(cli: Any, *arguments: Any) -> Any:
    return cli.invoke(schema, [str(each) for each in arguments])


def test_show_lists_every_field_by_section(cli: Any) -> None:
    done = run(cli, "show")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Shared dataset schema, version 1\nMaintained by: no partner yet\n")
    assert "\nDatasets\n  About\n    title                    required     Title\n" in done.output
    assert done.output.endswith("partner types\n")


@pytest.mark.parametrize(("form", "parse"), [("yaml", lambda text: parse_yaml(text, "x")), ("json", json.loads)])
def test_export_gives_a_document_that_can_be_used(cli: Any, tmp_path: Path, form: str, parse: Any) -> None:
    path = tmp_path / f"schema.{form}"
    done = run(cli, "export", "--format", form, "--output", path)
    assert done.exit_code == 0, done.output
    assert read(parse(path.read_text(encoding="utf-8"))).title == "Shared dataset schema"
    assert run(cli, "validate", path).exit_code == 0


def test_export_writes_the_table_of_fields_to_the_screen(cli: Any) -> None:
    done = run(cli, "export", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout_bytes.decode("utf-8-sig"), newline="")))
    assert rows[0]["field_name"] == "title"


def test_export_says_when_it_cannot_write(cli: Any, tmp_path: Path) -> None:
    done = run(cli, "export", "--output", tmp_path / "nowhere" / "x.yaml")
    assert done.exit_code == 1 and "Can't write" in done.output


def test_the_shipped_folder_can_be_used(cli: Any) -> None:
    done = run(cli, "validate", SCHEMAS)
    assert done.exit_code == 0 and "is valid" in done.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has to be a mapping, not None"),
        (b"- a", "has to be a mapping, not ['a']"),
        (b"a: b: c", "not readable as YAML: line 1, column 5"),
        (b"a: \xff", "is not text in UTF-8"),
        (b"format: 1\ntitle: 2016", "title: has to be a text in quotes, not 2016"),
        (b"[" * 100_000, "more than 50 levels"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    cli: Any, tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "schema.yaml"
    path.write_bytes(content)
    done = run(cli, "validate", path)
    assert done.exit_code == 1
    assert f"{path} isn't valid:" in done.output and message in done.output


def test_a_missing_file_and_a_folder_without_a_schema_are_named(cli: Any, tmp_path: Path) -> None:
    missing = run(cli, "validate", tmp_path / "no.yaml")
    assert missing.exit_code == 1 and "no.yaml: No such file or directory" in missing.output
    empty = run(cli, "validate", tmp_path)
    assert empty.exit_code == 1 and "dataset.yaml: No such file or directory" in empty.output


def test_impact_says_how_many_records_of_whom_are_concerned(cli: Any, tmp_path: Path) -> None:
    owner = factories.Organization(name="branch")["id"]
    factories.Dataset(owner_org=owner, name="wifi", license_id="cc-by")
    assert "no draft" in run(cli, "impact").output.lower()
    document = parse_yaml(run(cli, "export").output, "x")
    for field in document["dataset"]["fields"]:
        if field["id"] == "geographic_unit":
            field["expectation"] = "required"
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(document))
    told = run(cli, "impact", path).output
    assert "1 records (branch 1), for example wifi" in told
    assert "Counted 1 datasets and 0 files" in told
    assert run(cli, "import", path).exit_code == 0
    assert "1 records (branch 1), for example wifi" in run(cli, "impact").output
    assert "There are no changes" in run(cli, "impact", "1").output
    assert run(cli, "impact", "77").exit_code == 1


def test_impact_tells_values_rules_across_fields_and_drafts_when_asked(cli: Any, tmp_path: Path) -> None:
    owner = factories.Organization(name="branch")["id"]
    for name, state in (("wifi", "active"), ("plans", "draft")):
        factories.Dataset(owner_org=owner, name=name, state=state, license_id="cc-by", department="Parks",
                          temporal_start="2016", temporal_end="2017")
    import_changed(cli, tmp_path, "department", pattern="[0-9]+")
    told = run(cli, "impact").output
    assert "1 records (branch 1)" in told and "values: “Parks” 1" in told
    assert "“Coverage ends” is before “Coverage starts”: 0 of 1 sampled records" in told
    assert "2 records (branch 2)" in run(cli, "impact", "--include-drafts").output


def import_changed(cli: Any, tmp_path: Path, field_id: str, **attributes: Any) -> Any:
    """Make a document with other attributes of a dataset field the draft, as a file's owner does."""
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(changed(current_document(), field_id, **attributes)), encoding="utf-8")
    done = run(cli, "import", path)
    assert done.exit_code == 0, done.output
    return done


def test_diff_tells_each_change_between_versions_and_to_the_draft(cli: Any, tmp_path: Path) -> None:
    publish(changed(current_document(), "data_notes", label="Caveats"))
    told = "editorial        “Data notes” is now called “Caveats”\n\n1 change, level: editorial\n"
    assert run(cli, "diff", "1", "2").output == told
    missing = run(cli, "diff", "2", "draft")
    assert missing.exit_code == 1 and "There's no draft" in missing.output
    imported = import_changed(cli, tmp_path, "department", expectation="required", label="Office")
    drafted = run(cli, "diff", "2", "draft")
    assert drafted.exit_code == 0 and drafted.output == imported.output
    assert "\nneeds attention  “Office” becomes required\n\n2 changes, level: needs attention\n" in drafted.output
    assert "3 changes" in run(cli, "diff", "1", "draft").output


def test_diff_of_a_version_with_itself_and_of_none(cli: Any) -> None:
    same = run(cli, "diff", "1", "1")
    assert (same.exit_code, same.output) == (0, "There are no changes from 1 to 1.\n")
    for pair in (("1", "7"), ("x", "1"), ("0", "1")):
        done = run(cli, "diff", *pair)
        assert done.exit_code == 1 and "There's no version" in done.output
    assert run(cli, "diff", "1").exit_code == 2


def test_publish_makes_the_draft_the_next_version(cli: Any, tmp_path: Path) -> None:
    import_changed(cli, tmp_path, "data_notes", label="Caveats")
    done = run(cli, "publish", "--note", "Readers asked for it")
    assert (done.exit_code, done.output) == (0, "Version 2 is published.\n")
    newest, _first = act("schema_version_list")
    assert (newest["version"], newest["note"], newest["level"]) == (2, "Readers asked for it", "editorial")
    assert field_of(current_document(), "data_notes")["label"] == "Caveats"
    again = run(cli, "publish", "-m", "Once more")
    assert again.exit_code == 1 and "There's no draft. Start one with `schema import FILE`." in again.output
    assert act("schema_show")["version"] == 2


@pytest.mark.parametrize(
    ("note", "code", "message"),
    [
        ((), 2, "Missing option '--note'"),
        (("--note", ""), 1, "That can't be done:\n  note: Missing value\n"),
        (("--note", "  "), 1, "That can't be done:\n  note: Missing value\n"),
    ],
)
def test_publish_without_a_note_is_refused(
    cli: Any, tmp_path: Path, note: tuple[str, ...], code: int, message: str
) -> None:
    import_changed(cli, tmp_path, "data_notes", label="Caveats")
    done = run(cli, "publish", *note)
    assert done.exit_code == code and message in done.output
    assert act("schema_show")["version"] == 1
    assert field_of(act("schema_draft_show")["document"], "data_notes")["label"] == "Caveats"


def test_publish_names_every_fault_and_keeps_the_draft(cli: Any) -> None:
    act("schema_draft_create")
    broken = changed(changed(current_document(), "url", label=""), "data_notes", section="nowhere")
    act("schema_draft_update", revision=1, document=broken)
    done = run(cli, "publish", "--note", "x")
    assert done.exit_code == 1 and "That can't be done:\n" in done.output
    assert "label: says nothing" in done.output and "no section 'nowhere'" in done.output
    assert act("schema_show")["version"] == 1 and act("schema_draft_show")["revision"] == 2


def test_a_rename_is_published_with_its_repair_as_one_act(cli: Any, tmp_path: Path) -> None:
    factories.Dataset(name="wifi", license_id="cc-by", department="Parks")
    import_changed(cli, tmp_path, "department", field_name="office", previous_names=["department"])
    refused = run(cli, "publish", "--note", "Clearer")
    assert refused.exit_code == 1 and "Records must be fixed first: 1" in refused.output
    assert act("schema_show")["version"] == 1 and act("repair_list") == []
    done = run(cli, "publish", "--note", "Clearer", "--with-repairs")
    assert (done.exit_code, done.output) == (0, "Version 2 is published.\n")
    (repair,) = act("repair_list")
    assert (repair["kind"], repair["params"]["field"], repair["params"]["to"]) == ("rename", "department", "office")
    assert (repair["state"], repair["total"]) == ("queued", 1)
    assert call("package_show", id="wifi")["office"] == "Parks"
    (job,) = (job for job in jobs.get_queue().jobs if repair["id"] in job.args)
    job.perform()
    model.Session.remove()
    assert act("repair_show", id=repair["id"])["state"] == "done"
    assert model.Package.by_name("wifi").extras == {"office": "Parks"}


def test_rollback_publishes_an_earlier_version_again_and_touches_no_value(cli: Any) -> None:
    first = current_document()
    publish(with_field(first, field_name="reading_level"))
    factories.Dataset(name="wifi", license_id="cc-by", reading_level="Grade 6")
    done = run(cli, "rollback", "1", "--note", "Not yet")
    assert (done.exit_code, done.output) == (0, "Version 3 is published. It restores version 1.\n")
    shown = act("schema_show")
    assert (shown["version"], shown["note"], shown["document"]) == (3, "Not yet", first)
    assert model.Package.by_name("wifi").extras == {"reading_level": "Grade 6"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("1", "--note", "x"), 1, "Nothing has changed since the current version"),
        (("7", "--note", "x"), 1, "There's no version 7"),
        (("1",), 2, "--note"),
        (("1", "--note", " "), 1, "note: Missing value"),
        (("draft", "--note", "x"), 2, "not a valid integer"),
    ],
)
def test_rollback_says_why_it_is_refused(cli: Any, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = run(cli, "rollback", *arguments)
    assert done.exit_code == code and message in done.output
    assert act("schema_show")["version"] == 1
