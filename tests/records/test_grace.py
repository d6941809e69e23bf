"""The law of grace on the real portal: after any publish a record saves again, bytes and all.

``benchmarks/grace.py`` runs the same for longer, over real records.
"""
from __future__ import annotations

import copy
import datetime
import json
import random
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act, current_document, publish
from support.hard_changes import harder

pytestmark = [pytest.mark.usefixtures("clean_portal")]

Raw = dict[str, Any]
ROUNDS = 5

ODD: list[Raw] = [
    {
        "theme": '["no such theme", "health"]', "places": '["Hill  ", "River"]', "temporal_start": "2016-30-09",
        "frequency_publishing": "Bi-Annually", "data_steward_email": "no address", "guid": " a\r\nb ",
        "data_notes": "One\r\ntwo\n", "geographic_unit": "Block face", "collection": "N/A",
    },
    {"theme": "[]", "language": "xx", "data_modified": "current", "user_guide_url": "see below", "x": "Daily"},
]
RESOURCE = {"rows": "many", "dictionary": [{"column": "id", "odd": "kept"}], "weird": {"deep": [1, None]}}


def made() -> list[str]:
    owner = factories.Organization()
    ids = []
    for extras in ODD:
        dataset = factories.Dataset(
            owner_org=owner["id"], license_id="cc-by", notes="Some notes",
            resources=[{"name": "One", "url": "http://data.example.org/1.csv"}],
        )
        package = model.Package.get(dataset["id"])
        package.extras = extras
        package.license_id = "notspecified"
        package.resources[0].extras = RESOURCE
        package.metadata_modified = datetime.datetime.utcnow()
        model.Session.commit()
        ids.append(dataset["id"])
    return ids


def stored(dataset_id: str) -> Any:
    model.Session.expire_all()
    package = model.Package.get(dataset_id)
    columns = (package.notes, package.license_id, package.url)
    return copy.deepcopy((columns, dict(package.extras), [dict(r.extras) for r in package.resources]))


def context() -> Raw:
    return {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}


def by_update(dataset_id: str) -> None:
    tk.get_action("package_update")(context(), tk.get_action("package_show")(context(), {"id": dataset_id}))


def by_patch(dataset_id: str) -> None:
    tk.get_action("package_patch")(context(), {"id": dataset_id, "title": f"Title {random.random()}"})


def by_resource(dataset_id: str) -> None:
    shown = tk.get_action("package_show")(context(), {"id": dataset_id})
    tk.get_action("resource_patch")(context(), {"id": shown["resources"][0]["id"], "name": "Renamed"})


def by_search(dataset_id: str) -> None:
    found = tk.get_action("package_search")(context(), {"fq": f"id:{dataset_id}"})["results"]
    tk.get_action("package_update")(context(), json.loads(json.dumps(found[0])))


class ByForm:
    """Opens the form and sends it back as a browser does."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.headers = {"Authorization": factories.SysadminWithToken()["token"]}

    def __call__(self, dataset_id: str) -> None:
        address = f"/dataset/edit/{dataset_id}"
        page = BeautifulSoup(self.app.get(address, headers=self.headers).body, "html.parser")
        form = page.find("form", class_="dataset-form") or page.find(id="dataset-edit")
        data = {**self.sent(form), "save": ""}
        answer = self.app.post(address, data=data, headers=self.headers, follow_redirects=False)
        assert answer.status_code == 302, BeautifulSoup(answer.body, "html.parser").find(class_="error-explanation")

    def sent(self, form: Any) -> dict[str, list[str]]:
        data: dict[str, list[str]] = {}
        for each in form.select("input[name], select[name], textarea[name]"):
            if each.find_parent("template") or each.find_parent("noscript"):
                continue
            for value in self.values(each):
                data.setdefault(each["name"], []).append(value)
        return data

    def values(self, each: Any) -> list[str]:
        if each.name == "textarea":
            text = each.text[1:] if each.text.startswith("\n") else each.text
            return [text.replace("\r\n", "\n").replace("\n", "\r\n")]
        if each.name == "select":
            chosen = each.select("option[selected]") or each.select("option")[:1]
            return [option.get("value", option.text) for option in chosen]
        if each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            return []
        if each.get("type") in ("submit", "button", "file"):
            return []
        return [each.get("value", "").replace("\r", "").replace("\n", "")]


def publish_some(draw: random.Random) -> None:
    """Publish a hard version; one that old records would not survive is refused, as it should be."""
    try:
        publish(harder(draw, current_document()))
    except tk.ValidationError:
        model.Session.rollback()
        act("schema_draft_delete")


@pytest.mark.parametrize("seed", [20261124])
def test_whatever_was_published_every_way_of_saving_keeps_every_byte(app: Any, seed: int) -> None:
    draw = random.Random(seed)
    before = {dataset_id: stored(dataset_id) for dataset_id in made()}
    ways: list[Callable[[str], None]] = [by_update, by_patch, by_resource, by_search, ByForm(app)]
    for _round in range(ROUNDS):
        publish_some(draw)
        for dataset_id, held in before.items():
            for way in ways:
                way(dataset_id)
                name = getattr(way, "__name__", "by form")
                assert stored(dataset_id) == held, f"{name}, version {act('schema_show')['version']}, seed {seed}"
    assert act("schema_show")["version"] > 2


def test_a_period_that_ends_before_it_begins_is_refused_where_it_is_changed_and_stays_where_it_stands() -> None:
    wrong = "“Coverage ends” is before “Coverage starts”"
    with pytest.raises(tk.ValidationError) as refused:
        factories.Dataset(license_id="cc-by", temporal_start="2016-05", temporal_end="2016-04-30")
    assert refused.value.error_dict == {"temporal_end": [wrong]}
    dataset_id = factories.Dataset(license_id="cc-by", temporal_start="2016", temporal_end="2017")["id"]
    patch = tk.get_action("package_patch")
    with pytest.raises(tk.ValidationError, match=wrong):
        patch(context(), {"id": dataset_id, "temporal_start": "2018"})
    patch(context(), {"id": dataset_id, "temporal_start": "2018", "temporal_end": ""})
    package = model.Package.get(dataset_id)
    package.extras = {"temporal_start": "2018", "temporal_end": "2017"}
    package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    before = stored(dataset_id)
    by_patch(dataset_id)
    by_update(dataset_id)
    assert stored(dataset_id) == before
    brought = {"name": "brought", "license_id": "cc-by", "notes": "n", **before[1]}
    told = {**context(), "gaps": "allow"}
    assert tk.get_action("package_create")(told, brought)["temporal_end"] == "2017"
    assert [each["text"] for each in told["civicswitchboard_gaps"]] == [wrong]
