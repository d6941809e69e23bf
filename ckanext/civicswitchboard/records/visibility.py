"""Which records' names and values somebody may see."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.impact.report import reader_of
from ckanext.civicswitchboard.records.sql import Record


class Reader:
    """Somebody who looks at what repairs do.

    :ivar id: their user id; empty for nobody
    :ivar sees_all: whether nothing is hidden from them
    :ivar member_of: ids of organizations whose private datasets they may see
    :ivar editor_of: ids of organizations whose drafts and deleted datasets they may see
    """

    def __init__(self, context: Any) -> None:
        name = context.get("user") or ""
        user, reader = model.User.get(name) if name else None, reader_of(name)
        self.id = str(user.id) if user else ""
        self.sees_all = bool(context.get("ignore_auth") or reader.all)
        self.member_of, self.editor_of = frozenset(reader.member_of), frozenset(reader.editor_of)

    def sees(self, record: Record) -> bool:
        """Whether they may see a record."""
        those_who_may = self.member_of if record.active else self.editor_of
        return self.sees_all or record.readable_by_all or record.owner in those_who_may

    def knows(self, author: str) -> bool:
        """Whether they may read what somebody typed for a repair, which may be of records that few see.

        :param author: the user id of who started it
        """
        return self.sees_all or bool(author and author == self.id)

    @property
    def condition(self) -> Any:
        """The same as a condition on datasets in a query."""
        return self._condition(model.Package.state == "active")

    @property
    def condition_on_files(self) -> Any:
        """The same where each dataset is joined with its file, if it is that which is told of."""
        file = model.Resource
        there = sa.or_(file.id.is_(None), file.state == "active")
        return self._condition(sa.and_(model.Package.state == "active", there))

    def _condition(self, active: Any) -> Any:
        package = model.Package
        if self.sees_all:
            return sa.true()
        public = sa.not_(sa.func.coalesce(package.private, False))
        return sa.or_(
            sa.and_(active, sa.or_(public, package.owner_org.in_(self.member_of))),
            sa.and_(sa.not_(active), package.owner_org.in_(self.editor_of)),
        )
