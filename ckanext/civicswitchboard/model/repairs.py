"""Runs of repairs, and the journal of what they did to each record."""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from ckanext.civicswitchboard.model.base import Base

TIME = sa.DateTime(timezone=True)


class Run(Base):
    """A repair that somebody started.

    :ivar kind: the repair's kind
    :ivar params: its parameters
    :ivar state: as in ``core/repairs/states.py``
    :ivar version: the version of the schema it began under, or that it was published with
    :ivar with_version: whether it was done within the publish of that version, which stands or
        falls with it
    :ivar author: the user id of who started it
    :ivar undone_by: the user id of who asked for its undo
    :ivar total: records that it concerns
    :ivar done: records that it has dealt with
    :ivar skipped: those among them that were left as they are
    :ivar undone: records that undo gave back
    :ivar kept: records that undo left, since somebody edited them
    :ivar part: which of the repair's parts is at work
    :ivar cursor: the last record of that part that was looked at
    :ivar seconds: how long it has worked
    :ivar told: whether the organizations' activity tells of it
    :ivar trouble: what stopped it last
    :ivar touched: when it last made progress
    """

    __tablename__ = "civicswitchboard_repair"

    id: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    kind: orm.Mapped[str] = orm.mapped_column(sa.Text)
    params: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    state: orm.Mapped[str] = orm.mapped_column(sa.Text)
    version: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    with_version: orm.Mapped[bool] = orm.mapped_column(sa.Boolean)
    author: orm.Mapped[str] = orm.mapped_column(sa.Text)
    undone_by: orm.Mapped[str] = orm.mapped_column(sa.Text)
    total: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    done: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    skipped: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    undone: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    kept: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    part: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    cursor: orm.Mapped[str] = orm.mapped_column(sa.Text)
    seconds: orm.Mapped[float] = orm.mapped_column(sa.Float)
    told: orm.Mapped[bool] = orm.mapped_column(sa.Boolean)
    trouble: orm.Mapped[str] = orm.mapped_column(sa.Text)
    created: orm.Mapped[datetime] = orm.mapped_column(TIME)
    touched: orm.Mapped[datetime] = orm.mapped_column(TIME)
    finished: orm.Mapped[datetime | None] = orm.mapped_column(TIME)


class JournalLine(Base):
    """What a run did to one record, key by key; a record has one line in a run at most.

    :ivar record: the id of the dataset, resource or organization
    :ivar dataset: the id of the dataset it belongs to; empty for an organization
    :ivar organization: the id of the organization that answers for it
    :ivar before: JSON: the touched keys with the values found
    :ivar after: JSON: the same with the values left
    :ivar state: ``changed``, ``left``, ``undone`` or ``kept``
    :ivar reason: why it was left or kept
    :ivar indexed: whether the search index has what it did
    :ivar attempts: how often its dataset could not be indexed
    :ivar made: when, UTC
    """

    __tablename__ = "civicswitchboard_repair_line"
    __table_args__ = (
        sa.CheckConstraint("state IN ('changed', 'left', 'undone', 'kept')", name="state"),
        sa.Index("civicswitchboard_repair_line_dataset_idx", "dataset"),
        sa.Index(
            "civicswitchboard_repair_line_waiting_idx", "run", postgresql_where=sa.text("NOT indexed")
        ),
    )

    run: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    entity: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    record: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    dataset: orm.Mapped[str] = orm.mapped_column(sa.Text)
    organization: orm.Mapped[str] = orm.mapped_column(sa.Text)
    before: orm.Mapped[str] = orm.mapped_column(sa.Text)
    after: orm.Mapped[str] = orm.mapped_column(sa.Text)
    state: orm.Mapped[str] = orm.mapped_column(sa.Text)
    reason: orm.Mapped[str] = orm.mapped_column(sa.Text)
    indexed: orm.Mapped[bool] = orm.mapped_column(sa.Boolean)
    attempts: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    made: orm.Mapped[datetime] = orm.mapped_column(TIME)
