"""``ckan civicswitchboard init --from-scheming`` on a portal with records."""
from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.civicswitchboard.schema_registry import versions

Run = Callable[..., Any]

# As the portal's own scheming stored them, with some that no rule of today would take.
VALUES = {
    "update_cycle": "Once a Year",
    "topics": '["roads", "no such topic"]',
    "aliases": '["Old  name\\r\\n", "ß"]',
    "first_seen": "2016-30-09",
    "rating": "★★★",
    "contacts": '[{"who": "Desk", "kind": "desk", "room": "12"}]',
    "Legacy-Code": "  a\r\nb ",
    "unknown": "kept",
}


@pytest.fixture
def dataset(clean_portal: None) -> dict[str, Any]:
    """A dataset as the portal has it before it takes us in."""
    owner = factories.Organization(name="valley", extras=[{"key": "department_id", "value": "D 7"}])
    made = factories.Dataset(
        owner_org=owner["id"], license_id="cc-by",
        resources=[{"name": "One", "url": "http://valley.example.org/1.csv", "rows": "12"}],
    )
    package = model.Package.get(made["id"])
    package.extras = VALUES
    package.resources[0].extras = {"rows": 12, "columns": [{"column": "id"}], "odd": {"deep": [1]}}
    package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    return made


def stored(dataset_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    model.Session.expire_all()
    package = model.Package.get(dataset_id)
    return dict(package.extras), dict(package.resources[0].extras)


def test_a_portals_own_files_become_version_1_and_its_records_save_again(
    run: Run, own_files: dict[str, list[str]], dataset: dict[str, Any], app: Any
) -> None:
    before = stored(dataset["id"])
    done = run("init", "--from-scheming", **own_files)
    assert done.exit_code == 0, done.output
    assert "The portal's own schemas are version 1." in done.output
    for line in (
        "(rating): the check 'one_to_five' is not kept",
        "(rating): the control 'stars.html' is not kept",
        "(Legacy-Code): isn't a field here:",
    ):
        assert line in done.output
    assert versions.newest().version == 1 and "update_cycle" in versions.newest().fields["dataset"]
    shown = helpers.call_action("package_show", id=dataset["id"])
    assert shown["topics"] == ["roads", "no such topic"] and shown["contacts"][0]["who"] == "Desk"
    user = factories.SysadminWithToken()
    helpers.call_action("package_update", {"user": user["name"]}, **shown)
    helpers.call_action("package_patch", {"user": user["name"]}, id=dataset["id"], title="Renamed")
    assert stored(dataset["id"]) == before
    headers = {"Authorization": user["token"]}
    form = app.get(f"/dataset/edit/{dataset['id']}", headers=headers).body
    assert "Update cycle" in form and "no such topic (not in the list)" in form
    about = helpers.call_action("organization_show", id="valley")
    assert about["department_id"] == "D 7" and "partner_type" in versions.newest().fields["organization"]
    again = run("init", "--from-scheming", **own_files)
    assert again.exit_code == 0 and "already has versions" in again.output


def test_what_cannot_be_read_is_refused_and_nothing_is_entered(run: Run, tmp_path: Path) -> None:
    assert "Neither scheming.dataset_schemas" in run("init", "--from-scheming").output
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    for entry, reason in {
        str(broken): "not readable as YAML",
        str(tmp_path / "none.json"): "No such file",
        "no.such.module:x.yaml": "there is no Python module 'no.such.module'",
        "https://example.org/schema.yaml": "nothing is fetched",
    }.items():
        done = run("init", "--from-scheming", dataset_schemas=[entry])
        assert done.exit_code == 1 and reason in done.output
    large = tmp_path / "large.json"
    fields = [{"field_name": f"f{number}", "label": "F"} for number in range(301)]
    large.write_text(json.dumps({"dataset_type": "dataset", "dataset_fields": fields}))
    done = run("init", "--from-scheming", dataset_schemas=[str(large)])
    assert done.exit_code == 1 and "at most 300 are possible" in done.output
    assert versions.newest() is versions.shipped()


def test_the_examples_of_scheming_are_found_in_its_module(run: Run) -> None:
    entry = "ckanext.scheming:ckan_dataset.yaml"
    assert run("init", "--from-scheming", dataset_schemas=[entry]).exit_code == 0
    assert list(versions.newest().fields["dataset"])[:3] == ["title", "name", "notes"]
