"""Areas in searches and extents of records, in the running portal."""
from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from ckan.plugins.toolkit import _
from flask import has_request_context
from shapely.errors import ShapelyError

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.geo.extents import Box, Extent, ExtentError, Kind, as_written
from ckanext.civicswitchboard.core.geo.gazetteer import Gazetteer

log = logging.getLogger(__name__)

# The area in an address, and what the forms without JavaScript send in its place.
AREA = "ext_bbox"
PLACE = "ext_place"
SIDES = ("ext_west", "ext_south", "ext_east", "ext_north")

Record = dict[str, Any]


@dataclass(frozen=True)
class Area:
    """The area that a page's address asks for.

    :ivar typed: what the address says
    :ivar box: the area, None where what is given is none
    :ivar names: the places that it is
    :ivar fault: what is wrong, in a sentence
    :ivar turned: whether numbers the wrong way round were put right
    """

    typed: str
    box: Box | None = None
    names: tuple[str, ...] = ()
    fault: str = ""
    turned: bool = False

    @property
    def text(self) -> str:
        """What links and forms carry on."""
        return self.box.text if self.box else self.typed

    @property
    def numbers(self) -> list[str]:
        """What the four inputs hold: as much as can be made out."""
        return self.box.numbers if self.box else [*self.typed.split(","), "", "", "", ""][:4]


@dataclass(frozen=True)
class Shown:
    """A record's extent as its page shows it.

    :ivar geometry: for the map
    :ivar box: the box around it
    :ivar names: the places that it is
    """

    geometry: Record
    box: Box
    kind: Kind
    names: tuple[str, ...]
    whole_world: bool


def message(error: ExtentError) -> str:
    """What is wrong with an area or extent, and what to do, in a sentence."""
    value = error.value
    shown = as_written(value) if isinstance(value, float) and abs(value) < 1e6 else str(value)
    return _MESSAGES[error.fault]().format(value=_short(shown))


_MESSAGES = {
    "unreadable": lambda: _(
        "We can't read this outline. Choose a place, enter four numbers, or paste the output of a "
        "map-drawing tool"
    ),
    "no_geometry": lambda: _(
        "This has no outline in it. Choose a place, enter four numbers, or paste a Point, Polygon or "
        "MultiPolygon"
    ),
    "positions": lambda: _(
        "This outline has a corner that isn't a pair of numbers. Each corner is a longitude and a "
        "latitude, such as [-80.1, 40.36]"
    ),
    "longitude": lambda: _(
        "“{value}” isn't a longitude. Longitudes go from -180 (west) to 180 (east); the longitude comes first"
    ),
    "latitude": lambda: _(
        "“{value}” isn't a latitude. Latitudes go from -90 (south) to 90 (north); the longitude comes first,"
        " then the latitude"
    ),
    "open_ring": lambda: _(
        "This outline isn't closed. It needs at least four corners, and the last has to be the same "
        "as the first"
    ),
    "empty": lambda: _("This outline is empty. Choose a place, enter four numbers, or leave the field empty"),
    "too_long": lambda: _("This outline has too much detail. Simplify it, or enter a box around it"),
    "numbers": lambda: _(
        "“{value}” isn't an area. Enter four numbers: the longitudes and latitudes of west, south, "
        "east and north"
    ),
}


def gazetteer() -> Gazetteer:
    """The places that the portal's administrator named; without a file there are none."""
    path = config.gazetteer()
    return _gazetteer(path)[0] if path else Gazetteer()


def gazetteer_version() -> str:
    """Changes when the gazetteer's file does, so that browsers may keep the places."""
    try:
        at = os.stat(config.gazetteer())
    except OSError:
        return ""
    return f"{at.st_mtime_ns:x}-{at.st_size:x}"


def gazetteer_fault() -> str:
    """Why the gazetteer cannot be used, or what of it cannot; empty when all is well."""
    path = config.gazetteer()
    if not path:
        return ""
    places, fault = _gazetteer(path)
    return fault or "; ".join(places.unread)


# The last file read, by path and version: many requests read it, and it changes rarely.
_read: dict[tuple[str, str], tuple[Gazetteer, str]] = {}


def _gazetteer(path: str) -> tuple[Gazetteer, str]:
    key = (path, gazetteer_version())
    if key not in _read:
        _read.clear()
        _read[key] = _from_file(path)
    return _read.get(key) or _from_file(path)


def _from_file(path: str) -> tuple[Gazetteer, str]:
    try:
        return Gazetteer.from_geojson(json.loads(Path(path).read_text(encoding="utf-8"))), ""
    except (OSError, ValueError, RecursionError, ShapelyError) as error:
        log.warning("The gazetteer %s cannot be used: %s", path, error)
        return Gazetteer(), f"{path} cannot be used: {error}"


def places_as_geojson() -> str:
    """The places for maps in browsers."""
    features = [
        {"type": "Feature", "properties": {"name": place.name}, "geometry": place.extent.geometry}
        for place in gazetteer()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))


def shown(value: Any) -> Shown | None:
    """A record's extent for its page; None when it cannot be read."""
    try:
        extent = Extent.read(value)
        names = tuple(gazetteer().names_of(extent))
        return Shown(extent.geometry, extent.box, extent.kind, names, extent.whole_world)
    except (ExtentError, ShapelyError):
        return None


def requested(arguments: Mapping[str, Any]) -> Area | None:
    """The area in an address, None where it has none.

    :param arguments: the address's parameters
    """
    values = arguments.getlist(AREA) if hasattr(arguments, "getlist") else [arguments.get(AREA)]
    text = ",".join(value for value in values if value and value.strip())
    if not text:
        return None
    try:
        box = Box.read(text)
    except ExtentError as error:
        return Area(text, fault=message(error))
    west, south, east, north = (float(side) for side in text.split(","))
    turned = south > north or (west > east and box.east <= 180)
    return Area(text, box, tuple(gazetteer().names_of_box(box)), turned=turned)


def typed(arguments: Mapping[str, Any]) -> str | None:
    """The area that somebody typed or chose in a form without JavaScript.

    :param arguments: the address's parameters
    :returns: what ``ext_bbox`` is to be; empty for no area; None where no form was sent
    """
    if PLACE in arguments:
        name = str(arguments[PLACE])
        place = gazetteer().place(name)
        return place.box.text if place else name
    if not any(side in arguments for side in SIDES):
        return None
    numbers = [str(arguments.get(side, "")).strip() for side in SIDES]
    return ",".join(numbers) if any(numbers) else ""


def prepare_search(search_params: Record) -> Record:
    """Put the area of a search right before ckanext-spatial reads it.

    :raises SearchError: when it is none, but on pages: they say so and show all
    """
    extras = search_params.get("extras")
    if not isinstance(extras, dict) or not extras.get(AREA):
        return search_params
    others = {key: value for key, value in extras.items() if key != AREA}
    area = extras[AREA]
    if isinstance(area, str) and not area.strip():
        return {**search_params, "extras": others}
    try:
        box = Box.read(area)
    except ExtentError as error:
        if not _on_a_page():
            raise SearchError(message(error)) from None
        return {**search_params, "extras": others}
    return {**search_params, "extras": {**others, AREA: box.text}}


def _on_a_page() -> bool:
    """Whether the search is that of a page with the area in its address."""
    return has_request_context() and tk.request.blueprint != "api" and AREA in tk.request.args


def index(document: Record, name: str = "spatial") -> None:
    """Give a Solr document its extent in the form that ckanext-spatial searches.

    In place of ckanext-spatial's own way, which raises at what it cannot read and leaves out
    outlines that cross themselves. Nothing here raises: what cannot be read is not indexed.

    :param document: Solr fields by name
    :param name: the name of the field that holds the extent
    """
    document.pop(name, None)
    value = document.pop(f"extras_{name}", None)
    if not value or not config.searches_by_area():
        return
    try:
        extent = Extent.read(value)
        if config.spatial_backend() == "solr-bbox":
            document.update(zip(("minx", "miny", "maxx", "maxy"), extent.box.sides))
        else:
            document[config.spatial_index_field()] = extent.for_index()
    except (ExtentError, ShapelyError) as error:
        log.info("Dataset %s: its extent is not indexed: %s", document.get("id"), error)


def map_options() -> Record | None:
    """What a map in the browser needs; None where ckanext-spatial's map isn't there."""
    if not config.has_maps():
        return None
    version = gazetteer_version() if gazetteer().places else ""
    address = tk.url_for("civicswitchboard_extents.places", version=version) if version else ""
    return {"tiles": tk.h.get_common_map_config(), "places": address}


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"
