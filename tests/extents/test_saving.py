"""Saving an extent: a clear error or a right result."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import helpers
from extents.conftest import box, search

Make = Callable[..., dict[str, Any]]


def polygon(*corners: Any) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]})


@pytest.mark.parametrize(
    ("spatial", "words"),
    [
        ("somewhere in the north", "We can't read this outline"),
        ("[" * 5000, "We can't read this outline"),
        ('{"type": "Circle"}', "has no outline in it"),
        ('{"type": "Point", "coordinates": [40.4, -100.1]}', "“-100.1” isn't a latitude"),
        ('{"type": "Point", "coordinates": [1e9, 1]}', "isn't a longitude"),
        ('{"type": "Point", "coordinates": [NaN, 1]}', "isn't a pair of numbers"),
        ('{"type": "Polygon", "coordinates": []}', "is empty"),
        (polygon((0, 0), (1, 0), (1, 1), (0, 1)), "isn't closed"),
        ("x" * 1_000_001, "too much detail"),
    ],
)
def test_nonsense_is_refused_at_the_field_and_says_what_to_do(place: Make, spatial: str, words: str) -> None:
    with pytest.raises(tk.ValidationError) as error:
        place("odd", spatial)
    (message,) = error.value.error_dict["spatial"]
    assert words in message
    assert "JSON" not in message


@pytest.mark.parametrize(
    "spatial",
    [
        polygon((0, 0), (10, 10), (10, 0), (0, 10), (0, 0)),
        polygon((5, 5), (5, 5), (5, 5), (5, 5)),
        polygon((0, 0), (0, 10), (0, 0), (0, 0)),
        polygon((0, 0, 1), (10, 0, 2), (10, 10, 3), (0, 0, 1)),
        polygon((0, 0), (0, 10), (10, 10), (10, 0), (0, 0)),
        '{"type": "Point", "coordinates": [5, 5], "crs": null}',
        '{"type": "MultiPoint", "coordinates": [[5, 5], [5, 5]]}',
        '{"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [5, 5]}]}',
    ],
)
def test_what_is_odd_but_clear_is_stored_as_it_is_and_found(place: Make, spatial: str) -> None:
    place("odd", spatial)
    assert model.Package.get("odd").extras["spatial"] == spatial
    assert search("-1,-1,11,11") == ["odd"]
    assert search("50,50,51,51") == []


def test_a_feature_is_stored_as_its_geometry(place: Make) -> None:
    place("drawn", json.dumps({"type": "Feature", "properties": {}, "geometry": box(0, 0, 1, 1)}))
    assert json.loads(model.Package.get("drawn").extras["spatial"]) == box(0, 0, 1, 1)


def test_the_api_may_send_the_geometry_itself(place: Make) -> None:
    place("drawn", "")
    context = {"ignore_auth": True, "user": helpers.call_action("get_site_user")["name"]}
    tk.get_action("package_patch")(context, {"id": "drawn", "spatial": box(0, 0, 1, 1)})
    assert search("0,0,1,1") == ["drawn"]
    assert search("5,5,6,6") == []


def test_an_organizations_service_area_is_held_to_the_same(library: dict[str, Any]) -> None:
    patch = tk.get_action("organization_patch")
    context = {"ignore_auth": True, "user": helpers.call_action("get_site_user")["name"]}
    with pytest.raises(tk.ValidationError, match="isn't closed"):
        patch(dict(context), {"id": "library", "service_area": polygon((0, 0), (1, 0), (1, 1), (0, 1))})
    patch(dict(context), {"id": "library", "service_area": json.dumps(box(0, 0, 1, 1))})
    shown = tk.get_action("organization_show")(context, {"id": "library"})
    assert json.loads(shown["service_area"]) == box(0, 0, 1, 1)
