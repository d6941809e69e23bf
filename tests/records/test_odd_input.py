"""Whatever is sent to a saving action: an error with its place, or a record; never a failure."""
from __future__ import annotations

import itertools
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

ODD: tuple[Any, ...] = (7, True, ["a", 3, None], {"a": {"b": 1}}, "a\0b", "a\ud800b", "x" * 100_000)


def one_of_each_kind(entity: str) -> list[str]:
    """Every field that core stores itself, and the first of each kind of the others."""
    kinds: dict[Any, str] = {}
    for name, field in versions.current().fields[entity].items():  # type: ignore[index]
        kinds.setdefault(name if field.in_core else field.kind.name, name)
    return [*kinds.values(), "id", "type", "extras", "tags", "another_key"]


@pytest.fixture
def send(app: Any) -> Any:
    token = helpers.call_action("api_token_create", user=factories.Sysadmin()["name"], name="t")["token"]

    def post(action: str, data: Any) -> Any:
        return app.post(f"/api/3/action/{action}", json=data, headers={"Authorization": token})

    return post


@pytest.mark.parametrize("entity", ["dataset", "resource", "organization"])
def test_every_field_takes_or_refuses_whatever_comes(send: Any, entity: str) -> None:
    owner = factories.Organization()["id"]
    dataset = factories.Dataset(owner_org=owner, license_id="cc-by")["id"]
    usual: dict[str, dict[str, Any]] = {
        "dataset": {"title": "T", "notes": "n", "license_id": "cc-by", "owner_org": owner},
        "resource": {"package_id": dataset, "url": "http://example.org/a.csv", "name": "N"},
        "organization": {"title": "T", "partner_type": "public_library"},
    }
    action = {"dataset": "package_create"}.get(entity, f"{entity}_create")
    for number, (name, value) in enumerate(itertools.product(one_of_each_kind(entity), ODD)):
        named = {} if entity == "resource" else {"name": f"odd-{number}"}
        answer = send(action, {**usual[entity], **named, name: value})
        assert answer.status_code in (200, 403, 404, 409), (name, str(value)[:40], answer.body[:300])
        if answer.status_code == 409:
            told = {key for key in answer.json["error"] if key != "__type"}
            assert told, (name, value)
        model.Session.remove()
