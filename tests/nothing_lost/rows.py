"""Everything that the database holds of a record, as one flat dict."""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

Rows = dict[str, Any]

_DATASET = {
    "package": "SELECT to_jsonb(t) FROM package t WHERE id = :id",
    "resource": "SELECT to_jsonb(t) FROM resource t WHERE package_id = :id ORDER BY position, id",
    "tag": "SELECT to_jsonb(t) || jsonb_build_object('name', tag.name, 'vocabulary', tag.vocabulary_id)"
    " FROM package_tag t JOIN tag ON tag.id = tag_id WHERE package_id = :id",
    "member": "SELECT to_jsonb(t) FROM member t WHERE table_id = :id AND table_name = 'package'",
    "collaborator": "SELECT to_jsonb(t) FROM package_member t WHERE package_id = :id",
    "relationship": "SELECT to_jsonb(t) FROM package_relationship t"
    " WHERE subject_package_id = :id OR object_package_id = :id",
    "view": "SELECT to_jsonb(t) FROM resource_view t WHERE resource_id IN"
    " (SELECT id FROM resource WHERE package_id = :id)",
}
_ORGANIZATION = {
    "group": 'SELECT to_jsonb(t) FROM "group" t WHERE id = :id',
    "member": "SELECT to_jsonb(t) FROM member t WHERE group_id = :id OR table_id = :id",
}
# What a row of each table is called by.
_NAMES = {
    "package": (),
    "group": (),
    "resource": ("id",),
    "tag": ("name", "vocabulary"),
    "member": ("table_name", "group_id", "capacity"),
    "collaborator": ("user_id",),
    "relationship": ("id",),
    "view": ("id",),
}


def of_dataset(package_id: str) -> Rows:
    """Every column of a dataset's rows, with its resources, tags, groups and people."""
    return _rows(_DATASET, package_id)


def of_organization(group_id: str) -> Rows:
    """Every column of an organization's row, and its members."""
    return _rows(_ORGANIZATION, group_id)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs between two states of a record."""
    keys = sorted({*before, *after})
    gone = "(no such value)"
    pairs = {key: (before.get(key, gone), after.get(key, gone)) for key in keys}
    return {key: pair for key, pair in pairs.items() if not _equal(*pair)}


def _equal(one: Any, other: Any) -> bool:
    # In Python 1 equals True and 1.0.
    return type(one) is type(other) and bool(one == other)


def _rows(queries: Mapping[str, str], record_id: str) -> Rows:
    # A connection of its own sees what is committed, and nothing else.
    found: Rows = {}
    with model.meta.engine.connect() as connection:
        for table, query in queries.items():
            for row in connection.scalars(sa.text(query), {"id": record_id}):
                called = " ".join([table, *(str(row[name]) for name in _NAMES[table])])
                if table == "member" and row["group_id"] == record_id:
                    called += f" {row['table_id']}"
                flat = dict(_flat(called, row))
                assert not flat.keys() & found.keys(), called
                found.update(flat)
    return found


def _flat(called: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for column, value in row.items():
        if column == "extras":
            # A resource's are JSON in a text.
            extras = json.loads(value) if isinstance(value, str) else value or {}
            yield from ((f"{called}.extras.{key}", each) for key, each in extras.items())
        else:
            yield f"{called}.{column}", value
