"""What ends the database's connections, or the database."""
from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from ckan.common import config


@contextmanager
def elsewhere() -> Iterator[Any]:
    """A connection to the database that is none of the portal's."""
    connection = psycopg2.connect(config["sqlalchemy.url"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def end_all_connections() -> None:
    with elsewhere() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def crash_postgresql() -> None:
    """Kill one of PostgreSQL's processes: it ends the others, recovers, and starts anew."""
    with elsewhere() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_postmaster_start_time()")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with elsewhere() as cursor:
                cursor.execute("SELECT 1")
                return
        except psycopg2.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PostgreSQL does not come back")
