"""What all our tables share."""
from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

# PostgreSQL's code for a table that is not there.
UNDEFINED_TABLE = "42P01"

# Every constraint has a name that a later migration can refer to.
NAMES = {
    "pk": "%(table_name)s_pkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


class Base(orm.DeclarativeBase):
    """A table of ours; its name begins with ``civicswitchboard_``.

    The MetaData is our own and no table refers to a table of core, so that neither core's
    migrations nor the emptying of its tables in tests reach ours.
    """

    metadata = sa.MetaData(naming_convention=NAMES)


def is_missing_table(error: sa.exc.DBAPIError) -> bool:
    """Whether a query failed since ``ckan db upgrade -p civicswitchboard`` has yet to be run."""
    return getattr(error.orig, "pgcode", None) == UNDEFINED_TABLE
