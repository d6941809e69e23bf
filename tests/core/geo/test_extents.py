"""Boxes and extents, without a portal."""
from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ckanext.civicswitchboard.core.geo.extents import Box, Extent, ExtentError, as_written


def ring(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


SQUARE = ring((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
WORLD = ring((-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90))
BOW_TIE = ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))


class TestBox:
    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("-83.06,38.7,-82.9,38.8", "-83.06,38.7,-82.9,38.8"),
            (" 1, 2.50 ,3e0,4", "1,2.5,3,4"),
            ("-0.0,0,1,1", "0,0,1,1"),
            ([1, "2", 3.0, 4], "1,2,3,4"),
            ("5,5,5,5", "5,5,5,5"),
        ],
    )
    def test_is_read_from_an_address_or_a_list(self, given: Any, read: str) -> None:
        assert Box.read(given).text == read

    @pytest.mark.parametrize("given", ["3,4,1,2", "3,2,1,4", "1,4,3,2"])
    def test_reversed_numbers_are_put_right(self, given: str) -> None:
        assert Box.read(given).text == "1,2,3,4"

    @pytest.mark.parametrize("given", ["177,-20,182,-15", "-183,-20,-178,-15", "182,-15,177,-20"])
    def test_over_the_180th_meridian_has_an_east_beyond_180(self, given: str) -> None:
        assert Box.read(given).text == "177,-20,182,-15"

    @pytest.mark.parametrize(
        ("given", "read"),
        [
            ("177,-20,-178,-15", "177,-20,182,-15"),
            ("177,-15,-178,-20", "177,-20,182,-15"),
            ("100,0,-100,1", "100,0,260,1"),
            ("-178,-20,177,-15", "-178,-20,177,-15"),
            ("90,0,-90,1", "-90,0,90,1"),
            ("180,90,-180,-90", "-180,-90,180,90"),
        ],
    )
    def test_with_a_west_above_its_east_goes_the_shorter_way(self, given: str, read: str) -> None:
        assert Box.read(given).text == read

    def test_of_another_turn_around_the_globe_is_brought_back(self) -> None:
        assert Box.read("190,1,195,2").text == "-170,1,-165,2"
        assert Box.read("-360,1,0,2").text == "-180,1,180,2"

    @pytest.mark.parametrize(
        ("given", "fault"),
        [
            ("1,2,3", "numbers"),
            ("1,2,3,4,5", "numbers"),
            ("a,b,c,d", "numbers"),
            ("nan,1,2,3", "numbers"),
            ("1,2,inf,4", "numbers"),
            ("1,2,,4", "numbers"),
            ("1_0,2,3,4", "numbers"),
            ("", "numbers"),
            (None, "numbers"),
            ({}, "numbers"),
            ([1, 2, True, 4], "numbers"),
            ("1e9,2,3,4", "longitude"),
            ("1,-91,3,4", "latitude"),
            ("1" * 400 + ",2,3,4", "numbers"),
        ],
    )
    def test_nonsense_says_what_is_wrong(self, given: Any, fault: str) -> None:
        with pytest.raises(ExtentError) as error:
            Box.read(given)
        assert error.value.fault == fault

    @given(st.lists(st.floats(-90, 90), min_size=4, max_size=4))
    def test_reads_its_own_text_as_itself(self, sides: list[float]) -> None:
        box = Box.read(sides)
        assert box.west <= box.east and box.south <= box.north
        assert Box.read(box.text).same(box)

    def test_of_the_whole_world_says_so(self) -> None:
        assert Box.read("-180,-90,180,90").whole_world
        assert not Box.read("-180,-60,180,90").whole_world


class TestExtent:
    @pytest.mark.parametrize(
        ("geometry", "kind"),
        [
            (SQUARE, "box"),
            (BOW_TIE, "outline"),
            ({"type": "Point", "coordinates": [1, 2, 300]}, "point"),
            (ring((5, 5), (5, 5), (5, 5), (5, 5)), "point"),
            ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "outline"),
        ],
    )
    def test_tells_what_it_is(self, geometry: Any, kind: str) -> None:
        assert Extent.read(geometry).kind == kind
        assert Extent.read(json.dumps(geometry)).kind == kind

    def test_is_taken_out_of_what_map_drawing_tools_give(self) -> None:
        feature = {"type": "Feature", "properties": {}, "geometry": SQUARE}
        assert Extent.read(feature).geometry == SQUARE
        assert Extent.read({"type": "FeatureCollection", "features": [feature]}).geometry == SQUARE
        several = Extent.read({"type": "FeatureCollection", "features": [feature, feature]})
        assert several.geometry == {"type": "GeometryCollection", "geometries": [SQUARE, SQUARE]}

    @pytest.mark.parametrize(
        ("value", "fault"),
        [
            ("somewhere in the north", "unreadable"),
            ("[" * 100_000, "unreadable"),
            ("[1, 2]", "unreadable"),
            ({"type": "Polygon"}, "positions"),
            ({"type": "Circle", "coordinates": [1, 2]}, "no_geometry"),
            ({"type": ["Point"], "coordinates": [1, 2]}, "no_geometry"),
            ({"type": "Feature", "geometry": None}, "no_geometry"),
            ({"type": "FeatureCollection", "features": [1]}, "no_geometry"),
            ({"type": "FeatureCollection", "features": []}, "empty"),
            ({"type": "Polygon", "coordinates": []}, "empty"),
            ({"type": "Polygon", "coordinates": [[]]}, "empty"),
            ({"type": "Point", "coordinates": [True, 1]}, "positions"),
            ({"type": "Point", "coordinates": ["1", "2"]}, "positions"),
            ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "positions"),
            ('{"type": "Point", "coordinates": [NaN, 1]}', "positions"),
            ('{"type": "Point", "coordinates": [1e400, 1]}', "positions"),
            ({"type": "Point", "coordinates": [10**400, 1]}, "positions"),
            ({"type": "Point", "coordinates": [1e9, 1]}, "longitude"),
            ({"type": "Point", "coordinates": [40.4, -100.1]}, "latitude"),
            (ring((0, 0), (1, 0), (1, 1), (0, 1)), "open_ring"),
            (ring((0, 0), (1, 0), (0, 0)), "open_ring"),
            ({"type": "LineString", "coordinates": [[0, 0]]}, "positions"),
            ("x" * 1_000_001, "too_long"),
        ],
    )
    def test_nonsense_says_what_is_wrong(self, value: Any, fault: str) -> None:
        with pytest.raises(ExtentError) as error:
            Extent.read(value)
        assert error.value.fault == fault

    def test_of_the_whole_world_says_so(self) -> None:
        assert Extent.read(WORLD).whole_world
        assert not Extent.read(SQUARE).whole_world

    def test_covers_the_same_whatever_corner_comes_first(self) -> None:
        other = ring((1, 1), (0, 1), (0, 0), (1, 0), (1, 1))
        assert Extent.read(SQUARE).same(Extent.read(other))
        assert not Extent.read(BOW_TIE).same(Extent.read(SQUARE))


class TestForIndex:
    def test_a_box_is_an_envelope_so_that_a_wide_one_is_not_turned_inside_out(self) -> None:
        assert Extent.read(WORLD).for_index() == ["ENVELOPE(-180.0, 180.0, 90.0, -90.0)"]

    def test_an_outline_that_crosses_itself_is_indexed_as_the_area_it_covers(self) -> None:
        shapes = [shapely.from_wkt(wkt) for wkt in Extent.read(BOW_TIE).for_index()]
        assert all(shape.is_valid for shape in shapes)
        assert sum(shape.area for shape in shapes) == pytest.approx(0.5)

    def test_no_side_of_a_wide_outline_spans_half_the_globe(self) -> None:
        wide = ring((-170, -10), (170, -10), (170, 10), (0, 20), (-170, 10), (-170, -10))
        (wkt,) = Extent.read(wide).for_index()
        corners = list(shapely.from_wkt(wkt).exterior.coords)
        assert all(abs(a[0] - b[0]) < 180 for a, b in itertools.pairwise(corners))

    def test_what_is_smaller_than_the_grid_is_a_point(self) -> None:
        speck = ring((5, 5), (5 + 1e-9, 5), (5, 5 + 1e-9), (5, 5))
        assert Extent.read(speck).for_index() == ["POINT (5 5)"]

    def test_every_part_of_a_collection_is_there(self) -> None:
        both = {"type": "GeometryCollection", "geometries": [SQUARE, {"type": "Point", "coordinates": [9, 9]}]}
        assert len(Extent.read(both).for_index()) == 2

    numbers = st.floats(-90, 90).map(lambda number: round(number, 3))
    corners = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12)

    @given(corners)
    def test_any_ring_gives_valid_shapes_within_its_box(self, corners: list[tuple[float, float]]) -> None:
        extent = Extent.read(ring(*corners, corners[0]))
        for wkt in extent.for_index():
            if not wkt.startswith("ENVELOPE"):
                shape = shapely.from_wkt(wkt)
                assert shape.is_valid and not shape.is_empty
                assert shapely.box(*extent.box.sides).buffer(1e-6).contains(shape)


@pytest.mark.parametrize(
    ("degrees", "written"), [(10.0, "10"), (-82.908, "-82.908"), (-1e-9, "0"), (100.0, "100"), (0.1234567, "0.123457")]
)
def test_degrees_are_written_without_needless_digits(degrees: float, written: str) -> None:
    assert as_written(degrees) == written


def square(west: float, south: float, east: float, north: float) -> list[Any]:
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": square(177, -20, 182, -15)},
        {"type": "Polygon", "coordinates": square(-183, -20, -178, -15)},
        {"type": "MultiPolygon", "coordinates": [square(177, -20, 180, -15), square(-180, -20, -178, -15)]},
        {"type": "MultiPolygon", "coordinates": [square(-180, -20, -178, -15), square(177, -20, 180, -15)]},
    ],
)
def test_a_box_over_the_180th_meridian_is_one_box_however_it_is_written(geometry: Any) -> None:
    extent = Extent.read(geometry)
    assert (extent.geometry, extent.box.text, extent.kind) == (geometry, "177,-20,182,-15", "box")
    assert sorted(extent.for_index()) == ["ENVELOPE(-180.0, -178.0, -15.0, -20.0)", "ENVELOPE(177.0, 180.0, -15.0, -20.0)"]
    assert extent.same(Extent.read({"type": "Polygon", "coordinates": square(177, -20, 182, -15)}))


def test_other_shapes_over_the_180th_meridian_are_cut_there() -> None:
    alaska = {"type": "MultiPolygon", "coordinates": [square(-180, 50, -130, 70), square(172, 50, 180, 55), square(-100, 20, -70, 50)]}
    assert (Extent.read(alaska).box.text, Extent.read(alaska).kind) == ("172,20,290,70", "outline")
    line = Extent.read({"type": "LineString", "coordinates": [[170, 0], [190, 4]]})
    assert (line.box.text, line.for_index()) == ("170,0,190,4", ["LINESTRING (-180 2, -170 4)", "LINESTRING (170 0, 180 2)"])
    point = Extent.read({"type": "Point", "coordinates": [185, 1]})
    assert (point.box.text, point.kind, point.for_index()) == ("-175,1,-175,1", "point", ["POINT (-175 1)"])
    around = {"type": "MultiPolygon", "coordinates": [square(-180, -20, 180, -15), square(-180, -10, -170, -5)]}
    assert Extent.read(around).box.text == "-180,-20,180,-5"
