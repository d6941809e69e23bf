"""Keeps the search index abreast of the records and of the shared schema."""
from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.lib.search.query import solr_literal
from redis.exceptions import RedisError

from ckanext.civicswitchboard import background, config
from ckanext.civicswitchboard.importing.indexing import (
    IndexUnreachable,
    index_datasets,
    reaching,
    time_in,
    to_milliseconds,
)
from ckanext.civicswitchboard.metadata_schema import live, locks
from ckanext.civicswitchboard.metadata_schema.indexing import FORM

log = logging.getLogger(__name__)

PAGE = 500
CHUNK = 200
# How often a dataset is indexed that people save meanwhile.
MOST_TRIES = 3


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

    :raises IndexUnreachable: when it does not answer
    """
    with reaching(brief=True) as solr:
        total, done = (
            solr.search("*:*", fq=[*_ours(), "dataset_type:dataset", *more], rows=0).hits
            for more in ([], [_abreast()])
        )
    return Progress(done=done, total=total)


def behind() -> list[str]:
    """Ids of datasets that the index lacks, or holds in another form, or as they were at another time.

    Datasets that were indexed before the plugin was enabled are among them, and what a backup
    of the database brought back.
    """
    indexed = {each["id"]: _time(each) for each in _indexed("id,dataset_type,metadata_modified", _wanted())}
    package = model.Package
    rows = model.Session.execute(
        sa.select(package.id, package.metadata_modified)
        .where(package.state != "deleted")
        .order_by(package.id)
    )
    return [row.id for row in rows if not _as_it_is(indexed.get(row.id), row.metadata_modified)]


def strangers() -> list[str]:
    """Ids that the index holds and the database does not: it was put back to how it was earlier."""
    indexed = [each["id"] for each in _indexed("id")]
    stored = set(model.Session.scalars(sa.select(model.Package.id)))
    return [each for each in indexed if each not in stored]


def forget_strangers() -> list[str]:
    """Take out of the index what the database does not have.

    :returns: the ids
    :raises locks.Busy: when saves run that do not end in time
    """
    if not strangers():
        return []
    # A record that is being created is in the index before the database shows it.
    locks.publishing()
    gone = strangers()
    for each in gone:
        search.clear(each)
    model.Session.rollback()
    return gone


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


def catch_up(turn: float = background.TURN) -> None:
    """Index every dataset that is behind: the job after a publish.

    What is saved while it is indexed is indexed again: the index may hold it as it was before.

    :param turn: after so many seconds it makes way for other jobs, and goes on as another one
    :raises IndexUnreachable: when the search index does not answer, after a while
    """
    try:
        _catch_up(time.monotonic() + turn)
    except IndexUnreachable:
        time.sleep(background.PATIENCE)
        raise


def _catch_up(end: float) -> None:
    tried = Counter[str]()
    while waiting := [each for each in behind() if tried[each] < MOST_TRIES]:
        tried.update(waiting)
        for dataset_id, fault in reindex(waiting):
            if fault:
                tried[dataset_id] = MOST_TRIES
                log.error("Dataset %s could not be indexed: %s", dataset_id, fault)
            if time.monotonic() > end:
                follow_up()
                return


def look_after() -> None:
    """Have a worker index what is behind where no job for it waits: the search engine may have been away."""
    try:
        if not background.is_due(catch_up):
            follow_up()
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)


def follow_up() -> bool:
    """Have a worker index what is behind.

    :returns: whether it could be queued
    """
    return background.enqueue(catch_up, title="Index datasets by the new version of the shared schema")


def _time(found: dict[str, Any]) -> str:
    """The time of what the index holds; empty for other types, which are not ours to judge."""
    return str(found["metadata_modified"]) if found.get("dataset_type") == "dataset" else ""


def _as_it_is(indexed: str | None, modified: datetime) -> bool:
    """Whether the index holds a record as it was at a time."""
    if not indexed:
        return indexed is not None
    return time_in(indexed) == to_milliseconds(modified)


def _wanted() -> str:
    """What is in the index as it should be; other types are not ours to read."""
    return f"{_abreast()} OR (*:* -dataset_type:dataset)"


def _indexed(fields: str, *more: str) -> Iterator[dict[str, Any]]:
    """What the index holds, page by page."""
    asked: dict[str, Any] = {
        "fq": [*_ours(), *more],
        "fl": fields,
        "sort": "index_id asc",
        "rows": PAGE,
        "cursorMark": "*",
    }
    with reaching() as solr:
        while True:
            found = solr.search("*:*", **asked)
            yield from found.docs
            if found.nextCursorMark == asked["cursorMark"]:
                return
            asked["cursorMark"] = found.nextCursorMark


def _ours() -> list[str]:
    return [f"site_id:{solr_literal(config.site_id())}", "entity_type:package"]


def _abreast() -> str:
    return f"{FORM}:{live.current().index_form}"
