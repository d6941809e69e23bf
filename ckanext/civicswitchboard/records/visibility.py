"""Which records' names and values somebody may see."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.records.sql import Record


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at records, and which private ones they may see.

    :ivar id: their user id; empty for a visitor
    :ivar sees_all: whether nothing is hidden from them
    :ivar member_of: ids of organizations whose private datasets they may see
    :ivar editor_of: ids of organizations whose drafts and deleted datasets they may see
    """

    id: str = ""
    sees_all: bool = False
    member_of: frozenset[str] = frozenset()
    editor_of: frozenset[str] = frozenset()

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Reader:
        """The reader of an action's answer.

        :param context: the action's context
        """
        name = context.get("user") or ""
        user = model.User.get(name) if name else None
        if user is None:
            return cls(sees_all=bool(context.get("ignore_auth")))
        sees_all = bool(context.get("ignore_auth") or user.sysadmin)
        member_of, editor_of = (
            frozenset() if user.sysadmin else _organizations(name, permission)
            for permission in ("read", "update_dataset")
        )
        return cls(str(user.id), sees_all, member_of, editor_of)

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


def _organizations(name: str, permission: str) -> frozenset[str]:
    organizations = tk.get_action("organization_list_for_user")({"user": name}, {"permission": permission})
    return frozenset(organization["id"] for organization in organizations)
