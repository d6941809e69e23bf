"""Libraries' datasets beside the others': on the home page, a dataset's, the search's, a library's own."""
from __future__ import annotations

from ckanext.civicswitchboard.shelves.home import KINDS, Shelf, home_shelves
from ckanext.civicswitchboard.shelves.index_fields import index_shared
from ckanext.civicswitchboard.shelves.related import (
    Item,
    beside_dataset,
    beside_library,
)
from ckanext.civicswitchboard.shelves.search_page import Lane, search_lane

__all__ = [
    "KINDS",
    "Item",
    "Lane",
    "Shelf",
    "beside_dataset",
    "beside_library",
    "home_shelves",
    "index_shared",
    "search_lane",
]
