"""What was read for the activity stream goes into the index, unless it is outdated."""
from __future__ import annotations

import pytest
from ckan import logic
from ckan.tests import factories, helpers
from importer.records import many, record

from ckanext.civicswitchboard.importer import run

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def read(monkeypatch):
    """The ids of the datasets that were read whole, as often as they were."""
    ids: list[str] = []
    original = logic.package_show_default_and_custom_schemas

    def counted(context, id_):
        ids.append(id_)
        return original(context, id_)

    monkeypatch.setattr(logic, "package_show_default_and_custom_schemas", counted)
    return ids


def test_a_new_or_changed_dataset_is_read_once(imported, read):
    records = many(3)
    imported(records)
    assert sorted(read) == sorted(each["id"] for each in records)
    read.clear()
    records[1]["title"] = "Changed"
    imported(records)
    assert read == [records[1]["id"]]


def test_what_somebody_saves_before_the_batch_is_indexed_is_found(imported, found, monkeypatch):
    person = {"ignore_auth": True, "user": factories.Sysadmin()["name"]}
    index_datasets = run.index_datasets

    def later(ids, readings):
        helpers.call_action("package_patch", dict(person), id="one", title="Saved by hand")
        return index_datasets(ids, readings)

    monkeypatch.setattr(run, "index_datasets", later)
    imported([record("one"), record("two")])
    assert found()["one"]["title"] == "Saved by hand"
    assert found()["two"]["title"] == "Data about two"
