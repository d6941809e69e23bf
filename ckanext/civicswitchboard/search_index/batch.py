"""Many datasets into the search index with one request and one commit."""
from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import pysolr
import requests
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib import search
from ckan.lib.search import index
from ckan.lib.search.common import make_connection

from ckanext.civicswitchboard import config, connections
from ckanext.civicswitchboard.schema_registry import locks, versions
from ckanext.civicswitchboard.search_index import fingerprints
from ckanext.civicswitchboard.search_index.document import FORM
from ckanext.civicswitchboard.search_index.read_cache import Reading

log = logging.getLogger(__name__)

Document = dict[str, Any]

# PostgreSQL's code for a lock that was waited for too long.
LOCK_TIMEOUT = "55P03"


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
    """Index datasets, all at once, so that search finds them as the database holds them.

    What somebody saves meanwhile is indexed again, and what is gone by then is taken out; see
    decision 080. Ends the transaction.

    :param ids: of datasets that are stored and committed
    :param readings: datasets that were read already
    :returns: by id, why a dataset could not be indexed
    :raises IndexUnreachable: when the search index does not answer
    """
    if not ids:
        return {}
    with reaching() as solr:
        failed: dict[str, str] = {}
        documents, read = _read(solr, list(dict.fromkeys(ids)), readings, failed)
        # Most of what was saved while others were read is never shown as it was.
        current = fingerprints.of(read)
        same = {id_ for id_ in read if current.get(id_) == read[id_]}
        _post(solr, [document for document in documents if document["id"] in same], failed)
        tried = {id_: fingerprint for id_, fingerprint in read.items() if id_ not in failed}
        done = fingerprints.unchanged({id_: tried[id_] for id_ in tried if id_ in same})
        for id_ in tried.keys() - done:
            with _noting_failures(failed, id_):
                index_one(id_)
        solr.commit()
        return failed


def _read(
    solr: pysolr.Solr, ids: list[str], readings: Mapping[str, Reading], failed: dict[str, str]
) -> tuple[list[Document], dict[str, str]]:
    """Documents of datasets, all as they were at one moment.

    :param failed: why a dataset has no document; added to
    :returns: the documents, of datasets that search finds, and the fingerprints of all that were read
    """
    model.Session.rollback()
    model.Session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    marks = fingerprints.of(ids)
    valid = {
        id_: reading
        for id_, reading in readings.items()
        if reading[1].get(fingerprints.KEY) == marks.get(id_)
    }
    with _gathered(solr) as gathering, fingerprints.known(marks):
        for id_ in marks:
            with _noting_failures(failed, id_):
                _make_document(id_, valid.get(id_))
    model.Session.rollback()
    # One that is gone has the empty fingerprint, which none has.
    return gathering.documents, {id_: marks.get(id_, "") for id_ in ids if id_ not in failed}


def index_one(id_: str) -> None:
    """Index a dataset while nobody can save it, or take it out where the database lacks it.

    Ends the transaction.

    :raises locks.Busy: when a save of it doesn't end in time
    """
    model.Session.rollback()
    try:
        if _hold(id_):
            logic.index_update_package({"ignore_auth": True}, id_, defer_commit=True)
        else:
            search.clear(id_)
    finally:
        model.Session.rollback()


def _hold(id_: str) -> bool:
    """Keep everybody from changing a dataset until the transaction ends.

    :returns: whether there is one
    :raises locks.Busy: when a save of it doesn't end in time
    """
    model.Session.execute(sa.text(f"SET LOCAL lock_timeout = '{locks.PATIENCE}'"))
    query = sa.select(model.Package.id).where(model.Package.id == id_).with_for_update(read=True)
    try:
        return model.Session.scalar(query) is not None
    except sa.exc.OperationalError as error:
        if getattr(error.orig, "pgcode", None) != LOCK_TIMEOUT:
            raise
        raise locks.Busy from error


def _make_document(id_: str, reading: Reading | None) -> None:
    if reading:
        logic.index_update_package_dicts(reading, defer_commit=True)
    else:
        logic.index_update_package({"ignore_auth": True}, id_, defer_commit=True)


Difference = Literal["form", "contents", "ghost"]


def differences(ids: Collection[str], brief: bool = False) -> dict[str, Difference]:
    """How the index differs from the database.

    :param ids: of datasets
    :param brief: whether to wait for an answer for some seconds only
    :returns: by id ``form`` for a dataset that the index lacks, or that was indexed by another form
        of the shared schema; ``contents`` for one that the index holds as it no longer is; ``ghost``
        for one that search finds and the database has not, or has as deleted
    :raises IndexUnreachable: when the search index does not answer
    """
    if not ids:
        return {}
    with reaching(brief) as solr:
        indexed = _indexed(solr, ids, [])
        current = _indexed(solr, ids, [in_current_form()])
    stored = fingerprints.of(ids)
    drop = config.search_drops_deleted()
    states = dict(model.Session.execute(_states(ids)).tuples().all())
    differences: dict[str, Difference] = {}
    for id_ in ids:
        if id_ not in stored or (drop and states[id_] == "deleted"):
            if id_ in indexed:
                differences[id_] = "ghost"
        elif not current.get(id_):
            differences[id_] = "form"
        elif current[id_] != stored[id_]:
            differences[id_] = "contents"
    return differences


def behind(ids: Collection[str], brief: bool = False) -> list[str]:
    """The datasets that the index lacks, or holds in another form or as they no longer are.

    :param ids: of stored datasets
    :param brief: whether to wait for an answer for some seconds only
    :raises IndexUnreachable: when the search index does not answer
    """
    return list(differences(ids, brief))


def in_current_form() -> str:
    """A filter for what was indexed as the current version of the shared schema asks."""
    return f"{FORM}:{versions.current().index_form} OR (*:* -dataset_type:dataset)"


def _indexed(solr: pysolr.Solr, ids: Collection[str], filters: list[str]) -> dict[str, str]:
    """The fingerprints in the index by id, empty where a document has none."""
    ours = [f'+site_id:"{config.site_id()}"', "+entity_type:package"]
    result = solr.search(
        "*:*",
        fq=["{!terms f=id}" + ",".join(ids), *ours, *filters],
        fl=f"id,{fingerprints.FIELD}",
        rows=len(ids),
    )
    return {document["id"]: next(iter(document.get(fingerprints.FIELD) or [""])) for document in result}


def _states(ids: Collection[str]) -> sa.Select[Any]:
    return sa.select(model.Package.id, model.Package.state).where(model.Package.id.in_(list(ids)))


@contextmanager
def reaching(brief: bool = False) -> Iterator[pysolr.Solr]:
    """The search index's own connection.

    :param brief: whether to wait for an answer for some seconds only
    :raises IndexUnreachable: when it does not answer
    """
    try:
        yield (connections.search_engine if brief else make_connection)(decode_dates=False)
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
def _noting_failures(failed: dict[str, str], id_: str) -> Iterator[None]:
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
