"""The records that use a field, a part or a term, for whoever wants to look at them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.input_checks import storable
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.impact.report import scope_of
from ckanext.civicswitchboard.impact.sources import Sql, prepare

PAGE = 50
# The records of an entity, with a value in the place of {value}, and in that of {counted} which of them.
_OF_RECORDS: dict[Entity, str] = {
    "dataset": "SELECT r.name, r.title, r.private, {value} AS v FROM package r WHERE {counted}",
    "resource": (
        "SELECT p.name, p.title, p.private, {value} AS v"
        " FROM package p JOIN resource r ON r.package_id = p.id"
        " WHERE {counted} AND r.state = 'active'"
    ),
    "organization": (
        "SELECT r.name, r.title, false AS private, {value} AS v"
        " FROM \"group\" r WHERE r.state = 'active' AND r.is_organization"
    ),
}
_A_TAG = "(SELECT min(t.id) FROM package_tag t WHERE t.package_id = r.id AND t.state = 'active')"


@dataclass(frozen=True)
class Place:
    """Where values stand.

    :ivar name: the name under which records hold the field today
    :ivar part: the same of a part of its entries; empty for the field itself
    """

    entity: Entity
    name: str
    part: str = ""


@dataclass(frozen=True)
class Use:
    """A record that uses something.

    :ivar organization: whether it is an organization, not a dataset
    """

    name: str
    title: str
    organization: bool


@dataclass(frozen=True)
class Uses:
    """One page of the records that use something.

    :ivar records: those that the reader may see
    :ivar hidden: how many more on this page the reader may not see, for those who may publish
    :ivar more: whether another page follows
    """

    records: tuple[Use, ...]
    hidden: int
    more: bool


NONE = Uses((), 0, False)


def of(user: str, places: Sequence[Place], page: int = 1, value: str = "") -> Uses:
    """The records that have a value in one of some places.

    :param user: the reader's account
    :param page: 1, 2, 3 …
    :param value: which value, alone or among several; any when left out
    """
    if not places or not storable(value):
        return NONE
    connection = model.Session.connection()
    prepare(connection)
    sql = Sql.on(connection, scope_of({"user": user}))
    query = " UNION ".join(_holding(sql, place, value) for place in places)
    rows = model.Session.execute(
        sa.text(f"{query} ORDER BY title, name LIMIT {PAGE + 1} OFFSET {sql.bind((page - 1) * PAGE)}"),
        sql.bound,
    ).all()
    shown = [row for row in rows[:PAGE] if not row.private or _may(user, row.name)]
    records = tuple(Use(row.name, row.title or row.name, row.organization) for row in shown)
    return Uses(records, len(rows[:PAGE]) - len(shown), len(rows) > PAGE)


def _holding(sql: Sql, place: Place, value: str) -> str:
    """A query of the records with a value in a place."""
    organization = "true" if place.entity == "organization" else "false"
    listed = f"CASE WHEN v LIKE '[%' THEN {sql.json('v')} END"
    if place.part:
        part = sql.bind(place.part)
        entries = f"CASE WHEN jsonb_typeof({listed}) = 'array' THEN {listed} ELSE '[]' END"
        members = f"jsonb_array_elements({entries})"
        condition_of_value = _has_value(sql, f"(m ->> {part})", f"(m -> {part})", value)
        condition = (
            f"EXISTS (SELECT FROM {members} m WHERE jsonb_typeof(m) = 'object' AND {condition_of_value})"
        )
    else:
        condition = _has_value(sql, "v", f"({listed})", value)
    return (
        f"SELECT DISTINCT name, title, private, {organization} AS organization"
        f" FROM ({_values(sql, place)}) s WHERE {condition}"
    )


def _has_value(sql: Sql, text: str, listed: str, value: str) -> str:
    """Whether a text, or the list that it is, holds a value; whether it says anything where none is given."""
    if not value:
        return f"coalesce({text}, '') NOT IN ('', '[]')"
    wanted = sql.bind(value)
    return f"({text} = {wanted} OR (jsonb_typeof({listed}) = 'array' AND jsonb_exists({listed}, {wanted})))"


def _values(sql: Sql, place: Place) -> str:
    if place.entity == "dataset" and place.name == "tag_string":
        value = _A_TAG
    elif place.name in CORE_FIELDS[place.entity]:
        value = f"r.{place.name}::text"
    else:
        extras = sql.json("r.extras") if place.entity == "resource" else "r.extras"
        value = f"{extras} ->> {sql.bind(place.name)}"
    counted = sql.counted("p" if place.entity == "resource" else "r")
    return _OF_RECORDS[place.entity].format(value=value, counted=counted)


def _may(user: str, name: str) -> bool:
    try:
        tk.check_access("package_show", {"user": user}, {"id": name})
    except tk.NotAuthorized:
        return False
    return True
