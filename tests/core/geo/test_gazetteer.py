"""Named places from a GeoJSON file."""
from __future__ import annotations

from typing import Any

import pytest

from ckanext.civicswitchboard.core.geo.extents import Box, Extent
from ckanext.civicswitchboard.core.geo.gazetteer import Gazetteer

TRIANGLE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 0]]]}
BOX_AROUND = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def feature(name: Any, geometry: Any = TRIANGLE) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}


def test_places_keep_the_order_of_the_file() -> None:
    places = Gazetteer.from_geojson(collection(feature("Zed"), feature(" Abel ", BOX_AROUND))).places
    assert [place.name for place in places] == ["Zed", "Abel"]


def test_what_cannot_be_read_is_left_out_and_told() -> None:
    read = Gazetteer.from_geojson(
        collection(feature("Good"), feature("Good"), feature(""), feature(7), 3, feature("Bad", {"type": "x"}))
    )
    assert [place.name for place in read.places] == ["Good"]
    assert len(read.unread) == 5
    assert "feature 2: the name 'Good' is there twice" in read.unread


@pytest.mark.parametrize("data", [None, [], {}, {"type": "Feature"}, {"type": "FeatureCollection", "features": {}}])
def test_anything_else_is_no_gazetteer(data: Any) -> None:
    with pytest.raises(ValueError, match="FeatureCollection"):
        Gazetteer.from_geojson(data)


def test_a_box_and_an_outline_are_recognized() -> None:
    read = Gazetteer.from_geojson(collection(feature("Corner")))
    assert read.names_of_box(Box.read("0,0,2,2")) == ["Corner"]
    assert read.names_of(Extent.read(TRIANGLE)) == ["Corner"]
    assert read.names_of(Extent.read(BOX_AROUND)) == ["Corner"]
    other = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [2, 2], [0, 0]]]}
    assert read.names_of(Extent.read(other)) == []
