"""Keeps the search index abreast of the records and of the shared schema."""
from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.lib.search.query import solr_literal
from redis.exceptions import RedisError

from ckanext.civicswitchboard import config, job_queue
from ckanext.civicswitchboard.schema_registry import locks, versions
from ckanext.civicswitchboard.search_index.batch import (
    Difference,
    IndexUnreachable,
    differences,
    index_datasets,
    reaching,
)
from ckanext.civicswitchboard.search_index.document import FORM

log = logging.getLogger(__name__)

PAGE = 500
CHUNK = 200
# How often a dataset is indexed that stays behind all the same.
MOST_TRIES = 3
# Seconds in which a save that has been indexed is committed.
PAUSE = 1.0


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
    """Ids of datasets that the index lacks, or holds in another form or as they no longer are.

    Datasets that were indexed before the plugin was enabled are among them, what a backup of the
    database brought back, and deleted ones that search still finds.
    """
    return list(_differences(_every_dataset()))


def wrong_documents() -> Counter[Difference]:
    """How many datasets the index holds in which wrong way; what is being saved just now is not."""
    suspects = [*_differences(_every_dataset()), *strangers()]
    if suspects:
        # A save indexes shortly before it commits.
        time.sleep(PAUSE)
        model.Session.rollback()
    return Counter(_differences(suspects).values())


def _every_dataset() -> list[str]:
    return list(model.Session.scalars(sa.select(model.Package.id).order_by(model.Package.id)))


def _differences(dataset_ids: Iterable[str]) -> dict[str, Difference]:
    waiting = iter(dataset_ids)
    differences_found: dict[str, Difference] = {}
    while page := list(islice(waiting, PAGE)):
        differences_found |= differences(page)
    return differences_found


def strangers() -> list[str]:
    """Ids that the index holds and the database does not: it was put back to how it was earlier."""
    indexed = list(_indexed())
    stored = set(model.Session.scalars(sa.select(model.Package.id)))
    return [id_ for id_ in indexed if id_ not in stored]


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
    for id_ in gone:
        search.clear(id_)
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
        with versions.pinned(versions.newest()):
            failed = index_datasets(chunk, {})
        model.Session.rollback()
        yield from ((dataset_id, failed.get(dataset_id, "")) for dataset_id in chunk)


def catch_up(turn: float = job_queue.TURN) -> None:
    """Index every dataset that is behind: the job after a publish.

    :param turn: after so many seconds it makes way for other jobs, and goes on as another one
    :raises IndexUnreachable: when the search index does not answer, after a while
    """
    try:
        _catch_up(time.monotonic() + turn)
    except IndexUnreachable:
        time.sleep(job_queue.PATIENCE)
        raise


def _catch_up(end: float) -> None:
    tried = Counter[str]()
    while waiting := [id_ for id_ in behind() if tried[id_] < MOST_TRIES]:
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
        if not job_queue.is_due(catch_up):
            follow_up()
    except RedisError as error:
        log.warning("Redis does not answer: %s", error)


def follow_up(title: str = "Index datasets by the new version of the shared schema") -> bool:
    """Have a worker index what is behind.

    :param title: why, for who looks at the queue
    :returns: whether it could be queued
    """
    return job_queue.enqueue(catch_up, title=title)


def _indexed() -> Iterator[str]:
    """Ids of what the index holds, page by page."""
    query: dict[str, Any] = {
        "fq": _ours(),
        "fl": "id",
        "sort": "index_id asc",
        "rows": PAGE,
        "cursorMark": "*",
    }
    with reaching() as solr:
        while True:
            result = solr.search("*:*", **query)
            yield from (document["id"] for document in result.docs)
            if result.nextCursorMark == query["cursorMark"]:
                return
            query["cursorMark"] = result.nextCursorMark


def _ours() -> list[str]:
    return [f"site_id:{solr_literal(config.site_id())}", "entity_type:package"]


def _abreast() -> str:
    return f"{FORM}:{versions.current().index_form}"
