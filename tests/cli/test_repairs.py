"""``ckan civicswitchboard repair``."""
from __future__ import annotations

import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories
from ckan.tests.helpers import call_action

pytestmark = [pytest.mark.usefixtures("clean_portal")]


def test_a_repair_is_previewed_started_here_listed_and_undone(cli):
    factories.Dataset(name="one", license_id="cc-by", department="Parks")

    def run(*arguments):
        result = cli.invoke(ckan, ["civicswitchboard", "repair", *arguments])
        model.Session.remove()
        return result

    wanted = ("map_values", "field=department", 'values={"Parks": "Parks and rivers"}')
    assert "No repairs yet." in run("list").output
    assert "1 record affected, 0 collisions" in run("preview", *wanted).output
    begun = run("start", *wanted, "--here")
    assert begun.exit_code == 0 and "Done: 1 of 1 records" in begun.output
    assert model.Package.by_name("one").extras["department"] == "Parks and rivers"
    run_id = begun.output.split()[0]
    assert run_id in run("list").output
    assert "can't be done now" in run("resume", run_id).output
    assert "1 restored" in run("undo", run_id, "--here").output
    assert model.Package.by_name("one").extras["department"] == "Parks"
    assert run("start", *wanted, "--here").exit_code == 0
    call_action("dataset_purge", id="one")
    latest = run("list").output.split()[0]
    run("undo", latest, "--here")
    assert "a record that no longer exists: gone" in run("show", latest).output
    refused = run("start", "map_values", "field=nothing", 'values={"a": "b"}')
    assert refused.exit_code == 1 and "There's no field 'nothing'" in refused.output
    assert run("start", "map_values", "nonsense").exit_code == 2
    assert run("show", "nothing").exit_code == 1


def test_a_file_is_named(cli):
    file = {"url": "https://example.org/1", "name": "Visits", "format": "CSV"}
    factories.Dataset(name="one", license_id="cc-by", resources=[file])
    arguments = ("preview", "map_values", "field=format", 'values={"CSV": "csv"}')
    assert "one, file “Visits”: {" in cli.invoke(ckan, ["civicswitchboard", "repair", *arguments]).output
