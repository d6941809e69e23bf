"""Rules across fields, tried on some of the records: they need each record, not its distinct values."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from ckanext.civicswitchboard.core import across
from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.metadata_schema.impact.ruling import field_with_id
from ckanext.civicswitchboard.metadata_schema.impact.sources import Key, Scope, Sql

MOST_RECORDS = 1000
MOST_EXAMPLES = 20


@dataclass(frozen=True)
class Sampled:
    """What a sample says about a rule.

    :ivar applied: the rule, in the new version
    :ivar records: how many records were looked at, all of them with a value in each field
    :ivar breaking: how many of them break it
    :ivar examples: names of some of these that the reader may see
    """

    applied: across.Applied
    records: int
    breaking: int
    examples: tuple[str, ...]


def sampled(connection: sa.Connection, before: Snapshot, after: Snapshot, scope: Scope) -> Iterator[Sampled]:
    """Try the rules of a version on records that have all their fields.

    :param before: the version under which the records stand
    :param after: the version whose rules are asked
    """
    entities: tuple[Entity, ...] = ("dataset", "resource", "organization")
    for entity in entities:
        for applied in across.applied(entity, after.document.fields_of(entity)):
            stored = [field_with_id(before, entity, each.id) or each for each in applied.fields]
            sql = Sql.on(connection, scope)
            statement = _some(sql, entity, [each.field_name for each in stored])
            rows = connection.execute(sa.text(statement), sql.bound).all()
            broken = [row for row in rows if applied.broken_by(row.stored)]
            names = tuple(sorted(row.name for row in broken if row.visible))[:MOST_EXAMPLES]
            yield Sampled(applied, len(rows), len(broken), names)


def _some(sql: Sql, entity: Entity, names: list[str]) -> str:
    """Records that have a value under each name; ids are random, so the first are any."""
    values = [str(sql.value(Key(entity, name))) for name in names]
    filled = " AND ".join(f"coalesce({value}, '') <> ''" for value in values)
    return (
        f"SELECT s.name, s.visible, ARRAY[{', '.join(values)}] AS stored FROM ({sql.rows(entity, names)}) s"
        f" WHERE {filled} ORDER BY s.id LIMIT {MOST_RECORDS}"
    )
