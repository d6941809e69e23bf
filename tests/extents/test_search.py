"""What a search by area finds, on a real index."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib import search as index
from ckan.lib.search import SearchError
from extents.conftest import box, search
from support.editing import act, changed, current_document

from ckanext.civicswitchboard.repairs import runner
from ckanext.civicswitchboard.search_index import extents, reindex

Make = Callable[..., dict[str, Any]]


def polygon(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]]}


def test_boxes_points_and_lines_are_found_where_they_are(place: Make) -> None:
    place("a-box", box(0, 0, 10, 10))
    place("a-point", {"type": "Point", "coordinates": [5, 5]})
    place("a-speck", polygon((5, 5), (5, 5), (5, 5)))
    place("a-line", {"type": "LineString", "coordinates": [[0, 0], [10, 10]]})
    place("height", {"type": "Point", "coordinates": [5, 5, 100]})
    assert search("4,4,6,6") == ["a-box", "a-line", "a-point", "a-speck", "height"]
    assert search("5,5,5,5") == ["a-box", "a-line", "a-point", "a-speck", "height"]
    assert search("20,20,30,30") == []
    assert search("8,1,9,2") == ["a-box"]


def test_an_extent_is_found_whatever_its_field_is_called(place: Make) -> None:
    place("before", box(0, 0, 10, 10))
    document = changed(current_document(), "spatial", field_name="coverage", previous_names=["spatial"])
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="x", with_repairs=True)
    place("after", "", coverage=json.dumps(box(0, 0, 10, 10)))
    assert search("4,4,6,6") == ["after", "before"]
    runner.work(act("repair_list")[0]["id"])
    reindex.catch_up()
    assert model.Package.by_name("before").extras == model.Package.by_name("after").extras
    assert search("4,4,6,6") == ["after", "before"]


def test_the_gap_between_two_parts_is_not_found(place: Make) -> None:
    parts = [box(0, 0, 2, 2)["coordinates"], box(8, 8, 10, 10)["coordinates"]]
    place("two-parts", {"type": "MultiPolygon", "coordinates": parts})
    place("triangle", polygon((0, 0), (10, 0), (0, 10)))
    assert search("1,1,1.5,1.5") == ["triangle", "two-parts"]
    assert search("4,6.5,6,9") == []
    assert search("8.5,8.5,9,9") == ["two-parts"]


def test_a_hole_is_not_found(place: Make) -> None:
    outer, inner = box(0, 0, 10, 10)["coordinates"][0], box(2, 2, 8, 8)["coordinates"][0]
    place("ring", {"type": "Polygon", "coordinates": [outer, inner[::-1]]})
    assert search("4,4,6,6") == []
    assert search("0.5,0.5,1,1") == ["ring"]


def test_an_outline_that_crosses_itself_is_found_in_each_of_its_parts(place: Make) -> None:
    place("bow-tie", polygon((0, 0), (10, 10), (10, 0), (0, 10)))
    assert search("0.1,4,1,6") == ["bow-tie"] == search("9,4,9.9,6")
    assert search("4,0,6,1") == []


def test_corners_in_either_order_mean_the_same(place: Make) -> None:
    corners = ((0, 0), (10, 0), (12, 5), (0, 10))
    place("one-way", polygon(*corners))
    place("other-way", polygon(*corners[::-1]))
    assert search("1,1,2,2") == ["one-way", "other-way"]
    assert search("40,40,50,50") == []


def test_reversed_boxes_are_put_right(place: Make) -> None:
    place("here", box(1, 1, 2, 2))
    place("there", box(50, 50, 51, 51))
    for area in ("0,0,3,3", "3,3,0,0", "3,0,0,3", "0,3,3,0"):
        assert search(area) == ["here"], area


def test_wide_extents_are_found_all_over_and_nowhere_else(place: Make) -> None:
    place("the-world", box(-180, -90, 180, 90))
    place("tropics", box(-180, -23, 180, 23))
    place("wide-outline", polygon((-170, -10), (170, -10), (170, 10), (0, 20), (-170, 10)))
    assert search("10,0,11,1") == ["the-world", "tropics", "wide-outline"]
    assert search("10,50,11,51") == ["the-world"]
    assert search("-180,-90,180,90") == ["the-world", "tropics", "wide-outline"]


def test_an_area_over_the_180th_meridian(place: Make) -> None:
    place("east-of-it", box(-179, -20, -178, -15))
    place("west-of-it", box(177, -20, 178, -15))
    place("far", box(0, -20, 1, -15))
    assert search("176,-21,183,-14") == ["east-of-it", "west-of-it"]
    assert search("-184,-21,-177,-14") == ["east-of-it", "west-of-it"]
    assert search("176,-21,-177,-14") == ["east-of-it", "west-of-it"]


def test_extents_over_the_180th_meridian_are_found_on_both_its_sides(place: Make) -> None:
    place("beyond", box(177, -20, 182, -15))
    place("before", box(-183, -20, -178, -15))
    place("cut", {"type": "MultiPolygon", "coordinates": [box(177, -20, 180, -15)["coordinates"],
                                                           box(-180, -20, -178, -15)["coordinates"]]})
    place("outline", polygon((177, -20), (182, -20), (182, -15), (180, -14), (177, -15)))
    everything = ["before", "beyond", "cut", "outline"]
    for area in ("178,-19,179,-16", "-179.5,-19,-178.5,-16", "179,-19,-179,-16", "-181,-19,-179,-16"):
        assert search(area) == everything, area
    for area in ("170,-19,176,-16", "-177,-19,-170,-16", "0,-19,10,-16"):
        assert search(area) == [], area


@pytest.mark.parametrize("area", ["1,2,3", "a,b,c,d", "nan,1,2,3", "1,2,3,4,5", "1,2,inf,4", "1e9,0,1,1", [1, 2], {"a": 1}])
def test_nonsense_is_an_error_for_the_api(place: Make, area: Any) -> None:
    with pytest.raises(SearchError):
        search(area)


@pytest.mark.parametrize("area", ["", " ", None])
def test_an_empty_area_limits_nothing(place: Make, area: Any) -> None:
    place("here", box(1, 1, 2, 2))
    assert search(area) == ["here"]


@pytest.mark.parametrize(
    "stored",
    ["somewhere", "{}", "[1]", "[" * 3000, '{"type": "Point", "coordinates": [NaN, 1]}', '{"type": "Polygon"}',
     '{"type": "Point", "coordinates": [1e9, 1]}', json.dumps(polygon((0, 0), (0, 95), (1, 1))),
     '{"type": "GeometryCollection", "geometries": []}', '{"type": 5}', "'{'"],
)
def test_a_stored_extent_that_cannot_be_read_stops_no_indexing(place: Make, stored: str) -> None:
    made = place("odd", box(1, 1, 2, 2))
    package = model.Package.get("odd")
    package.extras = {**package.extras, "spatial": stored}
    model.Session.commit()
    index.rebuild(made["id"], force=True)
    index.commit()
    assert search("0,0,3,3") == []
    assert search(None) == ["odd"]


def test_a_large_outline_is_indexed(place: Make) -> None:
    import math

    corners = [(10 + 5 * math.cos(a / 3000), 10 + 5 * math.sin(a / 3000)) for a in range(18_000)]
    place("round", polygon(*corners))
    assert search("9,9,11,11") == ["round"]
    assert search("14.5,14.5,15,15") == []


def test_an_extent_under_an_extra_is_found_too(library: dict[str, Any]) -> None:
    """Harvesters and older portals put it there."""
    document = {"id": "x", "extras_spatial": json.dumps(box(0, 0, 1, 1)), "spatial": "…"}
    extents.index(document)
    assert document == {"id": "x", "spatial_geom": ["ENVELOPE(0.0, 1.0, 1.0, 0.0)"]}


@pytest.mark.ckan_config("ckanext.spatial.search_backend", "solr-bbox")
def test_the_simpler_backend_gets_the_box(with_plugins: Any) -> None:
    document = {"extras_spatial": json.dumps(box(0, 1, 2, 3))}
    extents.index(document)
    assert document == {"minx": 0, "miny": 1, "maxx": 2, "maxy": 3}


def test_a_private_dataset_is_not_found_by_area(place: Make) -> None:
    place("secret", box(1, 1, 2, 2), private=True)
    found = tk.get_action("package_search")({}, {"extras": {"ext_bbox": "0,0,3,3"}})
    assert found["count"] == 0
