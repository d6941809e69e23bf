"""Keeps the search index abreast of the shared schema."""
from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import search
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.metadata_schema.reading import STAMP

log = logging.getLogger(__name__)

PAGE = 500


def behind() -> list[str]:
    """Ids of datasets that the index lacks, or holds as another schema read them.

    Datasets that were indexed before the plugin was enabled are among them.
    """
    indexed = dict(_indexed())
    package = model.Package
    rows = model.Session.execute(
        sa.select(package.id, package.type).where(package.state != "deleted").order_by(package.id)
    )
    return [row.id for row in rows if not _abreast(row.type, indexed.get(row.id, _MISSING))]


_MISSING = object()


def _abreast(kind: str, epoch: Any) -> bool:
    """Whether a dataset is in the index as it should be; other types are not ours to read."""
    return epoch is not _MISSING and (kind != "dataset" or epoch == live.current().epoch)


def _indexed() -> Iterator[tuple[str, Any]]:
    """Every indexed dataset's id, and the epoch it was read by, None where there is none."""
    solr = make_connection(decode_dates=False)
    asked: dict[str, Any] = {
        "fq": [f"site_id:{solr_literal(config.site_id())}", "entity_type:package"],
        "fl": "id,validated_data_dict",
        "sort": "index_id asc",
        "rows": PAGE,
        "cursorMark": "*",
    }
    while True:
        found = solr.search("*:*", **asked)
        for document in found.docs:
            yield document["id"], _epoch(document.get("validated_data_dict"))
        if found.nextCursorMark == asked["cursorMark"]:
            return
        asked["cursorMark"] = found.nextCursorMark


def _epoch(stored: str | None) -> Any:
    try:
        return json.loads(stored or "{}").get(STAMP)
    except ValueError:
        return None


def reindex(dataset_ids: list[str]) -> Iterator[tuple[str, str]]:
    """Index datasets again, seen by searches when all are done.

    :returns: each id when it was tried, with what went wrong, empty when nothing did
    """
    for dataset_id in dataset_ids:
        fault = ""
        try:
            logic.index_update_package({"ignore_auth": True}, dataset_id, True)
        except Exception as error:
            # One dataset that cannot be indexed must not keep the others out.
            log.exception("Dataset %s could not be indexed", dataset_id)
            fault = str(error)
        yield dataset_id, fault
    search.commit()
