"""What the search index holds for the shelves, besides what it holds anyway."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core.related.decades import decades
from ckanext.civicswitchboard.core.schema.renames import renamed
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.shelves import facts


def index_shared(document: dict[str, Any]) -> dict[str, Any]:
    """A Solr document as core made it, with what can be shared as values of their own.

    They are there whatever the shared schema says of their fields: a field that has another
    name, or is no filter, leaves the shelves as they are.

    Nothing here raises.

    :param document: Solr fields by name; changed in place
    """
    extras = {key[7:]: value for key, value in document.items() if key.startswith("extras_")}
    values = facts.by_id(renamed(extras, versions.current().earlier_names["dataset"]))
    for several in ("theme", "places"):
        if texts := facts.texts(values[several]):
            document[f"vocab_civicswitchboard_{several}"] = texts
    if collection := (facts.texts(values["collection"]) or [values["collection"]])[0]:
        document["vocab_civicswitchboard_collection"] = [collection]
    title = document.get("title")
    firsts = decades(*facts.periods(values), title if isinstance(title, str) else "")
    if firsts:
        document["vocab_civicswitchboard_decades"] = [f"{first}s" for first in firsts]
    return document
