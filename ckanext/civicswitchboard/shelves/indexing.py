"""What the search index holds for the shelves, besides what it holds anyway."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core.periods import decades
from ckanext.civicswitchboard.shelves import facts


def index_shared(document: dict[str, Any]) -> dict[str, Any]:
    """A Solr document as core made it, with its named places and decades as values of their own.

    Nothing here raises.

    :param document: Solr fields by name; changed in place
    """
    record = {key[7:]: value for key, value in document.items() if key.startswith("extras_")}
    places = facts.texts(record.get("places"))
    if places:
        document["vocab_civicswitchboard_places"] = places
    title = document.get("title")
    firsts = decades(*facts.periods(record), title if isinstance(title, str) else "")
    if firsts:
        document["vocab_civicswitchboard_decades"] = [f"{first}s" for first in firsts]
    return document
