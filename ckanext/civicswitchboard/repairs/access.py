"""Which records' names and values somebody may see."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model


class Reader:
    """Somebody who looks at what repairs do.

    :ivar sees_all: whether nothing is hidden from them
    :ivar organizations: ids of those whose private records they may see
    """

    def __init__(self, context: Any) -> None:
        user = model.User.get(context.get("user") or "")
        self.sees_all = bool(context.get("ignore_auth") or (user and user.sysadmin))
        self.organizations = set(user.get_group_ids("organization")) if user else set()

    def sees(self, owner: str, readable_by_all: bool) -> bool:
        """Whether they may see a record.

        :param owner: the id of the organization that answers for it
        :param readable_by_all: whether everybody may
        """
        return self.sees_all or readable_by_all or owner in self.organizations

    @property
    def condition(self) -> Any:
        """The same as a condition on datasets in a query."""
        package = model.Package
        if self.sees_all:
            return sa.true()
        public = sa.and_(package.state == "active", sa.not_(sa.func.coalesce(package.private, False)))
        return sa.or_(public, package.owner_org.in_(self.organizations))
