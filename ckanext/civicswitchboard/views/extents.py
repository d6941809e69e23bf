"""The gazetteer for maps, the forms for areas that need no JavaScript, and caches in browsers."""
from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.civicswitchboard.search_index import extents

civicswitchboard_extents = Blueprint("civicswitchboard_extents", __name__)


@civicswitchboard_extents.route("/extents/places/<version>")
def places(version: str) -> Response:
    """The gazetteer's places; a changed file has another address."""
    response = Response(extents.places_as_geojson(), mimetype="application/geo+json")
    response.cache_control.max_age = 86_400
    return response


@civicswitchboard_extents.before_app_request
def area_from_form() -> Any:
    """Lead from what a form sent to the address that holds the area as every other page does."""
    if tk.request.method != "GET" or tk.request.blueprint in (None, "api"):
        return None
    area = extents.typed(tk.request.args)
    if area is None:
        return None
    kept = tk.h.civicswitchboard_parameters_beside_area()
    query = urlencode([*kept, *([(extents.AREA, area)] if area else [])])
    address = tk.url_for(tk.request.endpoint, **(tk.request.view_args or {}))
    return tk.redirect_to(f"{address}?{query}" if query else address)


@civicswitchboard_extents.after_app_request
def tell_fragments_from_pages(response: Response) -> Response:
    """CKAN answers HTMX at a page's own address: a browser must not show that as the page."""
    if response.mimetype == "text/html":
        response.vary.add("HX-Request")
    return response
