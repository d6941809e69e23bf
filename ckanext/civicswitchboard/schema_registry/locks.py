"""Saves and publishing exclude each other: a record is never checked by one version and
stored under the next. Edits of the draft and its publishing exclude each other too.

PostgreSQL's advisory locks are held to the end of the transaction, so they end with the
commit of the save or of the publish, and with the connection of a process that was killed.
Every transaction takes its locks in this order: :func:`publishing` or :func:`saving`, then
:func:`drafting`, then those of repairs and rows. So no two of them wait for each other.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ckan import model
from psycopg2 import errors

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.schema_registry import versions

# Any number that no other part of a portal takes for an advisory lock.
KEY = 7_218_460_531
DRAFT_KEY = 7_218_460_533
PATIENCE = "20s"


class Busy(Exception):
    """A lock wasn't free in time; the transaction is rolled back."""


@contextmanager
def saving() -> Iterator[Snapshot]:
    """Hold publishing off until the save is committed, and save by the newest version.

    Several saves go on beside each other; within a save it can be taken again.

    :returns: the Snapshot to save by; :func:`live.current` gives it inside
    """
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(KEY)))
    snapshot = versions.current()
    newest = versions.newest()
    if newest.version != snapshot.version or newest.document is not snapshot.document:
        snapshot = versions.follow()
    with versions.pinned(snapshot):
        yield snapshot


def publishing() -> None:
    """Hold saves off until the transaction ends, once those that run have ended.

    :raises Busy: when they take too long
    """
    _take(KEY)


def drafting() -> None:
    """Keep everybody else from changing or publishing the draft until the transaction ends.

    :raises Busy: when somebody else takes too long
    """
    _take(DRAFT_KEY)


@contextmanager
def impatient() -> Iterator[None]:
    """Report a lock that wasn't free in time, or a deadlock with code that isn't ours, as :class:`Busy`.

    :raises Busy: the transaction is rolled back
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        if not isinstance(error.orig, (errors.LockNotAvailable, errors.DeadlockDetected)):
            raise
        model.Session.rollback()
        raise Busy from error


def _take(key: int) -> None:
    with impatient():
        model.Session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
