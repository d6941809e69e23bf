"""Short questions to the database beside the request's transaction.

A question that fails must not end that transaction. And one that every request asks must be
cheap: CKAN's own connections are tried out before each use and open a transaction, three
trips more. Here a question is one trip, asked again where a connection turns out to be dead.
"""
from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

R = TypeVar("R")


def ask(question: Callable[[sa.Connection], R]) -> R:
    """What a question finds, each of its statements seeing what is committed by then.

    :param question: gets a connection; it may be called twice
    :raises sqlalchemy.exc.SQLAlchemyError: when the database does not answer, or not so
    """
    engine = _engine(model.meta.engine)
    try:
        with engine.connect() as connection:
            return question(connection)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    # The database was started anew since; the whole pool has been emptied.
    with engine.connect() as connection:
        return question(connection)


@lru_cache(maxsize=1)
def _engine(ckans: sa.Engine) -> sa.Engine:
    """An engine for the same database as CKAN's, with its settings."""
    engine = sa.engine_from_config(
        dict(tk.config), url=ckans.url, isolation_level="AUTOCOMMIT", pool_pre_ping=False
    )
    # CKAN gives up its connections before a process forks, or after; ours must not be shared
    # either. They are not closed here: the process that opened them does that by itself.
    sa.event.listen(ckans, "engine_disposed", lambda _: engine.dispose(close=False))
    return engine
