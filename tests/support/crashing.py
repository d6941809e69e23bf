"""What ends the database's connections, or the database."""
from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from ckan import model
from ckan.common import config
from sqlalchemy.engine import make_url

BACKUP = "backup"


@contextmanager
def elsewhere(database: str = "") -> Iterator[Any]:
    """A connection to the database, or to another one beside it, that is none of the portal's."""
    address = make_url(config["sqlalchemy.url"])
    address = address.set(database=database or address.database)
    connection = psycopg2.connect(address.render_as_string(hide_password=False))
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


def crash_postgresql(while_waiting_for: str | None = None) -> None:
    """Kill one of PostgreSQL's processes: it ends the others, recovers, and starts anew.

    :param while_waiting_for: a table; it is done when another process is in a transaction that is to write there
    """
    with suppress(psycopg2.OperationalError), elsewhere() as cursor, elsewhere() as witness:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
        if while_waiting_for:
            cursor.execute(f"BEGIN; LOCK TABLE {while_waiting_for} IN EXCLUSIVE MODE")
            _until(lambda: somebody_waits(witness), "nobody writes there")
        os.kill(process, signal.SIGKILL)
        # It takes a moment until the others are ended; before, a new connection may still be made.
        witness.execute("SELECT pg_sleep(30)")
        raise AssertionError("PostgreSQL does not end what is connected")
    _until(_answers, "PostgreSQL does not come back")


@contextmanager
def postgresql_hangs() -> Iterator[None]:
    """For a while PostgreSQL takes connections and questions, and answers none: its processes stand still."""
    with elsewhere() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = _parent(cursor.fetchone()[0])
    try:
        # First of all the one that starts the others.
        os.kill(server, signal.SIGSTOP)
        stopped = _children(server)
        for process in stopped:
            os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in (*_children(server), server):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _parent(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def somebody_waits(cursor: Any) -> bool:
    """Whether another connection waits for a lock."""
    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    return bool(cursor.fetchone()[0])


def _answers() -> bool:
    try:
        with elsewhere():
            return True
    except psycopg2.OperationalError:
        return False


def _until(true: Callable[[], bool], otherwise: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.01)


def back_up() -> None:
    """Keep the database as it is now."""
    _copy(_portals(), BACKUP)


def restore() -> None:
    """Put the database back to how it was kept: what the search engine and Redis hold stays as it is."""
    _copy(BACKUP, _portals())


def _portals() -> str:
    return str(make_url(config["sqlalchemy.url"]).database)


def _copy(database: str, name: str) -> None:
    # PostgreSQL copies a database only while nobody is connected to it.
    model.Session.remove()
    model.meta.engine.dispose()
    end_all_connections()
    with elsewhere("postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {database}")
