"""No silent loss, and grace: what a save may not change."""
from __future__ import annotations

import datetime
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories

from ckanext.civicswitchboard.core.schema.compiler import Snapshot, compile_document
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

ODD = "kept  \u00a0 as it is\r\nwith two lines"


def call(action: str, **data: Any) -> Any:
    return tk.get_action(action)({"ignore_auth": True, "user": factories.Sysadmin()["name"]}, data)


@pytest.fixture
def dataset() -> dict[str, Any]:
    """A dataset with values that the schema does not know, and some that it would refuse."""
    organization = factories.Organization()
    created = call(
        "package_create",
        name="wifi",
        title="Wifi",
        notes="Sessions by branch",
        owner_org=organization["id"],
        license_id="cc-by",
        theme=["technology", "education_and_learning"],
        places=["Hill", "River"],
        extras=[{"key": "guid", "value": ODD}, {"key": "group", "value": "x"}],
        resources=[
            {"name": "One", "url": "http://data.example.org/1.csv", "weird": {"deep": [1, "a"]}},
            {"name": "Two", "url": "http://data.example.org/2.csv", "weird": 12},
        ],
    )
    store(created["id"], frequency_publishing="Bi-Annually", geographic_unit="Block face",
          temporal_start="2016-30-09", theme='["old_theme", "technology"]', listed=["a", "b"])
    return created


def store(dataset_id: str, **values: Any) -> None:
    """Put values into the database as an import or an older schema left them."""
    package = model.Package.get(dataset_id)
    package.extras = {**package.extras, **values}
    package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()


def stored(dataset_id: str) -> dict[str, Any]:
    model.Session.expire_all()
    return dict(model.Package.get(dataset_id).extras)


def stored_resources(dataset_id: str) -> list[dict[str, Any]]:
    model.Session.expire_all()
    return [dict(r.extras) for r in model.Package.get(dataset_id).resources]


def test_patch_keeps_every_value(dataset: dict[str, Any]) -> None:
    before, resources = stored(dataset["id"]), stored_resources(dataset["id"])
    call("package_patch", id=dataset["id"], title="Wifi sessions")
    assert stored(dataset["id"]) == before
    assert stored_resources(dataset["id"]) == resources


def test_update_without_extras_keeps_what_the_schema_does_not_know(dataset: dict[str, Any]) -> None:
    shown = call("package_show", id=dataset["id"])
    del shown["extras"]
    call("package_update", **{**shown, "title": "Wifi sessions"})
    after = stored(dataset["id"])
    assert after["guid"] == ODD and after["group"] == "x" and after["listed"] == ["a", "b"]


def test_update_with_extras_means_that_list(dataset: dict[str, Any]) -> None:
    shown = call("package_show", id=dataset["id"])
    shown["extras"] = [{"key": "guid", "value": ODD}]
    call("package_update", **shown)
    after = stored(dataset["id"])
    assert after["guid"] == ODD and "group" not in after and "listed" not in after


def test_unchanged_values_that_break_rules_stay_byte_for_byte(dataset: dict[str, Any]) -> None:
    before = stored(dataset["id"])
    call("package_update", **{**call("package_show", id=dataset["id"]), "title": "Again"})
    assert stored(dataset["id"]) == before


def test_a_changed_value_has_to_be_right(dataset: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError) as raised:
        call("package_patch", id=dataset["id"], temporal_start="2017-30-09")
    assert "isn't a date" in raised.value.error_dict["temporal_start"][0]


def test_a_term_that_stands_may_stay_beside_a_new_one(dataset: dict[str, Any]) -> None:
    call("package_patch", id=dataset["id"], theme=["old_theme", "technology", "energy"])
    assert set(json.loads(stored(dataset["id"])["theme"])) == {"old_theme", "technology", "energy"}
    with pytest.raises(tk.ValidationError):
        call("package_patch", id=dataset["id"], theme=["old_theme", "another_old_theme"])


def test_resource_actions_keep_what_the_schema_does_not_know(dataset: dict[str, Any]) -> None:
    first, second = dataset["resources"]
    call("resource_update", id=first["id"], name="First", url=first["url"])
    call("resource_patch", id=second["id"], description="More")
    call("resource_create", package_id=dataset["id"], name="Three", url="http://x.example.org/3")
    kept = [extras.get("weird") for extras in stored_resources(dataset["id"])]
    assert kept == [{"deep": [1, "a"]}, 12, None]
    assert stored(dataset["id"])["guid"] == ODD


def test_reordering_keeps_everything(dataset: dict[str, Any]) -> None:
    order = [resource["id"] for resource in reversed(dataset["resources"])]
    call("package_resource_reorder", id=dataset["id"], order=order)
    assert [e["weird"] for e in stored_resources(dataset["id"])] == [12, {"deep": [1, "a"]}]
    assert stored(dataset["id"])["guid"] == ODD


def test_an_other_field_is_removed_on_purpose(dataset: dict[str, Any]) -> None:
    call("package_patch", id=dataset["id"], other_fields_remove=["group"])
    assert "group" not in stored(dataset["id"]) and stored(dataset["id"])["guid"] == ODD
    resource = dataset["resources"][0]
    call("resource_update", id=resource["id"], name="One", url=resource["url"],
         other_fields_remove="weird")
    assert stored_resources(dataset["id"])[0] == {}


def test_rows_that_cannot_be_read_stay_as_other_fields(dataset: dict[str, Any]) -> None:
    store(dataset["id"], places="{not a list")
    shown = call("package_show", id=dataset["id"])
    assert {"key": "places", "value": "{not a list"} in shown["extras"]
    call("package_patch", id=dataset["id"], title="Still there")
    assert stored(dataset["id"])["places"] == "{not a list"


def test_a_new_record_has_to_be_right() -> None:
    organization = factories.Organization()
    with pytest.raises(tk.ValidationError) as raised:
        call("package_create", name="gaps", owner_org=organization["id"], license_id="notspecified",
             data_steward_email="nobody")
    assert set(raised.value.error_dict) == {"notes", "license_id", "data_steward_email"}


def test_a_new_resource_has_to_be_right(dataset: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError) as raised:
        call("resource_create", package_id=dataset["id"], url="http://x.example.org/4")
    assert raised.value.error_dict == {"name": ["Missing value"]}


def test_a_draft_has_to_be_right_when_it_becomes_active(dataset: dict[str, Any]) -> None:
    call("package_patch", id=dataset["id"], state="draft")
    with pytest.raises(tk.ValidationError):
        call("package_patch", id=dataset["id"], state="active")


def test_gaps_are_allowed_to_machines_and_listed() -> None:
    organization = factories.Organization()
    context = {"ignore_auth": True, "user": factories.Sysadmin()["name"], "gaps": "allow"}
    created = tk.get_action("package_create")(
        context,
        {"name": "gaps", "title": "Gaps", "owner_org": organization["id"],
         "frequency_publishing": "Now and then", "temporal_start": "long ago",
         "resources": [{"url": "http://data.example.org/1.csv", "rows": "many"}]},
    )
    assert stored(created["id"]) == {
        "frequency_publishing": "Now and then", "temporal_start": "long ago",
    }
    assert stored_resources(created["id"])[0]["rows"] == "many"
    told = {gap["field"] for gap in context["civicswitchboard_gaps"]}
    assert told == {"notes", "license_id", "frequency_publishing", "temporal_start", "rows", "name"}


def test_gaps_cannot_be_asked_for_through_the_api() -> None:
    organization = factories.Organization()
    with pytest.raises(tk.ValidationError):
        call("package_create", name="gaps", owner_org=organization["id"], gaps="allow")


def test_large_values_are_saved_and_found(dataset: dict[str, Any]) -> None:
    large = "riverword " * 10_000
    call("package_patch", id=dataset["id"], data_notes=large + "zebrafish", title="t" * 100_000,
         extras=[{"key": "long", "value": "y" * 100_000}, {"key": "views_total", "value": "many"}])
    found = call("package_search", q="zebrafish")
    assert [each["name"] for each in found["results"]] == ["wifi"]
    assert found["results"][0]["data_notes"].endswith("zebrafish")


def test_search_and_show_give_the_same_record(dataset: dict[str, Any]) -> None:
    call("package_patch", id=dataset["id"], title="Same")
    found = call("package_search", fq="name:wifi")["results"][0]
    shown = call("package_show", id=dataset["id"])
    assert found == shown
    assert not any(key.startswith("civicswitchboard") for key in shown)


def test_a_record_indexed_under_another_schema_is_read_anew(dataset: dict[str, Any]) -> None:
    with versions.pinned(without_field("department")):
        call("package_patch", id=dataset["id"], extras=[{"key": "department", "value": "Parks"}])
        assert "department" not in call("package_show", id=dataset["id"])
    shown = call("package_show", id=dataset["id"])
    assert shown["department"] == "Parks" and shown["extras"] == []
    assert call("package_search", fq="name:wifi")["results"][0] == shown
    call("package_patch", id=dataset["id"], title="Patched before any reindex")
    assert stored(dataset["id"])["department"] == "Parks"


def without_field(name: str) -> Snapshot:
    """The schema as it was before a field came."""
    now = versions.current()
    fields = [field for field in now.document.dataset.fields if field.field_name != name]
    dataset = now.document.dataset.model_copy(update={"fields": fields})
    document = now.document.model_copy(update={"dataset": dataset})
    return compile_document(document, version=0, presets=now.presets)


class TestPartsOfEntries:
    """The column of a data dictionary's entry has to be named."""

    def save(self, dataset: dict[str, Any], *entries: dict[str, str]) -> Any:
        resource = dataset["resources"][0]["id"]
        return call("resource_patch", id=resource, dictionary=[dict(each) for each in entries])["dictionary"]

    def gaps(self, dataset: dict[str, Any], *entries: dict[str, str]) -> Any:
        with pytest.raises(tk.ValidationError) as caught:
            self.save(dataset, *entries)
        return caught.value.error_dict["dictionary"]

    def test_is_asked_for_in_new_and_in_changed_ones(self, dataset: dict[str, Any]) -> None:
        named = {"column": "Sessions", "label": "Sessions"}
        assert self.gaps(dataset, {"label": "Branch"}) == [{"column": ["Missing value"]}]
        assert self.save(dataset, named) == [named]
        assert self.gaps(dataset, named, {"label": "Branch"}) == [{}, {"column": ["Missing value"]}]
        assert self.gaps(dataset, {"column": "", "label": "All sessions"}) == [{"column": ["Missing value"]}]

    def test_is_asked_for_in_none_where_one_lacks_it_already(self, dataset: dict[str, Any]) -> None:
        resource = model.Resource.get(dataset["resources"][0]["id"])
        resource.extras = {**resource.extras, "dictionary": [{"label": "Branch"}]}
        model.Session.commit()
        changed = [{"label": "Branch library"}, {"column": "Sessions"}]
        assert self.save(dataset, *changed) == changed
