"""The search index follows what a run did, in batches, after the records themselves."""
from __future__ import annotations

import logging

from ckan import model

from ckanext.civicswitchboard.importing.indexing import IndexUnreachable, index_datasets
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.model.repairs import Run
from ckanext.civicswitchboard.repairs import journal

log = logging.getLogger(__name__)

BATCH = 200
UNREACHABLE = "The search index does not answer"


def catch_up(run_id: str) -> bool:
    """Index every dataset that a run changed and that the index has as it was.

    :returns: whether the index has them all now
    """
    while datasets := journal.datasets_to_index(run_id, BATCH):
        try:
            with live.pinned(live.newest()):
                failed = index_datasets(datasets, {})
        except IndexUnreachable as error:
            log.warning("Repair %s: %s: %s", run_id, UNREACHABLE, error)
            _note(run_id, UNREACHABLE)
            return False
        for dataset, fault in failed.items():
            log.error("Dataset %s could not be indexed after a repair: %s", dataset, fault)
        model.Session.rollback()
        journal.indexed(run_id, datasets)
        model.Session.commit()
    _note(run_id, "")
    return True


def _note(run_id: str, trouble: str) -> None:
    model.Session.rollback()
    run = model.Session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is not None and (trouble or run.trouble == UNREACHABLE):
        run.trouble = trouble
    model.Session.commit()
