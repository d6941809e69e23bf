"""Saves and publishing exclude each other: a record is never checked by one version and
stored under the next.

PostgreSQL's advisory locks are held to the end of the transaction, so they end with the
commit of the save or of the publish, and with the connection of a process that was killed.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.metadata_schema import live

# Any number that no other part of a portal takes for an advisory lock.
KEY = 7_218_460_531
PATIENCE = "20s"


class Busy(Exception):
    """Saves are running that did not end in time."""


@contextmanager
def saving() -> Iterator[Snapshot]:
    """Hold publishing off until the save is committed, and save by the newest version.

    Several saves go on beside each other; within a save it can be taken again.

    :returns: the Snapshot to save by; :func:`live.current` gives it inside
    """
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(KEY)))
    snapshot = live.current()
    newest = live.newest()
    if newest.version != snapshot.version or newest.document is not snapshot.document:
        snapshot = live.follow()
    with live.pinned(snapshot):
        yield snapshot


def publishing() -> None:
    """Hold saves off until the transaction ends, once those that run have ended.

    :raises Busy: when they take too long
    """
    model.Session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    try:
        model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(KEY)))
    except sa.exc.OperationalError as error:
        model.Session.rollback()
        raise Busy from error
