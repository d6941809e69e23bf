"""Jobs: what a worker does later, and what another one goes on with where a worker died."""
from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from ckan.lib import jobs
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.job import Job
from rq.registry import StartedJobRegistry

from ckanext.civicswitchboard import connections

log = logging.getLogger(__name__)

# A long job makes way for others after so many seconds, and goes on as another one.
TURN = 100
# One that takes so much longer hangs. CKAN's own limit, three minutes, is a large portal's every day.
LIMIT = TURN * 10
# RQ hands a job on so often. It does so at once where only the job's own process was killed;
# where the whole worker was, in the next look after such jobs, which a worker takes when it
# starts and every ten minutes.
TIMES = 3
# Seconds before a job fails, and is handed on at once, for which a service is away.
PATIENCE = 20.0

# Modules whose jobs were queued under earlier names, from before 0.1.0; can go with the release after it.
_EARLIER_MODULES = {
    "ckanext.civicswitchboard.metadata_schema.upkeep": "ckanext.civicswitchboard.search_index.reindex",
    "ckanext.civicswitchboard.metadata_schema.impact.usage": "ckanext.civicswitchboard.impact.usage",
    "ckanext.civicswitchboard.repairs.run": "ckanext.civicswitchboard.repairs.runner",
}


def accept_earlier_names() -> None:
    """Let workers run jobs that were queued before an upgrade moved their functions."""
    for earlier, today in _EARLIER_MODULES.items():
        sys.modules[earlier] = import_module(today)


def enqueue(work: Callable[..., Any], *arguments: Any, title: str) -> bool:
    """Have a worker do something, which has to bear being begun again.

    :param title: what it does, for who looks at the queue
    :returns: whether it could be queued
    """
    options = {"retry": Retry(max=TIMES), "timeout": LIMIT}
    try:
        # CKAN's own client would wait longer for one that hangs.
        connections.redis()
        jobs.enqueue(work, list(arguments), title=title, rq_kwargs=options)
    except RedisError as error:
        log.warning("“%s” waits, no job can be queued: %s", title, error)
        return False
    return True


def is_due(work: Callable[..., Any]) -> bool:
    """Whether a job waits or is at work; one whose worker died is handed on by this question.

    :raises redis.exceptions.RedisError: when Redis does not answer
    """
    redis = connections.redis()
    queue = Queue(jobs.add_queue_name_prefix(jobs.DEFAULT_QUEUE_NAME), connection=redis)
    # Asked in this order, since what is handed on waits then.
    at_work = StartedJobRegistry(queue=queue).get_job_ids()
    jobs_known = Job.fetch_many([*at_work, *queue.job_ids], connection=redis)
    name = f"{work.__module__}.{work.__name__}"
    return any(job is not None and job.func_name == name for job in jobs_known)
