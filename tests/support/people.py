"""One of each kind of person that the shared schema knows."""
from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from ckan.tests import factories
from support.editing import act


@dataclass(frozen=True)
class People:
    """Account names.

    :ivar user: somebody without any organization
    :ivar elsewhere: an admin of another organization
    :ivar publisher: an editor of the public library
    :ivar editor: an editor of the steward
    :ivar admin: an admin of the steward
    """

    user: str
    elsewhere: str
    publisher: str
    editor: str
    admin: str
    sysadmin: str
    anonymous: str = ""

    def headers(self, kind: str) -> dict[str, str]:
        """Headers of a request by one of them."""
        name = getattr(self, kind)
        return {"Authorization": factories.APIToken(user=name)["token"]} if name else {}


PASSWORD = "Correct horse 7"
KINDS = ("anonymous", "user", "elsewhere", "publisher", "editor", "admin", "sysadmin")


def enter_people() -> People:
    """Enter the people, their organizations and the steward."""
    make = {**dict.fromkeys(KINDS[1:], factories.User), "sysadmin": factories.Sysadmin}
    people = People(**{kind: made(name=f"the_{kind}", fullname=f"the_{kind}", password=PASSWORD)["name"] for kind, made in make.items()})
    _organization("elsewhere", people.elsewhere, "admin")
    _organization("public-library", people.publisher, "editor")
    steward = _organization("university-library", people.editor, "editor")
    tk.get_action("organization_member_create")(
        {"ignore_auth": True, "user": people.sysadmin},
        {"id": steward, "username": people.admin, "role": "admin"},
    )
    act("steward_update", organization_id=steward)
    return people


def _organization(name: str, member: str, role: str) -> str:
    # Invented descriptions would say words by chance that pages must not say.
    made = factories.Organization(
        name=name, title=name.capitalize(), description="", users=[{"name": member, "capacity": role}]
    )
    organization_id: str = made["id"]
    return organization_id
