"""The invented region: its places, library branches and their extents."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """A neighborhood or municipality and the box (west, south, east, north) around it."""

    name: str
    zip: str
    box: Box

    @property
    def lon(self) -> float:
        """:returns: longitude of the middle."""
        return round((self.box[0] + self.box[2]) / 2, 5)

    @property
    def lat(self) -> float:
        """:returns: latitude of the middle."""
        return round((self.box[1] + self.box[3]) / 2, 5)


@dataclass(frozen=True)
class Branch:
    """A branch of the public library."""

    id: str
    name: str
    address: str
    place: Place

    @property
    def lon(self) -> float:
        """:returns: longitude of the door."""
        return self.place.lon

    @property
    def lat(self) -> float:
        """:returns: latitude of the door."""
        return self.place.lat


@dataclass(frozen=True)
class Gazetteer:
    """Every place that the demo's records and tables may name."""

    city: str
    state: str
    neighborhoods: tuple[Place, ...]
    municipalities: tuple[Place, ...]
    branches: tuple[Branch, ...]
    extents: dict[str, Box]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Gazetteer:
        """:param data: the content of ``places.yaml``."""
        near, far = (tuple(map(_place, data[kind])) for kind in ("neighborhoods", "municipalities"))
        by_name = {place.name: place for place in near + far}
        return cls(
            city=data["region"]["city"],
            state=data["region"]["state"],
            neighborhoods=near,
            municipalities=far,
            branches=tuple(Branch(**{**row, "place": by_name[row["place"]]}) for row in data["branches"]),
            extents={name: tuple(box) for name, box in data["extents"].items()}
            | {place.name: place.box for place in near + far},
        )

    @property
    def places(self) -> tuple[Place, ...]:
        """:returns: neighborhoods and municipalities."""
        return self.neighborhoods + self.municipalities

    def polygon(self, names: Iterable[str]) -> dict[str, Any]:
        """The GeoJSON polygon around some named extents.

        :param names: names of places, or of the wider ``extents``.
        :raises KeyError: when a name isn't in the gazetteer.
        """
        boxes = [self.extents[name] for name in names]
        west, south = (min(box[side] for box in boxes) for side in (0, 1))
        east, north = (max(box[side] for box in boxes) for side in (2, 3))
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {"type": "Polygon", "coordinates": [ring]}


def _place(row: dict[str, Any]) -> Place:
    return Place(row["name"], row["zip"], tuple(row["box"]))
