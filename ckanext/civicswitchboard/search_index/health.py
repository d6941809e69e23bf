"""What stands in the way of a version being in use everywhere: told where people publish.

Pages and forms go by a new version at once, whatever is down: what can lag is the search.
"""
from __future__ import annotations

from collections.abc import Iterator

import ckan.plugins.toolkit as tk
import rq
from ckan.lib import jobs
from redis.exceptions import NoPermissionError, RedisError

from ckanext.civicswitchboard import connections
from ckanext.civicswitchboard.search_index import reindex
from ckanext.civicswitchboard.search_index.batch import IndexUnreachable


def worker_waits() -> bool:
    """Whether a worker waits for jobs.

    RQ has one that was killed on its list for up to eight minutes. But all that live listen for RQ's
    commands, and Redis knows at once when nobody does. Where it may not say so, RQ's list has to do.

    :raises redis.exceptions.RedisError: when Redis does not answer
    """
    queue = jobs.add_queue_name_prefix(jobs.DEFAULT_QUEUE_NAME)
    redis = connections.redis()
    workers = [worker for worker in rq.Worker.all(connection=redis) if queue in worker.queue_names()]
    try:
        heard = redis.pubsub_numsub(*[worker.pubsub_channel_name for worker in workers])
    except NoPermissionError:
        return bool(workers)
    return any(listeners for _channel, listeners in heard)


def troubles() -> list[str]:
    """What keeps the search from following, in sentences; empty when nothing does."""
    return [*_search(), *_jobs()]


def _search() -> Iterator[str]:
    try:
        progress = reindex.progress()
    except IndexUnreachable:
        yield tk._(
            "The search engine isn't responding. Pages and forms already use this version; search"
            " will be updated when the search engine is back."
        )
        return
    if not progress.complete:
        reindex.look_after()
        yield tk._(
            "Search is updating ({done} of {total}). Pages and forms already use this version."
        ).format(done=progress.done, total=progress.total)


def _jobs() -> Iterator[str]:
    try:
        waits = worker_waits()
    except RedisError:
        waits = False
    if not waits:
        yield tk._(
            "The portal's background tasks have stopped. Pages and forms already use this version; the"
            " search page's filters will be updated when an administrator restarts the tasks."
        )
