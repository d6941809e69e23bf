"""Every command, on a shared schema whose texts are each in two languages.

Commands and background jobs have no request that says which language its reader has.
"""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from ckan import model
from ckan.tests import factories, helpers
from support.editing import changed, current_document, publish, with_field

from civicswitchboard_demo import run as seeding
from civicswitchboard_demo.content import Content
from ckanext.civicswitchboard.cli import civicswitchboard
from ckanext.civicswitchboard.core.editing.translations import ATTRIBUTES
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml
from ckanext.civicswitchboard.repairs import runner as running

pytestmark = [pytest.mark.usefixtures("clean_portal")]

# Those of which a schema's file can't say that they are another text.
IN_ONE_LANGUAGE = {"example", "bad_example"}
SPANISH = " (es)"


def in_two_languages(raw: Any) -> Any:
    """A copy of a document, or a part of one, whose texts are each in English and Spanish."""
    if isinstance(raw, list):
        return [in_two_languages(each) for each in raw]
    if not isinstance(raw, dict):
        return raw
    texts = set(ATTRIBUTES) - IN_ONE_LANGUAGE
    return {
        key: {"en": value, "es": f"{value}{SPANISH}"} if key in texts and isinstance(value, str) and value
        else in_two_languages(value)
        for key, value in raw.items()
    }


@pytest.fixture
def bilingual(clean_portal: None) -> dict[str, Any]:
    """The published document: terms, sections, help and labels, all in two languages."""
    document = in_two_languages(current_document())
    publish(document)
    assert current_document()["dataset"]["fields"][0]["label"] == {"en": "Title", "es": f"Title{SPANISH}"}
    return document


def run(cli: Any, *arguments: Any, code: int = 0) -> str:
    """What a command prints, which has to end with an exit code."""
    done = cli.invoke(civicswitchboard, [str(each) for each in arguments], catch_exceptions=False)
    model.Session.remove()
    assert done.exit_code == code, done.output
    assert SPANISH not in done.output or "export" in arguments or "detach" in arguments, done.output
    return str(done.output)


def write(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(emit_yaml(document), encoding="utf-8")
    return path


def leaves(group: Any, before: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every command by the words that call it."""
    found = set()
    for name, command in group.commands.items():
        words = (*before, name)
        found |= leaves(command, words) if isinstance(command, click.Group) else {words}
    return found


TRIED = {"adopt-check", "init", "doctor", "detach", "seed", "import", "steward"} | {
    f"{group} {name}"
    for group, names in {
        "partners": "list set",
        "repair": "list preview start show pause resume cancel undo",
        "schema": "show export validate import diff impact publish rollback",
    }.items()
    for name in names.split()
}


def test_every_command_is_tried_here() -> None:
    assert {" ".join(words) for words in leaves(civicswitchboard)} <= TRIED


def test_schema_is_shown_exported_drafted_compared_published_and_restored(
    cli: Any, tmp_path: Path, bilingual: dict[str, Any]
) -> None:
    factories.Dataset(name="wifi", license_id="cc-by", department="Parks")
    assert "\n  About\n    title                    required     Title\n" in run(cli, "schema", "show")
    for form in ("yaml", "json", "csv", "dctap"):
        assert "Title" in run(cli, "schema", "export", "--format", form)
    for form in ("skos-turtle", "skos-json-ld", "terms-csv"):
        assert "Monthly" in run(cli, "schema", "export", "--format", form, "-v", "frequency")
    edited = changed(bilingual, "department", label={"en": "Office", "es": "Oficina"}, pattern="[0-9]+")
    file = write(tmp_path / "schema.yaml", edited)
    assert "is valid" in run(cli, "schema", "validate", file)
    said = "The label of “Office” changes in these languages: en, es"
    assert said in run(cli, "schema", "impact", file)
    assert said in run(cli, "schema", "import", file)
    assert said in run(cli, "schema", "diff", "2", "draft")
    assert "values: “Parks” 1" in run(cli, "schema", "impact")
    assert "Version 3 is published" in run(cli, "schema", "publish", "-m", "A test")
    assert "Version 4 is published" in run(cli, "schema", "rollback", "2", "-m", "A test")
    assert "The label of “Department” changes" in run(cli, "schema", "diff", "3", "4")


def test_a_document_that_is_refused_is_refused_in_words(cli: Any, tmp_path: Path, bilingual: dict[str, Any]) -> None:
    fields = [each for each in bilingual["dataset"]["fields"] if each["id"] != "department"]
    file = write(tmp_path / "schema.yaml", {**bilingual, "dataset": {**bilingual["dataset"], "fields": fields}})
    assert "“Department” is removed" in run(cli, "schema", "import", file)
    assert "(department): a published field stays" in run(cli, "schema", "publish", "-m", "A test", code=1)


def test_partners_are_listed_named_and_refused(cli: Any, bilingual: dict[str, Any]) -> None:
    factories.Organization(name="branch", title="Branch")
    assert run(cli, "partners", "set", "branch", "public_library") == "branch is now: Public library\n"
    assert "branch  Public library (public_library)" in run(cli, "partners", "list")
    assert "public_library         Public library\n" in run(cli, "partners", "set", "branch", "x", code=1)
    assert "Branch now maintains" in run(cli, "steward", "branch")


def test_repairs_are_previewed_started_here_and_by_a_job_shown_and_undone(
    cli: Any, bilingual: dict[str, Any], clean_redis: None
) -> None:
    owner = factories.Organization(name="branch")["id"]
    for name in ("one", "two"):
        factories.Dataset(name=name, owner_org=owner, license_id="cc-by", department="Parks")
    wanted = ("map_values", "field=department", 'values={"Parks": "Parks and rivers"}')
    assert "2 records affected" in run(cli, "repair", "preview", *wanted)
    queued = run(cli, "repair", "start", *wanted).split()[0]
    assert "“Department”" in run(cli, "repair", "list")
    run(cli, "repair", "pause", queued)
    run(cli, "repair", "resume", queued)
    running.job(queued)
    assert "Done: 2 of 2 records" in run(cli, "repair", "show", queued)
    told = helpers.call_action("organization_activity_list", id=owner, include_hidden_activity=True)
    assert any("Department" in json.dumps(each["data"], ensure_ascii=False) for each in told)
    run(cli, "repair", "undo", queued, "--here")
    again = run(cli, "repair", "start", *wanted, "--here").split()[0]
    run(cli, "repair", "cancel", again, code=1)
    assert "There's no field" in run(cli, "repair", "start", "map_values", "field=x", 'values={"a": "b"}', code=1)


def test_a_file_of_records_is_imported_and_refused_in_words(
    cli: Any, tmp_path: Path, bilingual: dict[str, Any]
) -> None:
    publish(with_field(changed(bilingual, "department", pattern="[0-9]+", enforce="all"), field_name="seats",
                       label={"en": "Seats", "es": "Asientos"}, preset="number"))
    records = [{"name": "good", "title": "Good"}, {"name": "odd", "title": "Odd", "department": "x", "seats": "many",
                                                   "update_frequency": "sometimes", "resources": [{"name": 3}]}]
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    done = cli.invoke(civicswitchboard, ["import", str(file)], catch_exceptions=False)
    assert "created " in done.output and SPANISH not in done.output


def test_init_and_doctor_report_a_release_in_words(cli: Any, bilingual: dict[str, Any]) -> None:
    factories.Organization(name="branch", partner_type="public_library")
    assert "Version 2 of the shared schema is in use" in run(cli, "init")
    assert "Version 2 of the shared schema is in use" in run(cli, "doctor")


def test_the_demo_is_seeded(cli: Any, bilingual: dict[str, Any], monkeypatch: Any) -> None:
    some = [*seeding.steps(Content())][:15]
    monkeypatch.setattr(seeding, "missing", lambda content: some)
    monkeypatch.setattr(seeding, "name_steward", lambda content: None)
    assert "created 15" in run(cli, "seed")


def test_the_schema_is_detached(cli: Any, tmp_path: Path, bilingual: dict[str, Any]) -> None:
    assert "The shared schema is in" in run(cli, "detach", tmp_path / "files")


def test_texts_of_pages_are_those_of_the_request_all_the_same(app: Any, bilingual: dict[str, Any]) -> None:
    assert f"Title{SPANISH}" in app.get("/es/metadata-schema").body
    assert SPANISH not in app.get("/metadata-schema").body
