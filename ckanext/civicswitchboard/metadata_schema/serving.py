"""Search results are served as the current schema reads them, however old the index is."""
from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.metadata_schema import fingerprints
from ckanext.civicswitchboard.metadata_schema.reading import STAMP

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
    shown = [each for each in records if isinstance(each, dict)]
    owners = [each for record in shown for each in _owners(record)]
    if owners:
        group = model.Group
        ids = {owner["id"] for owner in owners}
        rows = model.Session.execute(sa.select(group.id, group.name, group.title).where(group.id.in_(ids)))
        today = {row.id: row for row in rows}
        for owner in owners:
            if row := today.get(owner["id"]):
                owner.update(name=row.name, title=row.title)
                if "display_name" in owner:
                    owner["display_name"] = row.title or row.name
    _name_in_short_forms(
        {each["id"]: each for each in shown if isinstance(each.get("organization"), str) and "id" in each}
    )


def _owners(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in (record.get("organization"), *(record.get("groups") or ())):
        if isinstance(each, dict) and "id" in each:
            yield each


def _name_in_short_forms(records: dict[str, dict[str, Any]]) -> None:
    if not records:
        return
    package, group = model.Package, model.Group
    asked = sa.select(package.id, group.name).join(group, group.id == package.owner_org)
    for row in model.Session.execute(asked.where(package.id.in_(list(records)))):
        records[row.id]["organization"] = row.name


def _fresh(record: dict[str, Any]) -> dict[str, Any]:
    context = {"ignore_auth": True, "use_cache": False}
    try:
        shown: dict[str, Any] = tk.get_action("package_show")(context, {"id": record["id"]})
    except tk.ObjectNotFound:
        return record
    return shown
