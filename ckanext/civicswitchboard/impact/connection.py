"""A connection for counting alone: it reads one moment's records, holds nobody up, and can be stopped."""
from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ckan import model
from psycopg2 import errors

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.impact import sources

_NAME = "civicswitchboard impact "


class Stopped(Exception):
    """A count that came to no end.

    :ivar too_long: whether it took longer than is allowed; else somebody stopped it
    """

    def __init__(self, too_long: bool) -> None:
        self.too_long = too_long
        super().__init__("too long" if too_long else "stopped")


def new_token() -> str:
    """A name for a count, by which it can be stopped."""
    return secrets.token_hex(8)


@contextmanager
def counting(token: str = "") -> Iterator[sa.Connection]:
    """A read-only connection of its own; every statement sees the same moment.

    :param token: of :func:`new_token`, for :func:`stop`
    :raises Stopped: when a statement took too long, or somebody called :func:`stop`
    """
    connection = model.meta.engine.connect()
    # Not back into the pool: who stops this count must never end somebody else's request.
    connection.detach()
    try:
        connection.execute(sa.text(_SETTINGS), {"name": f"{_NAME}{token}", "most": _milliseconds()})
        sources.prepare(connection)
        connection.commit()
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, errors.QueryCanceled):
            raise Stopped(too_long=True) from error
        if isinstance(error.orig, errors.AdminShutdown) or error.connection_invalidated:
            raise Stopped(too_long=False) from error
        raise
    finally:
        connection.close()


# Compiling these long statements takes longer than running them. The planner takes looking into
# a record for as cheap as comparing two numbers, and would not share the work among processes.
_SETTINGS = (
    "SELECT set_config('application_name', :name, false), set_config('statement_timeout', :most, false),"
    " set_config('jit', 'off', false), set_config('work_mem', '64MB', false),"
    " set_config('parallel_setup_cost', '10', false), set_config('parallel_tuple_cost', '0.001', false)"
)


def _milliseconds() -> str:
    return str(config.impact_seconds() * 1000)


def stop(token: str) -> bool:
    """End the count of a token.

    :returns: whether there was one
    """
    # Its connection is ended rather than its statement, as it may be between two of them.
    if not token:
        return False
    query = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE application_name = :name AND usename = current_user AND pid <> pg_backend_pid()"
    )
    with model.meta.engine.connect() as connection:
        return bool(connection.scalar(sa.text(query), {"name": f"{_NAME}{token}"}))
