"""CKAN's own worker of background jobs, in a process of its own."""
from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import rq
from ckan import model
from ckan.lib import jobs


@contextmanager
def real_worker() -> Iterator[int]:
    """CKAN's own worker, at the jobs in the queue until there is none; killed when it has not ended by then."""
    model.Session.remove()
    process = os.fork()
    if process == 0:
        try:
            # The tests' own connections: a worker ends those that it finds.
            model.meta.engine.dispose(close=False)
            jobs.Worker().work(burst=True)
        finally:
            os._exit(0)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)
        # One that was killed counts as working for some minutes.
        for left in rq.Worker.all(connection=jobs.get_queue().connection):
            left.register_death()
