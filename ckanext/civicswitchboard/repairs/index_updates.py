"""The search index follows what a run did, in batches, after the records themselves."""
from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.model.repairs import Run
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.search_index.batch import IndexUnreachable, behind, index_datasets

log = logging.getLogger(__name__)

# Each one begins processes anew and ends with the slowest of them.
BATCH = 1000
# Fewer are sooner done by one process.
WORTH_DIVIDING = 40
# Seconds until a dataset that could not be indexed is tried again.
PAUSE = 1.0
UNREACHABLE = "The search index isn't responding"


def catch_up(run_id: str) -> bool:
    """Index some of the datasets that a run changed and that the index has as they were.

    One that fails is tried again some times, after the others.

    :returns: whether there is more to do that can be done now
    """
    datasets = repair_journal.datasets_to_index(run_id, BATCH)
    if not datasets:
        _note(run_id, "")
        return False
    try:
        with versions.pinned(versions.newest()):
            failed = index(datasets)
    except IndexUnreachable as error:
        log.warning("Repair %s: %s: %s", run_id, UNREACHABLE, error)
        _note(run_id, UNREACHABLE)
        return False
    for dataset, fault in failed.items():
        log.error("Dataset %s could not be indexed after a repair: %s", dataset, fault)
    model.Session.rollback()
    repair_journal.indexed(run_id, set(datasets) - set(failed))
    repair_journal.not_indexed(run_id, set(failed))
    touched = sa.update(Run).where(Run.id == run_id).values(touched=datetime.now(timezone.utc))
    model.Session.execute(touched)
    model.Session.commit()
    if failed:
        # What stood in the way may be gone a moment later.
        time.sleep(PAUSE)
    return True


def lacking(run_id: str = "", readable: Any = None) -> list[str]:
    """Names of datasets that could not be indexed after a repair, and that the index has not got since.

    :param run_id: after which run; after any when left out
    :param readable: a condition on a dataset, see :func:`access.condition`; none when left out
    """
    abandoned = repair_journal.abandoned(run_id)
    try:
        still = behind(abandoned, brief=True)
    except IndexUnreachable:
        still = abandoned
    query = sa.select(model.Package.name).where(model.Package.id.in_(still))
    if readable is not None:
        query = query.where(readable)
    return list(model.Session.scalars(query.order_by(model.Package.name)))


def index(datasets: Sequence[str]) -> dict[str, str]:
    """Index datasets, on several processors where there are many of them.

    :returns: by id, why a dataset could not be indexed
    :raises IndexUnreachable: when the search index does not answer
    """
    processes = config.repair_index_processes()
    if processes == 1 or len(datasets) < WORTH_DIVIDING:
        return index_datasets(datasets, {})
    # No connection may be shared with a child.
    model.Session.remove()
    children = [_begin(datasets[number::processes]) for number in range(processes)]
    results = [_end(*child) for child in children]
    failed: dict[str, str] = {}
    for number, answer in enumerate(results):
        if answer is None:
            # A child that was ended from outside said nothing.
            answer = _Answer(index_datasets(datasets[number::processes], {}))
        if answer.unreachable:
            raise IndexUnreachable(answer.unreachable)
        failed.update(answer.failed)
    return failed


@dataclass(frozen=True)
class _Answer:
    """How it went in a child process."""

    failed: dict[str, str]
    unreachable: str = ""


def _begin(datasets: Sequence[str]) -> tuple[int, int]:
    """A child process that indexes some datasets and tells how it went."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        os.close(reading)
        model.meta.engine.dispose(close=False)
        try:
            answer = _Answer(index_datasets(datasets, {}))
        except IndexUnreachable as error:
            answer = _Answer({}, str(error) or UNREACHABLE)
        with os.fdopen(writing, "w") as out:
            json.dump(asdict(answer), out)
    finally:
        # Nothing that the parent has to tidy up is the child's to tidy up.
        os._exit(0)


def _end(process: int, reading: int) -> _Answer | None:
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(process, 0)
    return _Answer(**json.loads(text)) if text else None


def _note(run_id: str, trouble: str) -> None:
    model.Session.rollback()
    run = model.Session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is not None and (trouble or run.trouble == UNREACHABLE):
        run.trouble = trouble
    model.Session.commit()
