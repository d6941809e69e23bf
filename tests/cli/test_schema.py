"""``ckan civicswitchboard schema``."""
from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from ckan.tests import factories

from ckanext.civicswitchboard.cli.schema import schema
from ckanext.civicswitchboard.core.document import read
from ckanext.civicswitchboard.core.files import parse_yaml

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
    assert done.exit_code == 1 and "cannot be written" in done.output


def test_the_shipped_folder_can_be_used(cli: Any) -> None:
    done = run(cli, "validate", SCHEMAS)
    assert done.exit_code == 0 and "can be used" in done.output


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
    assert f"{path} cannot be used:" in done.output and message in done.output


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
    assert "It changes nothing" in run(cli, "impact", "1").output
    assert run(cli, "impact", "77").exit_code == 1
