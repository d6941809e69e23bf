"""The records that use a field, for whoever wants to look at them."""
from __future__ import annotations

from dataclasses import dataclass

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS
from ckanext.civicswitchboard.metadata_schema.impact.sources import Scope, Sql, prepare

PAGE = 50
_DATASETS = "package r WHERE r.state = 'active' AND r.type = 'dataset'"
# The records of an entity, with a value in the place of {value}.
_OF_RECORDS: dict[Entity, str] = {
    "dataset": f"SELECT r.name, r.title, r.private, {{value}} AS v FROM {_DATASETS}",
    "resource": (
        "SELECT p.name, p.title, p.private, {value} AS v"
        " FROM package p JOIN resource r ON r.package_id = p.id"
        " WHERE p.state = 'active' AND p.type = 'dataset' AND r.state = 'active'"
    ),
    "organization": (
        "SELECT r.name, r.title, false AS private, {value} AS v"
        " FROM \"group\" r WHERE r.state = 'active' AND r.is_organization"
    ),
}
_A_TAG = "(SELECT min(t.id) FROM package_tag t WHERE t.package_id = r.id AND t.state = 'active')"


@dataclass(frozen=True)
class Use:
    """A record that uses a field."""

    name: str
    title: str


@dataclass(frozen=True)
class Uses:
    """One page of the records that use a field.

    :ivar records: those that the reader may see
    :ivar hidden: how many more on this page the reader may not see
    :ivar more: whether another page follows
    """

    records: tuple[Use, ...]
    hidden: int
    more: bool


def of_field(user: str, entity: Entity, name: str, page: int = 1) -> Uses:
    """The records that have a value in a field.

    :param user: the reader's account
    :param name: the field's name
    :param page: 1, 2, 3 …
    """
    rows = model.Session.execute(
        sa.text(
            f"SELECT DISTINCT name, title, private FROM ({_values(entity, name)}) s"
            " WHERE coalesce(v, '') NOT IN ('', '[]')"
            f" ORDER BY title, name LIMIT {PAGE + 1} OFFSET :start"
        ),
        {"name": name, "start": (page - 1) * PAGE},
    ).all()
    shown = [row for row in rows[:PAGE] if not row.private or _may(user, row.name)]
    records = tuple(Use(row.name, row.title or row.name) for row in shown)
    return Uses(records, len(rows[:PAGE]) - len(shown), len(rows) > PAGE)


def _values(entity: Entity, name: str) -> str:
    if entity == "dataset" and name == "tag_string":
        value = _A_TAG
    elif name in CORE_FIELDS[entity]:
        value = f"r.{name}::text"
    elif entity == "resource":
        connection = model.Session.connection()
        prepare(connection)
        extras = Sql.on(connection, Scope()).json("r.extras")
        value = f"{extras} ->> :name"
    else:
        value = "r.extras ->> :name"
    return _OF_RECORDS[entity].format(value=value)


def _may(user: str, name: str) -> bool:
    try:
        tk.check_access("package_show", {"user": user}, {"id": name})
    except tk.NotAuthorized:
        return False
    return True
