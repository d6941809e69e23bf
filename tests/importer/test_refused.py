"""Input that cannot be imported: what is wrong, where, what to do; the rest is imported."""
from __future__ import annotations

import json

import pytest
from ckan import model
from importer.records import an_id, record, write_file

pytestmark = pytest.mark.usefixtures("portal")

GOOD = json.dumps(record("good")).encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"no JSON at all", "it is no JSON at character 1"),
        (b'{"name": "cut off"', "write one whole record per line"),
        (b"[1, 2]", "it is no JSON object"),
        (b'"text"', "it is no JSON object"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"name": "b", "title": "\xff"}', "byte 25 is not UTF-8"),
        (b'{"name": "b", "name": "c"}', "it has “name” twice"),
        (b'{"name": "b", "depth": NaN}', "NaN is no JSON value"),
        (b'{"title": "Without name"}', "give each record a “name”"),
        (b'{"name": 5}', "give each record a “name”"),
        (b'{"name": "b", "id": 5}', "its id is no text"),
        (GOOD, "the name good is on line 1 already"),
        (json.dumps(record("b", id=an_id("good"))).encode(), "is on line 1 already"),
        (json.dumps(record("b", id="no-uuid")).encode(), "id: Invalid id provided"),
        (json.dumps(record("Upper Case")).encode(), "name: Must be purely lowercase"),
        (json.dumps(record("b", type="harvest")).encode(), "only records of the type “dataset”"),
        (json.dumps(record("b", state="hidden")).encode(), "its state is “hidden”"),
        (json.dumps(record("b", private="perhaps")).encode(), "write true or false"),
        (json.dumps(record("b", resources={"a": 1})).encode(), "no list of objects"),
        (json.dumps(record("b", organization={"title": "X"})).encode(), "has no name"),
        (json.dumps(record("b", organization="Not A Name")).encode(), "cannot be created"),
        (json.dumps(record("b", groups=["example-library"])).encode(), "an organization has that"),
        (json.dumps(record("b", organization=None, owner_org=an_id("x"))).encode(), "give its name"),
        (
            json.dumps(record("b", resources=[{"id": an_id("good/csv"), "url": "x"}])).encode(),
            "Resource id already exists",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_line_is_refused_with_its_reason_and_the_others_imported(
    run_import, tmp_path, found, line, reason
):
    path = tmp_path / "records.jsonl"
    last = json.dumps(record("last")).encode()
    path.write_bytes(b"\n".join([GOOD, b"", line, last]) + b"\n")
    result = run_import(path)
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    refused = next(text for text in result.output.splitlines() if text.startswith("  line 3"))
    assert reason in refused
    assert result.output.strip().endswith("created 2, updated 0, unchanged 0, refused 1")
    assert set(found()) == {"good", "last"}


def test_an_id_that_another_name_holds_is_refused(run_import, found):
    run_import([record("holder")])
    result = run_import([record("other", id=an_id("holder"))])
    assert result.exit_code == 1
    assert "belongs to the dataset “holder”" in result.output
    assert set(found()) == {"holder"}


def test_a_refused_record_leaves_nothing_behind(run_import):
    run_import([record("b", id="no-uuid")])
    assert model.Session.query(model.Package).count() == 0
    assert model.Session.query(model.Resource).count() == 0


def test_an_empty_file_is_an_error(run_import, tmp_path):
    result = run_import(write_file(tmp_path / "empty.jsonl", []))
    assert result.exit_code == 1
    assert "is empty. Give a file with one JSON record per line" in result.output


def test_a_directory_is_an_error(run_import, tmp_path):
    result = run_import(tmp_path)
    assert result.exit_code == 2
    assert "is a directory" in result.output


def test_a_missing_file_is_an_error(run_import, tmp_path):
    result = run_import(tmp_path / "missing.jsonl")
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_a_json_list_is_an_error_that_says_what_to_do(run_import, tmp_path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([record("a"), record("b")], indent=1))
    result = run_import(path)
    assert result.exit_code == 1
    assert "one JSON list. Write its records one per line" in result.output


def test_a_byte_order_mark_and_blank_lines_do_not_matter(run_import, tmp_path):
    path = tmp_path / "windows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\r\n\r\n")
    result = run_import(path)
    assert result.output.strip().endswith("created 1, updated 0, unchanged 0, refused 0")
