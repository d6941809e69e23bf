"""Who may read, draft and publish: each action against each kind of person."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from metadata_schema.editing import act

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PEOPLE = ("anonymous", "user", "elsewhere", "editor", "admin", "sysadmin")
PUBLIC = set(PEOPLE)
LOGGED_IN = PUBLIC - {"anonymous"}
DRAFTS = {"editor", "admin", "sysadmin"}
PUBLISHES = {"admin", "sysadmin"}
MATRIX = {
    "schema_show": PUBLIC,
    "schema_validate": PUBLIC,
    "schema_version_list": PUBLIC,
    "schema_diff": DRAFTS,
    "schema_draft_create": DRAFTS,
    "schema_draft_show": DRAFTS,
    "schema_draft_update": DRAFTS,
    "schema_draft_undo": DRAFTS,
    "schema_draft_rebase": DRAFTS,
    "schema_draft_delete": DRAFTS,
    "schema_publish": PUBLISHES,
    "schema_rollback": PUBLISHES,
}
DATA: dict[str, dict[str, Any]] = {
    "schema_validate": {"document": {}},
    "schema_diff": {"from_version": 1, "to_version": "draft"},
    "schema_draft_update": {"revision": 1, "document": {}},
    "schema_draft_undo": {"revision": 1},
    "schema_draft_rebase": {"revision": 1},
    "schema_publish": {"revision": 1, "note": "x"},
    "schema_rollback": {"version": 1, "note": "x"},
}


@pytest.fixture
def people() -> dict[str, str]:
    names = {kind: factories.User()["name"] for kind in PEOPLE[1:-1]}
    names["sysadmin"] = factories.Sysadmin()["name"]
    names["anonymous"] = ""
    steward = factories.Organization(
        users=[{"name": names["editor"], "capacity": "editor"}, {"name": names["admin"], "capacity": "admin"}]
    )
    factories.Organization(users=[{"name": names["elsewhere"], "capacity": "admin"}])
    act("steward_update", organization_id=steward["id"])
    return names


@pytest.mark.parametrize("action", MATRIX)
def test_each_may_what_is_theirs_and_nothing_else(action: str, people: dict[str, str]) -> None:
    allowed = set()
    for kind, name in people.items():
        context = {"user": name, "ignore_auth": False}
        try:
            tk.get_action(f"civicswitchboard_{action}")(context, dict(DATA.get(action, {})))
        except tk.NotAuthorized:
            continue
        except (tk.ValidationError, tk.ObjectNotFound):
            pass
        allowed.add(kind)
    assert allowed == MATRIX[action]


def test_without_a_steward_sysadmins_alone_work_on_it(people: dict[str, str]) -> None:
    tk.get_action("organization_delete")({"ignore_auth": True, "user": people["sysadmin"]},
                                         {"id": act("steward_show")["organization_id"]})
    with pytest.raises(tk.NotAuthorized):
        act("schema_draft_create", user=people["admin"])
    assert act("schema_draft_create", user=people["sysadmin"])["revision"] == 1


def test_partner_types_are_published_by_an_administrator_of_the_portal(people: dict[str, str]) -> None:
    document = act("schema_draft_create", user=people["admin"])["document"]
    types = [{**t, "label": f"{t['label']} (new)"} for t in document["partner_types"]]
    act("schema_draft_update", user=people["admin"], revision=1,
        document={**document, "partner_types": types})
    with pytest.raises(tk.NotAuthorized, match="administrator of the portal"):
        act("schema_publish", user=people["admin"], revision=2, note="Clearer")
    assert act("schema_publish", user=people["sysadmin"], revision=2, note="Clearer")["version"] == 2
