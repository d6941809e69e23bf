"""A small portal for the browser: a library, a county, a university library, their people and data."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories, helpers

PASSWORD = "civicswitchboard"


@dataclass(frozen=True)
class Portal:
    """Names in the small portal."""

    library: str = "public-library"
    county: str = "county"
    editor: str = "library_editor"


@pytest.fixture
def small_portal(clean_portal: None, portal_url: str) -> Portal:
    """Three partners, an editor, and datasets with values that the schema does not know."""
    editor = factories.User(name="library_editor", password=PASSWORD)
    factories.Sysadmin(name="portal_admin", password=PASSWORD)
    partners = {
        "public-library": "public_library",
        "university-library": "academic_library",
        "county": "local_government",
    }
    for name, kind in partners.items():
        members = [{"name": editor["name"], "capacity": "editor"}] if "public" in name else []
        factories.Organization(
            name=name, title=name.replace("-", " ").capitalize(), partner_type=kind, users=members,
            roles=["publishing_civic_data"],
        )
    for number in range(4):
        make_dataset(f"county-{number}", f"Property assessments {number}", "county")
    make_dataset("wifi", "Public wifi sessions", "public-library", theme=["technology"],
                 frequency_publishing="Monthly", places=["Hill", "River bend"])
    make_dataset("secret", "Private plans", "public-library", private=True)
    tk.get_action("civicswitchboard_steward_update")(
        {"ignore_auth": True}, {"organization_id": "university-library"}
    )
    return Portal()


@pytest.fixture
def steward(small_portal: Portal) -> Portal:
    """The small portal with the accounts of the steward's admin and editor."""
    for name, role in (("metadata_curator", "admin"), ("metadata_assistant", "editor")):
        factories.User(name=name, password=PASSWORD)
        helpers.call_action(
            "organization_member_create", id="university-library", username=name, role=role
        )
    make_dataset("reading", "Summer reading", "public-library", geographic_unit="Neighborhood",
                 data_notes="Counts under ten\r\nare left out", places=["Hill"])
    return small_portal


def make_dataset(name: str, title: str, owner: str, **more: Any) -> None:
    tk.get_action("package_create")(
        {"ignore_auth": True, "user": "portal_admin"},
        {
            "name": name, "title": title, "notes": f"About {title}", "owner_org": owner,
            "license_id": "cc-by", "extras": [{"key": "guid", "value": "kept\r\nas it is"}],
            "resources": [{"name": "Table", "url": "http://data.example.org/1.csv", "format": "CSV",
                           "weird": [1, 2]}],
            **more,
        },
    )


@pytest.fixture
def log_in(page: Any) -> Any:
    """Log in as an account of the small portal."""

    def by_form(name: str) -> None:
        page.goto("/user/login")
        page.fill("#field-login", name)
        page.fill("#field-password", PASSWORD)
        page.press("#field-password", "Enter")
        page.wait_for_url("**/dashboard/**")

    return by_form
