"""The demo's gazetteer holds the places that its records name."""
from __future__ import annotations

import json
from pathlib import Path

import civicswitchboard_demo as demo
from civicswitchboard_demo.content import Content
from ckanext.civicswitchboard.core.geo.gazetteer import Gazetteer

FILE = Path(str(demo.__file__)).with_name("places.geojson")


def test_the_file_for_maps_holds_every_place_where_the_seed_has_it() -> None:
    region = Content().gazetteer
    shown = Gazetteer.from_geojson(json.loads(FILE.read_text(encoding="utf-8")))
    assert not shown.unread
    boxes = {place.name: place.box.sides for place in shown}
    wider = {"Tamber County": "county", "Harrow Bend": "city", "Riverfront": "riverfront"}
    assert boxes == {place.name: place.box for place in region.places} | {
        name: region.extents[extent] for name, extent in wider.items()
    }
