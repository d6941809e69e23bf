"""Jobs: what a worker does later, and what another one goes on with where a worker died."""
from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ckan.lib import jobs
from redis.exceptions import RedisError
from rq import Retry

log = logging.getLogger(__name__)

# A long job makes way for others after so many seconds, and goes on as another one.
TURN = 100
# One that takes so much longer hangs. CKAN's own limit, three minutes, is a large portal's every day.
LIMIT = TURN * 10
# RQ hands a job on so often. It does so at once where only the job's own process was killed;
# where the whole worker was, in the next look after such jobs, which a worker takes when it
# starts and every ten minutes.
TIMES = 3


def enqueue(work: Callable[..., Any], *arguments: Any, title: str) -> bool:
    """Have a worker do something, which has to bear being begun again.

    :param title: what it does, for who looks at the queue
    :returns: whether it could be queued
    """
    options = {"retry": Retry(max=TIMES), "timeout": LIMIT}
    try:
        jobs.enqueue(work, list(arguments), title=title, rq_kwargs=options)
    except RedisError as error:
        log.warning("“%s” waits, no job can be queued: %s", title, error)
        return False
    return True
