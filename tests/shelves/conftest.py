"""A library and a county whose datasets go together."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories, helpers

NOBODY_LISTENS = "http://127.0.0.1:9/solr/none"


@dataclass
class Portal:
    """Two partners, each with a dataset about ferries, and an editor of the county."""

    library: dict[str, Any]
    county: dict[str, Any]
    ours: dict[str, Any]
    theirs: dict[str, Any]
    editor: dict[str, Any]

    def dataset(self, owner: dict[str, Any], name: str, tags: str = "ferries", **more: Any) -> dict[str, Any]:
        """:param tags: divided by spaces"""
        record = {"title": name.replace("-", " ").capitalize(), "license_id": "cc-by", **more}
        tagged = [{"name": tag} for tag in tags.split()]
        return factories.Dataset(name=name, owner_org=owner["id"], tags=tagged, **record)


@pytest.fixture
def portal(clean_portal: None) -> Portal:
    editor = factories.UserWithToken()
    library = factories.Organization(name="branch", title="Branch Library", partner_type="public_library")
    county = factories.Organization(
        name="county", title="The County", partner_type="local_government",
        users=[{"name": editor["name"], "capacity": "editor"}],
    )  # fmt: skip
    made = Portal(library, county, {}, {}, editor)
    made.ours = made.dataset(library, "timetables")
    made.theirs = made.dataset(county, "landings")
    return made


def change(action: str, **values: Any) -> Any:
    site_user = helpers.call_action("get_site_user")
    return helpers.call_action(action, {"user": site_user["name"]}, **values)


def shelf(name: str, user: str = "", **more: Any) -> list[dict[str, Any]]:
    """A dataset's shelf by the API, as somebody sees it."""
    found = model.User.get(user) if user else model.AnonymousUser()
    context = {"user": user, "auth_user_obj": found, "ignore_auth": False}
    return tk.get_action("civicswitchboard_shelf_show")(context, {"dataset_id": name, **more})


def names(name: str, user: str = "") -> list[str]:
    return [item["dataset"] for item in shelf(name, user)]


def page(app: Any, path: str, user: dict[str, Any] | None = None, **more: Any) -> BeautifulSoup:
    headers = {"Authorization": user["token"]} if user else {}
    return BeautifulSoup(app.get(path, headers=headers, status=200, **more).body, "html.parser")
