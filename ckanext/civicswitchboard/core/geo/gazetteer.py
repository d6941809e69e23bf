"""Named places of a region, from a GeoJSON file that a portal's administrator gives."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.geo.extents import Box, Extent, ExtentError


@dataclass(frozen=True)
class Place:
    """A place with a name.

    :ivar extent: where it lies
    """

    name: str
    extent: Extent

    @property
    def box(self) -> Box:
        """The smallest box around it."""
        return self.extent.box


@dataclass(frozen=True)
class Gazetteer:
    """The places that people may choose from, in the order of the file.

    :ivar places: every place that could be read
    :ivar unread: a sentence for each feature that could not
    """

    places: tuple[Place, ...] = ()
    unread: tuple[str, ...] = ()

    @classmethod
    def from_geojson(cls, data: Any) -> Gazetteer:
        """The places of a FeatureCollection whose features have a ``name``.

        :raises ValueError: when it is none
        """
        features = data.get("features") if isinstance(data, dict) else None
        if not isinstance(features, list) or data.get("type") != "FeatureCollection":
            raise ValueError("it is no GeoJSON FeatureCollection")
        places: dict[str, Place] = {}
        unread = []
        for number, feature in enumerate(features, start=1):
            try:
                place = _place(feature)
                if place.name in places:
                    raise ValueError(f"the name '{place.name}' is there twice")
                places[place.name] = place
            except ValueError as error:
                unread.append(f"feature {number}: {_why(error)}")
        return cls(tuple(places.values()), tuple(unread))

    def place(self, name: str) -> Place | None:
        """A place by its name."""
        return next((place for place in self.places if place.name == name), None)

    def names_of_box(self, box: Box) -> list[str]:
        """The places around which a box lies."""
        return [place.name for place in self.places if place.box.same(box)]

    def names_of(self, extent: Extent) -> list[str]:
        """The places that an extent is: the same outline, or the box around it."""
        return [place.name for place in self.places if _is(extent, place)]

    def __iter__(self) -> Iterator[Place]:
        return iter(self.places)


def _is(extent: Extent, place: Place) -> bool:
    if extent.kind == "box" and extent.box.same(place.box):
        return True
    return extent.same(place.extent)


def _place(feature: Any) -> Place:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise ValueError("it has no name")
    return Place(name.strip(), Extent.read(feature))


def _why(error: ValueError) -> str:
    if isinstance(error, ExtentError):
        return f"its geometry cannot be read ({error.fault.replace('_', ' ')})"
    return str(error)
