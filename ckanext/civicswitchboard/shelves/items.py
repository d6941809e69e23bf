"""What editors pinned to a dataset's shelf, and what they hid."""
from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.model import ShelfItem, is_missing_table
from ckanext.civicswitchboard.model.shelves import HIDDEN, PINNED, select_items

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chosen:
    """Ids of datasets, in the order they were chosen."""

    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def chosen(dataset_id: str) -> Chosen:
    """What the editors of a dataset chose; nothing where our tables are yet to be made."""
    try:
        rows = model.Session.execute(select_items(dataset_id)).all()
    except sa.exc.ProgrammingError as error:
        # Whoever reads a shelf has written nothing; a savepoint would cost each page two queries.
        model.Session.rollback()
        if not is_missing_table(error):
            raise
        log.error("Run `ckan db upgrade -p civicswitchboard`: the tables for shelves are missing")
        return Chosen()
    return Chosen(
        tuple(row.item_id for row in rows if row.state == PINNED),
        tuple(row.item_id for row in rows if row.state == HIDDEN),
    )


def choose(dataset_id: str, item_id: str, state: str, user_id: str) -> None:
    """Pin or hide a dataset; flushed, not committed.

    :param state: ``pinned`` or ``hidden``
    """
    model.Session.merge(
        ShelfItem(
            dataset_id=dataset_id,
            item_id=item_id,
            state=state,
            user_id=user_id,
            created=sa.func.now(),
        )
    )
    model.Session.flush()


def reset(dataset_id: str, item_id: str) -> None:
    """Let the reasons decide again; flushed, not committed."""
    model.Session.execute(
        sa.delete(ShelfItem).where(ShelfItem.dataset_id == dataset_id, ShelfItem.item_id == item_id)
    )
