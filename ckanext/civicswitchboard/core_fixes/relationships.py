"""Relationships between datasets (``package_relationship_create``), which CKAN 2.12 loses with any save."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="relationships",
    fixes="In CKAN 2.12, package_show gives empty lists of relationships, sending them back deletes the"
    " relationships, and a dataset that still has one can't be indexed (KeyError in ckan.lib.search.index)",
    reported="https://github.com/ckan/ckan/issues/7653",
    until="package_show gives relationships and the index reads them",
)

LISTS = ("relationships_as_subject", "relationships_as_object")


def keep(sent: dict[str, Any]) -> None:
    """Leave out relationships that were only shown, so that a save changes none of them; in place.

    :param sent: a dataset as it is to be saved. Entries without an id are new ones, which core adds
    """
    for name in LISTS if FIX.enabled else ():
        entries = sent.get(name) or []
        if isinstance(entries, list) and all(_is_shown(entry) for entry in entries):
            sent.pop(name, None)


def _is_shown(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("id"))


def make_indexable(shown: dict[str, Any]) -> None:
    """Empty both lists, as a page shows them; in place.

    :param shown: a dataset as core reads it for the search index
    """
    if FIX.enabled:
        shown.update({name: [] for name in LISTS})
