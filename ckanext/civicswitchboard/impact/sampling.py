"""Rules across fields, tried on some of the records: they need each record, not its distinct values."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from ckanext.civicswitchboard.core.schema import cross_field_rules
from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity, Field
from ckanext.civicswitchboard.core.schema.field_types import ROWS, load
from ckanext.civicswitchboard.impact.rules import field_with_id
from ckanext.civicswitchboard.impact.sources import Key, Scope, Sql

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

    applied: cross_field_rules.Applied
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
        fields = after.document.fields_of(entity)
        for applied in cross_field_rules.applied(entity, fields):
            stored = [field_with_id(before, entity, field.id) or field for field in applied.fields]
            yield _tried(applied, _some(connection, scope, entity, stored), lambda values: [list(values)])
        for field in fields:
            for applied in cross_field_rules.applied(entity, field.repeating_subfields, within=field.id):
                was = field_with_id(before, entity, field.id) or field
                read = partial(_entries, [_stored_name(was, field) for field in applied.fields])
                yield _tried(applied, _some(connection, scope, entity, [was]), read)


def _tried(
    applied: cross_field_rules.Applied, rows: Sequence[Any], read: Callable[[Sequence[Any]], list[list[Any]]]
) -> Sampled:
    """What records say about a rule.

    :param read: gives the values that the rule compares, for each of a record's entries
    """
    entries = [(row, [row_read for row_read in read(row.stored) if all(row_read)]) for row in rows]
    complete = [(row, entry) for row, entry in entries if entry]
    broken = [row for row, entry in complete if any(map(applied.broken_by, entry))]
    names = tuple(sorted(row.name for row in broken if row.visible))[:MOST_EXAMPLES]
    return Sampled(applied, len(complete), len(broken), names)


def _entries(names: list[str], stored: Sequence[Any]) -> list[list[Any]]:
    """The values of each entry of a repeating field, by the names of its parts."""
    return [[row.get(name) for name in names] for row in load(ROWS, stored[0]) or []]


def _stored_name(field: Field, part: Field) -> str:
    """The name under which entries hold a part today."""
    today = {part.id: part.field_name for part in field.repeating_subfields}
    return today.get(part.id, part.field_name)


def _some(connection: sa.Connection, scope: Scope, entity: Entity, fields: list[Field]) -> Sequence[Any]:
    """Records that have a value in each field; ids are random, so the first are any."""
    sql, names = Sql.on(connection, scope), [field.field_name for field in fields]
    values = [str(sql.value(Key(entity, name))) for name in names]
    filled = " AND ".join(f"coalesce({value}, '') <> ''" for value in values)
    statement = (
        f"SELECT s.name, s.visible, ARRAY[{', '.join(values)}] AS stored FROM ({sql.rows(entity, names)}) s"
        f" WHERE {filled} ORDER BY s.id LIMIT {MOST_RECORDS}"
    )
    return connection.execute(sa.text(statement), sql.bound).all()
