"""Other dataset types and plain API clients are none of our business."""
from __future__ import annotations

import ckan.plugins.toolkit as tk
import ckanapi
import pytest
from ckan.tests import factories

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.mark.parametrize("kind", ["harvest", "showcase"])
def test_other_types_pass_by(kind: str) -> None:
    context = {"ignore_auth": True, "user": factories.Sysadmin()["name"]}
    extras = [{"key": "theme", "value": "not json"}, {"key": "frequency", "value": "WEEKLY"}]
    created = tk.get_action("package_create")(
        dict(context), {"name": "a-source", "type": kind, "extras": extras}
    )
    patched = tk.get_action("package_patch")(dict(context), {"id": created["id"], "title": "New"})
    assert patched["type"] == kind
    assert sorted(patched["extras"], key=lambda e: e["key"]) == sorted(extras, key=lambda e: e["key"])
    found = tk.get_action("package_search")(dict(context), {"fq": f"dataset_type:{kind}"})
    assert found["results"][0]["extras"] == patched["extras"]


def test_a_plain_client_reads_and_writes(app: object) -> None:
    token = factories.SysadminWithToken()["token"]
    client = ckanapi.TestAppCKAN(app, apikey=token)
    owner = factories.Organization()["id"]
    created = client.action.package_create(
        name="plain", title="Plain", notes="By a client", owner_org=owner, license_id="cc-by",
        theme=["energy"], resources=[{"name": "One", "url": "http://data.example.org/1"}],
    )
    shown = client.action.package_show(id="plain")
    assert shown["theme"] == ["energy"]
    client.action.package_update(**{**shown, "title": "Changed"})
    assert client.action.package_show(id="plain")["title"] == "Changed"
    assert client.action.package_show(id=created["id"])["resources"][0]["name"] == "One"
