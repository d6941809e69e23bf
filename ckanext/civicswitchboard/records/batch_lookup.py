"""What the portal holds under the names and ids of a batch, in a few queries."""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.importer.plan import ExistingRecord

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ExistingRecords:
    """The datasets of a batch.

    :ivar by_name: each by its name
    :ivar names: the name under which the portal holds an id
    """

    by_name: Mapping[str, ExistingRecord]
    names: Mapping[str, str]


def existing_records(names: Iterable[str], ids: Iterable[str]) -> ExistingRecords:
    """The datasets that the portal holds, of any state.

    :param names: of the records
    :param ids: that the records bring
    """
    package = model.package_table
    rows = _rows(
        sa.select(package, model.group_table.c.name.label("organization"))
        .outerjoin(model.group_table, model.group_table.c.id == package.c.owner_org)
        .where(package.c.name.in_(list(names)) | package.c.id.in_(list(ids)))
    )
    dataset_ids = [row["id"] for row in rows]
    tags, groups, resources = _tags(dataset_ids), _groups(dataset_ids), _resources(dataset_ids)
    existing = [
        ExistingRecord(
            id=row["id"],
            columns={key: _plain(value) for key, value in row.items()},
            extras=row["extras"] or {},
            tags=frozenset(tags[row["id"]]),
            groups=frozenset(groups[row["id"]]),
            resources=tuple(resources[row["id"]]),
        )
        for row in rows
    ]
    return ExistingRecords(
        by_name={row.columns["name"]: row for row in existing},
        names={row.id: row.columns["name"] for row in existing},
    )


def _rows(query: Any) -> list[Row]:
    return [row._mapping for row in model.Session.execute(query)]


def _tags(ids: list[str]) -> dict[str, list[str]]:
    link, tag = model.package_tag_table, model.tag_table
    return _grouped(
        sa.select(link.c.package_id, tag.c.name)
        .join(tag, tag.c.id == link.c.tag_id)
        .where(link.c.package_id.in_(ids), link.c.state == "active")
    )


def _groups(ids: list[str]) -> dict[str, list[str]]:
    member, group = model.member_table, model.group_table
    return _grouped(
        sa.select(member.c.table_id.label("package_id"), group.c.name)
        .join(group, group.c.id == member.c.group_id)
        .where(
            member.c.table_id.in_(ids),
            member.c.table_name == "package",
            member.c.state == "active",
            group.c.is_organization.is_(False),
        )
    )


def _grouped(query: Any) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for row in _rows(query):
        grouped[row["package_id"]].append(row["name"])
    return grouped


def _resources(ids: list[str]) -> dict[str, list[Row]]:
    resource = model.Resource
    query = (
        sa.select(resource)
        .where(resource.package_id.in_(ids), resource.state == "active")
        .order_by(resource.position)
    )
    grouped: dict[str, list[Row]] = defaultdict(list)
    columns = [column.name for column in resource.__table__.columns]
    for stored in model.Session.scalars(query):
        values = {name: _plain(getattr(stored, name)) for name in columns if name != "extras"}
        grouped[stored.package_id].append({**values, **(stored.extras or {})})
    return grouped


def _plain(value: Any) -> Any:
    """A stored value as package_show tells it."""
    return value.isoformat() if isinstance(value, datetime) else value
