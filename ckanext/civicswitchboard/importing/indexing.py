"""Many datasets into the search index with one request and one commit."""
from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pysolr
import requests
import sqlalchemy as sa
from ckan import logic
from ckan.lib import search
from ckan.lib.search import index
from ckan.lib.search.common import make_connection

from ckanext.civicswitchboard import config, services
from ckanext.civicswitchboard.importing.held import states
from ckanext.civicswitchboard.metadata_schema.remembered import Reading

log = logging.getLogger(__name__)

Document = dict[str, Any]


class IndexUnreachable(Exception):
    """The search index does not answer: what it lacks is added by the next run."""


class _Gathering:
    """Stands where CKAN expects the connection to Solr, and keeps the documents."""

    url = ""

    def __init__(self, solr: pysolr.Solr) -> None:
        self.solr = solr
        self.documents: list[Document] = []

    def add(self, docs: list[Document], commit: bool = False) -> None:
        self.documents.extend(docs)

    def delete(self, q: str, commit: bool = False) -> None:
        self.solr.delete(q=q, commit=False)


def index_datasets(ids: Collection[str], readings: Mapping[str, Reading]) -> dict[str, str]:
    """Index datasets, all at once, and make them findable.

    :param ids: of datasets that are stored and committed
    :param readings: datasets that were read already
    :returns: by id, why a dataset could not be indexed
    :raises IndexUnreachable: when the search index does not answer
    """
    if not ids:
        return {}
    with reaching() as solr:
        failed: dict[str, str] = {}
        with _gathered(solr) as gathering:
            valid = _still_so(readings)
            for id_ in ids:
                with _told(failed, id_):
                    _make_document(id_, valid.get(id_))
        _post(solr, gathering.documents, failed)
        solr.commit()
        return failed


def _make_document(id_: str, reading: Reading | None) -> None:
    if reading:
        logic.index_update_package_dicts(reading, defer_commit=True)
    else:
        logic.index_update_package({"ignore_auth": True}, id_, defer_commit=True)


def _still_so(readings: Mapping[str, Reading]) -> dict[str, Reading]:
    """The readings that nobody has outdated since by a save of their own."""
    stored = {
        id_: (state, modified.isoformat()) for id_, (state, modified) in states(readings).items()
    }
    return {
        id_: reading
        for id_, reading in readings.items()
        if stored.get(id_) == (reading[0]["state"], reading[0]["metadata_modified"])
    }


def behind(ids: Collection[str], brief: bool = False) -> list[str]:
    """The datasets that the index lacks or holds as they once were.

    :param ids: of stored datasets
    :param brief: whether to wait for an answer for some seconds only
    :raises IndexUnreachable: when the search index does not answer
    """
    if not ids:
        return []
    with reaching(brief) as solr:
        found = solr.search(
            "*:*",
            fq=["{!terms f=id}" + ",".join(ids), f'+site_id:"{config.site_id()}"'],
            fl="id,metadata_modified",
            rows=len(ids),
        )
    indexed = {each["id"]: time_in(each["metadata_modified"]) for each in found}
    gone = {"deleted"} if config.search_drops_deleted() else set()
    return [
        id_
        for id_, (state, modified) in states(ids).items()
        if indexed.get(id_) != (None if state in gone else to_milliseconds(modified))
    ]


@contextmanager
def reaching(brief: bool = False) -> Iterator[pysolr.Solr]:
    """The search index's own connection.

    :param brief: whether to wait for an answer for some seconds only
    :raises IndexUnreachable: when it does not answer
    """
    try:
        yield (services.search_engine if brief else make_connection)(decode_dates=False)
    except (search.SearchError, pysolr.SolrError, requests.RequestException, OSError) as error:
        raise IndexUnreachable(str(error)[:300]) from error


@contextmanager
def _gathered(solr: pysolr.Solr) -> Iterator[_Gathering]:
    """CKAN makes and sends a document in one step; only its connection can be stepped between."""
    gathering = _Gathering(solr)
    connect: Callable[..., Any] = index.make_connection
    index.make_connection = lambda *args, **kwargs: gathering
    try:
        yield gathering
    finally:
        index.make_connection = connect


@contextmanager
def _told(failed: dict[str, str], id_: str) -> Iterator[None]:
    """One dataset that cannot be made a document must not keep the others out."""
    try:
        yield
    except (requests.RequestException, pysolr.SolrError, sa.exc.OperationalError, sa.exc.InterfaceError):
        # Without the search engine or the database none can be.
        raise
    except Exception as error:
        log.exception("Dataset %s could not be prepared for the search index", id_)
        failed[id_] = f"{type(error).__name__}: {error}"[:300]


def _post(solr: pysolr.Solr, documents: list[Document], failed: dict[str, str]) -> None:
    if not documents:
        return
    try:
        solr.add(documents)
    except pysolr.SolrError:
        _post_singly(solr, documents, failed)


def _post_singly(solr: pysolr.Solr, documents: list[Document], failed: dict[str, str]) -> None:
    """Solr refuses all documents for the sake of one: find which."""
    solr.ping()
    for document in documents:
        try:
            solr.add([document])
        except pysolr.SolrError as error:
            failed[document["id"]] = str(error)[:300]


def time_in(text: str) -> datetime:
    """A time as the index writes it."""
    return datetime.fromisoformat(text.rstrip("Z"))


def to_milliseconds(time: datetime) -> datetime:
    """A time as exactly as the index knows it."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
