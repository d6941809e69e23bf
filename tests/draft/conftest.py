"""Curators at work on a draft."""
from __future__ import annotations

from typing import Any

import pytest
from ckan.tests import factories
from support.editing import act


@pytest.fixture
def curators(clean_portal: None) -> list[str]:
    """The accounts of an admin and an editor of the steward."""
    names = [factories.User(name=name)["name"] for name in ("metadata_curator", "metadata_assistant")]
    steward = factories.Organization(
        name="university-library",
        users=[{"name": names[0], "capacity": "admin"}, {"name": names[1], "capacity": "editor"}],
    )
    act("steward_update", organization_id=steward["id"])
    return names


@pytest.fixture
def as_user() -> Any:
    """Headers of a request by an account."""
    return lambda name: {"Authorization": factories.APIToken(user=name)["token"]}
