"""Keeps the search index abreast of the records and of the shared schema."""
from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import make_connection
from ckan.lib.search.query import solr_literal

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.importing.indexing import index_datasets
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.metadata_schema.indexing import FORM

log = logging.getLogger(__name__)

PAGE = 500
CHUNK = 200


@dataclass(frozen=True)
class Progress:
    """How far the index follows the current version.

    :ivar done: datasets in the index in the current form
    :ivar total: datasets in the index that the shared schema describes
    """

    done: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total


def progress() -> Progress:
    """How far the index follows the current version; two counts by Solr.

    :raises pysolr.SolrError: when the search engine does not answer
    """
    solr = make_connection()
    total, done = (
        solr.search("*:*", fq=[*_ours(), "dataset_type:dataset", *more], rows=0).hits
        for more in ([], [_abreast()])
    )
    return Progress(done=done, total=total)


def behind() -> list[str]:
    """Ids of datasets that the index lacks, or holds in another form than the current one.

    Datasets that were indexed before the plugin was enabled are among them.
    """
    indexed = set(_indexed())
    package = model.Package
    rows = model.Session.execute(
        sa.select(package.id).where(package.state != "deleted").order_by(package.id)
    )
    return [row.id for row in rows if row.id not in indexed]


def reindex(dataset_ids: list[str]) -> Iterator[tuple[str, str]]:
    """Index datasets again, seen by searches chunk by chunk.

    :returns: each id when it was tried, with what went wrong, empty when nothing did
    :raises IndexUnreachable: when the search index does not answer
    """
    waiting = iter(dataset_ids)
    while chunk := list(islice(waiting, CHUNK)):
        # A version that is published meanwhile holds from the next chunk on.
        with live.pinned(live.newest()):
            failed = index_datasets(chunk, {})
        model.Session.rollback()
        yield from ((dataset_id, failed.get(dataset_id, "")) for dataset_id in chunk)


def catch_up() -> None:
    """Index every dataset that is behind: the job after a publish."""
    tried: set[str] = set()
    while waiting := [each for each in behind() if each not in tried]:
        for dataset_id, fault in reindex(waiting):
            tried.add(dataset_id)
            if fault:
                log.error("Dataset %s could not be indexed: %s", dataset_id, fault)


def _indexed() -> Iterator[str]:
    """Ids that are in the index as they should be; other types are not ours to read."""
    solr = make_connection(decode_dates=False)
    asked: dict[str, Any] = {
        "fq": [*_ours(), f"{_abreast()} OR (*:* -dataset_type:dataset)"],
        "fl": "id",
        "sort": "index_id asc",
        "rows": PAGE,
        "cursorMark": "*",
    }
    while True:
        found = solr.search("*:*", **asked)
        for document in found.docs:
            yield document["id"]
        if found.nextCursorMark == asked["cursorMark"]:
            return
        asked["cursorMark"] = found.nextCursorMark


def _ours() -> list[str]:
    return [f"site_id:{solr_literal(config.site_id())}", "entity_type:package"]


def _abreast() -> str:
    return f"{FORM}:{live.current().index_form}"
