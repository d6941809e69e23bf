"""Areas on the globe: boxes that people search in, and the extents that records have.

Everything is in longitude and latitude (WGS 84), in degrees, longitude first.
"""
from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

Geometry = dict[str, Any]
Kind = Literal["point", "box", "outline"]
Fault = Literal[
    "unreadable",
    "no_geometry",
    "positions",
    "longitude",
    "latitude",
    "open_ring",
    "empty",
    "too_long",
    "numbers",
]

MAX_LENGTH = 1_000_000

# Where a search on a world map ends: maps in Mercator's projection show no more.
_WORLD = (-179.0, -85.0, 179.0, 85.0)
# What is closer than this (about a tenth of a metre) counts as the same.
_NEAR = 1e-6
# The index holds a coarser form of large outlines anyway.
_MAX_INDEXED_POINTS = 5_000
_COARSE = 1e-4
_GRID = 1e-7

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class ExtentError(ValueError):
    """A box or an extent that cannot be read.

    :ivar fault: what is wrong with it
    :ivar value: the number or text that is wrong, empty where the whole is
    """

    def __init__(self, fault: Fault, value: Any = "") -> None:
        super().__init__(fault, value)
        self.fault = fault
        self.value = value


@dataclass(frozen=True)
class Box:
    """An area between two meridians and two parallels.

    West is at most east, south at most north. An area over the 180th meridian has an east
    beyond 180.
    """

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def read(cls, text: Any) -> Box:
        """A box as an address or the API gives it: west, south, east, north.

        A box over the 180th meridian is given with an east beyond 180, a west below -180, or a
        west above its east. Where such a box would be more than half of the globe, its numbers
        are the wrong way round and are put right.

        :param text: four numbers, as a text with commas or as a list
        :raises ExtentError: when they are not four numbers, or no degrees
        """
        parts = text.split(",") if isinstance(text, str) else text
        if not isinstance(parts, (list, tuple)) or len(parts) != 4:
            raise ExtentError("numbers", text)
        west, south, east, north = (_number(part) for part in parts)
        for degrees in (west, east):
            if abs(degrees) > 360:
                raise ExtentError("longitude", degrees)
        for degrees in (south, north):
            if abs(degrees) > 90:
                raise ExtentError("latitude", degrees)
        west, east = _in_order(west, east)
        south, north = sorted((south, north))
        if east - west >= 360:
            return cls(-180.0, south, 180.0, north)
        turns = 360.0 if west < -180 else -360.0 if west >= 180 and east > 180 else 0.0
        return cls(west + turns, south, east + turns, north)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.south, self.east, self.north

    @property
    def numbers(self) -> list[str]:
        """The four sides as people write them."""
        return [as_written(side) for side in self.sides]

    @property
    def text(self) -> str:
        """The box as addresses hold it."""
        return ",".join(self.numbers)

    @property
    def whole_world(self) -> bool:
        """Whether it leaves nothing out."""
        west, south, east, north = _WORLD
        return self.west <= west and self.south <= south and self.east >= east and self.north >= north

    def same(self, other: Box) -> bool:
        """Whether another box is this one, as far as anybody can see."""
        return all(abs(a - b) <= _NEAR for a, b in zip(self.sides, other.sides))


@dataclass(frozen=True)
class Extent:
    """Where a record's data lie.

    :ivar geometry: the GeoJSON geometry
    """

    geometry: Geometry

    @classmethod
    def read(cls, value: Any) -> Extent:
        """An extent as a record holds it or a person pastes it.

        Map-drawing tools wrap a geometry in a feature or a collection of features: it is
        taken out of them.

        :param value: GeoJSON, as text or loaded
        :raises ExtentError: saying what is wrong with it
        """
        return cls(_checked(_unwrapped(_loaded(value))))

    @cached_property
    def shape(self) -> BaseGeometry:
        """The geometry to reckon with, its height left out; in one piece over the 180th meridian."""
        return _unrolled(shapely.force_2d(shapely.from_geojson(json.dumps(self.geometry))))

    @cached_property
    def box(self) -> Box:
        """The smallest box around it."""
        return Box.read(list(self.shape.bounds))

    @property
    def kind(self) -> Kind:
        """Whether it is one point, exactly its box, or something with more detail."""
        if _is_point(self.shape):
            return "point"
        return "box" if _is_box(self.shape) else "outline"

    @property
    def whole_world(self) -> bool:
        """Whether it leaves nothing out, and so says nothing."""
        return self.box.whole_world

    def same(self, other: Extent) -> bool:
        """Whether another extent covers the same."""
        return self.box.same(other.box) and (
            (self.kind == "box" and other.kind == "box") or bool(self._mended.equals(other._mended))
        )

    @cached_property
    def _mended(self) -> BaseGeometry:
        """Without the crossings and repeated points that outlines drawn by hand have."""
        return shapely.make_valid(self.shape)

    def for_index(self) -> list[str]:
        """Shapes in WKT that a search engine takes: valid, and no wider than it understands."""
        return [wkt for part in _parts(_rolled(self._mended)) for wkt in _indexed(part)]


def _in_order(west: float, east: float) -> tuple[float, float]:
    """West and east, the east beyond 180 where the narrower way goes over the 180th meridian."""
    if 180 < west - east < 360 and east >= -180 and west <= 180:
        return west, east + 360
    return min(west, east), max(west, east)


def as_written(degrees: float) -> str:
    """Degrees without needless digits."""
    # Adding nothing makes a negative zero a plain one.
    return f"{round(degrees, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def _number(part: Any) -> float:
    if isinstance(part, str):
        part = part.strip()
        if not _NUMBER.fullmatch(part):
            raise ExtentError("numbers", part)
        part = float(part)
    if not _is_number(part):
        raise ExtentError("numbers", part)
    return float(part)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _loaded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_LENGTH:
        raise ExtentError("too_long")
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise ExtentError("unreadable") from None


def _unwrapped(geojson: Any) -> Geometry:
    """The geometry of a feature, or those of several features as one."""
    if not isinstance(geojson, dict):
        raise ExtentError("unreadable")
    if geojson.get("type") == "Feature":
        return _unwrapped_feature(geojson)
    if geojson.get("type") != "FeatureCollection":
        return geojson
    features = geojson.get("features")
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise ExtentError("no_geometry")
    geometries = [_unwrapped_feature(feature) for feature in features]
    if len(geometries) == 1:
        return geometries[0]
    return {"type": "GeometryCollection", "geometries": geometries}


def _unwrapped_feature(feature: dict[str, Any]) -> Geometry:
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        raise ExtentError("no_geometry")
    return geometry


# How deep the positions of each type are nested.
_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


def _checked(geometry: Geometry, nested: bool = False) -> Geometry:
    kind = geometry.get("type")
    if kind == "GeometryCollection" and not nested:
        geometries = geometry.get("geometries")
        if not isinstance(geometries, list) or not all(isinstance(g, dict) for g in geometries):
            raise ExtentError("no_geometry")
        if not geometries:
            raise ExtentError("empty")
        for shape in geometries:
            _checked(shape, nested=True)
        return geometry
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise ExtentError("no_geometry", kind if isinstance(kind, str) else "")
    lines = list(_lines(geometry.get("coordinates"), _DEPTHS[kind]))
    if not lines:
        raise ExtentError("empty")
    for line in lines:
        _check_line(kind, line)
    return geometry


def _lines(coordinates: Any, depth: int) -> Iterator[list[Any]]:
    """The rows of positions in a geometry."""
    if depth == 0:
        yield [coordinates]
        return
    if not isinstance(coordinates, list):
        raise ExtentError("positions")
    if depth == 1:
        yield coordinates
        return
    for part in coordinates:
        if part == []:
            raise ExtentError("empty")
        yield from _lines(part, depth - 1)


def _check_line(kind: str, line: list[Any]) -> None:
    if not line:
        raise ExtentError("empty")
    for position in line:
        _check_position(position)
    if "LineString" in kind and len(line) < 2:
        raise ExtentError("positions")
    if "Polygon" in kind and (len(line) < 4 or line[0][:2] != line[-1][:2]):
        raise ExtentError("open_ring")


def _check_position(position: Any) -> None:
    if not isinstance(position, list) or not 2 <= len(position) <= 3:
        raise ExtentError("positions")
    if not all(_is_number(number) for number in position):
        raise ExtentError("positions")
    longitude, latitude = position[:2]
    # Beyond 180 where an outline goes on over the 180th meridian.
    if abs(longitude) > 360:
        raise ExtentError("longitude", longitude)
    if abs(latitude) > 90:
        raise ExtentError("latitude", latitude)


def _unrolled(shape: BaseGeometry) -> BaseGeometry:
    """A shape that the 180th meridian cuts into parts, put together with an east beyond 180."""
    parts = sorted(_parts(shape), key=lambda part: float(part.bounds[0]))
    west, _south, east, _north = shape.bounds
    if len(parts) < 2 or west > _NEAR - 180 or east < 180 - _NEAR or west < -180 or east > 180:
        return shape
    ends = [float(part.bounds[2]) for part in parts]
    gaps = [parts[n].bounds[0] - max(ends[:n]) for n in range(1, len(parts))]
    widest = max(gaps)
    if widest <= 0:
        return shape
    cut = gaps.index(widest) + 1
    moved = [translate(part, 360) for part in parts[:cut]]
    joined = shapely.set_precision(shapely.union_all([*parts[cut:], *moved]), _GRID)
    return joined if not joined.is_empty else shape


def _rolled(shape: BaseGeometry) -> BaseGeometry:
    """A shape cut at the 180th meridian, each part at its longitudes between -180 and 180."""
    west, _south, east, _north = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    globe = shapely.box(-180, -90, 180, 90)
    kept = [
        piece
        for part in _parts(shape)
        for turn in (-360, 0, 360)
        for piece in _parts(translate(part, turn).intersection(globe))
        # A part that ends at the meridian leaves no line or point of itself on its other side.
        if shapely.get_dimensions(piece) == shapely.get_dimensions(part) and not piece.is_empty
    ]
    return shapely.GeometryCollection(kept)


def _is_point(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return bool(west == east and south == north)


def _is_box(shape: BaseGeometry) -> bool:
    return shape.geom_type == "Polygon" and bool(shape.is_valid) and bool(shape.equals(shape.envelope))


def _parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The single shapes in a collection, however deep."""
    for part in getattr(shape, "geoms", [shape]):
        if hasattr(part, "geoms"):
            yield from _parts(part)
        else:
            yield part


def _indexed(part: BaseGeometry) -> Iterator[str]:
    west, south, east, north = part.bounds
    if _is_point(part):
        yield shapely.Point(west, south).wkt
    elif _is_box(part):
        # A polygon wider than 180 degrees would be taken for one over the 180th meridian.
        yield f"ENVELOPE({west!r}, {east!r}, {north!r}, {south!r})"
    else:
        yield from _outlines(part)


def _outlines(part: BaseGeometry) -> Iterator[str]:
    if shapely.get_num_coordinates(part) > _MAX_INDEXED_POINTS:
        part = shapely.simplify(part, _COARSE)
    if part.bounds[2] - part.bounds[0] > 180:
        part = shapely.segmentize(part, 90)
    rounded = shapely.set_precision(part, _GRID)
    if rounded.is_empty:
        # Smaller than the grid.
        yield shapely.Point(part.bounds[:2]).wkt
    for ring in _parts(rounded):
        if not ring.is_empty:
            yield shapely.to_wkt(ring, rounding_precision=7)
