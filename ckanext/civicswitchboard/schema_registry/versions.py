"""The one Snapshot in sight.

Whoever needs the shared schema asks :func:`current`. Every process keeps the compiled
versions that it has met, which never change; which of them is the newest is asked of the
database, once in a request, a job's action or a command. So a version that was published
in one process is served by all from their next request on.
"""
from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, get_args

import sqlalchemy as sa
from ckan import model
from flask import g, has_request_context

from ckanext.civicswitchboard.core.schema.compiler import Presets, Snapshot, compile_document
from ckanext.civicswitchboard.core.schema.document import Document, Entity, parse
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder, read_presets
from ckanext.civicswitchboard.model import autocommit, schema_versions
from ckanext.civicswitchboard.model.schema_versions import Version

log = logging.getLogger(__name__)


_pinned: ContextVar[Snapshot | None] = ContextVar("civicswitchboard_snapshot", default=None)


def current() -> Snapshot:
    """The Snapshot that this request, job or command works with."""
    snapshot = _pinned.get()
    if snapshot is not None:
        return snapshot
    if not has_request_context():
        return newest()
    if "civicswitchboard_snapshot" not in g:
        g.civicswitchboard_snapshot = newest()
    current_snapshot: Snapshot = g.civicswitchboard_snapshot
    return current_snapshot


@contextmanager
def pinned(snapshot: Snapshot) -> Iterator[Snapshot]:
    """Work with one Snapshot throughout, whatever is published meanwhile.

    :param snapshot: the Snapshot that :func:`current` gives inside
    """
    token = _pinned.set(snapshot)
    try:
        yield snapshot
    finally:
        _pinned.reset(token)


def follow() -> Snapshot:
    """Let the running request go on with the newest version.

    For whoever has to look again: a save that waited for a publish, and the publish itself.
    """
    snapshot = newest()
    if has_request_context():
        g.civicswitchboard_snapshot = snapshot
    return snapshot


def newest() -> Snapshot:
    """The Snapshot of the version published last, of the shipped document while there is none.

    Where the database can't say, the last one that was served is served again, so that
    a page comes all the same.
    """
    if model.meta.engine is None:
        # While CKAN starts.
        return shipped()
    try:
        snapshot = _snapshot_of(schema_versions.current()) or shipped()
    except sa.exc.SQLAlchemyError as error:
        return _last_good(error)
    _Last.snapshot, _Last.trouble = snapshot, ""
    return snapshot


def of_version(number: int) -> Snapshot | None:
    """The Snapshot of any version, None when there is no such version.

    :raises sqlalchemy.exc.SQLAlchemyError: when the database does not answer
    """
    if not has_request_context():
        return _of_version(number)
    # A page may ask at each of its lines; what was published stays as it is.
    kept: dict[int, Snapshot] = g.setdefault("civicswitchboard_versions", {})
    if number not in kept and (snapshot := _of_version(number)) is not None:
        kept[number] = snapshot
    return kept.get(number)


def _of_version(number: int) -> Snapshot | None:
    snapshot = _snapshot_of(schema_versions.numbered(number))
    if snapshot is None and number == shipped().version and _snapshot_of(schema_versions.current()) is None:
        return shipped()
    return snapshot


def _snapshot_of(query: Any) -> Snapshot | None:
    """The Snapshot of the version that a query names by number and time of publishing."""

    def look(connection: sa.Connection) -> Snapshot | None:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        known = _compiled.get(row.number)
        # A database that was restored has other versions under the same numbers.
        if known is None or known[0] != row.published:
            # It kept the rules of its day; those of today must not take the portal down.
            document = parse(connection.scalar(schema_versions.document(row.number)))
            known = _compiled[row.number] = row.published, compiled(document, row.number)
            _forget_old()
        return known[1]

    return autocommit.ask(look)


def names_ever(entity: Entity) -> frozenset[str]:
    """Every name that a field of an entity has had in any version of the shared schema."""
    document = current().document
    if _Names.document is not document:
        documents = [document, *map(parse, model.Session.scalars(sa.select(Version.document)))]
        _Names.ever = {entity: _names_in(documents, entity) for entity in get_args(Entity)}
        _Names.document = document
    return _Names.ever.get(entity, frozenset())


def _names_in(documents: list[Document], entity: Entity) -> frozenset[str]:
    fields = [field for document in documents for field in document.fields_of(entity)]
    return frozenset(name for field in fields for name in (field.field_name, *field.previous_names))


class _Names:
    """The names up to a version; what came before a version never changes."""

    document: Document | None = None
    ever: dict[Entity, frozenset[str]] = {}


class _Last:
    """What this process served last, and the trouble it told of last."""

    snapshot: Snapshot | None = None
    trouble = ""


def _last_good(error: Exception) -> Snapshot:
    trouble = type(error).__name__
    if trouble != _Last.trouble:
        _Last.trouble = trouble
        log.warning("Which version of the shared schema is current can't be read: %s", error)
    return _Last.snapshot or shipped()


MOST_KEPT = 5
_compiled: dict[int, tuple[Any, Snapshot]] = {}


def _forget_old() -> None:
    for number in list(_compiled)[:-MOST_KEPT]:
        _compiled.pop(number, None)


def compiled(document: Document, version: int) -> Snapshot:
    """The Snapshot of a document, a draft's too.

    :param version: the number it has or would have
    """
    return compile_document(document, version=version, presets=presets())


@lru_cache(maxsize=1)
def shipped() -> Snapshot:
    """The Snapshot of the document that comes with this release."""
    with as_file(files("ckanext.civicswitchboard.schemas")) as folder:
        return compiled(read_folder(Path(folder)), 1)


@lru_cache(maxsize=1)
def presets() -> Presets:
    """Field types in scheming's form: its own, and ours over them."""
    stock: dict[str, Any] = json.loads((files("ckanext.scheming") / "presets.json").read_text())
    with as_file(files("ckanext.civicswitchboard.schemas") / "presets.yaml") as path:
        ours = read_presets(Path(path))
    return {**{preset["preset_name"]: preset["values"] for preset in stock["presets"]}, **ours}
