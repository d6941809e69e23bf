"""Search results are served as the current schema reads them, however old the index is."""
from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.partners import registry
from ckanext.civicswitchboard.records.show import STAMP
from ckanext.civicswitchboard.search_index import fingerprints

log = logging.getLogger(__name__)


def serve_search(snapshot: Snapshot, results: dict[str, Any]) -> dict[str, Any]:
    """Replace just the records that the index holds by an older reading.

    :param results: core's search results; changed in place
    """
    records = results.get("results") or []
    name_owners(records)
    for place, record in enumerate(records):
        if not isinstance(record, dict):
            continue
        record.pop(fingerprints.KEY, None)
        if record.get("type") != "dataset":
            continue
        stamp = record.pop(STAMP, None)
        # A record without its tags and groups is a short form that the caller asked for.
        if stamp != snapshot.epoch and "resources" in record:
            records[place] = _fresh(record)
    return results


def name_owners(records: Sequence[Any]) -> None:
    """Give records today's names and titles of their organizations and groups; in place.

    :param records: as the index holds them: whole, or in a short form with an organization's name
    """
    shown = [record for record in records if isinstance(record, dict)]
    owners = [owner for record in shown for owner in _named_in(record.get("organization"))]
    groups = [owner for record in shown for owner in _named_in(*(record.get("groups") or ()))]
    # A request has asked for all organizations anyway, for their badges.
    _rename(owners, registry.by_id() if owners else {})
    _rename(groups, _groups({group["id"] for group in groups}))
    _name_in_short_forms(
        {
            owner["id"]: owner
            for owner in shown
            if isinstance(owner.get("organization"), str) and "id" in owner
        }
    )


def _named_in(*places: Any) -> Iterator[dict[str, Any]]:
    yield from (place for place in places if isinstance(place, dict) and "id" in place)


def _rename(shown: Sequence[dict[str, Any]], today: Mapping[str, Any]) -> None:
    for owner in shown:
        if known := today.get(owner["id"]):
            owner.update(name=known.name, title=known.title)
            if "display_name" in owner:
                owner["display_name"] = known.title or known.name


def _groups(ids: Collection[str]) -> Mapping[str, Any]:
    if not ids:
        return {}
    group = model.Group
    rows = model.Session.execute(sa.select(group.id, group.name, group.title).where(group.id.in_(ids)))
    return {row.id: row for row in rows}


def _name_in_short_forms(records: dict[str, dict[str, Any]]) -> None:
    if not records:
        return
    package, group = model.Package, model.Group
    query = sa.select(package.id, group.name).join(group, group.id == package.owner_org)
    for row in model.Session.execute(query.where(package.id.in_(list(records)))):
        records[row.id]["organization"] = row.name


def _fresh(record: dict[str, Any]) -> dict[str, Any]:
    context = {"ignore_auth": True, "use_cache": False}
    try:
        shown: dict[str, Any] = tk.get_action("package_show")(context, {"id": record["id"]})
    except tk.ObjectNotFound:
        return record
    return shown
