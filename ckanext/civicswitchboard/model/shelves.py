"""What editors pinned to a dataset's shelf, and what they took off it."""
from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from ckanext.civicswitchboard.model.base import Base

PINNED = "pinned"
HIDDEN = "hidden"


class ShelfItem(Base):
    """An editor's word on one dataset beside another.

    :ivar dataset_id: the dataset on whose page the shelf stands
    :ivar item_id: the dataset that is pinned or hidden there
    :ivar state: ``pinned`` or ``hidden``; without a row the reasons decide
    :ivar user_id: who said so last
    """

    __tablename__ = "civicswitchboard_shelf_item"
    __table_args__ = (sa.CheckConstraint("state IN ('pinned', 'hidden')", name="state"),)

    dataset_id: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    item_id: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    state: orm.Mapped[str] = orm.mapped_column(sa.Text)
    user_id: orm.Mapped[str] = orm.mapped_column(sa.Text)
    created: orm.Mapped[datetime] = orm.mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now()
    )

    def dictize(self) -> dict[str, Any]:
        """The row as the API gives it."""
        return {
            "dataset_id": self.dataset_id,
            "item_id": self.item_id,
            "state": self.state,
            "user_id": self.user_id,
            "created": self.created.astimezone(timezone.utc).isoformat(),
        }


def select_items(dataset_id: str) -> sa.Select[tuple[str, str]]:
    """Each item of a dataset's shelf with its state, in the order they were set."""
    return (
        sa.select(ShelfItem.item_id, ShelfItem.state)
        .where(ShelfItem.dataset_id == dataset_id)
        .order_by(ShelfItem.created, ShelfItem.item_id)
    )
