"""The shared schema's versions, its draft, and what publishers suggest.

Published versions never change: a trigger of the database refuses it. User ids are
stored, names are looked up where they are shown.
"""
from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from ckanext.civicswitchboard.model.base import Base

# One row each: there is one current version, and one draft.
THE_ONE = 1


class Version(Base):
    """A published version of the shared schema.

    :ivar number: 1, 2, 3 …
    :ivar level: the highest level of its changes
    :ivar change_count: how many changes it made to the version before
    :ivar note: what changed and why, in its publisher's words
    :ivar author: the user id of who published it; empty for what the software brought
    :ivar base: the number of the version before; None for the first
    :ivar published: when, UTC
    """

    __tablename__ = "civicswitchboard_version"

    number: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    document: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    level: orm.Mapped[str] = orm.mapped_column(sa.Text)
    change_count: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    note: orm.Mapped[str] = orm.mapped_column(sa.Text)
    author: orm.Mapped[str] = orm.mapped_column(sa.Text)
    base: orm.Mapped[int | None] = orm.mapped_column(sa.Integer)
    published: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))


class Generation(Base):
    """Which version is current: the one row that every request reads.

    :ivar shipped: the shipped document that the portal's versions took in last, with
        which a later release's is compared
    """

    __tablename__ = "civicswitchboard_generation"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    version: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    shipped: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)


class Draft(Base):
    """The one draft.

    :ivar base: the number of the version it is based on
    :ivar revision: the number of its newest revision
    """

    __tablename__ = "civicswitchboard_draft"

    id: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    base: orm.Mapped[int] = orm.mapped_column(sa.Integer)
    revision: orm.Mapped[int] = orm.mapped_column(sa.Integer)


class Revision(Base):
    """A state of the draft: every edit adds one, undo adds an older state again.

    :ivar undoes: the number of the revision whose state stands here again; None for an edit
    """

    __tablename__ = "civicswitchboard_draft_revision"

    number: orm.Mapped[int] = orm.mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    document: orm.Mapped[dict[str, Any]] = orm.mapped_column(sa.JSON)
    author: orm.Mapped[str] = orm.mapped_column(sa.Text)
    saved: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    undoes: orm.Mapped[int | None] = orm.mapped_column(sa.Integer)


class Suggestion(Base):
    """What a publisher asks the curators for.

    :ivar entity: ``dataset``, ``resource`` or ``organization``; empty for the schema as a whole
    :ivar field: the field's id; empty for the schema as a whole
    :ivar state: ``open``, ``taken`` into the draft, or ``declined``
    :ivar reply: what the curator says to it
    """

    __tablename__ = "civicswitchboard_suggestion"

    id: orm.Mapped[str] = orm.mapped_column(sa.Text, primary_key=True)
    entity: orm.Mapped[str] = orm.mapped_column(sa.Text)
    field: orm.Mapped[str] = orm.mapped_column(sa.Text)
    text: orm.Mapped[str] = orm.mapped_column(sa.Text)
    state: orm.Mapped[str] = orm.mapped_column(sa.Text)
    reply: orm.Mapped[str] = orm.mapped_column(sa.Text)
    author: orm.Mapped[str] = orm.mapped_column(sa.Text)
    created: orm.Mapped[datetime] = orm.mapped_column(sa.DateTime(timezone=True))
    answered_by: orm.Mapped[str] = orm.mapped_column(sa.Text)
    answered: orm.Mapped[datetime | None] = orm.mapped_column(sa.DateTime(timezone=True))


def current() -> sa.Select[Any]:
    """Number and time of the current version: one row, or none."""
    return sa.select(Version.number, Version.published).join(
        Generation, Generation.version == Version.number
    )


def numbered(number: int) -> sa.Select[Any]:
    """Number and time of a version: one row, or none."""
    return sa.select(Version.number, Version.published).where(Version.number == number)


def document(number: int) -> sa.Select[Any]:
    """The document of a version."""
    return sa.select(Version.document).where(Version.number == number)


def details(number: int) -> sa.Select[Any]:
    """A version without its document: one row, or none."""
    return _without_document().where(Version.number == number)


def newest_first(limit: int, offset: int) -> sa.Select[Any]:
    """Versions without their documents, the newest first."""
    return _without_document().order_by(Version.number.desc()).limit(limit).offset(offset)


def _without_document() -> sa.Select[Any]:
    return sa.select(*(column for column in Version.__table__.c if column.name != "document"))
