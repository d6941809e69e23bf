"""Records written straight into the database, many at once, as no form would let them in."""
from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import sqlalchemy as sa
from ckan import model

Values = dict[str, Any]
WRITTEN = datetime(2020, 1, 1)


def an_id(text: str) -> str:
    return str(uuid5(NAMESPACE_URL, text))


@dataclass
class Row:
    """A dataset as the database has it.

    :ivar columns: what core keeps in columns
    :ivar extras: everything else
    :ivar files: of each file: columns, and its extras as text
    """

    name: str
    owner: str | None = None
    columns: Values = field(default_factory=dict)
    extras: Values = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    files: tuple[tuple[Values, str | None], ...] = ()
    state: str = "active"
    private: bool = False


def write(rows: Iterable[Row]) -> None:
    """Write datasets with their files and tags in one transaction."""
    session = model.Session
    for row in rows:
        package = {"id": an_id(row.name), "name": row.name, "title": row.name, "type": "dataset",
                   "owner_org": row.owner, "state": row.state, "private": row.private,
                   "metadata_created": WRITTEN, "metadata_modified": WRITTEN, **row.columns}  # fmt: skip
        _insert("package", {**package, "extras": json.dumps(row.extras)}, json_columns=("extras",))
        for place, (columns, extras) in enumerate(row.files):
            more = {"id": an_id(f"{row.name}/{place}"), "package_id": an_id(row.name), "url": "",
                    "state": "active", "position": place, "extras": extras,
                    "created": WRITTEN, "metadata_modified": WRITTEN}  # fmt: skip
            _insert("resource", {**more, **columns})
        for tag in row.tags:
            _insert("tag", {"id": an_id(f"tag {tag}"), "name": tag}, more=" ON CONFLICT DO NOTHING")
            _insert("package_tag", {"id": an_id(f"{row.name} tag {tag}"), "package_id": an_id(row.name),
                                    "tag_id": an_id(f"tag {tag}"), "state": "active"})  # fmt: skip
    session.commit()


def _insert(table: str, values: Values, json_columns: tuple[str, ...] = (), more: str = "") -> None:
    names = ", ".join(values)
    bound = ", ".join(f"CAST(:{n} AS jsonb)" if n in json_columns else f":{n}" for n in values)
    model.Session.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({bound}){more}"), values)


def remove_all() -> None:
    """Delete every dataset with what belongs to it."""
    for table in ("package_tag", "tag", "resource", "package"):
        model.Session.execute(sa.text(f"DELETE FROM {table}"))
    model.Session.commit()


def describe(organizations: dict[str, Values]) -> None:
    """Write what organizations hold besides core's columns.

    :param organizations: extras by id
    """
    for organization_id, extras in organizations.items():
        model.Session.execute(
            sa.text('UPDATE "group" SET extras = CAST(:extras AS jsonb) WHERE id = :id'),
            {"extras": json.dumps(extras), "id": organization_id},
        )
    model.Session.commit()
