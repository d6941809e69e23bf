"""Datasets in places, and what a search by area finds of them."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

MILLRACE = "-83.031,38.755,-83.002,38.791"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def search(area: Any, **more: Any) -> list[str]:
    """Names of the datasets that are found in an area."""
    found = tk.get_action("package_search")(
        {"ignore_auth": True}, {"extras": {"ext_bbox": area}, "sort": "name asc", **more}
    )
    return [dataset["name"] for dataset in found["results"]]


@pytest.fixture
def library(clean_portal: None) -> dict[str, Any]:
    return factories.Organization(name="library", title="Library", partner_type="public_library")


@pytest.fixture
def place(library: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Make a dataset somewhere."""

    def dataset(name: str, spatial: Any, **more: Any) -> dict[str, Any]:
        text = spatial if isinstance(spatial, str) else json.dumps(spatial)
        return factories.Dataset(
            name=name, title=name, notes="x", license_id="cc-by", owner_org="library", spatial=text, **more
        )

    return dataset
