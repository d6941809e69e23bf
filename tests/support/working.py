"""Processes beside the tests: any work, and CKAN's own worker of background jobs."""
from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import rq
from ckan import model
from ckan.lib import jobs


@contextmanager
def process_for(work: Callable[[], object]) -> Iterator[int]:
    """A process that does something; killed at the end when it has not ended by itself."""
    model.Session.remove()
    process = os.fork()
    if process == 0:
        try:
            # The parent's connections are the parent's.
            model.meta.engine.dispose(close=False)
            work()
        finally:
            os._exit(0)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)


def ended(process: int) -> bool:
    """Whether a process beside the tests has come to its end."""
    return os.waitpid(process, os.WNOHANG)[0] == process


@contextmanager
def real_worker() -> Iterator[int]:
    """CKAN's own worker, at the jobs in the queue until there is none; killed when it has not ended by then."""
    try:
        with process_for(lambda: jobs.Worker().work(burst=True)) as process:
            yield process
    finally:
        # One that was killed counts as working for some minutes.
        for left in rq.Worker.all(connection=jobs.get_queue().connection):
            left.register_death()
