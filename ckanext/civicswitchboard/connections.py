"""Redis and the search engine, asked by pages and checks that must not wait long for one that hangs.

One that is down refuses at once. One that hangs takes what it is asked and never answers. CKAN's
client for Redis gives up after five seconds, but at each question anew; the one for the search
engine after `solr_timeout`, which is a minute where nobody sets it. So Redis is asked here by a
client of our own, which gives up after :data:`REDIS_SECONDS`.
"""
from __future__ import annotations

import time
from typing import Any

import ckan.plugins.toolkit as tk
import pysolr
from ckan.lib.search.common import make_connection
from redis import ConnectionPool, Redis
from redis.exceptions import TimeoutError as RedisTimeoutError

# How long the search engine is waited for.
SECONDS = 5
# How long Redis is waited for: what it keeps for pages takes it a millisecond.
REDIS_SECONDS = 1
# For how long Redis is not asked again after it gave no answer, as a page has several questions for it.
SILENT_SECONDS = 10

_silent_until: dict[str, float] = {}
_pools: dict[str, ConnectionPool] = {}


def redis() -> Redis:
    """Redis, where it answers; each question to it takes :data:`REDIS_SECONDS` at the most.

    :raises redis.exceptions.RedisError: when it does not answer, or did not a moment ago
    """
    address = str(tk.config["ckan.redis.url"])
    if time.monotonic() < _silent_until.get(address, 0.0):
        raise RedisTimeoutError("It gave no answer a moment ago")
    connection = Redis(connection_pool=_pool(address))
    try:
        connection.ping()
    except RedisTimeoutError:
        _silent_until[address] = time.monotonic() + SILENT_SECONDS
        raise
    return connection


def _pool(address: str) -> ConnectionPool:
    if address not in _pools:
        limits = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
        _pools[address] = ConnectionPool.from_url(address, **limits)
    return _pools[address]


def search_engine(**options: Any) -> pysolr.Solr:
    """The search engine for a short question: what takes long, such as indexing, may need `solr_timeout`.

    :param options: what CKAN's ``make_connection`` takes
    """
    solr = make_connection(**options)
    solr.timeout = min(solr.timeout, SECONDS)
    return solr


def ask_search_engine() -> None:
    """See whether the search engine answers.

    :raises requests.Timeout: when it takes the question, and gives no answer
    :raises requests.RequestException: when it cannot be asked
    """
    solr = search_engine()
    query = {"q": "*:*", "rows": 0, "wt": "json"}
    solr.get_session().get(f"{solr.url}/select", params=query, timeout=solr.timeout)
